from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

import pytest

from batchdep.repository import (
    Answer,
    Body,
    Deposition,
    DepositionState,
    Done,
    Patience,
    PatientRepository,
    Reason,
    Rejected,
    RemoteFile,
    Throttled,
    Unavailable,
    Unknown,
    Waiting,
)
from batchdep.repository.upload import TextBody

DRAFT = Deposition(7, DepositionState.UNSUBMITTED, {})
GONE = Unavailable("nobody there", connected=False)
BROKEN = Unavailable("it broke")
REFUSED = Rejected(Reason.INVALID, 400, "no")


class Scripted:
    """A repository that answers every call with the next answer of a script, taking ``takes`` seconds."""

    target = "https://repo.example.org"

    def __init__(self, script: Iterator[Any], time: Time, takes: float = 0.0) -> None:
        self.script = script
        self.calls = 0
        self.closed = False
        self.stopped = False
        self._time = time
        self.takes = takes

    async def _next(self) -> Any:
        self.calls += 1
        self._time.now += self.takes
        return next(self.script)

    async def check_access(self) -> Answer[None]:
        return await self._next()  # type: ignore[no-any-return]

    async def create(self, metadata: dict[str, Any]) -> Answer[Deposition]:
        return await self._next()  # type: ignore[no-any-return]

    async def get(self, deposition_id: int) -> Answer[Deposition]:
        return await self._next()  # type: ignore[no-any-return]

    async def update(self, deposition_id: int, metadata: dict[str, Any]) -> Answer[Deposition]:
        return await self._next()  # type: ignore[no-any-return]

    async def upload(self, deposition: Deposition, name: str, body: Body) -> Answer[RemoteFile]:
        return await self._next()  # type: ignore[no-any-return]

    async def delete_file(self, deposition_id: int, file: RemoteFile) -> Answer[None]:
        return await self._next()  # type: ignore[no-any-return]

    async def publish(self, deposition_id: int) -> Answer[Deposition]:
        return await self._next()  # type: ignore[no-any-return]

    async def delete(self, deposition_id: int) -> Answer[None]:
        return await self._next()  # type: ignore[no-any-return]

    async def recent(self, since: datetime | None) -> Answer[Sequence[Deposition]]:
        return await self._next()  # type: ignore[no-any-return]

    def stop(self) -> None:
        self.stopped = True

    async def close(self) -> None:
        self.closed = True


class Time:
    def __init__(self) -> None:
        self.now = 0.0
        self.slept: list[float] = []

    def monotonic(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds


class Bench:
    """A patient repository around a script, with a clock that only sleeping moves."""

    def __init__(self, *script: Any, forever: Any = None, takes: float = 0.0, jitter: float = 1.0) -> None:
        self.time = Time()
        self.waits: list[Waiting] = []
        self.inner = Scripted(self._answers(script, forever), self.time, takes)
        self.repository = PatientRepository(
            self.inner,
            on_wait=self.waits.append,
            sleep=self.time.sleep,
            monotonic=self.time.monotonic,
            jitter=lambda: jitter,
        )

    @staticmethod
    def _answers(script: Sequence[Any], forever: Any) -> Iterator[Any]:
        yield from script
        while forever is not None:
            yield forever

    async def call(self, action: str) -> Any:
        arguments = {
            "check_access": (),
            "create": ({"title": "t"},),
            "get": (7,),
            "update": (7, {"title": "t"}),
            "upload": (DRAFT, "a.txt", TextBody(b"a")),
            "delete_file": (7, RemoteFile("a.txt", 1, "", "id")),
            "publish": (7,),
            "delete": (7,),
            "recent": (None,),
        }
        return await getattr(self.repository, action)(*arguments[action])


READS = ["check_access", "get", "recent"]
WRITES = ["create", "update", "upload", "delete_file", "publish", "delete"]


@pytest.mark.parametrize("action", READS + WRITES)
async def test_what_did_not_happen_is_asked_again(action: str) -> None:
    bench = Bench(BROKEN, Throttled(3.0, "slow down"), GONE, Done("value"))
    assert await bench.call(action) == Done("value")
    assert bench.inner.calls == 4
    assert [wait.action for wait in bench.waits] == [action] * 3
    assert [wait.answer for wait in bench.waits] == [BROKEN, Throttled(3.0, "slow down"), GONE]
    assert [wait.seconds for wait in bench.waits] == bench.time.slept == [1.0, 3.0, 2.0]


@pytest.mark.parametrize("action", READS + WRITES)
async def test_a_final_answer_is_final(action: str) -> None:
    bench = Bench(REFUSED)
    assert await bench.call(action) is REFUSED
    assert bench.time.slept == []


@pytest.mark.parametrize("action", WRITES)
async def test_what_may_have_happened_is_never_repeated(action: str) -> None:
    bench = Bench(BROKEN, Unknown("lost"), Done(None))
    assert await bench.call(action) == Unknown("lost")
    assert bench.inner.calls == 2


@pytest.mark.parametrize("action", READS)
async def test_a_read_whose_answer_was_lost_is_repeated(action: str) -> None:
    assert await Bench(Unknown("lost"), Done("value")).call(action) == Done("value")


async def test_throttling_is_waited_out_however_long() -> None:
    bench = Bench(*[Throttled(3600.0, "wait")] * 30, Done("value"))
    assert await bench.call("publish") == Done("value")
    assert bench.time.now == 30 * 3600


async def test_throttling_that_tells_nothing_is_met_with_growing_waits() -> None:
    bench = Bench(*[Throttled(None, "wait")] * 12, Done("value"), jitter=0.5)
    await bench.call("get")
    assert bench.time.slept == [0.5, 1, 2, 4, 8, 16, 32, 64, 128, 150, 150, 150]


async def test_a_target_that_is_not_there_at_the_start_is_given_up_soon() -> None:
    bench = Bench(forever=GONE)
    assert await bench.call("check_access") is GONE
    assert bench.time.now == pytest.approx(10)
    assert bench.time.slept == [1, 2, 4, 3]


async def test_a_target_that_is_never_well_at_the_start_is_given_up_soon() -> None:
    bench = Bench(forever=BROKEN, takes=4.0)
    assert await bench.call("check_access") is BROKEN
    assert 8 <= bench.time.now <= 14


async def test_a_target_that_goes_away_gets_a_minute_and_one_that_is_ill_five() -> None:
    bench = Bench(Done("value"), forever=GONE)
    await bench.call("get")
    assert await bench.call("get") is GONE
    assert bench.time.now == pytest.approx(60)

    bench = Bench(Done("value"), forever=BROKEN)
    await bench.call("get")
    assert await bench.call("publish") is BROKEN
    assert bench.time.now == pytest.approx(300)


async def test_calls_share_what_they_know_of_an_outage_until_it_is_old() -> None:
    bench = Bench(Done("value"), forever=GONE)
    await bench.call("get")
    await bench.call("get")
    calls = bench.inner.calls
    assert await bench.call("create") is GONE
    assert bench.inner.calls == calls + 1
    bench.time.now += 3600
    assert await bench.call("create") is GONE
    assert bench.inner.calls > calls + 4


async def test_an_outage_ends_with_the_first_answer() -> None:
    bench = Bench(REFUSED, *[GONE] * 5, Done("value"), *[GONE] * 5, Done("value"))
    await bench.call("get")
    assert await bench.call("get") == Done("value")
    assert await bench.call("get") == Done("value")


async def test_a_time_to_come_back_is_kept_unless_patience_ends_before() -> None:
    later = Unavailable("maintenance", after=100.0, status=503)
    bench = Bench(Done("value"), later, later, Done("value"))
    await bench.call("get")
    assert await bench.call("publish") == Done("value")
    assert bench.time.slept == [100, 100]

    much_later = Unavailable("maintenance", after=3600.0, status=503)
    bench = Bench(Done("value"), much_later)
    await bench.call("get")
    assert await bench.call("publish") is much_later
    assert bench.time.slept == []


@pytest.mark.parametrize(("action", "calls"), [("update", 4), ("get", 8)])
async def test_a_500_to_metadata_is_tried_a_few_times_only(action: str, calls: int) -> None:
    ill = Unavailable("ill", status=500)
    bench = Bench(Done("value"), *[ill] * 7, Done("value"), forever=ill)
    await bench.call("check_access")
    await bench.call(action)
    assert bench.inner.calls == 1 + calls


async def test_an_upload_may_break_late_and_is_tried_again() -> None:
    bench = Bench(Done("value"), *[BROKEN] * 4, Done("value"), takes=1800)
    await bench.call("get")
    assert await bench.call("upload") == Done("value")


async def test_an_upload_that_breaks_each_time_is_given_up() -> None:
    bench = Bench(Done("value"), forever=BROKEN)
    await bench.call("get")
    assert await bench.call("upload") is BROKEN
    assert bench.inner.calls == 1 + Patience().uploads


async def test_waits_are_random_and_grow_to_a_bound() -> None:
    bench = Bench(Done("value"), *[BROKEN] * 9, Done("value"), jitter=0.25)
    await bench.call("get")
    await bench.call("get")
    assert bench.time.slept == [0.25, 0.5, 1, 2, 4, 8, 15, 15, 15]


async def test_it_is_the_repository_it_wraps() -> None:
    bench = Bench()
    assert bench.repository.target == bench.inner.target
    await bench.repository.close()
    assert bench.inner.closed


async def test_stopping_ends_a_wait_and_nothing_is_repeated() -> None:
    inner = Scripted(iter([Throttled(3600.0, "later")] * 2), Time())
    patient = PatientRepository(inner)
    asking = asyncio.ensure_future(patient.get(7))
    await asyncio.sleep(0)
    patient.stop()
    assert await asyncio.wait_for(asking, 5) == Throttled(3600.0, "later")
    assert inner.stopped
