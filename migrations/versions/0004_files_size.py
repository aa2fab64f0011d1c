"""The size of each dataset's files beside their digest, so that a batch's bytes need not be added up file by file."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

FILL = """
    UPDATE datasets SET files_size = (
        SELECT COALESCE(SUM(files.size), 0) FROM files WHERE files.dataset_id = datasets.id
    ) WHERE files_digest IS NOT NULL
"""


def upgrade() -> None:
    op.add_column("datasets", sa.Column("files_size", sa.BigInteger(), nullable=True))
    op.execute(FILL)
    op.create_index("ix_datasets_batch_id_files_size", "datasets", ["batch_id", "files_size"], unique=False)


def downgrade() -> None:
    op.drop_index("ix_datasets_batch_id_files_size", "datasets")
    op.drop_column("datasets", "files_size")
