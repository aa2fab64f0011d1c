"""Processes on one machine draw on one budget."""

from __future__ import annotations

import asyncio
import json
import os
import time
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from batchdep.repository.clock import ServerClock
from batchdep.repository.limiter import RateLimiter
from batchdep.repository.sharing import SharedLimits, known_limits
from batchdep.repository.windows import Ledger, Window, least_seconds
from tests.unit.repository.test_limiter import EPOCH, FixedWindows, work_off
from tests.unit.repository.virtual import VirtualLoop, run_virtually

DEAD, ALIVE = 7, 8


def shared(path: Path, process: int = 1, now: float = 1e9) -> SharedLimits:
    return SharedLimits(path, process=process, monotonic=lambda: now, is_alive=lambda other: other != DEAD)


def process_on(loop: VirtualLoop, path: Path, process: int) -> tuple[RateLimiter, ServerClock]:
    clock = ServerClock(loop.time, lambda: EPOCH + loop.time())
    sharing = SharedLimits(path, process=process, monotonic=lambda: 1e9, is_alive=lambda _: True)
    return RateLimiter(clock, sharing=sharing, monotonic=loop.time, jitter=lambda: 1.0), clock


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    processes=st.integers(2, 4),
    limit=st.integers(30, 120),
    period=st.sampled_from([6.0, 60.0, 90.0]),
    latency=st.floats(0.01, 0.3),
    rounds_up=st.booleans(),
)
def test_processes_side_by_side_earn_hardly_a_refusal_and_waste_no_time(
    processes: int, limit: int, period: float, latency: float, rounds_up: bool, tmp_path: Path
) -> None:
    path, each = tmp_path / "limits.json", 3 * limit
    path.unlink(missing_ok=True)  # of the example before

    async def main(loop: VirtualLoop) -> None:
        server = FixedWindows(loop, {limit: period}, rounds_up=rounds_up)
        started = loop.time()
        await asyncio.gather(
            *(
                work_off(loop, server, each, 16, lambda _: latency, process_on(loop, path, process))
                for process in range(processes)
            )
        )
        assert server.statuses.count(429) <= 0.01 * each * processes
        grain = 0.0 if period in (6.0, 60.0) else 2.0 * 3 * processes
        needed = least_seconds(each * processes, {limit: period})
        assert loop.time() - started <= needed * 1.02 + grain + (3 * processes + limit / 8) * latency

    run_virtually(main)


def window(remaining: int = 9) -> Window:
    return Window(10, remaining, 1_800_000_000, 60.0, 123.0)


def known(remaining: int = 9, mine: int = 0) -> Ledger:
    return Ledger({10: window(remaining)}, mine=mine)


def test_what_one_process_learns_the_others_know(tmp_path: Path) -> None:
    path = tmp_path / "folder" / "limits.json"
    first = known(5, mine=2)
    first.paused_until = 77.0
    with shared(path).open(first):
        pass
    second = Ledger()
    with shared(path, ALIVE).open(second):
        assert (second.windows, second.paused_until, second.elsewhere) == ({10: window(5)}, 77.0, 2)
        second.mine += 1
        second.windows[10].spend()
    with shared(path).open(first):
        assert (first.windows[10].remaining, first.mine, first.elsewhere, first.under_way) == (4, 2, 1, 3)


def test_requests_of_a_process_that_ended_count_as_spent(tmp_path: Path) -> None:
    path = tmp_path / "limits.json"
    with shared(path, DEAD).open(known(9, mine=4)):
        pass
    for _ in range(2):
        mine = Ledger()
        with shared(path).open(mine):
            assert (mine.windows[10].remaining, mine.elsewhere) == (5, 0)


BROKEN = pytest.mark.parametrize(
    "content",
    [
        "",
        "[]",
        '{"version": 2, "windows": [], "under_way": {}}',
        '{"version": 1, "windows": [{"limit": 3}], "paused_until": 0, "under_way": {}}',
        '{"version": 1, "windows": [], "paused_until": 0, "under_way": {"x": 1}}',
        '{"version": 1, "windows": [{"limit": "3", "remaining": 1, "reset": 1, "period": 6}], "under_way": {"x": 1}}',
        '{"version": 1, "windows": [{"limit": 3, "remaining": 1, "reset": 1, "period": null}], "under_way": {"x": 1}}',
        "\x00" * 100,
        "[" * 4000,
    ],
)


@BROKEN
def test_a_broken_file_is_as_good_as_none(tmp_path: Path, content: str) -> None:
    path = tmp_path / "limits.json"
    path.write_text(content)
    ledger = known()
    with shared(path).open(ledger):
        assert (ledger.windows, ledger.elsewhere) == ({10: window()}, 0)
    assert json.loads(path.read_text())["windows"]


@BROKEN
def test_of_a_broken_file_no_limit_is_known(tmp_path: Path, content: str) -> None:
    path = tmp_path / "limits.json"
    assert known_limits(path) == {}
    path.write_text(content)
    assert known_limits(path) == {}


def test_limits_are_known_when_nobody_is_at_work(tmp_path: Path) -> None:
    path = tmp_path / "limits.json"
    with shared(path).open(known()):
        pass
    assert known_limits(path) == {10: 60.0}
    assert known_limits(tmp_path) == {}


def test_what_was_noted_before_the_machine_started_counts_no_more(tmp_path: Path) -> None:
    path = tmp_path / "limits.json"
    with shared(path).open(known(1)):
        pass
    os.utime(path, (time.time() - 50, time.time() - 50))
    ledger = Ledger()
    with shared(path, now=40.0).open(ledger):
        assert ledger.windows == {}
    with shared(path, now=60.0).open(ledger):
        assert ledger.windows == {10: window(1)}


def test_a_folder_that_cannot_be_written_holds_nobody_up(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    ledger = known(mine=1)
    with shared(tmp_path / "file" / "limits.json").open(ledger):
        assert ledger == known(mine=1)


def test_without_limits_no_file_is_made(tmp_path: Path) -> None:
    sharing = shared(tmp_path / "limits.json")
    limiter = RateLimiter(sharing=sharing)
    limiter._begin()
    limiter.release(200, {})
    assert list(tmp_path.iterdir()) == []
    assert not sharing.concerns(Ledger())
    assert sharing.concerns(known())


def test_a_new_run_believes_a_window_that_is_open_and_none_that_is_over(tmp_path: Path) -> None:
    path = tmp_path / "limits.json"

    async def main(loop: VirtualLoop) -> None:
        server = FixedWindows(loop, {10: 60.0}, rounds_up=True)
        await work_off(loop, server, 8, 4, lambda _: 0.1, process_on(loop, path, 1))
        second, _ = process_on(loop, path, 2)
        assert await second.acquire()
        assert await second.acquire()  # no request goes ahead: what is left is known
        assert second._begin() > 0
        await asyncio.sleep(61)
        third, _ = process_on(loop, path, 3)
        assert await third.acquire()
        assert third._begin() > 0

    run_virtually(main)
