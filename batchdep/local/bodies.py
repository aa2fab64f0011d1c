"""Request bodies: JSON read whole, files streamed to disk and hashed on the way."""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import IO, Any

import aiohttp
from aiohttp import web

from batchdep.local.disk import Received
from batchdep.local.errors import ApiError, FieldError, invalid, server_fault
from batchdep.local.model import Json

BLOCK = 4 * 1024 * 1024
"""Bytes hashed and written at once; bodies longer than this are worked on in a thread."""

BUFFERED = 1024 * 1024
"""Bytes up to which the proxy has a whole body before the server behind it wakes up."""

ACCEPTED = {"application/json", "*/*", "application/*"}

BROKEN_BODY = (aiohttp.ClientError, aiohttp.http.HttpProcessingError, web.RequestPayloadError, ConnectionError)
"""What reading a body raises when the sender went away in the middle."""


def must_accept_json(request: web.Request) -> None:
    """Raises 406 when the caller wants something other than JSON."""
    accept = request.headers.get("Accept")
    if accept and not any(part.partition(";")[0].strip().lower() in ACCEPTED for part in accept.split(",")):
        raise ApiError(406, "Invalid 'Accept' header. Expected one of: application/json")


def must_send(request: web.Request, media_type: str) -> None:
    """Raises 415 unless the body's type is exactly ``media_type``, parameters included, or none is named."""
    sent = request.headers.get("Content-Type")
    if sent is not None and sent.strip().lower() != media_type:
        raise ApiError(415, f"Invalid 'Content-Type' header. Expected one of: {media_type}")


async def read_metadata(request: web.Request) -> Json:
    """The ``metadata`` of a create or change; an empty object when the body has none.

    Raises 400 for broken JSON, unknown keys beside ``metadata`` and metadata that are null; 500 where the body or
    the metadata are of another kind than an object (observed: Create, read, change, delete).
    """
    must_accept_json(request)
    must_send(request, "application/json")
    body = await _read_json(request)
    if not isinstance(body, dict):
        raise server_fault()
    unknown = [FieldError(key, "Unknown field.") for key in body if key not in {"metadata", "files"}]
    metadata = body.get("metadata", {})
    if metadata is None:
        unknown.append(FieldError("metadata", "Field may not be null."))
    if unknown:
        raise invalid(unknown)
    if not isinstance(metadata, dict):
        raise server_fault()
    return metadata


async def read_declared(request: web.Request) -> list[str]:
    """The names of files to come: ``[{"key": NAME}, ...]``. Raises 400 for another body."""
    must_send(request, "application/json")
    body = await _read_json(request)
    if not isinstance(body, list) or not all(
        isinstance(item, dict) and isinstance(item.get("key"), str) for item in body
    ):
        raise ApiError(400, "Invalid body.")
    return [item["key"] for item in body]


async def _read_json(request: web.Request) -> Any:
    raw = await request.read()
    if not raw:
        return None
    try:
        body = json.loads(raw.decode("utf-8"), parse_constant=_no_number)
    except (ValueError, RecursionError):
        raise ApiError(400, "Unable to decode JSON data in request body.") from None
    if b"\\ud" in raw.lower():
        _must_be_text(body)
    return body


def _no_number(name: str) -> None:
    raise ValueError(name)  # NaN and Infinity are no JSON


def _must_be_text(body: Any) -> None:
    """Raises 500 for half a surrogate pair, which the server's database does not take."""
    try:
        json.dumps(body, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        raise server_fault() from None


class _Spool:
    """Hashes, and writes what is longer than fits into memory; what is large in a thread, so that other requests are
    served meanwhile."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file: IO[bytes] | None = None
        self._hash = hashlib.md5(usedforsecurity=False)
        self._waiting: list[bytes] = []
        self._length = 0
        self._size = 0

    async def feed(self, chunk: bytes) -> None:
        self._waiting.append(chunk)
        self._length += len(chunk)
        if self._length >= BLOCK:
            await asyncio.to_thread(self._work_off)

    def finish(self) -> Received:
        if self._file is None and self._length <= BUFFERED:
            content = b"".join(self._waiting)
            self._hash.update(content)
            return Received(self._length, self._hash.hexdigest(), content)
        self._work_off()
        self.close()
        return Received(self._size, self._hash.hexdigest(), self._path)

    def close(self) -> None:
        if self._file is not None:
            self._file.close()

    def remove(self) -> None:
        """Nothing is left of it, unless it was moved."""
        if self._file is not None:
            self.close()
            self._path.unlink(missing_ok=True)

    def _work_off(self) -> None:
        if self._file is None:
            self._file = self._path.open("wb")
        for chunk in self._waiting:
            self._hash.update(chunk)
            self._file.write(chunk)
        self._size += self._length
        self._waiting, self._length = [], 0


@asynccontextmanager
async def spooled(chunks: AsyncIterator[bytes], path: Path) -> AsyncIterator[Received]:
    """A body received whole: in memory, or at ``path``, which is gone afterwards unless it was moved.

    Raises one of BROKEN_BODY when the sender went away; nothing is left then.
    """
    spool = _Spool(path)
    try:
        async for chunk in chunks:
            await spool.feed(chunk)
        yield spool.finish()
    finally:
        spool.remove()


async def body_of(request: web.Request) -> AsyncIterator[bytes]:
    """The body in pieces; from memory where it was read before."""
    if request.content.at_eof():
        yield await request.read()
        return
    async for chunk in request.content.iter_any():
        yield chunk
