"""What was asked of a repository and what it answered, as the state remembers it; nobody is asked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from batchdep.errors import UsageError
from batchdep.metadata.suggestions import did_you_mean
from batchdep.state.eventlog import EventRecord, RunRecord
from batchdep.state.records import BatchRecord
from batchdep.state.store import Store


@dataclass(frozen=True, slots=True)
class History:
    """Of one batch: the runs that worked on it and, oldest first, the events of all of it or of one dataset."""

    batch: BatchRecord
    database: str
    dataset: str | None
    runs: Sequence[RunRecord]
    events: Sequence[EventRecord]

    def as_dict(self) -> dict[str, Any]:
        """The JSON document ``batchdep-log/1``."""
        return {
            "schema": "batchdep-log/1",
            "batch": self.batch.name,
            "target": self.batch.target,
            "database": self.database,
            "manifest": self.batch.manifest,
            "dataset": self.dataset,
            "runs": [run.as_dict() for run in self.runs],
            "events": [event.as_dict() for event in self.events],
        }


async def history(
    database: str, manifest: Path, target: str | None, dataset: str | None = None, *, elsewhere: bool = False
) -> History | None:
    """The history of the manifest's batch on ``target``; with ``elsewhere``, if there is none, where it went last.

    None where it was never submitted. Raises UsageError for a dataset that the batch never had.
    """
    async with Store.open(database) as store:
        found = await store.all_batches(manifest, None if elsewhere else target)
        if not found:
            return None
        batch = next((each for each in found if each.target == target), found[0])
        if dataset is not None and dataset not in (known := await store.ids(batch)):
            hint = did_you_mean(dataset, known)
            raise UsageError(f"The batch has no dataset '{dataset}'.", hint, code="unknown_dataset")
        return History(batch, store.shown, dataset, await store.runs(batch), await store.events(batch, dataset))
