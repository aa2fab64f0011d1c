"""A process that can die at any boundary between two steps, inside a test: what it knew is gone, what is on the disk
and at the repository stays.

Death is an exception that no product code catches; once dead, a process neither writes nor asks any more, whatever its
``finally`` clauses try.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TypeVar

from batchdep.repository.model import Answer, Unknown
from batchdep.state.store import Store
from batchdep.state.writer import Statement
from tests.support.fake_repository import FakeRepository

T = TypeVar("T")
_READS = ("get", "recent")


class Died(BaseException):
    """kill -9."""


@dataclass
class Life:
    """Boundaries until the process dies; None for a long life. ``in_flight``: what becomes of a request that had left
    when it died: seconds until the work is done, None for never."""

    left: int | None = None
    in_flight: float | None = 0.0
    dead: bool = False
    _spared: bool = False

    def reach(self) -> None:
        """A boundary: perhaps the last."""
        if self.dead or self._is_due():
            self.dead = True
            raise Died

    def in_the_air(self, work: Callable[[], object], later: Callable[[float, Callable[[], None]], None]) -> None:
        """A request has left: where that is the last boundary, its work may still be done."""
        if self.dead or not self._is_due():
            return
        self.dead = True
        if self.in_flight is not None:
            later(self.in_flight, lambda: (work(), None)[1])
        raise Died

    def spare(self) -> None:
        """Lives on until the next commit: a process that dies between a 504 and the note of it is one of which it is
        not known that the effect of its request may come late. That is beyond what is promised."""
        self._spared = True

    def noted(self) -> None:
        """Something was committed."""
        self._spared = False

    def _is_due(self) -> bool:
        if self.left is None:
            return False
        self.left -= 1
        return self.left <= 0 and not self._spared


class MortalStore(Store):
    """Boundaries before and after each commit."""

    life: Life

    async def _write(self, *statements: Statement) -> None:
        self.life.reach()
        await super()._write(*statements)
        self.life.noted()
        self.life.reach()


@asynccontextmanager
async def mortal_store(database: str, life: Life) -> AsyncIterator[MortalStore]:
    """An open database; closed without a word when the process dies."""
    async with MortalStore.open(database) as store:
        assert isinstance(store, MortalStore)
        store.life = life
        yield store


@dataclass
class MortalRepository(FakeRepository):
    """Boundaries before each request, after it has left, and when it is answered."""

    life: Life = field(default_factory=Life)

    async def _call(self, method: str, deposition_id: int | None, work: Callable[[], Answer[T]]) -> Answer[T]:
        self.life.reach()
        if method not in _READS:
            self.life.in_the_air(work, self.clock.later)
            self.clock.advance(0.0)
        answer = await super()._call(method, deposition_id, work)
        if isinstance(answer, Unknown) and answer.late:
            self.life.spare()
        self.life.reach()
        return answer
