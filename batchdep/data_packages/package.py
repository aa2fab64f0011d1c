"""The data packages of a dataset, whose descriptors are read here."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from msgspec import Struct

from batchdep.manifest.model import LocalFile
from batchdep.manifest.patterns import is_inside, real_path
from batchdep.manifest.source_base import SourceError
from batchdep.manifest.source_json import read_json
from batchdep.manifest.source_text import decode, read_bytes, read_text
from batchdep.problems import Location, Place, Problem, Severity, ValuePath, dotted, problem_at
from batchdep.regexes import regex

MAX_BYTES = 32_000_000
"""Largest descriptor, table schema or dialect that is read, in bytes."""

_REMOTE = regex(r"[a-z][a-z0-9+.-]+://", re.IGNORECASE)


def is_remote(path: str) -> bool:
    """Whether a path is an address."""
    return _REMOTE.match(path) is not None


class Deposited(Struct, frozen=True):
    """What of the disk is deposited: the names of files by their real paths, and folders that become one zip each."""

    names: dict[str, str]
    folders: tuple[str, ...]

    @classmethod
    def of(cls, files: Sequence[LocalFile]) -> Deposited:
        names = {real_path(file.path): file.name for file in files if not file.archive}
        return cls(names, tuple(real_path(file.path) for file in files if file.archive))

    def zipped(self, path: str) -> bool:
        """Whether the file at a real path is in one of the zips, where it keeps its folders."""
        return any(is_inside(path, folder) for folder in self.folders)


class Package(Struct, frozen=True):
    """A descriptor that could be read. ``root`` is the real path that no file may lie outside of, None for any."""

    dataset: str
    path: Path
    content: dict[str, Any]
    place: Place
    deposited: Deposited
    root: str | None

    def warning(self, code: str, message: str, hint: str, *path: str | int) -> Problem:
        """A problem with what stands at ``path`` in the descriptor."""
        return self._problem(code, message, hint, path, Severity.WARNING)

    def note(self, message: str, hint: str, *path: str | int) -> Problem:
        """What was not looked at, and why."""
        return self._problem("data_package_unchecked", message, hint, path, Severity.NOTE)

    def _problem(self, code: str, message: str, hint: str, path: ValuePath, severity: Severity) -> Problem:
        place = self.place.at(*path)
        return problem_at(place, code, message, hint, severity=severity, dataset=self.dataset, path=dotted(path))

    def real(self, relative: str) -> str | None:
        """The real path of a file of the package, None for one that may not be read or cannot exist."""
        if "\0" in relative or relative.startswith("/") or is_remote(relative):
            return None
        found = real_path(self.path.parent / relative)
        return found if self.root is None or is_inside(found, self.root) else None


def packages_at(
    paths: Iterable[Path], dataset: str, files: Sequence[LocalFile], root: str | None
) -> Iterator[Package | Problem]:
    """The data packages that the descriptors at ``paths``, among the ``files`` of a dataset, describe.

    A descriptor that cannot be read is a warning instead.
    """
    deposited = Deposited.of(files)
    for path in paths:
        if root is None or is_inside(real_path(path), root):  # in a zip no link out of it is followed either
            yield _read(path, dataset, deposited, root)


def _read(path: Path, dataset: str, deposited: Deposited, root: str | None) -> Package | Problem:
    try:
        document = read_json(decode(read_bytes(path, MAX_BYTES)), str(path), lambda: read_text(path))
    except SourceError as error:
        where = Location(str(path), error.line, error.column)
        message = f"the data package cannot be read: {error.message}"
        return Problem("data_package_invalid", message, error.hint, Severity.WARNING, dataset, "", where)
    place = Place(document.source)
    if isinstance(document.value, dict):
        return Package(dataset, path, document.value, place, deposited, root)
    message, hint = "the data package is no object", "A descriptor is an object with a list of `resources`."
    return problem_at(place, "data_package_invalid", message, hint, severity=Severity.WARNING, dataset=dataset, path="")
