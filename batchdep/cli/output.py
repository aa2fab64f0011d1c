"""Where a command writes: results to stdout, everything else to stderr."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Mapping
from contextlib import suppress
from enum import StrEnum
from itertools import chain
from pathlib import Path
from typing import IO, Any, Final, TextIO

from batchdep.cli.text import disarmed, safe
from batchdep.errors import BatchdepError, ManifestInvalid
from batchdep.report.json_text import json_pieces

QUIET: Final = -1

HEARTBEAT_SECONDS: Final = 60.0
"""After so long a silence, a line says that a command is alive (and to CI services that it is not hung)."""

_STYLES: Final = {"bold": "1", "dim": "2", "red": "31", "green": "32", "yellow": "33", "cyan": "36"}


class OutputFormat(StrEnum):
    """``--format``."""

    TEXT = "text"
    JSON = "json"


class Output:
    """A command's two streams. ``verbosity`` is -1 with ``-q``, else the number of ``-v``."""

    def __init__(self, form: OutputFormat = OutputFormat.TEXT, verbose: int = 0, quiet: bool = False) -> None:
        self.json = form is OutputFormat.JSON
        self.verbosity = QUIET if quiet else verbose

    @property
    def quiet(self) -> bool:
        return self.verbosity <= QUIET

    def result(self, text: str) -> None:
        """What was asked for, as text.

        Raises BatchdepError when stdout leads to a full disk.
        """
        self._write((text, "\n"))

    def _write(self, pieces: Iterable[str]) -> None:
        try:
            sys.stdout.writelines(pieces)
            sys.stdout.flush()
        except BrokenPipeError:
            raise
        except OSError as error:
            raise BatchdepError(
                f"The result cannot be written to stdout: {error.strerror}.",
                "What was done is kept: batchdep status shows it.",
                code="not_writable",
            ) from None

    def document(self, document: Mapping[str, Any]) -> None:
        """What was asked for, as the one JSON document of the command."""
        self.pieces(json_pieces(document))

    def pieces(self, document: Iterable[str]) -> None:
        """The same as pieces of its text, without the last line end."""
        self._write(chain(map(disarmed, document), ("\n",)))

    def report(self, text: Iterable[str]) -> None:
        """A report, given as pieces of its text, as it is; on a terminal with what could steer that written out."""
        self._write(map(disarmed, text) if is_terminal(sys.stdout) else text)

    def note(self, text: str) -> None:
        """Something on the way; not with ``-q``. A terminal that has gone away must not end the work."""
        if not self.quiet:
            write_error_line(text)

    def styled(self, text: str, style: str) -> str:
        """``text`` for stdout, coloured where that is wanted."""
        return styled(text, style, sys.stdout)


def write_error_line(text: str) -> None:
    """One line to stderr, whoever may still read it."""
    write_error_text(text + "\n")


def write_error_text(text: str) -> None:
    """The same without an end of the line."""
    with suppress(OSError, ValueError):
        sys.stderr.write(text)
        sys.stderr.flush()


def styled(text: str, style: str, stream: IO[str]) -> str:
    """``text`` in a colour, if ``stream`` is a terminal that wants any."""
    return f"\x1b[{_STYLES[style]}m{text}\x1b[0m" if text and wants_colour(stream) else text


def wants_colour(stream: IO[str]) -> bool:
    """No colours with ``NO_COLOR`` set (https://no-color.org), on a dumb terminal or into a file."""
    return not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb" and is_terminal(stream)


def is_terminal(stream: IO[str] | None) -> bool:
    """Whether a person is at the other end; a closed stream is none."""
    try:
        return stream is not None and stream.isatty()
    except ValueError:
        return False


def is_capable() -> bool:
    """Whether the terminal can move its cursor."""
    return os.environ.get("TERM", "dumb") != "dumb"


def show_error(error: BatchdepError, *, as_json: bool) -> None:
    """Tells what went wrong and what to do: for people on stderr, for programs as a document on stdout."""
    if as_json:
        Output(OutputFormat.JSON).document(error_document(error))
        return
    if isinstance(error, ManifestInvalid):
        from batchdep.cli.problems import problem_lines

        for line in problem_lines(error.problems, sys.stderr):
            write_error_line(line)
    write_error_line(styled("error: ", "red", sys.stderr) + safe(error.message))
    if error.hint:
        write_error_line(f"  {safe(error.hint)}")


def error_document(error: BatchdepError) -> dict[str, Any]:
    """The JSON document ``batchdep-error/1``."""
    document: dict[str, Any] = {
        "schema": "batchdep-error/1",
        "exit_code": int(error.exit_code),
        "error": {"code": error.code, "message": error.message, "hint": error.hint},
    }
    if isinstance(error, ManifestInvalid):
        from batchdep.cli.problems import problem_dict

        document["problems"] = [problem_dict(problem) for problem in error.problems]
    return document


def _nowhere() -> TextIO:
    return Path(os.devnull).open("w", encoding="utf-8")


def prepare_streams() -> None:
    """Makes printing never fail for a character that the terminal's encoding lacks, or for a stream that is closed."""
    sys.stdout = sys.stdout or _nowhere()
    sys.stderr = sys.stderr or _nowhere()
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors="backslashreplace")
