"""The windows in which a repository counts requests, as far as its answers tell of them."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

RESET_GRAIN: Final = 1.0
"""``X-RateLimit-Reset`` has whole seconds: a window may last that much longer than it says."""

CUSTOMARY_PERIODS: Final = (86400.0, 3600.0, 360.0, 60.0, 6.0)
"""Seconds: a day, an hour, a minute, and the tenths of these that a repository for trying things out may have. A window
whose length, by whole seconds, may be one of these has that length."""


DOCUMENTED_LIMITS: Final[Mapping[int, float]] = {100: 60.0, 5000: 3600.0}
"""Requests a window and its seconds, signed in, by Zenodo's documentation: for plans made before any answer."""


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
class Window:
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

    def seconds_for(self, requests: int, free: int, server_time: float) -> float:
        if requests <= free:
            return 0.0
        windows = math.ceil((requests - max(free, 0)) / self.limit)
        rest = self.period if self.over else max(self.reset - server_time, 0.0)
        return rest + (windows - 1) * self.period


@dataclass(slots=True)
class Ledger:
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


def least_seconds(requests: int, limits: Mapping[int, float] = DOCUMENTED_LIMITS) -> float:
    """The least time in seconds that ``requests`` take under ``limits`` (requests a window -> its seconds)."""
    return max((max(math.ceil(requests / limit) - 1, 0) * period for limit, period in limits.items()), default=0.0)
