"""The rate limit: fixed windows, one budget for all routes but one, per User-Agent and address (observed: Limits)."""

from __future__ import annotations

import math
import time
from collections.abc import Mapping

from aiohttp import web
from msgspec import Struct

from batchdep.local.answers import json_answer
from batchdep.local.options import RateLimit

SEARCH = ("/api/records", RateLimit(30, 60))
"""The path of the search of records, which has a limit of its own in place of the others'."""
UNITS = {1: "second", 60: "minute", 3600: "hour", 86400: "day"}


class _Window(Struct):
    """One limit's present window for one caller; ``ends`` in Unix seconds."""

    limit: RateLimit
    ends: float = 0.0
    used: int = 0

    def count(self, moment: float) -> None:
        if moment >= self.ends:
            # A window begins with the first request that finds none.
            self.ends = moment + self.limit.seconds
            self.used = 0
        self.used += 1

    @property
    def remaining(self) -> int:
        return max(0, self.limit.requests - self.used)

    @property
    def exceeded(self) -> bool:
        return self.used > self.limit.requests


class Verdict(Struct, frozen=True):
    """What the limiter says of a request, and the headers of its answer."""

    headers: Mapping[str, str]
    exceeded: str | None

    def refusal(self) -> web.Response | None:
        """The 429, or None when the request may go on."""
        if self.exceeded is None:
            return None
        return json_answer({"message": self.exceeded, "status": 429}, status=429)


class Limiter:
    """Counts requests. Without limits it says nothing, and answers carry no headers of it."""

    def __init__(self, limits: tuple[RateLimit, ...]) -> None:
        self._limits = limits
        self._callers: dict[tuple[str, str, bool], list[_Window]] = {}

    def count(self, request: web.Request) -> Verdict | None:
        """Count a request and say whether it may go on; None without limits."""
        if not self._limits:
            return None
        path, own_limit = SEARCH
        searches = request.path == path
        caller = (request.headers.get("User-Agent", ""), request.remote or "", searches)
        limits = (own_limit,) if searches else self._limits
        windows = self._callers.setdefault(caller, [_Window(limit) for limit in limits])
        moment = time.time()
        for window in windows:
            window.count(moment)
        tightest = min(windows, key=lambda window: (window.remaining, -window.ends))
        over = next((window for window in windows if window.exceeded), None)
        return Verdict(_headers(over or tightest, moment), describe(over.limit) if over else None)


def describe(limit: RateLimit) -> str:
    """A limit in the server's words: ``133 per 1 minute``."""
    if (unit := UNITS.get(int(limit.seconds))) and limit.seconds == int(limit.seconds):
        return f"{limit.requests} per 1 {unit}"
    return f"{limit.requests} per {limit.seconds:g} second"


def _headers(window: _Window, moment: float) -> Mapping[str, str]:
    return {
        "X-RateLimit-Limit": str(window.limit.requests),
        "X-RateLimit-Remaining": str(window.remaining),
        # Rounded up, so that a caller who waits until then finds the window over.
        "X-RateLimit-Reset": str(math.ceil(window.ends)),
        # Sent on good answers too.
        "Retry-After": str(max(0, math.ceil(window.ends - moment))),
    }
