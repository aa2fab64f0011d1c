"""A run as a whole: what must not stop it, what must, and that it ends."""

from __future__ import annotations

import asyncio
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from batchdep import batch
from batchdep.deposit import Context, Links, Work
from batchdep.errors import DatasetFailure, ExitCode
from batchdep.events import DatasetDone, DatasetStarted, Event, FileProgress
from batchdep.manifest.load import load_manifest
from batchdep.plan import plan_of
from batchdep.workers import Interrupt, Workers
from tests.support.account import account, assert_holds_exactly
from tests.support.batches import make_batch
from tests.support.local_server import running_local


def job(manifest: Path, target: str, database: Path) -> batch.Job:
    loaded = load_manifest(manifest).manifest
    assert loaded is not None
    return batch.Job(loaded, target, str(database), token="t")


async def test_an_observer_that_fails_harms_nothing(tmp_path: Path) -> None:
    made = make_batch(tmp_path / "data", datasets=3, files=2, size=300_000)
    seen: list[type[Event]] = []

    def broken(event: Event) -> None:
        seen.append(type(event))
        raise BrokenPipeError("nobody looks any more")

    async with running_local(tmp_path) as server, asyncio.timeout(30):
        status = await batch.submit(job(made.manifest, server.url, tmp_path / "state.db"), broken)
        assert status.exit_code is ExitCode.DONE
        await asyncio.to_thread(assert_holds_exactly, server.url, made)
    assert {FileProgress, DatasetDone} <= set(seen)


async def test_a_lock_lost_before_the_work_begins_stops_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = make_batch(tmp_path / "data", datasets=2, files=1, size=10)
    original = batch._Session.plan

    async def planning(session: batch._Session) -> Any:
        planned = await original(session)
        session.lock_lost()
        return planned

    monkeypatch.setattr(batch._Session, "plan", planning)
    async with running_local(tmp_path) as server, asyncio.timeout(30):
        status = await batch.submit(job(made.manifest, server.url, tmp_path / "state.db"))
        assert status.stopped is not None
        assert status.stopped.code == "batch_locked"
        assert await asyncio.to_thread(account, server.url) == []


async def test_a_bug_in_noting_an_outcome_ends_the_run_in_words() -> None:
    """Not in a silence in which every worker waits for the one that is gone."""

    class Broken:
        async def failed(self, *_: Any, **__: Any) -> None:
            raise RuntimeError("a bug")

    async def refuse(_context: Context, _work: Work) -> None:
        await asyncio.sleep(0)
        raise DatasetFailure("file_changed", "It changed.")

    context = SimpleNamespace(
        store=Broken(), observer=lambda event: None, repository=SimpleNamespace(stop=lambda: None), links=Links()
    )
    record = SimpleNamespace(key="d", deposition_id=None, state="pending")
    work = SimpleNamespace(record=record, plan=plan_of("d", "D", {}))
    workers = Workers(cast(Context, context), refuse, lambda _: DatasetStarted("d", "D", 0), Interrupt(), 2)
    async with asyncio.timeout(5):
        with pytest.raises(RuntimeError, match="a bug"):
            await workers.run(cast(list[Work], [work, work, work]))
