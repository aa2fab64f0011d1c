"""Ports for what a test starts later, or never."""

from __future__ import annotations

import itertools
import os
import socket

_FIRST, _COUNT = 15_000, 15_000
_next = itertools.count(os.getpid() * 97)


def free_port() -> int:
    """A port that nothing uses, below those that systems hand out by themselves (from 32768, or 49152): so that no
    server of another test, which asks for any port, is given it meanwhile."""
    for number in itertools.islice(_next, _COUNT):
        port = _FIRST + number % _COUNT
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise RuntimeError("no port is free")
