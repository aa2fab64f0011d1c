"""What a batch is to become: each dataset's metadata and files as the manifest and the disk have them now."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import Any

from batchdep.manifest.model import DatasetSpec, LocalFile
from batchdep.state.records import DatasetRecord, WantedDataset, WantedFile


@dataclass(frozen=True, slots=True)
class DatasetPlan:
    """One dataset. ``metadata`` is sent as it is; ``digest`` tells it from other metadata."""

    id: str
    title: str
    metadata: dict[str, Any]
    digest: str
    files: tuple[LocalFile, ...]

    @property
    def wanted(self) -> WantedDataset:
        """The same in the state's words."""
        files = tuple(WantedFile(file.name, file.shown, file.size, file.fingerprint) for file in self.files)
        return WantedDataset(self.id, self.title, files)

    @property
    def bytes(self) -> int:
        return sum(file.size for file in self.files)


def plan_dataset(spec: DatasetSpec, files: list[LocalFile]) -> DatasetPlan:
    """The plan of a dataset whose files were found on the disk."""
    return DatasetPlan(spec.id, spec.title, spec.metadata, metadata_digest(spec.metadata), tuple(files))


def metadata_digest(metadata: dict[str, Any]) -> str:
    """SHA-256 of the metadata, whatever the order of their keys."""
    text = json.dumps(metadata, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def files_to_send(plan: DatasetPlan, record: DatasetRecord | None) -> list[LocalFile]:
    """The files that the repository does not have yet as they are now, as far as the state and the disk tell.

    A file with another fingerprint than the one that was sent counts: its bytes may turn out to be the same.
    """
    known = record.files if record is not None else {}
    return [file for file in plan.files if not _confirmed(file, known)]


def _confirmed(file: LocalFile, known: dict[str, Any]) -> bool:
    record = known.get(file.name)
    return record is not None and record.uploaded and record.fingerprint == file.fingerprint


def nothing_to_do(plan: DatasetPlan, record: DatasetRecord) -> bool:
    """Whether a draft is complete and is what the manifest asks for, and nothing is in doubt."""
    return record.intent is None and nothing_else_to_do(plan, record)


def nothing_else_to_do(plan: DatasetPlan, record: DatasetRecord) -> bool:
    """The same, whatever became of the request that is in doubt."""
    return (
        record.sent_digest == plan.digest
        and not files_to_send(plan, record)
        and all(file.in_manifest for file in record.files.values())
    )
