"""A database as the rest of the state sees it: work is handed over, and done on a connection away from the event loop.

There is one way to read and one to write; which driver is behind it, and which thread, is the database's own affair.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import TypeAlias, TypeVar

from sqlalchemy import Connection
from sqlalchemy.engine import URL

T = TypeVar("T")
Work: TypeAlias = Callable[[Connection], T]
"""What is done in one transaction. It must not keep the connection."""


class Database(ABC):
    """An open database. Errors are those of the driver, see :mod:`batchdep.state.explaining`."""

    def __init__(self, url: URL) -> None:
        self.url = url

    @property
    def dialect(self) -> str:
        """``sqlite`` or ``postgresql``."""
        return self.url.get_backend_name()

    @abstractmethod
    async def read(self, work: Work[T]) -> T:
        """What ``work`` makes of the database as it was at one instant, whatever others write meanwhile."""

    @abstractmethod
    async def write(self, work: Work[T]) -> T:
        """Returns when all that ``work`` wrote is durable; if it raises, nothing of it is there."""

    @abstractmethod
    async def migrate(self, work: Work[None]) -> None:
        """As :meth:`write`, for changes to the tables: alone among all processes, and references are not enforced."""

    @abstractmethod
    def holding(self, batch_id: int, on_lost: Callable[[], None]) -> AbstractAsyncContextManager[bool]:
        """Holds the lock on a batch while the block lasts; False where another process has it. ``on_lost`` is called
        if it is lost meanwhile."""

    @abstractmethod
    async def is_held(self, batch_id: int) -> bool:
        """Whether a process holds the batch. Where that cannot be found out, it is taken for true."""

    @abstractmethod
    async def close(self) -> None:
        """Waits for what is under way."""
