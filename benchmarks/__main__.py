"""``python -m benchmarks``: batchdep beside what one would otherwise use, in turn, start-up included.

Each line is printed as soon as it is known; a line that fails says why, and the others go on. After a run of all lines
the table is entered into docs/performance.md.
"""

from __future__ import annotations

import argparse
import os
import platform
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime

from benchmarks.results import Result, enter, table
from benchmarks.rows import ROWS, Options
from benchmarks.running import ROOT
from benchmarks.scale import LARGE

DOCUMENT = ROOT / "docs" / "performance.md"


def found(name: str, given: Options) -> Iterator[Result]:
    """The lines of a row; where it fails, one that says so."""
    try:
        yield from ROWS[name](given)
    except Exception as error:
        yield Result(name, "", "", failed=f"failed: {type(error).__name__}: {error}"[:300])


def machine() -> str:
    """What was measured where."""
    commit = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    load = ", ".join(f"{each:.1f}" for each in os.getloadavg())
    day = datetime.now(UTC).date()
    return (
        f"Measured on {day} at {commit.stdout.strip() or 'an unknown revision'}, Python {platform.python_version()},"
        f" {platform.system()}, {os.cpu_count()} processors; load before it (1, 5, 15 minutes): {load}."
    )


def parser() -> argparse.ArgumentParser:
    """The command line."""
    parsed = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    own = Options()
    parsed.add_argument("--only", action="append", choices=list(ROWS), metavar="NAME", help=", ".join(ROWS))
    parsed.add_argument("--runs", type=int, default=own.runs, help="rounds of each comparison, in turn")
    parsed.add_argument("--quick", action="store_true", help="smaller batches, for a rough look; enters nothing")
    parsed.add_argument("--large", action="store_true", help="tables of up to 100,000 datasets, not only 10,000")
    parsed.add_argument("--json", action="store_true", help="lines of JSON")
    return parsed


def main() -> int:
    """Returns 1 when a line failed or a goal is missed."""
    asked = parser().parse_args()
    sizes = (*Options().sizes, LARGE) if asked.large else Options().sizes
    given, began = Options(asked.runs, asked.quick, sizes), time.monotonic()
    about, results = machine(), []
    for name in asked.only or ROWS:
        print(name, file=sys.stderr, flush=True)
        for result in found(name, given):
            results.append(result)
            print(result.as_json() if asked.json else " | ".join(result.cells()), flush=True)
    minutes = (time.monotonic() - began) / 60
    print(f"{minutes:.0f} minutes", file=sys.stderr)
    if not asked.only and not asked.quick:
        enter(DOCUMENT, "figures", f"{about} It took {minutes:.0f} minutes.\n\n{table(results)}")
    return 1 if any(result.met is False for result in results) else 0


if __name__ == "__main__":
    sys.exit(main())
