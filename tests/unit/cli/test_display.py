from __future__ import annotations

import io
import sys
import threading

import pytest

from batchdep.cli.display import PlainDisplay, QuietDisplay, display
from batchdep.cli.live import LiveDisplay
from batchdep.cli.output import Output, OutputFormat
from batchdep.cli.requestlog import log_line
from batchdep.errors import Failure
from batchdep.events import (
    BatchStarted,
    DatasetDone,
    DatasetStarted,
    Event,
    FileDone,
    FileStarted,
    RequestDone,
    Stopping,
    Waiting,
)
from batchdep.repository.model import Exchange

STARTED = BatchStarted("roses", "https://sandbox.zenodo.org", 2, 3_000_000, 8)
GOOD = DatasetDone("one", "t", "published", "10.5072/zenodo.1", "10.5281/zenodo.1", "https://x", None, ("a warning",))
DRAFT = DatasetDone("one", "t", "draft", None, "10.5281/zenodo.1", "https://x", None)
BAD = DatasetDone("two\x1b[2J", "t", "failed", None, None, None, Failure("file_missing", "It is gone.", "Restore it."))
REQUEST = RequestDone(
    "one",
    Exchange("PUT", "/api/files/b/a\x1b.csv", 201, "done", 0.25, 12_000, "note", 1, {"X-RateLimit-Remaining": "7"}),
)


def shown(capsys: pytest.CaptureFixture[str], *events: Event, verbosity: int = 0) -> list[str]:
    with PlainDisplay(verbosity) as plain:
        for event in events:
            plain.see(event)
    captured = capsys.readouterr()
    assert captured.out == ""
    return captured.err.splitlines()


def test_one_line_for_each_finished_dataset(capsys: pytest.CaptureFixture[str]) -> None:
    assert shown(capsys, STARTED, DatasetStarted("one", "t", 1), FileDone("one", "a", 1), GOOD, BAD) == [
        "roses -> https://sandbox.zenodo.org: 2 datasets, 3.0 MB to send",
        "[1/2] one: published 10.5072/zenodo.1",
        "    warning: a warning",
        "[2/2] two\\x1b[2J: failed: It is gone. (Restore it.)",
    ]


def test_a_reserved_doi_is_marked(capsys: pytest.CaptureFixture[str]) -> None:
    assert shown(capsys, STARTED, DRAFT)[1] == "[1/2] one: draft 10.5281/zenodo.1 (reserved)"


def test_nothing_to_do_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    assert shown(capsys, BatchStarted("b", "https://x", 0, 0, 0)) == ["b -> https://x: nothing to do"]


def test_long_waits_and_stops_are_told(capsys: pytest.CaptureFixture[str]) -> None:
    events = (Waiting("rate limit", 38), Waiting("rate limit", 2), Stopping("token refused", "Get a new one."))
    assert shown(capsys, *events) == ["waiting 38 s: rate limit", "stopping: token refused Get a new one."]


def test_silence_is_broken_by_a_sign_of_life(monkeypatch: pytest.MonkeyPatch) -> None:
    told = threading.Event()
    lines: list[str] = []

    def note(text: str) -> None:
        lines.append(text)
        if "of 2 datasets" in text:
            told.set()

    monkeypatch.setattr("batchdep.cli.display.write_error_line", note)
    with PlainDisplay(heartbeat=0.01) as plain:
        plain.see(STARTED)
        assert told.wait(10)
    assert "0 of 2 datasets, 0 B of 3.0 MB" in lines


def test_requests_are_logged_when_asked_for() -> None:
    line = log_line(REQUEST, 1) or ""
    assert line[8:] == " PUT /api/files/b/a\\x1b.csv 201 0.250 s 12.0 kB sent"
    more = log_line(REQUEST, 2) or ""
    assert more.startswith(line)
    assert more.endswith(" | one | done | note | X-RateLimit-Remaining=7")
    assert log_line(REQUEST, 0) is None
    assert log_line(FileStarted("one", "a", 1), 1) is None
    assert "sending a, 1 B" in (log_line(FileStarted("one", "a", 1), 2) or "")


def test_quiet_shows_only_what_must_be_said(capsys: pytest.CaptureFixture[str]) -> None:
    with display(Output(OutputFormat.TEXT, quiet=True)) as quiet:
        assert isinstance(quiet, QuietDisplay)
        quiet.see(STARTED)
        quiet.say("Stopping")
    assert capsys.readouterr().err == "Stopping\n"


class Gone(io.StringIO):
    """A terminal that went away."""

    def write(self, text: str) -> int:
        raise OSError(5, "Input/output error")


def test_a_terminal_that_went_away_does_not_stop_the_work(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stderr", Gone())
    with PlainDisplay() as plain:
        plain.see(STARTED)
        plain.see(GOOD)


def test_the_live_display_keeps_failures_only() -> None:
    screen = io.StringIO()
    with LiveDisplay(stream=screen, force_terminal=True, width=100, height=30, color_system=None) as live:
        for event in (STARTED, DatasetStarted("one", "t", 1), GOOD, BAD):
            live.see(event)
    text = screen.getvalue()
    assert "two\\x1b[2J: failed: It is gone. (Restore it.)" in text
    assert "one: published" not in text


def test_the_live_display_bears_a_terminal_that_went_away() -> None:
    with LiveDisplay(stream=Gone(), force_terminal=True, width=100, height=30) as live:
        live.see(STARTED)
        live.see(BAD)
