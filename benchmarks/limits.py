"""Under a rate limit: no refusal, and hardly longer than the limit makes necessary."""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from benchmarks.contenders import program
from benchmarks.results import Result
from benchmarks.running import Failed, begun, checked, waited_for
from tests.support.batches import make_batch
from tests.support.local_server import LocalProcess, read_journal

LIMITS = ((100, 6.0), (5000, 360.0))
"""Zenodo's limits in a tenth of their time: requests in seconds."""


def least_seconds(requests: int, limits: Sequence[tuple[int, float]] = LIMITS) -> float:
    """When so many requests can have begun, where a window begins with the first request that finds none."""
    now, left = 0.0, requests
    windows = [(0.0, 0)] * len(limits)  # when it ends, and how many came in it
    while True:
        windows = [
            (now + seconds, 0) if now >= ends else (ends, used)
            for (ends, used), (_, seconds) in zip(windows, limits, strict=True)
        ]
        free = min(most - used for (_, used), (most, _) in zip(windows, limits, strict=True))
        if free >= left:
            return now
        left -= free
        windows = [(ends, used + free) for ends, used in windows]
        now = max(ends for (ends, used), (most, _) in zip(windows, limits, strict=True) if used >= most)


def within_limits(datasets: int) -> Iterator[Result]:
    """Datasets of one file each, three requests a dataset, by one process and by two; both at once: they only wait."""
    with ThreadPoolExecutor() as pool:
        for each in [pool.submit(_by, processes, datasets) for processes in (1, 2)]:
            yield from each.result()


def _by(processes: int, datasets: int) -> list[Result]:
    what = f"{datasets:,} datasets of a file by {('one process', 'two processes')[processes - 1]}"
    try:
        seconds, answers = _deposited(processes, datasets)
    except Failed as error:
        return [Result("limits", what, "", failed=f"failed: {error}")]
    requests, refused = answers.total(), answers[429]
    least = least_seconds(requests)
    ratio = seconds / least
    allowed = 0 if processes == 1 else requests // 100
    beside = f"the limits: {least:.1f} s"
    return [
        Result("limits", f"{what}: time", f"{seconds:.1f} s", beside, ratio, 0, "≤ 1.02 times as long", 1.02),
        Result(
            "limits",
            f"{what}: refused with 429",
            f"{refused} of {requests:,}",
            delay=0,
            goal="none" if processes == 1 else "≤ 1%",
            most=allowed,
            value=refused,
        ),
    ]


def _deposited(processes: int, datasets: int) -> tuple[float, Counter[int]]:
    """Seconds that the slowest process took, and how many requests were answered with which status."""
    options = [word for requests, seconds in LIMITS for word in ("--rate-limit", f"{requests}/{seconds:g}")]
    with tempfile.TemporaryDirectory() as made:
        home = Path(made)
        folders = [home / f"process-{number}" for number in range(processes)]
        batches = [
            make_batch(folder / "data", datasets // processes, 1, 1000, name="part-{}.bin", batch=folder.name)
            for folder in folders
        ]
        with LocalProcess(home, *options, fresh=True) as server:
            running = [
                begun(_submit(batch.manifest, server.url, folder), folder, home)
                for folder, batch in zip(folders, batches, strict=True)
            ]
            found = [waited_for(process, folder) for process, folder in zip(running, folders, strict=True)]
            server.stop()
        whole = checked(found[0], read_journal(server.journal), datasets // processes * processes)
        return max(each.wall for each in found), whole.answers


def _submit(manifest: Path, url: str, folder: Path) -> list[str]:
    return program("submit", str(manifest), "--to", url, "--yes", "-q", "--database", str(folder / "state.db"))
