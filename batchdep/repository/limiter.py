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
from contextlib import AbstractContextManager, nullcontext
from typing import Any, Final, Protocol

from batchdep.repository.clock import ServerClock, parse_http_date
from batchdep.repository.windows import (
    CUSTOMARY_PERIODS,
    RESET_GRAIN,
    Allowance,
    Assumed,
    Budget,
    Ledger,
    Outlook,
    Window,
    likely_period,
)

CANARY_SECONDS: Final = 10.0
"""How long the first request may stay unanswered before a second one is let go: it may be a long upload."""

LONGEST_PAUSE: Final = 24 * 3600.0
"""Seconds: a server that asks for more is asked again after a day."""

FIRST_BACKOFF: Final = 2.0
LAST_BACKOFF: Final = 300.0
BELIEVED_REFUSALS: Final = 3
"""So many refusals in a row are waited out as told; after that the waits grow as well."""

LOOK_AGAIN: Final = 0.1
"""Seconds after which a limiter that waits for requests of other processes looks what became of them."""


def retry_after(headers: Mapping[str, str], server_time: float) -> float | None:
    """Seconds that ``Retry-After`` asks to wait, given as seconds or as a date (RFC 9110, 10.2.3)."""
    text = headers.get("Retry-After", "").strip()
    if text.isascii() and text.isdigit():
        return min(float(text[:12]), LONGEST_PAUSE)
    moment = parse_http_date(text)
    return None if moment is None else min(max(moment - server_time, 0.0), LONGEST_PAUSE)


_ALONE: Final = nullcontext()


class Sharing(Protocol):
    """Where processes that a repository counts as one keep what they know."""

    def concerns(self, ledger: Ledger) -> bool:
        """Whether there is anything to share; costs nothing to ask."""

    def open(self, ledger: Ledger) -> AbstractContextManager[object]:
        """Brings ``ledger`` up to what all know; what is changed in it meanwhile is known to all afterwards."""

    def close(self) -> None:
        """Nothing is shared any more."""


class RateLimiter:
    """Lets requests go, first come first served, as fast as the known windows allow.

    ``acquire`` before each request, ``release`` after it with what came back. Until the first answer is there, and
    again after a refusal, the budget is unknown, so a single request goes ahead to find out. ``sharing``: other
    processes draw on the same budget.
    """

    def __init__(
        self,
        clock: ServerClock | None = None,
        *,
        sharing: Sharing | None = None,
        monotonic: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        jitter: Callable[[], float] = random.random,
    ) -> None:
        self._clock = clock or ServerClock(monotonic)
        self._monotonic = monotonic
        self._sleep = sleep
        self._jitter = jitter
        self._sharing = sharing
        self._ledger = Ledger()
        self._budget_known: bool | None = None
        self._last_start = -math.inf
        self._refusals = 0
        self._customary = True
        self._closed = False
        self._told = False
        self._assumed: Assumed | None = None
        self._held = 0.0
        self._held_since: float | None = None
        self._turn = asyncio.Lock()
        self._changed = asyncio.Event()
        self.waiting_until: float | None = None
        """When the next request may go, on the monotonic clock, while one waits for that; for display."""

    async def acquire(self) -> bool:
        """Waits until one more request may be sent, and counts it as in flight. False once it was closed."""
        async with self._turn:
            while not self._closed:
                if (seconds := self._begin()) <= 0:
                    return True
                await self._wait(seconds)
            return False

    def _begin(self) -> float:
        """Counts one more request as in flight; or the seconds to wait before that may be."""
        ledger = self._ledger
        with self._shared():
            if self._budget_known is None:
                self._begin_with(ledger)
            seconds = self._seconds_to_wait()
            if seconds <= 0:
                ledger.mine += 1
                self._last_start = self._monotonic()
            return seconds

    def _begin_with(self, ledger: Ledger) -> None:
        """Another process, or an earlier run, may have been told a moment ago; what is over is not believed."""
        self._renew()
        ledger.windows = {limit: window for limit, window in ledger.windows.items() if not window.over}
        self._budget_known = bool(ledger.windows)

    def _shared(self) -> AbstractContextManager[object]:
        if self._sharing is None or not self._sharing.concerns(self._ledger):
            return _ALONE
        return self._sharing.open(self._ledger)

    def end(self) -> None:
        """No request comes or is under way any more."""
        if self._sharing is not None:
            self._sharing.close()

    def close(self) -> None:
        """Lets no request go any more; those who wait learn of it at once."""
        self._closed = True
        self._changed.set()

    def release(
        self, status: int | None, headers: Mapping[str, str], *, reached: bool = True, asked: float | None = None
    ) -> None:
        """Takes note of a request's end: its answer's status and headers, or ``None`` where no answer came.

        ``reached`` is False for a request that surely never got to the server; ``asked``: when it was sent, on the
        monotonic clock.
        """
        budget = Budget.of(headers)
        ledger = self._ledger
        with self._shared():
            ledger.mine -= 1
            if budget is not None:
                self._see(budget, self._monotonic() if asked is None else asked)
            self._assume(budget)
            for limit, window in ledger.windows.items():
                if reached and (budget is None or budget.limit != limit):
                    window.spend()
            if status is not None:
                self._note_refusal(status, headers)
        self._changed.set()

    def outlook(self) -> Outlook:
        """What the windows seen so far allow from now on."""
        self._renew()
        now, ledger = self._monotonic(), self._ledger
        held = self._held + (0.0 if self._held_since is None else now - self._held_since)
        allowances = [self._allowance(window, now) for window in ledger.windows.values()]
        if (hour := self._assumed) is not None and hour.limit not in ledger.windows:
            allowances.append(Allowance(hour.limit, hour.period, hour.free - ledger.mine, hour.ends))
        return Outlook(tuple(allowances), ledger.mine, ledger.paused_until, held)

    def _allowance(self, window: Window, now: float) -> Allowance:
        left = window.seconds_left(self._clock.earliest(), now)
        if window.over:  # the next one began with the first request after it, if there was one
            left = window.period + (left if window.remaining < window.limit and left > -window.period else 0.0)
        return Allowance(window.limit, window.period, window.remaining - self._ledger.under_way, now + left)

    def _see(self, budget: Budget, asked: float) -> None:
        window = self._ledger.windows.get(budget.limit)
        just_opened = budget.remaining >= budget.limit - 1 - self._ledger.under_way
        period = likely_period(budget.limit, budget.reset - self._clock.earliest(), just_opened=just_opened)
        if window is not None and not just_opened:
            period = max(period, window.period)
        ends = self._end_of(budget, asked)
        if window is None:
            self._ledger.windows[budget.limit] = Window(budget.limit, budget.remaining, budget.reset, period, ends)
        else:
            window.see(budget, period, ends)

    def _assume(self, budget: Budget | None) -> None:
        """The hour that goes with the minute counts, too, though answers do not tell of it yet."""
        now = self._monotonic()
        if self._assumed is not None:
            self._assumed = self._assumed if self._assumed.spend(budget, now) else None
        elif budget is not None and not self._told:
            self._assumed = Assumed.with_(budget, now)
        self._told = self._told or budget is not None

    def _end_of(self, budget: Budget, asked: float) -> float:
        """When a window that this very request opened is over: it was opened between ``asked`` and now, so of the
        whole seconds of the server's clock, rounded one way or the other, none need be waited for."""
        if not self._customary or budget.remaining != budget.limit - 1:
            return math.inf
        now = self._monotonic()
        least = budget.reset - 1 - self._clock.latest()
        most = budget.reset + 1 - (self._clock.earliest() - (now - asked))
        return next((now + period for period in CUSTOMARY_PERIODS if least <= period <= most), math.inf)

    def _note_refusal(self, status: int, headers: Mapping[str, str]) -> None:
        asked = retry_after(headers, self._clock.earliest())
        if status == 429:
            self._refusals += 1
            self._customary = False  # whatever was wrong with the windows' ends
            self._pause(self._refused_for(asked, Budget.of(headers)))
        elif status == 503 and asked is not None:
            self._pause(asked)
        else:
            self._refusals = 0
            self._budget_known = True

    def _pause(self, seconds: float) -> None:
        self._ledger.paused_until = max(self._ledger.paused_until, self._monotonic() + seconds)
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
        for window in self._ledger.windows.values():
            window.renew(server_time, now)

    def _seconds_to_wait(self) -> float:
        """0: go. Infinite: until another request has ended."""
        now, ledger = self._monotonic(), self._ledger
        if ledger.paused_until > now:
            return ledger.paused_until - now
        if not self._budget_known and ledger.mine:
            return max(self._last_start + CANARY_SECONDS - now, 0.0)
        self._renew()
        seconds = max((self._seconds_closed(window) for window in ledger.windows.values()), default=0.0)
        return min(seconds, LOOK_AGAIN) if ledger.elsewhere else seconds

    def _seconds_closed(self, window: Window) -> float:
        if window.remaining - self._ledger.under_way > 0:
            return 0.0
        if window.over:  # spent on answers that told nothing: one request goes to find out
            return math.inf if self._ledger.under_way else 0.0
        # a hair more than computed, so that rounding cannot make the timer fire just before the window's end
        return max(window.seconds_left(self._clock.earliest(), self._monotonic()), 0.0) + 0.001

    async def _wait(self, seconds: float) -> None:
        """Until something changed, at most ``seconds``."""
        self._changed.clear()
        waiters: list[asyncio.Future[Any]] = [asyncio.ensure_future(self._changed.wait())]
        if seconds < math.inf:
            waiters.append(asyncio.ensure_future(self._sleep(seconds)))
            self.waiting_until = self._monotonic() + seconds
        self._held_since = self._monotonic()
        try:
            await asyncio.wait(waiters, return_when=asyncio.FIRST_COMPLETED)
        finally:
            self._held += self._monotonic() - self._held_since
            self._held_since = self.waiting_until = None
            for waiter in waiters:
                waiter.cancel()
