"""From the entries of ``files`` to the files on the disk, and what is wrong with them.

Nothing is read but ``stat``, and the text files that ``fill`` names.
"""

from __future__ import annotations

import errno
import os
import stat
import time
import unicodedata
from pathlib import Path
from typing import TYPE_CHECKING

from batchdep.manifest.candidates import ARCHIVE_HINT, OUTSIDE_HINT, Candidate, Candidates
from batchdep.manifest.dataset_problems import DatasetProblems, Refused
from batchdep.manifest.filling import find_fills
from batchdep.manifest.model import DatasetSpec, FileSpec, Limits, LocalFile, Manifest
from batchdep.manifest.ordinary import GROWING_NS, is_ordinary_name, ordinary_files, plain_file
from batchdep.manifest.patterns import is_inside, real_path
from batchdep.manifest.sizes import show_size
from batchdep.manifest.suggest import shown
from batchdep.problems import Place, Problem, Severity, is_utf8
from batchdep.regexes import regex

if TYPE_CHECKING:
    from batchdep.manifest.archive import ArchivePlan

MAX_NAME = 255
"""Longest file name that the server takes, in characters (observed: 256 answer "Filename is too long.")."""

_CONTROL = regex(r"[\x00-\x1f\x7f-\x9f]")
_EMPTY_HINT = "Leave it out, or put it into an archive with its folder: {path: folder/, archive: folder.zip}."
_QUOTA_HINT = "Raise the limit under `limits:` only if you were granted a larger quota."


def resolve_files(
    manifest: Manifest, dataset: DatasetSpec, *, allow_outside: bool = False
) -> tuple[list[LocalFile], list[Problem]]:
    """What a :class:`Resolver` finds of one dataset."""
    return Resolver(manifest, allow_outside=allow_outside).files_of(dataset)


class Resolver:
    """Finds the files of a manifest's datasets, one dataset after the other."""

    def __init__(self, manifest: Manifest, *, allow_outside: bool = False) -> None:
        self._limits = manifest.limits
        self._candidates = Candidates(manifest.folder, allow_outside=allow_outside)

    def files_of(self, dataset: DatasetSpec) -> tuple[list[LocalFile], list[Problem]]:
        """The files of a dataset in the order of its entries, each once, a pattern's matches in natural order.

        Files with an error of their own are not returned; files over a limit are. Problems stand at the entry of
        ``files`` that they come from.
        """
        search = _Search(self._candidates, dataset)
        if (files := ordinary_files(self._candidates, dataset)) is None:
            files = search.run()
        _check_alike(files, search)
        _check_limits(files, self._limits, search)
        return find_fills(dataset.fill, files, search) if dataset.fill else files, search.problems


class _Search(DatasetProblems):
    def __init__(self, candidates: Candidates, dataset: DatasetSpec) -> None:
        super().__init__(dataset.id)
        self._dataset = dataset
        self._candidates = candidates
        self._root = candidates.root
        self._now = time.time_ns()
        self._metadata_file = real_path(dataset.metadata_file) if dataset.metadata_file is not None else None

    def run(self) -> list[LocalFile]:
        found = [self._candidates_of(spec) for spec in self._dataset.files]
        # what an entry names outright is not deposited a second time because a pattern matches it too
        named = {item.identity for items in found for item in items[:1] if not item.is_from_pattern}
        files: list[LocalFile] = []
        seen: set[tuple[str, str]] = set()
        for candidates in found:
            for candidate in candidates:
                key = (candidate.identity, candidate.spec.name or "")
                if (candidate.identity in named and candidate.is_from_pattern) or key in seen:
                    continue
                seen.add(key)
                if (file := self._file(candidate)) is not None:
                    files.append(file)
        return files

    def _candidates_of(self, spec: FileSpec) -> list[Candidate]:
        try:
            return self._candidates.of(spec, self, self._metadata_file)
        except Refused as refused:
            self.problem(spec.place, refused.code, refused.message, refused.hint)
            return []

    def _file(self, candidate: Candidate) -> LocalFile | None:
        try:
            return self._archive(candidate) if candidate.spec.archive else self._plain(candidate)
        except Refused as refused:
            self.problem(candidate.spec.place, refused.code, refused.message, refused.hint)
            return None

    def _plain(self, candidate: Candidate) -> LocalFile:
        spec, path, text = candidate.spec, candidate.path, candidate.text
        status = self._status(candidate)
        if not stat.S_ISREG(status.st_mode):
            raise _not_a_file(candidate, status)
        if not os.access(path, os.R_OK):
            raise Refused(
                "file_unreadable", f"{shown(text)} cannot be read: permission denied", "chmod, or ask its owner."
            )
        if status.st_size == 0:
            raise Refused("empty_file", f"{shown(text)} is empty, and the repository takes no empty files", _EMPTY_HINT)
        name = spec.name if spec.name is not None else path[path.rfind("/") + 1 :]
        _check_name(name)
        self._warn_if_growing(candidate, status.st_mtime_ns)
        return plain_file(name, text, path, status, spec.place)

    def _archive(self, candidate: Candidate) -> LocalFile:
        text = candidate.text
        if not stat.S_ISDIR(self._status(candidate).st_mode):
            hint = "Name the folder, or drop `archive` to deposit the file itself."
            raise Refused("archive_of_file", f"{shown(text)} is a file; `archive` makes a zip of a folder", hint)
        name = candidate.spec.name or ""
        _check_name(name)
        if not name.lower().endswith(".zip"):
            raise Refused("file_name", f"the archive's name {shown(name)} does not end in .zip", f"Name it {name}.zip.")
        plan = self._plan(candidate)
        self._warn_if_growing(candidate, plan.mtime_ns)
        place = candidate.spec.place
        return LocalFile(name, text, candidate.path, plan.size, plan.fingerprint, plan.mtime_ns, place, archive=True)

    def _plan(self, candidate: Candidate) -> ArchivePlan:
        from batchdep.manifest.archive import plan_archive  # most batches have none

        text = candidate.text
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

    def _status(self, candidate: Candidate) -> os.stat_result:
        text = candidate.text
        if not is_utf8(candidate.relative):
            raise Refused("file_name", f"the path {shown(text)} is not valid UTF-8", "Rename the file or its folder.")
        try:
            known = None if candidate.is_link else candidate.status
            status = os.stat(candidate.path) if known is None else known  # noqa: PTH116
        except OSError as error:
            raise _stat_refusal(text, error) from None
        if self._root is not None and not is_inside(candidate.real, self._root):
            raise Refused("outside", f"{shown(text)} lies outside the manifest's folder", OUTSIDE_HINT)
        return status

    def _warn_if_growing(self, candidate: Candidate, mtime_ns: int) -> None:
        if 0 <= self._now - mtime_ns < GROWING_NS:
            message = f"{shown(candidate.text)} was changed in the last {GROWING_NS // 1_000_000_000} seconds"
            hint = "Is a program still writing it? A file that changes while it is sent is refused."
            self.problem(candidate.spec.place, "file_growing", message, hint, Severity.WARNING)


def _not_a_file(candidate: Candidate, status: os.stat_result) -> Refused:
    text, relative = candidate.text, candidate.relative
    if not stat.S_ISDIR(status.st_mode):
        return Refused("not_a_file", f"{shown(text)} is a device, a pipe or a socket, not a file")
    inside = f"{relative.rstrip('/')}/**"
    hint = f"Write {inside} for the files in it, or {{path: {relative}, archive: NAME.zip}} for one zip."
    return Refused("folder_without_archive", f"{shown(text)} is a folder", hint)


def _stat_refusal(text: str, error: OSError) -> Refused:
    if error.errno == errno.ELOOP:
        return Refused("symlink_loop", f"{shown(text)} is a link that leads back to itself", "Name the file itself.")
    if error.errno == errno.ENOENT:
        return Refused("no_match", f"{shown(text)} is a link that leads nowhere", "Remove it, or restore its target.")
    return Refused("file_unreadable", f"{shown(text)} cannot be looked at: {error.strerror}")


def _check_name(name: str) -> None:
    """Names that the server takes (observed: table 'Files: PUT B/NAME'), less those that break elsewhere."""
    if not is_ordinary_name(name) and (flaw := _flaw_of_name(name)):
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
    if len({_folded(file.name) for file in files}) == len(files):
        return
    taken: dict[str, LocalFile] = {}
    similar: dict[str, LocalFile] = {}
    for file in files:
        if (first := taken.setdefault(file.name, file)) is not file:
            message = f"{shown(file.shown)} and {shown(first.shown)} would both be named {shown(file.name)}"
            hint = f"Give one another name: {{path: ..., name: ...}}. {ARCHIVE_HINT}"
            search.problem(file.place, "name_taken", message, hint)
        elif (first := similar.setdefault(_folded(file.name), file)) is not file:
            message = f"the names {shown(file.name)} and {shown(first.name)} differ only in case or in accents' form"
            hint = "On many computers one would overwrite the other when they are downloaded."
            search.problem(file.place, "name_similar", message, hint, Severity.WARNING)


def _folded(name: str) -> str:
    if name.isascii():
        return name.lower()
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).casefold())


def _check_limits(files: list[LocalFile], limits: Limits, search: _Search) -> None:
    total = 0
    for file in files:
        total += file.size
        if file.size > limits.file:
            message = f"{shown(file.shown)} has {_exact(file.size)}; the limit for a file is {show_size(limits.file)}"
            search.problem(file.place, "file_over_limit", message, f"Split it. {_QUOTA_HINT}")
    if total > limits.dataset:
        message = f"the files have {_exact(total)}; the limit for a dataset is {show_size(limits.dataset)}"
        hint = f"Make several datasets of it. {_QUOTA_HINT}"
        search.problem(_files_place(files[0]), "dataset_over_limit", message, hint)
    if len(files) > limits.files:
        message = f"the dataset has {len(files):,} files; the limit is {limits.files:,}"
        search.problem(_files_place(files[0]), "too_many_files", message, ARCHIVE_HINT)


def _exact(size: int) -> str:
    return f"{show_size(size)} ({size:,} bytes)" if size >= 1000 else show_size(size)


def _files_place(file: LocalFile) -> Place:
    """The place of ``files`` itself: that of an entry, without its index."""
    path = file.place.path
    return Place(file.place.source, path[:-1] if path and isinstance(path[-1], int) else path)
