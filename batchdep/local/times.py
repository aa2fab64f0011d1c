"""Dates and places (observed: Fields)."""

from __future__ import annotations

import math
import re
from datetime import date
from typing import Any

from batchdep.local.errors import server_fault
from batchdep.local.model import Json
from batchdep.local.reading import Reading, must_be_list, must_be_text
from batchdep.local.vocab import DATE_TYPES

_PARTIAL = re.compile(r"(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?")


def first_day(text: str) -> date | None:
    """The first day of a year, month or day; None for what is none of them."""
    match = _PARTIAL.fullmatch(text)
    if match is None:
        return None
    year, month, day = match.groups(default="01")
    try:
        return date(int(year), int(month), int(day))
    except ValueError:
        return None


def is_edtf(text: str) -> bool:
    """Whether a date is one of EDTF level 0: a year, month, day, or two of them with a slash between."""
    days = [first_day(part) for part in text.split("/")]
    if None in days or len(days) > len(("start", "end")):
        return False
    return days == sorted(day for day in days if day is not None)


def publication_date(reading: Reading, key: str, value: Any) -> None:
    """A date; one that is none is dropped."""
    text = (must_be_text(reading, key, value) or "").strip()
    reading.keep(key, text if is_edtf(text) else None)


def dates(reading: Reading, key: str, value: Any) -> None:
    """Periods of a type. A single day is stored and does not come back."""
    found = []
    for index, item in enumerate(must_be_list(reading, key, value)):
        if not isinstance(item, dict) or not isinstance(item.get("type"), str):
            raise server_fault()
        kind = item["type"].lower()
        if kind not in DATE_TYPES:
            reading.unknown(item["type"])
        found.append(_period(reading, index, kind, item))
    reading.keep(key, found)


def _period(reading: Reading, index: int, kind: str, item: Json) -> Json:
    start, end = item.get("start"), item.get("end")
    if not start and not end:
        reading.refuse(f"dates.{index}", 'At least one of "start" and "end" is required.')
    ends = [text for text in (start, end) if text]
    if ends and not is_edtf("/".join(str(text) for text in ends)):
        reading.defect(f"dates.{index}.date", "Invalid value.")
    entry: Json = {"type": kind}
    if start and end and start != end:
        entry |= {"start": start, "end": end}
    if item.get("description"):
        entry["description"] = item["description"]
    return entry


def locations(reading: Reading, key: str, value: Any) -> None:
    """Places with a point on the map; a latitude or longitude of 0 loses the point."""
    found = []
    for item in must_be_list(reading, key, value):
        if not isinstance(item, dict) or not item.get("place"):
            raise server_fault()
        entry: Json = {"place": item["place"]}
        lat, lon = _number(item.get("lat")), _number(item.get("lon"))
        if lat and lon:
            entry |= {"lat": lat, "lon": lon}
        if item.get("description"):
            entry["description"] = item["description"]
        found.append(entry)
    reading.keep(key, found)


def _number(value: Any) -> float | None:
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        return value
    try:
        number = float(value)
    except (TypeError, ValueError):
        return None
    return number if math.isfinite(number) else None
