"""Many tasks commit, the disk is asked once: writes that come together share a transaction.

Each caller waits until its own statements are durable, as if it had a transaction of its own; while one transaction
is on its way to the disk, the next ones gather.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeAlias

from sqlalchemy import Connection
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlalchemy.sql import Executable

from batchdep.state.database import make_sync_engine
from batchdep.state.explaining import explained, is_of_database

Statement: TypeAlias = tuple[Executable, Sequence[dict[str, Any]] | None]
"""A statement and, for an executemany, its parameter sets."""


class Unit:
    """Statements that are committed together or not at all."""

    def __init__(self, statements: Sequence[Statement]) -> None:
        self.statements = statements
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()


class GroupWriter:
    """Commits units in the order in which they came, as many at once as have gathered."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._url = engine.url
        self._transaction = _ThreadTransaction(engine) if engine.dialect.name == "sqlite" else _Transaction(engine)
        self._gathered: list[Unit] = []
        self._task: asyncio.Task[None] | None = None

    async def write(self, statements: Sequence[Statement]) -> None:
        """Returns when the statements are durable.

        Raises IntegrityError when they break a constraint (then nothing of them is there), StateError when the
        database cannot be written.
        """
        unit = Unit(statements)
        self._gathered.append(unit)
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._drain(), name="state writer")
        # A cancelled caller leaves; its unit is committed all the same, and the others are not disturbed.
        await asyncio.shield(unit.done)

    async def close(self) -> None:
        """Waits for what is under way."""
        if self._task is not None:
            await self._task
        await self._transaction.close()

    async def _drain(self) -> None:
        while self._gathered:
            units, self._gathered = self._gathered, []
            try:
                await self._commit(units)
            except Exception as error:  # told to those whose units these are; the next ones do not wait for ever
                _settle(units, error)

    async def _commit(self, units: list[Unit]) -> None:
        try:
            await self._transaction.run(units)
        except IntegrityError as error:
            if len(units) == 1:
                _settle(units, error)
                return
            for unit in units:  # one of them is at fault: each on its own finds out which
                await self._commit([unit])
        except Exception as error:
            if not is_of_database(error):
                raise
            _settle(units, explained(error, self._url))
        else:
            _settle(units, None)


class _Transaction:
    """Units in one transaction of the asynchronous driver."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def run(self, units: list[Unit]) -> None:
        async with self._engine.begin() as connection:
            await connection.run_sync(_execute, units)

    async def close(self) -> None:
        return None


class _ThreadTransaction:
    """Units in one transaction of SQLite, in one thread.

    The asynchronous driver of SQLite goes to its thread and back about six times a statement, which costs a batch of
    small files more than all else that it does; here it is once a transaction.
    """

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = make_sync_engine(engine.url)
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="state writer")

    async def run(self, units: list[Unit]) -> None:
        await asyncio.get_running_loop().run_in_executor(self._thread, self._run, units)

    def _run(self, units: list[Unit]) -> None:
        with self._engine.begin() as connection:
            _execute(connection, units)

    async def close(self) -> None:
        await asyncio.get_running_loop().run_in_executor(self._thread, self._engine.dispose)
        self._thread.shutdown()


def _execute(connection: Connection, units: list[Unit]) -> None:
    for unit in units:
        for statement, parameters in unit.statements:
            connection.execute(statement, parameters)


def _settle(units: list[Unit], error: BaseException | None) -> None:
    for unit in units:
        if unit.done.done():
            continue
        if error is None:
            unit.done.set_result(None)
        else:
            unit.done.set_exception(error)
            unit.done.exception()  # a cancelled caller never looks: that is not worth a warning
