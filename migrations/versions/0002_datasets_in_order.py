"""An index for the datasets of a batch in the manifest's order."""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_datasets_batch_id_position", "datasets", ["batch_id", "position"], unique=False)


def downgrade() -> None:
    op.drop_index("ix_datasets_batch_id_position", "datasets")
