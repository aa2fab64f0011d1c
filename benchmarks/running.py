"""One run: a command against a repository of its own, and what it took."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from benchmarks.contenders import Contender, environment
from tests.support.batches import Batch
from tests.support.local_server import JournalEntry, LocalProcess, read_journal

LAUNCHER = Path(__file__).with_name("measured.py")
ROOT = Path(__file__).resolve().parents[1]
LONGEST = 1800.0
"""Seconds after which a command is given up."""


class Failed(Exception):
    """A command did not do what it was there for."""


@dataclass(frozen=True)
class Measured:
    """Seconds of the clock and of the processor, bytes of memory at most of the largest process; start-up included.

    ``answers``: how many requests were answered with which status; ``spread``: seconds from the first of them to the
    end of the last.
    """

    wall: float
    processor: float
    peak: int
    answers: Counter[int]
    spread: float = 0.0

    @property
    def requests(self) -> int:
        return self.answers.total()

    @property
    def refused_for_the_limit(self) -> int:
        return self.answers[429]


def measured(command: Sequence[str], home: Path) -> Measured:
    """Runs a command to its end. Raises Failed when it ends badly."""
    return waited_for(begun(command, home), home)


def begun(command: Sequence[str], folder: Path, home: Path | None = None) -> subprocess.Popen[str]:
    """Starts a command, whose output and figures go into ``folder``; ``home`` is the user's, the same if not given."""
    words = [sys.executable, "-I", "-S", str(LAUNCHER), str(_report(folder)), *command]
    with (folder / "said").open("w") as said:
        return subprocess.Popen(words, cwd=ROOT, env=environment(home or folder), stdout=said, stderr=said, text=True)


def waited_for(process: subprocess.Popen[str], folder: Path, *, killed: bool = False) -> Measured:
    """What a command took that was begun; ``killed``: so it is to end. Raises Failed when it ends otherwise."""
    try:
        code = process.wait(LONGEST)
    except subprocess.TimeoutExpired:
        process.terminate()
        process.wait()
        raise Failed(f"not done after {LONGEST:.0f} s") from None
    if code != (128 + signal.SIGKILL if killed else 0):
        lines = (folder / "said").read_text(errors="replace").strip().splitlines()
        raise Failed(f"exit code {code}: {' '.join(lines[-2:])[:200]}")
    return Measured(**json.loads(_report(folder).read_text()), answers=Counter())


def _report(folder: Path) -> Path:
    return folder / "measured.json"


def deposited(contender: Contender, batch: Batch, *options: str) -> Measured:
    """A batch, deposited in a new repository with those options. Raises Failed unless all of it was published."""
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        with LocalProcess(home, *options, fresh=True) as server:
            found = measured(contender.command(batch, server.url, home), home)
            server.stop()
        return checked(found, read_journal(home / "journal.jsonl"), len(batch.md5s))


def checked(found: Measured, entries: Sequence[JournalEntry], datasets: int) -> Measured:
    """With what the repository was asked. Raises Failed unless so many datasets were published."""
    answers = Counter(entry.status or 0 for entry in entries)
    published = sum(entry.path.partition("?")[0].endswith("/publish") and entry.status == 202 for entry in entries)
    if published != datasets:
        raise Failed(f"{published} of {datasets} datasets were published")
    last = max(entry.ended or entry.started for entry in entries)
    return replace(found, answers=answers, spread=last - entries[0].started)


def in_turn(runs: int, *doing: Callable[[], Measured]) -> list[tuple[Measured, ...]]:
    """So many rounds of all of them, in turn: A B A B ..."""
    rounds = []
    for number in range(runs):
        began = time.monotonic()
        rounds.append(tuple(do() for do in doing))
        seconds = time.monotonic() - began
        print(f"  round {number + 1} of {runs}: {seconds:.1f} s", file=sys.stderr, flush=True)
    return rounds
