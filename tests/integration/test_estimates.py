"""What a batch says beforehand, and while it goes on, of requests, bytes and limits."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from batchdep import batch, planning
from batchdep.cli.estimate import Left
from batchdep.cli.progress import RunProgress
from batchdep.events import BatchStarted, DatasetDone, Event, Foreseen
from batchdep.local.options import RateLimit
from batchdep.manifest.load import load_manifest
from batchdep.repository.sharing import SharedLimits
from batchdep.repository.windows import Ledger, Window
from tests.support.batches import make_batch
from tests.support.local_server import running_local


def job(manifest: Path, target: str, database: Path, goal: batch.Goal = batch.Goal.PUBLISHED) -> batch.Job:
    loaded = load_manifest(manifest).manifest
    assert loaded is not None
    return batch.Job(loaded, target, str(database), token="t", goal=goal)


def test_limits_before_a_target_is_asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "limits.json"
    monkeypatch.setattr(planning, "limits_file", lambda target: path)
    assert planning.expected_limits("https://zenodo.org") == {100: 60.0, 5000: 3600.0}
    assert planning.expected_limits("http://127.0.0.1:8205") == {}
    with SharedLimits(path).open(Ledger({133: Window(133, 5, 1_800_000_000, 60.0)})):
        pass
    assert planning.expected_limits("https://zenodo.org") == {133: 60.0, 8000: 3600.0}
    assert planning.expected_limits("http://127.0.0.1:8205") == {133: 60.0}


@pytest.mark.parametrize("goal", list(batch.Goal))
async def test_requests_and_bytes_come_to_nothing_left(tmp_path: Path, goal: batch.Goal) -> None:
    made = make_batch(tmp_path / "data", datasets=4, files=2, size=300_000)
    progress = RunProgress()
    left: list[Left] = []
    started: list[BatchStarted] = []

    def see(event: Event) -> None:
        if isinstance(event, DatasetDone):  # what was under way of it is forgotten then
            left.append(progress._left())
            active = progress.active[event.dataset]
            assert (active.requests, active.bytes_left) == (0, 0)
        if isinstance(event, BatchStarted):
            started.append(event)
        progress.see(event)

    async with running_local(tmp_path) as server, asyncio.timeout(30):
        planned = await batch.plan(job(made.manifest, server.url, tmp_path / "state.db", goal))
        status = await batch.submit(job(made.manifest, server.url, tmp_path / "state.db", goal), see)
    assert started[0].requests == planned.requests == status.requests
    assert started[0].bytes_total == planned.bytes == progress.bytes_done
    assert progress._left() == Left(0, 0)
    assert len(left) == 4


async def test_a_discard_takes_two_requests_a_dataset(tmp_path: Path) -> None:
    made = make_batch(tmp_path / "data", datasets=3, files=1, size=10)
    events: list[Event] = []
    async with running_local(tmp_path) as server, asyncio.timeout(30):
        await batch.submit(job(made.manifest, server.url, tmp_path / "state.db", batch.Goal.DRAFT))
        status = await batch.discard(job(made.manifest, server.url, tmp_path / "state.db"), events.append)
    began = next(event for event in events if isinstance(event, BatchStarted))
    assert (began.requests, began.bytes_total) == (status.requests, 0) == (6, 0)


async def test_the_limits_are_told_of_while_requests_wait_for_them(tmp_path: Path) -> None:
    made = make_batch(tmp_path / "data", datasets=4, files=1, size=10)
    progress = RunProgress()
    foretold: list[float | None] = []

    def see(event: Event) -> None:
        progress.see(event)
        if isinstance(event, Foreseen):
            assert [allowance.limit for allowance in event.outlook.allowances] == [7]
            foretold.append(progress.seconds_left())

    async with running_local(tmp_path, rate_limits=(RateLimit(7, 2.0),)) as server, asyncio.timeout(30):
        await batch.submit(job(made.manifest, server.url, tmp_path / "state.db"), see)
    assert foretold
    assert any(seconds is not None and 0 < seconds < 4 for seconds in foretold)
