"""What goes out: request bodies of known length in small slices, and a socket that hears an early answer.

A repository may refuse an upload before it has read it ("Bucket quota exceeded.") and close the connection, so that
the sender gets a broken pipe while the answer is waiting to be read. asyncio drops a connection at the first failed
write, and the answer with it; :class:`HearingSocket` lets the reading side find out instead.
"""

from __future__ import annotations

import asyncio
import socket
import time
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import AbstractAsyncContextManager
from typing import Any, Final

from aiohttp.abc import AbstractStreamWriter
from aiohttp.payload import Payload

from batchdep.errors import DatasetFailure

SLICE: Final = 256 * 1024
"""Bytes handed over at a time: small enough that each one accepted is a sign of life even on a slow line."""

LARGEST_SLICE: Final = 1 << 21
"""Bytes handed over at a time to a line that took the slice before at once: each slice costs some dozen calls."""

_AT_ONCE: Final = 0.05
"""Seconds within which a slice was taken at once."""


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
        self.content = content

    @property
    def size(self) -> int:
        """Length in bytes."""
        return len(self.content)

    def chunks(self) -> AbstractAsyncContextManager[AsyncIterator[bytes | memoryview]]:
        """Not for what is in memory."""
        raise AssertionError("a body in memory is sent from there")


class Outgoing(Payload):
    """One sending of a body, from memory or block by block, and how far it got.

    The last slice is held back until the blocks have ended well: a file that turns out to have changed while it was
    read is never completed at the server. Attributes: ``sent`` bytes accepted by the connection, ``whole`` whether
    everything was handed over (then the server may have it), ``failure`` what reading the body raised.
    """

    _autoclose = True  # whoever opened the body closes it

    def __init__(
        self,
        source: AsyncIterator[bytes | memoryview] | bytes,
        size: int,
        on_progress: Callable[[], None],
        on_whole: Callable[[], None],
    ) -> None:
        super().__init__(source)
        self._source = source
        self._size: int = size
        self._on_progress = on_progress
        self._on_whole = on_whole
        self._slice = SLICE
        self._read = 0
        self._reading: asyncio.Future[bytes | memoryview | None] | None = None
        self._started = False
        self._over = asyncio.Event()
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
        """Waits until nothing is read from the body any more, so that it can be closed."""
        if self._started:
            await self._over.wait()
        if self._reading is not None:
            await asyncio.wait([self._reading])

    async def _send(self, writer: AbstractStreamWriter) -> None:
        last: memoryview | None = None
        async for piece in self._slices():
            if self.sent + piece.nbytes == self._size:
                last = piece
                continue
            await self._hand_over(writer, piece)
            del piece
        self.whole = True
        self._on_whole()
        if last is not None:
            await self._hand_over(writer, last)

    async def _slices(self) -> AsyncIterator[memoryview]:
        if isinstance(self._source, bytes):
            for start in range(0, len(self._source), SLICE):
                yield memoryview(self._source)[start : start + SLICE]
                await asyncio.sleep(0)  # what never waits must not keep an early answer from being read
            return
        while (chunk := await self._next(self._source)) is not None:
            start = 0
            while start < len(chunk):
                end = start + self._slice
                yield memoryview(chunk)[start:end]
                start = end
            del chunk  # the next block is read into the room of this one

    async def _hand_over(self, writer: AbstractStreamWriter, piece: memoryview) -> None:
        began = time.monotonic()
        await writer.write(piece)
        quick = time.monotonic() - began < _AT_ONCE
        self._slice = min(2 * self._slice, LARGEST_SLICE) if quick else SLICE
        self.sent += piece.nbytes
        self._on_progress()

    async def _next(self, chunks: AsyncIterator[bytes | memoryview]) -> bytes | memoryview | None:
        # aiohttp cancels a sending that has become pointless; a block that a thread is reading is still waited for
        # (in ``settled``), lest its file be closed under it.
        self._reading = asyncio.ensure_future(self._next_block(chunks))
        return await asyncio.shield(self._reading)

    async def _next_block(self, chunks: AsyncIterator[bytes | memoryview]) -> bytes | memoryview | None:
        try:
            chunk = await anext(chunks, None)
            self._read += 0 if chunk is None else len(chunk)
            if self._read > self._size or (chunk is None and self._read < self._size):
                raise _changed(self._size, self._read)
        except Exception as error:
            self.failure = error
            raise
        return chunk


def _changed(size: int, read: int) -> DatasetFailure:
    return DatasetFailure(
        "file_changed",
        f"A file of {size} bytes turned out to have {'more' if read > size else read}.",
        "Run this again when nothing writes to the file any more.",
        retryable=True,
    )
