"""publish, edit, discard and newversion (observed: Publish, After publication)."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime

from aiohttp import web

from batchdep.local.answers import json_answer
from batchdep.local.context import (
    ARRIVAL,
    CREATED,
    PATIENT,
    account,
    any_deposition,
    documents,
    hold,
    own_deposition,
    own_draft,
    service,
    still_there,
)
from batchdep.local.errors import (
    UNREGISTERED_PID,
    ApiError,
    FieldError,
    denied,
    invalid,
    not_found,
    server_fault,
)
from batchdep.local.model import DONE, UNSUBMITTED, Deposition, now
from batchdep.local.publishing import publish_deposition, publish_errors


async def act(request: web.Request) -> web.Response:
    """POST depositions/ID/actions/ACTION; a body is ignored."""
    action = ACTIONS.get(request.match_info["action"])
    if action is None:
        raise web.HTTPNotFound
    await request.read()
    return await action(request)


def _answer(request: web.Request, deposition: Deposition, status: int) -> web.Response:
    return json_answer(documents(request).deposition(deposition), status=status)


async def _publish(request: web.Request) -> web.Response:
    deposition = any_deposition(request)
    if deposition.state == DONE and not request[ARRIVAL].rivals:
        raise not_found()
    if deposition.owner != account(request):
        raise denied()
    await asyncio.sleep(0)  # lets a request that came at the same time be seen as its rival
    turns = service(request).turns
    # Observed: beside the draft's only upload there are no files, although the answer waits for it to end.
    seen_before = publish_errors(deposition, service(request)) if turns.busy(deposition.id) else []
    async with turns.turn(deposition.id, patient=request.get(PATIENT, False), publish=True):
        if request[ARRIVAL].lost_race:
            raise server_fault()
        still_there(request, deposition)
        if deposition.state == DONE:
            raise not_found()
        await hold(request)
        if errors := seen_before or publish_errors(deposition, service(request)):
            raise invalid(errors)
        body = publish_deposition(deposition, service(request), documents(request))
        request[ARRIVAL].succeeded = True
    return json_answer(body, status=202)


async def _edit(request: web.Request) -> web.Response:
    deposition = own_deposition(request)
    await asyncio.sleep(0)  # lets a request that came at the same time be seen as its rival
    async with service(request).turns.turn(deposition.id, patient=request.get(PATIENT, False)):
        still_there(request, deposition)
        if request[ARRIVAL].lost_race:
            raise server_fault()
        if deposition.state == DONE:
            deposition.editing = True
            deposition.touch()
            service(request).store.save(deposition)
            request[ARRIVAL].succeeded = True
    return _answer(request, deposition, 201)


async def discard_draft(request: web.Request) -> web.Response:
    """Delete a draft with its files, or give up the edit of a record, which stays as it was."""
    deposition = own_draft(request)
    turns, store = service(request).turns, service(request).store
    uploading, revision = turns.busy(deposition.id), deposition.revision
    async with turns.turn(deposition.id, patient=request.get(PATIENT, False)):
        still_there(request, deposition)
        if own_draft(request).publication is None:
            if uploading and deposition.revision != revision:
                raise server_fault()  # observed: the draft survives when an upload ended well meanwhile
            store.delete(deposition)
        else:
            _give_up_edit(deposition)
            store.save(deposition)
    return web.Response(status=204)


def _give_up_edit(deposition: Deposition) -> None:
    if deposition.publication is not None:
        deposition.metadata = deposition.publication.metadata
    deposition.editing, deposition.defects = False, ()
    deposition.touch()


async def new_version(request: web.Request) -> web.Response:
    """The new version's draft. Four calls at once find no draft of each other's and make four (observed)."""
    deposition = own_deposition(request)
    if deposition.publication is None:
        raise ApiError(404, UNREGISTERED_PID)
    if not documents(request).is_own(deposition.publication.doi):
        raise denied()
    draft = None if request[ARRIVAL].rivals else open_version(request, deposition)
    await asyncio.sleep(0)  # lets a request that came at the same time find no draft either
    if draft is None:
        draft = _start_version(request, deposition)
    elif draft.files:
        raise invalid([FieldError("files.enabled", "Please remove all files first.")])
    _copy_files(request, draft)
    return _answer(request, draft, 201)


def open_version(request: web.Request, deposition: Deposition) -> Deposition | None:
    """The latest open draft of a new version of the same concept."""
    versions = service(request).store.versions(deposition.conceptrecid)
    return next((found for found in reversed(versions) if found.state == UNSUBMITTED), None)


def _start_version(request: web.Request, deposition: Deposition) -> Deposition:
    draft = service(request).store.create(deposition.owner, deposition.conceptrecid)
    latest = _latest_published(request, deposition)
    published = latest.publication.metadata if latest.publication else {}
    draft.metadata = {
        **{key: value for key, value in published.items() if key not in {"doi", "version"}},
        "publication_date": datetime.now(UTC).date().isoformat(),
    }
    draft.successor_of = latest.id
    request[CREATED] = draft.id
    return draft


def _copy_files(request: web.Request, draft: Deposition) -> None:
    store = service(request).store
    source = store.find(draft.successor_of) if draft.successor_of is not None else None
    store.save(draft)
    if source is not None:
        store.copy_files(source, draft, source.completed)
        draft.modified = now()
        store.save(draft)


def _latest_published(request: web.Request, deposition: Deposition) -> Deposition:
    versions = service(request).store.versions(deposition.conceptrecid)
    return next((found for found in reversed(versions) if found.publication is not None), deposition)


async def version_of_record(request: web.Request) -> web.Response:
    """POST /api/records/ID/versions: InvenioRDM's own call, which answers the open draft as well as a new one."""
    deposition = own_deposition(request)
    if deposition.publication is None:
        raise ApiError(404, UNREGISTERED_PID)
    draft = open_version(request, deposition)
    if draft is None:
        draft = _start_version(request, deposition)
        service(request).store.save(draft)
    return json_answer(
        {"id": str(draft.id), "is_draft": True, "is_published": False, "status": "new_version_draft"}, status=201
    )


ACTIONS: dict[str, Callable[[web.Request], Awaitable[web.Response]]] = {
    "publish": _publish,
    "edit": _edit,
    "discard": discard_draft,
    "newversion": new_version,
}
