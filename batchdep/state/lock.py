"""One process works on a batch at a time: locks that die with their process.

SQLite: an advisory lock on a file beside the database, which the operating system drops when the process ends,
however it ends. PostgreSQL: a session's advisory lock, which the server drops when the connection ends.
"""

from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import select, text, update
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from batchdep.errors import BatchLocked
from batchdep.state.database import lock_folder
from batchdep.state.explaining import in_words
from batchdep.state.tables import batches

_POSTGRESQL_SPACE = 8205312  # first half of the two-part advisory key: ours among other programs' locks
_HEARTBEAT_SECONDS = 20.0
_PROBED_SECONDS = 0.5
"""How long a lock that is held is tried for: somebody who only looks whether it is holds it for an instant."""


@asynccontextmanager
async def batch_lock(engine: AsyncEngine, batch_id: int, on_lost: Callable[[], None]) -> AsyncIterator[None]:
    """Holds the batch; ``on_lost`` is called if the lock is lost while it is held (a database server that went away).

    Raises BatchLocked, naming the process that holds it.
    """
    take = _file_lock if engine.dialect.name == "sqlite" else _session_lock
    async with take(engine, batch_id, on_lost) as taken:
        if not taken:
            raise await _locked(engine, batch_id)
        await _sign(engine, batch_id)
        yield


async def is_held(engine: AsyncEngine, batch_id: int) -> bool:
    """Whether a process works on the batch. Where that cannot be found out, it is taken for true."""
    if engine.dialect.name != "sqlite":
        held = "SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND classid = :space AND objid = :key AND granted"
        same_database = "database = (SELECT oid FROM pg_database WHERE datname = current_database())"
        with in_words(engine.url):
            async with engine.connect() as connection:
                return bool(await connection.scalar(_key(f"{held} AND {same_database}", batch_id)))
    from filelock import FileLock, Timeout

    path = _lock_path(engine, batch_id)
    if not path.exists():
        return False
    try:
        with FileLock(path, mode=0o600, timeout=0):
            return False
    except (Timeout, OSError):
        return True


@asynccontextmanager
async def _file_lock(engine: AsyncEngine, batch_id: int, _on_lost: Callable[[], None]) -> AsyncIterator[bool]:
    from filelock import FileLock, Timeout

    lock = FileLock(_lock_path(engine, batch_id), mode=0o600)
    try:
        lock.acquire(timeout=_PROBED_SECONDS)
    except Timeout:
        yield False
        return
    try:
        yield True
    finally:
        lock.release()


@asynccontextmanager
async def _session_lock(engine: AsyncEngine, batch_id: int, on_lost: Callable[[], None]) -> AsyncIterator[bool]:
    async with AsyncExitStack() as opened:
        with in_words(engine.url):
            connection = await opened.enter_async_context(engine.connect())
            await connection.execution_options(isolation_level="AUTOCOMMIT")
            taken = await connection.scalar(_key("SELECT pg_try_advisory_lock(:space, :key)", batch_id))
        if not taken:
            yield False
            return
        heartbeat = asyncio.create_task(_heartbeat(connection, on_lost), name="batch lock heartbeat")
        try:
            yield True
        finally:
            heartbeat.cancel()
            with suppress(asyncio.CancelledError):
                await heartbeat
            with suppress(SQLAlchemyError, OSError):
                async with asyncio.timeout(_HEARTBEAT_SECONDS):
                    await connection.execute(_key("SELECT pg_advisory_unlock(:space, :key)", batch_id))


def _lock_path(engine: AsyncEngine, batch_id: int) -> Path:
    return lock_folder(engine.url) / f"{batch_id}.lock"


def _key(statement: str, batch_id: int) -> Any:
    return text(statement).bindparams(space=_POSTGRESQL_SPACE, key=batch_id % 2**31)


async def _heartbeat(connection: AsyncConnection, on_lost: Callable[[], None]) -> None:
    """Without its connection the lock is gone, and another process may have begun."""
    while True:
        await asyncio.sleep(_HEARTBEAT_SECONDS)
        try:
            async with asyncio.timeout(_HEARTBEAT_SECONDS):
                await connection.execute(text("SELECT 1"))
        except Exception:  # whatever it is: that the lock is held is not known any more
            on_lost()
            return


async def _sign(engine: AsyncEngine, batch_id: int) -> None:
    holder = {"pid": os.getpid(), "host": socket.gethostname(), "since": datetime.now(UTC).isoformat()}
    with in_words(engine.url):
        async with engine.begin() as connection:
            await connection.execute(update(batches).where(batches.c.id == batch_id).values(holder=holder))


async def _locked(engine: AsyncEngine, batch_id: int) -> BatchLocked:
    with in_words(engine.url):
        async with engine.connect() as connection:
            holder = await connection.scalar(select(batches.c.holder).where(batches.c.id == batch_id)) or {}
    return BatchLocked(
        f"The batch is being worked on by process {holder.get('pid', '?')} on {holder.get('host', '?')}"
        f" (since {holder.get('since', '?')}).",
        "Wait for it, or end it; then run this again.",
        code="batch_locked",
    )
