"""Metadata as written, before anyone judges what it says.

Every value of Zenodo's deposit metadata is a text, save coordinates; people write `version: 2` and
`publication_date: 2018` all the same. Numbers therefore become the text that was written. References to the DOIs of
other datasets stay as they are written (:mod:`batchdep.metadata.references`).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from batchdep.manifest.model import Metadata
from batchdep.manifest.value import Value
from batchdep.metadata.references import mapping_reference
from batchdep.problems import Place

Origins = Mapping[str, Place]

_COORDINATES = ("lat", "lon")
_DECIMAL = re.compile(r"[-+]?[0-9]{1,3}(?:\.[0-9]{0,30})?")


def read_own_metadata(mapping: Value) -> tuple[Metadata, Origins]:
    """The metadata in a mapping, with the place of each top-level key."""
    metadata = {key: _as_text(content, key) for key, content in mapping.content.items()}
    return metadata, {key: mapping.place.at(key) for key in metadata}


def merged(shared: tuple[Metadata, Origins], own: tuple[Metadata, Origins]) -> tuple[Metadata, Origins]:
    """Key by key: a dataset's own key replaces the default's."""
    return {**shared[0], **own[0]}, {**shared[1], **own[1]}


def _as_text(content: Any, name: str) -> Any:
    match content:
        case str() | bool() | None:
            return content
        case int() | float():
            return str(content)
        case list():
            return [_as_text(item, name) for item in content]
    if name == "identifier" and (told := mapping_reference(content)) is not None:
        return {"doi": told.strip()}
    return {key: coordinate(item) if key in _COORDINATES else _as_text(item, str(key)) for key, item in content.items()}


def coordinate(content: Any) -> Any:
    """A number in any decimal writing, such as ``51.70``; whatever else it is stays as it is."""
    if isinstance(content, str) and _DECIMAL.fullmatch(content):
        return float(content)
    return content
