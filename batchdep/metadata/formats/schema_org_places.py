"""Places and times that a work of schema.org covers."""

from __future__ import annotations

from typing import Any

from batchdep.metadata import dates
from batchdep.metadata.formats.base import Reading
from batchdep.metadata.formats.jsonld import Node, Value
from batchdep.metadata.identifiers import is_address

PLACE_KEYS = ("spatialCoverage", "spatial", "contentLocation", "locationCreated")
_SHAPES = ("box", "polygon", "line", "circle", "elevation", "asWKT", "geosparql:asWKT")
_OPEN = ("", "..", "...")


def put_places(reading: Reading, work: Node) -> None:
    """A place has a name in the deposit API: where there is none, its coordinates are its name. Boxes and other shapes
    are described in words, since the deposit API has points alone."""
    for each in work.nodes(*PLACE_KEYS):
        place = _place(each)
        if place is None:
            reading.note(f"`{_key(each)}` {each.id} is not taken over: it has no name in the file", *each.path)
            continue
        reading.add("locations", place[0], *each.place)
        if place[1]:
            reading.note(
                f"the area {place[1][:60]} is taken over in words: the deposit API has points alone", *each.place
            )


def _place(node: Node) -> tuple[dict[str, Any], str] | None:
    """A location, and its area in words; None where it is nowhere."""
    if node.text:
        return {"place": node.text}, ""
    geo = [node, *node.nodes("geo")]
    latitude = next((each for shape in geo for each in shape.values("latitude")), None)
    longitude = next((each for shape in geo for each in shape.values("longitude")), None)
    area = "; ".join(f"{key} {each.text}" for shape in geo for key in _SHAPES for each in shape.texts(key))
    name = (
        node.first("name", "alternateName") or _address(node) or next((each.text for each in geo[1:] if each.text), "")
    )
    point = (_degrees(latitude), _degrees(longitude)) if latitude and longitude else None
    name_or_point = name or (f"{point[0]}, {point[1]}" if point else area)
    if not name_or_point:
        return None
    place: dict[str, Any] = {"place": name_or_point}
    if point:
        place |= {"lat": point[0], "lon": point[1]}
    identified = next(
        (
            each
            for each in (node.id, *(text.text for text in node.texts("sameAs", "identifier", "url")))
            if is_address(each)
        ),
        "",
    )
    described = (node.first("description"), area if area != name_or_point else "", identified)
    if description := "; ".join(each for each in described if each):
        place["description"] = description
    return place, area


def _address(node: Node) -> str:
    parts = ("streetAddress", "addressLocality", "addressRegion", "addressCountry")
    for each in node.nodes("address"):
        if text := each.text or ", ".join(name.text for part in parts for name in each.names(part)):
            return text
    return ""


def _degrees(value: Value) -> Any:
    """A number where it is one; otherwise as written, for ``check`` to refuse."""
    try:
        return float(value.value)
    except (TypeError, ValueError, OverflowError):
        return str(value.value)


def _key(node: Node) -> str:
    return next((str(step) for step in reversed(node.path) if isinstance(step, str) and not step.startswith("@")), "")


def put_times(reading: Reading, work: Node) -> None:
    """ISO 8601, with two dots for an open end (schema.org: temporalCoverage); the time of collection, as reports have
    it. A period in words has no place. What expires is valid until then."""
    for each in work.nodes("temporalCoverage", "temporal"):
        written = each.text or "/".join((each.first("startDate"), each.first("endDate"))).strip()
        interval = _interval(written)
        if interval:
            reading.add("dates", {**interval, "type": "Collected"}, *each.path)
        elif name := each.first("name") or written.strip("/") or each.id:
            reading.note(f"`temporalCoverage` {name} is not taken over: it is no date or interval of dates", *each.path)
    for expiry in work.texts("expires"):
        if day := _day(expiry.text):
            reading.add("dates", {"end": day, "type": "Valid"}, *expiry.path)
        else:
            reading.note(f"`expires` {expiry.text} is not taken over: it is no date", *expiry.path)


def _interval(written: str) -> dict[str, str] | None:
    first, slash, last = written.partition("/")
    start, end = _day(first), _day(last) if slash else _day(first)
    if (first.strip() not in _OPEN and not start) or (slash and last.strip() not in _OPEN and not end):
        return None
    return {key: day for key, day in (("start", start), ("end", end)) if day} or None


def _day(written: str) -> str:
    day = dates.day_of(written.strip())
    return day if dates.first_day(day) else ""
