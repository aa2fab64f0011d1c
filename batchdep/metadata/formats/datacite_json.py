"""DataCite's metadata as JSON: schema 4.0 to 4.6, alone or in an answer of DataCite's REST API.

Taken are one record as the JSON Schema has it, ``{"data": {"attributes": {...}}}``, and a list of exactly one of them,
as batchdep's own report of one dataset is. Of several records nobody can tell which one is meant.
"""

from __future__ import annotations

from typing import Any

from batchdep.metadata.formats.base import Reading
from batchdep.metadata.formats.datacite import read_kernel
from batchdep.problems import ValuePath

_MARKS = ("types", "publicationYear", "schemaVersion", "resourceType", "identifiers", "identifier", "doi")

_Record = tuple[dict[str, Any], ValuePath]
"""A record and where it begins."""


def recognises(content: Any) -> bool:
    """One record: titles that are objects with a ``title``, creators, and one more key that only DataCite has."""
    return len(_entries(content)) == records(content) == 1


def records(content: Any) -> int:
    """How many records there are."""
    return len(_records(content))


def read(content: Any) -> Reading:
    """Every property of the schema."""
    if not recognises(content):
        return Reading()
    record, start = _records(content)[0]
    return read_kernel(record, lambda path: (*start, *path))


def _records(content: Any) -> list[_Record]:
    return [found for entry, path in _entries(content) if (found := _inside(entry, path)) is not None]


def _entries(content: Any) -> list[tuple[Any, ValuePath]]:
    """What may be a record, with its path: the content, its items, or what is under ``data``."""
    start: ValuePath = ()
    if isinstance(content, dict) and "data" in content and not _is_record(content):
        content, start = content["data"], ("data",)
    if isinstance(content, list):
        return [(each, (*start, index)) for index, each in enumerate(content)]
    return [(content, start)]


def _inside(value: Any, path: ValuePath) -> _Record | None:
    """A record, or an object of the REST API that has it under ``attributes``."""
    if not isinstance(value, dict):
        return None
    if _is_record(value):
        return value, path
    attributes = value.get("attributes")
    return (attributes, (*path, "attributes")) if isinstance(attributes, dict) and _is_record(attributes) else None


def _is_record(value: dict[str, Any]) -> bool:
    titles = value.get("titles")
    if "@context" in value or not isinstance(titles, list):
        return False
    has_title = any(isinstance(each, dict) and "title" in each for each in titles)
    return has_title and "creators" in value and any(mark in value for mark in _MARKS)
