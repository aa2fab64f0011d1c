"""A digest of the files of each dataset, so that a rerun need not read their rows; made as datasets are worked on."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("datasets", sa.Column("files_digest", sa.String(length=32), nullable=True))


def downgrade() -> None:
    op.drop_column("datasets", "files_digest")
