"""Whole runs against a repository that is played, in virtual time: what the display foretells, and what comes true."""

from __future__ import annotations

import asyncio
import itertools
import math
import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache

import pytest

from batchdep.agenda import Agenda
from batchdep.breadth import LONG, Breadth
from batchdep.cli.estimate import Estimate, Left
from batchdep.cli.progress import RunProgress
from batchdep.errors import Failure
from batchdep.events import (
    BatchStarted,
    DatasetDone,
    DatasetParked,
    DatasetStarted,
    Event,
    FileDone,
    FileProgress,
    FileStarted,
    Foreseen,
    RequestDone,
)
from batchdep.plan import Amount
from batchdep.repository.model import Exchange
from batchdep.repository.windows import DOCUMENTED_LIMITS as ZENODO
from batchdep.repository.windows import Outlook
from tests.unit.repository.test_limiter import FixedWindows, limiter_on
from tests.unit.repository.virtual import VirtualLoop, run_virtually

KB, MB, GB = 1_000, 1_000_000, 1_000_000_000
TOLD_OF = MB
"""Bytes of a file from which its progress is told in between."""


@dataclass(frozen=True)
class Played:
    """A dataset with files of these sizes. ``fails``: at its first request; ``waits``: is parked once before it is
    published; ``uploaded``: so many of its files were sent by an earlier run."""

    id: str
    files: tuple[int, ...]
    fails: bool = False
    waits: bool = False
    uploaded: int = 0

    @property
    def to_send(self) -> tuple[int, ...]:
        return self.files[self.uploaded :]

    @property
    def requests(self) -> int:
        return 2 + len(self.to_send)


@dataclass
class Repository:
    """``latency`` in seconds of the n-th request, ``line`` in bytes a second for all, ``connection`` for one."""

    limits: Mapping[int, float] = field(default_factory=dict)
    latency: Callable[[int], float] = lambda _: 0.2
    line: float = 1 * GB
    connection: float = 1 * GB
    work: float = 0.0
    """Seconds of this machine beside each request: state, hashes."""


class Line:
    """Bytes go in pieces, each connection's in turn."""

    def __init__(self, repository: Repository) -> None:
        self._repository = repository
        self._free = asyncio.Lock()

    async def send(self, size: int, told: Callable[[int], None]) -> None:
        sent = 0
        piece = MB if size >= LONG else 250 * KB
        while sent < size:
            count = min(piece, size - sent)
            async with self._free:
                await asyncio.sleep(count / self._repository.line)
            slower = count / self._repository.connection - count / self._repository.line
            await asyncio.sleep(max(slower, 0.0))
            sent += count
            if size >= TOLD_OF:
                told(sent)


class Run:
    """Plays one run. ``foretold``: at each second the share that is done and the seconds that are said to be left."""

    def __init__(self, loop: VirtualLoop, repository: Repository, workers: int) -> None:
        self.loop = loop
        self.repository = repository
        self.workers = workers
        self.server = FixedWindows(loop, repository.limits, rounds_up=True) if repository.limits else None
        self.limiter, self.clock = limiter_on(loop)
        self.line = Line(repository)
        self.progress = RunProgress(loop.time)
        self.breadth = Breadth(workers, clock=loop.time)
        self.foretold: list[tuple[float, float, float | None]] = []
        self._number = 0
        self._created: set[str] = set()

    def tell(self, event: Event) -> None:
        self.breadth.see(event)
        self.progress.see(event)

    async def request(self, dataset: Played, size: int = 0, name: str = "") -> None:
        await self.limiter.acquire()
        asked = self.loop.time()
        self._number += 1
        latency = self.repository.latency(self._number)
        if size:
            await self.line.send(size, lambda sent: self.tell(FileProgress(dataset.id, name, sent, size)))
        headers: dict[str, str] = {}
        status = 200
        if self.server is not None:
            status, headers = await self.server.answer(latency)
            self.clock.observe(headers["Date"], asked, self.loop.time())
        else:
            await asyncio.sleep(latency)
        assert status == 200
        self.limiter.release(status, headers, asked=asked)
        seconds = self.loop.time() - asked
        self.tell(RequestDone(dataset.id, Exchange("PUT", "/", status, "done", seconds, size)))
        await asyncio.sleep(self.repository.work)

    async def deposit(self, dataset: Played) -> bool:
        """False where it has to wait."""
        first = dataset.id not in self._created
        left = dataset.to_send if first else ()
        self.tell(DatasetStarted(dataset.id, "t", sum(left), 2 + len(left) if first else 1))
        failure = None
        if first:
            self._created.add(dataset.id)
            await self.request(dataset)
            if dataset.fails:
                failure = Failure("metadata_rejected", "no")
            for number, size in enumerate(() if failure else left):
                name = str(number)
                self.tell(FileStarted(dataset.id, name, size))
                await self.request(dataset, size, name)
                self.tell(FileDone(dataset.id, name, size))
            if dataset.waits:
                self.tell(DatasetParked(dataset.id, "another is published first"))
                return False
        if failure is None:
            await self.request(dataset)
        self.tell(DatasetDone(dataset.id, "t", "published", None, None, None, failure))
        return True

    async def work(self, agenda: Agenda[Played]) -> None:
        while (dataset := await agenda.next()) is not None:
            if await self.deposit(dataset):
                agenda.done(dataset)
            else:
                agenda.park(dataset)
                self.loop.call_later(30.0, agenda.wake, dataset)

    async def look(self) -> None:
        while True:
            await asyncio.sleep(1.0)
            self.tell(Foreseen(self.limiter.outlook()))
            self.foretold.append((self.loop.time(), self.progress.share, self.progress.seconds_left()))

    async def play(self, datasets: Sequence[Played]) -> float:
        """Returns when it ended, by the loop's clock."""
        whole = sum(sum(each.to_send) for each in datasets)
        self.tell(BatchStarted("b", "t", len(datasets), whole, sum(each.requests for each in datasets)))
        agenda = Agenda(datasets, lambda each: Amount.of(each.to_send), self.breadth)
        looking = asyncio.ensure_future(self.look())
        await self.request(Played("ahead", ()))
        await asyncio.gather(*(self.work(agenda) for _ in range(self.workers)))
        looking.cancel()
        return self.loop.time()


@dataclass(frozen=True)
class Look:
    """``time``, ``work``: the shares that were done; ``true``, ``told``: seconds left."""

    time: float
    work: float
    true: float
    told: float | None

    @property
    def off(self) -> float:
        """By how much of the truth, but for two seconds."""
        return math.inf if self.told is None else max(abs(self.told - self.true) - 2.0, 0.0) / self.true


def played(datasets: Sequence[Played], repository: Repository, workers: int = 16) -> list[Look]:
    """What was told at each second of a run."""

    async def main(loop: VirtualLoop) -> list[Look]:
        run = Run(loop, repository, workers)
        began = loop.time()
        ended = await run.play(datasets)
        return [Look((at - began) / (ended - began), share, ended - at, told) for at, share, told in run.foretold]

    return run_virtually(main)


def many(count: int, *files: int) -> list[Played]:
    return [Played(f"{len(files)}x{files[0]}-{number}", files) for number in range(count)]


def varied(count: int, typical: int, seed: int = 3) -> list[Played]:
    """Datasets of up to eight files, a few of them many times as large as most."""
    some = random.Random(seed)
    return [
        Played(f"v{number}", tuple(int(typical * some.lognormvariate(0, 1.5)) for _ in range(some.randint(1, 8))))
        for number in range(count)
    ]


def big(count: int, size: int = 1 * GB) -> list[Played]:
    return [Played(f"big{number}", (size,)) for number in range(count)]


RUNS = {
    "held by the limit": (many(300, 10 * KB, 20 * KB), Repository(ZENODO)),
    "held by the limit, far away": (many(400, 10 * KB), Repository({100: 60.0}, lambda n: 1.0 + n % 3 * 0.5)),
    "held by the limit of the hour": (many(1300, 10 * KB, 20 * KB), Repository(ZENODO)),
    "few big files": (big(12), Repository(ZENODO, line=50 * MB)),
    "one big file": (big(1, 5 * GB), Repository(line=50 * MB)),
    "requests far away": (many(800, 10 * KB, 20 * KB), Repository(latency=lambda n: 0.5 + n % 5 * 0.2)),
    "a limit that does not hold": (many(800, 10 * KB), Repository({1000: 60.0, 25000: 3600.0}, lambda n: 1.5)),
    "a slow machine": (many(1000, 10 * KB), Repository(latency=lambda n: 0.05, work=0.2)),
    "big and small": (big(8) + varied(400, 60 * KB), Repository(line=30 * MB)),
    "big and small, far away": (big(6) + varied(400, 60 * KB), Repository(line=30 * MB, latency=lambda n: 1.0 + n % 2)),
    "big and small, held by the limit": (big(8) + varied(300, 60 * KB), Repository(ZENODO, line=30 * MB)),
    "of all sizes": (varied(150, 3 * MB), Repository(line=10 * MB)),
    "small ones first": (many(500, 10 * KB) + many(50, 50 * MB), Repository(line=10 * MB, latency=lambda n: 1.0)),
    "small ones last": (many(60, 50 * MB) + many(600, 10 * KB), Repository(line=10 * MB, latency=lambda n: 1.0)),
    "few with many files": (many(3, *(10 * KB,) * 200), Repository(latency=lambda n: 0.5)),
    "one with many files": ([Played("x", (10 * KB,) * 300), *many(40, 10 * KB)], Repository(latency=lambda n: 0.5)),
    "most is done already": ([Played(f"d{n}", (10 * KB,) * 20, uploaded=18) for n in range(200)], Repository(ZENODO)),
    "some fail": (
        [Played(f"d{n}", (10 * KB,) * 6, fails=n < 40 and n % 2 == 1) for n in range(150)],
        Repository(ZENODO),
    ),
    "some wait": ([Played(f"d{n}", (MB,) * 3, waits=n % 3 == 1 and n < 150) for n in range(200)], Repository(ZENODO)),
}


@cache
def looks_of(name: str) -> list[Look]:
    return played(*RUNS[name])


@pytest.mark.parametrize("name", RUNS)
def test_once_a_tenth_is_done_the_time_left_is_right_within_a_tenth(name: str) -> None:
    looks = looks_of(name)
    for tenths in (1, 3, 6, 9):
        look = next(look for look in looks if look.time >= tenths / 10 and look.work >= 0.1)
        assert look.off <= 0.1, (tenths, look)
    wrong = [look for look in looks if 0.1 <= look.time <= 0.9 and look.work >= 0.1 and look.off > 0.1]
    assert not wrong


@pytest.mark.parametrize("name", RUNS)
def test_the_time_left_does_not_jump(name: str) -> None:
    looks = [look for look in looks_of(name) if 0.1 <= look.time <= 0.9 and look.work >= 0.1]
    for before, after in itertools.pairwise(looks):
        assert before.told is not None
        assert after.told is not None
        assert abs(before.told - 1.0 - after.told) <= max(0.03 * before.true, 2.0)


def test_nothing_is_said_before_something_is_known() -> None:
    now = 100.0
    estimate = Estimate(lambda: now)
    estimate.look(Left(10, 10), Outlook())
    assert estimate.seconds_left() is None
    estimate.begin()
    estimate.look(Left(10, 10), Outlook())
    assert estimate.seconds_left() is None
    now = 110.0
    for _ in range(20):
        estimate.request(0.1, 0)
    estimate.look(Left(10, 10), Outlook())  # how fast bytes are is not known yet
    assert estimate.seconds_left() is None
    estimate.look(Left(10, 0), Outlook())
    assert estimate.seconds_left() == 5


def test_a_run_of_days_remembers_little() -> None:
    now = 0.0
    estimate = Estimate(lambda: now)
    estimate.begin()
    for second in range(20_000):
        now = float(second)
        estimate.request(1.0, 1000)
        estimate.look(Left(20_000 - second, 0), Outlook())
    assert len(estimate._marks) <= 512
    assert estimate.seconds_left() == pytest.approx(1, abs=1)
