"""Rules of keywords, references, subjects and locations."""

from __future__ import annotations

import math
import re
from typing import Any

from batchdep.metadata.rules_base import Spot, is_empty, is_text, items, objects, optional_text, quote, required
from batchdep.regexes import regex

_SEPARATORS = regex(r"\s*[;,\n]\s*")
_SUBJECT_EXAMPLE = "[{term: Rosa, identifier: https://..., scheme: url}]"
_LOCATION_EXAMPLE = "[{place: Geneva, lat: 46.2, lon: 6.1}]"
_BOUNDS = {"lat": 90, "lon": 180}


def keywords(value: Any, spot: Spot) -> None:
    """A bare string would be taken letter by letter; an empty keyword makes publishing fail."""
    if isinstance(value, str) and value.strip():
        parts = [part for part in _SEPARATORS.split(value.strip()) if part]
        hint = f"Write [{', '.join(quote(part) for part in parts)}]"
        spot.error("wrong_kind", "keywords must be a list; a text is taken letter by letter", hint)
        return
    seen: set[str] = set()
    for item, at in items(value, spot, "keywords: [one, two]"):
        if not is_text(item, at):
            continue
        if len(parts := [part for part in re.split(r"[;\n]", item) if part.strip()]) > 1:
            hint = f"Write {', '.join(quote(part.strip()) for part in parts)}"
            at.warning("several_in_one", f"{at.name} {quote(item)} holds several keywords", hint)
        if (key := item.strip().casefold()) in seen:
            at.warning("doubled", f"{at.name} {quote(item)} is listed twice", "Remove one of them.")
        seen.add(key)


def references(value: Any, spot: Spot) -> None:
    """A bare string would be taken letter by letter; objects are dropped."""
    if isinstance(value, str) and value.strip():
        hint = f"Write [{quote(value)}]"
        spot.error("wrong_kind", "references must be a list; a text is taken letter by letter", hint)
        return
    for item, at in items(value, spot, "references: [first reference, second reference]"):
        is_text(item, at)


def subjects(value: Any, spot: Spot) -> None:
    for item, at in objects(value, spot, _SUBJECT_EXAMPLE, ("term", "identifier", "scheme")):
        term = required(item, at, "term", f"Write {_SUBJECT_EXAMPLE}")
        if term is not None:
            is_text(term, at.at("term"))
        optional_text(item, at, "identifier", "scheme")


def locations(value: Any, spot: Spot) -> None:
    for item, at in objects(value, spot, _LOCATION_EXAMPLE, ("place", "lat", "lon", "description")):
        place = required(item, at, "place", f"Write {_LOCATION_EXAMPLE}")
        if place is not None:
            is_text(place, at.at("place"))
        optional_text(item, at, "description")
        _point(item, at)


def _point(item: dict[str, Any], spot: Spot) -> None:
    given = [axis for axis in _BOUNDS if not is_empty(item.get(axis))]
    if len(given) == 1:
        message = f"{spot.name} has '{given[0]}' alone: the repository drops the point"
        spot.warning("dropped", message, "Give lat and lon.")
    for axis in given:
        at, number = spot.at(axis), _number(item[axis])
        if number is None:
            at.error(
                "wrong_kind", f"{at.name} {quote(item[axis])} is no number.", "Write decimal degrees, such as 46.2"
            )
        elif abs(number) > _BOUNDS[axis]:
            bound = _BOUNDS[axis]
            at.error("out_of_range", f"{at.name} {number:g} is not between -{bound} and {bound}", "Correct it.")
        elif number == 0 and len(given) == len(_BOUNDS):
            message = f"{at.name} is 0: the repository drops a point on the equator or the prime meridian"
            at.warning("dropped", message, "Write 0.000001, or put the coordinates into the description of the place.")


def _number(value: Any) -> float | None:
    """Degrees as a number or as text, which the server reads alike."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        number = float(value)
    except (ValueError, OverflowError):
        return None
    return number if math.isfinite(number) else None
