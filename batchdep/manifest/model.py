"""The batch as the manifest describes it, before any file is looked at.

Reading (``manifest.load``) yields a :class:`Manifest`; looking at the disk (``manifest.files``) turns each
:class:`FileSpec` into :class:`LocalFile` entries.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from msgspec import Struct, field

from batchdep.manifest.deposited import NOTHING, Deposited
from batchdep.problems import Place

Metadata = dict[str, Any]
"""Metadata of a deposition under the keys of Zenodo's deposit API."""


class Limits(Struct, frozen=True):
    """What one dataset may hold; sizes in bytes, decimal units.

    The defaults are those of the FAIR Cookbook's recipe and of Zenodo's documentation.
    """

    file: int = 5_000_000_000
    dataset: int = 50_000_000_000
    files: int = 100


class FileSpec(Struct, frozen=True):
    """An entry of ``files``: a path or glob, a renamed file, or a folder that becomes one zip.

    ``path`` is as written, relative to ``base``. ``name`` is the name in the deposition, given with ``name`` or
    ``archive``.
    """

    path: str
    base: Path
    place: Place
    name: str | None = None
    archive: bool = False


class FillSpec(Struct, frozen=True):
    """An entry of ``fill``: the name, path or pattern of text files of the dataset; relative to ``base``."""

    pattern: str
    base: Path
    place: Place


class DatasetSpec(Struct, frozen=True):
    """One dataset: defaults, metadata file and own keys already merged into ``metadata``.

    ``origins`` tells for each top-level metadata key where its value stands; ``place`` is the dataset's own entry.
    ``metadata_file`` is the ``.zenodo.json`` that metadata came from, if one did: no wildcard of ``files`` matches it.
    ``deposited`` is what an earlier write-back left in the manifest; nothing depends on it.
    """

    id: str
    metadata: Metadata
    files: tuple[FileSpec, ...]
    place: Place
    origins: Mapping[str, Place] = field(default_factory=dict)
    metadata_file: Path | None = None
    fill: tuple[FillSpec, ...] = ()
    deposited: Deposited = NOTHING

    @property
    def title(self) -> str:
        title = self.metadata.get("title")
        return title if isinstance(title, str) else ""

    def metadata_place(self, *path: str | int) -> Place:
        """Where the metadata value at ``path`` stands; the dataset's entry where the key is missing."""
        if path and (origin := self.origins.get(str(path[0]))) is not None:
            return origin.at(*path[1:])
        return self.place.at("metadata")


class Manifest(Struct, frozen=True):
    """A batch. Relative paths start from ``folder``; ``batch_is_named`` tells a given name from the file's stem.

    ``digest`` is the SHA-256 of the file's bytes as they were read, in hexadecimal. ``datasets`` of a large batch are
    made as they are asked for: go through them once, one after the other, and do not keep them all.
    """

    path: Path
    batch: str
    batch_is_named: bool
    target: str
    publish: bool
    limits: Limits
    datasets: Sequence[DatasetSpec]
    place: Place
    digest: str = ""

    @property
    def folder(self) -> Path:
        return self.path.parent

    @property
    def ids(self) -> Sequence[str]:
        """The ids of all datasets, for which none is made."""
        known: Sequence[str] | None = getattr(self.datasets, "ids", None)
        return [dataset.id for dataset in self.datasets] if known is None else known


class FillToken(Struct, frozen=True):
    """The id in ``{{doi:ID}}`` in a text file, how often it stands there, and the line of the first, from 1."""

    id: str
    count: int
    line: int


class Fill(Struct, frozen=True):
    """What is filled into a text file before it is sent, in a copy.

    ``length`` is the number of bytes that all tokens take; ``size`` and ``fingerprint`` are those of the file itself.
    ``dois`` are pairs of id and DOI, none until all are known.
    """

    tokens: tuple[FillToken, ...]
    length: int
    size: int
    fingerprint: str
    dois: tuple[tuple[str, str], ...] = ()


def file_fingerprint(status: os.stat_result) -> str:
    """What changes when a file does: ``size:mtime in ns:inode``."""
    return f"{status.st_size}:{status.st_mtime_ns}:{status.st_ino}"


class LocalFile(NamedTuple):
    """A file to deposit, as the disk shows it now; a tuple, which is made in a fourth of a frozen dataclass's time.

    ``name`` is its name in the deposition, ``where`` its path, a text since a batch may have a million of them, and
    ``shown`` its path for people (relative to the manifest's folder),
    ``size`` its length in bytes (of an archive: of the zip that will be made). ``fingerprint`` changes whenever size,
    mtime or inode of the file (of an archive: of any member) do; equal fingerprints mean that nothing need be read.
    ``fill`` is there for a text file into which DOIs are filled: once these are known, ``size`` and ``fingerprint`` are
    those of the filled copy.
    """

    name: str
    shown: str
    where: str
    size: int
    fingerprint: str
    mtime_ns: int
    place: Place
    archive: bool = False
    fill: Fill | None = None

    @property
    def path(self) -> Path:
        return Path(self.where)
