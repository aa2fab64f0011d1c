"""Rows of the tables as records."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Row

from batchdep.errors import Failure
from batchdep.report.status import DatasetState, FileState
from batchdep.state.records import BatchRecord, DatasetRecord, FileRecord, Intent


def batch_record(row: Row[Any]) -> BatchRecord:
    return BatchRecord(row.id, row.target, row.name, row.manifest, row.host)


def dataset_record(row: Row[Any]) -> DatasetRecord:
    return DatasetRecord(
        id=row.id,
        batch_id=row.batch_id,
        key=row.key,
        position=row.position,
        target=row.target,
        state=DatasetState(row.state),
        updated=row.updated,
        in_manifest=row.in_manifest,
        title=row.title,
        deposition_id=row.deposition_id,
        bucket=row.bucket,
        url=row.url,
        reserved_doi=row.reserved_doi,
        doi=row.doi,
        intent=Intent.from_json(row.intent) if row.intent else None,
        attempts=row.attempts,
        sent_digest=row.sent_digest,
        sent_metadata=row.sent_metadata,
        stored_metadata=row.stored_metadata,
        warnings=tuple(row.warnings or ()),
        failure=Failure(**row.failure) if row.failure else None,
        published=row.published,
    )


def file_record(row: Row[Any]) -> FileRecord:
    return FileRecord(
        row.id, row.name, row.path, row.size, row.fingerprint, row.md5, FileState(row.state), row.in_manifest
    )
