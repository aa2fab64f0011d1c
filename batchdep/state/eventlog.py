"""The event log as it is read: runs, and what was asked and answered in them. No event holds a token."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any, NamedTuple

from msgspec import Struct
from msgspec.structs import asdict
from sqlalchemy import Connection, Row, Select, select

from batchdep.state.tables import events, runs
from batchdep.state.updates import insert_of

_PAGE = 1_000


class Entry(NamedTuple):
    """An event that is to be noted: the columns of its row, in the table's order."""

    batch_id: int
    run_id: int | None
    dataset: str | None
    at: datetime
    what: str
    method: str | None = None
    path: str | None = None
    status: int | None = None
    outcome: str | None = None
    seconds: float | None = None
    sent: int | None = None
    note: str | None = None


LOG = insert_of(events, Entry._fields)
"""The statement that adds events; one object, so that those of many tasks are known to be the same."""


class RunRecord(Struct, frozen=True):
    """A command that worked on a batch, with the version and process that ran it; ``ended`` None where it was killed,
    or is still at work."""

    id: int
    command: str
    version: str
    host: str
    pid: int
    started: datetime
    ended: datetime | None
    requests: int

    def as_dict(self) -> dict[str, Any]:
        return _plain(self)


class EventRecord(Struct, frozen=True):
    """``what``: asked (a request is about to be sent), answered, or a word of the state's own: created, adopted,
    recovered, published, discarded, failed. ``seconds`` from the first byte sent to the whole answer read; ``sent``
    bytes of the body."""

    at: datetime
    run: int | None
    dataset: str | None
    what: str
    method: str | None
    path: str | None
    status: int | None
    outcome: str | None
    seconds: float | None
    sent: int | None
    note: str | None

    def as_dict(self) -> dict[str, Any]:
        return _plain(self)


def runs_of(batch_id: int) -> Select[Any]:
    """The runs of a batch, oldest first."""
    return select(runs).where(runs.c.batch_id == batch_id).order_by(runs.c.id)


def events_of(batch_id: int, dataset: str | None) -> Select[Any]:
    """The events of a batch or of one of its datasets, in the order in which they were noted."""
    query = select(events).where(events.c.batch_id == batch_id).order_by(events.c.id)
    return query if dataset is None else query.where(events.c.dataset == dataset)


def read_events(
    connection: Connection, batch_id: int, dataset: str | None, *, by_time: bool
) -> Iterator[list[EventRecord]]:
    """The same a page after the other as they are asked for; with ``by_time`` in the order of their times."""
    query = events_of(batch_id, dataset)
    query = query.order_by(None).order_by(events.c.at, events.c.id) if by_time else query
    found = connection.execute(query, execution_options={"yield_per": _PAGE})
    for page in found.partitions():
        yield [event_record(row) for row in page]


def run_record(row: Row[Any]) -> RunRecord:
    return RunRecord(row.id, row.command, row.version, row.host, row.pid, row.started, row.ended, row.requests)


def event_record(row: Row[Any]) -> EventRecord:
    answer = (row.method, row.path, row.status, row.outcome, row.seconds, row.sent)
    return EventRecord(row.at, row.run_id, row.dataset, row.what, *answer, row.note)


def _plain(record: RunRecord | EventRecord) -> dict[str, Any]:
    values = asdict(record).items()
    return {name: value.isoformat() if isinstance(value, datetime) else value for name, value in values}
