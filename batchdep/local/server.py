"""Starting and stopping the embedded repository."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Callable

from aiohttp import web

from batchdep.local.app import create_app
from batchdep.local.frame import FRAME, Stats
from batchdep.local.options import LocalOptions

READ_BUFFER = 1024 * 1024
LINGER = 1.0
"""Seconds for which the rest of a body is read away after an early answer, before the connection is closed."""


class LocalServer:
    """A running embedded repository. ``url`` is its origin: ``http://127.0.0.1:PORT``."""

    def __init__(self, runner: web.AppRunner, url: str, stats: Stats) -> None:
        self._runner = runner
        self.url = url
        self.stats = stats

    async def close(self) -> None:
        """Stop listening, cut what is still open, and let the data folder go."""
        await self._runner.cleanup()


async def start_local(options: LocalOptions) -> LocalServer:
    """Start the repository inside the running event loop.

    Raises OSError when the port is taken, DataInUseError when another server works on the data folder.
    """
    app = create_app(options)
    runner = web.AppRunner(
        app,
        access_log=None,
        auto_decompress=False,  # a Content-Encoding is ignored, the bytes are kept as they came
        read_bufsize=READ_BUFFER,
        lingering_time=LINGER,
        shutdown_timeout=0.5,
    )
    try:
        await runner.setup()
        site = web.TCPSite(runner, options.host, options.port, backlog=1024)
        await site.start()
    except BaseException:
        await runner.cleanup()
        raise
    host, port = runner.addresses[0][:2]
    shown = f"[{host}]" if ":" in host else host
    return LocalServer(runner, f"http://{shown}:{port}", app[FRAME].stats)


def run_local(options: LocalOptions, on_ready: Callable[[str], None] | None = None) -> None:
    """Serve until SIGINT or SIGTERM; ``on_ready`` is told the origin once requests are answered.

    Raises as ``start_local`` does.
    """
    asyncio.run(_run(options, on_ready))


async def _run(options: LocalOptions, on_ready: Callable[[str], None] | None) -> None:
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stopped.set)
    server = await start_local(options)
    try:
        if on_ready is not None:
            on_ready(server.url)
        await stopped.wait()
    finally:
        await server.close()
