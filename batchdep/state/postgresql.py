"""The state in PostgreSQL, shared between machines; imported where it is used, as its driver takes long to import."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from typing import Any, TypeVar

from sqlalchemy import text
from sqlalchemy.engine import URL
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine

from batchdep.state.access import Database, Work
from batchdep.state.explaining import in_words
from batchdep.state.tables import FAILED, FAILED_INDEX

T = TypeVar("T")

FAILED_INDEX.dialect_options["postgresql"]["where"] = FAILED

_MIGRATION = 8205311  # advisory key: two processes that open a new database at once must not both make its tables
_SPACE = 8205312  # first half of the two-part advisory key of a batch: ours among other programs' locks
_HEARTBEAT_SECONDS = 20.0


class PostgresqlDatabase(Database):
    """A database on a server. Raises ModuleNotFoundError where the driver is not installed."""

    def __init__(self, url: URL) -> None:
        super().__init__(url)
        self._engine = create_async_engine(url, pool_pre_ping=True)
        self._reading = self._engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)

    async def read(self, work: Work[T]) -> T:
        async with self._reading.connect() as connection:
            return await connection.run_sync(work)

    async def write(self, work: Work[T]) -> T:
        async with self._engine.begin() as connection:
            return await connection.run_sync(work)

    async def migrate(self, work: Work[None]) -> None:
        async with self._engine.begin() as connection:
            await connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _MIGRATION})
            await connection.run_sync(work)

    @asynccontextmanager
    async def holding(self, batch_id: int, on_lost: Callable[[], None]) -> AsyncIterator[bool]:
        """A session's lock, which the server drops when the connection ends: asked for that now and then."""
        async with AsyncExitStack() as opened:
            with in_words(self.url):
                connection = await opened.enter_async_context(self._engine.connect())
                await connection.execution_options(isolation_level="AUTOCOMMIT")
                taken = await connection.scalar(_keyed("SELECT pg_try_advisory_lock(:space, :key)", batch_id))
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
                        await connection.execute(_keyed("SELECT pg_advisory_unlock(:space, :key)", batch_id))

    async def is_held(self, batch_id: int) -> bool:
        held = "SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND classid = :space AND objid = :key AND granted"
        same_database = "database = (SELECT oid FROM pg_database WHERE datname = current_database())"
        with in_words(self.url):
            return bool(await self.read(lambda it: it.scalar(_keyed(f"{held} AND {same_database}", batch_id))))

    async def close(self) -> None:
        await self._engine.dispose()


def _keyed(statement: str, batch_id: int) -> Any:
    return text(statement).bindparams(space=_SPACE, key=batch_id % 2**31)


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
