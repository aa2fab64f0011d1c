"""What time it is at the server, as far as its answers tell.

Rate limits reset and depositions are dated by the server's clock, which may be minutes from ours. Every answer's
``Date`` narrows the difference down: the server wrote it after the request was sent and before the answer was here,
and it has whole seconds, the rest cut off.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import lru_cache
from typing import Final

SLACK: Final = 0.05
"""Seconds by which a ``Date`` may be off within one server: some servers keep the text for a moment."""


@lru_cache(maxsize=16)
def parse_http_date(text: str | None) -> float | None:
    """An HTTP date (RFC 9110, 5.6.7) as Unix seconds; ``None`` for anything else. All answers of a second have one."""
    if not text:
        return None
    try:
        moment = parsedate_to_datetime(text)
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
    except (ValueError, TypeError, IndexError, OverflowError):
        return None


class ServerClock:
    """Bounds of the server's time. Before the first answer the local clock is believed."""

    def __init__(self, monotonic: Callable[[], float] = time.monotonic, wall: Callable[[], float] = time.time) -> None:
        self._monotonic = monotonic
        self._wall = wall
        self._bounds: tuple[float, float] | None = None

    def observe(self, date: str | None, asked: float, answered: float) -> None:
        """Learns from the ``Date`` of an answer to a request sent at ``asked`` and answered at ``answered``
        (both on the monotonic clock)."""
        stamp = parse_http_date(date)
        if stamp is None:
            return
        low, high = stamp - SLACK - answered, stamp + 1 + SLACK - asked
        if self._bounds is not None:
            narrowed = max(low, self._bounds[0]), min(high, self._bounds[1])
            if narrowed[0] <= narrowed[1]:
                low, high = narrowed
            # else one of the clocks was set, or this machine slept: only the newest answer counts
        self._bounds = low, high

    @property
    def known(self) -> bool:
        """Whether an answer has told the server's time yet."""
        return self._bounds is not None

    def earliest(self) -> float:
        """The server's time, Unix seconds: surely not less."""
        return self._wall() if self._bounds is None else self._monotonic() + self._bounds[0]

    def latest(self) -> float:
        """The server's time, Unix seconds: surely not more."""
        return self._wall() if self._bounds is None else self._monotonic() + self._bounds[1]

    def server_now(self) -> datetime:
        """The server's time as well as it is known."""
        return datetime.fromtimestamp((self.earliest() + self.latest()) / 2, UTC)

    def earliest_now(self) -> datetime:
        """A moment that is surely not after the server's now: what is made from here on bears a later date."""
        return datetime.fromtimestamp(self.earliest(), UTC)
