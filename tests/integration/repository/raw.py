"""A server of raw bytes, for what no well-behaved HTTP server does."""

from __future__ import annotations

import asyncio
import json
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any


@dataclass(slots=True)
class Request:
    """A request's head as it came over the wire, and its body where it was read."""

    line: str
    headers: dict[str, str]
    body: bytes = b""

    @property
    def method(self) -> str:
        return self.line.split(" ")[0]

    @property
    def target(self) -> str:
        return self.line.split(" ")[1]

    @property
    def length(self) -> int:
        return int(self.headers.get("content-length", "0"))


@dataclass(slots=True)
class Connection:
    """One connection, with the means to misbehave on it."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    server: RawServer

    async def head(self) -> Request:
        text = (await self.reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        self.server.heads.append(text)
        line, *rest = text.rstrip("\r\n").split("\r\n")
        headers = {name.lower(): value.strip() for name, _, value in (item.partition(":") for item in rest)}
        request = Request(line, headers)
        self.server.requests.append(request)
        return request

    async def request(self) -> Request:
        request = await self.head()
        request.body = await self.reader.readexactly(request.length)
        return request

    async def say(self, text: bytes) -> None:
        self.writer.write(text)
        await self.writer.drain()

    async def answer(self, status: int, document: Any = None, **headers: str) -> None:
        await self.say(answer(status, document, **headers))

    def reset(self) -> None:
        """Closes at once; with unread data at hand the other side gets a reset."""
        self.writer.transport.abort()


Behaviour = Callable[[Connection], Awaitable[None]]


@dataclass(slots=True)
class RawServer:
    url: str = ""
    requests: list[Request] = field(default_factory=list)
    heads: list[str] = field(default_factory=list)
    connections: int = 0


def answer(status: int, document: Any = None, **headers: str) -> bytes:
    """An HTTP answer: bytes as they are, anything else as JSON."""
    content = document if isinstance(document, bytes) else b"" if document is None else json.dumps(document).encode()
    lines = [f"HTTP/1.1 {status} Words", f"Content-Length: {len(content)}"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + content


@asynccontextmanager
async def raw_server(behaviour: Behaviour, tls: ssl.SSLContext | None = None) -> AsyncIterator[RawServer]:
    """Serves each connection with ``behaviour`` and closes it afterwards."""
    server = RawServer()
    tasks: set[asyncio.Task[None]] = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        tasks.add(task)
        server.connections += 1
        try:
            await behaviour(Connection(reader, writer, server))
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            tasks.discard(task)
            writer.close()

    listening = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=tls, limit=2**20)
    scheme = "http" if tls is None else "https"
    server.url = f"{scheme}://127.0.0.1:{listening.sockets[0].getsockname()[1]}"
    try:
        yield server
    finally:
        listening.close()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await listening.wait_closed()


def always(response: bytes) -> Behaviour:
    """Answers every request of a connection in the same way."""

    async def behave(connection: Connection) -> None:
        while True:
            await connection.request()
            await connection.say(response)

    return behave
