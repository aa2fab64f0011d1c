"""Indexes for the datasets of a batch: in the manifest's order, by state, and those that failed."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_datasets_batch_id_position", "datasets", ["batch_id", "position"], unique=False)
    op.create_index("ix_datasets_batch_id_state", "datasets", ["batch_id", "state"], unique=False)
    failed = sa.text("failure IS NOT NULL")
    op.create_index(
        "ix_datasets_failed", "datasets", ["batch_id"], unique=False, sqlite_where=failed, postgresql_where=failed
    )


def downgrade() -> None:
    op.drop_index("ix_datasets_failed", "datasets")
    op.drop_index("ix_datasets_batch_id_state", "datasets")
    op.drop_index("ix_datasets_batch_id_position", "datasets")
