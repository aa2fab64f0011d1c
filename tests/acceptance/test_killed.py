"""Killed with -9 at random moments, then left to finish: nothing lost, nothing deposited twice."""

from __future__ import annotations

import os
import random
import signal
import sqlite3
import time
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO
from urllib.parse import unquote

import pytest

from tests.support.account import assert_holds_exactly
from tests.support.batches import Batch, make_batch
from tests.support.forking import Forked, forked
from tests.support.local_server import JournalEntry, LocalProcess, overlapping, read_journal, writes_to_published

KILLS = 30


class Submission:
    """``batchdep submit`` of one batch, run again and again on the same state."""

    def __init__(self, folder: Path, batch: Batch, url: str) -> None:
        self.database = folder / "state.db"
        self._said = folder / "said.txt"
        self._words = ["submit", str(batch.manifest), "--to", url, "--yes", "--database", str(self.database)]
        self._folder = folder
        self._environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("BATCHDEP_")},
            "HOME": str(folder),
            "XDG_DATA_HOME": str(folder),
            "XDG_CONFIG_HOME": str(folder),
        }

    def start(self) -> Forked:
        with Path(os.devnull).open("rb") as nothing, self._said.open("wb") as said:
            streams = [nothing, said, said]
            return forked("batchdep", *self._words, cwd=self._folder, env=self._environment, streams=streams)

    def finish(self) -> None:
        assert self.start().wait(timeout=240) == 0, self._said.read_text()

    def confirmed(self) -> set[tuple[int, str]]:
        """The files that the state says are at the repository."""
        if not self.database.exists():
            return set()
        with sqlite3.connect(f"file:{self.database}?mode=ro", uri=True) as connection:
            query = (
                "SELECT deposition_id, name FROM files JOIN datasets ON dataset_id = datasets.id"
                " WHERE files.state = 'uploaded'"
            )
            try:
                found = set(connection.execute(query).fetchall())
            except sqlite3.OperationalError:  # killed before the tables were made
                found = set()
        connection.close()
        return found


def kill_after(process: Forked, journal: BinaryIO, lines: int) -> None:
    """Kills the process once the server has noted so many more starts and ends of requests."""
    while lines > 0 and process.poll() is None:
        time.sleep(0.002)  # watching for a moment to strike at
        lines -= journal.read().count(b"\n")
    process.send_signal(signal.SIGKILL)
    process.wait(timeout=30)
    journal.read()


def uploads_after(entries: list[JournalEntry], start: int) -> set[tuple[int | None, str]]:
    return {
        (entry.deposition, unquote(entry.path.rpartition("/")[2])) for entry in entries[start:] if entry.method == "PUT"
    }


@pytest.fixture(params=["a good server", "a server that drops answers"])
def server(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[LocalProcess]:
    traps = ["--trap", "drop-after=0.05", "--trap", "publish-504=0.05", "--seed", "7"]
    with LocalProcess(tmp_path, *(traps if request.param != "a good server" else [])) as running:
        yield running


@pytest.mark.slow
@pytest.mark.timeout(280)
def test_killed_thirty_times(server: LocalProcess, tmp_path: Path) -> None:
    batch = make_batch(tmp_path / "data", datasets=60, files=3, size=2_000)
    submission = Submission(tmp_path, batch, server.url)
    dice = random.Random(20261124)
    promises = []
    server.journal.touch()
    with server.journal.open("rb") as journal:
        for _ in range(KILLS):
            kill_after(submission.start(), journal, dice.randint(1, 24))
            promises.append((len(read_journal(server.journal)), submission.confirmed()))
    submission.finish()

    entries = read_journal(server.journal)
    server.stop()
    with LocalProcess(tmp_path) as inspected:  # the same account, without traps for those who look
        assert_holds_exactly(inspected.url, batch)
    assert overlapping(entries) == []
    assert writes_to_published(entries) == []
    for start, confirmed in promises:
        assert not confirmed & uploads_after(entries, start), "a file was sent again after it was confirmed"
