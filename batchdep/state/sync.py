"""What the rows lack to agree with a manifest, as few statements for many rows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import bindparam, delete, insert, update

from batchdep.report.status import FileState
from batchdep.state.records import DatasetRecord, FileRecord, WantedDataset, WantedFile
from batchdep.state.tables import datasets, files
from batchdep.state.writer import Statement


def dataset_changes(known: dict[str, DatasetRecord], wanted: Sequence[WantedDataset]) -> list[Statement]:
    """Statements for datasets whose place, title or presence in the manifest changed."""
    changes: list[dict[str, Any]] = []
    present = {item.key for item in wanted}
    for position, item in enumerate(wanted):
        record = known.get(item.key)
        if record is not None and (record.position, record.title, record.in_manifest) != (position, item.title, True):
            changes.append({"row": record.id, "now_at": position, "now_title": item.title, "now_in": True})
    for record in known.values():
        if record.key not in present and record.in_manifest:
            changes.append({"row": record.id, "now_at": record.position, "now_title": record.title, "now_in": False})
    if not changes:
        return []
    statement = (
        update(datasets)
        .where(datasets.c.id == bindparam("row"))
        .values(position=bindparam("now_at"), title=bindparam("now_title"), in_manifest=bindparam("now_in"))
    )
    return [(statement, changes)]


class FileChanges:
    """What the rows of ``files`` lack to agree with the manifest, gathered for three statements."""

    def __init__(self) -> None:
        self._added: list[dict[str, Any]] = []
        self._changed: list[dict[str, Any]] = []
        self._gone: list[dict[str, Any]] = []

    def collect(self, record: DatasetRecord, wanted: WantedDataset) -> None:
        if wanted.files is None:
            return
        names = set()
        for file in wanted.files:
            names.add(file.name)
            old = record.files.get(file.name)
            if old is None:
                self._added.append(_new_file(record, file))
            else:
                self._compare(old, file)
        for old in record.files.values():
            if old.name in names:
                continue
            if record.deposition_id is None:
                self._gone.append({"row": old.id})
            elif old.in_manifest:  # it may be in the draft: kept until it is taken out there
                self._change(old, old.path, old.size, old.fingerprint, in_manifest=False)

    def _compare(self, old: FileRecord, file: WantedFile) -> None:
        # Of an uploaded file size and fingerprint are those of the bytes the repository has.
        size, fingerprint = (old.size, old.fingerprint) if old.uploaded else (file.size, file.fingerprint)
        if (old.path, old.size, old.fingerprint, old.in_manifest) != (file.path, size, fingerprint, True):
            self._change(old, file.path, size, fingerprint, in_manifest=True)

    def _change(self, old: FileRecord, path: str, size: int, fingerprint: str, *, in_manifest: bool) -> None:
        self._changed.append(
            {"row": old.id, "now_path": path, "now_size": size, "now_print": fingerprint, "now_in": in_manifest}
        )

    def statements(self) -> list[Statement]:
        found: list[Statement] = []
        if self._added:
            found.append((insert(files), self._added))
        if self._changed:
            change = update(files).where(files.c.id == bindparam("row"))
            found.append(
                (
                    change.values(
                        path=bindparam("now_path"),
                        size=bindparam("now_size"),
                        fingerprint=bindparam("now_print"),
                        in_manifest=bindparam("now_in"),
                    ),
                    self._changed,
                )
            )
        if self._gone:
            found.append((delete(files).where(files.c.id == bindparam("row")), self._gone))
        return found


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
