"""Reading many files takes long: now and then a line says how far it is."""

from __future__ import annotations

import pytest

from batchdep.cli.looking import PACE, Ticker
from batchdep.cli.output import Output
from batchdep.events import BatchStarted, DatasetStarted, FileProgress, Waiting


class Hand:
    """A clock that is moved by hand."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_a_line_now_and_then(capsys: pytest.CaptureFixture[str]) -> None:
    clock = Hand()
    ticker = Ticker(Output(), clock)
    ticker.see(BatchStarted("roses", "https://zenodo.org", 3, 0, 3))
    ticker.see(DatasetStarted("a", "A", 10_000_000))
    for read in range(1_000_000, 5_000_000, 1_000_000):
        ticker.see(FileProgress("a", "a.csv", read, 10_000_000))
    assert capsys.readouterr().err == ""
    clock.now = PACE
    ticker.see(FileProgress("a", "a.csv", 5_000_000, 10_000_000))
    ticker.see(FileProgress("a", "a.csv", 6_000_000, 10_000_000))
    assert capsys.readouterr().err == "1 of 3 datasets, 5.0 MB read\n"


def test_long_waits_are_told_and_quiet_is_quiet(capsys: pytest.CaptureFixture[str]) -> None:
    Ticker(Output()).see(Waiting("rate limit", 40.0))
    Ticker(Output()).see(Waiting("rate limit", 0.5))
    assert capsys.readouterr().err == "waiting 40 s: rate limit\n"
    Ticker(Output(quiet=True)).see(Waiting("rate limit", 40.0))
    assert capsys.readouterr().err == ""
