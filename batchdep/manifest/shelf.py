"""Values that are put away small until they are asked for.

A batch may have a hundred thousand datasets: as objects they take a gigabyte, as bytes and compressed a few dozen
megabytes, from which each is made anew in some microseconds. The bytes are in the interpreter's own form, which takes a
third of the time of JSON; they never leave the process.
"""

from __future__ import annotations

import marshal
import zlib
from typing import Any, Final

from batchdep.sequences import MadeSequence

SHELVED_TOGETHER: Final = 128
"""Values that are compressed together: enough for them to have much in common."""


def packed(value: Any) -> bytes:
    """A value as bytes, which are soon handed to another process and put on a shelf."""
    return marshal.dumps(value)


def unpacked(value: bytes) -> Any:
    """The value that was packed."""
    return marshal.loads(value)  # noqa: S302 - bytes of our own


class Shelf(MadeSequence[Any]):
    """Values in the order in which they were added: texts, bytes, numbers, truth values and None, and lists, tuples
    and mappings of these. Neither what is put in nor what is taken out is to be changed."""

    def __init__(self) -> None:
        self._chunks: list[bytes] = []
        self._last: list[Any] = []
        self._taken: tuple[int, list[Any]] = (-1, [])

    def add(self, value: Any) -> None:
        """Puts a value after the others."""
        self._last.append(value)
        if len(self._last) == SHELVED_TOGETHER:
            self._chunks.append(zlib.compress(packed(self._last), 1))
            self._last = []

    def __len__(self) -> int:
        return len(self._chunks) * SHELVED_TOGETHER + len(self._last)

    def made(self, index: int) -> Any:
        """The value of that index."""
        number, inside = divmod(index, SHELVED_TOGETHER)
        if number == len(self._chunks):
            return self._last[inside]
        return self._chunk(number)[inside]

    def _chunk(self, number: int) -> list[Any]:
        if self._taken[0] != number:
            self._taken = number, unpacked(zlib.decompress(self._chunks[number]))
        return self._taken[1]
