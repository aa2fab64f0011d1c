"""Work on the many parts of a whole by several processes, so that no processor is idle while it is done.

The processes are copies of this one (``fork``): what is looked at need not be handed over, results alone are. Where the
system cannot do that safely, or it is not worth it, all is done here; results are the same, and come in the same order.
"""

from __future__ import annotations

import gc
import os
import pickle
import signal
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Final, Generic, TypeVar

if TYPE_CHECKING:
    from multiprocessing.connection import Connection
    from multiprocessing.process import BaseProcess

T = TypeVar("T")

MOST: Final = 8
"""Processes at most: each result goes through this one, which could not keep up with many more."""

_ENDED: Final = (EOFError, OSError, pickle.UnpicklingError)
"""What reading from a process raises that is no more."""


def processors() -> int:
    """How many processors this process may use."""
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:  # the system does not tell
        return os.cpu_count() or 1


def can_fork() -> bool:
    """Whether a copy of this process is sound: a thread is not in the copy, but a lock that it held is.

    On macOS the system's own libraries have such threads, of which Python knows nothing.
    """
    return hasattr(os, "fork") and sys.platform != "darwin" and threading.active_count() == 1


def done_in_order(count: int, do: Callable[[int], T], processes: int | None = None) -> Iterator[T]:
    """Yields ``do(0)``, ``do(1)`` ... up to ``count``, done by so many processes, by default by as many as there are
    processors; by this one alone if that makes one.

    What ``do`` leaves behind, but for its result, may be lost. The result is pickled. Where a process ends early, for
    want of memory or as ``do`` raised something, what is left of its share is done here.
    """
    wanted = min(processors() if processes is None else processes, MOST, count)
    if wanted < 2 or not can_fork():
        yield from map(do, range(count))
        return
    shares = _begun(count, do, wanted)
    try:
        for number in range(count):
            yield shares[number % wanted].result(number)
    finally:
        for share in shares:
            share.end()


class _Share(Generic[T]):
    """What one process does."""

    def __init__(self, process: BaseProcess, results: Connection, do: Callable[[int], T]) -> None:
        self._process = process
        self._results: Connection | None = results
        self._do = do

    def result(self, number: int) -> T:
        """The next result, which is that of ``number``."""
        if self._results is not None:
            try:
                found: T = pickle.loads(self._results.recv_bytes())  # noqa: S301 - from a process of our own
            except _ENDED:
                self.end()
            else:
                return found
        return self._do(number)

    def end(self) -> None:
        """Ends the process, if it has not ended."""
        if self._results is not None:
            self._results.close()
            self._results = None
            if self._process.pid is not None:
                self._process.kill()
                self._process.join()


def _begun(count: int, do: Callable[[int], T], processes: int) -> list[_Share[T]]:
    """The first does numbers 0, ``processes``, twice ``processes`` ... The share of one that the system does not let
    begin is left to be done here."""
    import multiprocessing  # where there is much to do only: it takes a while

    forking = multiprocessing.get_context("fork")
    shares: list[_Share[T]] = []
    readers: list[Connection] = []
    for first in range(processes):
        reader, writer = forking.Pipe(duplex=False)
        readers.append(reader)
        numbers = range(first, count, processes)
        process = forking.Process(target=_work, args=(numbers, do, writer, tuple(readers)), daemon=True)
        with suppress(OSError):  # no room for another process: nothing comes from it
            process.start()
        writer.close()  # so that the end of the process is the end of what comes
        shares.append(_Share(process, reader, do))
    return shares


def _work(numbers: Sequence[int], do: Callable[[int], T], results: Connection, readers: Sequence[Connection]) -> None:
    """What a process does."""
    for reader in readers:  # so that nobody reads any more once the first process is gone, and writing fails
        reader.close()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the terminal interrupts all; the first process ends the others
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    gc.freeze()  # looking for garbage among what is shared would copy it
    with suppress(Exception):  # it is done again in the first process, which tells what is wrong
        for number in numbers:
            results.send_bytes(pickle.dumps(do(number), pickle.HIGHEST_PROTOCOL))
