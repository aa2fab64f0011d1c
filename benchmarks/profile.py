"""``python -m benchmarks.profile``: where the time of a small-files run goes, by cProfile, in shares.

Each function's own time is counted to the part of the program that it is in, and that of libraries and built-in
functions to the parts that called them, as far as they were called by one. A profile makes Python's calls dearer than
they are: the shares tell where to look, not what a run takes.
"""

from __future__ import annotations

import argparse
import pstats
import sys
import tempfile
from collections import Counter
from pathlib import Path

from benchmarks import contenders
from benchmarks.__main__ import DOCUMENT
from benchmarks.contenders import BATCHDEP
from benchmarks.results import enter, markdown
from benchmarks.running import ROOT, measured
from tests.support.batches import make_batch
from tests.support.local_server import LocalProcess

PARTS = (
    (
        "importing modules",
        (
            "importlib._bootstrap",
            "marshal.loads",
            "_imp.",
            " <module>",
            "__build_class__",
            "/dataclasses.py",
            "/enum.py",
        ),
    ),
    ("waiting for answers and disk", ("'poll' of 'select", "'acquire' of '_thread.lock'")),
    (
        "HTTP: requests, answers, sockets",
        ("/aiohttp/", "/yarl/", "/multidict/", "_socket.socket", "batchdep/repository/"),
    ),
    ("the event loop and threads", ("/asyncio/", "/concurrent/", "/selectors.py", "/threading.py", "_contextvars")),
    ("state: statements and commits", ("/sqlalchemy/", "sqlite3", "batchdep/state/", "/alembic/")),
    ("reading and hashing files", ("posix.read", "_hashlib", "batchdep/deposit/body.py", "posix.open", "posix.stat")),
    (
        "the steps of a dataset",
        ("batchdep/deposit/", "batchdep/workers.py", "batchdep/agenda.py", "batchdep/breadth.py"),
    ),
    ("manifest, metadata, plan", ("batchdep/manifest/", "batchdep/metadata/", "batchdep/plan", "/yaml/", "/json/")),
    ("command line and display", ("batchdep/cli/", "/rich/", "/typer/", "/click/")),
)
OTHER = "other"
Function = tuple[str, int, str]


def part_of(function: Function) -> str | None:
    """The part that a function belongs to, None for one that serves many."""
    file, _, name = function
    where = f"{file} {name}"
    return next((part for part, marks in PARTS if any(mark in where for mark in marks)), None)


def shares(profile: pstats.Stats) -> Counter[str]:
    """Seconds by part."""
    seconds: Counter[str] = Counter()
    for function, (_, _, own, _, callers) in profile.stats.items():  # type: ignore[attr-defined]
        part = part_of(function)
        if part is not None or not callers:
            seconds[part or OTHER] += own
            continue
        for caller, (_, _, own_for_caller, _) in callers.items():
            seconds[part_of(caller) or OTHER] += own_for_caller
    return seconds


def profiled(datasets: int, files: int, size: int, delay: float) -> pstats.Stats:
    """A submit in a new repository, under the profiler, after one that compiled the modules."""
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        batch = make_batch(home / "data", datasets, files, size, name="part-{}.bin")
        measured(contenders.program("--help"), home)
        with LocalProcess(home, "--answer-delay", str(delay), fresh=True) as server:
            python, *rest = BATCHDEP.command(batch, server.url, home)
            measured([python, "-m", "cProfile", "-o", str(home / "profile"), *rest], home)
        return pstats.Stats(str(home / "profile"))


def main() -> int:
    parsed = argparse.ArgumentParser(prog="python -m benchmarks.profile", description=__doc__)
    add = parsed.add_argument
    add("--datasets", type=int, default=40)
    add("--files", type=int, default=5, help="of each dataset")
    add("--size", type=int, default=100_000, metavar="BYTES", help="of each file")
    add("--delay", type=float, default=0.0, metavar="SECONDS", help="added to every answer")
    add("--write", action="store_true", help=f"enter the table into {DOCUMENT.relative_to(ROOT)}")
    add("--functions", type=int, default=0, metavar="N", help="the N functions with the most time of their own, too")
    given = parsed.parse_args()
    profile = profiled(given.datasets, given.files, given.size, given.delay)
    seconds = shares(profile)
    whole = seconds.total()
    rows = [[part, f"{spent:.2f}", f"{spent / whole:.0%}"] for part, spent in seconds.most_common()]
    text = markdown(["part", "seconds", "share"], rows)
    print(text)
    if given.functions:
        profile.sort_stats("tottime").print_stats(given.functions)
    if given.write:
        what = f"{given.datasets} datasets of {given.files} files of {given.size} bytes"
        enter(DOCUMENT, "profile", f"Of {what}, {given.delay * 1000:.0f} ms added to every answer:\n\n{text}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
