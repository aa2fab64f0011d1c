"""A place as the deposit API has it: a name, a point, a description."""

from __future__ import annotations

from typing import Any

from batchdep.metadata.formats.base import Reading, shortened

_POINTS_ALONE = "the deposit API has points alone"


def put_place(
    reading: Reading,
    name: str,
    *source: str | int,
    point: tuple[Any, Any] | None = None,
    area: str = "",
    about: str = "",
) -> bool:
    """Enters a place; whether there was anything to enter.

    A place needs a name: where there is none, its coordinates are its name. ``point`` is latitude and longitude;
    an ``area`` stands in the description, in words.
    """
    shown = name or (f"{point[0]}, {point[1]}" if point else area)
    if not shown:
        return False
    place: dict[str, Any] = {"place": shown}
    if point:
        place |= {"lat": _degrees(point[0]), "lon": _degrees(point[1])}
    if description := "; ".join(each for each in (about, area if area != shown else "") if each):
        place["description"] = description
    reading.add("locations", place, *source)
    if area:
        reading.note(f"the area {shortened(area)} is taken over in words: {_POINTS_ALONE}", *source)
    return True


def _degrees(written: Any) -> float | str:
    """A number where it is one; otherwise as written, for ``check`` to refuse."""
    try:
        return float(written)
    except (TypeError, ValueError, OverflowError):
        return str(written)
