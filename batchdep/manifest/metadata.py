"""Metadata as written, before anyone judges what it says.

Every value of Zenodo's deposit metadata is a text, save coordinates; people write `version: 2` and
`publication_date: 2018` all the same. Numbers therefore become the text that was written.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from batchdep.manifest.model import Metadata
from batchdep.manifest.value import Value
from batchdep.problems import Place, ValuePath

Origins = Mapping[str, Place]

_COORDINATES = ("lat", "lon")
_DOI_REFERENCE = re.compile(r"\{\s*doi\s*:[^{}]*\}")
_DECIMAL = re.compile(r"[-+]?[0-9]{1,3}(?:\.[0-9]{0,30})?")
_NOT_YET = "Write the DOI itself, or leave it out and add it after the other dataset is published."


def read_own_metadata(mapping: Value) -> tuple[Metadata, Origins]:
    """The metadata in a mapping, with the place of each top-level key."""
    metadata = {key: _as_text(content, (key,), mapping) for key, content in mapping.content.items()}
    return metadata, {key: mapping.place.at(key) for key in metadata}


def merged(shared: tuple[Metadata, Origins], own: tuple[Metadata, Origins]) -> tuple[Metadata, Origins]:
    """Key by key: a dataset's own key replaces the default's."""
    return {**shared[0], **own[0]}, {**shared[1], **own[1]}


def _as_text(content: Any, path: ValuePath, mapping: Value) -> Any:
    match content:
        case str():
            if "{" in content and _DOI_REFERENCE.search(content):
                _refuse_reference(mapping.inner(*path))
            return content
        case bool() | None:
            return content
        case int() | float():
            return str(content)
        case list():
            return [_as_text(item, (*path, index), mapping) for index, item in enumerate(content)]
    if path[-1] == "identifier" and _is_reference(content):
        _refuse_reference(mapping.inner(*path))
        return ""
    return {
        key: coordinate(item) if key in _COORDINATES else _as_text(item, (*path, key), mapping)
        for key, item in content.items()
    }


def coordinate(content: Any) -> Any:
    """A number in any decimal writing, such as ``51.70``; whatever else it is stays as it is."""
    if isinstance(content, str) and _DECIMAL.fullmatch(content):
        return float(content)
    return content


def _is_reference(content: dict[str, Any]) -> bool:
    """Both ``{doi: other}`` and, YAML's reading of a missing blank, ``{doi:other}``."""
    keys = list(content)
    return len(keys) == 1 and (keys[0] == "doi" or (keys[0].startswith("doi:") and content[keys[0]] is None))


def _refuse_reference(value: Value) -> None:
    value.problem("doi_reference", "the DOI of another dataset of the batch cannot be referred to yet", _NOT_YET)
