"""What the entries of ``files`` stand for: paths, before it is judged whether they can be deposited.

Paths are texts here: a batch may have a million of them, and each ``Path`` costs as much as the system call it is for.
What the paths of a folder have in common is found out once a folder.
"""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import NamedTuple

from msgspec import Struct

from batchdep.manifest.dataset_problems import DatasetProblems, Refused
from batchdep.manifest.globbing import Found, find
from batchdep.manifest.model import FileSpec
from batchdep.manifest.nearby import nearby_hint
from batchdep.manifest.patterns import RealFolders, fixed_folder, is_inside, is_pattern, real_path
from batchdep.manifest.suggest import shown
from batchdep.problems import Severity, printable
from batchdep.regexes import regex

ARCHIVE_HINT = "Put folders into one zip each: {path: folder/, archive: folder.zip}."
OUTSIDE_HINT = "Copy the file there, or use --allow-outside if you trust this manifest."

_RELATIVE = ("", ".", "..")
_NOT_NORMAL = regex(r"//|(?:^|/)\.{1,2}(?:/|$)|/$|^$")


class Candidate(Struct):
    """A path that an entry of ``files`` stands for; ``relative`` starts from the entry's base.

    ``identity`` is the path with all links resolved but the last, ``text`` the path as people are shown it, and
    ``status`` that of the path itself, where it was looked at.
    """

    spec: FileSpec
    relative: str
    path: str
    identity: str
    text: str
    is_link: bool
    status: os.stat_result | None = None

    @property
    def is_from_pattern(self) -> bool:
        return self.relative != self.spec.path

    @property
    def real(self) -> str:
        """The path with all links resolved."""
        return real_path(Path(self.path)) if self.is_link else self.identity


class Folder(NamedTuple):
    """What the paths of a folder's files begin with: as they are opened, with all links resolved, and as shown."""

    path: str
    real: str
    shown: str


class Candidates:
    """Finds what the entries of a manifest's datasets stand for.

    ``root`` is the real path of the folder that all has to lie in, None where files may lie outside.
    """

    def __init__(self, folder: Path, *, allow_outside: bool) -> None:
        self._folder = folder
        self._folders = RealFolders(folder)
        self.root = None if allow_outside else self._folders.root

    def of(self, spec: FileSpec, problems: DatasetProblems, metadata_file: str | None) -> list[Candidate]:
        """The path that ``spec`` names, alone, or what it matches in natural order, without ``metadata_file``.

        What is no reason to refuse the entry comes to ``problems``.

        :raises Refused: it stands for nothing, or leads outside of the manifest's folder.
        """
        if "\0" in spec.path:
            raise Refused("no_match", "the path has a NUL character, which no file name can have")
        if (named := self._named(spec)) is not None:
            return [named]
        if not is_pattern(spec.path) or spec.archive:
            raise Refused("no_match", f"there is no file {shown(spec.path)}", nearby_hint(spec, self._folder))
        if self._leads_outside(spec):
            raise Refused("outside", f"{shown(spec.path)} leads outside the manifest's folder", OUTSIDE_HINT)
        found = find(spec.path, spec.base)
        files = [item for item in self._matching(spec, found) if metadata_file is None or item.real != metadata_file]
        _tell_of_folders(spec, found, problems, has_files=bool(files))
        if not files:
            raise Refused("no_match", f"no file matches {shown(spec.path)}", nearby_hint(spec, self._folder))
        if spec.name is not None and len(files) > 1:
            hint = "Give each file an entry of its own, or drop `name`."
            raise Refused("name_for_many", f"{shown(spec.path)} matches {len(files):,} files, but has one `name`", hint)
        return files

    def folder_of(self, spec: FileSpec, relative: str) -> Folder:
        """Of the folder ``relative`` to the entry's base, which is empty or ends with a slash."""
        path = _joined(spec.base, relative.rstrip("/") or relative)
        of_folder = spec.base == self._folder
        text = os.path.normpath(relative) if of_folder else os.path.relpath(path, self._folder)
        return Folder(_beginning(path), _beginning(self._folders.real(path)), _beginning(text))

    def _named(self, spec: FileSpec) -> Candidate | None:
        """What has the very name that is written, if there is something."""
        path = _joined(spec.base, spec.path)
        try:
            status = os.lstat(path)
        except (OSError, ValueError):
            return None
        identity, text = self._identity(path), printable(self._shown(spec, path))
        return Candidate(spec, spec.path, path, identity, text, stat.S_ISLNK(status.st_mode), status)

    def _identity(self, path: str) -> str:
        folder, slash, name = path.rpartition("/")
        if name in _RELATIVE:
            return real_path(Path(path))
        return f"{_beginning(self._folders.real(folder or slash or '.'))}{name}"

    def _shown(self, spec: FileSpec, path: str) -> str:
        if spec.base != self._folder:
            return os.path.relpath(path, self._folder)
        return os.path.normpath(spec.path) if _NOT_NORMAL.search(spec.path) else spec.path

    def _leads_outside(self, spec: FileSpec) -> bool:
        if self.root is None:
            return False
        fixed = fixed_folder(spec.path)
        if ".." in spec.path[len(fixed) :].split("/"):
            return True
        return not is_inside(self._folders.real(_joined(spec.base, fixed.rstrip("/") or fixed)), self.root)

    def _matching(self, spec: FileSpec, found: Found) -> list[Candidate]:
        folders: dict[str, Folder] = {}
        candidates = []
        for relative in found.files:
            begin = relative.rfind("/") + 1
            name = relative[begin:]
            if (folder := folders.get(relative[:begin])) is None:
                folder = folders[relative[:begin]] = self.folder_of(spec, relative[:begin])
            path, real, text = folder
            is_link = relative in found.links
            candidates.append(Candidate(spec, relative, path + name, real + name, printable(text + name), is_link))
        return candidates


def _beginning(folder: str) -> str:
    """What the paths of files in a folder begin with."""
    return "" if folder == "." else f"{folder.rstrip('/')}/"


def _joined(base: Path, relative: str) -> str:
    """The text of ``base / relative``, which has no slash at its end: the system would follow a link that is to be
    looked at."""
    path = relative if str(base) == "." else os.path.join(base, relative)  # noqa: PTH118
    return str(Path(path)) if _NOT_NORMAL.search(path) else path


def _tell_of_folders(spec: FileSpec, found: Found, problems: DatasetProblems, *, has_files: bool) -> None:
    for folder in found.unreadable:
        message = f"the folder {shown(folder)} cannot be read, and {shown(spec.path)} may match files in it"
        problems.problem(spec.place, "file_unreadable", message, "chmod, or ask its owner.")
    folders = found.folders
    if not folders or not has_files:
        return
    more = f" and {len(folders) - 1:,} more" if len(folders) > 1 else ""
    message = f"{shown(spec.path)} matches the folder {shown(folders[0])}{more} too, which is left out"
    problems.problem(spec.place, "folder_left_out", message, f"** crosses folders. {ARCHIVE_HINT}", Severity.WARNING)
