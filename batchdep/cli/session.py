"""One run of a batch from the command line: the embedded repository where it is needed, a display, the signals."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import ExitStack, asynccontextmanager, contextmanager, suppress
from typing import TypeAlias

from batchdep.batch import Interrupt, Job
from batchdep.cli.display import display
from batchdep.cli.output import Output
from batchdep.cli.program import command
from batchdep.cli.starting import ready
from batchdep.config import data_folder
from batchdep.errors import AccessError, ExitCode
from batchdep.events import Observer
from batchdep.report.status import BatchStatus
from batchdep.targets import Target

Work: TypeAlias = Callable[[Job, Observer, Interrupt], Awaitable[BatchStatus]]

_STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
_PROBE_SECONDS = 3.0


def run(work: Work, job: Job, target: Target, out: Output) -> BatchStatus:
    """Runs ``work`` (submit, publish or discard of :mod:`batchdep.batch`) to its end, or until it is interrupted."""
    ready()
    return asyncio.run(_run(work, job, target, out))


async def _run(work: Work, job: Job, target: Target, out: Output) -> BatchStatus:
    async with reachable(target, out):
        interrupt = Interrupt()
        with ExitStack() as shown:
            view = shown.enter_context(display(out))
            with stopping_on_signals(interrupt, view.say, shown.close):
                return await work(job, view.see, interrupt)


@contextmanager
def stopping_on_signals(interrupt: Interrupt, say: Callable[[str], None], tidy: Callable[[], None]) -> Iterator[None]:
    """A first Ctrl-C (or SIGTERM, or a closed terminal) asks for a soft stop, a second one leaves at once.

    ``tidy`` gives the terminal back before the process is gone.
    """
    loop = asyncio.get_running_loop()

    def on_signal() -> None:
        if interrupt.requested.is_set():
            leave_at_once(tidy)
        interrupt.request()
        say(f"Stopping: what is being sent may take {interrupt.grace:.0f} s more. Ctrl-C again leaves at once.")

    handled = [each for each in _STOP_SIGNALS if each != signal.SIGHUP or signal.getsignal(each) is not signal.SIG_IGN]
    for each in handled:
        loop.add_signal_handler(each, on_signal)
    try:
        yield
    finally:
        for each in handled:
            loop.remove_signal_handler(each)


def leave_at_once(tidy: Callable[[], None]) -> None:
    """Ends the process without waiting for anything: the state on disk is good at any instant."""
    with suppress(Exception):
        tidy()
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, ValueError):
            stream.flush()
    os._exit(ExitCode.INTERRUPTED)


@asynccontextmanager
async def reachable(target: Target, out: Output) -> AsyncIterator[None]:
    """Starts the embedded repository for the run, if it is the target and nothing listens at its port."""
    if not target.is_local or await _somebody_listens(target):
        yield
        return
    from batchdep.local import DataInUseError, LocalOptions, start_local

    port = _port(target)
    try:
        server = await start_local(LocalOptions(data=data_folder() / "local", port=port))
    except OSError as error:
        raise AccessError(
            f"The embedded repository cannot be started at port {port}: {error.strerror or error}.",
            "Choose another port with BATCHDEP_LOCAL_PORT.",
            code="repository_unavailable",
        ) from None
    except DataInUseError:
        raise AccessError(
            f"The embedded repository runs already, but not at port {port}.",
            "Give the address it showed with --to, or end it.",
            code="repository_unavailable",
        ) from None
    try:
        yield
    finally:
        await server.close()
    out.note(f"The embedded repository ran for this command only; to look at its records, run: {command('local')}")


async def _somebody_listens(target: Target) -> bool:
    """A bare connection, so that no request is spent on it."""
    try:
        async with asyncio.timeout(_PROBE_SECONDS):
            _, writer = await asyncio.open_connection("127.0.0.1", _port(target))
    except (OSError, TimeoutError):
        return False
    writer.close()
    with suppress(OSError):
        await writer.wait_closed()
    return True


def _port(target: Target) -> int:
    return int(target.url.rpartition(":")[2])
