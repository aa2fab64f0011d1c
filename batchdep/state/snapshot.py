"""The whole of a batch as it was at one instant, for those who tell of it: a page at a time, since it may be large."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from threading import Event
from typing import TypeVar

from sqlalchemy import Connection
from sqlalchemy.engine import URL

from batchdep.report.status import BatchSums
from batchdep.state.eventlog import EventRecord, RunRecord, read_events, run_record, runs_of
from batchdep.state.explaining import in_words
from batchdep.state.records import BatchRecord, DatasetRecord
from batchdep.state.rows import read_pages, read_sums

T = TypeVar("T")


class Abandoned(Exception):
    """Nobody waits any more for what is being read."""


class Snapshot:
    """All that it gives is of one instant, whatever others write meanwhile. It is good while the work lasts that it was
    made for, on the thread that does that.

    Methods raise StateError when the database fails, and Abandoned once ``abandoned`` is set.
    """

    def __init__(self, connection: Connection, url: URL, abandoned: Event) -> None:
        self._connection = connection
        self._url = url
        self._abandoned = abandoned

    def datasets(self, batch: BatchRecord, *, failed: bool = False) -> Iterator[DatasetRecord]:
        """The datasets of a batch with their files, in the manifest's order; with ``failed`` those with an error."""
        return self._one_by_one(read_pages(self._connection, batch.id, failed=failed))

    def events(self, batch: BatchRecord, dataset: str | None = None, *, by_time: bool = False) -> Iterator[EventRecord]:
        """What was asked and answered for a batch or for one of its datasets, as it was noted or by the clock."""
        return self._one_by_one(read_events(self._connection, batch.id, dataset, by_time=by_time))

    def _one_by_one(self, pages: Iterator[Sequence[T]]) -> Iterator[T]:
        while True:
            if self._abandoned.is_set():
                raise Abandoned
            with in_words(self._url):
                page = next(pages, None)
            if page is None:
                return
            yield from page

    def sums(self, batch: BatchRecord) -> BatchSums:
        """What all datasets of the batch come to."""
        with in_words(self._url):
            return read_sums(self._connection, batch.id)

    def runs(self, batch: BatchRecord) -> list[RunRecord]:
        """The commands that worked on the batch, oldest first."""
        with in_words(self._url):
            return [run_record(row) for row in self._connection.execute(runs_of(batch.id))]
