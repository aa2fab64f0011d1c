"""What happens around every request: guard, journal, rate limit, delay, and errors put into the API's shape."""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from contextlib import AbstractContextManager, nullcontext
from urllib.parse import urlsplit

from aiohttp import web
from aiohttp.typedefs import Handler
from msgspec import Struct, field

from batchdep.local.bodies import BROKEN_BODY
from batchdep.local.context import ARRIVAL, CREATED, NUMBER, PATIENT, TRAP, bucket_path, named_deposition, service
from batchdep.local.errors import ApiError, ProxyError, TurnTimedOutError, proxy_page, server_fault
from batchdep.local.journal import Journal
from batchdep.local.limits import Limiter
from batchdep.local.model import Deposition
from batchdep.local.options import is_loopback
from batchdep.local.turns import Arrival

logger = logging.getLogger(__name__)


class Stats(Struct):
    """What a server has done so far: requests, how they ended, and the bytes of their bodies."""

    requests: int = 0
    unanswered: int = 0
    received: int = 0
    statuses: Counter[int] = field(default_factory=Counter)


class Frame(Struct, eq=False, dict=True):
    """The outermost middleware."""

    journal: Journal | None
    limiter: Limiter
    answer_delay: float
    stats: Stats = field(default_factory=Stats)

    async def __call__(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Serve one request from its arrival to its answer."""
        deposition = named_deposition(request)
        self.stats.requests += 1
        request[NUMBER] = self.journal.start(request, deposition) if self.journal else self.stats.requests
        status: int | None = None
        try:
            with _arrival(request, deposition) as request[ARRIVAL]:
                response = await self._serve(request, handler)
                if self.answer_delay:
                    await asyncio.sleep(self.answer_delay)
            if request.transport is not None and not request.transport.is_closing():
                status = response.status
            return response
        finally:
            self._end(request, status)

    def _end(self, request: web.Request, status: int | None) -> None:
        received = getattr(request.content, "total_bytes", 0)
        self.stats.received += received
        if status is None:
            self.stats.unanswered += 1
        else:
            self.stats.statuses[status] += 1
        if self.journal:
            self.journal.end(request[NUMBER], status, received, request.get(TRAP), request.get(CREATED))

    async def _serve(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        if (refusal := _guard(request)) is not None:
            return refusal
        verdict = self.limiter.count(request)
        response = (verdict.refusal() if verdict else None) or await self._respond(request, handler)
        if verdict and not response.prepared:
            for name, value in verdict.headers.items():
                response.headers.setdefault(name, value)
        return response

    async def _respond(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        try:
            return await handler(request)
        except ApiError as error:
            return error.response() if request.path.startswith("/api/") else _plain(error.status, error.message)
        except ProxyError as error:
            return error.response()
        except web.HTTPException as error:
            return _in_api_shape(request, error)
        except TurnTimedOutError:
            return self._give_up_waiting(request, handler)
        except BROKEN_BODY:
            return cut(request)
        except Exception:
            logger.exception("%s %s failed", request.method, request.path)
            return server_fault().response()

    def _give_up_waiting(self, request: web.Request, handler: Handler) -> web.Response:
        """The proxy answers 504; what had its body whole goes on waiting and is done later (observed)."""
        if request.content.at_eof():
            request[PATIENT] = True
            service(request).later(self.do_late(request, handler))
        return proxy_page(504, "Gateway Time-out")

    async def do_late(self, request: web.Request, handler: Handler) -> None:
        """Work whose answer nobody waits for any more."""
        await self._respond(request, handler)
        if self.journal:
            self.journal.effect(request[NUMBER])


FRAME = web.AppKey("frame", Frame)


def cut(request: web.Request) -> web.Response:
    """Cut the connection; the response is never sent."""
    if request.transport is not None:
        request.transport.abort()
    return web.Response(status=500)


def _plain(status: int, message: str) -> web.Response:
    """What somebody with a browser is told."""
    return web.Response(status=status, text=f"{status}: {message}")


def _guard(request: web.Request) -> web.Response | None:
    """A page of a foreign site, seen in a browser on this machine, must not work here."""
    if not is_loopback(urlsplit(f"//{request.host}").hostname or ""):
        return ApiError(421, "This repository answers on this machine only.").response()
    origin = request.headers.get("Origin")
    if origin is not None and not is_loopback(urlsplit(origin).hostname or ""):
        return ApiError(403, "Requests from pages of other sites are refused.").response()
    return None


def _arrival(request: web.Request, deposition: Deposition | None) -> AbstractContextManager[Arrival]:
    kind = _kind(request)
    if deposition is None or kind is None:
        return nullcontext(Arrival())
    return service(request).turns.arrival(deposition.id, kind)


def _kind(request: web.Request) -> str | None:
    """Which requests are rivals of this one; None when they cannot disturb each other."""
    if (action := request.match_info.get("action")) is not None:
        return f"action {action}"
    if request.method != "PUT":
        return None
    parts = bucket_path(request)
    return "metadata" if parts is None else f"file {'/'.join(parts[1:])}"


def _in_api_shape(request: web.Request, error: web.HTTPException) -> web.StreamResponse:
    if error.status < 400 or not request.path.startswith("/api/") or error.content_type == "text/html":
        return web.Response(status=error.status, headers=error.headers, text=error.text)
    messages = {
        404: "The requested URL was not found on the server.",
        405: "The method is not allowed for the requested URL.",
    }
    return ApiError(error.status, messages.get(error.status, error.reason)).response()
