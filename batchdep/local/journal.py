"""Every request, written down as it comes and as it is answered: one JSON object a line.

``{"event": "start", "run", "n", "wall", "mono", "method", "path", "deposition", "state", "authorization",
"user_agent"}`` and, with the same ``run`` and ``n``, ``{"event": "end", "wall", "mono", "status", "received",
"trap"}``; ``"event": "effect"`` marks work that a trap made late. ``wall`` is Unix time and ``mono`` the machine's
monotonic clock, in seconds; ``received`` the body's bytes; ``state`` the deposition's at arrival. An ``end`` is
written before the answer is sent, so that what a client sends next starts later.
"""

from __future__ import annotations

import json
import os
import time
from pathlib import Path
from typing import Any

from aiohttp import web

from batchdep.local.model import Deposition


class Journal:
    """Appends to a file with one system call a line, so that a kill loses nothing."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        self._run = f"{os.getpid()}-{time.monotonic_ns()}"
        self._last = 0

    def start(self, request: web.Request, deposition: Deposition | None) -> int:
        """Write down a request that has come; returns its number in this run."""
        self._last += 1
        self._write(
            "start",
            self._last,
            method=request.method,
            path=request.raw_path,
            deposition=deposition.id if deposition else None,
            state=deposition.state if deposition else None,
            authorization="Authorization" in request.headers,
            user_agent=request.headers.get("User-Agent", ""),
        )
        return self._last

    def end(self, number: int, status: int | None, received: int, trap: str | None, created: int | None) -> None:
        """Write down how a request ended; ``status`` None when it got no answer."""
        self._write("end", number, status=status, received=received, trap=trap, created=created)

    def effect(self, number: int) -> None:
        """Write down that work answered before is done now."""
        self._write("effect", number)

    def close(self) -> None:
        """Close the file."""
        os.close(self._descriptor)

    def _write(self, event: str, number: int, **values: Any) -> None:
        head = {"event": event, "run": self._run, "n": number, "wall": time.time(), "mono": time.monotonic()}
        os.write(self._descriptor, json.dumps(head | values, ensure_ascii=False).encode() + b"\n")
