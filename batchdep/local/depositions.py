"""Create, read, change and delete a deposition (observed: Create, read, change, delete)."""

from __future__ import annotations

import asyncio
from typing import Any

from aiohttp import web

from batchdep.local.actions import discard_draft
from batchdep.local.answers import json_answer
from batchdep.local.bodies import must_accept_json, read_metadata
from batchdep.local.context import (
    ARRIVAL,
    CREATED,
    PATIENT,
    documents,
    own_deposition,
    own_draft,
    service,
    signed_in,
    still_there,
)
from batchdep.local.errors import ApiError
from batchdep.local.metadata import normalise
from batchdep.local.model import Deposition


def answer(request: web.Request, deposition: Deposition, status: int = 200) -> web.Response:
    """A deposition with its revision as the ETag."""
    body = documents(request).deposition(deposition)
    return json_answer(body, status=status, headers={"ETag": f'"{deposition.revision}"'})


async def create(request: web.Request) -> web.Response:
    """POST depositions."""
    owner = signed_in(request)
    normal = normalise(await read_metadata(request))
    deposition = service(request).store.create(owner)
    deposition.metadata, deposition.defects = normal.metadata, normal.defects
    service(request).store.save(deposition)
    request[CREATED] = deposition.id
    return answer(request, deposition, 201)


async def read(request: web.Request) -> web.Response:
    """GET depositions/ID."""
    must_accept_json(request)
    return answer(request, own_deposition(request))


async def change(request: web.Request) -> web.Response:
    """PUT depositions/ID: replaces all metadata. Of two at once the later gets a false 400."""
    deposition = own_draft(request)
    sent = await read_metadata(request)
    _check_revision(request, deposition)
    await asyncio.sleep(0)  # lets a request that came at the same time be seen as its rival
    if not service(request).turns.replacing(deposition.id):
        return _change(request, deposition, sent)
    async with service(request).turns.turn(deposition.id, patient=request.get(PATIENT, False)):
        still_there(request, deposition)
        own_draft(request)
        return _change(request, deposition, sent)


def _change(request: web.Request, deposition: Deposition, sent: dict[str, Any]) -> web.Response:
    normal = normalise(sent, kept_doi=deposition.metadata.get("doi"))
    if request[ARRIVAL].lost_race:
        raise ApiError(400, f"Invalid value {sent.get('upload_type', 'dataset')}.")
    deposition.metadata, deposition.defects = normal.metadata, normal.defects
    deposition.touch()
    service(request).store.save(deposition)
    request[ARRIVAL].succeeded = True
    return answer(request, deposition)


def _check_revision(request: web.Request, deposition: Deposition) -> None:
    sent = request.headers.get("If-Match")
    if sent is None:
        return
    if not sent.strip().isdigit():
        raise ApiError(400, "Invalid 'If-Match' header. Expected an integer.")
    if int(sent) != deposition.revision:
        raise ApiError(412, f"Revision id provided({int(sent)}) doesn't match record's one({deposition.revision})")


async def delete(request: web.Request) -> web.Response:
    """DELETE depositions/ID: a draft with its files, or the edit of a record."""
    return await discard_draft(request)
