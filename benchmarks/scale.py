"""A table of many datasets of ten files each: how long the program takes that sends nothing, and how that grows.

The folders hold hard links to a few files, so that they are soon made. The state of a finished batch is written by the
store's own code: nothing is deposited.
"""

from __future__ import annotations

import asyncio
import csv
import math
import os
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from benchmarks.contenders import program
from benchmarks.results import Result
from benchmarks.running import LONGEST, Failed, Measured, begun, measured, waited_for

FILES = 10
LINKS = 30_000
"""Hard links to one file: fewer than any file system allows."""

LOOK_AGAIN = 1.0
"""Seconds after which it is looked whether a process that is waited for has ended."""

LARGE = 100_000
GOALS = {"check": 60.0, "submit up to its first request": 60.0, "submit with nothing to do": 30.0, "status": 1.0}
"""Seconds that commands may take for a table of LARGE datasets."""

NOBODY = "http://127.0.0.1:9"
"""A repository that is never asked."""


def make_table(folder: Path, datasets: int) -> Path:
    """Folders of small files, and a CSV with a dataset a line."""
    with (folder / "batch.csv").open("w", newline="", encoding="utf-8") as file:
        rows = csv.writer(file)
        rows.writerow(["id", "title", "description", "upload_type", "license", "creators", "files"])
        for number in range(datasets):
            home = folder / f"set-{number:06}"
            home.mkdir()
            for position in range(FILES):
                _link(folder, number * FILES + position, home / f"part-{position}.txt")
            shown = ["Numbers, for a measurement.", "dataset", "cc-by-4.0", "Doe, Jane"]
            rows.writerow([home.name, f"Numbers {number}", *shown, f"{home.name}/*"])
    return folder / "batch.csv"


def _link(folder: Path, count: int, path: Path) -> None:
    source = folder / f"source-{count // LINKS}"
    if not source.exists():
        source.write_text(f"numbers {count}\n")
        os.utime(source, (1_700_000_000, 1_700_000_000))
    path.hardlink_to(source)


def _to_first_request(manifest: Path, state: Path, home: Path) -> Measured:
    """``submit`` up to the moment when it comes to the repository, which is when it is killed."""
    with socket.create_server(("127.0.0.1", 0)) as repository:
        repository.settimeout(LOOK_AGAIN)
        url = f"http://127.0.0.1:{repository.getsockname()[1]}"
        process = begun(program("submit", str(manifest), "--to", url, "--yes", "-q", "--database", str(state)), home)
        try:
            _wait_for_visitor(repository, process)
        finally:
            process.terminate()
        return waited_for(process, home, killed=True)


def _wait_for_visitor(repository: socket.socket, process: subprocess.Popen[str]) -> None:
    """Until somebody comes, or the process that was to come ended by itself, or too much time is over."""
    until = time.monotonic() + LONGEST
    while process.poll() is None and time.monotonic() < until:
        with suppress(TimeoutError):
            repository.accept()[0].close()
            return


def fill_state(manifest: Path, target: str, database: Path) -> None:
    """Notes that every dataset was published, as ``recover`` would."""
    from batchdep.job import Goal, Job
    from batchdep.manifest.load import load_manifest
    from batchdep.planning import plan_datasets
    from batchdep.repository.model import Deposition, DepositionState
    from batchdep.state.steps import SentFile
    from batchdep.state.store import Store

    loaded = load_manifest(manifest).manifest
    if loaded is None:
        raise Failed("the table is no manifest")
    job = Job(loaded, target, str(database), goal=Goal.PUBLISHED)

    async def fill() -> None:
        plans = plan_datasets(job)
        async with Store.open(str(database)) as store:
            batch = await store.open_batch(job.identity)
            records = await store.sync(batch, plans.wanted)

            async def one(number: int) -> None:
                plan = plans.selected[number]
                held = {file.name: SentFile(file.size, "0" * 32, file.fingerprint) for file in plan.files}
                doi = f"10.5072/zenodo.{number}"
                found = Deposition(number + 1, DepositionState.DONE, plan.metadata, url=f"{target}/{number}", doi=doi)
                await store.recovered(
                    records[plan.id], found, held=held, digest=plan.digest, metadata=plan.metadata, warnings=()
                )

            for first in range(0, len(plans.selected), 1000):
                await asyncio.gather(*map(one, range(first, min(first + 1000, len(plans.selected)))))

    asyncio.run(fill())


def steps(folder: Path, datasets: int) -> Iterator[tuple[str, Measured]]:
    """What each of the commands takes for a table of so many datasets."""
    manifest, state = make_table(folder, datasets), folder / "state.db"
    asked = [str(manifest), "--to", NOBODY, "--database", str(state), "-q"]
    yield "check", measured(program("check", str(manifest), "-q"), folder)
    yield "submit --dry-run", measured(program("submit", *asked, "--publish", "--dry-run"), folder)
    yield "submit up to its first request", _to_first_request(manifest, folder / "begun.db", folder)
    fill_state(manifest, NOBODY, state)
    yield "submit with nothing to do", measured(program("submit", *asked, "--publish", "--yes"), folder)
    yield "status", measured(program("status", *asked), folder)


def rows(sizes: Sequence[int]) -> Iterator[Result]:
    """A line a command and size; then, of what has a goal, the most memory and the fastest growth."""
    walls: dict[str, dict[int, float]] = {}
    peak = 0
    for size in sizes:
        with tempfile.TemporaryDirectory() as made:
            for name, found in steps(Path(made), size):
                walls.setdefault(name, {})[size] = found.wall
                what = f"{name}, {size:,} datasets of {FILES} files"
                yield _time(what, found, _exponent(walls[name]), GOALS.get(name) if size == LARGE else None)
                peak = max(peak, found.peak if name in GOALS else 0)
    if LARGE in sizes:
        yield from _together(peak, [_exponent(walls[name]) or 0.0 for name in GOALS])


def _exponent(walls: Mapping[int, float]) -> float | None:
    """By which power of the size the time grew from the last size but one to the last."""
    if len(walls) < 2:
        return None
    (smaller, before), (larger, after) = list(walls.items())[-2:]
    return math.log(after / before) / math.log(larger / smaller)


def _time(what: str, found: Measured, exponent: float | None, most: float | None) -> Result:
    figures = f"{found.wall:.2f} s, {found.peak / 1e6:.0f} MB"
    grown = "" if exponent is None else f"grows as n^{exponent:.2f}"
    goal = "" if most is None else f"< {most:.0f} s"
    return Result("scale", what, figures, grown, goal=goal, most=most, value=found.wall)


def _together(peak: int, exponents: Sequence[float]) -> Iterator[Result]:
    memory, growth = f"{peak / 1e6:.0f} MB", f"n^{max(exponents):.2f}"
    yield Result("scale", "memory at most", memory, goal="< 300 MB", most=300e6, value=peak)
    yield Result("scale", "fastest growth of the time", growth, goal="≤ n^1.1", most=1.1, value=max(exponents))
