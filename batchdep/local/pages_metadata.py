"""All the metadata of a deposition as a page shows them: nothing that was sent may be hard to find."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape
from typing import Any, Final

from batchdep.local.cleaning import clean_html
from batchdep.local.model import Json

_ELSEWHERE: Final = {"title", "description", "doi", "prereserve_doi"}
_HTML: Final = {"notes", "method"}
_TYPES: Final = {"publication_type", "image_type", "software_type"}
_FIRST: Final = (
    "creators", "upload_type", "publication_date", "version", "license", "access_right", "embargo_date",
    "access_conditions", "keywords",
)  # fmt: skip
_NAMES: Final = {
    "upload_type": "Type",
    "publication_date": "Date",
    "license": "Licence",
    "access_right": "Access",
    "custom": "Custom fields",
}


def facts(metadata: Json) -> list[tuple[str, str]]:
    """Names and values as HTML: what readers look for first, then the rest in the order in which it is kept."""
    rest = [key for key in metadata if key not in _FIRST and key not in _ELSEWHERE | _TYPES]
    return [(_name(key), _value(key, metadata)) for key in (*_FIRST, *rest) if metadata.get(key)]


def _name(key: str) -> str:
    return escape(_NAMES.get(key) or key.replace("_", " ").capitalize())


def _value(key: str, metadata: Json) -> str:
    value = metadata[key]
    if key == "upload_type":
        return escape(" / ".join(str(part) for part in (value, metadata.get(f"{value}_type")) if part))
    if key == "keywords" and isinstance(value, list):
        return escape("; ".join(map(str, value)))
    return clean_html(str(value)) if key in _HTML else _any(value)


def _any(value: Any) -> str:
    if isinstance(value, list):
        return "<br>".join(map(_any, value))
    if isinstance(value, dict):
        return _entry(value.items())
    return escape(str(value))


def _entry(items: Iterable[tuple[str, Any]]) -> str:
    """One person, relation or date: the first part is its name, the others stand dimmed beside it."""
    parts = [_any(value) for _, value in items if value not in (None, "", [])]
    if len(parts) < 2:
        return "".join(parts)
    return f'{parts[0]} <span class="dim">{", ".join(parts[1:])}</span>'
