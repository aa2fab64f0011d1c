"""Histories of a batch: commands one after another, each of which may be killed at a boundary.

:class:`Drivers` gives them to processes (``python -m tests.support.histories``) that import the program once and fork a
child for each command, while they have neither an event loop nor a thread.
"""

from __future__ import annotations

import asyncio
import gc
import http.client
import json
import os
import sqlite3
import subprocess
import sys
import threading
import time
import traceback
from collections.abc import Callable, Coroutine, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from queue import Queue
from typing import Any, Self
from urllib.parse import urlsplit

import alembic.command  # noqa: F401 - a child that migrates has it already

from batchdep import batch
from batchdep.deposit import body
from batchdep.deposit.reconcile import Timing
from batchdep.job import Goal, Job
from batchdep.manifest.load import load_manifest
from batchdep.manifest.model import Manifest
from batchdep.state import database
from batchdep.state.store import Store
from tests.support.crashing import Boundaries, watch

ROOT = Path(__file__).resolve().parents[2]

QUICK = Timing(running=0.2, late=0.6, storing=0.1, index=0.3, looks=(0.05, 0.1, 0.2))
"""The waits of an outcome in doubt, scaled down from seconds and minutes. That is sound here: the embedded repository
does a request within milliseconds, its list knows at once, and a driver waits until the requests of a killed process
are over there. Effects that come later than that are the matter of other tests, on a virtual clock."""

CRASHED = 70

MIGRATIONS = "migrations"
"""The folder of a later program's migrations, in that of the databases."""

NEWEST = "9999"
"""The revision that the later program adds."""


@dataclass(frozen=True)
class Phase:
    """A command (submit, publish, discard, or just open), and the boundary at which it is killed, if any.

    ``newer``: by a program that knows one revision of the database more, that of the folder :data:`MIGRATIONS`.
    """

    do: str = "submit"
    goal: str = "published"
    kill: int | None = None
    concurrency: int = 1
    newer: bool = False


@dataclass(frozen=True)
class History:
    """Commands on one database, for one account of the repository (``name`` is its token too)."""

    name: str
    phases: tuple[Phase, ...]


@dataclass(frozen=True)
class Passed:
    """What became of a phase: the boundaries it reached, whether it was killed, and what it printed, in trouble.

    ``ended``: on the machine's monotonic clock. ``confirmed``: (deposition, name) of the files that the state said
    then were at the repository.
    """

    boundaries: tuple[str, ...]
    killed: bool
    code: int
    ended: float
    confirmed: frozenset[tuple[int, str]]
    trouble: str


@dataclass(frozen=True)
class Lived:
    """A history that came to its end."""

    history: History
    phases: tuple[Passed, ...]

    @property
    def story(self) -> str:
        """For a failed assertion: what was done, and where it was killed."""
        told = [
            f"{phase.do}{f' killed at {phase.kill} ({passed.boundaries[-1]})' if passed.killed else ''}"
            for phase, passed in zip(self.history.phases, self.phases, strict=True)
        ]
        return f"{self.history.name}: {', then '.join(told)}"


@dataclass(frozen=True)
class Setting:
    """Where histories happen: a manifest, a repository with its journal, and a folder for databases."""

    manifest: Path
    url: str
    journal: Path
    folder: Path

    def database(self, history: str) -> Path:
        """The state of a history."""
        return self.folder / f"{history}.db"


class Drivers:
    """Processes that live through histories, ``side_by_side`` of them at a time; to be entered before use.

    Each driver's warm-up takes an account of its own: see :func:`warm_up_accounts`.
    """

    def __init__(self, setting: Setting, side_by_side: int = 2) -> None:
        self._setting = setting
        self._side_by_side = side_by_side
        self._idle: Queue[subprocess.Popen[str]] = Queue()
        self._all: list[subprocess.Popen[str]] = []

    def __enter__(self) -> Self:
        self._setting.folder.mkdir(exist_ok=True)
        environment = {**os.environ, "PYTHONPATH": str(ROOT)}
        places = json.dumps({name: str(value) for name, value in asdict(self._setting).items()})
        for account in warm_up_accounts(self._side_by_side):
            command = [sys.executable, "-m", "tests.support.histories", account, places]
            driver = subprocess.Popen(
                command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment, cwd=ROOT
            )
            self._all.append(driver)
            self._idle.put(driver)
        return self

    def __exit__(self, *_: object) -> None:
        for driver in self._all:
            driver.kill()
            driver.communicate()

    def live(self, histories: Sequence[History]) -> list[Lived]:
        """Lives through all histories; in the order in which they were given."""
        with ThreadPoolExecutor(self._side_by_side) as threads:
            return list(threads.map(self._live, histories))

    def _live(self, history: History) -> Lived:
        driver = self._idle.get()
        try:
            assert driver.stdin is not None
            assert driver.stdout is not None
            driver.stdin.write(json.dumps(asdict(history)) + "\n")
            driver.stdin.flush()
            line = driver.stdout.readline()
            assert line, "a driver failed: see its stderr"
        finally:
            self._idle.put(driver)  # one that failed, too: those who would wait for it fail instead
        return _lived(line)


def warm_up_accounts(side_by_side: int = 2) -> list[str]:
    """The accounts that the drivers take for themselves."""
    return [f"warm-up-{number}" for number in range(side_by_side)]


def _lived(line: str) -> Lived:
    told = json.loads(line)
    phases = tuple(
        Passed(
            **{**each, "boundaries": tuple(each["boundaries"]), "confirmed": frozenset(map(tuple, each["confirmed"]))}
        )
        for each in told["phases"]
    )
    return Lived(_history(told["history"]), phases)


def _history(told: dict[str, Any]) -> History:
    return History(told["name"], tuple(Phase(**phase) for phase in told["phases"]))


# -- in a driver process -----------------------------------------------------------------------------------------


class Driver:
    """Lives through histories one after another."""

    def __init__(self, setting: Setting) -> None:
        self._setting = setting
        loaded = load_manifest(setting.manifest)
        assert loaded.manifest is not None
        self._manifest = loaded.manifest
        self._server = _Server(setting)

    def warm_up(self, name: str) -> None:
        """Submits once, for an account of its own: what is imported and made lazily is there for all children. When
        it is over there is neither loop nor thread, and no file is open."""
        job = _job(self._manifest, self._setting.url, str(self._setting.database(name)), name, Phase())
        assert asyncio.run(_run(job, "submit")) == 0
        _end_readers()
        assert threading.active_count() == 1
        gc.freeze()  # a child that looks for garbage among what it shares with its parent would copy it all

    def live(self, history: History) -> Iterator[dict[str, Any]]:
        """What became of each phase."""
        path = self._setting.database(history.name)
        for number, phase in enumerate(history.phases):
            told, trouble = (self._setting.folder / f"{history.name}-{number}.{end}" for end in ("told", "trouble"))
            told.touch()
            status = self._fork(partial(self._command, history, phase), Boundaries(told, phase.kill), trouble)
            ended = time.monotonic()
            self._server.settle(history.name)
            yield {
                "boundaries": told.read_text().splitlines(),
                "killed": os.WIFSIGNALED(status),
                "code": os.waitstatus_to_exitcode(status),
                "ended": ended,
                "confirmed": sorted(_confirmed(path)),
                "trouble": trouble.read_text(),
            }

    def _command(self, history: History, phase: Phase) -> Coroutine[Any, Any, int]:
        path = str(self._setting.database(history.name))
        if phase.newer:
            _become_newer(self._setting.folder / MIGRATIONS)
        if phase.do == "open":
            return _open(path)
        return _run(_job(self._manifest, self._setting.url, path, history.name, phase), phase.do)

    def _fork(self, command: Callable[[], Coroutine[Any, Any, int]], boundaries: Boundaries, trouble: Path) -> int:
        child = os.fork()
        if child:
            return os.waitpid(child, 0)[1]
        os.dup2(os.open(trouble, os.O_WRONLY | os.O_CREAT, 0o600), sys.stderr.fileno())
        watch(boundaries)
        code = CRASHED
        try:
            code = asyncio.run(command())
        except BaseException:  # the child ends here, whatever happens
            traceback.print_exc()
        finally:
            sys.stderr.flush()
            os._exit(code)


def _end_readers() -> None:
    """The threads that read files outlive a run. A child would rely on those of its parent, which it has not."""
    body._READERS.shutdown()
    body._READERS = ThreadPoolExecutor(2)  # type: ignore[misc]


def _job(manifest: Manifest, url: str, path: str, token: str, phase: Phase) -> Job:
    return Job(manifest, url, path, token, Goal(phase.goal), concurrency=phase.concurrency, timing=QUICK)


async def _run(job: Job, do: str) -> int:
    status = await {"submit": batch.submit, "publish": batch.publish, "discard": batch.discard}[do](job)
    for dataset in status.datasets:
        if dataset.error is not None:
            sys.stderr.write(f"{dataset.id} {dataset.error}\n")
    return int(status.exit_code)


def _become_newer(migrations: Path) -> None:
    """This process is a later program from here on."""
    database.REVISIONS = (*database.REVISIONS, NEWEST)  # type: ignore[assignment]
    database.migrations_folder = lambda: migrations


async def _open(path: str) -> int:
    async with Store.open(path):
        return 0


def _confirmed(path: Path) -> set[tuple[int, str]]:
    if not path.exists():
        return set()
    connection = sqlite3.connect(path)
    try:
        query = (
            "SELECT deposition_id, name FROM files JOIN datasets ON dataset_id = datasets.id"
            " WHERE files.state = 'uploaded' AND deposition_id IS NOT NULL"
        )
        return set(connection.execute(query).fetchall())
    except sqlite3.OperationalError:  # killed before the tables were made
        return set()
    finally:
        connection.close()


class _Server:
    """The repository, as seen through its journal."""

    def __init__(self, setting: Setting) -> None:
        self._address = urlsplit(setting.url).netloc
        self._journal = setting.journal
        self._read = 0
        self._open: set[tuple[str, int]] = set()

    def settle(self, token: str) -> None:
        """Waits until the requests of a process that was killed are over at the repository.

        What that process had sent is read there before a connection that was made later; so once a request of ours is
        answered, all of them are in the journal.
        """
        connection = http.client.HTTPConnection(self._address, timeout=30)
        connection.request("GET", "/api/deposit/depositions?size=1", headers={"Authorization": f"Bearer {token}"})
        connection.getresponse().read()
        connection.close()
        self._follow()
        awaited = set(self._open)
        deadline = time.monotonic() + 30
        while awaited & self._open:
            assert time.monotonic() < deadline, "a request does not end"
            time.sleep(0.002)
            self._follow()

    def _follow(self) -> None:
        with self._journal.open("rb") as file:
            file.seek(self._read)
            content = file.read()
        whole = content[: content.rfind(b"\n") + 1]
        self._read += len(whole)
        for line in whole.splitlines():
            entry = json.loads(line)
            key = (entry["run"], entry["n"])
            if entry["event"] == "start":
                self._open.add(key)
            elif entry["event"] == "end":
                self._open.discard(key)


def main() -> None:
    """Lives through the histories that come on stdin and tells what became of each: a JSON document a line."""
    account, places = sys.argv[1], json.loads(sys.argv[2])
    setting = Setting(Path(places["manifest"]), places["url"], Path(places["journal"]), Path(places["folder"]))
    driver = Driver(setting)
    driver.warm_up(account)
    for line in sys.stdin:
        history = _history(json.loads(line))
        sys.stdout.write(json.dumps({"history": asdict(history), "phases": list(driver.live(history))}) + "\n")
        sys.stdout.flush()  # lest a child's exit write it again


if __name__ == "__main__":
    main()
