"""One attempt of one request, on aiohttp, judged as one of the five answers.

- The token goes into the Authorization header of requests to the target's own origin and nowhere else.
- No redirect is followed, no cookie kept, no ``netrc`` read, no request repeated behind the caller's back (aiohttp
  would repeat a PUT or DELETE whose kept connection broke).
- JSON goes as exactly ``application/json``, a file as exactly ``application/octet-stream``, both with their length:
  the server refuses anything else, and a chunked body arrives empty behind its proxy.
- No limit to the time of an upload, but to the time without a sign of life.
- An answer is read up to a bound, uncompressed.
"""

from __future__ import annotations

import asyncio
import ssl
import time
from collections.abc import AsyncIterator, Callable, Mapping
from pathlib import Path
from typing import Final, TypeAlias, TypeVar

import aiohttp
from msgspec import Struct
from yarl import URL

from batchdep import __version__
from batchdep.connections import sentence, unreached
from batchdep.repository.answers import Kind, Malformed, Reply, interrupted, judge, plain, unreadable
from batchdep.repository.clock import ServerClock
from batchdep.repository.limiter import RateLimiter
from batchdep.repository.model import Answer, Body, Done, Exchange, Reason, Rejected, Throttled, Unavailable, Unknown
from batchdep.repository.sharing import SharedLimits
from batchdep.repository.target import Token
from batchdep.repository.upload import Outgoing, hearing_socket

T = TypeVar("T")
_Source: TypeAlias = AsyncIterator[bytes | memoryview] | bytes | None
"""What is sent: blocks as they are read, or all of it, or nothing."""

USER_AGENT: Final = f"batchdep/{__version__} (+https://github.com/batchdep/batchdep)"
MEBIBYTE: Final = 1024 * 1024
LONGEST_LIST: Final = 16 * MEBIBYTE
LONGEST_ANSWER: Final = 4 * MEBIBYTE
TOLD_HEADERS: Final = ("Date", "Retry-After", "X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Reset")
"""The answer's headers that the event log keeps."""


class Timeouts(Struct, frozen=True):
    """Seconds.

    ``connect`` to make a connection, TLS included; ``stall`` without a byte of the body being accepted; ``answer``
    from the request's last byte to the whole answer, ``upload_answer`` and ``slow_answer`` the same for a file (a
    server may take long to store it) and for publishing.
    """

    connect: float = 30.0
    stall: float = 120.0
    answer: float = 120.0
    slow_answer: float = 300.0
    upload_answer: float = 600.0


class Request(Struct, frozen=True):
    """A request: ``kind`` says what repeating it would do; ``answer_seconds`` and ``answer_bytes`` bound its answer."""

    method: str
    url: URL
    kind: Kind
    answer_seconds: float
    body: Body | None = None
    content_type: str = ""
    deposition_id: int | None = None
    answer_bytes: int = LONGEST_ANSWER


class _Broken(Exception):
    """The connection ended without an answer; not one of aiohttp's own errors, which it would answer by repeating."""


async def _once(request: aiohttp.ClientRequest, handler: aiohttp.ClientHandlerType) -> aiohttp.ClientResponse:
    """Middleware that keeps aiohttp from sending a request a second time on a new connection."""
    try:
        return await handler(request)
    except aiohttp.ClientConnectorError:
        raise
    except (aiohttp.ClientOSError, aiohttp.ServerDisconnectedError) as error:
        raise _Broken(_words(error)) from None


class _Watch:
    """The deadline of one attempt, moved on by every sign of life."""

    def __init__(self, deadline: asyncio.Timeout, timeouts: Timeouts, answer_seconds: float) -> None:
        self._deadline = deadline
        self._timeouts = timeouts
        self._answer_seconds = answer_seconds
        self._loop = asyncio.get_running_loop()
        self._moved = self._loop.time()
        self.sent_at: float | None = None
        """When the last byte was handed over."""

    def begin(self, *, body: bool) -> None:
        if body:
            self._move(self._timeouts.connect + self._timeouts.stall)
        else:
            self.whole()

    def progress(self) -> None:
        if self.sent_at is None and self._loop.time() - self._moved > 1:
            self._move(self._timeouts.stall)

    def whole(self) -> None:
        self.sent_at = self._loop.time()
        self._move(self._answer_seconds + self._timeouts.connect)

    @property
    def waited(self) -> float:
        return 0.0 if self.sent_at is None else self._loop.time() - self.sent_at

    def _move(self, seconds: float) -> None:
        self._moved = self._loop.time()
        self._deadline.reschedule(self._moved + seconds)


class _Attempt(Struct):
    """What one attempt came to: a reply, or an answer where none came."""

    request: Request
    started: float
    outgoing: Outgoing | None = None
    reply: Reply | None = None
    failure: Rejected | Unavailable | Unknown | None = None

    @property
    def whole(self) -> bool:
        return self.outgoing is None or self.outgoing.whole

    @property
    def body_failure(self) -> Exception | None:
        """What the body raised while it was read, where that is why there is no answer."""
        return None if self.outgoing is None or self.reply is not None else self.outgoing.failure

    @property
    def reached(self) -> bool:
        """Whether the server may have seen anything of the request."""
        return not (isinstance(self.failure, Rejected) or getattr(self.failure, "connected", True) is False)


class Session:
    """Connections to one target with one token. To be used, and closed, within one event loop.

    Parameters:
        target: an origin as ``validate_target`` returns it.
        listener: told of every attempt; must not raise.
        field_name: turns the repository's name of a field into the user's.
        proxy: address of an http(s) proxy.
        tls: replaces the system's trust store.
        limits: file in which this user's processes share what they know of the rate limits.
    """

    def __init__(
        self,
        target: str,
        token: Token | None,
        *,
        timeouts: Timeouts | None = None,
        listener: Callable[[Exchange], None] | None = None,
        field_name: Callable[[str], str] | None = None,
        proxy: str | None = None,
        tls: ssl.SSLContext | None = None,
        limits: Path | None = None,
    ) -> None:
        self.target = target
        self.timeouts = timeouts or Timeouts()
        self.clock = ServerClock()
        self.limiter = RateLimiter(self.clock, sharing=None if limits is None else SharedLimits(limits))
        self._origin = URL(target).origin()
        self._token = token
        self._listener = listener or (lambda _: None)
        self._field_name = field_name or (lambda name: name)
        self._proxy = proxy
        self._tls = tls
        self._client: aiohttp.ClientSession | None = None

    async def ask(self, request: Request, read: Callable[[Reply], T]) -> Answer[T]:
        """Sends ``request`` once; ``read`` makes the value of a 2xx answer and may raise :class:`Malformed`.

        Raises what the request's body raises while it is read, and nothing else.
        """
        if request.url.origin() != self._origin:
            return self._foreign(request.url)
        body = request.body
        if body is None or body.content is not None:
            return await self._ask(request, None if body is None else body.content, read)
        # it is opened before, and closed after, everything that can be cancelled by others than the caller
        async with body.chunks() as chunks:
            return await self._ask(request, chunks, read)

    async def _ask(self, request: Request, source: _Source, read: Callable[[Reply], T]) -> Answer[T]:
        if not await self.limiter.acquire():
            return Unavailable("The run is ending; this was not sent any more.")
        attempt = _Attempt(request, time.monotonic())
        answer: Answer[T] | None = None
        try:
            await self._transmit(attempt, source)
            answer = self._judged(attempt, read)
        finally:
            self._settle(attempt, answer)
        if attempt.body_failure is not None:
            raise attempt.body_failure
        return answer

    def stop(self) -> None:
        """Begins no request any more; those under way go on."""
        self.limiter.close()

    async def close(self) -> None:
        """Ends all connections."""
        if self._client is not None:
            await self._client.close()
            self._client = None
        self.limiter.end()

    def _foreign(self, url: URL) -> Rejected:
        return Rejected(
            Reason.UNTRUSTED,
            0,
            f"The repository's answer leads to {plain(str(url.origin()), 200)}, which is not {self.target}; "
            "nothing was sent there.",
        )

    def _judged(self, attempt: _Attempt, read: Callable[[Reply], T]) -> Answer[T]:
        if attempt.reply is None:
            assert attempt.failure is not None  # noqa: S101 - an attempt ends with a reply or a failure
            return attempt.failure
        reply, kind = attempt.reply, attempt.request.kind
        bad = judge(reply, kind, self.clock.earliest(), self._field_name)
        if bad is not None:
            return bad
        if not reply.whole:
            return unreadable(reply, kind, "before the whole file had been sent")
        try:
            return Done(read(reply))
        except Malformed as error:
            return unreadable(reply, kind, str(error))

    def _settle(self, attempt: _Attempt, answer: Answer[T] | None) -> None:
        """Accounts for an attempt, also for one that was cancelled."""
        reply = attempt.reply
        headers: Mapping[str, str] = {} if reply is None else reply.headers
        status = None if reply is None else reply.status
        self.limiter.release(status, headers, reached=attempt.reached, asked=attempt.started)
        self._listener(
            Exchange(
                method=attempt.request.method,
                path=attempt.request.url.raw_path_qs,
                status=status,
                outcome=_outcome(attempt, answer),
                seconds=time.monotonic() - attempt.started,
                sent=0 if attempt.outgoing is None else attempt.outgoing.sent,
                note=_note(answer),
                deposition_id=attempt.request.deposition_id,
                headers={name: plain(headers[name], 100) for name in TOLD_HEADERS if name in headers},
            )
        )

    async def _transmit(self, attempt: _Attempt, source: _Source) -> None:
        request = attempt.request
        watch: _Watch | None = None
        try:
            async with asyncio.timeout(None) as deadline:
                watch = _Watch(deadline, self.timeouts, request.answer_seconds)
                if request.body is not None and source is not None:
                    attempt.outgoing = Outgoing(source, request.body.size, watch.progress, watch.whole)
                watch.begin(body=source is not None)
                await self._send(attempt, watch)
        except (aiohttp.ClientError, _Broken, OSError) as error:
            waited = 0.0 if watch is None else watch.waited
            attempt.failure = _failure(error, request.kind, whole=attempt.whole, waited=waited)
        finally:
            if attempt.outgoing is not None:
                await attempt.outgoing.settled()

    async def _send(self, attempt: _Attempt, watch: _Watch) -> None:
        request = attempt.request
        async with self._connections().request(
            request.method,
            request.url,
            data=attempt.outgoing,
            headers=self._headers(request),
            skip_auto_headers=["Content-Type"],
            allow_redirects=False,
            proxy=self._proxy,
            middlewares=(_once,),
        ) as response:
            self.clock.observe(response.headers.get("Date"), attempt.started, time.monotonic())
            content, defect = await _content(response, request.answer_bytes)
            headers = self._kept(response.headers)
            attempt.reply = Reply(response.status, headers, self._hidden(content), defect, attempt.whole, watch.waited)

    def _headers(self, request: Request) -> dict[str, str]:
        headers = {"Accept": "application/json", "Accept-Encoding": "identity", "User-Agent": USER_AGENT}
        if self._token is not None:
            headers["Authorization"] = self._token.header()
        if request.body is not None:
            headers |= {"Content-Type": request.content_type, "Content-Length": str(request.body.size)}
        return headers

    def _kept(self, headers: Mapping[str, str]) -> dict[str, str]:
        names = [name for name in (*TOLD_HEADERS, "Location") if name in headers]
        return {name: self._hidden(headers[name].encode("utf-8", "replace")).decode() for name in names}

    def _hidden(self, content: bytes) -> bytes:
        return content if self._token is None else self._token.hidden_in(content)

    def _connections(self) -> aiohttp.ClientSession:
        if self._client is None:
            connector = aiohttp.TCPConnector(limit=0, socket_factory=hearing_socket, ssl=self._tls or True)
            self._client = aiohttp.ClientSession(
                connector=connector,
                cookie_jar=aiohttp.DummyCookieJar(),
                timeout=aiohttp.ClientTimeout(total=None, connect=self.timeouts.connect),
                auto_decompress=False,
                trust_env=False,
            )
        return self._client


async def _content(response: aiohttp.ClientResponse, most: int) -> tuple[bytes, str]:
    """An answer's content up to ``most`` bytes, and what is wrong with it, if anything."""
    content = bytearray()
    try:
        async for piece in response.content.iter_any():
            content += piece
            if len(content) > most:
                return b"", f"is longer than {most // MEBIBYTE} MiB"
    except (aiohttp.ClientError, OSError):
        return bytes(content), "broke off"
    return bytes(content), ""


def _failure(error: Exception, kind: Kind, *, whole: bool, waited: float) -> Rejected | Unavailable | Unknown:
    """What it means that ``error`` ended an attempt before an answer came."""
    words = _words(error)
    if isinstance(error, aiohttp.ClientConnectorCertificateError):
        return Rejected(Reason.UNTRUSTED, 0, words)
    if isinstance(error, aiohttp.ClientConnectorError | aiohttp.ConnectionTimeoutError | aiohttp.ClientHttpProxyError):
        return Unavailable(words, connected=False)
    return interrupted(kind, words, whole=whole, waited=waited, timed_out=isinstance(error, TimeoutError))


def _words(error: Exception) -> str:
    """An error in words of our own: an HTTP library's may show a request's headers."""
    match error:
        case _Broken():
            return str(error)
        case aiohttp.ClientConnectorCertificateError():
            reason = getattr(error.certificate_error, "verify_message", "") or "it could not be verified"
            return (
                f"The certificate of {plain(error.host)} is not to be trusted: {plain(str(reason))}. "
                "Check the target's address and this computer's date."
            )
        case aiohttp.ClientHttpProxyError():
            return f"The proxy answered {error.status} ({plain(error.message)})."
        case aiohttp.ClientConnectorError():
            where = "The proxy: " if isinstance(error, aiohttp.ClientProxyConnectionError) else ""
            return sentence(f"{where}{unreached(error.os_error, plain(error.host), error.port)}")
        case aiohttp.ConnectionTimeoutError():
            return "Nobody answers: there was no connection in time."
        case aiohttp.ServerDisconnectedError():
            return "The repository closed the connection without an answer."
        case aiohttp.ClientResponseError():
            return "The repository's answer is no HTTP."
        case TimeoutError():
            return "The repository showed no sign of life for too long."
        case OSError():
            return f"The connection broke: {plain(error.strerror or type(error).__name__).lower()}."
        case _:
            return "The connection broke."


def _outcome(attempt: _Attempt, answer: object) -> str:
    if attempt.body_failure is not None:
        return "abandoned"
    return "cancelled" if answer is None else type(answer).__name__.lower()


def _note(answer: object) -> str:
    match answer:
        case Rejected():
            return str(answer)
        case Throttled() | Unavailable() | Unknown():
            return answer.message
        case _:
            return ""
