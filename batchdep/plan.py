"""What a batch is to become: each dataset's metadata and files as the manifest and the disk have them now."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from msgspec import Struct

from batchdep.manifest.filling import filled, needed_by
from batchdep.manifest.model import DatasetSpec, LocalFile
from batchdep.metadata.references import DoiOf, references_in, resolved
from batchdep.metadata.sending import sent_form
from batchdep.state.file_digest import files_digest
from batchdep.state.records import DatasetRecord, WantedDataset, WantedFile


class Amount(Struct, frozen=True):
    """Files to send: how many, their bytes together, and those of the longest."""

    files: int = 0
    bytes: int = 0
    longest: int = 0

    @classmethod
    def of(cls, sizes: Sequence[int]) -> Amount:
        """Of files of these sizes."""
        return cls(len(sizes), sum(sizes), max(sizes, default=0))


NOTHING: Final = Amount()

_NO_REFERENCES: Final[frozenset[str]] = frozenset()

_as_json = json.JSONEncoder(sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode


@dataclass(frozen=True, slots=True)
class DatasetPlan:
    """One dataset. ``metadata`` are in the form in which they are sent; ``digest`` tells them from others.

    ``describes_with``: ids of datasets of the batch whose DOIs the metadata refer to; ``fills_with``: those whose DOIs
    are filled into files. Where there are any, what is sent is :func:`resolved_plan`.
    """

    id: str
    title: str
    metadata: dict[str, Any]
    digest: str
    files: tuple[LocalFile, ...]
    describes_with: frozenset[str] = frozenset()
    fills_with: frozenset[str] = frozenset()

    @property
    def refers_to(self) -> frozenset[str]:
        """All ids whose DOIs it needs; its own may be among them."""
        return self.describes_with | self.fills_with

    @property
    def wanted(self) -> WantedDataset:
        """The same in the state's words."""
        files = tuple(WantedFile(file.name, file.shown, file.size, file.fingerprint) for file in self.files)
        return WantedDataset(self.id, self.title, files, self.files_digest)

    @property
    def files_digest(self) -> str:
        """What the state's digest of the files is once all are there as they are now."""
        return files_digest((file.name, file.shown, file.size, file.fingerprint) for file in self.files)

    @property
    def amount(self) -> Amount:
        """All of its files."""
        return Amount.of([file.size for file in self.files])

    def saying(
        self, metadata: dict[str, Any], title: str | None = None, files: tuple[LocalFile, ...] | None = None
    ) -> DatasetPlan:
        """The plan with other metadata, and the same title and files where no others are given."""
        return DatasetPlan(
            self.id,
            self.title if title is None else title,
            metadata,
            metadata_digest(metadata),
            self.files if files is None else files,
            self.describes_with,
            self.fills_with,
        )


def plan_dataset(spec: DatasetSpec, files: list[LocalFile]) -> DatasetPlan:
    """The plan of a dataset whose files were found on the disk, with references as they are written."""
    return plan_of(spec.id, spec.title, sent_form(spec.metadata), files)


def plan_of(key: str, title: str, metadata: dict[str, Any], files: Iterable[LocalFile] = ()) -> DatasetPlan:
    """The plan of a dataset with these metadata and files."""
    found = tuple(files)
    # Empty sets are as large as others, and most of a batch refer to nothing: one is enough.
    describes_with = references_in(metadata) or _NO_REFERENCES
    fills_with = frozenset(needed_by(found)) or _NO_REFERENCES
    return DatasetPlan(key, title, metadata, metadata_digest(metadata), found, describes_with, fills_with)


def resolved_plan(plan: DatasetPlan, doi_of: DoiOf) -> DatasetPlan:
    """What is sent as far as DOIs are known: the others are left out of the metadata, and their files not filled."""
    if not plan.refers_to:
        return plan
    metadata = resolved(plan.metadata, doi_of) if plan.describes_with else plan.metadata
    title = metadata.get("title")
    files = tuple(filled(file, doi_of) for file in plan.files)
    return plan.saying(metadata, title if isinstance(title, str) else "", files)


def same_content(a: DatasetPlan, b: DatasetPlan) -> bool:
    """Whether two plans of one dataset come to the same metadata and files."""
    return (a.digest, a.files) == (b.digest, b.files)


def metadata_digest(metadata: dict[str, Any]) -> str:
    """SHA-256 of the metadata, whatever the order of their keys."""
    return hashlib.sha256(_as_json(metadata).encode("utf-8", "surrogatepass")).hexdigest()


def files_to_send(plan: DatasetPlan, record: DatasetRecord | None) -> list[LocalFile]:
    """The files that the repository does not have yet as they are now, as far as the state and the disk tell.

    A file with another fingerprint than the one that was sent counts: its bytes may turn out to be the same.
    """
    if record is None or record.deposition_id is None:
        return list(plan.files)
    if _has_all_files(plan, record):
        return []
    known = record.files_as_read()
    return [file for file in plan.files if not _confirmed(file, known)]


def amount_to_send(plan: DatasetPlan, record: DatasetRecord | None) -> Amount:
    """How much :func:`files_to_send` are; of most datasets no file is looked at for that."""
    if record is None or record.deposition_id is None:
        return plan.amount
    if _has_all_files(plan, record):
        return NOTHING
    return Amount.of([file.size for file in files_to_send(plan, record)])


def files_decide(plan: DatasetPlan, record: DatasetRecord) -> bool:
    """Whether the rows of its files are needed to tell what is left to do for a dataset."""
    return record.deposition_id is not None and not _has_all_files(plan, record)


def _has_all_files(plan: DatasetPlan, record: DatasetRecord) -> bool:
    """Whether it is known by their digest alone that all files are there as they are now, and no others."""
    return record.files_digest is not None and record.files_digest == plan.files_digest


def _confirmed(file: LocalFile, known: dict[str, Any]) -> bool:
    record = known.get(file.name)
    return record is not None and record.uploaded and record.fingerprint == file.fingerprint


def nothing_to_do(plan: DatasetPlan, record: DatasetRecord) -> bool:
    """Whether a draft is complete and is what the manifest asks for, and nothing is in doubt."""
    return record.intent is None and nothing_else_to_do(plan, record)


def nothing_else_to_do(plan: DatasetPlan, record: DatasetRecord) -> bool:
    """The same, whatever became of the request that is in doubt."""
    if record.sent_digest != plan.digest:
        return False
    if _has_all_files(plan, record):
        return True
    known = record.files_as_read()
    return not files_to_send(plan, record) and all(file.in_manifest for file in known.values())
