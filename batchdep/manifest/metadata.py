"""Metadata as written, before anyone judges what it says.

Every value of Zenodo's deposit metadata is a text, save coordinates; people write `version: 2` and
`publication_date: 2018` all the same. Numbers therefore become the text that was written. References to the DOIs of
other datasets stay as they are written (:mod:`batchdep.metadata.references`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from batchdep.manifest.model import Metadata
from batchdep.manifest.value import Value
from batchdep.metadata.references import mapping_reference
from batchdep.problems import Place
from batchdep.regexes import regex

Origins = Mapping[str, Place]
"""The place of each top-level key of metadata."""

COORDINATES = ("lat", "lon")
_DECIMAL = regex(r"[-+]?[0-9]{1,3}(?:\.[0-9]{0,30})?")


class PlacesBelow(Origins):
    """The places of the keys of one mapping, each made when it is asked for: hardly any ever is."""

    __slots__ = ("_keys", "_place")

    def __init__(self, place: Place, keys: Metadata) -> None:
        self._place = place
        self._keys = keys

    def __getitem__(self, key: str) -> Place:
        if key not in self._keys:
            raise KeyError(key)
        return self._place.at(key)

    def __iter__(self) -> Iterator[str]:
        return iter(self._keys)

    def __len__(self) -> int:
        return len(self._keys)


def read_own_metadata(mapping: Value) -> tuple[Metadata, Origins]:
    """The metadata in a mapping, with the place of each top-level key."""
    metadata = {key: item if isinstance(item, str) else _as_text(item, key) for key, item in mapping.content.items()}
    return metadata, PlacesBelow(mapping.place, metadata)


def merged(shared: tuple[Metadata, Origins], own: tuple[Metadata, Origins]) -> tuple[Metadata, Origins]:
    """Key by key: a dataset's own key replaces the default's."""
    if not shared[1]:
        return own
    return {**shared[0], **own[0]}, {**shared[1], **own[1]}


def _as_text(content: Any, name: str) -> Any:
    # most are texts: looking before calling spares nine calls of ten
    if isinstance(content, list):
        return [item if isinstance(item, str) else _as_text(item, name) for item in content]
    if content is None or isinstance(content, str | bool):
        return content
    if isinstance(content, int | float):
        return str(content)
    if name == "identifier" and (told := mapping_reference(content)) is not None:
        return {"doi": told.strip()}
    entries = {}
    for key, item in content.items():
        if key in COORDINATES:
            entries[key] = coordinate(item)
        else:
            entries[key] = item if isinstance(item, str) else _as_text(item, str(key))
    return entries


def coordinate(content: Any) -> Any:
    """A number in any decimal writing, such as ``51.70``; whatever else it is stays as it is."""
    if isinstance(content, str) and _DECIMAL.fullmatch(content):
        return float(content)
    return content
