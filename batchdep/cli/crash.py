"""What becomes of an error that nobody foresaw: a report on disk, and a few words that lead there."""

from __future__ import annotations

import os
import platform
import re
import traceback
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from batchdep import __version__
from batchdep.cli.output import write_error_line
from batchdep.errors import BatchdepError


def report_crash(error: Exception, words: Sequence[str]) -> BatchdepError:
    """Writes the details to a file that only the user can read, and with ``-vv`` to stderr; returns what to tell."""
    details = _details(error)
    if wants_details(words):
        write_error_line(details)
    path = _write(details)
    where = f"The details are in {path}; please report them." if path else "Run it again with -vv for the details."
    return BatchdepError(
        f"This is a bug in batchdep ({type(error).__name__}).",
        f"{where} What was done so far is kept: running the command again resumes.",
        code="internal_error",
    )


def wants_details(words: Sequence[str]) -> bool:
    """Whether ``-vv`` is on the command line."""
    count = sum(word.count("v") for word in words if re.fullmatch(r"-[vqy]+", word))
    return count + list(words).count("--verbose") > 1


def _details(error: Exception) -> str:
    from batchdep.auth import redacted

    trace = "".join(traceback.format_exception(error))
    system = f"batchdep {__version__}, Python {platform.python_version()}, {platform.platform()}"
    return redacted(f"{datetime.now(UTC).isoformat()}\n{system}\n{trace}")


def _write(details: str) -> Path | None:
    from batchdep.config import log_folder

    try:
        folder = log_folder()
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        path = folder / f"crash-{datetime.now(UTC):%Y%m%dT%H%M%S}-{os.getpid()}.txt"
        path.touch(mode=0o600)
        path.write_text(details, encoding="utf-8", errors="backslashreplace")
    except OSError:
        return None
    return path
