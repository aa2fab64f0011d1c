"""``python -m benchmarks.torture``: every trap of the embedded repository at once, and ``kill -9`` every few seconds.

A batch is submitted by the command line as it is, again and again, until it says that everything asked for is done.
The repository misbehaves in all the ways it knows, each with a probability drawn from a range, and the client is killed
at random moments. Then the repository is looked at without its traps: one record for each dataset, published once, with
the right MD5s, and nothing else in the account.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from batchdep.local.traps import TRAPS
from tests.support.account import Held, account
from tests.support.batches import Batch, make_batch
from tests.support.local_server import JournalEntry, LocalProcess, overlapping, read_journal, writes_to_published

GIVEN_UP = 40
"""Runs in a row that end by themselves, unfinished and with nothing published in between, after which none will."""

KILLED = -signal.SIGKILL
DONE, UNFINISHED, NO_ACCESS = 0, 1, 3


@dataclass(frozen=True)
class Ordeal:
    """What is done to the client. ``rates``: range of each trap's probability; ``pause``: of the seconds from a run's
    first request to its kill, but for one run in ten (``rash``), which is killed at any moment after its start."""

    datasets: int = 2000
    files: int = 3
    size: int = 20_000
    rates: tuple[float, float] = (0.02, 0.05)
    pause: tuple[float, float] = (2.0, 8.0)
    rash: float = 0.1
    index_delay: float = 1.0
    seed: int = 1

    def traps(self) -> dict[str, float]:
        """The probability of every trap there is."""
        dice = random.Random(self.seed)
        return {name: round(dice.uniform(*self.rates), 3) for name in TRAPS}

    def server(self, folder: Path) -> LocalProcess:
        """The repository with all its traps."""
        traps = [word for name, rate in self.traps().items() for word in ("--trap", f"{name}={rate}")]
        return LocalProcess(
            folder, *traps, "--index-delay", str(self.index_delay), "--seed", str(self.seed), fresh=True
        )


@dataclass
class Runs:
    """How the runs of the client ended, by exit code."""

    ended: Counter[int] = field(default_factory=Counter)
    seconds: float = 0.0
    last_words: str = ""


@dataclass(frozen=True)
class Verdict:
    """What the account holds in the end, and what it was asked on the way."""

    wrong: Sequence[str]
    entries: Sequence[JournalEntry]
    held: Sequence[Held]


def submit_until_done(ordeal: Ordeal, batch: Batch, url: str, folder: Path) -> Runs:
    """Runs the client, killing it, until it ends well. Raises SystemExit when it ends in a way that it never should."""
    dice, runs, began = random.Random(ordeal.seed), Runs(), time.monotonic()
    command = [sys.executable, "-m", "batchdep", "submit", str(batch.manifest), "--to", url, "--yes", "-q"]
    command += ["--database", str(folder / "state.db")]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("BATCHDEP_")}
    environment |= {"HOME": str(folder), "PYTHON_KEYRING_BACKEND": "keyring.backends.fail.Keyring"}
    unfinished = 0
    while unfinished < GIVEN_UP:
        journal = None if dice.random() < ordeal.rash else folder / "journal.jsonl"
        code, runs.last_words = _run(command, environment, journal, dice.uniform(*ordeal.pause))
        runs.ended[code] += 1
        runs.seconds = time.monotonic() - began
        if code == DONE:
            return runs
        if code not in (KILLED, UNFINISHED, NO_ACCESS):
            raise SystemExit(f"batchdep ended with exit code {code}:\n{runs.last_words}")
        unfinished = 0 if code == KILLED else unfinished + 1
        _tell(f"{runs.ended.total()} runs, {runs.ended[KILLED]} killed, {runs.seconds:.0f} s")
    raise SystemExit(f"{GIVEN_UP} runs in a row came to nothing; the last one said:\n{runs.last_words}")


def _run(command: list[str], environment: dict[str, str], journal: Path | None, seconds: float) -> tuple[int, str]:
    """One run, killed so many seconds after the ``journal`` grew, or after its start: exit code and what it said."""
    before = _size(journal)
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=environment, encoding="utf-8"
    )
    while journal is not None and _size(journal) == before and process.poll() is None:
        time.sleep(0.02)
    try:
        said, _ = process.communicate(timeout=seconds)
    except subprocess.TimeoutExpired:
        process.kill()
        said, _ = process.communicate()
    return process.returncode, said


def _size(journal: Path | None) -> int:
    return journal.stat().st_size if journal is not None and journal.exists() else 0


def judge(batch: Batch, folder: Path) -> Verdict:
    """Looks at everything the repository holds and was asked, without its traps."""
    with LocalProcess(folder) as inspected:
        held = account(inspected.url)
    entries = read_journal(folder / "journal.jsonl")
    return Verdict([*_wrong_in_account(batch, held), *_wrong_on_the_way(entries)], entries, held)


def _wrong_in_account(batch: Batch, held: Sequence[Held]) -> list[str]:
    wanted = {f"Dataset {key}": md5s for key, md5s in batch.md5s.items()}
    count = Counter(entry.title for entry in held)
    wrong = [f"{title!r} has {count[title]} depositions" for title in wanted if count[title] != 1]
    wrong += [f"{entry.title!r} ({entry.id}) belongs to no dataset" for entry in held if entry.title not in wanted]
    wrong += [f"{entry.title!r} ({entry.id}) is {entry.state}" for entry in held if entry.state != "done"]
    wrong += [f"{e.title!r} ({e.id}) has other files" for e in held if e.md5s != wanted.get(e.title)]
    return wrong


def _wrong_on_the_way(entries: Sequence[JournalEntry]) -> list[str]:
    wrong = [f"{each.method} {each.path} to a published record" for each in writes_to_published(entries)]
    published = Counter(each.deposition for each in entries if _was_published(each))
    return wrong + [
        f"deposition {number} was published {times} times" for number, times in published.items() if times > 1
    ]


def _was_published(entry: JournalEntry) -> bool:
    return entry.path.endswith("/actions/publish") and entry.status == 202


def figures(ordeal: Ordeal, runs: Runs, verdict: Verdict) -> dict[str, object]:
    """What is printed in the end."""
    held, entries = verdict.held, verdict.entries
    trapped = Counter(each.trap for each in entries if each.trap)
    writes = [each for each in entries if each.method != "GET"]
    uploads = sum(each.method == "PUT" and "/files/" in each.path for each in entries)
    return {
        "datasets": ordeal.datasets,
        "depositions": len(held),
        "published": sum(each.state == "done" for each in held),
        "stray drafts": sum(each.state != "done" for each in held),
        "files": sum(len(each.md5s) for each in held),
        "writes to published records": len(writes_to_published(entries)),
        "writes to one deposition at once": len(overlapping(writes)),
        "everything right": not verdict.wrong,
        "requests": len(entries),
        "requests needed without any fault": ordeal.datasets * (ordeal.files + 2),
        "uploads": uploads,
        "requests trapped": trapped.total(),
        "traps": dict(sorted(trapped.items())),
        "runs": runs.ended.total(),
        "kills": runs.ended[KILLED],
        "runs that ended unfinished": runs.ended[UNFINISHED] + runs.ended[NO_ACCESS],
        "seconds": round(runs.seconds),
    }


def torture(ordeal: Ordeal, folder: Path) -> tuple[dict[str, object], Verdict]:
    """The whole of it, in ``folder``."""
    batch = make_batch(folder / "data", ordeal.datasets, ordeal.files, ordeal.size, name="part {}.bin")
    with ordeal.server(folder) as server:
        runs = submit_until_done(ordeal, batch, server.url, folder)
        server.stop()
    verdict = judge(batch, folder)
    return figures(ordeal, runs, verdict), verdict


def _tell(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


def _range(text: str) -> tuple[float, float]:
    """``LEAST-MOST``. Raises ValueError for anything else."""
    least, _, most = text.partition("-")
    return float(least), float(most or least)


def parser() -> argparse.ArgumentParser:
    """The command line."""
    parsed = argparse.ArgumentParser(prog="python -m benchmarks.torture", description=__doc__)
    add, own = parsed.add_argument, Ordeal()
    add("--datasets", type=int, default=own.datasets)
    add("--files", type=int, default=own.files, help="of each dataset")
    add("--size", type=int, default=own.size, metavar="BYTES", help="of each file")
    add("--rates", type=_range, default=own.rates, metavar="LEAST-MOST", help="probability of each trap")
    add("--pause", type=_range, default=own.pause, metavar="LEAST-MOST", help="seconds from a first request to a kill")
    add("--index-delay", type=float, default=own.index_delay, metavar="SECONDS", help="until the list shows a change")
    add("--seed", type=int, default=own.seed)
    add("--keep", type=Path, metavar="DIR", help="leave state, data and journal in this new folder")
    return parsed


def main() -> int:
    """Prints the figures; returns 1, and what is wrong, when anything is."""
    given = vars(parser().parse_args())
    kept = given.pop("keep")
    folder = kept or Path(tempfile.mkdtemp(prefix="torture-"))
    folder.mkdir(parents=True, exist_ok=True)
    try:
        shown, verdict = torture(Ordeal(**given), folder)
    finally:
        if kept is None:
            shutil.rmtree(folder, ignore_errors=True)
    print(json.dumps(shown, indent=1))
    for line in verdict.wrong:
        _tell(f"WRONG: {line}")
    return 1 if verdict.wrong else 0


if __name__ == "__main__":
    sys.exit(main())
