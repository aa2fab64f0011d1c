"""What a repository is asked and what it answers, in the terms of Zenodo's deposit API.

Every answer to a request is one of five:

- :class:`Done`: it happened; the value is what the repository said;
- :class:`Rejected`: the request is wrong and stays wrong; the field errors are the repository's own;
- :class:`Throttled`: nothing happened; come back in ``after`` seconds;
- :class:`Unavailable`: nothing happened; the same request may be sent again;
- :class:`Unknown`: it may have happened: find out before doing anything else.

An :class:`Repository` makes **one** attempt a call. Repeating what may be repeated is the work of one wrapper of the
same interface (``repository.patient``); finding out what became of an Unknown is the caller's (``reconcile``), who
alone knows what the answer means for the dataset.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import AbstractAsyncContextManager
from datetime import datetime
from enum import StrEnum
from typing import Any, Generic, Protocol, TypeAlias, TypeVar

from msgspec import Struct, field

T_co = TypeVar("T_co", covariant=True)
T = TypeVar("T")


class Reason(StrEnum):
    """Why a request was rejected."""

    UNAUTHORIZED = "unauthorized"  # the token itself is refused: no request with it will succeed
    FORBIDDEN = "forbidden"  # the token is good, the deposition is somebody else's (or locked)
    NOT_FOUND = "not_found"  # unknown, deleted, or no longer possible because it is published
    QUOTA = "quota_exceeded"
    INVALID = "invalid"  # the content was refused: ``errors`` or ``message`` say why
    UNTRUSTED = "untrusted"  # the other side is not the target that was asked for, so nothing (more) is sent to it


class FieldError(Struct, frozen=True):
    """A field, by the name the user knows where there is one, and the repository's complaints about it."""

    field: str
    messages: tuple[str, ...]

    def __str__(self) -> str:
        text = " ".join(self.messages)
        return f"{self.field}: {text}" if self.field else text


class Done(Struct, Generic[T_co], frozen=True):
    value: T_co


class Rejected(Struct, frozen=True):
    reason: Reason
    status: int
    message: str
    errors: tuple[FieldError, ...] = ()

    def __str__(self) -> str:
        return "; ".join(map(str, self.errors)) or self.message


class Throttled(Struct, frozen=True):
    """``after``: seconds to wait, as the answer told; ``None`` where it told nothing."""

    after: float | None
    message: str


class Unavailable(Struct, frozen=True):
    """``connected`` is False when no connection could be made at all: nobody there, no such name, no network.

    ``after``: seconds to wait, as the answer told. ``status`` is the answer's, where there was one: a 500 may be the
    request's own fault and come back each time.
    """

    message: str
    after: float | None = None
    connected: bool = True
    status: int | None = None


class Unknown(Struct, frozen=True):
    """``late``: the effect may still come, minutes from now (a proxy or this side gave up waiting: 504, a timeout).

    ``status`` is the answer's, where there was one.
    """

    message: str
    late: bool = False
    status: int | None = None


Answer: TypeAlias = Done[T] | Rejected | Throttled | Unavailable | Unknown


class DepositionState(StrEnum):
    """``state`` of a deposition: a draft, a record being edited, a record."""

    UNSUBMITTED = "unsubmitted"
    INPROGRESS = "inprogress"
    DONE = "done"


class RemoteFile(Struct, frozen=True):
    """A file as the repository holds it: ``size`` in bytes and ``md5`` (32 hex digits) are its own figures."""

    name: str
    size: int
    md5: str
    id: str = ""


class Deposition(Struct, frozen=True):
    """A draft or a record. ``metadata`` is as stored; ``bucket`` is absent in lists and for records that gave none."""

    id: int
    state: DepositionState
    metadata: dict[str, Any]
    files: tuple[RemoteFile, ...] = ()
    bucket: str | None = None
    url: str = ""
    reserved_doi: str | None = None
    doi: str | None = None
    concept_doi: str | None = None
    created: datetime | None = None

    @property
    def published(self) -> bool:
        """Whether a DOI is out: then no request but a read may be sent."""
        return self.state is not DepositionState.UNSUBMITTED


class Body(Protocol):
    """The bytes of one file: those in memory, or read anew for every attempt."""

    @property
    def size(self) -> int:
        """Length in bytes, known before sending: it becomes the Content-Length."""

    @property
    def content(self) -> bytes | None:
        """All of it where it is in memory; then it is sent from there, and ``chunks`` is not called."""

    def chunks(self) -> AbstractAsyncContextManager[AsyncIterator[bytes | memoryview]]:
        """Blocks of at most some MiB. They are to be let go before the next is asked for: it may need their room.

        Raises ``DatasetFailure`` when the file is no longer what it was: on entering, while iterating, or instead of
        the iteration's end. Until that end is reached the last bytes are not sent, so the file is not completed.
        """


class Repository(Protocol):
    """A repository of depositions, seen by one account. No method raises for what the repository or network does."""

    @property
    def target(self) -> str:
        """The origin: ``https://zenodo.org``."""

    async def check_access(self) -> Answer[None]:
        """Whether the token is taken. Repeatable."""

    async def create(self, metadata: dict[str, Any]) -> Answer[Deposition]:
        """A new draft. **Not repeatable**: a second call is a second draft."""

    async def get(self, deposition_id: int) -> Answer[Deposition]:
        """The draft, or the record once published, with its files. Repeatable."""

    async def update(self, deposition_id: int, metadata: dict[str, Any]) -> Answer[Deposition]:
        """Replaces all metadata of a draft. Repeatable once the first attempt is surely over; never sent empty."""

    async def upload(self, deposition: Deposition, name: str, body: Body) -> Answer[RemoteFile]:
        """Puts a file into a draft, replacing one of the same name. A broken attempt leaves nothing; one whose answer
        was lost may have worked."""

    async def delete_file(self, deposition_id: int, file: RemoteFile) -> Answer[None]:
        """Removes a file from a draft. Repeatable; Rejected NOT_FOUND means it is gone."""

    async def publish(self, deposition_id: int) -> Answer[Deposition]:
        """Makes a draft a record with a DOI. **Irreversible**; only for a draft to which nothing is being uploaded."""

    async def delete(self, deposition_id: int) -> Answer[None]:
        """Deletes a draft with its files. Rejected NOT_FOUND means it is gone or published: look which."""

    async def recent(self, since: datetime | None) -> Answer[Sequence[Deposition]]:
        """Own depositions created at or after ``since`` (the repository's clock), newest first, from its search index:
        one just made may be missing for seconds. Repeatable."""

    def stop(self) -> None:
        """Begins no request any more: whoever waits to send one is answered Unavailable at once. Requests under way go
        on."""

    async def close(self) -> None:
        """Ends all connections."""


class Exchange(Struct, frozen=True):
    """One request and what became of it, for the event log: no header, no token, no body.

    ``seconds`` from the first byte sent to the whole answer read, ``sent`` bytes of the body.
    """

    method: str
    path: str
    status: int | None
    outcome: str
    seconds: float
    sent: int = 0
    note: str = ""
    deposition_id: int | None = None
    headers: dict[str, str] = field(default_factory=dict)
