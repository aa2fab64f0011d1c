"""Sequences whose items are made when they are asked for: those of a large batch would take gigabytes together."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from typing import TypeVar, overload

T = TypeVar("T")


class MadeSequence(Sequence[T]):
    """As much of a sequence as follows from its length and from :meth:`made`."""

    @abstractmethod
    def made(self, index: int) -> T:
        """The item of that index, which is not negative and below the length."""

    @overload
    def __getitem__(self, index: int) -> T: ...
    @overload
    def __getitem__(self, index: slice) -> list[T]: ...
    def __getitem__(self, index: int | slice) -> T | list[T]:
        if isinstance(index, slice):
            return [self.made(each) for each in range(len(self))[index]]
        return self.made(range(len(self))[index])
