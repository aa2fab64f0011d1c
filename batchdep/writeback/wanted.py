"""What is to be written into a manifest: what is known of each dataset, where the manifest does not say it already."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from urllib.parse import urlsplit

from msgspec.structs import replace

from batchdep.manifest.deposited import KEY, NOTHING, Deposited
from batchdep.manifest.model import DatasetSpec
from batchdep.report.status import DatasetState, DatasetStatus
from batchdep.targets import Target
from batchdep.writeback.edits import Changes
from batchdep.writeback.outcome import DatasetOutcome, Written

_PUBLISHED = "published"


def decide(dataset: DatasetSpec, known: DatasetStatus | None, target: str, *, force: bool = False) -> DatasetOutcome:
    """What the manifest is to say of ``dataset`` after what is ``known`` of it on ``target``, a repository's origin.

    Values of another target are replaced, but not those of a real record (one whose DOI is registered for good) unless
    ``force``: they would be lost to those of a trial.
    """
    wanted = _wanted(dataset.deposited, known, target)
    if wanted is None:
        return DatasetOutcome(dataset.id, Written.NOTHING, dataset.deposited)
    if wanted == dataset.deposited:
        return DatasetOutcome(dataset.id, Written.UNCHANGED, wanted)
    there = origin_of(dataset.deposited)
    real = there is not None and Target("", there).mints_dois and dataset.deposited.state == _PUBLISHED
    if real and there != target and not force:
        reason = f"the manifest names its record at {there}; --force replaces that"
        return DatasetOutcome(dataset.id, Written.REFUSED, dataset.deposited, reason)
    return DatasetOutcome(dataset.id, Written.WRITTEN, wanted)


def _wanted(there: Deposited, known: DatasetStatus | None, target: str) -> Deposited | None:
    if known is None:
        return None
    if known.deposition_id is None:
        gone = known.state is DatasetState.DISCARDED and there != NOTHING and origin_of(there) == target
        return replace(there, state=str(DatasetState.DISCARDED)) if gone else None
    published = known.published_at is not None or known.state is DatasetState.PUBLISHED
    state = DatasetState.PUBLISHED if published else DatasetState.DRAFT
    return Deposited(known.deposition_id, known.doi or known.reserved_doi, known.url, str(state))


def origin_of(deposited: Deposited) -> str | None:
    """The repository that an entry is about, by its address."""
    try:
        parts = urlsplit(deposited.url or "")
    except ValueError:
        return None
    return f"{parts.scheme}://{parts.netloc}".lower() if parts.scheme and parts.netloc else None


def changes_of(datasets: Iterable[tuple[DatasetSpec, DatasetOutcome]]) -> Changes:
    """The changes to the manifest's document, by keys and indices; empty where there are none."""
    changes: dict[Any, Any] = {}
    for dataset, outcome in datasets:
        if outcome.written is not Written.WRITTEN:
            continue
        before = dataset.deposited.as_dict()
        new = {key: value for key, value in outcome.deposited.as_dict().items() if value != before[key]}
        inside = changes
        for step in (*_path(dataset), KEY):
            inside = inside.setdefault(step, {})
        if _is_folder(dataset):
            inside = inside.setdefault(dataset.id, {})
        inside.update(new)
    return changes


def _path(dataset: DatasetSpec) -> tuple[str | int, ...]:
    return dataset.place.path


def _is_folder(dataset: DatasetSpec) -> bool:
    """Whether it was found as a folder: such datasets have one entry of the manifest in common."""
    return not any(isinstance(step, int) for step in dataset.place.path)
