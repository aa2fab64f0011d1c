"""``.zenodo.json`` as Zenodo's GitHub integration reads it: the metadata alone, or under ``metadata``."""

from __future__ import annotations

from typing import Any

from batchdep.metadata.formats.base import Reading


def recognises(content: Any) -> bool:
    """Any object: this format has no mark of its own."""
    return isinstance(content, dict)


def read(content: dict[str, Any]) -> Reading:
    """Key by key, as it is written."""
    inner = content.get("metadata")
    if isinstance(inner, dict) and len(content) == 1:
        return Reading(dict(inner), {(): ("metadata",)})
    return Reading(dict(content), {(): ()})
