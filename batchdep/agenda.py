"""Which dataset is next: those that waited for others and need not any more; those in doubt when their time has come;
those ready, big ones first, so that none is left alone at the end, the others in the manifest's order."""

from __future__ import annotations

import asyncio
import heapq
from collections import deque
from collections.abc import Callable, Iterable
from typing import Final, Generic, TypeVar

from batchdep.breadth import LONG, Breadth
from batchdep.plan import NOTHING, Amount

T = TypeVar("T")

BIG: Final = LONG
"""Bytes from which an item is begun early: less makes no difference at the end."""


class Agenda(Generic[T]):
    """Hands out items to many workers, as many at once as ``breadth`` says. An item handed out must be given back:
    done, deferred, or parked.

    ``parked``: how many wait for others, to be woken by whoever knows that they need not any more.
    """

    def __init__(
        self, items: Iterable[T], size_of: Callable[[T], Amount] = lambda _: NOTHING, breadth: Breadth | None = None
    ) -> None:
        self._breadth = breadth or Breadth(ceiling=1_000_000)
        self._breadth.on_change = self._look
        big: list[tuple[Amount, T]] = []
        small: list[T] = []
        for item in items:
            if (size := size_of(item)).bytes >= BIG:
                big.append((size, item))
            else:
                small.append(item)
        big.sort(key=lambda each: -each[0].bytes)
        self._long = {id(item) for size, item in big if size.longest >= LONG}
        self._ready_long = deque(item for _, item in big if id(item) in self._long)
        self._ready = deque(item for _, item in big if id(item) not in self._long)
        self._ready.extend(small)
        self._woken: deque[T] = deque()
        self.parked = 0
        self._deferred: list[tuple[float, int, T]] = []
        self._out = 0
        self._long_out = 0
        self._order = 0
        self._closed = False
        self._changed = asyncio.Event()

    async def next(self) -> T | None:
        """The next item, as soon as there is one; None once everything is done, or nothing but parked items is left,
        which nobody is left to wake; or it was closed."""
        while not self._closed:
            now = asyncio.get_running_loop().time()
            if (item := self._pick(now)) is not None:
                self._out += 1
                self._long_out += id(item) in self._long
                return item
            if not self._deferred and not self._out:
                return None
            full = self._out >= self._breadth.total
            await self._wait(self._deferred[0][0] - now if self._deferred and not full else None)
        return None

    def _pick(self, now: float) -> T | None:
        if self._out >= self._breadth.total:
            return None
        if self._woken:  # first: what waits for them, or is published with them, has waited long enough
            return self._woken.popleft()
        if self._deferred and self._deferred[0][0] <= now:
            return heapq.heappop(self._deferred)[2]
        if self._ready_long and self._long_out < self._breadth.long:
            return self._ready_long.popleft()
        return self._ready.popleft() if self._ready else None

    def close(self) -> None:
        """Nothing more is handed out, to those who wait either."""
        self._closed = True
        self._changed.set()

    def done(self, item: T) -> None:
        """The item will not come back."""
        self._give_back(item)

    def defer(self, item: T, seconds: float) -> None:
        """The item comes back after ``seconds``."""
        self._order += 1
        due = asyncio.get_running_loop().time() + seconds
        heapq.heappush(self._deferred, (due, self._order, item))
        self._give_back(item)

    def park(self, item: T) -> None:
        """The item comes back once it is woken, and takes no worker until then."""
        self.parked += 1
        self._give_back(item)

    def wake(self, item: T) -> None:
        """A parked item need not wait any more."""
        self.parked -= 1
        self._woken.append(item)
        self._changed.set()

    def _give_back(self, item: T) -> None:
        self._out -= 1
        self._long_out -= id(item) in self._long
        self._changed.set()

    def _look(self) -> None:
        self._changed.set()

    async def _wait(self, seconds: float | None) -> None:
        self._changed.clear()
        try:
            async with asyncio.timeout(seconds):
                await self._changed.wait()
        except TimeoutError:
            pass
