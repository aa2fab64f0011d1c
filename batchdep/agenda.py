"""Which dataset is next: those ready, in the manifest's order; those in doubt when their time has come."""

from __future__ import annotations

import asyncio
import heapq
from collections import deque
from collections.abc import Iterable
from typing import Generic, TypeVar

T = TypeVar("T")


class Agenda(Generic[T]):
    """Hands out items to many workers. An item handed out must be given back: done, or deferred."""

    def __init__(self, items: Iterable[T]) -> None:
        self._ready = deque(items)
        self._deferred: list[tuple[float, int, T]] = []
        self._out = 0
        self._order = 0
        self._closed = False
        self._changed = asyncio.Event()

    async def next(self) -> T | None:
        """The next item, as soon as there is one; None once everything is done, or it was closed."""
        while not self._closed:
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
