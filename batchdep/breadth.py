"""How many datasets are worked on side by side, as far as the repository and the line bear it.

Short requests wait for the repository, so many of them side by side cost nobody anything: as many as allowed from the
start, fewer for a while when requests break. Long uploads share the line: more than fill it only make each of them take
longer, and long ones are the ones that get reset. So they begin with few, and become more as long as that makes them
faster altogether.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final

from msgspec import Struct, field

from batchdep.events import Event, FileProgress, RequestDone

LONG: Final = 100_000_000
"""Bytes of a file from which its upload counts as long."""

FIRST_LONG: Final = 4
"""Long uploads side by side to begin with: what rclone and browsers begin with, too."""

ROUND: Final = 10.0
"""Seconds over which the rate of uploads is measured."""

GAIN: Final = 1.1
"""One more long upload has been worth it when all together are faster by this factor."""

REST: Final = 30.0
"""Seconds after trouble in which nothing grows, and further trouble is taken for the same."""

_BROKEN: Final = ("unavailable", "unknown")
"""Outcomes of a request that say that repository or line have trouble; a refusal says nothing of the kind."""


class Breadth(Struct):
    """``total``: datasets side by side, ``long``: those of them with a long upload; both from 1 to ``ceiling``.

    ``on_change`` is called when one of them has grown. Times are monotonic seconds.
    """

    ceiling: int
    on_change: Callable[[], None] = lambda: None
    clock: Callable[[], float] = time.monotonic
    total: int = 0
    long: int = 0
    _successes: int = 0
    _last_trouble: float = float("-inf")
    _began: float | None = None
    _bytes: int = 0
    _seen: dict[tuple[str, str], int] = field(default_factory=dict)
    _best: float = 0.0
    _settled: bool = False

    def __post_init__(self) -> None:
        self.total = self.ceiling
        self.long = min(FIRST_LONG, self.ceiling)

    def see(self, event: Event) -> None:
        """Learns from what happens."""
        match event:
            case FileProgress() if event.size >= LONG:
                self._sent(event)
            case RequestDone():
                self._answered(event.exchange.outcome, event.exchange.sent)

    def _sent(self, event: FileProgress) -> None:
        file, now = (event.dataset, event.name), self.clock()
        before = self._seen.get(file, 0)
        self._bytes += event.sent - before if event.sent > before else 0
        self._seen[file] = event.sent
        if event.sent >= event.size:
            del self._seen[file]
        if self._began is None:
            self._began, self._bytes = now, 0
        elif now - self._began >= ROUND:
            self._measured(self._bytes / (now - self._began), now)
            self._began, self._bytes = now, 0

    def _measured(self, rate: float, now: float) -> None:
        """One more as long as the last one was worth it; one that was not is taken back, and that is enough."""
        if self._settled or now - self._last_trouble < REST or len(self._seen) < self.long:
            return
        if rate >= self._best * GAIN:
            self._best = rate
            self.long += self.long < self.ceiling
            self.on_change()
        else:
            self.long = max(self.long - 1, 1)
            self._settled = True

    def _answered(self, outcome: str, sent: int) -> None:
        if outcome in _BROKEN:
            self._trouble(long=sent >= LONG)
        elif outcome == "done" and self.total < self.ceiling:
            self._successes += 1
            if self._successes >= self.total and self.clock() - self._last_trouble >= 1.0:
                self.total, self._successes = self.total + 1, 0
                self.on_change()

    def _trouble(self, *, long: bool) -> None:
        now = self.clock()
        if now - self._last_trouble < REST:
            return
        self._last_trouble, self._successes = now, 0
        if long:
            self.long, self._settled = max(self.long // 2, 1), True
        else:
            self.total = max(self.total // 2, 1)
