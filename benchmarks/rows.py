"""The lines of the table: what is measured, beside what, and what it is to come to."""

from __future__ import annotations

import statistics
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks import contenders, scale
from benchmarks.contenders import BATCHDEP, Contender, program
from benchmarks.limits import within_limits
from benchmarks.results import Result
from benchmarks.running import Failed, Measured, deposited, in_turn, measured
from tests.support.batches import Batch, make_batch

NAME = "part-{}.bin"


@dataclass(frozen=True)
class Options:
    """``runs``: rounds of each comparison; ``quick``: smaller batches, for a rough look; ``sizes``: of the tables whose
    growth is measured, in datasets."""

    runs: int = 5
    quick: bool = False
    sizes: Sequence[int] = (1_000, 10_000)


Rows = Iterator[Result]


@contextmanager
def made(datasets: int, files: int, size: int) -> Iterator[Batch]:
    """A batch that is gone afterwards."""
    with tempfile.TemporaryDirectory() as folder:
        yield make_batch(Path(folder) / "data", datasets, files, size, name=NAME)


def compared(
    row: str, what: str, batch: Batch, rival: Contender, runs: int, delay: int, most: float | None = None
) -> Result:
    """batchdep beside another, in turn, by the clock."""
    goal = "" if most is None else f"≤ {most} times as long"
    try:
        if rival.missing:
            raise Failed(f"{rival.needs} is not installed")
        option = ("--answer-delay", str(delay / 1000))
        rounds = in_turn(runs, *(lambda who=who: deposited(who, batch, *option) for who in (BATCHDEP, rival)))
    except Failed as error:
        return Result(row, what, "", rival.name, delay=delay, goal=goal, failed=f"failed: {error}", runs=runs)
    ours, theirs = (statistics.median(found.wall for found in column) for column in zip(*rounds, strict=True))
    ratio = statistics.median(mine.wall / other.wall for mine, other in rounds)
    beside = f"{rival.name}: {theirs:.2f} s"
    return Result(row, what, f"{ours:.2f} s", beside, ratio, delay, goal, most, runs=runs)


def small(given: Options) -> Rows:
    """40 datasets of small files."""
    goals = {0: 0.7, 50: 0.6}
    with made(40, 5, 100_000) as batch:
        for delay in (0, 20, 50, 200):
            what = "40 datasets of 5 files of 100 kB"
            yield compared("small", what, batch, contenders.EIGHT_CURLS, given.runs, delay, goals.get(delay))


def many(given: Options) -> Rows:
    """400 datasets of small files."""
    datasets = 100 if given.quick else 400
    with made(datasets, 5, 100_000) as batch:
        for delay, most in ((0, None), (50, 0.45)):
            what = f"{datasets} datasets of 5 files of 100 kB"
            yield compared("many", what, batch, contenders.EIGHT_CURLS, given.runs, delay, most)


def mixed(given: Options) -> Rows:
    """Large files among many small ones."""
    with made(40, 5, 100_000) as batch:
        for number, key in enumerate(batch.md5s):
            if number % 10 == 5:
                _write(batch.manifest.parent / key / "large.bin", 50)
        for delay in (0, 50):
            what = "40 datasets of 5 files of 100 kB, 4 of them with another one of 50 MB"
            yield compared("mixed", what, batch, contenders.EIGHT_CURLS, given.runs, delay)


def one_by_one(given: Options) -> Rows:
    """What works off one dataset after the other: in a small batch, as it takes so long."""
    datasets = 3 if given.quick else 10
    with made(datasets, 5, 100_000) as batch:
        for rival in (contenders.RECIPE, contenders.ZENODO_CLIENT):
            for delay in (0, 20, 50, 200):
                what = f"{datasets} datasets of 5 files of 100 kB"
                yield compared("one by one", what, batch, rival, given.runs, delay)


def _write(path: Path, megabytes: int) -> None:
    import random

    dice = random.Random(str(path))
    with path.open("wb") as file:
        for _ in range(megabytes):
            file.write(dice.randbytes(1_000_000))


def big(given: Options) -> Rows:
    """Four big files: processor time beside one curl that sends and md5sum that hashes, time beside eight curls, which
    hash nothing, and beside eight with md5sum: what sending and hashing takes on a machine of so many processors."""
    megabytes = 50 if given.quick else 500
    what = f"4 datasets of a file of {megabytes} MB"
    with made(4, 1, 0) as batch:
        for key in batch.md5s:
            _write(batch.manifest.parent / key / NAME.format(0), megabytes)
        who = (BATCHDEP, contenders.EIGHT_CURLS, contenders.EIGHT_HASHING_CURLS, contenders.CURL_AND_MD5SUM)
        try:
            rounds = in_turn(given.runs, *(lambda each=each: deposited(each, batch) for each in who))
        except Failed as error:
            yield Result("big", what, "", delay=0, failed=f"failed: {error}")
            return
    _, eight, eight_hashing, one = zip(who, zip(*rounds, strict=True), strict=True)
    ours = [first for first, *_ in rounds]
    yield _big(ours, *eight, what, "wall", 1.25)
    yield _big(ours, *eight_hashing, what, "wall")
    yield _big(ours, *one, what, "processor", 1.2)
    peak = max(found.peak for found, *_ in rounds)
    goal = {"goal": "< 100 MB", "most": 100e6, "value": peak}
    yield Result("big", f"{what}: memory at most", f"{peak / 1e6:.0f} MB", delay=0, runs=given.runs, **goal)  # type: ignore[arg-type]


def _big(
    ours: Sequence[Measured],
    rival: Contender,
    theirs: Sequence[Measured],
    what: str,
    figure: str,
    most: float | None = None,
) -> Result:
    words = {"wall": "time", "processor": "processor time"}[figure]
    pairs = [(getattr(mine, figure), getattr(other, figure)) for mine, other in zip(ours, theirs, strict=True)]
    mine, other = (statistics.median(side) for side in zip(*pairs, strict=True))
    ratio = statistics.median(each / beside for each, beside in pairs)
    goal = "" if most is None else f"≤ {most} times as long"
    beside = f"{rival.name}: {other:.2f} s"
    return Result("big", f"{what}: {words}", f"{mine:.2f} s", beside, ratio, 0, goal, most, runs=len(ours))


def start(given: Options) -> Rows:
    """What the start costs."""
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        rounds = in_turn(given.runs + 1, lambda: measured(program("--help"), home))
        yield _seconds("start", "batchdep --help", [found.wall for (found,) in rounds[1:]], 0.3)
    with made(1, 1, 1000) as batch:
        rounds = in_turn(given.runs + 1, lambda: deposited(BATCHDEP, batch))
        yield _seconds("start", "submit of one file", [found.wall for (found,) in rounds[1:]], 0.9)


def _seconds(row: str, what: str, found: Sequence[float], most: float) -> Result:
    value = statistics.median(found)
    return Result(row, what, f"{value:.2f} s", goal=f"< {most} s", most=most, value=value, runs=len(found))


def throughput(given: Options) -> Rows:
    """Requests a second where nothing keeps them up."""
    datasets = 300 if given.quick else 2000
    with made(datasets, 3, 10_000) as batch:
        rounds = in_turn(min(given.runs, 3), lambda: deposited(BATCHDEP, batch))
    rate = statistics.median(found.requests / found.wall for (found,) in rounds)
    memory = max(found.peak for (found,) in rounds) / 1e6
    shown = f"{rate:.0f} requests/s, {memory:.0f} MB"
    what = f"{datasets:,} datasets of 3 files of 10 kB"
    yield Result("throughput", what, shown, delay=0, goal="≥ 250 requests/s", most=-250, value=-rate, runs=len(rounds))


def limits(given: Options) -> Rows:
    """100 requests in 6 s and 5000 in 360 s, by one process and by two."""
    # not a multiple of a hundred requests: one that comes late into the next window would cost a whole window more
    return within_limits(190 if given.quick else 1734)


def growth(given: Options) -> Rows:
    """Tables of many datasets."""
    return scale.rows([1_000] if given.quick else given.sizes)


ROWS: dict[str, Callable[[Options], Rows]] = {
    "start": start,
    "small": small,
    "many": many,
    "mixed": mixed,
    "one-by-one": one_by_one,
    "big": big,
    "throughput": throughput,
    "limits": limits,
    "scale": growth,
}
