"""The search index: what the list knows, which may lag behind what is stored."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator
from contextvars import ContextVar

from batchdep.local.model import Deposition

EXTRA_DELAY: ContextVar[float] = ContextVar("extra_delay", default=0.0)
"""Seconds by which changes made in this context reach the index later than usual."""


class Index:
    """Depositions as the list shows them."""

    def __init__(self, delay: float) -> None:
        self._delay = delay
        self._entries: dict[int, Deposition] = {}
        self._timers: set[asyncio.TimerHandle] = set()
        self._gone: set[int] = set()

    def fill(self, depositions: Iterable[Deposition]) -> None:
        """Take everything at once, as after a start."""
        self._entries = {deposition.id: deposition.snapshot() for deposition in depositions}

    def __iter__(self) -> Iterator[Deposition]:
        return iter(self._entries.values())

    def __len__(self) -> int:
        return len(self._entries)

    def changed(self, deposition: Deposition) -> None:
        """Show the deposition as it is now, once the delay is over."""
        delay = self._delay + EXTRA_DELAY.get()
        shown = deposition.snapshot()
        if delay:
            self._later(delay, deposition.id, shown)
        else:
            self._entries[deposition.id] = shown

    def removed(self, number: int) -> None:
        """Show the deposition no longer, once the delay is over."""
        delay = self._delay + EXTRA_DELAY.get()
        if delay:
            self._later(delay, number, None)
        else:
            self._entries.pop(number, None)

    def _later(self, delay: float, number: int, deposition: Deposition | None) -> None:
        def apply() -> None:
            self._timers.discard(handle)
            if deposition is None:
                self._entries.pop(number, None)
                self._gone.add(number)
            elif number in self._gone:
                return
            elif (shown := self._entries.get(number)) is None or shown.revision <= deposition.revision:
                self._entries[number] = deposition

        handle = asyncio.get_running_loop().call_later(delay, apply)
        self._timers.add(handle)

    def close(self) -> None:
        """Forget the changes that are still on their way."""
        for handle in self._timers:
            handle.cancel()
