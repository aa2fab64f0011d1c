"""Where files with metadata are looked for."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from batchdep.manifest.model import FileSpec

OUTSIDE_HINT = "Move it there, or use --allow-outside if you trust this manifest."


class Surroundings(NamedTuple):
    """Where a metadata file is looked for: relative paths start at ``base``, and must not lead out of ``inside``
    unless ``allow_outside``; ``files`` are the dataset's, for ``auto``."""

    base: Path
    inside: Path
    allow_outside: bool
    files: tuple[FileSpec, ...] = ()
