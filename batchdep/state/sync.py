"""What the rows lack to agree with a manifest, as few statements for many rows; and the records brought up to them.

Rows are written some thousands at a time, so that a batch of any size takes the memory of one portion. A process that
dies between two portions leaves less than the manifest names, as if it had been shorter: the next one adds the rest.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from itertools import islice
from typing import Any, TypeAlias, TypeVar

from sqlalchemy import Table, bindparam, delete, insert

from batchdep.report.status import DatasetState, FileState
from batchdep.state.records import BatchRecord, DatasetRecord, FileRecord, WantedDataset, WantedFile
from batchdep.state.tables import files
from batchdep.state.updates import parameters_of, update_of
from batchdep.state.writer import Statement

T = TypeVar("T")
Change: TypeAlias = tuple[DatasetRecord | FileRecord, dict[str, Any]]
"""A record and the columns of its row that are to change."""

PORTION = 5_000
"""Rows that are written at a time."""


def portions(items: Iterable[T]) -> Iterator[list[T]]:
    """The items, :data:`PORTION` at a time."""
    left = iter(items)
    while portion := list(islice(left, PORTION)):
        yield portion


def new_datasets(
    batch: BatchRecord, known: Mapping[str, DatasetRecord], wanted: Sequence[WantedDataset]
) -> Iterator[dict[str, Any]]:
    """Rows of the datasets that the manifest names for the first time."""
    now = datetime.now(UTC)
    for position, item in enumerate(wanted):
        if item.key not in known:
            yield {
                "batch_id": batch.id,
                "key": item.key,
                "position": position,
                "in_manifest": True,
                "title": item.title,
                "state": str(DatasetState.PENDING),
                "target": batch.target,
                "attempts": 0,
                "updated": now,
            }


def dataset_changes(known: Mapping[str, DatasetRecord], wanted: Sequence[WantedDataset]) -> Iterator[Change]:
    """Known datasets whose place, title or presence in the manifest changed."""
    for position, item in enumerate(wanted):
        record = known.get(item.key)
        if record and (record.position, record.title, record.in_manifest) != (position, item.title, True):
            yield record, {"position": position, "title": item.title, "in_manifest": True}
    present = {item.key for item in wanted}
    for record in known.values():
        if record.key not in present and record.in_manifest:
            yield record, {"position": record.position, "title": record.title, "in_manifest": False}


def changing(table: Table, changes: Sequence[Change]) -> Statement:
    """The statement for changes of the same columns."""
    return (
        update_of(table, tuple(changes[0][1])),
        [parameters_of(record.id, values) for record, values in changes],
    )


def apply(changes: Iterable[Change]) -> None:
    """Brings the records up to their rows."""
    for record, values in changes:
        for name, value in values.items():
            setattr(record, name, value)


class FileChanges:
    """What the rows of ``files`` lack to agree with the manifest, gathered for a portion at a time.

    ``adds``: whether there were files to add: these get their ids by being read. ``gone``: those to delete once all
    are added, as SQLite would give the id of the youngest row anew.
    """

    def __init__(self) -> None:
        self.adds = False
        self.gone: list[tuple[DatasetRecord, FileRecord]] = []
        self._added: list[dict[str, Any]] = []
        self._changed: list[Change] = []

    def __len__(self) -> int:
        return len(self._added) + len(self._changed)

    def collect(self, record: DatasetRecord, wanted: WantedDataset) -> None:
        if wanted.files is not None and not _agree(record.files_as_read(), fresh := list(wanted.files)):
            self._collect(record, fresh)

    def _collect(self, record: DatasetRecord, wanted: Sequence[WantedFile]) -> None:
        names = set()
        for file in wanted:
            names.add(file.name)
            old = record.files.get(file.name)
            if old is None:
                self.adds = True
                self._added.append(_new_file(record, file))
            else:
                self._compare(old, file)
        for old in record.files.values():
            if old.name in names:
                continue
            if record.deposition_id is None:
                self.gone.append((record, old))
            elif old.in_manifest:  # it may be in the draft: kept until it is taken out there
                self._change(old, old.path, old.size, old.fingerprint, in_manifest=False)

    def _compare(self, old: FileRecord, file: WantedFile) -> None:
        if not _agrees(old, file):
            size, fingerprint = (old.size, old.fingerprint) if old.uploaded else (file.size, file.fingerprint)
            self._change(old, file.path, size, fingerprint, in_manifest=True)

    def _change(self, old: FileRecord, path: str, size: int, fingerprint: str, *, in_manifest: bool) -> None:
        self._changed.append(
            (old, {"path": path, "size": size, "fingerprint": fingerprint, "in_manifest": in_manifest})
        )

    def statements(self) -> list[Statement]:
        """For what has gathered."""
        added: list[Statement] = [(insert(files), self._added)] if self._added else []
        return [*added, changing(files, self._changed)] if self._changed else added

    def written(self) -> None:
        """Brings the records up to what has gathered; the next portion begins."""
        apply(self._changed)
        self._added, self._changed = [], []


def _agree(known: Mapping[str, FileRecord], wanted: Sequence[WantedFile]) -> bool:
    """Whether nothing is to be written: most datasets of a batch are as they were."""
    return len(known) == len(wanted) and all(
        (old := known.get(file.name)) is not None and _agrees(old, file) for file in wanted
    )


def _agrees(old: FileRecord, file: WantedFile) -> bool:
    """Of an uploaded file size and fingerprint are those of the bytes the repository has, whatever they are now."""
    same = old.uploaded or (old.size, old.fingerprint) == (file.size, file.fingerprint)
    return same and old.in_manifest and old.path == file.path


def deleting(gone: Iterable[tuple[DatasetRecord, FileRecord]]) -> Statement:
    """The statement that deletes files."""
    return delete(files).where(files.c.id == bindparam("row")), [{"row": file.id} for _, file in gone]


def _new_file(record: DatasetRecord, file: WantedFile) -> dict[str, Any]:
    return {
        "dataset_id": record.id,
        "name": file.name,
        "path": file.path,
        "size": file.size,
        "fingerprint": file.fingerprint,
        "md5": None,
        "state": str(FileState.PENDING),
        "in_manifest": True,
    }
