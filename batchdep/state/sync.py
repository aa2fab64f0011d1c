"""What the rows lack to agree with a manifest, as few statements for many rows; and the records brought up to them.

Rows are written some thousands at a time, so that a batch of any size takes the memory of one portion. A process that
dies between two portions leaves less than the manifest names, as if it had been shorter: the next one adds the rest.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from itertools import islice
from typing import Any, TypeAlias, TypeVar

from sqlalchemy import Table, bindparam, delete

from batchdep.report.status import DatasetState, FileState
from batchdep.state.file_digest import UNKNOWN, of_files
from batchdep.state.records import BatchRecord, DatasetRecord, FileRecord, WantedDataset, WantedFile
from batchdep.state.tables import datasets, files
from batchdep.state.updates import insert_of, row_of, update_of
from batchdep.state.writer import Statement

T = TypeVar("T")
Change: TypeAlias = tuple[DatasetRecord | FileRecord, Mapping[str, Any]]
"""A record and the columns of its row that are to change."""

PORTION = 5_000
"""Rows that are written at a time."""

DATASETS = 500
"""Datasets whose files are compared at a time."""


def portions(items: Iterable[T], number: int | None = None) -> Iterator[list[T]]:
    """The items, so many at a time; :data:`PORTION` if not given."""
    left = iter(items)
    while portion := list(islice(left, number or PORTION)):
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


def has_wanted_files(record: DatasetRecord, wanted: WantedDataset) -> bool:
    """Whether it is known without comparing its files that all of them are there as they are wanted."""
    return record.files_digest is not None and record.files_digest == wanted.files_digest


def changing(table: Table, changes: Sequence[Change]) -> Statement:
    """The statement for changes of the same columns."""
    names = tuple(changes[0][1])
    return update_of(table, names), [row_of(record.id, values, names) for record, values in changes]


def apply(changes: Iterable[Change]) -> None:
    """Brings the records up to their rows."""
    for record, values in changes:
        for name, value in values.items():
            setattr(record, name, value)


class FileChanges:
    """What the rows of ``files`` lack to agree with the manifest, gathered for a portion at a time."""

    def __init__(self) -> None:
        self._added: list[tuple[Any, ...]] = []
        self._changed: list[Change] = []
        self._gone: list[FileRecord] = []
        self._digests: list[Change] = []
        self._outdated: list[DatasetRecord] = []

    def __len__(self) -> int:
        return len(self._added) + len(self._changed) + len(self._gone) + len(self._digests)

    def collect(self, record: DatasetRecord, wanted: WantedDataset) -> None:
        """Compares a dataset's files with those that are wanted; where they are as they should be, its digest may be
        missing."""
        if wanted.files is None:
            return
        known, fresh = record.files_as_read(), list(wanted.files)
        if _agree(known, fresh):
            self._set_digest(record, of_files(known.values()))
        else:
            self._set_digest(record, UNKNOWN)
            self._collect(record, known, fresh)
            self._outdated.append(record)

    def _set_digest(self, record: DatasetRecord, columns: Mapping[str, Any]) -> None:
        if record.files_digest != columns["files_digest"]:
            self._digests.append((record, columns))

    def _collect(self, record: DatasetRecord, known: Mapping[str, FileRecord], wanted: Sequence[WantedFile]) -> None:
        names = set()
        for file in wanted:
            names.add(file.name)
            old = known.get(file.name)
            if old is None:
                self._added.append(_new_file(record, file))
            else:
                self._compare(old, file)
        for old in known.values():
            if old.name in names:
                continue
            if record.deposition_id is None:
                self._gone.append(old)
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
        found: list[Statement] = []
        if self._added:
            found.append((INSERT_FILES, self._added))
        if self._changed:
            found.append(changing(files, self._changed))
        if self._gone:
            found.append((_DELETE_FILE, [{"row": file.id} for file in self._gone]))
        if self._digests:
            found.append(changing(datasets, self._digests))
        return found

    def written(self) -> None:
        """What has gathered is in the database, and has to be fetched from there; the next portion begins."""
        apply(self._digests)
        for record in self._outdated:
            record.make_outline()
        self._added, self._changed, self._gone, self._digests, self._outdated = [], [], [], [], []


def _agree(known: Mapping[str, FileRecord], wanted: Sequence[WantedFile]) -> bool:
    """Whether nothing is to be written: most datasets of a batch are as they were."""
    return len(known) == len(wanted) and all(
        (old := known.get(file.name)) is not None and _agrees(old, file) for file in wanted
    )


def _agrees(old: FileRecord, file: WantedFile) -> bool:
    """Of an uploaded file size and fingerprint are those of the bytes the repository has, whatever they are now."""
    same = old.uploaded or (old.size, old.fingerprint) == (file.size, file.fingerprint)
    return same and old.in_manifest and old.path == file.path


_DELETE_FILE = delete(files).where(files.c.id == bindparam("row"))


def _new_file(record: DatasetRecord, file: WantedFile) -> tuple[Any, ...]:
    """The row, for :data:`INSERT_FILES`."""
    return record.id, file.name, file.path, file.size, file.fingerprint, None, str(FileState.PENDING), True


INSERT_FILES = insert_of(files, ("dataset_id", "name", "path", "size", "fingerprint", "md5", "state", "in_manifest"))
