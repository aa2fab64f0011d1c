"""How far a large manifest is read and its datasets are looked at, on stderr, before a run begins.

On a terminal it is one line that is written over, and gone at the end; elsewhere a line now and then. It is written by
whoever reports, and by no thread of its own: beside a thread a check could not use all processors
(:mod:`batchdep.side_by_side`).
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from typing import Final

from batchdep.cli.output import (
    HEARTBEAT_SECONDS,
    Output,
    is_capable,
    is_terminal,
    write_error_line,
    write_error_text,
)
from batchdep.cli.text import shortened

PATIENCE: Final = 1.0
"""Seconds in which nothing is shown: most manifests are read and checked by then."""

PACE: Final = 0.1
"""Seconds after which the line is written anew."""

_WIDTH: Final = 60
_CLEARED: Final = "\r\x1b[K"


class Counting:
    """Used as a context; what :meth:`read` and :meth:`looked` are told is shown meanwhile."""

    def __init__(self, out: Output, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._quiet = out.quiet
        self._over_written = is_terminal(sys.stderr) and is_capable()
        self._pace = PACE if self._over_written else HEARTBEAT_SECONDS
        self._next = clock() + (PATIENCE if self._over_written else HEARTBEAT_SECONDS)
        self._is_shown = False

    def __enter__(self) -> Counting:
        return self

    def __exit__(self, *exc_info: object) -> None:
        if self._is_shown:
            write_error_text(_CLEARED)

    def read(self, number: int) -> None:
        """So many datasets are read from the manifest."""
        self._show("reading the manifest: {:,} datasets", number)

    def looked(self, number: int, of: int) -> None:
        """So many datasets are checked of so many."""
        self._show("checking: {:,} of {:,} datasets", number, of)

    def _show(self, text: str, *numbers: int) -> None:
        if self._quiet or (now := self._clock()) < self._next:
            return
        self._next = now + self._pace
        line = text.format(*numbers)
        if self._over_written:
            write_error_text(_CLEARED + shortened(line, _WIDTH))
            self._is_shown = True
        else:
            write_error_line(line)
