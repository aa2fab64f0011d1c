"""``python -m benchmarks``: a batch by batchdep beside the same by eight curl workers, in turn, start-up included."""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from tests.support.account import account
from tests.support.batches import Batch, make_batch
from tests.support.local_server import LocalProcess

WORKERS = 8
SCRIPT = Path(__file__).with_name("curl_worker.sh")


def by_batchdep(batch: Batch, url: str, home: Path) -> None:
    environment = {**os.environ, "HOME": str(home), "PYTHON_KEYRING_BACKEND": "keyring.backends.fail.Keyring"}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)  # as a user has it: only the first run compiles
    command = [sys.executable, "-m", "batchdep", "submit", str(batch.manifest), "--to", url, "--yes", "-q"]
    subprocess.run([*command, "--database", str(home / "state.db")], check=True, env=environment, capture_output=True)


def by_curl(batch: Batch, url: str, _home: Path) -> None:
    folders = "\0".join(str(batch.manifest.parent / key) for key in batch.md5s)
    command = ["xargs", "-0", "-P", str(WORKERS), "-n", "1", "sh", str(SCRIPT), url]
    subprocess.run(command, input=folders, text=True, check=True)


def seconds(do: Callable[[Batch, str, Path], None], batch: Batch, delay: float) -> float:
    """One run against a server of its own; what arrived is counted."""
    with tempfile.TemporaryDirectory() as made:
        home = Path(made)
        with LocalProcess(home, "--answer-delay", str(delay)) as server:
            began = time.perf_counter()
            do(batch, server.url, home)
            took = time.perf_counter() - began
            held = account(server.url) if delay == 0 else []
        if held and (len(held) != len(batch.md5s) or {entry.state for entry in held} != {"done"}):
            raise SystemExit("not everything was published")
    return took


def compare(datasets: int, files: int, size: int, delay: float, runs: int) -> dict[str, object]:
    """Medians of ``runs`` runs of each, in turn: A B A B."""
    folder = Path(tempfile.mkdtemp())
    try:
        batch = make_batch(folder / "data", datasets, files, size, name="part-{}.bin")
        pairs = [(seconds(by_batchdep, batch, delay), seconds(by_curl, batch, delay)) for _ in range(runs)]
    finally:
        shutil.rmtree(folder)
    ratio = statistics.median(ours / theirs for ours, theirs in pairs)
    ours, theirs = (statistics.median(column) for column in zip(*pairs, strict=True))
    return {
        "datasets": datasets,
        "files": files,
        "bytes a file": size,
        "delay ms": round(delay * 1000),
        "batchdep s": round(ours, 2),
        f"curl x{WORKERS} s": round(theirs, 2),
        "ratio": round(ratio, 2),
    }


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--runs", type=int, default=5, help="of each, in turn")
    parser.add_argument("--json", action="store_true", help="rows as JSON lines")
    given = parser.parse_args()
    rows = [compare(40, 5, 100_000, delay, given.runs) for delay in (0.05, 0.0)]
    if given.json:
        print("\n".join(json.dumps(row) for row in rows))
        return
    print("| " + " | ".join(rows[0]) + " |\n|" + " --- |" * len(rows[0]))
    for row in rows:
        print("| " + " | ".join(str(value) for value in row.values()) + " |")


if __name__ == "__main__":
    main()
