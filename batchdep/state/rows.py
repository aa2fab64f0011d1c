"""Rows of the tables as records.

A batch may have a hundred thousand datasets with a million files: rows are fetched some thousands at a time.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import groupby, islice
from operator import itemgetter
from typing import Any

from sqlalchemy import Connection, Row, Select, Text, case, cast, func, select, tuple_

from batchdep.errors import Failure
from batchdep.report.status import UNDER_WAY, BatchSums, DatasetState, DatasetStatus, FileState
from batchdep.state.records import METADATA, BatchRecord, DatasetRecord, FileRecord, Intent
from batchdep.state.tables import FAILED, datasets, files

_FETCHED = 5_000

_PAGE = 500
"""Datasets of a page: the files of all of them are read at once."""

_DATASETS = select(
    *(cast(column, Text).label(column.name) if column.name in METADATA else column for column in datasets.c)
)
_FILES: Select[Any] = select(
    files.c.dataset_id,
    *(files.c[name] for name in ("id", "name", "path", "size", "fingerprint", "md5", "state", "in_manifest")),
).join(datasets, files.c.dataset_id == datasets.c.id)

_OUTLINES: Select[Any] = select(
    datasets.c.position,
    *(datasets.c[name] for name in ("key", "state", "title", "deposition_id", "reserved_doi", "doi", "url")),
    *(datasets.c[name] for name in ("attempts", "updated", "failure", "warnings", "in_manifest")),
)


def read_datasets(connection: Connection, batch_id: int, after: int = -1) -> dict[str, DatasetRecord]:
    """The datasets of a batch by id, in the manifest's order and without files; those with rows ``after`` one."""
    query = _DATASETS.where(datasets.c.batch_id == batch_id, datasets.c.id > after)
    rows = _streamed(connection, query.order_by(datasets.c.position, datasets.c.id))
    return {row.key: dataset_record(row) for row in rows}


def read_files(connection: Connection, records: Iterable[DatasetRecord], batch_id: int, after: int = -1) -> None:
    """Gives the records of a batch their files, in the order in which they came; those with rows ``after`` one. They
    are left unread."""
    by_row = {record.id: record for record in records}
    query = _FILES.where(datasets.c.batch_id == batch_id, files.c.id > after)
    rows = _streamed(connection, query.order_by(files.c.id))
    for dataset, of_dataset in groupby(rows, key=itemgetter(0)):
        _give_files(by_row[dataset], [tuple(row[1:]) for row in of_dataset])


def read_pages(connection: Connection, batch_id: int, *, failed: bool = False) -> Iterator[list[DatasetRecord]]:
    """The datasets of a batch with their files, in the manifest's order, a page after the other as they are asked for;
    with ``failed`` those with an error."""
    place = tuple_(datasets.c.position, datasets.c.id)
    query = _DATASETS.where(datasets.c.batch_id == batch_id).order_by(*place).limit(_PAGE)
    query = query.where(FAILED) if failed else query
    last = (-1, -1)
    while page := [dataset_record(row) for row in connection.execute(query.where(place > last))]:
        _read_files_of(connection, page)
        yield page
        last = page[-1].position, page[-1].id


def _read_files_of(connection: Connection, page: Sequence[DatasetRecord]) -> None:
    by_row = {record.id: record for record in page}
    query = _FILES.where(files.c.dataset_id.in_(by_row)).order_by(files.c.dataset_id, files.c.id)
    for dataset, of_dataset in groupby(connection.execute(query), key=itemgetter(0)):
        _give_files(by_row[dataset], [tuple(row[1:]) for row in of_dataset])


def _give_files(record: DatasetRecord, rows: list[tuple[Any, ...]]) -> None:
    if record.has_files_unread or record.files:  # some came later than others
        record.files.update({row[1]: FileRecord.of_row(row) for row in rows})
        record.put_files_away()
    else:
        record.leave_unread("files", json.dumps(rows))


def read_sums(connection: Connection, batch_id: int) -> BatchSums:
    """How many datasets of a batch are in each state, how many have an error, and how large their files are."""
    of_batch = datasets.c.batch_id == batch_id
    by_state = select(datasets.c.state, func.count()).where(of_batch).group_by(datasets.c.state)
    failures = select(func.count()).select_from(datasets).where(of_batch, FAILED)
    uploaded = case((files.c.state == str(FileState.UPLOADED), files.c.size), else_=0)
    sizes = select(func.coalesce(func.sum(files.c.size), 0), func.coalesce(func.sum(uploaded), 0))
    sizes = sizes.join(datasets, files.c.dataset_id == datasets.c.id).where(of_batch, files.c.in_manifest)
    counts = {DatasetState(state): number for state, number in connection.execute(by_state)}
    failed = connection.scalar(failures) or 0
    total, there = connection.execute(sizes).one()
    return BatchSums(counts, failed, int(total), int(there))


def read_outlines(
    connection: Connection, batch_id: int, expected_doi: Callable[[str | None], str | None], most: int | None = None
) -> list[DatasetStatus]:
    """The datasets of a batch in the manifest's order, as far as a table shows them: without files and metadata.

    ``expected_doi``: what becomes of a reserved DOI. Of more than ``most`` datasets those with an error come first,
    then those under way, then the others.
    """
    of_batch = _OUTLINES.where(datasets.c.batch_id == batch_id)
    in_order = of_batch.order_by(datasets.c.position, datasets.c.id)
    if most is None:
        return [_outline(row, expected_doi) for _, *row in _streamed(connection, in_order)]
    found: dict[str, Sequence[Any]] = {}
    for query in (
        of_batch.where(FAILED),
        of_batch.where(datasets.c.state.in_([str(state) for state in UNDER_WAY])),
        in_order,
    ):
        if len(found) < most:
            rows = connection.execute(query.limit(most))
            found |= dict(islice(((row.key, row) for row in rows if row.key not in found), most - len(found)))
    return [_outline(row, expected_doi) for _, *row in sorted(found.values(), key=lambda row: row[0])]


def _outline(row: Sequence[Any], expected_doi: Callable[[str | None], str | None]) -> DatasetStatus:
    # Unpacked at once: to ask a row for its columns one by one takes longer than to read it.
    key, state, title, deposition, reserved, doi, url, attempts, updated, failure, warnings, in_manifest = row
    return DatasetStatus(
        key,
        DatasetState(state),
        title,
        deposition,
        expected_doi(reserved),
        doi,
        url,
        attempts,
        updated,
        files=(),
        error=Failure(**failure) if failure else None,
        warnings=tuple(warnings or ()),
        in_manifest=in_manifest,
    )


def _streamed(connection: Connection, query: Select[Any]) -> Iterable[Any]:
    return connection.execute(query, execution_options={"yield_per": _FETCHED})


def batch_record(row: Row[Any]) -> BatchRecord:
    return BatchRecord(row.id, row.target, row.name, row.manifest, row.host)


def dataset_record(row: Row[Any]) -> DatasetRecord:
    record = DatasetRecord(
        id=row.id,
        batch_id=row.batch_id,
        key=row.key,
        position=row.position,
        target=sys.intern(row.target),
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
        warnings=tuple(row.warnings or ()),
        failure=Failure(**row.failure) if row.failure else None,
        published=row.published,
    )
    for name in METADATA:
        if (text := getattr(row, name)) is not None:
            record.leave_unread(name, text)
    return record
