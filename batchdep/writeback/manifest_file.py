"""Writes into a manifest what became of its datasets."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from batchdep.errors import BatchdepError, Failure
from batchdep.manifest.model import DatasetSpec, Manifest
from batchdep.manifest.source import digest_of
from batchdep.manifest.source_base import SourceError
from batchdep.manifest.source_text import read_bytes
from batchdep.report.status import BatchStatus
from batchdep.selection import selected_ids
from batchdep.writeback.document import changed_document
from batchdep.writeback.edits import CannotBeWritten, Changes
from batchdep.writeback.outcome import DatasetOutcome, Outcome, Written
from batchdep.writeback.replacing import changed_meanwhile, next_original, replace_keeping
from batchdep.writeback.takers import Takers
from batchdep.writeback.wanted import changes_of, decide

_LOCKS: Final = (".~lock.{}#", "~${}")
"""What LibreOffice and Excel call the file that they keep beside one that they have open."""


def write_back(manifest: Manifest, status: BatchStatus, only: Sequence[str] = (), *, force: bool = False) -> Outcome:
    """Enters deposition ids, DOIs, addresses and states into the manifest's file, which is replaced as a whole.

    ``manifest`` is the file as it was read, without errors; ``status`` what is known of the batch on one target. A file
    that says it all already is left alone. What keeps it from being written is the outcome's ``failure``.
    """
    known = {dataset.id: dataset for dataset in status.datasets}
    asked = set(selected_ids(only, manifest.ids))
    decided: list[DatasetOutcome] = []

    def decisions() -> Iterator[tuple[DatasetSpec, DatasetOutcome]]:
        for dataset in manifest.datasets:
            if dataset.id in asked:
                decided.append(decide(dataset, known.get(dataset.id), status.target, force=force))
                yield dataset, decided[-1]

    changes = changes_of(decisions())
    original, failure = None, None
    if changes:
        try:
            original = _write(manifest, changes)
        except BatchdepError as error:
            failure = Failure(error.code, error.message, error.hint)
            decided = _not_written(manifest, decided)
    return Outcome(
        status.batch,
        status.target,
        str(manifest.path),
        changed=original is not None,
        original=str(original) if original else None,
        datasets=decided,
        failure=failure,
    )


def _not_written(manifest: Manifest, decided: Sequence[DatasetOutcome]) -> list[DatasetOutcome]:
    there = {dataset.id: dataset.deposited for dataset in manifest.datasets}
    reason = "the manifest could not be written"
    return [
        DatasetOutcome(each.dataset, Written.REFUSED, there[each.dataset], reason)
        if each.written is Written.WRITTEN
        else each
        for each in decided
    ]


def _write(manifest: Manifest, changes: Changes) -> Path:
    path = manifest.path.resolve()
    _require_not_open(path)
    try:
        before = read_bytes(path)
    except SourceError as error:
        raise BatchdepError(f"{path} cannot be read: {error.message}.", error.hint, code=error.code) from None
    if digest_of(before) != manifest.digest:
        raise changed_meanwhile(manifest.path)
    _require_not_deposited(manifest, path)
    return replace_keeping(path, before, changed_document(before, manifest.path, changes))


def _require_not_open(path: Path) -> None:
    """A spreadsheet program that has the file open would save over what is written into it now."""
    for lock in (path.with_name(name.format(path.name)) for name in _LOCKS):
        if lock.exists():
            raise BatchdepError(
                f"{path.name} is open in a spreadsheet program: nothing was written into it.",
                f"Close it there, then run `batchdep write-back MANIFEST`. If it is not open, delete {lock.name}.",
                code="manifest_open",
            )


def _require_not_deposited(manifest: Manifest, path: Path) -> None:
    """Neither the manifest nor the copy that is kept may be a file of a dataset: it would not be what was deposited."""
    takers = Takers(manifest)
    for each in (path, next_original(path)):
        if (taker := takers.of(each)) is not None:
            raise CannotBeWritten(f"the dataset '{taker}' deposits {each.name}, which would not be the same any more")
