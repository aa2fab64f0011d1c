"""Files by pattern, as a shell with globstar finds them, except that nothing is passed over in silence.

Python's globs skip folders that cannot be listed and links that lead in circles. A dataset would be published without
what is in them, so here they are found and told of. Names are matched by the standard library's ``fnmatch``, segment
by segment; its expressions do not backtrack, so a pattern with many wildcards cannot take for ever.
"""

from __future__ import annotations

import fnmatch
import os
import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from pathlib import Path

from msgspec import Struct, field

from batchdep.manifest.patterns import is_pattern, naturally_sorted

_ANY_DEPTH = "**"


class Found(Struct, frozen=True):
    """What a pattern matches, relative to the base and in natural order; ``unreadable`` are folders not listed, and
    ``links`` those of the files that are links."""

    files: list[str]
    folders: list[str]
    unreadable: list[str]
    links: set[str]


def find(pattern: str, base: Path) -> Found:
    """What ``pattern`` matches below ``base``.

    ``**`` as a whole segment crosses folders, but not links to folders. A name that starts with a dot is matched only
    by a segment that does. Braces and backslashes have no meaning: ``[*]`` is a star. Whatever is not a folder counts
    as a file: broken links, pipes and the like are for the caller to judge.
    """
    search = _Search(str(base), pattern)
    search.run()
    files, folders, unreadable = map(naturally_sorted, (search.files, search.folders, search.unreadable))
    return Found(files, folders, unreadable, search.links)


class _Search(Struct):
    base: str
    pattern: str
    files: set[str] = field(default_factory=set)
    folders: set[str] = field(default_factory=set)
    unreadable: set[str] = field(default_factory=set)
    links: set[str] = field(default_factory=set)
    _segments: list[str] = field(default_factory=list)
    _pending: list[tuple[str, int]] = field(default_factory=list)
    _visited: set[tuple[str, int]] = field(default_factory=set)

    def run(self) -> None:
        self._segments = [part for part in self.pattern.split("/") if part not in ("", ".")]
        self._go("/" if self.pattern.startswith("/") else "", 0)
        while self._pending:
            folder, index = self._pending.pop()
            self._step(folder, index)

    def _go(self, folder: str, index: int) -> None:
        """Remembers to match the segments from ``index`` on in ``folder``; at most once, whatever the pattern."""
        if index < len(self._segments) and (folder, index) not in self._visited:
            self._visited.add((folder, index))
            self._pending.append((folder, index))

    def _step(self, folder: str, index: int) -> None:
        segment = self._segments[index]
        if segment == _ANY_DEPTH:
            self._any_depth(folder, index)
        elif is_pattern(segment):
            self._wildcard(folder, index)
        else:
            self._literal(folder, index)

    def _any_depth(self, folder: str, index: int) -> None:
        is_last = index == len(self._segments) - 1
        self._go(folder, index + 1)
        for entry in self._entries(folder):
            if entry.name.startswith("."):
                continue
            if _is_folder(entry) and not entry.is_symlink():
                self._go(f"{folder}{entry.name}/", index)
            elif is_last:
                self._add(entry, folder)

    def _wildcard(self, folder: str, index: int) -> None:
        is_last = index == len(self._segments) - 1
        matches = _matcher(self._segments[index]).match
        for entry in self._entries(folder):
            name = entry.name
            if not matches(name):
                continue
            if is_last:
                self._add(entry, folder)
            elif _is_folder(entry):
                self._go(f"{folder}{name}/", index + 1)

    def _literal(self, folder: str, index: int) -> None:
        path = folder + self._segments[index]
        full = os.path.join(self.base, path)  # noqa: PTH118 - texts throughout: a hundred thousand of them
        if index < len(self._segments) - 1:
            if os.path.isdir(full):  # noqa: PTH112
                self._go(f"{path}/", index + 1)
        elif os.path.lexists(full):
            (self.folders if os.path.isdir(full) else self.files).add(path)  # noqa: PTH112
            if os.path.islink(full):  # noqa: PTH114
                self.links.add(path)

    def _add(self, entry: os.DirEntry[str], folder: str) -> None:
        path = f"{folder}{entry.name}"
        if _is_folder(entry):
            self.folders.add(path)
        elif not self.pattern.endswith("/"):
            self.files.add(path)
            if entry.is_symlink():
                self.links.add(path)

    def _entries(self, folder: str) -> Iterator[os.DirEntry[str]]:
        try:
            with os.scandir(os.path.join(self.base, folder)) as entries:  # noqa: PTH118
                yield from entries
        except OSError:
            self.unreadable.add(folder.rstrip("/") or ".")


@lru_cache(1_000)
def _matcher(segment: str) -> re.Pattern[str]:
    not_hidden = "" if segment.startswith(".") else r"(?!\.)"
    return re.compile(not_hidden + fnmatch.translate(segment))


def matches_name(segment: str, name: str) -> bool:
    """Whether one segment of a pattern, other than ``**``, matches a name, by the rules of :func:`find`."""
    if not is_pattern(segment):
        return segment == name
    return _matcher(segment).match(name) is not None


def matching_names(segment: str, names: Iterable[str]) -> list[str]:
    """The names in a folder that a segment with a wildcard matches by the rules of :func:`find`; ``**`` is as ``*``."""
    matches = _matcher(segment).match
    return [name for name in names if matches(name)]


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:  # a link that leads back to itself
        return False
