"""A process that counts the boundaries between its steps, and kills itself at one of them.

A boundary is an instant at which a crash may leave a state of its own on the disk or at the repository:

- just before and just after each commit to the database, and each statement that changes its schema;
- of each request: before its first byte, after its head, after each piece of its body, after its last byte, and when
  bytes of the answer have come.

Nothing in the product knows of this: the database's driver and the product's own socket are wrapped.
"""

from __future__ import annotations

import itertools
import os
import re
import signal
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any
from urllib.parse import unquote
from weakref import WeakKeyDictionary

from sqlalchemy import Engine, event
from sqlalchemy.engine.default import DefaultDialect

from batchdep.repository.upload import HearingSocket

PIECE = 800
"""Bytes of a body that leave at a time, so that small files have several pieces."""

_SCHEMA = re.compile(r"\s*(CREATE|ALTER|DROP|INSERT INTO alembic|UPDATE alembic|INSERT INTO _alembic)", re.IGNORECASE)
_KIND = re.compile(r'^\{"kind": "(\w+)"')
_LENGTH = re.compile(rb"\r\nContent-Length: *(\d+)\r\n", re.IGNORECASE)


class Boundaries:
    """Writes each boundary's name to ``told``, one a line, and kills the process (-9) at number ``fatal``, from 1."""

    def __init__(self, told: Path, fatal: int | None) -> None:
        self._told = os.open(told, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        self._fatal = fatal
        self._numbers = itertools.count(1)

    def reach(self, name: str) -> None:
        """The process is at a boundary: perhaps its last one."""
        number = next(self._numbers)
        os.write(self._told, f"{name}\n".encode())
        if number == self._fatal:
            os.kill(os.getpid(), signal.SIGKILL)


def watch(boundaries: Boundaries) -> None:
    """Reports the boundaries of this process from here on, for as long as it lives."""
    _watch_database(boundaries)
    _watch_socket(boundaries)


# -- the database ------------------------------------------------------------------------------------------------


def _watch_database(boundaries: Boundaries) -> None:
    intents: list[str] = []

    def before(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_rest: Any) -> None:
        intents.extend(_intents(parameters))
        if _SCHEMA.match(statement):
            boundaries.reach(f"schema: before {_first_words(statement)}")

    def after(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if _SCHEMA.match(statement):
            boundaries.reach(f"schema: after {_first_words(statement)}")

    event.listen(Engine, "before_cursor_execute", before)
    event.listen(Engine, "after_cursor_execute", after)
    commit: Callable[[DefaultDialect, Any], None] = DefaultDialect.do_commit

    def committing(dialect: DefaultDialect, connection: Any) -> None:
        name = "commit" + "".join(f" intent {kind}" for kind in intents)
        intents.clear()
        boundaries.reach(f"{name}: before")
        commit(dialect, connection)
        boundaries.reach(f"{name}: after")

    DefaultDialect.do_commit = committing  # type: ignore[method-assign]


def _intents(parameters: Any) -> Iterable[str]:
    rows = parameters if isinstance(parameters, list) else [parameters]
    values = (value for row in rows for value in (row.values() if isinstance(row, dict) else row or ()))
    return [found[1] for value in values if isinstance(value, str) and (found := _KIND.match(value))]


def _first_words(statement: str) -> str:
    return " ".join(statement.split()[:4])


# -- the network -------------------------------------------------------------------------------------------------


class _Sending:
    """The request that a connection is sending: its name, and how many bytes of it are still to come."""

    def __init__(self) -> None:
        self.name = ""
        self.left = 0

    def begin(self, head: bytes) -> None:
        method, path, _ = head.split(b" ", 2)
        self.name = f"{method.decode()} {_shape(path.decode())}"
        length = _LENGTH.search(head)
        self.left = int(length[1]) if length else 0


def _shape(path: str) -> str:
    """The path without what differs from run to run."""
    path = re.sub(r"/api/files/[^/]+/", "/api/files/BUCKET/", path.partition("?")[0])
    return unquote(re.sub(r"/depositions/\d+", "/depositions/ID", path))


def _watch_socket(boundaries: Boundaries) -> None:
    sendings: WeakKeyDictionary[HearingSocket, _Sending] = WeakKeyDictionary()
    send, receive = HearingSocket.send, HearingSocket.recv

    def sending(self: HearingSocket, data: Any, flags: int = 0, /) -> int:
        """Sends the head alone, then the body in pieces; what is left is offered again, as sockets have it."""
        current = sendings.setdefault(self, _Sending())
        content = bytes(data)
        if current.left:
            count = send(self, content[: min(PIECE, current.left)], flags)
            current.left -= count
            boundaries.reach(f"{current.name}: {'a piece of the body sent' if current.left else 'all sent'}")
            return count
        end = content.index(b"\r\n\r\n") + 4
        current.begin(content[:end])
        boundaries.reach(f"{current.name}: before")
        count = send(self, content[:end], flags)
        assert count == end, "a head fits into a socket's buffer"
        boundaries.reach(f"{current.name}: {'head sent' if current.left else 'all sent'}")
        return count

    def sending_together(self: HearingSocket, buffers: Iterable[Any], *_rest: Any) -> int:
        return sending(self, b"".join(buffers))

    def receiving(self: HearingSocket, *arguments: int) -> bytes:
        data = receive(self, *arguments)
        if data and self in sendings:
            boundaries.reach(f"{sendings[self].name}: answered")
        return data

    HearingSocket.send = sending  # type: ignore[method-assign]
    HearingSocket.sendmsg = sending_together  # type: ignore[method-assign]
    HearingSocket.recv = receiving  # type: ignore[method-assign, assignment]
