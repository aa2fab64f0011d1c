"""Published records in the records API's shape, and the files of records and drafts (observed: The plain path)."""

from __future__ import annotations

from urllib.parse import quote

from aiohttp import web

from batchdep.local.actions import version_of_record
from batchdep.local.answers import json_answer
from batchdep.local.bodies import read_declared
from batchdep.local.context import (
    LONGEST_ID,
    PATIENT,
    account,
    any_deposition,
    documents,
    named_deposition,
    own_draft,
    service,
    still_there,
)
from batchdep.local.documents import Documents, doi_url
from batchdep.local.downloads import send_file
from batchdep.local.errors import UNREGISTERED_PID, ApiError, denied
from batchdep.local.listing import latest_versions
from batchdep.local.model import Deposition, Json, Publication, StoredFile
from batchdep.local.queries import matcher
from batchdep.local.store import Store
from batchdep.local.uploads import must_take_files

OWN_SHAPE = frozenset({"upload_type", "license", "prereserve_doi", "communities", "grants"})
"""Metadata that a record shows in another shape than a deposition, or not at all."""
SEARCH_SIZE = 25


def record_document(deposition: Deposition, publication: Publication, written: Documents, latest: int) -> Json:
    """A published record: ``files[].key`` and ``checksum`` "md5:HEX", ``metadata.resource_type`` and the like."""
    link = f"{written.base}/api/records/{deposition.id}"
    return {
        "created": publication.at,
        "modified": deposition.modified,
        "updated": deposition.modified,
        "id": deposition.id,
        "recid": str(deposition.id),
        "conceptrecid": str(deposition.conceptrecid),
        "conceptdoi": written.conceptdoi(deposition),
        "doi": publication.doi,
        "doi_url": doi_url(publication.doi),
        "title": publication.metadata.get("title", ""),
        "metadata": _record_metadata(deposition, publication, latest),
        "links": {
            **written.links(deposition, with_bucket=False),
            "self": link,
            "self_html": f"{written.base}/records/{deposition.id}",
            "self_doi": doi_url(publication.doi),
            "files": f"{link}/files",
            "versions": f"{link}/versions",
            # Clients take the latest version's number out of this address.
            "latest": f"{written.base}/api/records/{latest}/versions/latest",
        },
        "revision": deposition.revision,
        "owners": [{"id": str(written.owner(deposition))}],
        "files": [_record_file(deposition, entry, link) for entry in deposition.completed],
        "status": "published",
        "state": "done",
        "submitted": True,
        "stats": {"downloads": 0, "unique_downloads": 0, "views": 0, "unique_views": 0, "version_downloads": 0},
    }


def _record_metadata(deposition: Deposition, publication: Publication, latest: int) -> Json:
    stored = publication.metadata
    upload_type = stored.get("upload_type", "other")
    subtype = stored.get(f"{upload_type}_type")
    kind: Json = {"type": upload_type, "title": upload_type.capitalize()}
    if subtype is not None:
        kind |= {"subtype": subtype, "title": subtype.capitalize()}
    metadata: Json = {key: value for key, value in stored.items() if key not in OWN_SHAPE}
    metadata |= {
        "doi": publication.doi,
        "resource_type": kind,
        "relations": {"version": [{"index": 0, "is_last": deposition.id == latest}]},
    }
    if "license" in stored:
        metadata["license"] = {"id": stored["license"]}
    if "grants" in stored:
        metadata["grants"] = stored["grants"]
    if deposition.granted:
        metadata["communities"] = [{"id": name} for name in deposition.granted]
    return metadata


def _record_file(deposition: Deposition, entry: StoredFile, link: str) -> Json:
    return {
        "id": entry.id,
        "key": entry.key,
        "size": entry.size,
        "checksum": f"md5:{entry.md5}",
        "links": {"self": f"{link}/files/{quote(entry.key, safe='')}/content"},
    }


def latest_record(store: Store, deposition: Deposition) -> Deposition:
    """The latest published version of the same concept."""
    versions = store.versions(deposition.conceptrecid)
    return next((found for found in reversed(versions) if found.publication is not None), deposition)


def _published(request: web.Request) -> tuple[Deposition, Publication]:
    deposition = any_deposition(request)
    if deposition.publication is None:
        raise ApiError(404, UNREGISTERED_PID)
    return deposition, deposition.publication


async def read(request: web.Request) -> web.Response:
    """GET /api/records/ID, for everybody; a concept's id leads to the latest version."""
    if any_version := _of_concept(request):
        raise web.HTTPFound(f"/api/records/{latest_record(service(request).store, any_version).id}")
    deposition, publication = _published(request)
    latest = latest_record(service(request).store, deposition)
    body = record_document(deposition, publication, documents(request), latest.id)
    return json_answer(body, headers={"ETag": f'"{deposition.revision}"'})


async def search(request: web.Request) -> web.Response:
    """GET /api/records?q=: published records only, newest first."""
    store = service(request).store
    matches = matcher(request.query.get("q", "*"))
    published = latest_versions(entry for entry in store.index if entry.publication is not None)
    found = sorted((entry for entry in published if matches(entry)), key=lambda entry: entry.id, reverse=True)
    written = documents(request)
    hits = [
        record_document(entry, entry.publication, written, entry.id)
        for entry in found[:SEARCH_SIZE]
        if entry.publication is not None
    ]
    return json_answer({"hits": {"hits": hits, "total": len(found)}})


async def latest(request: web.Request) -> web.Response:
    """GET /api/records/ID/versions/latest: a redirect to the latest version."""
    deposition, _ = _published(request)
    newest = latest_record(service(request).store, deposition)
    location = f"{documents(request).base}/api/records/{newest.id}"
    return json_answer({"status": 301, "location": location}, status=301, headers={"Location": location})


def _of_concept(request: web.Request) -> Deposition | None:
    number = request.match_info["id"]
    if named_deposition(request) is not None or not number.isdigit() or len(number) > LONGEST_ID:
        return None
    versions = service(request).store.versions(int(number))
    return next((found for found in versions if found.publication is not None), None)


async def files(request: web.Request) -> web.Response:
    """GET /api/records/ID/files: the files of a published record."""
    deposition, _ = _published(request)
    _may_download(request, deposition)
    link = f"{documents(request).base}/api/records/{deposition.id}"
    entries = [
        {**_record_file(deposition, entry, link), "file_id": entry.id, "status": "completed"}
        for entry in deposition.completed
    ]
    return json_answer({"enabled": True, "entries": entries, "links": {"self": f"{link}/files"}})


async def file(request: web.Request) -> web.StreamResponse:
    """GET /api/records/ID/files/NAME and its content."""
    deposition, _ = _published(request)
    _may_download(request, deposition)
    return _file_answer(request, deposition)


async def draft_file(request: web.Request) -> web.StreamResponse:
    """GET /api/records/ID/draft/files/NAME and its content; 404 once the draft is published (observed)."""
    return _file_answer(request, own_draft(request))


def _may_download(request: web.Request, deposition: Deposition) -> None:
    right = deposition.publication.metadata.get("access_right", "open") if deposition.publication else "open"
    if right != "open" and account(request) != deposition.owner:
        raise denied()


def _file_answer(request: web.Request, deposition: Deposition) -> web.StreamResponse:
    name = request.match_info["name"]
    entry = deposition.files.get(name)
    if entry is None or entry.pending:
        raise ApiError(404, f"Record '{deposition.id}' has no file '{name}'.")
    if request.path.endswith("/content") or not request.path.startswith("/api/"):
        return send_file(request, deposition, entry)
    link = f"{documents(request).base}/api/records/{deposition.id}"
    return json_answer(_record_file(deposition, entry, link))


async def declare_files(request: web.Request) -> web.Response:
    """POST /api/records/ID/draft/files: InvenioRDM's own call that notes files to come, as the web form does."""
    deposition = own_draft(request)
    keys = await read_declared(request)
    async with service(request).turns.turn(deposition.id, patient=request.get(PATIENT, False)):
        still_there(request, deposition)
        for key in keys:
            must_take_files(deposition, key)
            if key in deposition.files:
                raise ApiError(400, f"File with key {key} already exists.")
        for key in keys:
            service(request).store.declare_file(deposition, key)
    entries = [
        {"key": entry.key, "status": "pending" if entry.pending else "completed"} for entry in deposition.files.values()
    ]
    return json_answer({"enabled": True, "entries": entries}, status=201)


ROUTES = (
    web.get("/api/records", search),
    web.get("/api/records/{id}", read),
    web.post("/api/records/{id}/versions", version_of_record),
    web.get("/api/records/{id}/versions/latest", latest),
    web.get("/api/records/{id}/files", files),
    web.get("/api/records/{id}/files/{name:[^/]+}", file),
    web.get("/api/records/{id}/files/{name:[^/]+}/content", file),
    web.post("/api/records/{id}/draft/files", declare_files),
    web.get("/api/records/{id}/draft/files/{name:[^/]+}", draft_file),
    web.get("/api/records/{id}/draft/files/{name:[^/]+}/content", draft_file),
    web.get("/records/{id}/files/{name:[^/]+}", file),
)
