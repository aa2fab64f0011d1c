"""How far a run is: what its events add up to, without a word of how it is shown."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from typing import Final

from msgspec import Struct, field

from batchdep.breadth import LONG
from batchdep.cli.estimate import Estimate, Left
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
    Foreseen,
    RequestDone,
    Stopping,
    Waiting,
)

RATE_WINDOW: Final = 20.0
"""Seconds over which the rate is averaged: long enough to be calm, short enough to follow a network that fades."""

_SAMPLE_SECONDS: Final = 0.25

_NOT_REPEATED: Final = ("done", "rejected")
"""Outcomes of a request after which it is not sent again."""


class Wait(Struct):
    """Nothing goes on until ``until`` (monotonic seconds)."""

    reason: str
    until: float


class ActiveDataset(Struct):
    """A dataset under way. ``done``: bytes of its files that need no more work; ``sent``: bytes of ``file``;
    ``requests``: how many it still needs if all goes well."""

    id: str
    title: str
    total: int
    requests: int = 0
    done: int = 0
    file: str | None = None
    sent: int = 0
    size: int = 0
    wait: Wait | None = None

    @property
    def bytes_left(self) -> int:
        """Bytes of this dataset still to send."""
        return max(self.total - self.done - self.sent, 0)

    @property
    def is_long(self) -> bool:
        """Whether it sends a file that takes long."""
        return self.file is not None and self.size >= LONG


class RunProgress(Struct):
    """The sum of all events so far. Feed it with :meth:`see`; times are monotonic seconds.

    What datasets that are not under way still need (not begun yet, or parked) is kept as sums, so that a batch may have
    any number of them.
    """

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
    _parked: dict[str, tuple[int, int]] = field(default_factory=dict)
    _bytes_ahead: int = 0
    _requests_ahead: int = 0
    _long: set[str] = field(default_factory=set)
    _sent: int = 0
    _samples: deque[tuple[float, int]] = field(default_factory=deque)
    _estimate: Estimate = field(default_factory=Estimate)

    def __post_init__(self) -> None:
        self._estimate = Estimate(self.clock)

    def see(self, event: Event) -> None:
        """Takes note of an event; those of no consequence for the sums are passed over."""
        match event:
            case BatchStarted():
                self.batch, self.target = event.batch, event.target
                self.datasets, self.bytes_total = event.datasets, event.bytes_total
                self._bytes_ahead, self._requests_ahead = event.bytes_total, event.requests
                self._estimate.begin()
            case DatasetStarted():
                self._start(event)
            case DatasetDone():
                self.finished += 1
                self.failed += event.failure is not None
                self._end(event.dataset)
            case DatasetParked():
                self._park(event.dataset)
            case Waiting():
                self.wait = Wait(event.reason.rstrip("."), self.clock() + event.seconds)
            case Stopping():
                self.stopping = event
            case RequestDone():
                self._see_request(event)
            case Foreseen():
                self._estimate.look(self._left(), event.outlook)
            case _:
                self._see_file(event)

    def _start(self, event: DatasetStarted) -> None:
        if event.dataset not in self.active:  # else it was put off, and is nothing that is ahead
            size, requests = self._parked.pop(event.dataset, (event.bytes_total, event.requests))
            self._bytes_ahead = max(self._bytes_ahead - size, 0)
            self._requests_ahead = max(self._requests_ahead - requests, 0)
        self.active[event.dataset] = ActiveDataset(event.dataset, event.title, event.bytes_total, event.requests)

    def _end(self, dataset: str) -> ActiveDataset | None:
        self._long.discard(dataset)
        return self.active.pop(dataset, None)

    def _park(self, dataset: str) -> None:
        if (parked := self._end(dataset)) is not None:
            self._parked[dataset] = parked.bytes_left, parked.requests
            self._bytes_ahead += parked.bytes_left
            self._requests_ahead += parked.requests

    def _see_request(self, event: RequestDone) -> None:
        exchange = event.exchange
        self._estimate.request(exchange.seconds, exchange.sent)
        active = self.active.get(event.dataset or "")
        if active is not None and exchange.outcome in _NOT_REPEATED:
            active.requests = max(active.requests - 1, 0)

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
        (self._long.add if active.is_long else self._long.discard)(active.id)

    def _count(self, sent: int) -> None:
        if sent <= 0:
            return
        self._sent += sent
        self._estimate.sent(sent)
        now = self.clock()
        if self._samples and now - self._samples[-1][0] < _SAMPLE_SECONDS:
            self._samples[-1] = (self._samples[-1][0], self._sent)
        else:
            self._samples.append((now, self._sent))
        while self._samples[0][0] < now - RATE_WINDOW:
            self._samples.popleft()

    def _left(self) -> Left:
        active = self.active.values()
        return Left(
            self._requests_ahead + sum(each.requests for each in active),
            self._bytes_ahead + sum(each.bytes_left for each in active),
            max((each.requests for each in active), default=0),
            len(active) - len(self._long),
            len(self._long),
        )

    @property
    def bytes_done(self) -> int:
        """Bytes that need no more work, those of failed datasets included."""
        left = self._bytes_ahead + sum(each.bytes_left for each in list(self.active.values()))
        return max(self.bytes_total - left, 0)

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
        """The time that the rest takes; None while nobody can tell."""
        return None if self.stopping is not None else self._estimate.seconds_left()

    def waiting(self) -> Wait | None:
        """The wait that holds up everything now, if any."""
        wait = self.wait
        return wait if wait is not None and wait.until > self.clock() else None
