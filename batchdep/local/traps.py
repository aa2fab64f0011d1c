"""What happens now and then: faults with a probability, for trying out a client (``--trap NAME=PROBABILITY``)."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware
from msgspec import Struct

from batchdep.local.answers import json_answer
from batchdep.local.context import HOLD, TRAP, Hold, bucket_path, service
from batchdep.local.errors import ApiError, proxy_page, server_fault
from batchdep.local.frame import FRAME, cut
from batchdep.local.index import EXTRA_DELAY

if TYPE_CHECKING:
    from batchdep.local.options import LocalOptions

Spring = Callable[[web.Request, Handler], Awaitable[web.StreamResponse]]


class Trap(Struct, frozen=True):
    """``spring`` serves the request in its own way; ``concerns`` tells the requests it may catch."""

    spring: Spring
    concerns: Callable[[web.Request], bool]


def _anything(_request: web.Request) -> bool:
    return True


def _is_publish(request: web.Request) -> bool:
    return request.match_info.get("action") == "publish"


def _has_body(request: web.Request) -> bool:
    return bool(request.content_length)


def _is_upload(request: web.Request) -> bool:
    return request.method == "PUT" and bucket_path(request) is not None


def _may_be_late(request: web.Request) -> bool:
    return _is_publish(request) or _is_upload(request)


def _changes(request: web.Request) -> bool:
    return request.method not in {"GET", "HEAD"}


async def _drop_before(request: web.Request, _handler: Handler) -> web.StreamResponse:
    """Cut the connection before anything was read or done."""
    return cut(request)


async def _drop_body(request: web.Request, _handler: Handler) -> web.StreamResponse:
    """Cut the connection in the middle of the body."""
    half, received = (request.content_length or 0) // 2, 0
    while received < half and (chunk := await request.content.readany()):
        received += len(chunk)
    return cut(request)


async def _drop_after(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Do the work, then cut the connection instead of answering."""
    await _do(request, handler)
    return cut(request)


async def _gateway_done(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Do the work and answer 504."""
    await _do(request, handler)
    return proxy_page(504, "Gateway Time-out")


async def _gateway_late(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Answer 504 once the body is there; the work is done some seconds later."""
    request[HOLD] = grip = Hold(service(request).options.late)
    work = service(request).later(request.app[FRAME].do_late(request, handler))
    received = asyncio.create_task(grip.received.wait())
    await asyncio.wait({work, received}, return_when=asyncio.FIRST_COMPLETED)
    received.cancel()
    return proxy_page(504, "Gateway Time-out")


async def _gateway_never(request: web.Request, _handler: Handler) -> web.StreamResponse:
    """Read the body and answer 504; nothing is ever done."""
    await _read_away(request)
    return proxy_page(504, "Gateway Time-out")


async def _late_index(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Do the work and answer well; the list shows it some seconds later than usual."""
    token = EXTRA_DELAY.set(service(request).options.late)
    try:
        return await handler(request)
    finally:
        EXTRA_DELAY.reset(token)


async def _html(request: web.Request, _handler: Handler) -> web.StreamResponse:
    """A page with 200 in place of the answer, as a captive portal or a maintenance notice sends it."""
    await _read_away(request)
    return web.Response(text="<!doctype html><title>Welcome</title><p>Please sign in.", content_type="text/html")


async def _server_fault(request: web.Request, _handler: Handler) -> web.StreamResponse:
    """500 in JSON; nothing done."""
    await _read_away(request)
    return server_fault().response()


async def _throttled(request: web.Request, _handler: Handler) -> web.StreamResponse:
    """429 with Retry-After and no budget left for a second."""
    await _read_away(request)
    headers = {
        "Retry-After": "1",
        "X-RateLimit-Limit": "133",
        "X-RateLimit-Remaining": "0",
        "X-RateLimit-Reset": str(int(time.time()) + 1),
    }
    return json_answer({"message": "133 per 1 minute", "status": 429}, status=429, headers=headers)


def _proxy(status: int, reason: str) -> Spring:
    async def spring(request: web.Request, _handler: Handler) -> web.StreamResponse:
        await _read_away(request)
        return proxy_page(status, reason)

    return spring


async def _do(request: web.Request, handler: Handler) -> None:
    try:
        await handler(request)
    except (ApiError, web.HTTPException):
        return  # refused: that is what is not told


async def _read_away(request: web.Request) -> None:
    while await request.content.readany():
        pass


TRAPS: Mapping[str, Trap] = {
    "drop-before": Trap(_drop_before, _anything),
    "drop-body": Trap(_drop_body, _has_body),
    "drop-after": Trap(_drop_after, _anything),
    "504-done": Trap(_gateway_done, _changes),
    "504-late": Trap(_gateway_late, _may_be_late),
    "504-never": Trap(_gateway_never, _changes),
    "publish-504": Trap(_gateway_done, _is_publish),
    "500": Trap(_server_fault, _anything),
    "502": Trap(_proxy(502, "Bad Gateway"), _anything),
    "503": Trap(_proxy(503, "Service Temporarily Unavailable"), _anything),
    "429": Trap(_throttled, _anything),
    "html": Trap(_html, _anything),
    "late-index": Trap(_late_index, _changes),
}


def trap_middleware(options: LocalOptions) -> Middleware:
    """A middleware that lets at most one trap catch a request to the API; the dice are seeded by the options."""
    dice = random.Random(options.seed)  # noqa: S311 - for faults, not for secrets
    chosen = [(name, TRAPS[name], probability) for name, probability in options.traps.items()]

    @web.middleware
    async def middleware(request: web.Request, handler: Handler) -> web.StreamResponse:
        if request.path.startswith("/api/"):
            for name, trap, probability in chosen:
                if trap.concerns(request) and dice.random() < probability:
                    request[TRAP] = name
                    return await trap.spring(request, handler)
        return await handler(request)

    return middleware
