"""The embedded repository for tests: inside the test's own loop, or as a process that can be killed."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections import defaultdict
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from batchdep.local import LocalOptions, LocalServer, start_local
from tests.support.forking import Forked, forked

ROOT = Path(__file__).resolve().parents[2]


@asynccontextmanager
async def running_local(tmp_path: Path, **options: Any) -> AsyncIterator[LocalServer]:
    """A server in this event loop, with its data in ``tmp_path/repository`` and its journal, unless options say
    otherwise, in ``tmp_path/journal.jsonl``; ``options`` are those of LocalOptions."""
    settings = {"data": tmp_path / "repository", "journal": tmp_path / "journal.jsonl", **options}
    server = await start_local(LocalOptions(**settings))
    try:
        yield server
    finally:
        await server.close()


class LocalProcess:
    """A server in a process of its own: ``start``, ``kill`` (-9), ``start`` again on the same port and data.

    ``arguments`` are those of ``python -m batchdep.local`` beside --data, --port and --journal. As a context manager
    it starts at the beginning and is killed at the end. ``fresh``: in a Python that was started for it, as a user's is;
    otherwise in one that is forked, which takes a tenth of the time.
    """

    def __init__(self, tmp_path: Path, *arguments: str, fresh: bool = False) -> None:
        self.data = tmp_path / "repository"
        self.journal = tmp_path / "journal.jsonl"
        self.url = ""
        self._arguments = arguments
        self._fresh = fresh
        self._port = 0
        self._process: Forked | subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        """The running process."""
        assert self._process is not None
        return self._process.pid

    def start(self) -> str:
        """Start and wait until it answers; returns the origin, which is the same after a restart."""
        assert self._process is None, "it is running"
        reader, writer = os.pipe()
        with os.fdopen(reader, encoding="utf-8") as told:
            self._process = self._begin(writer)
            os.close(writer)
            self.url = told.readline().strip()
        if not self.url:
            code = self._process.wait()
            self._process = None
            raise RuntimeError(f"the embedded repository did not start: exit code {code}")
        self._port = int(self.url.rpartition(":")[2])
        return self.url

    def _begin(self, stdout: int) -> Forked | subprocess.Popen[bytes]:
        words = ["--data", str(self.data), "--port", str(self._port), "--journal", str(self.journal), *self._arguments]
        environment = {**os.environ, "PYTHONPATH": str(ROOT)}
        if self._fresh:
            command = [sys.executable, "-m", "batchdep.local", *words]
            return subprocess.Popen(command, stdout=stdout, env=environment)
        with Path(os.devnull).open("rb") as nothing:
            return forked("batchdep.local", *words, cwd=ROOT, env=environment, streams=[nothing, stdout, 2])

    def kill(self) -> None:
        """kill -9."""
        self._end(signal.SIGKILL)

    def stop(self) -> int:
        """SIGTERM; returns the exit code."""
        return self._end(signal.SIGTERM)

    def _end(self, number: signal.Signals) -> int:
        assert self._process is not None, "it is not running"
        process, self._process = self._process, None
        process.send_signal(number)
        return process.wait(timeout=20)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        if self._process is not None:
            self.kill()


@dataclass(frozen=True)
class JournalEntry:
    """One request as the server saw it. Times in seconds, ``started``/``ended`` of the machine's monotonic clock and
    ``wall`` Unix time of the start; ``ended`` None when it was never answered (the server was killed).

    ``deposition``: id concerned, bucket requests too, and the new one of a create. ``state``: the deposition's at
    arrival (unsubmitted, done, inprogress; None where there was none). ``path`` with the query, as it was sent.
    ``received``: bytes of the body. ``trap``: the one applied. ``effect``: when work was done after the answer.
    """

    method: str
    path: str
    deposition: int | None
    state: str | None
    status: int | None
    started: float
    ended: float | None
    wall: float
    received: int
    authorization: bool
    user_agent: str
    trap: str | None
    effect: float | None


def read_journal(path: Path) -> list[JournalEntry]:
    """All requests in the order in which they came, over all runs of the server. A torn last line is left out."""
    starts: dict[tuple[str, int], dict[str, Any]] = {}
    for line in path.read_text(encoding="utf-8").splitlines():
        try:
            event = json.loads(line)
        except json.JSONDecodeError:
            continue
        key = (event["run"], event["n"])
        if event["event"] == "start":
            starts[key] = event
        elif event["event"] == "end":
            starts[key]["end"] = event
        else:
            starts[key]["effect"] = event["mono"]
    return [_entry(start) for start in starts.values()]


def _entry(start: dict[str, Any]) -> JournalEntry:
    end = start.get("end", {})
    return JournalEntry(
        method=start["method"],
        path=start["path"],
        deposition=start["deposition"] if start["deposition"] is not None else end.get("created"),
        state=start["state"],
        status=end.get("status"),
        started=start["mono"],
        ended=end.get("mono"),
        wall=start["wall"],
        received=end.get("received", 0),
        authorization=start["authorization"],
        user_agent=start["user_agent"],
        trap=end.get("trap"),
        effect=start.get("effect"),
    )


def overlapping(entries: Iterable[JournalEntry]) -> list[tuple[JournalEntry, JournalEntry]]:
    """Pairs of requests for one deposition that were under way at the same time; a test wants none.

    A request that was never answered ended, for the client too, when the server died: it overlaps nothing.
    """
    by_deposition: dict[int, list[JournalEntry]] = defaultdict(list)
    for entry in entries:
        if entry.deposition is not None and entry.ended is not None:
            by_deposition[entry.deposition].append(entry)
    pairs = []
    for group in by_deposition.values():
        group.sort(key=lambda entry: entry.started)
        last = group[0]
        for entry in group[1:]:
            assert last.ended is not None
            assert entry.ended is not None
            if entry.started < last.ended:
                pairs.append((last, entry))
            last = max(last, entry, key=lambda each: each.ended or 0.0)
    return pairs


def writes_to_published(entries: Iterable[JournalEntry]) -> list[JournalEntry]:
    """Requests other than reads to depositions that were published when they came; a test wants none."""
    return [entry for entry in entries if entry.state == "done" and entry.method not in {"GET", "HEAD"}]


def sends_of(entries: Sequence[JournalEntry], method: str, part: str) -> list[JournalEntry]:
    """Requests of a method whose path has ``part`` in it."""
    return [entry for entry in entries if entry.method == method and part in entry.path]
