"""Waiting for other datasets: a gate opens when all that it waits for came far enough, or breaks when one never will.

Nobody looks again and again: a dataset that comes to a gate is put aside, and the gate tells when it is settled.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from enum import IntEnum
from typing import Generic, TypeVar

T = TypeVar("T")


class Level(IntEnum):
    """How far a dataset has come, as those who refer to it see it."""

    NOTHING = 0
    DOI = 1  # its DOI is known
    READY = 2  # a complete draft, verified in this run
    PUBLISHED = 3


Need = tuple[Level, str]
"""A dataset, and how far it must have come."""


class Gate(Generic[T]):
    """``left``: what it still waits for; ``broken_by``: a dataset that will not come as far in this run."""

    def __init__(self) -> None:
        self.left: set[Need] = set()
        self.broken_by: str | None = None
        self.parked: list[T] = []

    @property
    def settled(self) -> bool:
        """Whether there is nothing left to wait for."""
        return self.broken_by is not None or not self.left


class Gates(Generic[T]):
    """All gates of a run. ``level_of`` tells how far a dataset is now; ``never`` whether it will not reach a level;
    ``wake`` is called with each item that is parked at a gate when that is settled."""

    def __init__(
        self, level_of: Callable[[str], Level], never: Callable[[str, Level], bool], wake: Callable[[T], None]
    ) -> None:
        self._level_of = level_of
        self._never = never
        self._wake = wake
        self._waiting: dict[str, list[tuple[Level, Gate[T]]]] = defaultdict(list)

    def gate(self, needs: Iterable[Need]) -> Gate[T]:
        """A gate that waits for what is not there yet."""
        made: Gate[T] = Gate()
        for level, key in needs:
            now = self._level_of(key)
            if now < level:
                made.left.add((level, key))
                self._watch(made, level, key)
            elif level is Level.READY and now < Level.PUBLISHED:
                self._watch(made, Level.PUBLISHED, key)
        return made

    def moved(self, key: str) -> None:
        """The dataset came further, or will come no further: gates that waited for it are settled, or wait on."""
        if key not in self._waiting:
            return
        level = self._level_of(key)
        still: list[tuple[Level, Gate[T]]] = []
        for wanted, gate in self._waiting.pop(key):
            if level >= wanted:
                gate.left.discard((wanted, key))
                self._tell(gate)
                if wanted is Level.READY and level < Level.PUBLISHED:
                    still.append((Level.PUBLISHED, gate))
            elif self._never(key, wanted):
                self._break(gate, key)
            else:
                still.append((wanted, gate))
        if still:
            self._waiting[key] = still

    def park(self, gate: Gate[T], item: T) -> None:
        """``item`` is woken once the gate is settled; at once where it is."""
        if gate.settled:
            self._wake(item)
        else:
            gate.parked.append(item)

    def _watch(self, gate: Gate[T], level: Level, key: str) -> None:
        """A draft that is ready is watched on: where it fails before it is published, the others are told."""
        if self._never(key, level):
            gate.broken_by = gate.broken_by or key
        else:
            self._waiting[key].append((level, gate))

    def _break(self, gate: Gate[T], key: str) -> None:
        gate.broken_by = gate.broken_by or key
        self._tell(gate)

    def _tell(self, gate: Gate[T]) -> None:
        if gate.settled:
            parked, gate.parked = gate.parked, []
            for item in parked:
                self._wake(item)
