"""Zenodo's deposit API as a :class:`Repository`.

What its server does that its documentation does not say, and that shapes this module:

- Entries of the list lack ``links.bucket``; it has no total; ``status=`` is ignored; page x size ends at 10,000.
- A refused token and somebody else's deposition are the same 403.
- ``DELETE {bucket}/NAME`` answers 500 though it works: files are deleted by their id.
- ``GET ID/files`` may be 500, and ``GET {bucket}`` always is: the deposition's own ``files`` are read.
- A name is one percent-encoded path segment. Its proxy decodes and tidies the path first, so some names must not be
  sent at all; the answer's ``key`` tells under which name a file was stored.
"""

from __future__ import annotations

import asyncio
import json
import ssl
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final, TypeVar
from urllib.parse import quote

from yarl import URL

from batchdep.repository import documents
from batchdep.repository.answers import Kind, Malformed, Reply, plain
from batchdep.repository.clock import ServerClock
from batchdep.repository.http import LONGEST_LIST, Request, Session, Timeouts
from batchdep.repository.limiter import RateLimiter
from batchdep.repository.model import (
    Answer,
    Body,
    Deposition,
    Done,
    Exchange,
    Reason,
    Rejected,
    RemoteFile,
    Unavailable,
)
from batchdep.repository.target import Token, proxy_for, validate_target
from batchdep.repository.upload import TextBody

T = TypeVar("T")

DEPOSITIONS: Final = "/api/deposit/depositions"
PAGE_SIZE: Final = 100
LAST_PAGE: Final = 10_000 // PAGE_SIZE
ACCESS_KNOWN_SECONDS: Final = 5.0
"""How long the answer to "is the token still taken?" serves for others that were refused as well."""


def connect(
    target_url: str,
    token: str | None,
    *,
    listener: Callable[[Exchange], None] | None = None,
    field_name: Callable[[str], str] | None = None,
    timeouts: Timeouts | None = None,
    tls: ssl.SSLContext | None = None,
    limits: Path | None = None,
) -> ZenodoRepository:
    """A repository at ``target_url``, seen with ``token`` (``None`` where none is needed). Nothing is sent yet.

    ``listener`` is told of every attempt of a request and must not raise; ``field_name`` turns the repository's name
    of a metadata field into the user's; ``tls`` replaces the system's trust store; in the file ``limits`` this user's
    processes share what they know of the rate limits.

    Raises:
        UsageError: the address, or the system's proxy for it, cannot be used.
        AccessError: the token cannot be one.
    """
    target = validate_target(target_url)
    session = Session(
        target,
        None if token is None else Token(token),
        timeouts=timeouts,
        listener=listener,
        field_name=field_name,
        proxy=proxy_for(target),
        tls=tls,
        limits=limits,
    )
    return ZenodoRepository(session)


class ZenodoRepository:
    """See :class:`~batchdep.repository.model.Repository`. ``clock`` and ``limiter`` tell of the server's time and
    limits as far as its answers did."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._access = _AccessProbe(session)
        self._root = URL(session.target) / DEPOSITIONS.strip("/")

    @property
    def target(self) -> str:
        """The origin."""
        return self._session.target

    @property
    def clock(self) -> ServerClock:
        """The server's time."""
        return self._session.clock

    @property
    def limiter(self) -> RateLimiter:
        """The account's rate limits."""
        return self._session.limiter

    async def check_access(self) -> Answer[None]:
        """Whether the token is taken: by the list, the one route that tells a bad token from a foreign deposition."""
        return _explained(await self._access.ask(), self.target)

    async def create(self, metadata: dict[str, Any]) -> Answer[Deposition]:
        """A new draft: one request, with its metadata."""
        document = {"metadata": metadata} if metadata else {}
        answer = await self._send_json("POST", self._root, Kind.ONCE, document, None)
        return _explained(answer, self.target)

    async def get(self, deposition_id: int) -> Answer[Deposition]:
        """The draft or record, with its files."""
        return await self._ask(self._request("GET", deposition_id, Kind.REPEATABLE), _deposition(deposition_id))

    async def update(self, deposition_id: int, metadata: dict[str, Any]) -> Answer[Deposition]:
        """Replaces the metadata.

        Raises:
            ValueError: for empty metadata: the server would take that, and wipe everything.
        """
        if not metadata:
            raise ValueError("empty metadata would wipe the deposition's")
        url = self._root / str(deposition_id)
        return await self._send_json("PUT", url, Kind.REPLACING, {"metadata": metadata}, deposition_id)

    async def upload(self, deposition: Deposition, name: str, body: Body) -> Answer[RemoteFile]:
        """Puts a file. An attempt that breaks before the last byte leaves nothing, or the old file whole.

        Raises what ``body`` raises; then the file was not completed at the repository.
        """
        if deposition.bucket is None:
            return _unsendable("The repository gave no upload address for this deposition.")
        url = _file_url(deposition.bucket, name)
        if isinstance(url, Rejected):
            return url
        request = Request(
            "PUT",
            url,
            Kind.ONCE,
            self._session.timeouts.upload_answer,
            body,
            "application/octet-stream",
            deposition.id,
        )
        answer = await self._ask(request, lambda reply: documents.stored_file(reply.json()))
        if isinstance(answer, Done) and answer.value.name != name:
            return _unsendable(f"The repository stored the file under another name, {plain(answer.value.name)!r}.")
        return answer

    async def delete_file(self, deposition_id: int, file: RemoteFile) -> Answer[None]:
        """Removes a file by its id, as ``get`` told it."""
        if not file.id:
            return _unsendable("The file's id at the repository is not known: read the deposition first.")
        request = self._request("DELETE", deposition_id, Kind.REPEATABLE, "files", file.id)
        return await self._ask(request, documents.nothing)

    async def publish(self, deposition_id: int) -> Answer[Deposition]:
        """Publishes. Irreversible."""
        request = self._request("POST", deposition_id, Kind.ONCE, "actions", "publish", slow=True)
        return await self._ask(request, _published(deposition_id))

    async def delete(self, deposition_id: int) -> Answer[None]:
        """Deletes a draft."""
        return await self._ask(self._request("DELETE", deposition_id, Kind.ONCE), documents.nothing)

    async def recent(self, since: datetime | None) -> Answer[Sequence[Deposition]]:
        """Own depositions created at or after ``since``, newest first: at most the newest 10,000, which is all that
        the server lists.

        Whether the server sorts by creation or by last change, what follows an entry that is older in both respects
        is older than it.
        """
        found: dict[int, Deposition] = {}
        for page in range(1, LAST_PAGE + 1):
            answer = await self._page(page)
            if not isinstance(answer, Done):
                return answer
            found |= {entry.id: entry for entry, _ in answer.value if _is_since(entry.created, since)}
            if len(answer.value) < PAGE_SIZE or _is_older(*answer.value[-1], since):
                break
        oldest = datetime.min.replace(tzinfo=UTC)
        return Done(sorted(found.values(), key=lambda entry: entry.created or oldest, reverse=True))

    def stop(self) -> None:
        """Begins no request any more; those under way go on."""
        self._session.stop()

    async def close(self) -> None:
        """Ends all connections."""
        await self._session.close()

    async def _page(self, page: int) -> Answer[list[tuple[Deposition, datetime | None]]]:
        query = {"sort": "mostrecent", "all_versions": "true", "size": str(PAGE_SIZE), "page": str(page)}
        return await self._ask(
            Request(
                "GET",
                self._root.with_query(query),
                Kind.REPEATABLE,
                self._session.timeouts.answer,
                answer_bytes=LONGEST_LIST,
            ),
            lambda reply: documents.depositions(reply.json()),
        )

    async def _send_json(
        self, method: str, url: URL, kind: Kind, document: dict[str, Any], deposition_id: int | None
    ) -> Answer[Deposition]:
        try:
            content = json.dumps(document, allow_nan=False).encode("ascii")
        except (TypeError, ValueError, RecursionError) as error:
            return _unsendable(f"The metadata cannot be written as JSON: {plain(str(error))}.")
        seconds = self._session.timeouts.answer
        request = Request(method, url, kind, seconds, TextBody(content), "application/json", deposition_id)
        return await self._ask(request, _deposition(deposition_id))

    async def _ask(self, request: Request, read: Callable[[Reply], T]) -> Answer[T]:
        answer = await self._session.ask(request, read)
        if isinstance(answer, Rejected) and answer.reason is Reason.FORBIDDEN:
            return await self._access.explain(answer)
        return answer

    def _request(self, method: str, deposition_id: int, kind: Kind, *steps: str, slow: bool = False) -> Request:
        url = self._root / str(deposition_id)
        for step in steps:
            url = url.joinpath(quote(step, safe=""), encoded=True)
        seconds = self._session.timeouts.slow_answer if slow else self._session.timeouts.answer
        return Request(method, url, kind, seconds, deposition_id=deposition_id)


class _AccessProbe:
    """Tells whether a 403 is the token's or the deposition's, by one question for all who ask at the same time."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._asking = asyncio.Lock()
        self._known: Answer[None] | None = None
        self._known_until = 0.0

    async def ask(self) -> Answer[None]:
        """Done, or why not: 401 and 403 both mean the token here."""
        url = (URL(self._session.target) / DEPOSITIONS.strip("/")).with_query(size="1")
        request = Request("GET", url, Kind.REPEATABLE, self._session.timeouts.answer)
        answer = await self._session.ask(request, _list)
        if isinstance(answer, Rejected) and answer.reason is Reason.FORBIDDEN:
            return Rejected(Reason.UNAUTHORIZED, answer.status, answer.message, answer.errors)
        return answer

    async def explain(self, refusal: Rejected) -> Rejected | Unavailable:
        """``refusal``, with the reason that the probe finds; where it finds none, nothing is known but that the
        request had no effect."""
        async with self._asking:
            if self._known is None or time.monotonic() >= self._known_until:
                self._known = await self.ask()
                self._known_until = time.monotonic() + ACCESS_KNOWN_SECONDS
        match self._known:
            case Done():
                return refusal
            case Rejected(reason=Reason.UNAUTHORIZED):
                return Rejected(Reason.UNAUTHORIZED, refusal.status, refusal.message, refusal.errors)
            case _:
                return Unavailable(f"{refusal} Whether the token is still taken could not be found out.", status=403)


def _explained(answer: Answer[T], target: str) -> Answer[T]:
    """A 404 where there is always something means that the address is another service's."""
    if isinstance(answer, Rejected) and answer.reason is Reason.NOT_FOUND:
        words = f"{target} does not know {DEPOSITIONS}: there is probably no Zenodo deposit API at this address."
        return Rejected(Reason.NOT_FOUND, answer.status, words, answer.errors)
    return answer


def _list(reply: Reply) -> None:
    if not isinstance(reply.json(), list):
        raise Malformed("the answer is no list of depositions")


def _deposition(expected_id: int | None) -> Callable[[Reply], Deposition]:
    """Reads a deposition and checks that it is the one that was asked about (``None``: a new one)."""

    def read(reply: Reply) -> Deposition:
        found = documents.deposition(reply.json())
        if expected_id is not None and found.id != expected_id:
            raise Malformed(f"the answer is about deposition {found.id} instead of {expected_id}")
        return found

    return read


def _published(expected_id: int) -> Callable[[Reply], Deposition]:
    def read(reply: Reply) -> Deposition:
        found = _deposition(expected_id)(reply)
        if not found.published:
            raise Malformed("the deposition in the answer is still a draft")
        return found

    return read


def _file_url(bucket: str, name: str) -> URL | Rejected:
    """Where a file of that name is put: the name is one segment, encoded once and left alone from then on."""
    if name in {"", ".", ".."} or "/" in name or any(ord(c) < 32 or ord(c) == 127 for c in name):
        return _unsendable(f"No repository takes a file named {plain(ascii(name))}.")
    try:
        base = URL(bucket)
        encoded = quote(name, safe="")
    except ValueError:  # also characters that UTF-8 has no bytes for
        return _unsendable(f"The address of the file {plain(ascii(name))} cannot be written.")
    if not base.absolute or base.scheme not in {"http", "https"} or base.user or base.raw_query_string or base.fragment:
        return _unsendable("The repository's upload address is none.")
    return URL(f"{str(base).rstrip('/')}/{encoded}", encoded=True)


def _unsendable(message: str) -> Rejected:
    return Rejected(Reason.INVALID, 0, message)


def _is_since(moment: datetime | None, since: datetime | None) -> bool:
    """An unknown moment may be recent."""
    return since is None or moment is None or moment >= since


def _is_older(entry: Deposition, modified: datetime | None, since: datetime | None) -> bool:
    """Whether ``entry`` was both created and last changed before ``since``."""
    return not _is_since(entry.created, since) and (modified is None or not _is_since(modified, since))
