"""What every handler asks first: who is asking, which deposition is meant, may they."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Coroutine
from typing import Any
from urllib.parse import unquote

from aiohttp import web
from msgspec import Struct, field

from batchdep.local.documents import Documents
from batchdep.local.errors import ApiError, denied, not_found, server_fault, unknown_pid
from batchdep.local.model import DONE, Deposition
from batchdep.local.options import SOLE_ACCOUNT, LocalOptions
from batchdep.local.store import Store
from batchdep.local.turns import Arrival, Turns

SHORT_PARTS = ("", ".")


class Hold(Struct, eq=False):
    """A trap's grip on a request: its effect comes only ``delay`` seconds after the body was received."""

    delay: float
    received: asyncio.Event = field(default_factory=asyncio.Event)

    async def wait(self) -> None:
        """Say that the body is here, and sit out the delay."""
        self.received.set()
        await asyncio.sleep(self.delay)


class Service(Struct, eq=False):
    """What the handlers share."""

    options: LocalOptions
    store: Store
    turns: Turns
    background: set[asyncio.Task[Any]] = field(default_factory=set)

    def later(self, work: Coroutine[Any, Any, Any]) -> asyncio.Task[Any]:
        """Let work go on after its request was answered."""
        task = asyncio.create_task(work)
        self.background.add(task)
        task.add_done_callback(self._finished)
        return task

    def _finished(self, task: asyncio.Task[Any]) -> None:
        self.background.discard(task)
        if not task.cancelled():
            task.exception()  # nobody is left to be told


SERVICE = web.AppKey("service", Service)
ARRIVAL = web.RequestKey("arrival", Arrival)
HOLD = web.RequestKey("hold", Hold)
PATIENT = web.RequestKey("patient", bool)
CREATED = web.RequestKey("created", int)
TRAP = web.RequestKey("trap", str)
NUMBER = web.RequestKey("number", int)
LONGEST_ID = 18


def service(request: web.Request) -> Service:
    """What the handlers share."""
    return request.app[SERVICE]


def documents(request: web.Request) -> Documents:
    """Writes answers with links to the address that was asked."""
    return Documents(f"{request.scheme}://{request.host}", service(request).options)


async def hold(request: web.Request) -> None:
    """The point after which a request takes effect; a trap may make it late."""
    if (grip := request.get(HOLD)) is not None:
        await grip.wait()


def account(request: web.Request) -> str | None:
    """The account whose token came with the request, or None for nobody. ``bearer`` in any case, or in the address."""
    accounts = service(request).options.accounts
    if not accounts:
        return SOLE_ACCOUNT
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer":
        token = request.query.get("access_token", "")
    return accounts.get(token.strip())


def signed_in(request: web.Request) -> str:
    """The account that asks. Raises 403 for nobody."""
    name = account(request)
    if name is None:
        raise denied()
    return name


def named_deposition(request: web.Request) -> Deposition | None:
    """The deposition that the path names, by its id or its bucket, whoever asks."""
    store = service(request).store
    if (number := request.match_info.get("id")) is not None:
        digits = number.isascii() and number.isdigit() and len(number) <= LONGEST_ID
        return store.find(int(number)) if digits else None
    if (parts := bucket_path(request)) is not None:
        return store.in_bucket(parts[0])
    return None


def bucket_path(request: web.Request) -> list[str] | None:
    """The parts of a path below /api/files, the first of them the bucket; None for another path.

    The proxy decodes the path and tidies it before anybody else sees it (observed: ``/x`` is stored as ``x``,
    ``a/../b`` as ``b``), so a slash sent as %2F is a slash like any other.
    """
    raw = request.raw_path.partition("?")[0]
    if not raw.startswith("/api/files/"):
        return None
    parts: list[str] = []
    for part in unquote(raw.removeprefix("/api/files/"), errors="replace").split("/"):
        if part == "..":
            del parts[-1:]
        elif part not in SHORT_PARTS:
            parts.append(part)
    return parts or [""]


def any_deposition(request: web.Request) -> Deposition:
    """The deposition that the path names. Raises 404 when there is none, whoever asks."""
    found = named_deposition(request)
    if found is None:
        raise unknown_pid()
    return found


def own_deposition(request: web.Request) -> Deposition:
    """The asking account's own deposition. Raises 404 for none, 403 for another's or nobody."""
    found = any_deposition(request)
    if found.owner != account(request):
        raise denied()
    return found


def own_draft(request: web.Request) -> Deposition:
    """The asking account's own draft, or record being edited. Raises 404 once it is published."""
    found = own_deposition(request)
    if found.state == DONE:
        raise not_found()
    return found


def own_bucket(request: web.Request, bucket: str) -> Deposition:
    """The asking account's own deposition by its bucket. Raises 500 for no uuid, 404 for none, 403 for another's."""
    try:
        uuid.UUID(bucket)
    except ValueError:
        raise server_fault() from None
    found = service(request).store.in_bucket(bucket)
    if found is None:
        raise ApiError(404, "Bucket does not exist.")
    if found.owner != account(request):
        raise denied()
    return found


def still_there(request: web.Request, deposition: Deposition) -> None:
    """Raises 404 when the deposition was deleted while a request waited for its turn."""
    if service(request).store.find(deposition.id) is not deposition:
        raise unknown_pid()
