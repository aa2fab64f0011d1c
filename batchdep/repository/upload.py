"""What goes out: request bodies of known length in small slices, and a socket that hears an early answer.

A repository may refuse an upload before it has read it ("Bucket quota exceeded.") and close the connection, so that
the sender gets a broken pipe while the answer is waiting to be read. asyncio drops a connection at the first failed
write, and the answer with it; :class:`HearingSocket` lets the reading side find out instead.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterable
from contextlib import AbstractAsyncContextManager, aclosing, asynccontextmanager
from typing import Any, Final

from aiohttp.abc import AbstractStreamWriter
from aiohttp.payload import Payload

from batchdep.errors import DatasetFailure
from batchdep.repository.model import Body

SLICE: Final = 256 * 1024
"""Bytes handed over at a time: small enough that each one accepted is a sign of life even on a slow line."""


class HearingSocket(socket.socket):
    """A TCP socket whose writes do not fail: when the other side is gone they lead nowhere, and reading tells.

    What the other side sent before it went is still read, then the end of the connection.
    """

    _deaf_peer = False

    def send(self, data: Any, flags: int = 0, /) -> int:
        """As ``socket.send``; after a broken pipe, everything is taken and thrown away."""
        if not self._deaf_peer:
            try:
                return super().send(data, flags)
            except (BrokenPipeError, ConnectionResetError):
                self._deaf_peer = True
        return len(data)

    def sendmsg(self, buffers: Iterable[Any], *rest: Any) -> int:
        """As ``socket.sendmsg``, which newer event loops use; likewise."""
        buffers = list(buffers)
        if not self._deaf_peer:
            try:
                return super().sendmsg(buffers, *rest)
            except (BrokenPipeError, ConnectionResetError):
                self._deaf_peer = True
        return sum(map(len, buffers))


def hearing_socket(address: tuple[Any, ...]) -> socket.socket:
    """A socket for one of ``getaddrinfo``'s answers."""
    family, kind, protocol, *_ = address
    return HearingSocket(family, kind, protocol)


class TextBody:
    """A body that is already in memory."""

    def __init__(self, content: bytes) -> None:
        self._content = content

    @property
    def size(self) -> int:
        """Length in bytes."""
        return len(self._content)

    @asynccontextmanager
    async def _open(self) -> AsyncIterator[AsyncIterator[bytes]]:
        yield self._once()

    async def _once(self) -> AsyncIterator[bytes]:
        yield self._content

    def chunks(self) -> AbstractAsyncContextManager[AsyncIterator[bytes]]:
        """The content in one piece."""
        return self._open()


class Outgoing(Payload):
    """One sending of a body, and how far it got.

    The last slice is held back until the body has ended well: a file that turns out to have changed while it was
    read is never completed at the server. Attributes: ``sent`` bytes accepted by the connection, ``whole`` whether
    everything was handed over (then the server may have it), ``failure`` what the body itself raised.
    """

    _autoclose = True  # the body is opened and closed within one sending

    def __init__(self, body: Body, on_progress: Callable[[], None], on_whole: Callable[[], None]) -> None:
        super().__init__(body)
        self._body = body
        self._size = body.size
        self._on_progress = on_progress
        self._on_whole = on_whole
        self._over = asyncio.Event()
        self._started = False
        self.sent = 0
        self.whole = False
        self.failure: Exception | None = None

    def decode(self, encoding: str = "utf-8", errors: str = "strict") -> str:
        """Not for showing: a body is only sent."""
        raise TypeError("a request body is sent, not shown")

    async def write(self, writer: AbstractStreamWriter) -> None:
        """Sends everything."""
        await self.write_with_length(writer, None)

    async def write_with_length(self, writer: AbstractStreamWriter, content_length: int | None) -> None:
        """Sends everything; its length is the Content-Length by construction."""
        self._started = True
        try:
            await self._send(writer)
        finally:
            self._over.set()

    async def settled(self) -> None:
        """Waits until the body is closed: nothing of it is read any more."""
        if self._started:
            await self._over.wait()

    async def _send(self, writer: AbstractStreamWriter) -> None:
        async with aclosing(self._slices()) as slices:
            held: memoryview | None = None
            while (piece := await self._next(slices)) is not None:
                if held is not None:
                    await self._hand_over(writer, held)
                held = piece
        self.whole = True
        self._on_whole()
        if held is not None:
            await self._hand_over(writer, held)

    async def _hand_over(self, writer: AbstractStreamWriter, piece: memoryview) -> None:
        await writer.write(piece)
        self.sent += piece.nbytes
        self._on_progress()
        await asyncio.sleep(0)  # a body that never waits must not keep an early answer from being read

    async def _next(self, slices: AsyncIterator[memoryview]) -> memoryview | None:
        try:
            return await anext(slices, None)
        except Exception as error:
            self.failure = error
            raise

    async def _slices(self) -> AsyncGenerator[memoryview, None]:
        total = 0
        async with self._body.chunks() as chunks:
            async for chunk in chunks:
                total += len(chunk)
                if total > self._body.size:
                    break
                for start in range(0, len(chunk), SLICE):
                    yield memoryview(chunk)[start : start + SLICE]
        if total != self._body.size:
            raise DatasetFailure(
                "file_changed",
                f"A file of {self._body.size} bytes turned out to have {'more' if total > self._body.size else total}.",
                "Run again when nothing writes to the file any more.",
                retryable=True,
            )
