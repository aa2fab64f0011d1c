from __future__ import annotations

from dataclasses import dataclass

import pytest

from batchdep.cli.display import overview
from batchdep.cli.estimate import Left
from batchdep.cli.live import frame
from batchdep.cli.progress import RunProgress
from batchdep.cli.text import width
from batchdep.errors import Failure
from batchdep.events import (
    BatchStarted,
    DatasetDone,
    DatasetParked,
    DatasetStarted,
    DatasetWaiting,
    Event,
    FileDone,
    FileProgress,
    FileStarted,
    Foreseen,
    RequestDone,
    Stopping,
    Waiting,
)
from batchdep.repository.model import Exchange
from batchdep.repository.windows import Outlook

MB = 1_000_000


@dataclass
class Clock:
    now: float = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


def fed(clock: Clock, *events: Event) -> RunProgress:
    progress = RunProgress(clock)
    for event in (BatchStarted("b", "https://sandbox.zenodo.org", 2, 30 * MB, 7), *events):
        progress.see(event)
    return progress


def done(dataset: str, failure: Failure | None = None) -> DatasetDone:
    state = "failed" if failure else "draft"
    return DatasetDone(dataset, "title", state, None, "10.5281/zenodo.1", None, failure)


def answered(dataset: str, outcome: str = "done") -> RequestDone:
    return RequestDone(dataset, Exchange("PUT", "/", 200, outcome, 0.1, 1000))


def test_bytes_of_a_file_under_way_count(clock: Clock) -> None:
    progress = fed(
        clock,
        DatasetStarted("one", "t", 20 * MB),
        FileStarted("one", "a", 10 * MB),
        FileProgress("one", "a", 4 * MB, 10 * MB),
    )
    assert progress.bytes_done == 4 * MB
    progress.see(FileDone("one", "a", 10 * MB))
    assert progress.bytes_done == 10 * MB
    assert progress.share == pytest.approx(1 / 3)


def test_a_second_attempt_begins_at_nothing(clock: Clock) -> None:
    progress = fed(clock, DatasetStarted("one", "t", 20 * MB), FileProgress("one", "a", 9 * MB, 10 * MB))
    progress.see(FileStarted("one", "a", 10 * MB))
    assert progress.bytes_done == 0


def test_what_a_failed_dataset_had_left_is_not_waited_for(clock: Clock) -> None:
    progress = fed(clock, DatasetStarted("one", "t", 20 * MB), done("one", Failure("file_missing", "gone")))
    assert progress.bytes_done == 20 * MB
    assert (progress.finished, progress.failed, progress.active) == (1, 1, {})


def test_more_bytes_than_foreseen_never_exceed_the_whole(clock: Clock) -> None:
    progress = fed(clock, DatasetStarted("one", "t", 5 * MB), FileDone("one", "a", 90 * MB))
    assert progress.bytes_done == 5 * MB


def test_the_rate_is_that_of_late(clock: Clock) -> None:
    progress = fed(clock, DatasetStarted("one", "t", 30 * MB), FileStarted("one", "a", 30 * MB))
    for second in range(10):
        clock.now = 100.0 + second
        progress.see(FileProgress("one", "a", (second + 1) * MB, 30 * MB))
    assert progress.rate() == pytest.approx(MB, rel=0.01)
    assert progress.seconds_left() is None
    progress.see(answered("one"))
    progress.see(Foreseen(Outlook()))
    assert progress.seconds_left() == pytest.approx(20, rel=0.15)
    clock.now += 100
    assert progress.rate() < MB / 10


def test_the_time_left_counts_down_and_ends_with_the_run(clock: Clock) -> None:
    progress = fed(clock, DatasetStarted("one", "t", 30 * MB, 7), FileStarted("one", "a", 30 * MB), answered("one"))
    clock.now += 10
    progress.see(FileProgress("one", "a", 10 * MB, 30 * MB))
    progress.see(Foreseen(Outlook()))
    assert "about 20 s left" in overview(progress)
    clock.now += 5
    assert progress.seconds_left() == pytest.approx(15, abs=1)
    clock.now += 100
    assert progress.seconds_left() == 0
    progress.see(Stopping("interrupted"))
    assert progress.seconds_left() is None


def test_a_dataset_that_is_put_aside_loses_nothing_of_what_it_did(clock: Clock) -> None:
    progress = fed(
        clock,
        DatasetStarted("one", "t", 20 * MB, 4),
        answered("one"),
        FileDone("one", "a", 15 * MB),
        answered("one"),
        answered("one", outcome="throttled"),
        DatasetParked("one", "another is published first"),
    )
    assert (progress.bytes_done, progress.active) == (15 * MB, {})
    assert progress._left() == Left(5, 15 * MB)
    progress.see(DatasetStarted("one", "t", 5 * MB, 2))
    assert progress._left() == Left(5, 15 * MB, longest=2, workers=1)
    progress.see(DatasetStarted("one", "t", 4 * MB, 2))  # put off, and begun again
    assert progress._left() == Left(5, 14 * MB, longest=2, workers=1)
    progress.see(done("one"))
    assert progress._left() == Left(3, 10 * MB)
    assert progress.bytes_done == 20 * MB


def test_requests_of_a_failed_dataset_do_not_come_any_more(clock: Clock) -> None:
    progress = fed(clock, DatasetStarted("one", "t", 20 * MB, 5), answered("one"))
    progress.see(done("one", Failure("metadata_rejected", "no")))
    assert progress._left() == Left(2, 10 * MB)


def test_without_bytes_datasets_are_counted(clock: Clock) -> None:
    progress = RunProgress(clock)
    progress.see(BatchStarted("b", "t", 4, 0, 4))
    progress.see(DatasetStarted("one", "t", 0))
    progress.see(done("one"))
    assert progress.share == 0.25
    assert progress.seconds_left() is None


def test_an_empty_run_divides_by_nothing(clock: Clock) -> None:
    progress = RunProgress(clock)
    progress.see(BatchStarted("b", "t", 0, 0, 0))
    assert (progress.share, progress.rate()) == (0.0, 0.0)


def test_a_wait_ends_by_itself(clock: Clock) -> None:
    progress = fed(clock, Waiting("rate limit", 38))
    assert progress.waiting() is not None
    assert "rate limit: 38 s" in [line for line, _ in frame(progress, 80, 24)]
    clock.now += 39
    assert progress.waiting() is None
    assert not any("rate limit" in line for line, _ in frame(progress, 80, 24))


def test_the_reason_of_a_wait_has_no_full_stop_in_the_middle_of_the_line(clock: Clock) -> None:
    progress = fed(clock, Waiting("Nobody answers at lab.example:443 (connection refused).", 8))
    shown = [line for line, _ in frame(progress, 80, 24)]
    assert "Nobody answers at lab.example:443 (connection refused): 8 s" in shown


def test_events_of_unknown_datasets_are_harmless(clock: Clock) -> None:
    progress = fed(clock, FileProgress("other", "a", 1, 2), FileDone("other", "a", 2), done("other"))
    assert progress.bytes_done == 0


@pytest.mark.parametrize(("columns", "rows"), [(80, 24), (20, 5), (200, 60), (5, 1)])
def test_the_display_fits_the_screen(clock: Clock, columns: int, rows: int) -> None:
    progress = fed(clock, Waiting("the repository does not answer; it is asked again and again", 300))
    progress.see(Stopping("interrupted"))
    for number in range(40):
        name = f"数据集-{number}-with-a-rather-long-identifier"
        progress.see(DatasetStarted(name, "t", MB))
        progress.see(FileStarted(name, "a file with a long name" * 5, MB))
    lines = frame(progress, columns, rows)
    assert all(width(line) <= max(columns, 20) for line, _ in lines)
    assert len(lines) <= max(rows, 7)


def test_the_display_says_what_each_dataset_does(clock: Clock) -> None:
    progress = fed(
        clock,
        DatasetStarted("one", "t", 20 * MB),
        FileProgress("one", "evil\x1b[2J.csv", 4 * MB, 10 * MB),
        DatasetStarted("two", "t", 0),
        DatasetWaiting("two", "looking what became of a request", 9),
        DatasetStarted("three", "t", 1200),
        FileStarted("three", "small.csv", 1200),
    )
    text = "\n".join(line for line, _ in frame(progress, 100, 24))
    assert "one    4.0 MB of 10.0 MB  evil\\x1b[2J.csv" in text
    assert "three  1.2 kB  small.csv" in text
    assert "two    looking what became of a request: 9 s" in text
    assert "0 of 2 datasets, 4.0 MB of 30.0 MB" in text


def test_the_display_has_a_form_for_poor_encodings(clock: Clock) -> None:
    progress = fed(clock, DatasetStarted("one", "t", 30 * MB), FileProgress("one", "a", 15 * MB, 30 * MB))
    bar = frame(progress, 40, 24, ascii_only=True)[1][0]
    assert bar.isascii()
    assert bar.endswith(" 50 %")


def test_before_the_first_event_it_says_so(clock: Clock) -> None:
    assert frame(RunProgress(clock), 80, 24) == [("preparing ...", "dim")]
