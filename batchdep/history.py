"""What was asked of a repository and what it answered, as the state remembers it; nobody is asked."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, TypeVar

from msgspec import Struct

from batchdep.errors import UsageError
from batchdep.metadata.suggestions import did_you_mean
from batchdep.state.eventlog import EventRecord, RunRecord
from batchdep.state.records import BatchRecord
from batchdep.state.snapshot import Snapshot
from batchdep.state.store import Store

T = TypeVar("T")


class History(Struct, frozen=True):
    """Of one batch: the runs that worked on it, oldest first, and the events of all of it or of one dataset.

    Events are read each time one goes through them, since a large batch has millions.
    """

    batch: BatchRecord
    database: str
    dataset: str | None
    runs: Sequence[RunRecord]
    kept: Snapshot

    def events(self) -> Iterator[EventRecord]:
        """In the order in which they were noted."""
        return self.kept.events(self.batch, self.dataset)

    def events_by_time(self) -> Iterator[EventRecord]:
        """Oldest first by the clock, which somebody may have set back."""
        return self.kept.events(self.batch, self.dataset, by_time=True)

    def document(self) -> dict[str, Any]:
        """The JSON document ``batchdep-log/1``; its events are an iterator, for :mod:`batchdep.report.json_text`."""
        return {
            "schema": "batchdep-log/1",
            "batch": self.batch.name,
            "target": self.batch.target,
            "database": self.database,
            "manifest": self.batch.manifest,
            "dataset": self.dataset,
            "runs": [run.as_dict() for run in self.runs],
            "events": (event.as_dict() for event in self.events()),
        }


async def tell_history(
    database: str,
    manifest: Path,
    target: str | None,
    tell: Callable[[History], T],
    dataset: str | None = None,
    *,
    preferred: Callable[[], str | None] = lambda: None,
) -> T | None:
    """What ``tell`` makes of the history of the manifest's batch on ``target``, while it can be read: until it returns.

    Without a target it is the batch on the one that is ``preferred``, which is asked for only where the manifest was
    submitted to several, or else where it went last. None where it was never submitted. ``tell`` may be called on
    another thread. Raises UsageError for a dataset that the batch never had.
    """
    async with Store.open(database) as store:
        found = await store.all_batches(manifest, target)
        if not found:
            return None
        batch = found[0] if len(found) == 1 else _preferred(found, preferred())
        if dataset is not None and dataset not in (known := await store.ids(batch)):
            hint = did_you_mean(dataset, known)
            raise UsageError(f"The batch has no dataset '{dataset}'.", hint, code="unknown_dataset")
        shown = store.shown
        return await store.snapshot(lambda kept: tell(History(batch, shown, dataset, kept.runs(batch), kept)))


def _preferred(found: Sequence[BatchRecord], target: str | None) -> BatchRecord:
    return next((each for each in found if each.target == target), found[0])
