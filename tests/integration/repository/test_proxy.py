"""The way through an institute's proxy."""

from __future__ import annotations

import asyncio
from base64 import b64encode

from batchdep.repository import Done, Unavailable
from batchdep.repository.http import Session
from batchdep.repository.target import Token
from batchdep.repository.zenodo import ZenodoRepository
from tests.integration.repository.raw import Connection, always, answer, raw_server
from tests.integration.repository.test_hostile import server_tls, trusting

TOKEN = "s3cret-t0ken-of-forty-two"


async def tunnel(connection: Connection) -> None:
    head = await connection.head()
    host, _, port = head.target.rpartition(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    await connection.say(b"HTTP/1.1 200 Connection established\r\n\r\n")
    await asyncio.gather(pump(connection.reader, writer), pump(reader, connection.writer))


async def pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while data := await reader.read(2**16):
        writer.write(data)
    writer.close()


async def test_a_proxy_relays_what_it_cannot_read() -> None:
    async with (
        raw_server(always(answer(200, [])), tls=server_tls("here")) as server,
        raw_server(tunnel) as proxy,
    ):
        address = proxy.url.replace("http://", "http://me:pass@")
        repository = ZenodoRepository(Session(server.url, Token(TOKEN), proxy=address, tls=trusting("here")))
        assert await repository.check_access() == Done(None)
        await repository.close()
    assert server.requests[0].headers["authorization"] == f"Bearer {TOKEN}"
    assert proxy.requests[0].method == "CONNECT"
    assert proxy.requests[0].headers["proxy-authorization"] == f"Basic {b64encode(b'me:pass').decode()}"
    assert TOKEN not in "".join(proxy.heads)


async def test_a_proxy_that_refuses_is_no_connection() -> None:
    async with raw_server(always(answer(407))) as proxy:
        repository = ZenodoRepository(Session("https://127.0.0.1:1", Token(TOKEN), proxy=proxy.url))
        found = await repository.create({})
        await repository.close()
    assert isinstance(found, Unavailable)
    assert not found.connected
    assert "proxy answered 407" in found.message
