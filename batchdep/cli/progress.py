"""How far a run is: what its events add up to, without a word of how it is shown."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from batchdep.events import (
    BatchStarted,
    DatasetDone,
    DatasetParked,
    DatasetStarted,
    DatasetWaiting,
    Event,
    FileDone,
    FileProgress,
    FileStarted,
    Stopping,
    Waiting,
)

RATE_WINDOW: Final = 20.0
"""Seconds over which the rate is averaged: long enough to be calm, short enough to follow a network that fades."""

_SAMPLE_SECONDS: Final = 0.25


@dataclass(slots=True)
class Wait:
    """Nothing goes on until ``until`` (monotonic seconds)."""

    reason: str
    until: float


@dataclass(slots=True)
class ActiveDataset:
    """A dataset under way. ``done``: bytes of its files that need no more work; ``sent``: bytes of ``file``."""

    id: str
    title: str
    total: int
    done: int = 0
    file: str | None = None
    sent: int = 0
    size: int = 0
    wait: Wait | None = None

    @property
    def settled(self) -> int:
        """Bytes of this dataset that count as done; never more than it had to send."""
        return min(self.done + self.sent, self.total)


@dataclass(slots=True)
class RunProgress:
    """The sum of all events so far. Feed it with :meth:`see`; times are monotonic seconds."""

    clock: Callable[[], float] = time.monotonic
    batch: str = ""
    target: str = ""
    datasets: int = 0
    finished: int = 0
    failed: int = 0
    bytes_total: int = 0
    active: dict[str, ActiveDataset] = field(default_factory=dict)
    wait: Wait | None = None
    stopping: Stopping | None = None
    _settled: int = 0
    _sent: int = 0
    _samples: deque[tuple[float, int]] = field(default_factory=deque)

    def see(self, event: Event) -> None:
        """Takes note of an event; those of no consequence for the sums are passed over."""
        match event:
            case BatchStarted():
                self.batch, self.target = event.batch, event.target
                self.datasets, self.bytes_total = event.datasets, event.bytes_total
            case DatasetStarted():
                self.active[event.dataset] = ActiveDataset(event.dataset, event.title, event.bytes_total)
            case DatasetDone():
                self._finish(event)
            case DatasetParked():
                self.active.pop(event.dataset, None)
            case Waiting():
                self.wait = Wait(event.reason.rstrip("."), self.clock() + event.seconds)
            case Stopping():
                self.stopping = event
            case _:
                self._see_file(event)

    def _see_file(self, event: Event) -> None:
        active = self.active.get(getattr(event, "dataset", None) or "")
        if active is None:
            return
        active.wait = None
        match event:
            case FileStarted():
                active.file, active.sent, active.size = event.name, 0, event.size
            case FileProgress():
                self._count(event.sent - active.sent)
                active.file, active.sent, active.size = event.name, event.sent, event.size
            case FileDone():
                if event.sent:
                    self._count(event.size - active.sent)
                active.done += event.size if event.sent else 0
                active.file, active.sent, active.size = None, 0, 0
            case DatasetWaiting():
                active.wait = Wait(event.reason.rstrip("."), self.clock() + event.seconds)

    def _finish(self, event: DatasetDone) -> None:
        self.finished += 1
        self.failed += event.failure is not None
        active = self.active.pop(event.dataset, None)
        if active is not None:
            self._settled += active.total

    def _count(self, sent: int) -> None:
        if sent <= 0:
            return
        self._sent += sent
        now = self.clock()
        if self._samples and now - self._samples[-1][0] < _SAMPLE_SECONDS:
            self._samples[-1] = (self._samples[-1][0], self._sent)
        else:
            self._samples.append((now, self._sent))
        while self._samples[0][0] < now - RATE_WINDOW:
            self._samples.popleft()

    @property
    def bytes_done(self) -> int:
        """Bytes that need no more work, those of failed datasets included."""
        return min(self._settled + sum(each.settled for each in list(self.active.values())), self.bytes_total)

    @property
    def share(self) -> float:
        """0 to 1: of the bytes, or of the datasets where there is nothing to send."""
        done, total = (self.bytes_done, self.bytes_total) if self.bytes_total else (self.finished, self.datasets)
        return done / total if total else 0.0

    def rate(self) -> float:
        """Bytes a second of late."""
        samples = list(self._samples)
        if not samples:
            return 0.0
        (start, before), (_, after) = samples[0], samples[-1]
        seconds = self.clock() - start
        return (after - before) / seconds if seconds >= 1 else 0.0

    def seconds_left(self) -> float | None:
        """The time that the rest takes at this rate; None while there is none."""
        rate = self.rate()
        return (self.bytes_total - self.bytes_done) / rate if rate > 0 else None

    def waiting(self) -> Wait | None:
        """The wait that holds up everything now, if any."""
        wait = self.wait
        return wait if wait is not None and wait.until > self.clock() else None
