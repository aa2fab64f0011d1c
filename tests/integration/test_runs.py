"""A run as a whole: what must not stop it, what must, and that it ends."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from batchdep import batch
from batchdep.deposit import Context, Deferred, Goal, Links, Parked, Work
from batchdep.deposit.body import ReadAhead
from batchdep.errors import DatasetFailure, ExitCode
from batchdep.events import DatasetDone, DatasetStarted, Event, FileProgress
from batchdep.manifest.load import load_manifest
from batchdep.plan import plan_of
from batchdep.report.status import DatasetState
from batchdep.state.records import DatasetRecord
from batchdep.workers import Interrupt, Workers
from tests.integration.state.test_statements import recorded
from tests.support.account import account, assert_holds_exactly
from tests.support.batches import make_batch
from tests.support.local_server import running_local
from tests.support.replacing import replace


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
    record = SimpleNamespace(key="d", deposition_id=None, is_outline=False, state="pending")
    work = SimpleNamespace(record=record, plan=plan_of("d", "D", {}))
    workers = Workers(cast(Context, context), refuse, lambda _: DatasetStarted("d", "D", 0), Interrupt(), 2)
    async with asyncio.timeout(5):
        with pytest.raises(RuntimeError, match="a bug"):
            await workers.run(cast(list[Work], [work, work, work]))


@pytest.mark.parametrize("first_parks", [False, True])
async def test_the_others_are_prepared_while_one_goes_ahead_alone(first_parks: bool) -> None:
    """One that is put aside has learned nothing of the repository: the next goes ahead, and alone, too."""
    now = datetime(2026, 1, 1, tzinfo=UTC)
    records = [DatasetRecord(number, 1, f"d{number}", 0, "t", DatasetState.PENDING, now) for number in range(4)]
    prepared: list[str] = []
    asking: list[str] = []
    others_are_prepared, answered = asyncio.Event(), asyncio.Event()
    put_aside: list[Work] = []

    class Waiting(Links):
        def park(self, parked: Parked, work: Work) -> None:
            put_aside.append(work)

    links = Waiting()

    def prepare(work: Work) -> None:
        prepared.append(work.record.key)
        if len(prepared) == 3:
            others_are_prepared.set()

    async def ask(_context: Context, work: Work) -> None:
        asking.append(work.record.key)
        if first_parks and asking == ["d0"]:
            raise Parked(cast(Any, None))
        await answered.wait()

    context = SimpleNamespace(
        store=None,
        observer=lambda event: None,
        repository=SimpleNamespace(stop=lambda: None, target="http://127.0.0.1:1"),
        links=links,
    )
    begun = [Work(plan_of(record.key, "", {}), record, Goal.DRAFT) for record in records]
    told = lambda work: DatasetStarted(work.record.key, "", 0)  # noqa: E731
    workers = Workers(cast(Context, context), ask, told, Interrupt(), 3, prepare)
    async with asyncio.timeout(5):
        run = asyncio.create_task(workers.run(begun))
        await others_are_prepared.wait()
        for _turn_of_the_loop in range(20):
            await asyncio.sleep(0)
        assert asking == (["d0", "d1"] if first_parks else ["d0"])
        answered.set()
        workers.admit()
        for work in put_aside:
            links.wake(work)
        await run
    assert sorted(set(asking)) == ["d0", "d1", "d2", "d3"]


@pytest.mark.parametrize("ending", [DatasetFailure("metadata_rejected", "No."), Deferred(0.0, "it is in doubt"), None])
async def test_what_was_read_of_a_dataset_is_let_go_with_its_turn(ending: Exception | None) -> None:
    """Of a thousand datasets that are refused the first megabyte of each would be kept."""
    now = datetime(2026, 1, 1, tzinfo=UTC)
    records = [DatasetRecord(number, 1, f"d{number}", 0, "t", DatasetState.PENDING, now) for number in range(3)]
    begun = [Work(plan_of(record.key, "", {}), record, Goal.DRAFT) for record in records]
    kept: list[int] = []
    ended: set[str] = set()

    def prepare(work: Work) -> None:
        kept.append(sum(each.ahead is not None for each in begun))
        work.ahead = ReadAhead(())

    async def end(_context: Context, work: Work) -> None:
        if ending is not None and work.record.key not in ended:
            ended.add(work.record.key)
            raise ending

    class Noting:
        async def failed(self, *_: Any, **__: Any) -> None: ...

    context = SimpleNamespace(
        store=Noting(),
        observer=lambda event: None,
        repository=SimpleNamespace(stop=lambda: None, target="http://127.0.0.1:1"),
        links=Links(),
    )
    told = lambda work: DatasetStarted(work.record.key, "", 0)  # noqa: E731
    async with asyncio.timeout(5):
        await Workers(cast(Context, context), end, told, Interrupt(), 1, prepare).run(begun)
    assert set(kept) == {0}
    assert [work.ahead for work in begun] == [None, None, None]


async def test_metadata_and_files_are_here_only_while_their_turn_is_near(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("batchdep.workers.FETCHED", 2)
    now = datetime(2026, 1, 1, tzinfo=UTC)
    records = [DatasetRecord(number, 1, f"d{number}", 0, "t", DatasetState.PENDING, now) for number in range(9)]
    for each in records:
        each.make_outline()
    held: list[int] = []

    class Kept:
        async def fetch(self, wanted: Iterable[DatasetRecord]) -> None:
            outlines = [record for record in wanted if record.is_outline]
            await asyncio.sleep(0)
            for record in outlines:
                assert record.is_outline, "what is being worked on is not read once more"
                record.fill_outline()

    async def note(_context: Context, work: Work) -> None:
        assert work.record.files == {}
        await asyncio.sleep(0)
        held.append(sum(not record.is_outline for record in records))

    context = SimpleNamespace(
        store=Kept(),
        observer=lambda event: None,
        repository=SimpleNamespace(stop=lambda: None, target="http://127.0.0.1:1"),
        links=Links(),
    )
    workers = Workers(cast(Context, context), note, lambda work: DatasetStarted(work.record.key, "", 0), Interrupt(), 2)
    async with asyncio.timeout(5):
        await workers.run([Work(plan_of(record.key, "", {}), record, Goal.DRAFT) for record in records])
    assert len(held) == len(records)
    assert max(held) <= 5
    assert all(record.is_outline for record in records)


async def test_a_run_reads_no_row_of_files_of_what_is_finished(tmp_path: Path) -> None:
    """The sums at the end are the database's."""
    made = make_batch(tmp_path / "data", datasets=2, files=2, size=10)
    async with running_local(tmp_path) as server, asyncio.timeout(30):
        asked = replace(job(made.manifest, server.url, tmp_path / "state.db"), outlined=True)
        first = await batch.submit(asked)
        with recorded() as statements:
            again = await batch.submit(asked)
    assert (first.exit_code, again.exit_code, again.requests) == (ExitCode.DONE, ExitCode.DONE, 0)
    assert again.bytes() == first.bytes() == {"total": 40, "uploaded": 40}
    assert not [text for text, _ in statements if "files.fingerprint" in text or "sent_metadata" in text]
