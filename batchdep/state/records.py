"""What the state remembers of batches, datasets and files, as plain objects.

A :class:`DatasetRecord` mirrors its row: the Store changes both together, the object only after the commit, so what
an object says is never ahead of the disk.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from batchdep.errors import Failure, StateError
from batchdep.report.status import DatasetState, FileState

HELD = "deposition_ambiguous"
"""Code of the failure of a dataset that must not be sent before a person has said which deposition is its."""

METADATA = ("sent_metadata", "stored_metadata")
"""The columns of a dataset that take most room."""

_UNREADABLE = (
    "The database is damaged: metadata that were noted in it make no sense.",
    "Move it aside, then rebuild the state from the repository: batchdep recover MANIFEST --to TARGET.",
)


class IntentKind(StrEnum):
    """Requests that are noted before they are sent."""

    CREATE = "create"
    UPDATE = "update"
    UPLOAD = "upload"
    PUBLISH = "publish"
    DELETE = "delete"


@dataclass(frozen=True, slots=True)
class Intent:
    """A request that was about to be sent when this was committed.

    ``at``: surely not later than the request, by the repository's clock; ``sure`` is False where that clock was not
    known yet and the time is this machine's. ``doubted``: since when it has been unknown what became of the request,
    by the repository's clock; None while the process that made it waits for the answer. ``late``: the effect may
    still come long after.
    """

    kind: IntentKind
    at: datetime
    file: str | None = None
    sure: bool = True
    late: bool = False
    doubted: datetime | None = None

    def as_json(self) -> dict[str, Any]:
        return {
            "kind": str(self.kind),
            "at": self.at.isoformat(),
            "file": self.file,
            "sure": self.sure,
            "late": self.late,
            "doubted": self.doubted.isoformat() if self.doubted else None,
        }

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Intent:
        doubted = value.get("doubted")
        return cls(
            IntentKind(value["kind"]),
            datetime.fromisoformat(value["at"]),
            value.get("file"),
            bool(value["sure"]),
            bool(value["late"]),
            datetime.fromisoformat(doubted) if doubted else None,
        )


@dataclass(slots=True)
class FileRecord:
    """A file of a dataset: what was read of it and what the repository confirmed.

    ``md5`` belongs to the bytes that had ``fingerprint``. ``in_manifest`` is False for a file that the manifest no
    longer names and that may still be in the draft.
    """

    id: int
    name: str
    path: str
    size: int
    fingerprint: str
    md5: str | None
    state: FileState
    in_manifest: bool = True

    @property
    def uploaded(self) -> bool:
        return self.state is FileState.UPLOADED


@dataclass(slots=True)
class DatasetRecord:
    """A dataset: where it stands and all that a later run needs to go on."""

    id: int
    batch_id: int
    key: str
    position: int
    target: str
    state: DatasetState
    updated: datetime
    in_manifest: bool = True
    title: str = ""
    deposition_id: int | None = None
    bucket: str | None = None
    url: str | None = None
    reserved_doi: str | None = None
    doi: str | None = None
    intent: Intent | None = None
    attempts: int = 0
    sent_digest: str | None = None
    sent_metadata: dict[str, Any] | None = None
    stored_metadata: dict[str, Any] | None = None
    warnings: tuple[str, ...] = ()
    failure: Failure | None = None
    published: datetime | None = None
    files: dict[str, FileRecord] = field(default_factory=dict)
    _unread: dict[str, str] = field(default_factory=dict, repr=False, compare=False)

    def leave_unread(self, metadata: dict[str, str]) -> None:
        """Metadata as JSON, parsed once they are asked for: they take several times the room then, and most of a batch
        that is nearly done need none."""
        self._unread = metadata
        for name in metadata:
            delattr(self, name)

    if not TYPE_CHECKING:

        def __getattr__(self, name: str) -> Any:
            """Of an attribute that is not there: metadata that were left unread. Raises StateError if they are none."""
            if name not in METADATA:
                raise AttributeError(name)
            try:
                value = json.loads(self._unread.pop(name))
            except ValueError as error:
                raise StateError(*_UNREADABLE, code="database_damaged") from error
            setattr(self, name, value)
            return value

    @property
    def is_published(self) -> bool:
        return self.doi is not None

    @property
    def held(self) -> bool:
        """Whether a deposition that the state does not know may be its: one more must not be made."""
        return self.failure is not None and self.failure.code == HELD

    @property
    def wanted_files(self) -> list[FileRecord]:
        """The files that the manifest names."""
        return [file for file in self.files.values() if file.in_manifest]


@dataclass(frozen=True, slots=True)
class BatchRecord:
    """A batch as it is known: ``manifest`` is the manifest's absolute path on ``host``."""

    id: int
    target: str
    name: str
    manifest: str
    host: str


@dataclass(frozen=True, slots=True)
class WantedFile:
    """A file that the manifest names now."""

    name: str
    path: str
    size: int
    fingerprint: str


@dataclass(frozen=True, slots=True)
class WantedDataset:
    """A dataset that the manifest names now; ``files`` None where they were not looked at."""

    key: str
    title: str
    files: tuple[WantedFile, ...] | None
