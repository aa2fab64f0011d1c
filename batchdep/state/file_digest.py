"""Digests by which a rerun tells at one look that a dataset's files are all there, as they are wanted now.

The row of a dataset may hold :func:`whole_digest` of its files' rows, and the size of the files with it. Whatever
changes one of these changes or clears both in the same transaction, so they never say more than the rows do; where they
are missing, the rows themselves are compared and added up.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from batchdep.state.records import FileRecord

UNKNOWN: Final[Mapping[str, Any]] = {"files_digest": None, "files_size": None}
"""The columns of a dataset of which the rows of its files must be looked at."""

_BYTES = 16
_as_json = json.JSONEncoder(separators=(",", ":")).encode  # json.dumps would make one for each dataset


def files_digest(files: Iterable[Sequence[Any]]) -> str:
    """The digest, in hexadecimal, of files given as name, path, size in bytes, and fingerprint; in whatever order."""
    return hashlib.blake2b(_as_json(sorted(files)).encode(), digest_size=_BYTES).hexdigest()


def whole_digest(files: Collection[FileRecord]) -> str | None:
    """The digest of files that the manifest names and the repository has, all of them; None where one is not so."""
    if all(file.uploaded and file.in_manifest for file in files):
        return files_digest((file.name, file.path, file.size, file.fingerprint) for file in files)
    return None


def of_files(files: Collection[FileRecord]) -> Mapping[str, Any]:
    """The columns of a dataset with these files."""
    digest = whole_digest(files)
    return UNKNOWN if digest is None else {"files_digest": digest, "files_size": sum(file.size for file in files)}
