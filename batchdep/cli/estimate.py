"""How long the rest of a run takes, from what is left and how it went so far.

Three things take time, and overlap: the rate limits, of which the limiter tells; requests, each of which keeps a
worker waiting; and bytes on the line. While few long uploads share the line, and the workers beside them send what is
small, the slower of requests and bytes decides. Otherwise the same workers wait for both, one after the other, so that
times add up: of the time that went by, what the requests do not explain is the bytes'.
"""

from __future__ import annotations

import time
from bisect import bisect_right
from collections.abc import Callable
from typing import Final

from msgspec import Struct, field

from batchdep.repository.windows import Outlook

LIGHT: Final = 1_000_000
"""Bytes of a request's body up to which its time is its way and the repository's work, not the line's."""

SHORTEST_LOOK_BACK: Final = 20.0
"""Seconds; once twice as much is over, the later half of the run is what counts: calm, and not blind to a change."""

_MOST_MARKS: Final = 512
_FEWEST_REQUESTS: Final = 5
_FEWEST_SECONDS: Final = 1.0
_CALM: Final = 0.05
_CALM_SECONDS: Final = 3.0
"""The end follows what is foreseen within this share of the time left or, where that is less, of the time that went by,
but not within less than so many seconds: slower than noise, and sooner when little is known."""


class Left(Struct, frozen=True):
    """What is still to be done. ``longest``: the most requests of one dataset that is under way, which come one after
    the other; ``workers``: how many datasets are at work side by side, ``long`` more of them sending long files."""

    requests: int
    bytes: int
    longest: int = 0
    workers: int = 0
    long: int = 0


class _Mark(Struct, frozen=True):
    """What was done by a moment (monotonic seconds). ``held``: seconds in which the limits let nothing go; ``light``:
    how many of the requests were light, and their ``seconds``, added up."""

    at: float
    held: float = 0.0
    requests: int = 0
    bytes: int = 0
    light: int = 0
    seconds: float = 0.0

    @property
    def busy(self) -> float:
        """Seconds in which requests could go."""
        return max(self.at - self.held, 0.0)

    @property
    def is_telling(self) -> bool:
        """Of a span: whether it is enough to judge by."""
        many = self.requests >= _FEWEST_REQUESTS and self.busy > 0
        return many or (self.bytes > 0 and self.busy >= _FEWEST_SECONDS)

    def since(self, other: _Mark) -> _Mark:
        return _Mark(
            self.at - other.at,
            self.held - other.held,
            self.requests - other.requests,
            self.bytes - other.bytes,
            self.light - other.light,
            self.seconds - other.seconds,
        )


class Estimate(Struct):
    """Feed it with :meth:`request` and :meth:`sent`; :meth:`look` once a second makes the estimate."""

    clock: Callable[[], float] = time.monotonic
    _marks: list[_Mark] = field(default_factory=list)
    _requests: int = 0
    _bytes: int = 0
    _light: int = 0
    _seconds: float = 0.0
    _ends: float | None = None
    _looked: float = 0.0

    def begin(self) -> None:
        """The run begins now."""
        self._marks = [_Mark(self.clock())]

    def request(self, seconds: float, sent: int) -> None:
        """A request that took so long, with so many bytes, came back."""
        self._requests += 1
        if sent < LIGHT:
            self._light += 1
            self._seconds += seconds

    def sent(self, count: int) -> None:
        """So many more bytes are on the line."""
        self._bytes += count

    def seconds_left(self) -> float | None:
        """None while nobody can tell."""
        return None if self._ends is None else max(self._ends - self.clock(), 0.0)

    def look(self, left: Left, outlook: Outlook) -> None:
        """Takes stock."""
        if not self._marks or not self._requests:
            return
        now = _Mark(self.clock(), outlook.held, self._requests, self._bytes, self._light, self._seconds)
        seconds = self._foreseen(left, outlook, now)
        self._note(now)
        if seconds is None:
            self._ends = None
        elif self._ends is None:
            self._ends = now.at + seconds
        else:
            calm = _CALM * min(seconds, now.at - self._marks[0].at)
            follow = min((now.at - self._looked) / max(calm, _CALM_SECONDS), 1.0)
            self._ends += (now.at + seconds - self._ends) * follow
        self._looked = now.at

    def _foreseen(self, left: Left, outlook: Outlook, now: _Mark) -> float | None:
        late = self._late(now)
        if late is None or (left.bytes and not late.bytes):
            return None
        light = late if late.light >= _FEWEST_REQUESTS else now
        alone = light.seconds / light.light if light.light else 0.0
        work = _seconds_of_work(left, late, alone / max(left.workers, 1))
        to_come = max(left.requests - outlook.under_way, 0)
        held_up = outlook.seconds_for(to_come, now.at, work / left.requests) if left.requests else 0.0
        return max(work, left.longest * alone, held_up)

    def _late(self, now: _Mark) -> _Mark | None:
        """What was done of late; else, where that is too little to judge by, since the beginning."""
        since = now.at - max(SHORTEST_LOOK_BACK, (now.at - self._marks[0].at) / 2)
        found = bisect_right(self._marks, since, key=lambda mark: mark.at) - 1
        # from the first look on, if possible: the first requests of a run go alone
        starts = (*self._marks[max(found, 1) :][:1], self._marks[0])
        return next((late for start in starts if (late := now.since(start)).is_telling), None)

    def _note(self, mark: _Mark) -> None:
        self._marks.append(mark)
        if len(self._marks) > _MOST_MARKS:
            del self._marks[1::2]


def _seconds_of_work(left: Left, late: _Mark, each: float) -> float:
    """The time that requests and bytes take whatever the limits; ``each``: what of it is a request's. In seconds."""
    if late.requests:
        each = min(each, late.busy / late.requests)
    if not late.bytes:
        return left.requests * late.busy / late.requests
    if left.long:
        uploads = left.bytes * late.at / late.bytes
        beside = left.workers / (left.workers + left.long)  # all do what small ones are left after the uploads
        return uploads + max(left.requests * each - uploads, 0.0) * beside
    unexplained = late.busy - late.requests * each
    return left.requests * each + left.bytes * unexplained / late.bytes
