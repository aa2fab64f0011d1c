"""The state in an SQLite file: one connection in one thread, for reads and writes alike.

The asynchronous driver of SQLite goes to its thread and back about six times a statement, which costs a batch of small
files more than all else that it does, and takes long to import; here it is once a transaction.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import Connection, NullPool, create_engine, event
from sqlalchemy.engine import URL

from batchdep.state.access import Database, Work

T = TypeVar("T")

_BUSY_SECONDS = 60
_PROBED_SECONDS = 0.5
"""How long a lock that is held is tried for: somebody who only looks whether it is holds it for an instant."""


class SqliteDatabase(Database):
    """An SQLite file that is there. Opened with the first work, so that its errors are those of a work."""

    def __init__(self, url: URL) -> None:
        super().__init__(url)
        # Transactions are begun here, not by the driver: it would begin none for reads, or changes to tables.
        options = {"timeout": _BUSY_SECONDS, "isolation_level": None}
        self._engine = create_engine(url, connect_args=options, poolclass=NullPool)
        event.listen(self._engine, "connect", _configure)
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="state")
        self._opened: Connection | None = None

    async def read(self, work: Work[T]) -> T:
        return await self._in_thread(self._read, work)

    async def write(self, work: Work[T]) -> T:
        return await self._in_thread(self._write, work)

    async def migrate(self, work: Work[None]) -> None:
        await self._in_thread(self._migrate, work)

    @asynccontextmanager
    async def holding(self, batch_id: int, on_lost: Callable[[], None]) -> AsyncIterator[bool]:
        """The operating system drops the lock when the process ends, however it ends; it is not lost before."""
        from filelock import FileLock, Timeout

        lock = FileLock(self._lock_path(batch_id), mode=0o600)
        try:
            lock.acquire(timeout=_PROBED_SECONDS)
        except Timeout:
            yield False
            return
        try:
            yield True
        finally:
            lock.release()

    async def is_held(self, batch_id: int) -> bool:
        from filelock import FileLock, Timeout

        path = self._lock_path(batch_id)
        if not path.exists():
            return False
        try:
            with FileLock(path, mode=0o600, timeout=0):
                return False
        except (Timeout, OSError):
            return True

    async def close(self) -> None:
        try:
            await self._in_thread(self._close)
        finally:
            self._thread.shutdown()

    async def _in_thread(self, function: Callable[..., T], *arguments: Any) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._thread, function, *arguments)

    # -- in the thread -------------------------------------------------------------------------------------------

    def _connection(self) -> Connection:
        if self._opened is None:
            self._opened = self._engine.connect()
        return self._opened

    def _read(self, work: Work[T]) -> T:
        connection = self._connection()
        try:
            connection.exec_driver_sql("BEGIN")
            return work(connection)
        finally:
            connection.rollback()

    def _write(self, work: Work[T]) -> T:
        connection = self._connection()
        try:
            # A transaction that begins as a reader's can fail at its first write, where others wrote meanwhile.
            connection.exec_driver_sql("BEGIN IMMEDIATE")
            result = work(connection)
            connection.commit()
            return result
        finally:
            connection.rollback()

    def _migrate(self, work: Work[None]) -> None:
        """A migration that makes a table anew drops the old one, which would delete the rows that refer to it."""
        from filelock import FileLock

        with FileLock(self._lock_folder() / "migration.lock", mode=0o600):
            self._set("journal_mode=WAL")  # `status` may read while a run writes
            self._set("foreign_keys=OFF")
            try:
                self._write(work)
            finally:
                self._set("foreign_keys=ON")

    def _set(self, pragma: str) -> None:
        connection = self._connection()
        connection.exec_driver_sql(f"PRAGMA {pragma}")
        connection.rollback()

    def _close(self) -> None:
        if self._opened is not None:
            self._opened.close()

    def _lock_path(self, batch_id: int) -> Path:
        return self._lock_folder() / f"{batch_id}.lock"

    def _lock_folder(self) -> Path:
        """Where the locks on the database are, for its owner only."""
        folder = Path(f"{self.url.database}.locks")
        folder.mkdir(mode=0o700, exist_ok=True)
        return folder


def _configure(connection: Any, _record: Any) -> None:
    # FULL makes a commit survive a power cut: intents rely on it.
    for pragma in ("synchronous=FULL", "foreign_keys=ON"):
        connection.execute(f"PRAGMA {pragma}").close()
