"""A running embedded repository and a plain client of its deposit API."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import aiohttp
import pytest
from yarl import URL

from batchdep.local import LocalServer
from tests.support.local_server import running_local

ALICE, BOB = "token-of-alice", "token-of-bob"
MINIMAL: dict[str, Any] = {"title": "A dataset", "upload_type": "dataset", "creators": [{"name": "Doe, Jane"}]}
"""The least that publishes; the date and the licence are filled in."""


@dataclass(frozen=True)
class Answer:
    """An answer read whole."""

    status: int
    body: Any
    headers: Any

    @property
    def fields(self) -> list[str]:
        """The fields at fault."""
        return [error["field"] for error in self.body.get("errors", ())]

    @property
    def messages(self) -> list[str]:
        """What is wrong with them."""
        return [message for error in self.body.get("errors", ()) for message in error["messages"]]


class Api:
    """Asks the deposit API as one account, or as nobody (token None)."""

    def __init__(self, session: aiohttp.ClientSession, origin: str, token: str | None = ALICE) -> None:
        self.session = session
        self.origin = origin
        self._token = token
        self.depositions = f"{origin}/api/deposit/depositions"

    async def ask(self, method: str, url: str, **options: Any) -> Answer:
        """One request. ``url`` may be a path."""
        headers = dict(options.pop("headers", {}))
        if self._token is not None:
            headers.setdefault("Authorization", f"Bearer {self._token}")
        full = URL(url if url.startswith("http") else f"{self.origin}{url}", encoded=True)
        async with self.session.request(method, full, headers=headers, **options) as response:
            raw = await response.read()
            is_json = response.content_type == "application/json" and raw
            return Answer(response.status, await response.json() if is_json else raw.decode(), response.headers)

    async def create(self, metadata: Any = None) -> Any:
        """A draft with that metadata, the least that publishes by default."""
        answer = await self.ask("POST", self.depositions, json={"metadata": MINIMAL if metadata is None else metadata})
        assert answer.status == 201, answer
        return answer.body

    async def get(self, deposition: Any) -> Any:
        """The deposition anew."""
        return (await self.ask("GET", f"{self.depositions}/{deposition['id']}")).body

    async def change(self, deposition: Any, metadata: Any) -> Answer:
        """PUT metadata."""
        return await self.ask("PUT", f"{self.depositions}/{deposition['id']}", json={"metadata": metadata})

    async def put(self, deposition: Any, name: str = "a.txt", content: bytes = b"hello", **options: Any) -> Answer:
        """Upload by the bucket."""
        return await self.ask("PUT", f"{deposition['links']['bucket']}/{quote(name, safe='')}", data=content, **options)

    async def files(self, deposition: Any) -> dict[str, str]:
        """Names and MD5s."""
        answer = await self.ask("GET", f"{self.depositions}/{deposition['id']}/files")
        assert answer.status == 200, answer
        return {entry["filename"]: entry["checksum"] for entry in answer.body}

    async def act(self, deposition: Any, action: str) -> Answer:
        """publish, edit, discard or newversion."""
        return await self.ask("POST", f"{self.depositions}/{deposition['id']}/actions/{action}")

    async def published(self, metadata: Any = None) -> Any:
        """A record with one file."""
        draft = await self.create(metadata)
        assert (await self.put(draft)).status == 201
        answer = await self.act(draft, "publish")
        assert answer.status == 202, answer
        return answer.body


def md5(content: bytes) -> str:
    """The MD5 in hex."""
    return hashlib.md5(content, usedforsecurity=False).hexdigest()


@pytest.fixture
def options() -> dict[str, Any]:
    """LocalOptions of the server; a test module or a parameter may replace them."""
    return {}


@pytest.fixture
async def server(tmp_path: Path, options: dict[str, Any]) -> AsyncIterator[LocalServer]:
    """A server with two accounts."""
    async with running_local(tmp_path, **{"tokens": {ALICE: "alice", BOB: "bob"}, **options}) as running:
        yield running


@pytest.fixture
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    """A client without limits of its own."""
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as opened:
        yield opened


@pytest.fixture
async def api(server: LocalServer, session: aiohttp.ClientSession) -> Api:
    """The first account."""
    return Api(session, server.url)


@pytest.fixture
async def bob(server: LocalServer, session: aiohttp.ClientSession) -> Api:
    """The second account."""
    return Api(session, server.url, BOB)


@pytest.fixture
async def nobody(server: LocalServer, session: aiohttp.ClientSession) -> Api:
    """No token at all."""
    return Api(session, server.url, None)
