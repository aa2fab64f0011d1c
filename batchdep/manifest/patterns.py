"""Paths and patterns: what is a pattern, where it starts, whether it leads astray."""

from __future__ import annotations

import os
import re
from collections.abc import Collection
from pathlib import Path
from typing import Any

from batchdep.regexes import regex

_MAGIC = regex(r"[*?\[]")
_ESCAPE = regex(r"\[([*?\[])\]")
_REMEMBERED = 10_000
_DEEPEST = 100
_DIGITS = regex(r"([0-9]+)")
_AS_ZEROS = str.maketrans("123456789", "000000000")


def is_pattern(path: str) -> bool:
    """Whether ``path`` has a wildcard."""
    return _MAGIC.search(path) is not None


def fixed_folder(pattern: str) -> str:
    """The part of a pattern before its first wildcard: ``data/2018`` of ``data/2018/*.csv``, empty of ``*.csv``."""
    match = _MAGIC.search(pattern)
    return pattern[: pattern.rfind("/", 0, match.start()) + 1] if match else pattern


def searched_folder(pattern: str) -> str:
    """The folder below which everything is that a pattern matches, by its name on the disk: ``a[1]/`` of
    ``a[[]1]/*/x.csv``, where :func:`escaped` put the brackets."""
    folder = ""
    for segment in pattern.split("/")[:-1]:
        if is_pattern(_ESCAPE.sub("", segment)):
            break
        folder += _ESCAPE.sub(r"\1", segment) + "/"
    return folder


def leads_outside(pattern: str, base: Path, folder: Path) -> bool:
    """Whether the pattern would search outside ``folder``: told before anything is searched.

    What a wildcard matches may still be a link that leads outside; that is told file by file.
    """
    fixed = fixed_folder(pattern)
    if ".." in pattern[len(fixed) :].split("/"):
        return True
    return not lies_inside(base / fixed, folder)


def lies_inside(path: Path, folder: Path) -> bool:
    """Whether ``path`` is ``folder`` or in it, after all links are resolved."""
    return is_inside(real_path(path), real_path(folder))


def real_path(path: Path) -> str:
    """The path with all links resolved as far as it exists."""
    try:
        return os.path.realpath(path)
    except (OSError, ValueError):
        return os.path.abspath(path)  # noqa: PTH100 - the text is compared, the path need not exist


class RealFolders:
    """The real paths of folders below one, whose own is ``root``: asked for again and again, they cost one look each,
    where the system would look at every folder on the way."""

    def __init__(self, folder: Path) -> None:
        self.root = real_path(folder)
        self._folder = str(folder)
        self._known = {self._folder: self.root}

    def real(self, folder: str) -> str:
        """The path of a folder, without a slash at its end, with all links resolved as far as it exists."""
        if (known := self._known.get(folder)) is None:
            if len(self._known) > _REMEMBERED:
                self._known = {self._folder: self.root}
            known = self._known[folder] = self._resolved(folder)
        return known

    def _resolved(self, folder: str) -> str:
        parent, slash, name = folder.rpartition("/")
        if name in ("", ".", "..") or folder.count("/") > _DEEPEST or os.path.islink(folder):  # noqa: PTH114
            return real_path(Path(folder))
        return f"{self.real(parent or slash or '.').rstrip('/')}/{name}"


def is_inside(resolved: str, root: str) -> bool:
    """Whether a resolved path is ``root`` or in it."""
    return f"{resolved}/".startswith(root if root[-1:] == "/" else f"{root}/")


def escaped(path: str) -> str:
    """The pattern that matches ``path`` and nothing else."""
    return re.sub(r"([*?\[])", r"[\1]", path)


def natural_key(text: str) -> tuple[list[str | int], str]:
    """Sorts ``run2`` before ``run10``, as a file manager does."""
    parts: list[Any] = _DIGITS.split(text.casefold())
    for index in range(1, len(parts), 2):
        parts[index] = int(parts[index])
    return parts, text


def naturally_sorted(paths: Collection[str]) -> list[str]:
    """The paths in the order of :func:`natural_key`."""
    # those that differ only in some digits (run-001, run-002 ...) are in that order as texts, and most are such
    shapes = "\0".join(paths).translate(_AS_ZEROS).split("\0")
    return sorted(paths) if len(set(shapes)) == 1 else sorted(paths, key=natural_key)
