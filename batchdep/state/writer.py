"""Many tasks commit, the disk is asked once: writes that come together share a transaction.

Each caller waits until its own statements are durable, as if it had a transaction of its own; while one transaction
is on its way to the disk, the next ones gather.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from functools import partial
from itertools import chain, groupby
from typing import Any, TypeAlias

from sqlalchemy import Connection
from sqlalchemy.exc import IntegrityError
from sqlalchemy.sql import Executable

from batchdep.state.access import Database
from batchdep.state.eventlog import LOG
from batchdep.state.explaining import explained, is_of_database
from batchdep.state.updates import RowStatement

Statement: TypeAlias = tuple[Executable | RowStatement, Sequence[Any] | None]
"""A statement and, for an executemany, its parameter sets: mappings, or the rows of a RowStatement."""


class Unit:
    """Statements that are committed together or not at all."""

    def __init__(self, statements: Sequence[Statement]) -> None:
        self.statements = statements
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()


class GroupWriter:
    """Commits units in the order in which they came, as many at once as have gathered."""

    def __init__(self, database: Database) -> None:
        self._database = database
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

    async def _drain(self) -> None:
        while self._gathered:
            units, self._gathered = self._gathered, []
            try:
                await self._commit(units)
            except Exception as error:  # told to those whose units these are; the next ones do not wait for ever
                _settle(units, error)

    async def _commit(self, units: list[Unit]) -> None:
        try:
            await self._database.write(partial(_execute, units))
        except IntegrityError as error:
            if len(units) == 1:
                _settle(units, error)
                return
            for unit in units:  # one of them is at fault: each on its own finds out which
                await self._commit([unit])
        except Exception as error:
            if not is_of_database(error):
                raise
            _settle(units, explained(error, self._database.url))
        else:
            _settle(units, None)


def _execute(units: list[Unit], connection: Connection) -> None:
    """Statements that follow each other and are the same go as one, with all their parameter sets; the event log, on
    which no other statement depends, comes last."""
    statements = [statement for unit in units for statement in unit.statements]
    statements.sort(key=lambda statement: statement[0] is LOG)
    for _, same in groupby(statements, key=lambda statement: id(statement[0])):
        (first, parameters), *others = same
        if parameters is not None:
            parameters = [*parameters, *chain.from_iterable(more or () for _, more in others)]
        if isinstance(first, RowStatement):
            first.run(connection, parameters or ())
        else:
            connection.execute(first, parameters)


def _settle(units: list[Unit], error: BaseException | None) -> None:
    for unit in units:
        if unit.done.done():
            continue
        if error is None:
            unit.done.set_result(None)
        else:
            unit.done.set_exception(error)
            unit.done.exception()  # a cancelled caller never looks: that is not worth a warning
