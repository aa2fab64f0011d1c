"""A manifest of a hundred thousand datasets is read and checked for longer than people look at nothing."""

from __future__ import annotations

import io
import sys
from collections.abc import Callable

import pytest

from batchdep.cli.counting import PACE, PATIENCE, Counting
from batchdep.cli.output import HEARTBEAT_SECONDS, Output


class Hand:
    """A clock that is moved by hand."""

    now = 100.0

    def __call__(self) -> float:
        return self.now


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture
def clock() -> Hand:
    return Hand()


def shown_on(stream: io.StringIO, monkeypatch: pytest.MonkeyPatch, doing: Callable[[], None]) -> str:
    monkeypatch.setattr(sys, "stderr", stream)
    doing()
    return stream.getvalue()


def count(clock: Hand, step: float, *, quiet: bool = False) -> None:
    with Counting(Output(quiet=quiet), clock) as counting:
        for number in range(1, 4):
            clock.now += step
            counting.read(number * 1000)
            counting.looked(number * 1000, 3000)


def test_nothing_is_shown_of_a_small_manifest(monkeypatch: pytest.MonkeyPatch, clock: Hand) -> None:
    monkeypatch.setenv("TERM", "xterm")
    assert shown_on(Terminal(), monkeypatch, lambda: count(clock, PATIENCE / 4)) == ""


def test_a_line_is_written_over_and_gone_at_the_end(monkeypatch: pytest.MonkeyPatch, clock: Hand) -> None:
    monkeypatch.setenv("TERM", "xterm")
    text = shown_on(Terminal(), monkeypatch, lambda: count(clock, PATIENCE))
    lines = [f"reading the manifest: {number},000 datasets" for number in (1, 2, 3)]
    assert text == "".join(f"\r\x1b[K{line}" for line in lines) + "\r\x1b[K"


def test_the_line_keeps_its_pace(monkeypatch: pytest.MonkeyPatch, clock: Hand) -> None:
    def often() -> None:
        with Counting(Output(), clock) as counting:
            clock.now += PATIENCE
            for number in range(1, 1001):
                counting.looked(number, 1000)
                clock.now += PACE * 0.011

    monkeypatch.setenv("TERM", "xterm")
    text = shown_on(Terminal(), monkeypatch, often)
    assert text.split("\r\x1b[K")[1:3] == ["checking: 1 of 1,000 datasets", "checking: 92 of 1,000 datasets"]
    assert text.count("checking") == 11


@pytest.mark.parametrize("stream", [io.StringIO, Terminal])
def test_a_log_gets_a_line_a_minute(stream: type[io.StringIO], monkeypatch: pytest.MonkeyPatch, clock: Hand) -> None:
    monkeypatch.setenv("TERM", "dumb")
    assert shown_on(stream(), monkeypatch, lambda: count(clock, HEARTBEAT_SECONDS / 2)) == (
        "reading the manifest: 2,000 datasets\n"
    )


def test_quiet_is_quiet(monkeypatch: pytest.MonkeyPatch, clock: Hand) -> None:
    monkeypatch.setenv("TERM", "xterm")
    assert shown_on(Terminal(), monkeypatch, lambda: count(clock, 1000.0, quiet=True)) == ""
