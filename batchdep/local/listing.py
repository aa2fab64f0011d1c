"""The list of one's depositions: GET depositions (observed: List)."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from aiohttp import web
from msgspec import Struct

from batchdep.local.answers import json_answer
from batchdep.local.bodies import must_accept_json
from batchdep.local.context import documents, service, signed_in
from batchdep.local.errors import ApiError, FieldError, invalid
from batchdep.local.model import Deposition
from batchdep.local.queries import matcher

LARGEST_PAGE = 100
LARGEST_WINDOW = 10_000
BAD_QUERY = "Invalid querystring parameters."

SORTS: dict[str, tuple[Callable[[Deposition], object], bool]] = {
    "newest": (lambda deposition: (deposition.created, deposition.id), True),
    "bestmatch": (lambda deposition: (deposition.created, deposition.id), True),
    "mostrecent": (lambda deposition: (deposition.modified, deposition.id), True),
    "-mostrecent": (lambda deposition: (deposition.modified, deposition.id), False),
}
"""By ``sort``: what is compared, and whether the greatest comes first."""


class Page(Struct, frozen=True):
    """A page of the list: ``number`` counts from 1."""

    number: int
    size: int

    def of(self, found: list[Deposition]) -> list[Deposition]:
        """The page's part."""
        return found[(self.number - 1) * self.size : self.number * self.size]


async def read(request: web.Request) -> web.Response:
    """An array and nothing else: no total, no Link. ``status`` and unknown parameters are ignored."""
    must_accept_json(request)
    owner = signed_in(request)
    page, sort = _page(request), request.query.get("sort", "newest")
    if sort not in SORTS:
        raise invalid([FieldError("sort", f"Invalid sort option '{sort}'.")])
    found: Iterable[Deposition] = (entry for entry in service(request).store.index if entry.owner == owner)
    if request.query.get("all_versions", "").lower() not in {"true", "1"}:
        found = latest_versions(found)
    if query := request.query.get("q", "").strip():
        found = filter(matcher(query), found)
    key, reverse = SORTS[sort]
    ordered = sorted(found, key=key, reverse=reverse)  # type: ignore[arg-type]
    written = documents(request)
    return json_answer([written.deposition(entry, with_bucket=False) for entry in page.of(ordered)])


def latest_versions(depositions: Iterable[Deposition]) -> list[Deposition]:
    """The latest of each concept; an open draft of a new version hides the published one."""
    latest: dict[int, Deposition] = {}
    for deposition in depositions:
        known = latest.get(deposition.conceptrecid)
        if known is None or known.id < deposition.id:
            latest[deposition.conceptrecid] = deposition
    return list(latest.values())


def _page(request: web.Request) -> Page:
    try:
        page = Page(int(request.query.get("page", "1")), int(request.query.get("size", "25")))
    except ValueError:
        raise ApiError(400, BAD_QUERY) from None
    if page.size > LARGEST_PAGE:
        raise ApiError(400, f"Page size cannot be greater than {LARGEST_PAGE}.")
    if page.size < 1 or page.number < 1 or page.number * page.size > LARGEST_WINDOW:
        raise ApiError(400, BAD_QUERY)
    return page
