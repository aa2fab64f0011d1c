"""A whole batch as it was at one instant, a page at a time."""

from __future__ import annotations

import asyncio
import re
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from functools import partial
from pathlib import Path
from threading import Event

import pytest

from batchdep import overview
from batchdep.errors import Failure
from batchdep.report.status import BatchStatus
from batchdep.state import rows
from batchdep.state.records import BatchRecord, WantedDataset, WantedFile
from batchdep.state.snapshot import Abandoned, Snapshot
from batchdep.state.store import Store
from tests.integration.state.test_statements import recorded
from tests.integration.state.test_store import draft, identity
from tests.support.replacing import replace

FILES = tuple(WantedFile(f"{each}.csv", f"data/{each}.csv", 12, "12:1:1") for each in range(3))


@pytest.fixture(autouse=True)
def pages_of_two(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rows, "_PAGE", 2)


async def filled(store: Store, number: int = 5) -> BatchRecord:
    """A batch whose datasets have no, one, two, three files, the last ones turned round; every third one failed."""
    batch = await store.open_batch(identity())
    wanted = [WantedDataset(f"d{each}", f"Title {each}", FILES[: each % 4]) for each in range(number)]
    records = await store.sync(batch, wanted)
    records = await store.sync(batch, [*wanted[:-2], *reversed(wanted[-2:])], records)
    for each, record in enumerate(records.values()):
        if each % 3 == 0:
            await store.owns(record, draft(each + 1), digest="d", metadata={"title": "Roses"}, how="created")
            await store.failed(record, Failure("file_changed", "It changed.", "Run again."))
    return batch


async def test_all_datasets_come_in_their_order_with_all_that_is_theirs(database: str) -> None:
    async with Store.open(database) as store:
        batch = await filled(store)
        expected = list((await store.load(batch)).values())
        found = await store.snapshot(lambda kept: list(kept.datasets(batch)))
        failed = await store.snapshot(lambda kept: [record.key for record in kept.datasets(batch, failed=True)])
    assert [record.key for record in found] == ["d0", "d1", "d2", "d4", "d3"]
    assert found == expected
    assert [len(record.files) for record in found] == [0, 1, 2, 0, 3]
    assert failed == ["d0", "d4"]


@pytest.mark.parametrize("number", [0, 1, 2, 3, 4])
async def test_no_dataset_is_left_out_or_told_twice_where_pages_meet(database: str, number: int) -> None:
    async with Store.open(database) as store:
        batch = await store.open_batch(identity())
        first = await store.sync(batch, [WantedDataset("gone", "", FILES)])
        await store.sync(batch, [WantedDataset(f"d{each}", "", FILES) for each in range(number)], first)
        found = await store.snapshot(partial(keys, batch=batch))
    assert sorted(found) == sorted([*(f"d{each}" for each in range(number)), "gone"]), "two are at the same place"


async def test_each_page_takes_as_many_statements_and_looks_at_no_other_batch(tmp_path: Path) -> None:
    path = tmp_path / "state.db"
    counts = []
    async with Store.open(str(path)) as store:
        for number in (4, 8, 12):
            batch = await store.open_batch(identity(Path(f"/{number}.yaml"), str(number)))
            await store.sync(batch, [WantedDataset(f"{number}-{each}", "", FILES) for each in range(number)])
            with recorded() as statements:
                await store.snapshot(partial(keys, batch=batch))
            counts.append(len(statements))
    assert counts[2] - counts[1] == counts[1] - counts[0] <= 6, "two pages more each time"
    with closing(sqlite3.connect(path)) as connection:
        for statement, parameters in statements:
            if statement.startswith("SELECT"):
                rows_of_plan = connection.execute(f"EXPLAIN QUERY PLAN {statement}", parameters)
                plan = "; ".join(row[3] for row in rows_of_plan)
                assert not re.search(r"SCAN (datasets|files)", plan), (statement, plan)
                if "ORDER BY datasets.position" in statement:
                    assert "ix_datasets_batch_id_position" in plan
                    assert "TEMP B-TREE" not in plan


def keys(kept: Snapshot, batch: BatchRecord) -> list[str]:
    return [record.key for record in kept.datasets(batch)]


async def test_what_is_written_meanwhile_is_not_in_it_and_is_not_kept_from_being_written(tmp_path: Path) -> None:
    path = tmp_path / "state.db"

    def titles(kept: Snapshot) -> list[str]:
        found = []
        for record in kept.datasets(batch):
            found.append(record.title)
            with closing(sqlite3.connect(path, timeout=0)) as other, other:
                other.execute("UPDATE datasets SET title = 'Later'")
        return found

    async with Store.open(str(path)) as store:
        batch = await filled(store)
        assert "Later" not in await store.snapshot(titles)
        assert {record.title for record in (await store.load(batch)).values()} == {"Later"}


async def test_it_ends_within_a_page_when_nobody_waits_any_more(tmp_path: Path) -> None:
    begun, cancelled = Event(), Event()
    seen: list[str] = []
    ended: list[str] = []

    def work(kept: Snapshot) -> None:
        try:
            for record in kept.datasets(batch):
                seen.append(record.key)
                begun.set()
                assert cancelled.wait(30)
        except Abandoned:
            ended.append("abandoned")
            raise

    async with Store.open(str(tmp_path / "state.db")) as store:
        batch = await filled(store)
        task = asyncio.create_task(store.snapshot(work))
        assert await asyncio.to_thread(begun.wait, 30)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        cancelled.set()
    assert (seen, ended) == (["d0", "d1"], ["abandoned"])


async def test_what_is_told_whole_is_what_is_told_of_it_in_memory(database: str) -> None:
    async with Store.open(database) as store:
        batch = await filled(store)
        async with store.run(batch, "submit"):
            pass
    (expected,) = await overview.status(database)
    told = await overview.tell(database, None, None, in_memory)
    assert told.as_dict() == expected.as_dict()
    assert [each.metadata for each in told.datasets] == [each.metadata for each in expected.datasets]
    assert [each.published_at for each in told.datasets] == [each.published_at for each in expected.datasets]
    assert (told.runs, told.failures()) == (expected.runs, expected.failures())


def in_memory(found: Sequence[BatchStatus]) -> BatchStatus:
    """The one batch, while it can be gone through."""
    (told,) = found
    assert [each.id for each in told.failed()] == ["d0", "d4"]
    return replace(told, datasets=list(told.datasets))


async def test_an_error_of_whoever_tells_is_theirs(tmp_path: Path) -> None:
    def fails(kept: Snapshot) -> None:
        raise ZeroDivisionError

    async with Store.open(str(tmp_path / "state.db")) as store:
        with pytest.raises(ZeroDivisionError):
            await store.snapshot(fails)
