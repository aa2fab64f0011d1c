"""What the state remembers of batches, datasets and files, as plain objects.

A :class:`DatasetRecord` mirrors its row: the Store changes both together, the object only after the commit, so what
an object says is never ahead of the disk.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final

from msgspec import Struct

from batchdep.errors import Failure, StateError
from batchdep.report.status import DatasetState, FileState

HELD = "deposition_ambiguous"
"""Code of the failure of a dataset that must not be sent before a person has said which deposition is its."""

METADATA = ("sent_metadata", "stored_metadata")
"""The columns of a dataset that take most room."""

_UNREAD = (*METADATA, "files")
_FILES = _UNREAD.index("files")
_STORED = _UNREAD.index("stored_metadata")

_IN_DATABASE: Final[tuple[bytes | None, ...]] = (b"",) * len(_UNREAD)
"""What is unread of an outline."""

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


class Intent(Struct, frozen=True):
    """A request that was about to be sent when this was committed; of uploads any of the dataset's files that are not
    known to be at the repository, one after the other.

    ``at``: surely not later than the request, by the repository's clock; ``sure`` is False where that clock was not
    known yet and the time is this machine's. ``doubted``: since when it has been unknown what became of the request,
    by the repository's clock; None while the process that made it waits for the answer. ``late``: the effect may
    still come long after.
    """

    kind: IntentKind
    at: datetime
    sure: bool = True
    late: bool = False
    doubted: datetime | None = None

    def as_json(self) -> dict[str, Any]:
        return {
            "kind": str(self.kind),
            "at": self.at.isoformat(),
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
            bool(value["sure"]),
            bool(value["late"]),
            datetime.fromisoformat(doubted) if doubted else None,
        )


_STATES = {str(state): state for state in FileState}


class FileRecord(Struct):
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

    @classmethod
    def of_row(cls, row: Sequence[Any]) -> FileRecord:
        """The record of a row of the table, whose columns come in the order of the fields."""
        key, name, path, size, fingerprint, md5, state, in_manifest = row
        return cls(key, name, path, size, fingerprint, md5, _STATES[state], in_manifest)

    @property
    def uploaded(self) -> bool:
        return self.state is FileState.UPLOADED


@dataclass(slots=True)
class DatasetRecord:
    """A dataset: where it stands and all that a later run needs to go on.

    ``files_digest``, ``files_size``: see :mod:`batchdep.state.file_digest`. The metadata and files of an *outline* are
    left in the database until the Store fetches them: to ask for them before is an error of the program.
    """

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
    files_digest: str | None = None
    files_size: int | None = None
    files: dict[str, FileRecord] = field(default_factory=dict)
    _unread: tuple[bytes | None, ...] = field(default=(None,) * len(_UNREAD), repr=False, compare=False)

    @property
    def is_outline(self) -> bool:
        return self._unread is _IN_DATABASE

    def make_outline(self) -> None:
        """Leaves metadata and files in the database, where they are by now."""
        for name, unread in zip(_UNREAD, self._unread, strict=True):
            if unread is None:
                delattr(self, name)
        self._unread = _IN_DATABASE

    def fill_outline(
        self, sent_metadata: str | None = None, stored_metadata: str | None = None, files: str | None = None
    ) -> None:
        """Gives an outline its metadata and files, as JSON; None for what there is none of.

        They are left unread until they are asked for: read, they take many times the room.
        """
        texts = (sent_metadata, stored_metadata, files)
        for name, text in zip(_UNREAD, texts, strict=True):
            if text is None:
                setattr(self, name, {} if name == "files" else None)
        self._unread = tuple(None if text is None else _packed(text) for text in texts)

    def files_as_read(self) -> dict[str, FileRecord]:
        """The files, only to be looked at: where they are unread, they stay so."""
        unread = self._left_unread(_FILES)
        return self.files if unread is None else _files_of(unread)

    def stored_as_read(self) -> dict[str, Any]:
        """The stored metadata in the same way; empty where there are none."""
        unread = self._left_unread(_STORED)
        value: dict[str, Any] | None = self.stored_metadata if unread is None else _metadata_of(unread)
        return value or {}

    def _left_unread(self, at: int) -> bytes | None:
        if self.is_outline:
            raise AssertionError(f"the {_UNREAD[at]} of '{self.key}' are in the database")
        return self._unread[at]

    if not TYPE_CHECKING:

        def __getattr__(self, name: str) -> Any:
            """Of an attribute that is not there: what was left unread. Raises StateError if it makes no sense."""
            if name not in _UNREAD:
                raise AttributeError(name)
            at = _UNREAD.index(name)
            unread = self._left_unread(at)
            value = _files_of(unread) if name == "files" else _metadata_of(unread)
            self._unread = (*self._unread[:at], None, *self._unread[at + 1 :])
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
        return [file for file in self.files_as_read().values() if file.in_manifest]


def _packed(text: str) -> bytes:
    return zlib.compress(text.encode(), 1)


def _metadata_of(unread: bytes) -> Any:
    try:
        return json.loads(zlib.decompress(unread))
    except ValueError as error:
        raise StateError(*_UNREADABLE, code="database_damaged") from error


def _files_of(unread: bytes) -> dict[str, FileRecord]:
    return {row[1]: FileRecord.of_row(row) for row in json.loads(zlib.decompress(unread))}


class BatchRecord(Struct, frozen=True):
    """A batch as it is known: ``manifest`` is the manifest's absolute path on ``host``."""

    id: int
    target: str
    name: str
    manifest: str
    host: str


class WantedFile(Struct, frozen=True):
    """A file that the manifest names now."""

    name: str
    path: str
    size: int
    fingerprint: str


class WantedDataset(Struct, frozen=True):
    """A dataset that the manifest names now; ``files`` None where they were not looked at, and otherwise to be gone
    through: of a large batch they are made meanwhile. ``files_digest`` is theirs, None where it was not made."""

    key: str
    title: str
    files: Iterable[WantedFile] | None
    files_digest: str | None = None
