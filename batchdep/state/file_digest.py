"""Digests by which a rerun tells at one look that a dataset's files are all there, as they are wanted now.

The row of a dataset may hold :func:`whole_digest` of its files' rows. Whatever changes one of these changes or clears
it in the same transaction, so it never says more than they do; where it is missing, the rows themselves are compared.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Iterable, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from batchdep.state.records import FileRecord

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
