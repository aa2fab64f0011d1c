"""One budget for all processes of a user on this machine: a repository counts requests by address and User-Agent.

A file holds what the answers told, and how many requests each process has under way. It is looked at before and after
each request, under a lock; before any answer told of limits, and for a repository that has none, there is no file and
nothing to look at. It may be lost: then each process knows what its own answers tell.
"""

from __future__ import annotations

import fcntl
import json
import math
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Final

from msgspec.structs import asdict

from batchdep.repository.windows import Ledger, Window

LOCK_TRIES: Final = 100
LOCK_PAUSE: Final = 0.0005
"""How often the lock is asked for, with a pause of so many seconds: others hold it for less than a millisecond."""

_ROOM: Final = 4096
"""Bytes of the file: what is left of them is blank, so that it need not be cut."""


class SharedLimits:
    """The file at ``path``, made with its folder when there is something to keep. ``process`` is this process's id.

    Whatever is wrong with the file, a request is never held up for it.
    """

    def __init__(
        self,
        path: Path,
        *,
        process: int | None = None,
        monotonic: Callable[[], float] = time.monotonic,
        is_alive: Callable[[int], bool] | None = None,
    ) -> None:
        self._path = path
        self._process = str(os.getpid() if process is None else process)
        self._monotonic = monotonic
        self._is_alive = is_alive or _is_alive
        self._file: int | None = None
        self._others_know: bool | None = None

    def concerns(self, ledger: Ledger) -> bool:
        """Whether limits are known, here or, at first, to others; without any the disk is looked at once."""
        if self._others_know is None:
            self._others_know = self._path.exists()
        return bool(ledger.windows) or self._others_know

    @contextmanager
    def open(self, ledger: Ledger) -> Iterator[None]:
        """Brings ``ledger`` up to the file and then the file up to ``ledger``, with the lock held in between."""
        file = self._locked()
        if file is None:
            yield
            return
        try:
            others = self._load(file, ledger)
            yield
            if ledger.windows:
                self._keep(file, ledger, others)
        finally:
            fcntl.flock(file, fcntl.LOCK_UN)

    def _locked(self) -> int | None:
        """The file's descriptor, locked. None where there can be no file, or the lock is not to be had."""
        with suppress(OSError):
            if self._file is None:
                self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
                self._file = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        for _ in range(LOCK_TRIES if self._file is not None else 0):
            try:
                fcntl.flock(self._file or 0, fcntl.LOCK_EX | fcntl.LOCK_NB)
                return self._file
            except BlockingIOError:
                time.sleep(LOCK_PAUSE)
            except OSError:
                break
        return None

    def close(self) -> None:
        """Gives the file back."""
        if self._file is not None:
            os.close(self._file)
            self._file = None

    def _load(self, file: int, ledger: Ledger) -> dict[str, int]:
        """Takes over what the file says. Returns how many requests other processes have under way."""
        document = self._document(file)
        under_way: dict[str, int] = document.get("under_way", {})
        ended = {process for process in under_way if process != self._process and not self._is_alive(int(process))}
        for fields in document.get("windows", ()):
            window = Window(**fields)
            window.remaining -= sum(under_way[process] for process in ended)  # nobody will tell what became of theirs
            ledger.windows.setdefault(window.limit, window).merge(window)
        ledger.paused_until = max(ledger.paused_until, document.get("paused_until", -math.inf))
        others = {process: count for process, count in under_way.items() if process not in {*ended, self._process}}
        ledger.elsewhere = sum(others.values())
        return others

    def _document(self, file: int) -> dict[str, Any]:
        """What the file says; nothing where it is not there, broken, or from before the machine's last start."""
        with suppress(OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError):
            age = time.time() - os.fstat(file).st_mtime
            document = json.loads(os.pread(file, _ROOM, 0))
            if age <= self._monotonic() and document["version"] == 1:
                for window in document["windows"]:
                    Window(**window)
                return {**document, "under_way": {str(int(name)): int(n) for name, n in document["under_way"].items()}}
        return {}

    def _keep(self, file: int, ledger: Ledger, others: dict[str, int]) -> None:
        document = {
            "version": 1,
            "windows": [asdict(window) for window in ledger.windows.values()],
            "paused_until": ledger.paused_until,
            "under_way": others | ({self._process: ledger.mine} if ledger.mine else {}),
        }
        with suppress(OSError):
            os.pwrite(file, json.dumps(document).encode().ljust(_ROOM), 0)


def known_limits(path: Path) -> dict[int, float]:
    """The limits that the file at ``path`` tells of: requests a window -> its seconds. Empty where it tells of none.

    Numbers and lengths stay true when the windows are long over.
    """
    with suppress(OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError):
        with path.open("rb") as file:
            windows = [Window(**fields) for fields in json.loads(file.read(_ROOM))["windows"]]
        return {window.limit: window.period for window in windows if _makes_sense(window)}
    return {}


def _makes_sense(window: Window) -> bool:
    is_count = isinstance(window.limit, int) and window.limit > 0
    return is_count and isinstance(window.period, int | float) and 0 < window.period < math.inf


def _is_alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True
