"""The files of a dataset with which nothing can be wrong, found in a fraction of the time.

Most entries of ``files`` are a pattern in one folder, or name one file, and most files are plain ones with plain names.
This module recognises that and nothing else: it words no problem and decides nothing. Wherever something is out of the
ordinary it gives None, and :mod:`batchdep.manifest.files` looks at the whole dataset.
"""

from __future__ import annotations

import os
import stat
import time

from batchdep.manifest.candidates import Candidates, Folder
from batchdep.manifest.globbing import matching_names
from batchdep.manifest.model import DatasetSpec, FileSpec, LocalFile, file_fingerprint
from batchdep.manifest.patterns import is_inside, is_pattern, naturally_sorted
from batchdep.problems import Place
from batchdep.regexes import regex

GROWING_NS = 5_000_000_000
"""A file that was changed less than this many nanoseconds ago may be written still."""

_NAME = r"[A-Za-z0-9_][A-Za-z0-9_ .,()+=-]{0,99}"
_ORDINARY_NAME = regex(_NAME)
_ORDINARY_NAMES = regex(rf"{_NAME}(?:/{_NAME})*")
_ORDINARY_ENTRY = regex(r"((?:[^/*?\[\0]+/)*)([^/\[\0]+)")
"""A path below the entry's base, with wildcards in its last segment only.

Such a segment, as it has no ``[``, matches its own text: a file of that very name, which an entry means before all that
it matches, is among the matches then, and no ordinary name. ``**`` matches what ``*`` does where there are no folders.
"""


def is_ordinary_name(name: str) -> bool:
    """Whether a name in the deposition is one with which nothing can be wrong."""
    return _ORDINARY_NAME.fullmatch(name) is not None


def plain_file(name: str, text: str, path: str, status: os.stat_result, place: Place) -> LocalFile:
    """A file that is deposited as it is, of that status."""
    return LocalFile(name, text, path, status.st_size, file_fingerprint(status), status.st_mtime_ns, place)


def ordinary_files(candidates: Candidates, dataset: DatasetSpec) -> list[LocalFile] | None:
    """The files of a dataset in the order of its entries, a pattern's matches in natural order.

    None where an entry, or something that is on the disk, is not ordinary: something may be wrong then.
    """
    now_ns = time.time_ns()
    files: list[LocalFile] = []
    for spec in dataset.files:
        if (found := _files_of_entry(candidates, spec, dataset, now_ns)) is None:
            return None
        files += found
    # what two entries stand for, and what they would both be named, is told apart elsewhere
    if len(dataset.files) > 1 and len({file.name for file in files}) < len(files):
        return None
    return files


def _files_of_entry(
    candidates: Candidates, spec: FileSpec, dataset: DatasetSpec, now_ns: int
) -> list[LocalFile] | None:
    entry = _ORDINARY_ENTRY.fullmatch(spec.path)
    if entry is None or spec.archive or spec.name is not None:
        return None
    relative, last = entry.groups()
    folder = candidates.folder_of(spec, relative)
    if not folder.shown.isprintable() or not (candidates.root is None or is_inside(folder.real, candidates.root)):
        return None
    if not is_pattern(last):
        return _files_named([last], folder, spec, now_ns) if is_ordinary_name(last) else None
    # a wildcard does not match the file that metadata came from
    if dataset.metadata_file is not None:
        return None
    try:
        names = matching_names(last, os.listdir(folder.path or "."))  # noqa: PTH208 - names alone
    except OSError:
        return None
    if not _ORDINARY_NAMES.fullmatch("/".join(names)):
        return None
    return _files_named(naturally_sorted(names), folder, spec, now_ns)


def _files_named(names: list[str], folder: Folder, spec: FileSpec, now_ns: int) -> list[LocalFile] | None:
    """The files of these names in a folder, None unless each is a plain file that can be deposited as it is."""
    calm_ns = now_ns - GROWING_NS  # files from the future are left to the others as well: they are rare
    files = []
    for name in names:
        path = folder.path + name
        try:
            status = os.lstat(path)
        except OSError:
            return None
        if (
            not stat.S_ISREG(status.st_mode)
            or status.st_size == 0
            or status.st_mtime_ns > calm_ns
            or not os.access(path, os.R_OK)
        ):
            return None
        files.append(plain_file(name, folder.shown + name, path, status, spec.place))
    return files
