"""Shows a run while it goes on, on stderr: a live display on a terminal, plain lines elsewhere.

A display is an observer of the batch: it returns at once and never raises, whatever became of the terminal.
"""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final, Protocol

from batchdep.cli.output import HEARTBEAT_SECONDS, Output, is_capable, is_terminal, styled, write_error_line
from batchdep.cli.requestlog import log_line
from batchdep.cli.text import counted, human_bytes, human_estimate, human_seconds, safe
from batchdep.events import BatchStarted, DatasetDone, Event, Stopping, Waiting

if TYPE_CHECKING:
    from batchdep.cli.progress import RunProgress

_WORTH_A_LINE: Final = 5.0
"""Seconds: shorter waits are not worth a line in a log."""


class Display(Protocol):
    """What the commands need of either display."""

    def see(self, event: Event) -> None:
        """Takes note of an event."""

    def say(self, text: str) -> None:
        """Shows a line that stays."""


@contextmanager
def display(out: Output) -> Iterator[Display]:
    """The display that suits the command's options and the place where stderr leads."""
    if out.quiet:
        yield QuietDisplay()
    elif is_terminal(sys.stderr) and is_capable():
        from batchdep.cli.live import LiveDisplay

        with LiveDisplay(out.verbosity) as live:
            yield live
    else:
        with PlainDisplay(out.verbosity) as plain:
            yield plain


class QuietDisplay:
    """With ``-q``: nothing but what a person at the keyboard caused."""

    def see(self, event: Event) -> None:
        """Nothing to see."""

    def say(self, text: str) -> None:
        """Shows a line that stays."""
        write_error_line(text)


class PlainDisplay:
    """One line for each finished dataset, and a sign of life in long silences."""

    def __init__(self, verbosity: int = 0, heartbeat: float = HEARTBEAT_SECONDS) -> None:
        from batchdep.cli.progress import RunProgress  # not with -q

        self._progress = RunProgress()
        self._verbosity = verbosity
        self._heartbeat = heartbeat
        self._last_line = time.monotonic()
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._live_signs, name="progress heartbeat", daemon=True)

    def __enter__(self) -> PlainDisplay:
        self._thread.start()
        return self

    def __exit__(self, *exc_info: object) -> None:
        self._over.set()
        self._thread.join()

    def see(self, event: Event) -> None:
        """Takes note of an event; a line for those that matter."""
        self._progress.see(event)
        line = event_line(event, self._progress)
        if line is not None:
            self.say(line)
        if (logged := log_line(event, self._verbosity)) is not None:
            self.say(logged)

    def say(self, text: str) -> None:
        """Shows a line that stays."""
        self._last_line = time.monotonic()
        write_error_line(text)

    def _live_signs(self) -> None:
        while not self._over.wait(max(self._last_line + self._heartbeat - time.monotonic(), 0.01)):
            if time.monotonic() - self._last_line >= self._heartbeat:
                self.say(", ".join(filter(None, (overview(self._progress), wait_text(self._progress)))))


def event_line(event: Event, progress: RunProgress) -> str | None:
    """The line that an event is worth where lines stay; None for most."""
    match event:
        case BatchStarted():
            work = f"{counted(event.datasets, 'dataset')}, {human_bytes(event.bytes_total)} to send"
            return f"{safe(event.batch)} -> {event.target}: {work if event.datasets else 'nothing to do'}"
        case DatasetDone():
            return finished_line(event, progress)
        case Waiting() if event.seconds >= _WORTH_A_LINE:
            return f"waiting {human_seconds(event.seconds)}: {safe(event.reason)}"
        case Stopping():
            return stopping_line(event)
    return None


def finished_line(event: DatasetDone, progress: RunProgress) -> str:
    """``[3/40] ng2018-tabular: published 10.5072/zenodo.1000``, or what went wrong and what to do."""
    head = f"[{progress.finished}/{progress.datasets}] {safe(event.dataset)}: {event.state}"
    if event.failure is not None:
        hint = f" ({safe(event.failure.hint)})" if event.failure.hint else ""
        return f"{styled(head, 'red', sys.stderr)}: {safe(event.failure.message)}{hint}"
    doi = event.doi or (f"{event.reserved_doi} (reserved)" if event.reserved_doi else "")
    warned = "".join(f"\n    warning: {safe(text)}" for text in event.warnings)
    return f"{head} {safe(doi)}".rstrip() + warned


def stopping_line(event: Stopping) -> str:
    """Why the run ends before its end."""
    hint = f" {safe(event.hint)}" if event.hint else ""
    return f"stopping: {safe(event.reason)}{hint}"


def overview(progress: RunProgress) -> str:
    """Where the run stands, on one line."""
    parts = [f"{progress.finished} of {counted(progress.datasets, 'dataset')}"]
    if progress.bytes_total:
        parts.append(f"{human_bytes(progress.bytes_done)} of {human_bytes(progress.bytes_total)}")
    if rate := progress.rate():
        parts.append(f"{human_bytes(rate)}/s")
    left = progress.seconds_left()
    if left is not None:
        parts.append(f"about {human_estimate(left)} left")
    return ", ".join(parts)


def wait_text(progress: RunProgress) -> str | None:
    """What holds up everything, and for how long: ``rate limit: 38 s``."""
    wait = progress.waiting()
    return None if wait is None else f"{safe(wait.reason)}: {human_seconds(wait.until - progress.clock())}"
