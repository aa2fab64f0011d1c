"""Asking the process in which frictionless works, for so long and no longer."""

from __future__ import annotations

import json
import os
import selectors
import subprocess
import sys
import time
from pathlib import Path
from types import TracebackType
from typing import Any, Self

START_SECONDS = 60.0
"""The library takes one or two to load, on a busy machine many more."""


class NoAnswer(Exception):
    """There is no answer in time, or the process ended over the question."""


class TimeIsUp(Exception):
    """Nothing more can be asked."""


class Judge:
    """A process that answers questions for ``seconds`` in all; a new one is started after one that had to be ended."""

    def __init__(self, seconds: float) -> None:
        self._end = time.monotonic() + seconds
        self._process: subprocess.Popen[bytes] | None = None
        self._unread = b""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.end()

    def ask(self, question: dict[str, Any], seconds: float) -> dict[str, Any]:
        """The answer.

        :raises NoAnswer: not within ``seconds``, or never; the message says why.
        :raises TimeIsUp: there is no time left to ask.
        """
        seconds = min(seconds, self._end - time.monotonic())
        if seconds <= 0:
            raise TimeIsUp
        try:
            process = self._running()
            assert process.stdin is not None  # noqa: S101 - it is a pipe
            process.stdin.write(json.dumps(question).encode() + b"\n")
            process.stdin.flush()
            answer: dict[str, Any] = json.loads(self._line(process, seconds))
        except (NoAnswer, OSError, ValueError) as error:
            self.end()
            raise NoAnswer(str(error)) from None
        return answer

    def end(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.communicate()
            self._process = None
            self._unread = b""

    def _running(self) -> subprocess.Popen[bytes]:
        """-P: the folder that the command runs in is full of files of others, and no place to import from."""
        if self._process is None:
            command = [sys.executable, "-P", str(Path(__file__).with_name("worker.py"))]
            self._process = subprocess.Popen(  # noqa: S603 - this interpreter, a file of this package
                command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
            )
            self._line(self._process, START_SECONDS)
        return self._process

    def _line(self, process: subprocess.Popen[bytes], seconds: float) -> bytes:
        assert process.stdout is not None  # noqa: S101 - it is a pipe
        end = time.monotonic() + seconds
        with selectors.DefaultSelector() as waiting:
            waiting.register(process.stdout, selectors.EVENT_READ)
            while b"\n" not in self._unread:
                if not waiting.select(max(0.0, end - time.monotonic())):
                    raise NoAnswer(f"it took more than {seconds:.2g} s")
                block = os.read(process.stdout.fileno(), 65_536)
                if not block:
                    raise NoAnswer("the process that judges ended")
                self._unread += block
        line, _, self._unread = self._unread.partition(b"\n")
        return line
