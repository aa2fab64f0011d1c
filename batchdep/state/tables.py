"""The tables of the state, for SQLite and PostgreSQL alike.

One row of ``datasets`` holds all that decides what happens next with a dataset. ``intent`` is the write-ahead note of
the one request that is under way for it (there is never a second one, since one request at a time is sent for a
deposition): it is committed before the request leaves and cleared by the commit of its outcome.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    DateTime,
    Dialect,
    Float,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
    text,
)


class UtcDateTime(TypeDecorator[datetime]):
    """A moment in UTC; SQLite, which has no time zones, stores it without one."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return value.astimezone(UTC) if value is not None else None

    def process_result_value(self, value: Any | None, dialect: Dialect) -> datetime | None:
        return value.replace(tzinfo=UTC) if value is not None and value.tzinfo is None else value


metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

# SQLite numbers rows by itself only in a column that is exactly INTEGER.
RowId = BigInteger().with_variant(Integer, "sqlite")

batches = Table(
    "batches",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("target", String(500), nullable=False),
    Column("name", Text, nullable=False),
    Column("manifest", Text, nullable=False),
    Column("host", String(255), nullable=False),
    Column("created", UtcDateTime, nullable=False),
    Column("updated", UtcDateTime, nullable=False),
    Column("holder", JSON(none_as_null=True)),  # {"pid", "host", "since"} of the process that works on it or did last
    Index(None, "target", "name"),
)

FAILED = text("failure IS NOT NULL")

# Few datasets fail: those are found without looking at all the others. For PostgreSQL the condition is added where its
# driver is imported: to name it here would import that everywhere.
FAILED_INDEX = Index("ix_datasets_failed", "batch_id", sqlite_where=FAILED)

datasets = Table(
    "datasets",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("batch_id", ForeignKey("batches.id", ondelete="CASCADE"), nullable=False),
    Column("key", Text, nullable=False),
    Column("position", Integer, nullable=False),
    Column("in_manifest", Boolean, nullable=False, default=True),
    Column("title", Text, nullable=False, default=""),
    Column("state", String(20), nullable=False),
    Column("target", String(500), nullable=False),
    Column("deposition_id", BigInteger),
    Column("bucket", Text),
    Column("url", Text),
    Column("reserved_doi", Text),
    Column("doi", Text),
    Column("intent", JSON(none_as_null=True)),
    Column("attempts", Integer, nullable=False, default=0),
    Column("sent_digest", String(64)),
    Column("sent_metadata", JSON(none_as_null=True)),
    Column("stored_metadata", JSON(none_as_null=True)),
    Column("warnings", JSON(none_as_null=True)),
    Column("failure", JSON(none_as_null=True)),
    Column("published", UtcDateTime),
    Column("updated", UtcDateTime, nullable=False),
    Column("files_digest", String(32)),  # batchdep.state.file_digest
    Column("files_size", BigInteger),  # bytes of those files
    UniqueConstraint("batch_id", "key"),
    Index(None, "batch_id", "position"),
    Index(None, "batch_id", "state"),
    Index(None, "batch_id", "files_size"),
    FAILED_INDEX,
    # A deposition belongs to one dataset, whatever batch it is in: the last guard against adopting one twice.
    Index("uq_datasets_target_deposition_id", "target", "deposition_id", unique=True),
)

files = Table(
    "files",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("dataset_id", ForeignKey("datasets.id", ondelete="CASCADE"), nullable=False),
    Column("name", Text, nullable=False),
    Column("path", Text, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("fingerprint", Text, nullable=False),
    Column("md5", String(32)),
    Column("state", String(20), nullable=False),
    Column("in_manifest", Boolean, nullable=False, default=True),
    UniqueConstraint("dataset_id", "name"),
)

runs = Table(
    "runs",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("batch_id", ForeignKey("batches.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("command", String(20), nullable=False),
    Column("version", String(50), nullable=False),
    Column("host", String(255), nullable=False),
    Column("pid", Integer, nullable=False),
    Column("started", UtcDateTime, nullable=False),
    Column("ended", UtcDateTime),
    Column("requests", Integer, nullable=False, default=0),
    Column("stopped", Text),
)

events = Table(
    "events",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("batch_id", ForeignKey("batches.id", ondelete="CASCADE"), nullable=False),
    Column("run_id", BigInteger),
    Column("dataset", Text),
    Column("at", UtcDateTime, nullable=False),
    Column("what", String(20), nullable=False),  # asked, answered, or a word of the state's own (adopted, failed ...)
    Column("method", String(10)),
    Column("path", Text),
    Column("status", Integer),
    Column("outcome", Text),
    Column("seconds", Float),
    Column("sent", BigInteger),
    Column("note", Text),
    Index(None, "batch_id", "dataset"),
)
