"""Progress of the commands that only look: now and then a line on stderr, as reading many files takes long."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Final, TypeVar

from batchdep.cli.output import Output
from batchdep.cli.requestlog import log_line
from batchdep.cli.session import reachable
from batchdep.cli.starting import ready
from batchdep.cli.text import counted, human_bytes, human_seconds, safe
from batchdep.events import BatchStarted, DatasetStarted, Event, FileProgress, Observer, Waiting
from batchdep.targets import Target

T = TypeVar("T")

PACE: Final = 5.0
"""Seconds between two lines."""

_WORTH_A_LINE: Final = 2.0


class Ticker:
    """An observer that says how far the reading is, no more often than every ``PACE`` seconds."""

    def __init__(self, out: Output, clock: Callable[[], float] = time.monotonic) -> None:
        self._out = out
        self._clock = clock
        self._last = clock()
        self._datasets = 0
        self._begun: set[str] = set()
        self._read: dict[tuple[str, str], int] = {}

    def see(self, event: Event) -> None:
        """Takes note of an event."""
        match event:
            case BatchStarted():
                self._datasets = event.datasets
            case DatasetStarted():
                self._begun.add(event.dataset)
            case FileProgress():
                self._read[event.dataset, event.name] = event.sent
            case Waiting() if event.seconds >= _WORTH_A_LINE:
                self._out.note(f"waiting {human_seconds(event.seconds)}: {safe(event.reason)}")
        if (line := log_line(event, self._out.verbosity)) is not None:
            self._out.note(line)
        if self._clock() - self._last >= PACE:
            self._last = self._clock()
            self._out.note(self._line())

    def _line(self) -> str:
        begun = f"{len(self._begun):,} of {counted(self._datasets, 'dataset')}"
        return f"{begun}, {human_bytes(sum(self._read.values()))} read"


def look(work: Callable[[Observer], Awaitable[T]], target: Target, out: Output) -> T:
    """Runs ``work`` to its end, with the embedded repository where that is the target; Ctrl-C ends it at once."""

    async def run() -> T:
        async with reachable(target, out):
            return await work(Ticker(out).see)

    ready()
    return asyncio.run(run())
