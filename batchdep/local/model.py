"""Depositions and their files as the embedded repository keeps them."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime
from typing import Any

from msgspec import Struct, field
from msgspec.structs import asdict, replace

from batchdep.local.errors import FieldError

Json = dict[str, Any]

UNSUBMITTED = "unsubmitted"
IN_PROGRESS = "inprogress"
DONE = "done"


def now() -> str:
    """This moment as the API writes it: ISO 8601, microseconds, UTC."""
    return datetime.now(UTC).isoformat(timespec="microseconds")


class StoredFile(Struct, frozen=True):
    """A file of a deposition: ``size`` in bytes, ``md5`` in hex. ``id`` names the content on disk too.

    ``pending``: declared through InvenioRDM's own file calls and never completed; it has no content.
    """

    id: str
    key: str
    size: int
    md5: str
    created: str
    pending: bool = False


class Publication(Struct, frozen=True):
    """What the public sees of a deposition: its metadata and DOI, and since when."""

    metadata: Json
    doi: str
    at: str


class Deposition(Struct):
    """One version: a draft, a record, or a record whose metadata are being edited.

    ``metadata`` are the draft's, in the deposit API's words, and never changed in place. ``defects`` are faults of
    values that were dropped without a word and stop the publication. ``conceptrecid`` is shared by all versions.
    """

    id: int
    conceptrecid: int
    owner: str
    bucket: str
    created: str
    modified: str
    revision: int = 4
    metadata: Json = field(default_factory=dict)
    defects: tuple[FieldError, ...] = ()
    files: dict[str, StoredFile] = field(default_factory=dict)
    publication: Publication | None = None
    editing: bool = False
    granted: tuple[str, ...] = ()
    requested: tuple[str, ...] = ()
    successor_of: int | None = None

    @property
    def state(self) -> str:
        """unsubmitted (draft), done (published) or inprogress (published, metadata being edited)."""
        if self.publication is None:
            return UNSUBMITTED
        return IN_PROGRESS if self.editing else DONE

    @property
    def completed(self) -> list[StoredFile]:
        """The files whose content is there, in no order that a caller could rely on."""
        return sorted((entry for entry in self.files.values() if not entry.pending), key=lambda entry: entry.id)

    @property
    def size(self) -> int:
        """Bytes of all files together."""
        return sum(entry.size for entry in self.files.values())

    def file_with_id(self, file_id: str) -> StoredFile | None:
        """The file of that id, if the deposition has it."""
        return next((entry for entry in self.files.values() if entry.id == file_id), None)

    def touch(self) -> None:
        """Raise the revision and the time of the last change."""
        self.revision += 1
        self.modified = now()

    def snapshot(self) -> Deposition:
        """A copy that later changes do not reach."""
        return replace(self, files=dict(self.files))


def new_deposition(number: int, conceptrecid: int, owner: str) -> Deposition:
    """An empty draft."""
    moment = now()
    return Deposition(number, conceptrecid, owner, str(uuid.uuid4()), moment, moment)


def to_document(deposition: Deposition) -> Json:
    """The JSON document that is kept on disk."""
    document = asdict(deposition)
    return document | {
        "defects": [asdict(defect) for defect in deposition.defects],
        "files": {key: _plain(entry) for key, entry in deposition.files.items()},
        "publication": _plain(deposition.publication),
    }


def _plain(part: StoredFile | Publication | None) -> Json | None:
    return None if part is None else asdict(part)


def from_document(document: Json) -> Deposition:
    """The deposition of a document; raises TypeError or KeyError when it is not one."""
    publication = document["publication"]
    return Deposition(
        **{
            **document,
            "defects": tuple(FieldError(**defect) for defect in document["defects"]),
            "files": {key: StoredFile(**entry) for key, entry in document["files"].items()},
            "publication": None if publication is None else Publication(**publication),
            "granted": tuple(document["granted"]),
            "requested": tuple(document["requested"]),
        }
    )
