"""Stays within the repository's rate limits ahead of time: a request waits here rather than earn a 429.

Every answer of Zenodo's deposit API says ``X-RateLimit-Limit``, ``-Remaining`` and ``-Reset`` (Unix seconds, by the
server's clock, whole). There is one budget for all routes, kept in fixed windows (so many requests a minute, so many
an hour) of which an answer names the tightest. ``Retry-After`` comes with good answers too and then means nothing.
"""

from __future__ import annotations

import asyncio
import math
import random
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from batchdep.repository.clock import ServerClock, parse_http_date

CANARY_SECONDS: Final = 10.0
"""How long the first request may stay unanswered before a second one is let go: it may be a long upload."""

RESET_GRAIN: Final = 1.0
"""``X-RateLimit-Reset`` has whole seconds: a window may last that much longer than it says."""

CUSTOMARY_PERIODS: Final = (60.0, 3600.0, 86400.0)
"""Seconds: a window whose reset is about so far from its first request lasts exactly so long."""

LONGEST_PAUSE: Final = 24 * 3600.0
"""Seconds: a server that asks for more is asked again after a day."""

FIRST_BACKOFF: Final = 2.0
LAST_BACKOFF: Final = 300.0
BELIEVED_REFUSALS: Final = 3
"""So many refusals in a row are waited out as told; after that the waits grow as well."""

DOCUMENTED_LIMITS: Final[Mapping[int, float]] = {100: 60.0, 5000: 3600.0}
"""Requests a window and its seconds, signed in, by Zenodo's documentation: for plans made before any answer."""


def retry_after(headers: Mapping[str, str], server_time: float) -> float | None:
    """Seconds that ``Retry-After`` asks to wait, given as seconds or as a date (RFC 9110, 10.2.3)."""
    text = headers.get("Retry-After", "").strip()
    if text.isascii() and text.isdigit():
        return min(float(text[:12]), LONGEST_PAUSE)
    moment = parse_http_date(text)
    return None if moment is None else min(max(moment - server_time, 0.0), LONGEST_PAUSE)


@dataclass(frozen=True, slots=True)
class Budget:
    """What one answer says about the tightest window: requests, requests, Unix seconds of the server's clock."""

    limit: int
    remaining: int
    reset: int

    @classmethod
    def of(cls, headers: Mapping[str, str]) -> Budget | None:
        """From an answer's headers; ``None`` where they are absent or no sensible numbers."""
        try:
            limit, remaining, reset = (
                int(float(headers[f"X-RateLimit-{name}"])) for name in ("Limit", "Remaining", "Reset")
            )
        except (KeyError, ValueError, OverflowError):
            return None
        return cls(limit, max(remaining, 0), reset) if limit > 0 else None


@dataclass(slots=True)
class _Window:
    """One limit's window as last seen. ``over`` is a window that ended: the next answer will tell of a new one.

    ``ends``: when it is over at the latest, on the monotonic clock, where that is known better than from ``reset``.
    """

    limit: int
    remaining: int
    reset: int
    period: float
    ends: float = math.inf
    over: bool = False

    def see(self, budget: Budget, period: float, ends: float) -> None:
        started_anew = budget.reset > self.reset if self.over else budget.reset > self.reset + 1
        if started_anew:
            self.remaining, self.reset, self.over = budget.remaining, budget.reset, False
            self.period, self.ends = max(period, 1.0), ends
        elif not self.over and budget.reset >= self.reset - 1:  # the same window, perhaps rounded differently
            self.remaining, self.reset = min(self.remaining, budget.remaining), max(self.reset, budget.reset)

    def spend(self) -> None:
        """Counts a request whose answer did not tell of this window."""
        self.remaining -= 1

    def seconds_left(self, server_time: float, now: float) -> float:
        """Until it is surely over: by the server's clock or, where that is sooner, by its length."""
        return min(self.reset + RESET_GRAIN - server_time, self.ends - now)

    def renew(self, server_time: float, now: float) -> None:
        """Ends the window once it is surely over."""
        if not self.over and self.seconds_left(server_time, now) <= 0:
            self.over, self.remaining = True, self.limit

    def seconds_for(self, requests: int, free: int, server_time: float) -> float:
        if requests <= free:
            return 0.0
        windows = math.ceil((requests - max(free, 0)) / self.limit)
        rest = self.period if self.over else max(self.reset - server_time, 0.0)
        return rest + (windows - 1) * self.period


def least_seconds(requests: int, limits: Mapping[int, float] = DOCUMENTED_LIMITS) -> float:
    """The least time in seconds that ``requests`` take under ``limits`` (requests a window -> its seconds)."""
    return max((max(math.ceil(requests / limit) - 1, 0) * period for limit, period in limits.items()), default=0.0)


class RateLimiter:
    """Lets requests go, first come first served, as fast as the known windows allow.

    ``acquire`` before each request, ``release`` after it with what came back. Until the first answer is there, and
    again after a refusal, the budget is unknown, so a single request goes ahead to find out.
    """

    def __init__(
        self,
        clock: ServerClock | None = None,
        *,
        monotonic: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        jitter: Callable[[], float] = random.random,
    ) -> None:
        self._clock = clock or ServerClock(monotonic)
        self._monotonic = monotonic
        self._sleep = sleep
        self._jitter = jitter
        self._windows: dict[int, _Window] = {}
        self._in_flight = 0
        self._budget_known = False
        self._last_start = -math.inf
        self._paused_until = -math.inf
        self._refusals = 0
        self._closed = False
        self._turn = asyncio.Lock()
        self._changed = asyncio.Event()
        self.waiting_until: float | None = None
        """When the next request may go, on the monotonic clock, while one waits for that; for display."""

    async def acquire(self) -> bool:
        """Waits until one more request may be sent, and counts it as in flight. False once it was closed."""
        async with self._turn:
            while not self._closed and (seconds := self._seconds_to_wait()) > 0:
                await self._wait(seconds)
            if self._closed:
                return False
            self._in_flight += 1
            self._last_start = self._monotonic()
            return True

    def close(self) -> None:
        """Lets no request go any more; those who wait learn of it at once."""
        self._closed = True
        self._changed.set()

    def release(self, status: int | None, headers: Mapping[str, str], *, reached: bool = True) -> None:
        """Takes note of a request's end: its answer's status and headers, or ``None`` where no answer came.

        ``reached`` is False for a request that surely never got to the server.
        """
        self._in_flight -= 1
        budget = Budget.of(headers)
        if budget is not None:
            self._see(budget)
        for limit, window in self._windows.items():
            if reached and (budget is None or budget.limit != limit):
                window.spend()
        if status is not None:
            self._note_refusal(status, headers)
        self._changed.set()

    def seconds_for(self, requests: int) -> float:
        """The least time in seconds that so many requests take from now under the windows seen so far."""
        self._renew()
        now = self._clock.earliest()
        waits = (
            window.seconds_for(requests, window.remaining - self._in_flight, now) for window in self._windows.values()
        )
        return max(*waits, self._paused_until - self._monotonic(), 0.0, 0.0)

    def _see(self, budget: Budget) -> None:
        period = budget.reset - self._clock.earliest()
        ends = self._end_of(budget, period)
        window = self._windows.get(budget.limit)
        if window is None:
            self._windows[budget.limit] = _Window(budget.limit, budget.remaining, budget.reset, max(period, 1.0), ends)
        else:
            window.see(budget, period, ends)

    def _end_of(self, budget: Budget, period: float) -> float:
        """When a window that this very request opened is over: it was opened by now at the latest, so no whole seconds
        of the server's clock, rounded one way or the other, need be waited for."""
        if budget.remaining == budget.limit - 1:
            for customary in CUSTOMARY_PERIODS:
                if customary - 2.5 <= period <= customary + 2.5:
                    return self._monotonic() + customary
        return math.inf

    def _note_refusal(self, status: int, headers: Mapping[str, str]) -> None:
        asked = retry_after(headers, self._clock.earliest())
        if status == 429:
            self._refusals += 1
            self._pause(self._refused_for(asked, Budget.of(headers)))
        elif status == 503 and asked is not None:
            self._pause(asked)
        else:
            self._refusals = 0
            self._budget_known = True

    def _pause(self, seconds: float) -> None:
        self._paused_until = max(self._paused_until, self._monotonic() + seconds)
        self._budget_known = False

    def _refused_for(self, asked: float | None, budget: Budget | None) -> float:
        """Seconds of silence after a 429: what it asked for, believed as long as obeying helps."""
        if asked is None and budget is not None and budget.remaining == 0:
            asked = min(budget.reset + RESET_GRAIN - self._clock.earliest(), LONGEST_PAUSE)
        most: float = min(FIRST_BACKOFF * 2.0 ** min(self._refusals - 1, 16), LAST_BACKOFF)
        backoff = most * (0.5 + self._jitter() / 2)
        if asked is None or self._refusals > BELIEVED_REFUSALS:
            return max(asked or 0.0, backoff)
        return max(asked, 1.0)

    def _renew(self) -> None:
        server_time, now = self._clock.earliest(), self._monotonic()
        for window in self._windows.values():
            window.renew(server_time, now)

    def _seconds_to_wait(self) -> float:
        """0: go. Infinite: until another request has ended."""
        now = self._monotonic()
        if self._paused_until > now:
            return self._paused_until - now
        if not self._budget_known and self._in_flight:
            return max(self._last_start + CANARY_SECONDS - now, 0.0)
        self._renew()
        return max((self._seconds_closed(window) for window in self._windows.values()), default=0.0)

    def _seconds_closed(self, window: _Window) -> float:
        if window.remaining - self._in_flight > 0:
            return 0.0
        if window.over:  # spent on answers that told nothing: one request goes to find out
            return math.inf if self._in_flight else 0.0
        # a hair more than computed, so that rounding cannot make the timer fire just before the window's end
        return max(window.seconds_left(self._clock.earliest(), self._monotonic()), 0.0) + 0.001

    async def _wait(self, seconds: float) -> None:
        """Until something changed, at most ``seconds``."""
        self._changed.clear()
        waiters: list[asyncio.Future[Any]] = [asyncio.ensure_future(self._changed.wait())]
        if seconds < math.inf:
            waiters.append(asyncio.ensure_future(self._sleep(seconds)))
            self.waiting_until = self._monotonic() + seconds
        try:
            await asyncio.wait(waiters, return_when=asyncio.FIRST_COMPLETED)
        finally:
            self.waiting_until = None
            for waiter in waiters:
                waiter.cancel()
