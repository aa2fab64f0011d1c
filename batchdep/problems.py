"""What is wrong with a manifest, where, and what to do about it.

A :class:`Place` remembers where a value came from without paying for it: line and column are looked up in the
source only when a problem is reported there, so a manifest of a hundred thousand datasets keeps no positions.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from typing import Protocol

from msgspec import Struct

ValuePath = tuple[str | int, ...]
"""Keys and indices that lead from a document's root to a value: ``("datasets", 0, "metadata", "title")``."""


class Location(Struct, frozen=True):
    """A position in a file as a user would look it up.

    ``line`` and ``column`` count from 1; in a table ``line`` is the row and ``column`` the column's number.
    ``cell`` is the spreadsheet name of the cell (``B7``) where the file has cells.
    """

    file: str
    line: int | None = None
    column: int | None = None
    cell: str | None = None

    def __str__(self) -> str:
        if self.cell is not None:
            return f"{self.file}:{self.cell}"
        return self.file if self.line is None else f"{self.file}:{self.line}"


class Source(Protocol):
    """A document that values came from."""

    @property
    def name(self) -> str:
        """The file's path as the user gave it."""

    def locate(self, path: ValuePath) -> Location:
        """Where the value at ``path`` stands; of a path that is not there, its nearest ancestor."""


class Place(Struct, frozen=True):
    """A value's place in its source."""

    source: Source
    path: ValuePath = ()

    def at(self, *steps: str | int) -> Place:
        """The place of a value inside this one."""
        return Place(self.source, (*self.path, *steps))

    def locate(self) -> Location:
        """The position in the file; may read the file again."""
        return self.source.locate(self.path)


class Severity(StrEnum):
    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"
    """Nothing is wrong: something that one should know."""


class Problem(Struct, frozen=True):
    """One thing that is wrong.

    ``code`` is a stable word for programs, ``message`` says what is wrong, ``hint`` what to do. ``path`` names the
    value (``metadata.creators[0].orcid``), ``dataset`` the manifest's id of the dataset it belongs to.
    """

    code: str
    message: str
    hint: str = ""
    severity: Severity = Severity.ERROR
    dataset: str | None = None
    path: str = ""
    location: Location | None = None

    @property
    def is_error(self) -> bool:
        return self.severity is Severity.ERROR

    @property
    def is_note(self) -> bool:
        return self.severity is Severity.NOTE


def problem_at(
    place: Place,
    code: str,
    message: str,
    hint: str = "",
    *,
    severity: Severity = Severity.ERROR,
    dataset: str | None = None,
    path: str | None = None,
) -> Problem:
    """A problem with the value at ``place``; ``path`` defaults to the place's own."""
    shown = dotted(place.path) if path is None else path
    return Problem(code, message, hint, severity, dataset, shown, place.locate())


def dotted(path: ValuePath) -> str:
    """``("metadata", "creators", 0, "orcid")`` as a person reads it: ``metadata.creators[0].orcid``."""
    text = ""
    for step in path:
        text += f"[{step}]" if isinstance(step, int) else f".{step}" if text else step
    return text


def printable(text: str) -> str:
    """``text`` with what a terminal must not get (control characters, broken Unicode) as escapes."""
    if text.isprintable():
        return text
    return "".join(char if char.isprintable() else char.encode("unicode_escape").decode("ascii") for char in text)


def is_utf8(text: str) -> bool:
    """Whether a text can be written as UTF-8: it has no half of a character, as which Python keeps bytes that are none
    in a file's name."""
    if text.isascii():
        return True
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def sorted_by_place(problems: Iterable[Problem]) -> list[Problem]:
    """Problems in the order in which a person works through the files."""

    def key(problem: Problem) -> tuple[str, int, int]:
        where = problem.location
        return (where.file, where.line or 0, where.column or 0) if where else ("", 0, 0)

    return sorted(problems, key=key)
