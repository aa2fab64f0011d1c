"""Files by way of the bucket: PUT, GET, DELETE of /api/files/BUCKET/NAME (observed: Files)."""

from __future__ import annotations

from aiohttp import web

from batchdep.local import bodies
from batchdep.local.answers import json_answer
from batchdep.local.context import (
    ARRIVAL,
    PATIENT,
    bucket_path,
    documents,
    hold,
    own_bucket,
    service,
    still_there,
)
from batchdep.local.disk import Received
from batchdep.local.downloads import send_file
from batchdep.local.errors import ApiError, denied, not_found, server_fault
from batchdep.local.model import DONE, IN_PROGRESS, Deposition, StoredFile
from batchdep.local.publishing import publish_errors

LONGEST_NAME = 255
EMPTY = "Empty files are not accepted."
TOO_MANY = "Uploading selected files will result in exceeding the max amount per record."


async def handle(request: web.Request) -> web.StreamResponse:
    """Any request below /api/files."""
    parts = bucket_path(request) or [""]
    if "\x00" in "".join(parts):
        raise web.HTTPBadRequest(text="<html><body><h1>400 Bad Request</h1></body></html>", content_type="text/html")
    if len(parts) == 1:
        return _bucket_itself(request, parts[0])
    if len(parts) > 2:
        raise ApiError(404, "The requested URL was not found on the server.")
    bucket, name = parts
    match request.method:
        case "PUT":
            return await _put(request, own_bucket(request, bucket), name)
        case "GET" | "HEAD":
            return await _get(request, own_bucket(request, bucket), name)
        case "DELETE":
            return await _delete(request, own_bucket(request, bucket), name)
        case _:
            raise web.HTTPMethodNotAllowed(request.method, ["GET", "HEAD", "PUT", "DELETE"])


def _bucket_itself(request: web.Request, bucket: str) -> web.Response:
    if bucket and request.method in {"GET", "HEAD"}:
        raise server_fault()  # observed: always
    raise web.HTTPNotFound


async def _put(request: web.Request, deposition: Deposition, name: str) -> web.Response:
    _check_name(name)
    _check_headers(request)
    turns = service(request).turns
    # The proxy has a short body whole before its turn comes; so it can be done after the proxy's 504.
    if turns.busy(deposition.id) and (request.content_length or 0) <= bodies.BUFFERED:
        await request.read()
    async with turns.turn(deposition.id, patient=request.get(PATIENT, False)) as queue:
        still_there(request, deposition)
        must_take_files(deposition, name)
        check_room(request, deposition, name, request.content_length or 0)
        queue.replacing = name in deposition.files
        async with bodies.spooled(bodies.body_of(request), service(request).store.disk.incoming_path()) as received:
            await hold(request)
            if request[ARRIVAL].lost_race:
                raise server_fault()
            entry = store_file(request, deposition, name, received)
        request[ARRIVAL].succeeded = True
    return json_answer(documents(request).bucket_object(deposition, entry), status=201)


def store_file(request: web.Request, deposition: Deposition, name: str, received: Received) -> StoredFile:
    """Make a received body a file. Raises 400 for an empty one.

    Raises 500 where a publish waits for this upload to end: it goes ahead without the file (observed: Things at once).
    """
    if not received.size:
        raise ApiError(400, EMPTY)
    shared = service(request)
    if shared.turns.publish_waits(deposition.id) and not publish_errors(deposition, shared):
        raise server_fault()
    return shared.store.put_file(deposition, name, received)


def _check_name(name: str) -> None:
    if len(name) > LONGEST_NAME:
        raise ApiError(400, "Filename is too long.")


def _check_headers(request: web.Request) -> None:
    bodies.must_send(request, "application/octet-stream")
    # Behind nginx and uWSGI a chunked body is lost; a missing length means the same.
    if not request.content_length:
        raise ApiError(400, EMPTY)


def must_take_files(deposition: Deposition, name: str) -> None:
    """Raises 404 or 403 when the deposition is published, 403 when only its metadata are being edited."""
    if deposition.state == DONE:
        raise denied() if name in deposition.files else not_found()
    if deposition.state == IN_PROGRESS:
        raise ApiError(403, "Bucket is locked for modifications.")


def check_room(request: web.Request, deposition: Deposition, name: str, size: int) -> None:
    """Raises 400 when a file of ``size`` bytes, in place of one of its name, is too much, by bytes or by number."""
    options = service(request).options
    old = deposition.files.get(name)
    if old is None and len(deposition.files) >= options.max_files:
        raise ApiError(400, TOO_MANY)
    if deposition.size - (old.size if old else 0) + size > options.bucket_quota:
        raise ApiError(400, "Bucket quota exceeded.")


async def _get(request: web.Request, deposition: Deposition, name: str) -> web.StreamResponse:
    entry = deposition.files.get(name)
    if entry is None:
        raise denied()
    if entry.pending:
        raise server_fault()
    return send_file(request, deposition, entry)


async def _delete(request: web.Request, deposition: Deposition, name: str) -> web.Response:
    async with service(request).turns.turn(deposition.id, patient=request.get(PATIENT, False)):
        still_there(request, deposition)
        entry = must_have_file(deposition, name)
        service(request).store.remove_file(deposition, entry)
    raise server_fault()  # observed: the file is gone all the same


def must_have_file(deposition: Deposition, name: str) -> StoredFile:
    """The file to be deleted. Raises 403 in a published deposition, 404 when there is none of that name."""
    if deposition.state == DONE:
        raise denied()
    if deposition.state == IN_PROGRESS:
        raise ApiError(403, "Bucket is locked for modifications.")
    if (entry := deposition.files.get(name)) is None:
        raise ApiError(404, f"Record '{deposition.id}' has no file '{name}'.")
    return entry
