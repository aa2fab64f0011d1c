"""``python -m tests.support.counting REPORT ARGUMENT ...``: batchdep's command line, counted.

The report is a JSON document: how often each file was opened and looked at (``stat``), the bytes read of each, what was
handed to threads, turns of the event loop, SQLite's transactions and statements, how often garbage was looked for, and
the modules that were imported.
"""

from __future__ import annotations

import asyncio
import gc
import json
import os
import sqlite3
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any


class Counts:
    """What a run did. Paths are as the program named them."""

    def __init__(self) -> None:
        self.opened: Counter[str] = Counter()
        self.looked_at: Counter[str] = Counter()
        self.read: Counter[str] = Counter()
        self.hops = 0
        self.turns = 0
        self.transactions = 0
        self.statements = 0
        self.collections = 0
        self.modules: list[str] = []

    def hear(self, event: str, given: tuple[Any, ...]) -> None:
        """An audit hook: every way to open a file goes by here."""
        if event == "open" and isinstance(given[0], str):
            self.opened[given[0]] += 1

    def collect(self, phase: str, _: Any) -> None:
        self.collections += phase == "start"

    def trace(self, statement: str) -> None:
        if statement.startswith("COMMIT"):
            self.transactions += 1
        elif not statement.startswith(("BEGIN", "PRAGMA", "ROLLBACK", "--")):
            self.statements += 1


def count(counts: Counts) -> None:
    """From now on."""
    read, stat, turn = os.read, os.stat, asyncio.BaseEventLoop._run_once  # type: ignore[attr-defined]
    hop, connect = asyncio.BaseEventLoop.run_in_executor, sqlite3.connect

    def counted_read(descriptor: int, length: int) -> bytes:
        content = read(descriptor, length)
        counts.read[str(Path(f"/proc/self/fd/{descriptor}").readlink())] += len(content)
        return content

    def counted_stat(path: Any, **options: Any) -> os.stat_result:
        counts.looked_at[os.fspath(path) if isinstance(path, str | os.PathLike) else str(path)] += 1
        return stat(path, **options)

    def counted_turn(loop: asyncio.BaseEventLoop) -> None:
        counts.turns += 1
        turn(loop)

    def counted_hop(loop: asyncio.BaseEventLoop, executor: Any, function: Callable[..., Any], *given: Any) -> Any:
        counts.hops += 1
        return hop(loop, executor, function, *given)

    def counted_connect(*given: Any, **options: Any) -> sqlite3.Connection:
        connection: sqlite3.Connection = connect(*given, **options)
        connection.set_trace_callback(counts.trace)
        return connection

    sqlite3.connect = sqlite3.dbapi2.connect = counted_connect  # type: ignore[assignment]
    os.read, os.stat = counted_read, counted_stat
    asyncio.BaseEventLoop._run_once = counted_turn  # type: ignore[attr-defined]
    asyncio.BaseEventLoop.run_in_executor = counted_hop  # type: ignore[assignment]
    sys.addaudithook(counts.hear)
    gc.callbacks.append(counts.collect)


def main() -> None:
    report, *arguments = sys.argv[1:]
    counts = Counts()
    count(counts)
    sys.argv = ["batchdep", *arguments]
    from batchdep.cli.app import main as command_line

    try:
        command_line()
    finally:
        counts.modules = sorted(sys.modules)
        Path(report).write_text(json.dumps(vars(counts)), encoding="utf-8")


if __name__ == "__main__":
    main()
