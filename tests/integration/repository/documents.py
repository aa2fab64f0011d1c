"""Depositions as the server writes them, and bodies to send."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from batchdep.repository import Deposition, DepositionState


def deposition(number: int = 7, **changes: Any) -> dict[str, Any]:
    document = {
        "id": number,
        "conceptrecid": str(number - 1),
        "created": "2026-11-24T20:00:00.123456+00:00",
        "modified": "2026-11-24T20:00:01.123456+00:00",
        "state": "unsubmitted",
        "submitted": False,
        "title": "",
        "files": [],
        "metadata": {"prereserve_doi": {"doi": f"10.5281/zenodo.{number}", "recid": number}},
        "links": {"html": f"https://zenodo.org/deposit/{number}", "bucket": "http://127.0.0.1/api/files/abc"},
    }
    return document | changes


def stored(name: str, content: bytes) -> dict[str, Any]:
    return {
        "key": name,
        "size": len(content),
        "checksum": f"md5:{hashlib.md5(content, usedforsecurity=False).hexdigest()}",
    }


def draft(url: str, number: int = 7) -> Deposition:
    return Deposition(number, DepositionState.UNSUBMITTED, {}, bucket=f"{url}/api/files/abc")


class Pattern:
    """A body of ``size`` bytes in blocks of a megabyte, made while it is sent; ``closed`` once it was left."""

    content = None

    def __init__(self, size: int, *, given: int | None = None, failure: Exception | None = None) -> None:
        self.size = size
        self.closed = False
        self.asked = 0
        self._given = size if given is None else given
        self._failure = failure

    @asynccontextmanager
    async def chunks(self) -> AsyncIterator[AsyncIterator[bytes]]:
        try:
            yield self._blocks()
        finally:
            for _ in range(5):  # closing a file takes a moment as well
                await asyncio.sleep(0)
            self.closed = True

    async def _blocks(self) -> AsyncIterator[bytes]:
        left = self._given
        while left > 0:
            block = b"x" * min(left, 2**20)
            left -= len(block)
            self.asked += len(block)
            yield block
        if self._failure is not None:
            raise self._failure
