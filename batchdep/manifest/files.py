"""From the entries of ``files`` to the files on the disk, and what is wrong with them.

Nothing is read but ``stat``, and the text files that ``fill`` names.
"""

from __future__ import annotations

import errno
import os
import re
import stat
import time
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from batchdep.manifest.archive import ArchivePlan, plan_archive
from batchdep.manifest.dataset_problems import DatasetProblems, Refused
from batchdep.manifest.filling import find_fills
from batchdep.manifest.globbing import Found, find
from batchdep.manifest.model import DatasetSpec, FileSpec, Limits, LocalFile, Manifest
from batchdep.manifest.nearby import nearby_hint
from batchdep.manifest.patterns import RealFolders, fixed_folder, is_inside, is_pattern, real_path
from batchdep.manifest.sizes import show_size
from batchdep.manifest.suggest import is_utf8, shown
from batchdep.problems import Place, Problem, Severity, printable

MAX_NAME = 255
"""Longest file name that the server takes, in characters (observed: 256 answer "Filename is too long.")."""

GROWING_SECONDS = 5
_RELATIVE = ("", ".", "..")
_NOT_NORMAL = re.compile(r"//|(?:^|/)\.{1,2}(?:/|$)|/$|^$")
_ORDINARY = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.,()-]{0,99}")
"""Names with which nothing can be wrong: most are, and are told apart quickly."""

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_OUTSIDE_HINT = "Copy the file there, or use --allow-outside if you trust this manifest."
_EMPTY_HINT = "Leave it out, or put it into an archive with its folder: {path: folder/, archive: folder.zip}."
_QUOTA_HINT = "Raise the limit under `limits:` only if you were granted a larger quota."
_ARCHIVE_HINT = "Put folders into one zip each: {path: folder/, archive: folder.zip}."


def resolve_files(
    manifest: Manifest, dataset: DatasetSpec, *, allow_outside: bool = False
) -> tuple[list[LocalFile], list[Problem]]:
    """What a :class:`Resolver` finds of one dataset."""
    return Resolver(manifest, allow_outside=allow_outside).files_of(dataset)


class Resolver:
    """Finds the files of a manifest's datasets, one dataset after the other."""

    def __init__(self, manifest: Manifest, *, allow_outside: bool = False) -> None:
        self.manifest = manifest
        self.folder = manifest.folder
        self.folders = RealFolders(self.folder)
        self.root = None if allow_outside else self.folders.root

    def files_of(self, dataset: DatasetSpec) -> tuple[list[LocalFile], list[Problem]]:
        """The files of a dataset in the order of its entries, each once, a pattern's matches in natural order.

        Files with an error of their own are not returned; files over a limit are. Problems stand at the entry of
        ``files`` that they come from.
        """
        search = _Search(self, dataset)
        files = search.run()
        _check_alike(files, search)
        _check_limits(files, self.manifest.limits, search)
        return find_fills(dataset.fill, files, search), search.problems


@dataclass(slots=True)
class _Candidate:
    """A path that an entry of ``files`` stands for; ``relative`` starts from the entry's base.

    ``identity`` is the path with all links resolved but the last; ``status`` that of the path itself, where it was
    looked at. Paths are texts here: a dataset may have a hundred thousand of them, and each ``Path`` costs as much as
    the system call it is for.
    """

    spec: FileSpec
    relative: str
    path: str
    identity: str
    is_link: bool
    status: os.stat_result | None = None

    @property
    def is_from_pattern(self) -> bool:
        return self.relative != self.spec.path


class _Search(DatasetProblems):
    def __init__(self, resolver: Resolver, dataset: DatasetSpec) -> None:
        super().__init__(dataset.id)
        self._dataset = dataset
        self._folder = resolver.folder
        self._root = resolver.root
        self._folders = resolver.folders
        self._now = time.time_ns()
        self._metadata_file = real_path(dataset.metadata_file) if dataset.metadata_file is not None else None

    def run(self) -> list[LocalFile]:
        found = [self._candidates(spec) for spec in self._dataset.files]
        # what an entry names outright is not deposited a second time because a pattern matches it too
        named = {item.identity for items in found for item in items if not item.is_from_pattern}
        files: list[LocalFile] = []
        seen: set[tuple[str, str]] = set()
        for candidates in found:
            for candidate in candidates:
                key = (candidate.identity, candidate.spec.name or "")
                if (candidate.is_from_pattern and candidate.identity in named) or key in seen:
                    continue
                seen.add(key)
                if (file := self._file(candidate)) is not None:
                    files.append(file)
        return files

    def _candidates(self, spec: FileSpec) -> list[_Candidate]:
        try:
            return self._matching(spec)
        except Refused as refused:
            self.problem(spec.place, refused.code, refused.message, refused.hint)
            return []

    def _matching(self, spec: FileSpec) -> list[_Candidate]:
        if "\0" in spec.path:
            raise Refused("no_match", "the path has a NUL character, which no file name can have")
        if (named := self._named(spec)) is not None:
            return [named]
        if not is_pattern(spec.path) or spec.archive:
            raise Refused("no_match", f"there is no file {shown(spec.path)}", nearby_hint(spec, self._folder))
        if self._root is not None and self._leads_outside(spec, self._root):
            raise Refused("outside", f"{shown(spec.path)} leads outside the manifest's folder", _OUTSIDE_HINT)
        found = find(spec.path, spec.base)
        files = self._found(spec, found)
        self._tell_of_folders(spec, found, has_files=bool(files))
        if not files:
            raise Refused("no_match", f"no file matches {shown(spec.path)}", nearby_hint(spec, self._folder))
        if spec.name is not None and len(files) > 1:
            hint = "Give each file an entry of its own, or drop `name`."
            raise Refused("name_for_many", f"{shown(spec.path)} matches {len(files):,} files, but has one `name`", hint)
        return files

    def _named(self, spec: FileSpec) -> _Candidate | None:
        """What has the very name that is written, if there is something."""
        path = _joined(spec.base, spec.path)
        try:
            status = os.lstat(path)
        except (OSError, ValueError):
            return None
        is_link = stat.S_ISLNK(status.st_mode)
        return _Candidate(spec, spec.path, path, self._identity(path), is_link, status)

    def _leads_outside(self, spec: FileSpec, root: str) -> bool:
        fixed = fixed_folder(spec.path)
        if ".." in spec.path[len(fixed) :].split("/"):
            return True
        return not is_inside(self._folders.real(_joined(spec.base, fixed)), root)

    def _found(self, spec: FileSpec, found: Found) -> list[_Candidate]:
        files = []
        for relative in found.files:
            path = _joined(spec.base, relative)
            candidate = _Candidate(spec, relative, path, self._identity(path), relative in found.links)
            if self._metadata_file is None or _real(candidate) != self._metadata_file:
                files.append(candidate)
        return files

    def _identity(self, path: str) -> str:
        folder, slash, name = path.rpartition("/")
        if name in _RELATIVE:
            return real_path(Path(path))
        return f"{self._folders.real(folder or slash or '.').rstrip('/')}/{name}"

    def _tell_of_folders(self, spec: FileSpec, found: Found, *, has_files: bool) -> None:
        for folder in found.unreadable:
            message = f"the folder {shown(folder)} cannot be read, and {shown(spec.path)} may match files in it"
            self.problem(spec.place, "file_unreadable", message, "chmod, or ask its owner.")
        folders = found.folders
        if not folders or not has_files:
            return
        more = f" and {len(folders) - 1:,} more" if len(folders) > 1 else ""
        message = f"{shown(spec.path)} matches the folder {shown(folders[0])}{more} too, which is left out"
        self.problem(spec.place, "folder_left_out", message, f"** crosses folders. {_ARCHIVE_HINT}", Severity.WARNING)

    def _file(self, candidate: _Candidate) -> LocalFile | None:
        try:
            return self._archive(candidate) if candidate.spec.archive else self._plain(candidate)
        except Refused as refused:
            self.problem(candidate.spec.place, refused.code, refused.message, refused.hint)
            return None

    def _plain(self, candidate: _Candidate) -> LocalFile:
        text = self._shown(candidate)
        status = self._status(candidate, text)
        if stat.S_ISDIR(status.st_mode):
            inside = f"{candidate.relative.rstrip('/')}/**"
            hint = (
                f"Write {inside} for the files in it, or {{path: {candidate.relative}, archive: NAME.zip}} for one zip."
            )
            raise Refused("folder_without_archive", f"{shown(text)} is a folder", hint)
        if not stat.S_ISREG(status.st_mode):
            raise Refused("not_a_file", f"{shown(text)} is a device, a pipe or a socket, not a file")
        if not os.access(candidate.path, os.R_OK):
            raise Refused(
                "file_unreadable", f"{shown(text)} cannot be read: permission denied", "chmod, or ask its owner."
            )
        if status.st_size == 0:
            raise Refused("empty_file", f"{shown(text)} is empty, and the repository takes no empty files", _EMPTY_HINT)
        name = candidate.spec.name if candidate.spec.name is not None else candidate.path.rpartition("/")[2]
        _check_name(name)
        self._warn_if_growing(candidate, text, status.st_mtime_ns)
        fingerprint = f"{status.st_size}:{status.st_mtime_ns}:{status.st_ino}"
        return LocalFile(
            name, text, candidate.path, status.st_size, fingerprint, status.st_mtime_ns, candidate.spec.place
        )

    def _archive(self, candidate: _Candidate) -> LocalFile:
        text = self._shown(candidate)
        if not stat.S_ISDIR(self._status(candidate, text).st_mode):
            hint = "Name the folder, or drop `archive` to deposit the file itself."
            raise Refused("archive_of_file", f"{shown(text)} is a file; `archive` makes a zip of a folder", hint)
        name = candidate.spec.name or ""
        _check_name(name)
        if not name.lower().endswith(".zip"):
            raise Refused("file_name", f"the archive's name {shown(name)} does not end in .zip", f"Name it {name}.zip.")
        plan = self._plan(candidate, text)
        self._warn_if_growing(candidate, text, plan.mtime_ns)
        place = candidate.spec.place
        return LocalFile(name, text, candidate.path, plan.size, plan.fingerprint, plan.mtime_ns, place, archive=True)

    def _plan(self, candidate: _Candidate, text: str) -> ArchivePlan:
        try:
            plan = plan_archive(Path(candidate.path), None if self._root is None else Path(self._root))
        except OSError as error:
            raise Refused("file_unreadable", f"the folder {shown(text)} cannot be read: {error.strerror}") from None
        for obstacle in plan.obstacles:
            message = f"in {shown(text)}: {obstacle.message}"
            self.problem(candidate.spec.place, obstacle.code, message, obstacle.hint, obstacle.severity)
        if not plan.members:
            raise Refused("empty_folder", f"the folder {shown(text)} has no files", "Leave it out.")
        return plan

    def _status(self, candidate: _Candidate, text: str) -> os.stat_result:
        if not is_utf8(candidate.relative):
            raise Refused("file_name", f"the path {shown(text)} is not valid UTF-8", "Rename the file or its folder.")
        try:
            known = None if candidate.is_link else candidate.status
            status = os.stat(candidate.path) if known is None else known  # noqa: PTH116
        except OSError as error:
            raise _stat_refusal(text, error) from None
        if self._root is not None and not is_inside(_real(candidate), self._root):
            raise Refused("outside", f"{shown(text)} lies outside the manifest's folder", _OUTSIDE_HINT)
        return status

    def _shown(self, candidate: _Candidate) -> str:
        if candidate.spec.base == self._folder:
            is_normal = _NOT_NORMAL.search(candidate.relative) is None
            return printable(candidate.relative if is_normal else os.path.normpath(candidate.relative))
        return printable(os.path.relpath(candidate.path, self._folder))

    def _warn_if_growing(self, candidate: _Candidate, text: str, mtime_ns: int) -> None:
        if 0 <= self._now - mtime_ns < GROWING_SECONDS * 1_000_000_000:
            message = f"{shown(text)} was changed in the last {GROWING_SECONDS} seconds"
            hint = "Is a program still writing it? A file that changes while it is sent is refused."
            self.problem(candidate.spec.place, "file_growing", message, hint, Severity.WARNING)


def _joined(base: Path, relative: str) -> str:
    """The text of ``base / relative``, which has no slash at its end: the system would follow a link that is to be
    looked at."""
    path = relative if str(base) == "." else os.path.join(base, relative)  # noqa: PTH118
    return str(Path(path)) if _NOT_NORMAL.search(path) else path


def _real(candidate: _Candidate) -> str:
    """The path with all links resolved."""
    return real_path(Path(candidate.path)) if candidate.is_link else candidate.identity


def _stat_refusal(text: str, error: OSError) -> Refused:
    if error.errno == errno.ELOOP:
        return Refused("symlink_loop", f"{shown(text)} is a link that leads back to itself", "Name the file itself.")
    if error.errno == errno.ENOENT:
        return Refused("no_match", f"{shown(text)} is a link that leads nowhere", "Remove it, or restore its target.")
    return Refused("file_unreadable", f"{shown(text)} cannot be looked at: {error.strerror}")


def _check_name(name: str) -> None:
    """Names that the server takes (observed: table 'Files: PUT B/NAME'), less those that break elsewhere."""
    if not _ORDINARY.fullmatch(name) and (flaw := _flaw_of_name(name)):
        raise Refused("file_name", f"the name {shown(name)} {flaw}", "Give it another name: {path: ..., name: ...}.")


def _flaw_of_name(name: str) -> str | None:
    if not name.strip():
        return "is empty"
    if "/" in name:
        return "has a slash: a deposition has no folders"
    if name in (".", ".."):
        return "is not a file's"
    if len(name) > MAX_NAME:
        return f"has {len(name)} characters; at most {MAX_NAME} are taken"
    if not is_utf8(name):
        return "is not valid UTF-8"
    if _CONTROL.search(name):
        return "has a control character"
    return None


def _check_alike(files: list[LocalFile], search: _Search) -> None:
    taken: dict[str, LocalFile] = {}
    similar: dict[str, LocalFile] = {}
    for file in files:
        if (first := taken.setdefault(file.name, file)) is not file:
            message = f"{shown(file.shown)} and {shown(first.shown)} would both be named {shown(file.name)}"
            hint = f"Give one another name: {{path: ..., name: ...}}. {_ARCHIVE_HINT}"
            search.problem(file.place, "name_taken", message, hint)
            continue
        folded = file.name.lower() if file.name.isascii() else _folded(file.name)
        if (first := similar.setdefault(folded, file)) is not file:
            message = f"the names {shown(file.name)} and {shown(first.name)} differ only in case or in accents' form"
            hint = "On many computers one would overwrite the other when they are downloaded."
            search.problem(file.place, "name_similar", message, hint, Severity.WARNING)


def _folded(name: str) -> str:
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).casefold())


def _check_limits(files: list[LocalFile], limits: Limits, search: _Search) -> None:
    for file in files:
        if file.size > limits.file:
            message = f"{shown(file.shown)} has {_exact(file.size)}; the limit for a file is {show_size(limits.file)}"
            search.problem(file.place, "file_over_limit", message, f"Split it. {_QUOTA_HINT}")
    place = _files_place(files)
    if place is None:
        return
    if (total := sum(file.size for file in files)) > limits.dataset:
        message = f"the files have {_exact(total)}; the limit for a dataset is {show_size(limits.dataset)}"
        search.problem(place, "dataset_over_limit", message, f"Make several datasets of it. {_QUOTA_HINT}")
    if len(files) > limits.files:
        message = f"the dataset has {len(files):,} files; the limit is {limits.files:,}"
        search.problem(place, "too_many_files", message, _ARCHIVE_HINT)


def _exact(size: int) -> str:
    return f"{show_size(size)} ({size:,} bytes)" if size >= 1000 else show_size(size)


def _files_place(files: Iterable[LocalFile]) -> Place | None:
    """The place of ``files`` itself: that of an entry, without its index."""
    for file in files:
        path = file.place.path
        return Place(file.place.source, path[:-1] if path and isinstance(path[-1], int) else path)
    return None
