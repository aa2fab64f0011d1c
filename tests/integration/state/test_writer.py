"""Writes that share a transaction: one failure is everybody's at once, and nobody's for ever."""

from __future__ import annotations

import asyncio
import threading
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, select, text

from batchdep.errors import StateError
from batchdep.repository.model import Exchange
from batchdep.state import postgresql
from batchdep.state.steps import AlreadyOwnedError
from batchdep.state.store import Store
from batchdep.state.tables import events
from tests.integration.state.test_store import ONE, TWO, draft, identity


async def test_a_failure_of_no_known_kind_leaves_nobody_waiting(database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    async with Store.open(database) as store, asyncio.timeout(10):
        writer, proceed = store._writer, asyncio.Event()
        write = store._database.write

        async def broken(_work: Any) -> None:
            await proceed.wait()
            monkeypatch.setattr(store._database, "write", write)
            raise RuntimeError("a bug")

        monkeypatch.setattr(store._database, "write", broken)
        first = asyncio.create_task(writer.write([]))
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        second = asyncio.create_task(writer.write([]))
        await asyncio.sleep(0)
        proceed.set()
        outcomes = await asyncio.gather(first, second, return_exceptions=True)
        assert isinstance(outcomes[0], RuntimeError)
        assert outcomes[1] is None


async def test_a_database_that_cannot_be_read_is_told_in_words(database: str) -> None:
    async with Store.open(database) as store:
        for table in ("files", "datasets"):
            await store._database.write(partial(Connection.execute, statement=text(f"DROP TABLE {table}")))
        with pytest.raises(StateError, match="cannot be used"):
            await store.owned_among("https://repository.example", [1])


async def test_processes_that_begin_a_batch_at_once_begin_the_same(database: str) -> None:
    async def begin() -> int:
        async with Store.open(database) as store:
            return (await store.open_batch(identity())).id

    async with Store.open(database) as store:
        found = set(await asyncio.gather(*(begin() for _ in range(6))))
        assert len(found) == 1
        assert [batch.id for batch in await store.all_batches()] == list(found)
        assert list(await store.sync(await store.open_batch(identity()), [ONE])) == ["one"]


async def test_requests_stay_in_the_log_when_what_they_were_for_is_refused(database: str) -> None:
    async with Store.open(database) as store:
        batch = await store.open_batch(identity())
        records = await store.sync(batch, [ONE, TWO])
        await store.owns(records["one"], draft(7), digest="d", metadata={}, how="created")
        store.log_exchange(batch, "two", Exchange("GET", "/api/deposit/depositions/7", 200, "done", 0.1))
        with pytest.raises(AlreadyOwnedError):
            await store.owns(records["two"], draft(7), digest="d", metadata={}, how="adopted")
        await store.settled(records["two"])
        logged = await store._rows(select(events.c.dataset, events.c.what).order_by(events.c.id))
    assert [tuple(row) for row in logged] == [("one", "created"), ("two", "answered")]


@pytest.mark.parametrize("how", ["fails", "hangs"])
async def test_a_lock_whose_connection_does_not_answer_is_lost(how: str, monkeypatch: pytest.MonkeyPatch) -> None:
    class Connection:
        async def execute(self, _statement: Any) -> None:
            if how == "fails":
                raise RuntimeError("of no known kind")
            await asyncio.Event().wait()

    monkeypatch.setattr(postgresql, "_HEARTBEAT_SECONDS", 0.01)
    lost = asyncio.Event()
    async with asyncio.timeout(5):
        await postgresql._heartbeat(Connection(), lost.set)  # type: ignore[arg-type]
    assert lost.is_set()


async def test_a_run_that_ends_badly_leaves_no_thread_behind(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError):
        async with Store.open(str(tmp_path / "state.db")) as store:
            await store.open_batch(identity())
            raise RuntimeError("a bug")
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("state")]
