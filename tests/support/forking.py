"""Processes that have imported the program when they begin: forked from one that did it once.

Python's start and the program's imports take longer than most of what tests have a process do. One that is forked is a
process of its own all the same, with its own streams, folder, environment and exit code, and it can be killed. What it
cannot show is how Python starts and how it takes itself apart at the end: that is for tests that start Python on
purpose, and for environments that Python itself would look at (:func:`starts_alike`).

The fork server is ``python -m tests.support.forking``. For each process it forks a keeper, which forks the process,
tells who asked its id, waits for its end and tells how it ended: the server itself waits for nobody.
"""

from __future__ import annotations

import atexit
import contextlib
import gc
import importlib
import json
import os
import pkgutil
import runpy
import select
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from functools import cache
from io import BufferedIOBase
from pathlib import Path
from typing import IO, Any, NoReturn

ROOT = Path(__file__).resolve().parents[2]

_LAZY = (
    *("nh3", "openpyxl", "platformdirs", "pydantic.type_adapter", "pydantic.types", "rich.progress", "rich.table"),
    "yaml",
)
"""What the program imports only where it is needed, and most processes need."""

_PROGRAMS = ("__main__", ".worker")
"""Ends of the names of modules that are run, not imported."""


def starts_alike(environment: Mapping[str, str]) -> bool:
    """Whether Python itself, started in that environment, would be as the fork server is."""
    return _read_by_python(environment) == _read_by_python(_environment())


def _read_by_python(environment: Mapping[str, str]) -> dict[str, str]:
    beginnings = ("PYTHON", "LC_", "LANG")
    return {
        name: value
        for name, value in environment.items()
        if name.startswith(beginnings) and name != "PYTHON_KEYRING_BACKEND"
    }


def _environment() -> dict[str, str]:
    """What the fork server sees."""
    kept = {name: value for name, value in os.environ.items() if name in {"PATH", "LANG", "LC_ALL", "TMPDIR"}}
    return {**kept, "PYTHONPATH": str(ROOT)}


class Forked:
    """A process that was forked; as much of ``subprocess.Popen`` as tests need."""

    def __init__(self, keeper: socket.socket) -> None:
        self._keeper = keeper
        self._told = keeper.makefile("r", encoding="ascii")
        self.pid = int(self._told.readline())
        self.returncode: int | None = None

    def poll(self) -> int | None:
        """The exit code, negative for a signal's number; None while the process runs."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.wait(0)
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        """The exit code, once the process has ended. Raises subprocess.TimeoutExpired after ``timeout`` seconds."""
        if self.returncode is None:
            if not select.select([self._keeper], [], [], timeout)[0]:
                raise subprocess.TimeoutExpired(f"process {self.pid}", timeout or 0.0)
            self.returncode = int(self._told.readline())
            self._told.close()
            self._keeper.close()
        return self.returncode

    def send_signal(self, number: signal.Signals) -> None:
        """As ``kill`` does; nothing where the process has ended."""
        if self.poll() is None:
            os.kill(self.pid, number)


def forked(
    module: str,
    *arguments: str,
    cwd: Path,
    env: Mapping[str, str],
    streams: Sequence[BufferedIOBase | IO[bytes] | int],
) -> Forked:
    """Runs ``python -m module arguments`` with ``streams`` as stdin, stdout and stderr."""
    ours, keepers = socket.socketpair()
    with keepers:
        socket.send_fds(_server(), [b"."], [keepers.fileno()])
    wanted = {"module": module, "arguments": arguments, "cwd": str(cwd), "env": dict(env)}
    files = [stream if isinstance(stream, int) else stream.fileno() for stream in streams]
    socket.send_fds(ours, [json.dumps(wanted).encode() + b"\n"], files)
    return Forked(ours)


@cache
def _server() -> socket.socket:
    """The fork server of this process; it ends with it."""
    ours, servers = socket.socketpair()
    with servers:
        command = [sys.executable, "-m", "tests.support.forking", str(servers.fileno())]
        process = subprocess.Popen(
            command,
            cwd=ROOT,
            env=_environment(),
            pass_fds=[servers.fileno()],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
        )

    def end() -> None:
        ours.close()
        process.wait()

    atexit.register(end)
    return ours


# -- in the fork server ------------------------------------------------------------------------------------------


def main() -> None:
    """Forks until nobody can ask any more."""
    ending = _Ending()
    atexit.register(ending.leave)  # the first, so that it is called last
    requests = socket.socket(fileno=int(sys.argv[1]))
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # a terminal sends Ctrl-C to all
    _import_the_program()
    while files := socket.recv_fds(requests, 1, 1)[1]:
        (asked,) = files
        if os.fork():
            os.close(asked)
            _reap()
            continue
        requests.close()
        _keep(socket.socket(fileno=asked), ending)
        return  # in the child, whose life this is


def _import_the_program() -> None:
    import batchdep

    names = [found.name for found in pkgutil.walk_packages(batchdep.__path__, "batchdep.")]
    for name in [*(name for name in names if not name.endswith(_PROGRAMS)), *_LAZY]:
        importlib.import_module(name)
    gc.collect()
    gc.freeze()  # a child that looks for garbage among what it shares with its parent would copy it all


def _reap() -> None:
    """Forgets the keepers that have ended; what they used counts as used by the server, and by who started it."""
    while os.waitpid(-1, os.WNOHANG)[0]:
        pass


def _keep(asked: socket.socket, ending: _Ending) -> None:
    """In the keeper until the child has ended; in the child until it is as it was wanted."""
    wanted, streams = _received(asked)
    child = os.fork()
    if child:
        for stream in streams:
            os.close(stream)
        _tell_about(child, asked)
    asked.close()
    _become(wanted, streams)
    ending.code = 1  # that of an exception
    try:
        runpy.run_module(wanted["module"], run_name="__main__", alter_sys=True)
        ending.code = 0
    except SystemExit as end:
        ending.code = end.code if isinstance(end.code, int) else int(end.code is not None)


class _Ending:
    """How this process ends when its threads are over and its exit functions were called: with ``code``, and without
    taking apart what it shares with the server, which would copy it first: that takes longer than most commands."""

    code = 0

    def leave(self) -> NoReturn:
        """Ends the process."""
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(self.code)


def _received(asked: socket.socket) -> tuple[dict[str, Any], list[int]]:
    content, streams, _, _ = socket.recv_fds(asked, 1 << 16, 3)
    while not content.endswith(b"\n"):
        content += asked.recv(1 << 16)
    return json.loads(content), streams


def _tell_about(child: int, asked: socket.socket) -> NoReturn:
    with contextlib.suppress(OSError):  # who asked does not listen any more
        asked.sendall(f"{child}\n".encode())
    status = os.waitpid(child, 0)[1]
    with contextlib.suppress(OSError):
        asked.sendall(f"{os.waitstatus_to_exitcode(status)}\n".encode())
    os._exit(0)


def _become(wanted: dict[str, Any], streams: list[int]) -> None:
    signal.signal(signal.SIGINT, signal.default_int_handler)
    for number, stream in enumerate(streams):
        os.dup2(stream, number)
        os.close(stream)
    os.chdir(wanted["cwd"])
    os.environ.clear()
    os.environ.update(wanted["env"])
    time.tzset()
    sys.path[0] = wanted["cwd"]
    sys.argv = [wanted["module"], *wanted["arguments"]]


if __name__ == "__main__":
    main()
