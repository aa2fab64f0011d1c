"""The live display on a terminal: an overall bar, and a line for each dataset under way."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from contextlib import suppress
from typing import IO, Any, Final, cast

from rich.console import Console, Group
from rich.live import Live
from rich.text import Text

from batchdep.cli.display import event_line, overview, wait_text
from batchdep.cli.progress import ActiveDataset, RunProgress
from batchdep.cli.requestlog import log_line
from batchdep.cli.text import human_bytes, human_seconds, padded, safe, shortened, width
from batchdep.events import DatasetDone, Event, Stopping

REFRESHES_A_SECOND: Final = 8
SMALLEST_WIDTH: Final = 20
_LONGEST_BAR: Final = 60
_LONGEST_ID: Final = 32
_LINES_BESIDE: Final = 5  # the bar, the overview, a wait, the rest's count, and one for the prompt


class Forgiving:
    """A stream that takes no offence when its terminal is gone: the drawing thread must not die of it."""

    def __init__(self, stream: IO[str]) -> None:
        self._stream = stream

    def write(self, text: str) -> int:
        """Writes, or does not."""
        with suppress(OSError, ValueError):
            self._stream.write(text)
        return len(text)

    def flush(self) -> None:
        """Flushes, or does not."""
        with suppress(OSError, ValueError):
            self._stream.flush()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


class LiveDisplay:
    """Draws at a fixed pace, however many events come; what scrolls by are failures and log lines only."""

    def __init__(self, verbosity: int = 0, stream: IO[str] | None = None, **console: Any) -> None:
        self._progress = RunProgress()
        self._verbosity = verbosity
        file = cast("IO[str]", Forgiving(stream or sys.stderr))
        self._console = Console(file=file, highlight=False, markup=False, emoji=False, **console)
        self._live = Live(
            get_renderable=self._frame,
            console=self._console,
            refresh_per_second=REFRESHES_A_SECOND,
            transient=True,
            redirect_stdout=False,
            redirect_stderr=False,
        )

    def __enter__(self) -> LiveDisplay:
        self._live.start()
        return self

    def __exit__(self, *exc_info: object) -> None:
        self._live.stop()

    def see(self, event: Event) -> None:
        """Takes note of an event."""
        self._progress.see(event)
        if isinstance(event, Stopping) or (isinstance(event, DatasetDone) and event.failure is not None):
            self.say(event_line(event, self._progress) or "")
        if (logged := log_line(event, self._verbosity)) is not None:
            self.say(logged)

    def say(self, text: str) -> None:
        """Shows a line that stays, above the display."""
        self._console.print(Text.from_ansi(text))

    def _frame(self) -> Group:
        ascii_only = not (getattr(sys.stderr, "encoding", None) or "").lower().startswith("utf")
        lines = frame(self._progress, self._console.width, self._console.height, ascii_only=ascii_only)
        return Group(*(Text(line, style, no_wrap=True, overflow="crop") for line, style in lines))


def frame(progress: RunProgress, columns: int, rows: int, *, ascii_only: bool = False) -> list[tuple[str, str]]:
    """The display's lines with their styles, none wider than ``columns``, never more than ``rows``."""
    if not progress.batch:
        return [("preparing ...", "dim")]
    columns = max(columns, SMALLEST_WIDTH)
    heading = f"{safe(progress.batch)} -> {progress.target}"
    lines = [(heading, "bold"), (_bar(progress, columns, ascii_only), "cyan"), (overview(progress), "")]
    if (wait := wait_text(progress)) is not None:
        lines.append((wait, "yellow"))
    if progress.stopping is not None:
        lines.append((f"stopping: {safe(progress.stopping.reason)}", "yellow"))
    lines += _active_lines(list(progress.active.values()), max(rows - _LINES_BESIDE, 1), progress.clock())
    return [(shortened(line, columns), style) for line, style in lines]


def _bar(progress: RunProgress, columns: int, ascii_only: bool) -> str:
    done, ahead = ("#", ".") if ascii_only else ("━", "╌")
    percent = f" {int(progress.share * 100):3d} %"
    length = min(columns - width(percent), _LONGEST_BAR)
    filled = int(progress.share * length)
    return done * filled + ahead * (length - filled) + percent


def _active_lines(active: Sequence[ActiveDataset], room: int, now: float) -> list[tuple[str, str]]:
    if not active:
        return []
    shown = active if len(active) <= room else active[: max(room - 1, 1)]
    longest = min(max(width(safe(each.id)) for each in shown), _LONGEST_ID)
    lines = [(_active_line(each, longest, now), "") for each in shown]
    if rest := len(active) - len(shown):
        lines.append((f"  and {rest} more", "dim"))
    return lines


def _active_line(each: ActiveDataset, longest: int, now: float) -> str:
    name = padded(shortened(safe(each.id), longest), longest)
    if each.wait is not None and each.wait.until > now:
        return f"  {name}  {safe(each.wait.reason)}: {human_seconds(each.wait.until - now)}"
    if each.file is None:
        return f"  {name}"
    sent = f"{human_bytes(each.sent)} of " if each.sent else ""  # of small files nothing is told in between
    return f"  {name}  {sent}{human_bytes(each.size)}  {safe(each.file)}"
