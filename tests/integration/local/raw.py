"""Requests written byte by byte, for what no client library sends."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from urllib.parse import urlsplit

from tests.integration.local.conftest import ALICE


class Raw:
    """One connection. ``send`` writes a head and part of a body, ``answer`` reads what comes back."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer

    @classmethod
    async def open(cls, url: str) -> Raw:
        """Connect to the server of an address."""
        parts = urlsplit(url)
        return cls(*await asyncio.open_connection(parts.hostname, parts.port))

    async def send(
        self,
        method: str,
        path: str,
        body: bytes = b"",
        length: int | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        """``length`` is the Content-Length that is promised; None promises what is sent."""
        promised = str(len(body) if length is None else length)
        fields = {"Host": "127.0.0.1", "Authorization": f"Bearer {ALICE}", "Content-Length": promised}
        fields |= headers or {}
        head = "".join(f"{name}: {value}\r\n" for name, value in fields.items())
        self.writer.write(f"{method} {path} HTTP/1.1\r\n{head}\r\n".encode() + body)
        await self.writer.drain()

    async def begin(self, path: str, length: int, body: bytes) -> None:
        """Begin an upload that the server is sure to have seen, and send a part of its body."""
        await self.send("PUT", path, length=length, headers={"Expect": "100-continue"})
        status, _ = await self.answer()
        assert status == 100
        await self.more(body)

    async def more(self, body: bytes) -> None:
        """Send more of the body."""
        self.writer.write(body)
        await self.writer.drain()

    async def answer(self) -> tuple[int, bytes]:
        """Status and body. Raises IncompleteReadError when the connection was cut without an answer."""
        head = await self.reader.readuntil(b"\r\n\r\n")
        fields = dict(line.lower().split(b": ", 1) for line in head.split(b"\r\n")[1:] if b": " in line)
        return int(head.split()[1]), await self.reader.readexactly(int(fields.get(b"content-length", b"0")))

    def cut(self) -> None:
        """Cut the connection."""
        self.writer.transport.abort()


def path_of(url: str) -> str:
    """The path of an address."""
    return urlsplit(url).path
