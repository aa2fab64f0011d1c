"""How many statements there are, and that none looks at more rows than it must."""

from __future__ import annotations

import asyncio
import re
import sqlite3
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, event

from batchdep import batch
from batchdep.errors import ExitCode, Failure
from batchdep.manifest.load import load_manifest
from batchdep.repository.model import Exchange
from batchdep.state.eventlog import EventRecord
from batchdep.state.records import BatchRecord, Intent, IntentKind, WantedDataset
from batchdep.state.snapshot import Snapshot
from batchdep.state.steps import SentFile
from batchdep.state.store import Store
from tests.integration.state.test_store import FILE, NOON, ONE, TWO, draft, identity
from tests.support.batches import make_batch
from tests.support.local_server import running_local


@contextmanager
def recorded() -> Iterator[list[tuple[str, Any]]]:
    """The statements of the block, each with its parameters, or its sets of parameters."""
    found: list[tuple[str, Any]] = []

    def note(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_rest: Any) -> None:
        found.append((statement, parameters))

    event.listen(Engine, "before_cursor_execute", note)
    try:
        yield found
    finally:
        event.remove(Engine, "before_cursor_execute", note)


def events(kept: Snapshot, batch: BatchRecord, dataset: str | None = None) -> list[EventRecord]:
    """As they were noted; those by the clock are the same here."""
    found = list(kept.events(batch, dataset))
    assert list(kept.events(batch, dataset, by_time=True)) == found
    return found


async def live(store: Store) -> None:
    """All that a batch may ask of the state, but for its making."""
    made = await store.open_batch(identity())
    async with store.lock(made, lambda: None), store.run(made, "submit"):
        records = await store.sync(made, [TWO, ONE], await store.load(made))
        one, file = records["one"], records["one"].files["a.csv"]
        await store.intend(one, Intent(IntentKind.CREATE, NOON), attempt=True)
        store.log_exchange(made, "one", Exchange("POST", "/api/deposit/depositions", 201, "done", 0.1))
        await store.owns(one, draft(7), digest="d", metadata={}, how="created")
        await store.uploaded(one, [(file, SentFile(12, "0" * 32, "12:1:1"))])
        await store.failed(one, Failure("file_changed", "It changed.", "Run again.", retryable=True))
        await store.discarded(one)
        await store.owned_among(made.target, [7, 8])
    await store.outlines(made, lambda doi: doi)
    await store.outlines(made, lambda doi: doi, 1)
    await store.ids(made)
    await store.runs(made)
    for dataset in (None, "one"):
        await store.snapshot(partial(events, batch=made, dataset=dataset))
    await store.sync(await store.open_batch(identity(Path("/elsewhere.yaml"))), [ONE])


async def test_no_statement_looks_at_rows_of_other_batches(tmp_path: Path) -> None:
    path = tmp_path / "state.db"
    async with Store.open(str(path)) as store:
        await store.sync(await store.open_batch(identity()), [ONE, TWO])
        with recorded() as statements:
            await live(store)
    plans = dict(_plans(path, statements))
    assert len(plans) > 20
    for statement, plan in plans.items():
        assert not re.search(r"SCAN (datasets|files|runs|events)", plan), (statement, plan)
    (ordered,) = {plan for statement, plan in plans.items() if "ORDER BY datasets.position" in statement}
    assert "ix_datasets_batch_id_position" in ordered
    assert "TEMP B-TREE" not in ordered


def _plans(path: Path, statements: list[tuple[str, Any]]) -> Iterator[tuple[str, str]]:
    with closing(sqlite3.connect(path)) as connection:
        for statement, parameters in statements:
            if not statement.startswith(("SELECT", "UPDATE", "DELETE")):
                continue
            one = parameters[0] if isinstance(parameters, list) else parameters
            yield statement, "; ".join(row[3] for row in connection.execute(f"EXPLAIN QUERY PLAN {statement}", one))


async def test_twice_the_datasets_take_as_many_statements(database: str) -> None:
    counts = []
    for number in (10, 20):
        wanted = [WantedDataset(f"{number}-{each}", "", (FILE,)) for each in range(number)]
        changed = [WantedDataset(item.key, "new title", TWO.files) for item in reversed(wanted)]
        async with Store.open(database) as store:
            made = await store.open_batch(identity(Path(f"/{number}.yaml"), str(number)))
            with recorded() as statements:
                records = await store.sync(made, wanted)
                records = await store.sync(made, changed, records)
                assert await store.load(made) == await store.sync(made, changed)
                await store.outlines(made, lambda doi: doi)
        counts.append(len(statements))
    assert counts[0] == counts[1] < 40


async def test_a_run_reads_as_often_whatever_its_size(tmp_path: Path) -> None:
    """Steps write; what is read is read for all datasets at once, and a finished batch asks for nothing more."""
    first: list[Counter[str]] = []
    again: list[Counter[str]] = []
    async with running_local(tmp_path) as server, asyncio.timeout(60):
        for number in (2, 4):
            made = make_batch(tmp_path / f"data-{number}", datasets=number, files=2, size=10)
            manifest = load_manifest(made.manifest).manifest
            assert manifest is not None
            job = batch.Job(manifest, server.url, str(tmp_path / f"{number}.db"), token="t")
            for counts in (first, again):
                with recorded() as statements:
                    assert (await batch.submit(job)).exit_code is ExitCode.DONE
                counts.append(Counter(statement.split()[0] for statement, _ in statements))
    assert first[0]["SELECT"] == first[1]["SELECT"]
    assert again[0] == again[1]


async def test_events_of_many_tasks_go_together(database: str) -> None:
    async with Store.open(database) as store:
        made = await store.open_batch(identity())
        records = await store.sync(made, [WantedDataset(str(each), "", ()) for each in range(16)])
        with recorded() as statements:
            await asyncio.gather(*(store.intend(each, Intent(IntentKind.CREATE, NOON)) for each in records.values()))
        logged = [each.dataset for each in await store.snapshot(partial(events, batch=made))]
    assert logged == list(records)
    assert sum(statement.startswith("INSERT") for statement, _ in statements) <= 2, "the first task's, and the others'"
