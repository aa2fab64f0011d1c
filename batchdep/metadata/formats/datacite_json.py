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


def recognises(content: Any) -> bool:
    """One record: titles that are objects with a ``title``, creators, and one more key that only DataCite has."""
    return _record(content) is not None


def read(content: Any) -> Reading:
    """Every property of the schema."""
    found = _record(content)
    if found is None:
        return Reading()
    record, start = found
    return read_kernel(record, lambda path: (*start, *path))


def _record(content: Any) -> tuple[dict[str, Any], ValuePath] | None:
    """The record and where it begins."""
    if isinstance(content, list):
        return _inside(content[0], (0,)) if len(content) == 1 else None
    if not isinstance(content, dict):
        return None
    if _is_record(content):
        return content, ()
    inner = content.get("data")
    return _record_of_data(inner)


def _record_of_data(data: Any) -> tuple[dict[str, Any], ValuePath] | None:
    if isinstance(data, list) and len(data) == 1:
        return _inside(data[0], ("data", 0))
    return _inside(data, ("data",)) if isinstance(data, dict) else None


def _inside(value: Any, path: ValuePath) -> tuple[dict[str, Any], ValuePath] | None:
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
