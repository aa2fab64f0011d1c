"""The deposition's file list: GET depositions/ID/files, DELETE depositions/ID/files/FILE_ID (observed: Files)."""

from __future__ import annotations

import uuid

from aiohttp import web

from batchdep.local.answers import json_answer
from batchdep.local.bodies import must_accept_json
from batchdep.local.context import PATIENT, documents, own_deposition, service, still_there
from batchdep.local.errors import ApiError, server_fault
from batchdep.local.uploads import must_have_file


async def read(request: web.Request) -> web.Response:
    """The files; 500 as long as one is declared and not there."""
    must_accept_json(request)
    deposition = own_deposition(request)
    if any(entry.pending for entry in deposition.files.values()):
        raise server_fault()
    written = documents(request)
    return json_answer([written.file(deposition, entry) for entry in deposition.completed])


async def read_one(request: web.Request) -> web.Response:
    """One file by its id."""
    deposition = own_deposition(request)
    entry = deposition.file_with_id(_file_id(request))
    if entry is None:
        raise ApiError(404, "The requested file was not found.")
    return json_answer(documents(request).file(deposition, entry))


async def delete(request: web.Request) -> web.Response:
    """Delete a file by its id."""
    deposition = own_deposition(request)
    file_id = _file_id(request)
    async with service(request).turns.turn(deposition.id, patient=request.get(PATIENT, False)):
        still_there(request, deposition)
        found = deposition.file_with_id(file_id)
        entry = must_have_file(deposition, found.key if found else file_id)
        service(request).store.remove_file(deposition, entry)
    return web.Response(status=204)


def _file_id(request: web.Request) -> str:
    file_id = request.match_info["file"]
    try:
        return str(uuid.UUID(file_id))
    except ValueError:
        raise server_fault() from None
