"""Who may write to a deposition, one after another, as the server's database transactions make it.

Observed: uploads to one draft are served strictly one after another and every other write waits; of requests that
arrive while a like one is unanswered, all but one fail.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager

from msgspec import Struct, field

from batchdep.local.errors import TurnTimedOutError


class Arrival(Struct, eq=False):
    """A request that is not answered yet. ``rivals`` are like ones that were there before it."""

    rivals: tuple[Arrival, ...] = ()
    succeeded: bool = False

    @property
    def lost_race(self) -> bool:
        """Whether a rival got its way while this one waited."""
        return any(rival.succeeded for rival in self.rivals)


class Queue(Struct, eq=False):
    """The writes to one deposition."""

    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    replacing: bool = False
    publishes_waiting: int = 0
    users: int = 0


class Turns:
    """The queues of all depositions that are being written to."""

    def __init__(self, patience: float) -> None:
        self._patience = patience
        self._queues: dict[int, Queue] = {}
        self._arrivals: dict[tuple[int, str], list[Arrival]] = {}

    def busy(self, number: int) -> bool:
        """Whether a write to the deposition is running."""
        queue = self._queues.get(number)
        return queue is not None and queue.lock.locked()

    def replacing(self, number: int) -> bool:
        """Whether the running write is an upload over an existing file, which the metadata wait for too."""
        queue = self._queues.get(number)
        return queue is not None and queue.replacing

    def publish_waits(self, number: int) -> bool:
        """Whether a publish waits for the running write to end."""
        queue = self._queues.get(number)
        return queue is not None and queue.publishes_waiting > 0

    @asynccontextmanager
    async def turn(self, number: int, *, patient: bool, publish: bool = False) -> AsyncIterator[Queue]:
        """Hold the deposition's turn. Raises TurnTimedOutError after the gateway's patience unless ``patient``."""
        queue = self._queues.setdefault(number, Queue())
        queue.users += 1
        try:
            queue.publishes_waiting += publish
            try:
                await self._acquire(queue.lock, patient)
            finally:
                queue.publishes_waiting -= publish
            try:
                yield queue
            finally:
                queue.replacing = False
                queue.lock.release()
        finally:
            queue.users -= 1
            if not queue.users:
                self._queues.pop(number, None)

    async def _acquire(self, lock: asyncio.Lock, patient: bool) -> None:
        if patient or not lock.locked():
            await lock.acquire()
            return
        try:
            async with asyncio.timeout(self._patience):
                await lock.acquire()
        except TimeoutError:
            raise TurnTimedOutError from None

    @contextmanager
    def arrival(self, number: int, kind: str) -> Iterator[Arrival]:
        """Keep a request in mind until it is answered; ``kind`` tells which others are its rivals."""
        present = self._arrivals.setdefault((number, kind), [])
        arrival = Arrival(tuple(present))
        present.append(arrival)
        try:
            yield arrival
        finally:
            present.remove(arrival)
            if not present:
                self._arrivals.pop((number, kind), None)
