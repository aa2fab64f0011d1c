"""Look-ups of licences, awards, funders and communities (observed: Tokens and limits, Look-ups)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from aiohttp import web

from batchdep.local.answers import json_answer
from batchdep.local.context import documents
from batchdep.local.model import Json
from batchdep.local.vocab import AWARDS, COMMUNITIES, FUNDERS, licences

PAGE_SIZE = 25
LARGEST_PAGE = 100


def _hits(request: web.Request, entries: Iterable[Json]) -> web.Response:
    """The entries whose words contain all of ``q``, a page of them, in the search's shape. A backslash takes a sign's
    meaning from it; signs have none here."""
    words = request.query.get("q", "").lower().replace("*", " ").replace("\\", "").split()
    found = [entry for entry in entries if all(word in " ".join(_words(entry)).lower() for word in words)]
    size, page = _whole(request, "size", PAGE_SIZE), _whole(request, "page", 1)
    size = min(size, LARGEST_PAGE)
    return json_answer({"hits": {"hits": found[(page - 1) * size : page * size], "total": len(found)}})


def _words(value: object) -> Iterator[str]:
    if isinstance(value, dict):
        for item in value.values():
            yield from _words(item)
    elif isinstance(value, str):
        yield value


def _whole(request: web.Request, name: str, default: int) -> int:
    text = request.query.get(name, "")
    return max(1, int(text)) if text.isdigit() and len(text) < len(str(2**31)) else default


async def licences_found(request: web.Request) -> web.Response:
    """GET /api/vocabularies/licenses?q="""
    return _hits(request, ({"id": key, "title": {"en": name}} for key, name in licences().items()))


async def licence(request: web.Request) -> web.Response:
    """GET /api/vocabularies/licenses/ID"""
    key = request.match_info["key"]
    if key not in licences():
        raise web.HTTPNotFound
    return json_answer({"id": key, "title": {"en": licences()[key]}})


async def awards_found(request: web.Request) -> web.Response:
    """GET /api/awards?q="""
    return _hits(request, (_award(key, title) for key, title in AWARDS.items()))


def _award(key: str, title: str) -> Json:
    funder, _, number = key.partition("::")
    ror, name = FUNDERS[funder]
    return {"id": f"{ror}::{number}", "number": number, "title": {"en": title}, "funder": {"id": ror, "name": name}}


async def funders_found(request: web.Request) -> web.Response:
    """GET /api/funders?q="""
    entries = dict(FUNDERS.values())
    return _hits(request, ({"id": ror, "name": name, "title": {"en": name}} for ror, name in entries.items()))


async def communities_found(request: web.Request) -> web.Response:
    """GET /api/communities?q="""
    return _hits(request, ({"id": key, "slug": key, "metadata": {"title": name}} for key, name in COMMUNITIES.items()))


async def old_licences(request: web.Request) -> web.StreamResponse:
    """GET /api/licenses, with or without a slash: moved."""
    raise web.HTTPMovedPermanently(
        f"{documents(request).base}/api/vocabularies/licenses",
        text="<!doctype html>\n<title>Redirecting...</title>\n<h1>Redirecting...</h1>\n",
        content_type="text/html",
    )


ROUTES = (
    web.get("/api/licenses", old_licences),
    web.get("/api/licenses/", old_licences),
    web.get("/api/vocabularies/licenses", licences_found),
    web.get("/api/vocabularies/licenses/{key}", licence),
    web.get("/api/awards", awards_found),
    web.get("/api/funders", funders_found),
    web.get("/api/communities", communities_found),
)
