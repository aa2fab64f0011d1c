"""Entries of datasets with which nothing can be wrong, read in a third of the time.

Most entries have an id, metadata that are texts and lists of texts, and the paths of files. This module recognises that
and nothing else: it words no problem and decides nothing. Of whatever is out of the ordinary it gives None, and
:mod:`batchdep.manifest.datasets` reads it.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from batchdep.manifest.metadata import COORDINATES, Origins, PlacesBelow, merged
from batchdep.manifest.model import DatasetSpec, FileSpec, Metadata
from batchdep.manifest.value import flaw_of_name
from batchdep.metadata.html import FROM
from batchdep.problems import Place

_KEYS: Final = frozenset({"id", "metadata", "files"})


def ordinary_dataset(
    content: Any, place: Place, folder: Path, shared: tuple[Metadata, Origins], known: Mapping[str, int]
) -> DatasetSpec | None:
    """The dataset of an entry that stands at ``place`` in a manifest in ``folder``; ``known``: ids that are taken."""
    if not isinstance(content, dict) or content.keys() != _KEYS:
        return None
    key, metadata, paths = content["id"], content["metadata"], content["files"]
    if not isinstance(key, str) or key in known or flaw_of_name(key):
        return None
    if not isinstance(metadata, dict) or FROM in metadata or not all(map(_is_plain, metadata.values())):
        return None
    files = _files(paths, place.at("files"), folder)
    if not files:
        return None
    own = dict(metadata)
    described, origins = merged(shared, (own, PlacesBelow(place.at("metadata"), own)))
    return DatasetSpec(key, described, files, place, origins)


def _is_plain(value: Any) -> bool:
    """Whether a value of metadata is taken as it is written."""
    if isinstance(value, str):
        return True
    # most are texts: looking before calling spares most calls
    return isinstance(value, list) and all(isinstance(item, str) or _is_plain_item(item) for item in value)


def _is_plain_item(item: Any) -> bool:
    if not isinstance(item, dict) or not item.keys().isdisjoint(COORDINATES):
        return False
    return all(isinstance(value, str) for value in item.values())


def _files(paths: Any, place: Place, folder: Path) -> tuple[FileSpec, ...]:
    """None at all where not all are plain."""
    if isinstance(paths, str):
        return (FileSpec(paths, folder, place),) if paths.strip() else ()
    if not isinstance(paths, list) or not all(isinstance(path, str) and path.strip() for path in paths):
        return ()
    return tuple(FileSpec(path, folder, place.at(index)) for index, path in enumerate(paths))
