"""Which dataset is next: those that waited for others and need not any more; those in doubt when their time has come;
those ready, in the manifest's order."""

from __future__ import annotations

import asyncio
import heapq
from collections import deque
from collections.abc import Iterable
from typing import Generic, TypeVar

T = TypeVar("T")


class Agenda(Generic[T]):
    """Hands out items to many workers. An item handed out must be given back: done, deferred, or parked.

    ``parked``: how many wait for others, to be woken by whoever knows that they need not any more.
    """

    def __init__(self, items: Iterable[T]) -> None:
        self._ready = deque(items)
        self._woken: deque[T] = deque()
        self.parked = 0
        self._deferred: list[tuple[float, int, T]] = []
        self._out = 0
        self._order = 0
        self._closed = False
        self._changed = asyncio.Event()

    async def next(self) -> T | None:
        """The next item, as soon as there is one; None once everything is done, or nothing but parked items is left,
        which nobody is left to wake; or it was closed."""
        while not self._closed:
            if self._woken:  # first: what waits for them, or is published with them, has waited long enough
                return self._hand_out(self._woken.popleft())
            now = asyncio.get_running_loop().time()
            if self._deferred and self._deferred[0][0] <= now:
                return self._hand_out(heapq.heappop(self._deferred)[2])
            if self._ready:
                return self._hand_out(self._ready.popleft())
            if not self._deferred and not self._out:
                return None
            await self._wait(self._deferred[0][0] - now if self._deferred else None)
        return None

    def close(self) -> None:
        """Nothing more is handed out, to those who wait either."""
        self._closed = True
        self._changed.set()

    def done(self, _item: T) -> None:
        """The item will not come back."""
        self._give_back()

    def defer(self, item: T, seconds: float) -> None:
        """The item comes back after ``seconds``."""
        self._order += 1
        due = asyncio.get_running_loop().time() + seconds
        heapq.heappush(self._deferred, (due, self._order, item))
        self._give_back()

    def park(self, _item: T) -> None:
        """The item comes back once it is woken, and takes no worker until then."""
        self.parked += 1
        self._give_back()

    def wake(self, item: T) -> None:
        """A parked item need not wait any more."""
        self.parked -= 1
        self._woken.append(item)
        self._changed.set()

    def _hand_out(self, item: T) -> T:
        self._out += 1
        return item

    def _give_back(self) -> None:
        self._out -= 1
        self._changed.set()

    async def _wait(self, seconds: float | None) -> None:
        self._changed.clear()
        try:
            async with asyncio.timeout(seconds):
                await self._changed.wait()
        except TimeoutError:
            pass
