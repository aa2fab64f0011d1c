"""The windows in which a repository counts requests, as far as its answers tell of them."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Final

from msgspec import Struct, field
from msgspec.structs import replace

RESET_GRAIN: Final = 1.0
"""``X-RateLimit-Reset`` has whole seconds: a window may last that much longer than it says."""

CUSTOMARY_PERIODS: Final = (86400.0, 3600.0, 360.0, 60.0, 6.0)
"""Seconds: a day, an hour, a minute, and the tenths of these that a repository for trying things out may have. A window
whose length, by whole seconds, may be one of these has that length."""

DOCUMENTED_LIMITS: Final[Mapping[int, float]] = {100: 60.0, 5000: 3600.0}
"""Requests a window and its seconds, signed in, by Zenodo's documentation: for plans made before any answer."""

COMPANIONS: Final[Mapping[int, tuple[int, float]]] = {
    100: (5000, 3600.0),
    60: (2000, 3600.0),
    133: (8000, 3600.0),
    1000: (25000, 3600.0),
}
"""The limits of a minute at Zenodo, by its documentation and its code, and that of the hour which goes with each; of
the hour answers tell only when little is left of it."""

MET_LIMITS: Final[Mapping[int, float]] = {
    **dict.fromkeys(COMPANIONS, 60.0),
    **dict(COMPANIONS.values()),
}
"""All of these: how long a window is that was met in its midst."""

_SHAVED: Final = 2.0
"""Seconds by which the rest of a window that was just opened may differ from its length: the answer's way, and the
whole seconds of the server's clock."""

_MOST_WINDOWS: Final = 6
"""So many windows, the longest, are thought of at once: repositories have two or three."""


class Budget(Struct, frozen=True):
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


class Window(Struct):
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
            self.ends = min(self.ends, ends)

    def merge(self, other: Window) -> None:
        """Takes over what another process knows of the same limit; each knows that at most so much is left."""
        if other.reset > self.reset + 1:
            self.remaining, self.reset, self.period = other.remaining, other.reset, other.period
            self.ends, self.over = other.ends, other.over
        elif other.reset >= self.reset - 1 and other.over is self.over:
            self.remaining, self.ends = min(self.remaining, other.remaining), min(self.ends, other.ends)
        elif other.over:
            self.remaining, self.over = other.remaining, True

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


class Assumed(Struct):
    """The window of an hour that goes with that of a minute, as long as no answer told of it: for estimates only.

    ``beside``: the minute's limit; ``ends`` on the monotonic clock.
    """

    beside: int
    limit: int
    period: float
    free: int
    ends: float

    @classmethod
    def with_(cls, budget: Budget, now: float) -> Assumed | None:
        """The one that goes with the window that an answer told of."""
        if budget.limit not in COMPANIONS:
            return None
        limit, period = COMPANIONS[budget.limit]
        return cls(budget.limit, limit, period, limit - (budget.limit - budget.remaining), now + period)

    def spend(self, budget: Budget | None, now: float) -> bool:
        """Counts a request. False where an answer belies it: it would have been the tighter one."""
        if now >= self.ends:
            self.free, self.ends = self.limit, now + self.period
        self.free -= 1
        return budget is None or (budget.limit == self.beside and budget.remaining <= self.free + self.beside // 2)


class Ledger(Struct):
    """What is known of the limits, and which requests are under way: of this process (``mine``) and of others
    (``elsewhere``). ``paused_until`` is on the monotonic clock."""

    windows: dict[int, Window] = field(default_factory=dict)
    paused_until: float = -math.inf
    mine: int = 0
    elsewhere: int = 0

    @property
    def under_way(self) -> int:
        """All requests that were sent and not answered yet: their answers may not have told of a window."""
        return self.mine + self.elsewhere


def likely_period(limit: int, rest: float, *, just_opened: bool) -> float:
    """How long a window is, in seconds, of which ``rest`` seconds are left. For estimates: it is a guess where the
    window was met in its midst."""
    if just_opened:
        return next((period for period in CUSTOMARY_PERIODS if abs(period - rest) <= _SHAVED), max(rest, 1.0))
    likely = (MET_LIMITS[limit],) if limit in MET_LIMITS else CUSTOMARY_PERIODS
    return min((period for period in likely if period >= rest - _SHAVED), default=max(rest, 1.0))


class Allowance(Struct, frozen=True):
    """What a window lets go: ``free`` requests until ``ends`` (monotonic seconds), ``limit`` in each ``period`` seconds
    from then on."""

    limit: int
    period: float
    free: int
    ends: float


class Outlook(Struct, frozen=True):
    """What a limiter foresees. ``under_way``: own requests that are not answered yet, ``paused_until`` (monotonic
    seconds): none goes before, ``held``: seconds so far in which requests had to wait for the limits."""

    allowances: tuple[Allowance, ...] = ()
    under_way: int = 0
    paused_until: float = -math.inf
    held: float = 0.0

    def seconds_for(self, requests: int, now: float, each: float = 0.0) -> float:
        """The least time in seconds that so many requests, those under way not among them, take from ``now`` on, when
        the limits do not hold them up for ``each`` seconds a request."""
        longest_first = sorted(self.allowances, key=lambda allowance: -allowance.period)[:_MOST_WINDOWS]
        pause = max(self.paused_until - now, 0.0)
        return max(_seconds_under(longest_first, requests, now, each), pause + requests * each)


def _seconds_under(longest_first: Sequence[Allowance], requests: int, now: float, each: float) -> float:
    """What the longest window holds up begins with its next, in which the shorter ones begin anew as well."""
    if not longest_first:
        return requests * each
    longest, *shorter = longest_first
    seconds = _seconds_under(shorter, requests, now, each)
    beyond = requests - max(longest.free, 0)
    if beyond <= 0:
        return seconds
    full = math.ceil(beyond / longest.limit) - 1
    opened = max(longest.ends - now, 0.0) + full * longest.period
    fresh = [replace(window, free=window.limit, ends=window.period) for window in shorter]
    return max(seconds, opened + _seconds_under(fresh, beyond - full * longest.limit, 0.0, each))


def least_seconds(requests: int, limits: Mapping[int, float] = DOCUMENTED_LIMITS) -> float:
    """The least time in seconds that ``requests`` take under ``limits`` (requests a window -> its seconds)."""
    fresh = tuple(Allowance(limit, period, limit, period) for limit, period in limits.items())
    return Outlook(fresh).seconds_for(requests, 0.0)
