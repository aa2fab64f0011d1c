"""The old upload: a multipart form to depositions/ID/files, with its renaming (observed: Files, Old way)."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

from aiohttp import BodyPartReader, web
from msgspec import Struct

from batchdep.local import bodies
from batchdep.local.answers import json_answer
from batchdep.local.context import PATIENT, documents, hold, own_deposition, service, still_there
from batchdep.local.disk import Received
from batchdep.local.errors import ApiError, ProxyError, denied, not_found
from batchdep.local.model import DONE
from batchdep.local.uploads import check_room, must_take_files, store_file

LARGEST = 100 * 1024 * 1024
"""Bytes of the largest body that the proxy lets through on this route."""
LONGEST_FIELD = 64 * 1024
NOT_UNDERSTOOD = "The browser (or proxy) sent a request that this server could not understand."


class _Form(Struct):
    """The parts that count: the first ``file``, its own name, and ``name``."""

    received: Received | None = None
    file_name: str = ""
    name: str | None = None


async def upload(request: web.Request) -> web.Response:
    """POST depositions/ID/files. Adds a file; one of that name already there is not replaced."""
    deposition = own_deposition(request)
    if deposition.state == DONE:
        raise not_found()
    if (request.content_length or 0) > LARGEST:
        raise ProxyError(413, "Request Entity Too Large")
    if request.content_type != "multipart/form-data":
        raise ApiError(400, NOT_UNDERSTOOD)
    async with (
        service(request).turns.turn(deposition.id, patient=request.get(PATIENT, False)),
        AsyncExitStack() as stack,
    ):
        still_there(request, deposition)
        form = await _read_form(request, stack)
        if form.received is None or not form.file_name:
            raise ApiError(400, NOT_UNDERSTOOD)
        key = secure_name(form.file_name if form.name is None else form.name)
        if not key:
            raise denied()
        if deposition.state == DONE:
            raise not_found()
        must_take_files(deposition, key)
        if key in deposition.files:
            raise ApiError(400, f"File with key {key} already exists.")
        check_room(request, deposition, key, form.received.size)
        await hold(request)
        entry = store_file(request, deposition, key, form.received)
    return json_answer(documents(request).file(deposition, entry), status=201)


async def _read_form(request: web.Request, stack: AsyncExitStack) -> _Form:
    form = _Form()
    try:
        reader = await request.multipart()
        while (part := await reader.next()) is not None:
            if isinstance(part, BodyPartReader):
                await _read_part(request, stack, form, part)
    except ValueError:
        raise ApiError(400, NOT_UNDERSTOOD) from None
    return form


async def _read_part(request: web.Request, stack: AsyncExitStack, form: _Form, part: BodyPartReader) -> None:
    if part.name == "file" and form.received is None and part.filename is not None:
        path = service(request).store.disk.incoming_path()
        form.received = await stack.enter_async_context(bodies.spooled(_chunks(part), path))
        form.file_name = part.filename
    elif part.name == "name" and form.name is None:
        form.name = (await part.read_chunk(LONGEST_FIELD)).decode("utf-8", "replace")
        await part.release()
    else:
        await part.release()


async def _chunks(part: BodyPartReader) -> AsyncIterator[bytes]:
    while chunk := await part.read_chunk(256 * 1024):
        yield bytes(chunk)


def secure_name(name: str) -> str:
    """The name under which the old upload stores a file; empty when nothing is left of it.

    Accents go, slashes and blanks become ``_``, everything but ASCII letters, digits and ``_ . -`` is dropped, and
    so are dots and underscores around.
    """
    ascii_only = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode("ascii")
    joined = "_".join(ascii_only.replace("/", " ").split())
    return re.sub(r"[^\w.-]", "", joined, flags=re.ASCII).strip("._")
