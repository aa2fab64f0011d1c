"""One process works on a batch at a time: locks that die with their process, and whose they are."""

from __future__ import annotations

import os
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime

from sqlalchemy import select, update

from batchdep.errors import BatchLocked
from batchdep.state.access import Database
from batchdep.state.explaining import in_words
from batchdep.state.tables import batches


@asynccontextmanager
async def batch_lock(database: Database, batch_id: int, on_lost: Callable[[], None]) -> AsyncIterator[None]:
    """Holds the batch; ``on_lost`` is called if the lock is lost while it is held (a database server that went away).

    Raises BatchLocked, naming the process that holds it.
    """
    async with database.holding(batch_id, on_lost) as taken:
        if not taken:
            raise await _locked(database, batch_id)
        await _sign(database, batch_id)
        yield


async def _sign(database: Database, batch_id: int) -> None:
    holder = {"pid": os.getpid(), "host": socket.gethostname(), "since": datetime.now(UTC).isoformat()}
    signed = update(batches).where(batches.c.id == batch_id).values(holder=holder)
    with in_words(database.url):
        await database.write(lambda connection: connection.execute(signed))


async def _locked(database: Database, batch_id: int) -> BatchLocked:
    holders = select(batches.c.holder).where(batches.c.id == batch_id)
    with in_words(database.url):
        holder = await database.read(lambda connection: connection.scalar(holders)) or {}
    return BatchLocked(
        f"The batch is being worked on by process {holder.get('pid', '?')} on {holder.get('host', '?')}"
        f" (since {holder.get('since', '?')}).",
        "Wait for it, or end it; then run this again.",
        code="batch_locked",
    )
