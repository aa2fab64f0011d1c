"""Measures what the state costs: `python -m benchmarks.state`.

Sixteen tasks take datasets through all their steps, as a run does, but nobody is asked; every statement is noted with
the transaction it was in. Then plain sqlite3 executes the very same transactions in one loop. Printed: steps, commits
and statements a second, and how many times as long the state took, by the clock and by the processor.
"""

from __future__ import annotations

import argparse
import asyncio
import sqlite3
import tempfile
import time
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, event

from batchdep.repository.model import Deposition, DepositionState, Exchange
from batchdep.state.records import BatchRecord, DatasetRecord, Intent, IntentKind, WantedDataset, WantedFile
from batchdep.state.steps import SentFile
from batchdep.state.store import BatchIdentity, Store

FILES = 2
METADATA = {
    "title": "Numbers",
    "description": "<p>Numbers, for a measurement.</p>",
    "creators": [{"name": "Doe, Jane"}],
}
Recorded = list[tuple[str, Any, bool]]


async def deposit(store: Store, batch: BatchRecord, record: DatasetRecord) -> None:
    """All steps of a dataset, each request answered at once."""
    now, number = datetime.now(UTC), record.id
    draft = Deposition(number, DepositionState.UNSUBMITTED, METADATA, bucket=f"https://x/b/{number}", url="https://x/1")

    def answered(method: str) -> None:
        store.log_exchange(batch, record.key, Exchange(method, "/api/deposit/depositions", 201, "done", 0.1))

    await store.intend_create(record, Intent(IntentKind.CREATE, now), digest="0" * 64, metadata=METADATA)
    answered("POST")
    uploads = Intent(IntentKind.UPLOAD, now)
    await store.owns(record, draft, uploads, digest="0" * 64, metadata=METADATA, how="created")
    for file in record.files.values():
        store.asks(record, f"upload {file.name}")
        answered("PUT")
    sent = [(file, SentFile(file.size, "0" * 32, file.fingerprint)) for file in record.files.values()]
    await store.complete(record, (), sent, Intent(IntentKind.PUBLISH, now))
    answered("POST")
    await store.is_published(record, draft, ())


async def run(path: Path, datasets: int, tasks: int) -> tuple[float, float]:
    """Seconds by the clock and by the processor."""
    files = tuple(WantedFile(f"{each}.csv", f"{each}.csv", 10, "10:1:1") for each in range(FILES))
    wanted = [WantedDataset(f"set-{each}", "Numbers", files) for each in range(datasets)]
    identity = BatchIdentity("https://repository.example", "bench", path, frozenset(item.key for item in wanted))
    async with Store.open(str(path)) as store:
        batch = await store.open_batch(identity)
        waiting = iter((await store.sync(batch, wanted)).values())

        async def work() -> None:
            for record in waiting:
                await deposit(store, batch, record)

        clock, processor = time.perf_counter(), time.process_time()
        await asyncio.gather(*(work() for _ in range(tasks)))
        return time.perf_counter() - clock, time.process_time() - processor


def record_transactions() -> list[Recorded]:
    """Fills up with the transactions of this process as they are committed."""
    done: list[Recorded] = []
    current: Recorded = []

    def execute(_connection: Any, _cursor: Any, statement: str, parameters: Any, _context: Any, many: bool) -> None:
        current.append((statement, parameters, many))

    def commit(_connection: Any) -> None:
        done.append(current.copy())
        current.clear()

    event.listen(Engine, "before_cursor_execute", execute)
    event.listen(Engine, "commit", commit)
    event.listen(Engine, "rollback", lambda _connection: current.clear())
    return done


def replay(path: Path, transactions: list[Recorded]) -> tuple[float, float]:
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=FULL")
        clock, processor = time.perf_counter(), time.process_time()
        for transaction in transactions:
            for statement, parameters, many in transaction:
                (connection.executemany if many else connection.execute)(statement, parameters)
            connection.execute("COMMIT")
        return time.perf_counter() - clock, time.process_time() - processor


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--datasets", type=int, default=500)
    parser.add_argument("--tasks", type=int, default=16)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        ours, plain = Path(folder, "ours.db"), Path(folder, "plain.db")
        clock, processor = asyncio.run(run(ours, options.datasets, options.tasks))
        with closing(sqlite3.connect(ours)) as source, closing(sqlite3.connect(plain)) as target:
            source.backup(target)
        transactions = record_transactions()
        asyncio.run(run(Path(folder, "again.db"), options.datasets, options.tasks))
        steps = [each for each in transactions if any(text.startswith("UPDATE datasets") for text, *_ in each)]
        plain_clock, plain_processor = replay(plain, steps)
    statements = sum(len(each) - 1 for each in steps)
    done = options.datasets * (FILES + 6)
    print(f"{done} steps in {len(steps)} commits with {statements} statements")
    for name, took in (("state", clock), ("sqlite3", plain_clock)):
        rates = (f"{number / took:8,.0f}" for number in (done, len(steps), statements))
        print(f"{name:8}" + "{} steps/s {} commits/s {} statements/s".format(*rates))
    print(f"ratio   {clock / plain_clock:8.2f} by the clock, {processor / plain_processor:.2f} by the processor")


if __name__ == "__main__":
    main()
