"""What all readers of manifests share: the parsed document, and positions that are looked up only when needed."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Iterator
from functools import cached_property
from typing import Any

from msgspec import Struct, field
from msgspec.structs import replace

from batchdep.problems import Location, Problem, Source, ValuePath

MAX_DEPTH = 50
"""Lists and mappings inside one another; what a manifest needs is below ten."""


class SourceError(Exception):
    """A file cannot be read or understood from here on; ``line`` and ``column`` count from 1."""

    def __init__(
        self, code: str, message: str, hint: str = "", *, line: int | None = None, column: int | None = None
    ) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.hint = hint
        self.line = line
        self.column = column

    def as_problem(self, file: str) -> Problem:
        return Problem(self.code, self.message, self.hint, location=Location(file, self.line, self.column))


class Document(Struct, frozen=True):
    """A parsed file: mappings, lists, texts, numbers, booleans and None; ``problems`` did not stop the reading.

    ``has_header`` is False for formats that hold nothing but datasets (JSON Lines and tables). ``digest`` is the
    SHA-256 of the file's bytes, in hexadecimal. ``stream``: the datasets, which are not in ``value`` then, each read
    when it is asked for, and once; what is wrong with them comes to ``problems`` meanwhile.
    """

    value: Any
    source: Source
    problems: list[Problem] = field(default_factory=list)
    has_header: bool = True
    digest: str = ""
    stream: Iterator[Any] | None = None

    def whole(self) -> Document:
        """The same with all datasets in ``value``."""
        if self.stream is None:
            return self
        return replace(self, value={**self.value, "datasets": list(self.stream)}, stream=None)


class Lines:
    """Turns offsets in a text into lines and columns, both counted from 1."""

    def __init__(self, text: str) -> None:
        self._starts = [0, *(match.end() for match in re.finditer(r"\r\n|\n|\r", text))]

    def at(self, offset: int) -> tuple[int, int]:
        line = bisect_right(self._starts, offset)
        return line, offset - self._starts[line - 1] + 1


class Mark(Struct):
    """Where a value starts (of a mapping's entry: its key), with the marks of what it holds."""

    offset: int
    children: dict[str | int, Mark] = field(default_factory=dict)

    def find(self, path: ValuePath) -> int:
        """The offset of the value at ``path``, or of the nearest ancestor that is there."""
        mark = self
        for step in path:
            child = mark.children.get(step)
            if child is None:
                break
            mark = child
        return mark.offset


class MarkedSource:
    """A text whose positions are found by reading it a second time, and only when a problem is reported.

    A manifest without problems thus pays nothing for its positions, neither time nor memory.
    """

    def __init__(self, name: str, read: Callable[[], str], scan: Callable[[str], Mark]) -> None:
        self._name = name
        self._read = read
        self._scan = scan

    @property
    def name(self) -> str:
        return self._name

    def locate(self, path: ValuePath) -> Location:
        if self._index is None:
            return Location(self._name)
        marks, lines = self._index
        return Location(self._name, *lines.at(marks.find(path)))

    @cached_property
    def _index(self) -> tuple[Mark, Lines] | None:
        try:
            text = self._read()
            return self._scan(text), Lines(text)
        except SourceError:  # the file was changed since it was read: its name is all that is left to say
            return None


def depth_exceeds(value: Any, limit: int = MAX_DEPTH) -> bool:
    """Whether lists and mappings are nested more than ``limit`` deep; level by level, so that no depth overflows."""
    level = [value] if isinstance(value, dict | list) else []
    for _ in range(limit):
        level = [
            child
            for container in level
            for child in (container.values() if isinstance(container, dict) else container)
            if isinstance(child, dict | list)
        ]
    return bool(level)
