"""Repeats what may be repeated: a wrapper of the same interface as the repository it wraps.

===========  ==================================================================================================
Throttled    waits as told, however long, and asks again
Unavailable  nothing happened: asks again after a growing, random wait, until patience is out
Unknown      repeated for what only reads (``check_access``, ``get``, ``recent``); otherwise the caller must first
             find out what happened
Done,        returned
Rejected
===========  ==================================================================================================
"""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from typing import Any, Final, TypeVar

from msgspec import Struct

from batchdep.repository.model import (
    Answer,
    Body,
    Deposition,
    Done,
    Rejected,
    RemoteFile,
    Repository,
    Throttled,
    Unavailable,
    Unknown,
)

T = TypeVar("T")

FIRST_WAIT: Final = 1.0
LONGEST_WAIT: Final = 60.0
LONGEST_THROTTLED_WAIT: Final = 300.0


class Patience(Struct, frozen=True):
    """How long to go on without success, in seconds, and how often.

    ``unreachable`` where no connection can be made at all, ``unavailable`` otherwise, ``at_start`` before anything
    was answered: a user who mistyped an address waits at the terminal. ``server_errors``: attempts to write metadata
    that were answered 500, which may be the metadata's own fault and come back each time. ``uploads``: attempts of
    one upload; the time it spends sending does not count.
    """

    unreachable: float = 60.0
    unavailable: float = 300.0
    at_start: float = 10.0
    server_errors: int = 4
    uploads: int = 6


class Waiting(Struct, frozen=True):
    """A wait before the next attempt: of what, for how many seconds, and because of which answer."""

    action: str
    seconds: float
    answer: Throttled | Unavailable | Unknown


class _Outage:
    """Since when nobody is there, as seen by all calls together, so that a thousand datasets do not each wait a
    minute for a server that is gone."""

    def __init__(self) -> None:
        self.answered = False
        self._began: float | None = None
        self._last = 0.0

    def note(self, answer: Answer[Any], now: float, forget_after: float) -> None:
        if not (isinstance(answer, Unavailable) and not answer.connected):
            self._began = None
            self.answered = self.answered or isinstance(answer, Done | Rejected | Throttled)
            return
        if self._began is None or now - self._last > forget_after:
            self._began = now
        self._last = now

    def seconds(self, now: float) -> float:
        return 0.0 if self._began is None else now - self._began


class PatientRepository:
    """See :class:`~batchdep.repository.model.Repository`.

    Parameters:
        inner: makes one attempt a call.
        patience: when to give up and return the last answer.
        on_wait: told before each wait; must not raise.
        sleep, monotonic, jitter: asyncio's, time's, and a number from 0 to 1.
    """

    def __init__(
        self,
        inner: Repository,
        *,
        patience: Patience | None = None,
        on_wait: Callable[[Waiting], None] | None = None,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        monotonic: Callable[[], float] = time.monotonic,
        jitter: Callable[[], float] = random.random,
    ) -> None:
        self.inner = inner
        self._patience = patience or Patience()
        self._on_wait = on_wait or (lambda _: None)
        self._sleep = sleep
        self._stopped = asyncio.Event()
        self._monotonic = monotonic
        self._jitter = jitter
        self._outage = _Outage()

    @property
    def target(self) -> str:
        """The origin."""
        return self.inner.target

    async def check_access(self) -> Answer[None]:
        """Whether the token is taken."""
        return await self._repeat("check_access", self.inner.check_access, reads=True)

    async def create(self, metadata: dict[str, Any]) -> Answer[Deposition]:
        """A new draft; Unknown is the caller's to find out about."""
        return await self._repeat("create", lambda: self.inner.create(metadata), content=True)

    async def get(self, deposition_id: int) -> Answer[Deposition]:
        """The draft or record."""
        return await self._repeat("get", lambda: self.inner.get(deposition_id), reads=True)

    async def update(self, deposition_id: int, metadata: dict[str, Any]) -> Answer[Deposition]:
        """Replaces the metadata; Unknown is the caller's to find out about."""
        return await self._repeat("update", lambda: self.inner.update(deposition_id, metadata), content=True)

    async def upload(self, deposition: Deposition, name: str, body: Body) -> Answer[RemoteFile]:
        """Puts a file, read anew for each attempt; Unknown is the caller's to find out about."""
        return await self._repeat("upload", lambda: self.inner.upload(deposition, name, body), sends=True)

    async def delete_file(self, deposition_id: int, file: RemoteFile) -> Answer[None]:
        """Removes a file."""
        return await self._repeat("delete_file", lambda: self.inner.delete_file(deposition_id, file))

    async def publish(self, deposition_id: int) -> Answer[Deposition]:
        """Publishes; Unknown is the caller's to find out about."""
        return await self._repeat("publish", lambda: self.inner.publish(deposition_id))

    async def delete(self, deposition_id: int) -> Answer[None]:
        """Deletes a draft; Unknown is the caller's to find out about."""
        return await self._repeat("delete", lambda: self.inner.delete(deposition_id))

    async def recent(self, since: datetime | None) -> Answer[Sequence[Deposition]]:
        """Own depositions."""
        return await self._repeat("recent", lambda: self.inner.recent(since), reads=True)

    def stop(self) -> None:
        """Ends all waits; nothing is repeated any more."""
        self._stopped.set()
        self.inner.stop()

    async def close(self) -> None:
        """Ends all connections."""
        await self.inner.close()

    async def _repeat(
        self,
        action: str,
        attempt: Callable[[], Awaitable[Answer[T]]],
        *,
        reads: bool = False,
        sends: bool = False,
        content: bool = False,
    ) -> Answer[T]:
        """``reads``: nothing can happen at the repository; ``sends``: an attempt may take hours; ``content``: a 500
        may be the metadata's fault."""
        again = (Throttled, Unavailable, Unknown) if reads else (Throttled, Unavailable)
        call = _Call(self, sends=sends, content=content)
        while True:
            started = self._monotonic()
            answer = await attempt()
            call.note(answer, started, self._monotonic())
            if not isinstance(answer, again) or (seconds := call.seconds_until_next(answer)) is None:
                return answer
            self._on_wait(Waiting(action, seconds, answer))
            await self._rest(seconds)

    async def _rest(self, seconds: float) -> None:
        """Sleeps, but not beyond the run's end."""
        resting = [asyncio.ensure_future(self._sleep(seconds)), asyncio.ensure_future(self._stopped.wait())]
        try:
            await asyncio.wait(resting, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for each in resting:
                each.cancel()


class _Call:
    """The attempts of one call, and the time they had no success."""

    def __init__(self, owner: PatientRepository, *, sends: bool, content: bool) -> None:
        self._patience = owner._patience
        self._outage = owner._outage
        self._jitter = owner._jitter
        self._stopped = owner._stopped
        self._sends = sends
        self._content = content
        self._silent = 0.0
        self._failures = 0
        self._refusals = 0
        self._server_errors = 0
        self._now = 0.0

    def note(self, answer: Answer[Any], started: float, ended: float) -> None:
        self._now = ended
        self._outage.note(answer, ended, forget_after=self._patience.unreachable)
        match answer:
            case Throttled():
                self._refusals += 1
            case Unavailable() | Unknown():
                self._failures += 1
                self._server_errors += answer.status == 500
                if not self._sends or not getattr(answer, "connected", True):
                    self._silent += ended - started
            case _:
                pass

    def seconds_until_next(self, answer: Throttled | Unavailable | Unknown) -> float | None:
        """How long to wait before the next attempt; None: ``answer`` is the final one."""
        if self._stopped.is_set():
            return None
        if isinstance(answer, Throttled):
            return answer.after if answer.after is not None else self._backoff(self._refusals, LONGEST_THROTTLED_WAIT)
        if self._content and self._server_errors >= self._patience.server_errors:
            return None
        if self._sends and self._failures >= self._patience.uploads:
            return None
        left, seconds = self._left(answer), self._wait(answer)
        if left <= 0 or seconds > left:
            return None
        self._silent += seconds
        return seconds

    def _wait(self, answer: Unavailable | Unknown) -> float:
        """Seconds: as told, and at least a random part of a doubling wait."""
        seconds = self._backoff(self._failures, LONGEST_WAIT)
        told = answer.after if isinstance(answer, Unavailable) else None
        if told is not None:
            return max(seconds, told)
        return min(seconds, max(self._left(answer), 0.0))  # one last attempt when patience is out

    def _left(self, answer: Unavailable | Unknown) -> float:
        """Seconds of patience that are left after ``answer``."""
        connected = getattr(answer, "connected", True)
        patience = self._patience.unavailable if connected else self._patience.unreachable
        if not self._outage.answered:
            patience = min(patience, self._patience.at_start)
        return patience - max(self._silent, self._outage.seconds(self._now))

    def _backoff(self, attempts: int, longest: float) -> float:
        most: float = min(FIRST_WAIT * 2.0 ** min(attempts - 1, 20), longest)
        return most * self._jitter()
