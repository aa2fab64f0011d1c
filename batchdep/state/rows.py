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
from batchdep.state.records import METADATA, BatchRecord, DatasetRecord, Intent
from batchdep.state.tables import FAILED, datasets, files

_FETCHED = 5_000

_PAGE = 500
"""Datasets of a page: the files of all of them are read at once."""

_RECORDS: Select[Any] = select(
    *(datasets.c[name] for name in ("id", "batch_id", "key", "position", "target", "state", "updated", "in_manifest")),
    *(datasets.c[name] for name in ("title", "deposition_id", "bucket", "url", "reserved_doi", "doi", "intent")),
    *(datasets.c[name] for name in ("attempts", "sent_digest", "warnings", "failure", "published")),
    *(datasets.c[name] for name in ("files_digest", "files_size")),
)
_METADATA: Select[Any] = select(datasets.c.id, *(cast(datasets.c[name], Text) for name in METADATA))
_FILES: Select[Any] = select(
    files.c.dataset_id,
    *(files.c[name] for name in ("id", "name", "path", "size", "fingerprint", "md5", "state", "in_manifest")),
)

_OUTLINES: Select[Any] = select(
    datasets.c.position,
    *(datasets.c[name] for name in ("key", "state", "title", "deposition_id", "reserved_doi", "doi", "url")),
    *(datasets.c[name] for name in ("attempts", "updated", "failure", "warnings", "in_manifest")),
)


def read_datasets(connection: Connection, batch_id: int, after: int = -1) -> dict[str, DatasetRecord]:
    """The outlines of a batch's datasets by id, in the manifest's order; those with rows ``after`` one."""
    query = _RECORDS.where(datasets.c.batch_id == batch_id, datasets.c.id > after)
    rows = _streamed(connection, query.order_by(datasets.c.position, datasets.c.id))
    return {record.key: record for record in map(_record, rows)}


def fill_outlines(connection: Connection, outlines: Iterable[DatasetRecord]) -> None:
    """Gives them their metadata and their files, these in the order in which they came; both are left unread."""
    left = iter(outlines)
    while page := {record.id: record for record in islice(left, _PAGE)}:
        of_page = files.c.dataset_id.in_(page)
        rows = connection.execute(_FILES.where(of_page).order_by(files.c.dataset_id, files.c.id))
        found = {dataset: json.dumps([row[1:] for row in each]) for dataset, each in groupby(rows, key=itemgetter(0))}
        for dataset, sent, stored in connection.execute(_METADATA.where(datasets.c.id.in_(page))):
            page[dataset].fill_outline(sent, stored, found.get(dataset))


def read_pages(connection: Connection, batch_id: int, *, failed: bool = False) -> Iterator[list[DatasetRecord]]:
    """The datasets of a batch with their files, in the manifest's order, a page after the other as they are asked for;
    with ``failed`` those with an error."""
    place = tuple_(datasets.c.position, datasets.c.id)
    query = _RECORDS.where(datasets.c.batch_id == batch_id).order_by(*place).limit(_PAGE)
    query = query.where(FAILED) if failed else query
    last = (-1, -1)
    while page := [_record(row) for row in connection.execute(query.where(place > last))]:
        fill_outlines(connection, page)
        yield page
        last = page[-1].position, page[-1].id


def read_sums(connection: Connection, batch_id: int) -> BatchSums:
    """How many datasets of a batch are in each state, how many have an error, and how large their files are.

    Most of a batch that has gone far are whole: for each of these its own row says it, where there may be a hundred of
    files.
    """
    of_batch = datasets.c.batch_id == batch_id
    by_state = select(datasets.c.state, func.count()).where(of_batch).group_by(datasets.c.state)
    failures = select(func.count()).select_from(datasets).where(of_batch, FAILED)
    uploaded = case((files.c.state == str(FileState.UPLOADED), files.c.size), else_=0)
    sizes = select(func.coalesce(func.sum(files.c.size), 0), func.coalesce(func.sum(uploaded), 0))
    sizes = sizes.join(datasets, files.c.dataset_id == datasets.c.id)
    sizes = sizes.where(of_batch, datasets.c.files_size.is_(None), files.c.in_manifest)
    whole = connection.scalar(select(func.sum(datasets.c.files_size)).where(of_batch)) or 0
    counts = {DatasetState(state): number for state, number in connection.execute(by_state)}
    failed = connection.scalar(failures) or 0
    total, there = connection.execute(sizes).one()
    return BatchSums(counts, failed, int(whole + total), int(whole + there))


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


def _record(row: Sequence[Any]) -> DatasetRecord:
    """The outline of a dataset."""
    # Unpacked at once, see _outline.
    number, batch, key, position, target, state, updated, in_manifest, title, *more = row
    deposition, bucket, url, reserved, doi, intent, attempts, sent_digest, *last = more
    warnings, failure, published, files_digest, files_size = last
    record = DatasetRecord(
        id=number,
        batch_id=batch,
        key=key,
        position=position,
        target=sys.intern(target),
        state=DatasetState(state),
        updated=updated,
        in_manifest=in_manifest,
        title=title,
        deposition_id=deposition,
        bucket=bucket,
        url=url,
        reserved_doi=reserved,
        doi=doi,
        intent=Intent.from_json(intent) if intent else None,
        attempts=attempts,
        sent_digest=sent_digest,
        warnings=tuple(warnings or ()),
        failure=Failure(**failure) if failure else None,
        published=published,
        files_digest=files_digest,
        files_size=files_size,
    )
    record.make_outline()
    return record
