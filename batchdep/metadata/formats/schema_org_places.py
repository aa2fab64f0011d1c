"""Places and times that a work of schema.org covers."""

from __future__ import annotations

from batchdep.metadata import dates
from batchdep.metadata.formats.base import Reading
from batchdep.metadata.formats.jsonld import Node
from batchdep.metadata.formats.places import put_place
from batchdep.metadata.identifiers import is_address

PLACE_KEYS = ("spatialCoverage", "spatial", "contentLocation", "locationCreated")
_SHAPES = ("box", "polygon", "line", "circle", "elevation", "asWKT", "geosparql:asWKT")
_OPEN = ("", "..", "...")


def put_places(reading: Reading, work: Node) -> None:
    """Names, or else addresses, and points; boxes and other shapes in words."""
    for each in work.nodes(*PLACE_KEYS):
        if each.text:
            put_place(reading, each.text, *each.place)
        elif not _put_described(reading, each):
            reading.note(f"`{_key(each)}` {each.id} is not taken over: it has no name in the file", *each.path)


def _put_described(reading: Reading, node: Node) -> bool:
    geo = [node, *node.nodes("geo")]
    latitude = next((each.value for shape in geo for each in shape.values("latitude")), None)
    longitude = next((each.value for shape in geo for each in shape.values("longitude")), None)
    point = (latitude, longitude) if latitude is not None and longitude is not None else None
    area = "; ".join(f"{key} {each.text}" for shape in geo for key in _SHAPES for each in shape.texts(key))
    named = (node.first("name", "alternateName"), _address(node), *(each.text for each in geo[1:]))
    addresses = (node.id, *(each.text for each in node.texts("sameAs", "identifier", "url")))
    about = (node.first("description"), next(filter(is_address, addresses), ""))
    name = next(filter(None, named), "")
    return put_place(reading, name, *node.place, point=point, area=area, about="; ".join(filter(None, about)))


def _address(node: Node) -> str:
    parts = ("streetAddress", "addressLocality", "addressRegion", "addressCountry")
    for each in node.nodes("address"):
        if text := each.text or ", ".join(name.text for part in parts for name in each.names(part)):
            return text
    return ""


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
