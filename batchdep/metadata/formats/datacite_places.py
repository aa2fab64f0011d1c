"""Places of DataCite's metadata: names, points, boxes, polygons."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from batchdep.metadata.formats.base import Reading, mappings, texts
from batchdep.metadata.formats.shapes import objects_at
from batchdep.metadata.formats.unsaid import first_said

_POINT = ("pointLatitude", "pointLongitude")
_BOX = ("southBoundLatitude", "westBoundLongitude", "northBoundLatitude", "eastBoundLongitude")


def put_places(reading: Reading, content: Mapping[str, Any]) -> None:
    """A place has a name in the deposit API: where there is none, its coordinates are its name. Boxes and polygons are
    described in words, since the deposit API has points alone."""
    for entry, path in objects_at(reading, content, "geoLocations", text_is="geoLocationPlace"):
        names = "; ".join(texts(entry.get("geoLocationPlace")))
        point = next(_points(entry.get("geoLocationPoint")), None)
        areas = "; ".join((*_boxes(entry.get("geoLocationBox")), *_polygons(entry.get("geoLocationPolygon"))))
        if not (names or point or areas):
            continue
        place: dict[str, Any] = {"place": names or (", ".join(point) if point else areas)}
        if point:
            place |= {"lat": _degrees(point[0]), "lon": _degrees(point[1])}
        if areas and place["place"] != areas:
            place["description"] = areas
        reading.add("locations", place, *path)
        if "inPolygonPoint" in _keys(entry.get("geoLocationPolygon")):
            reading.note("`inPolygonPoint` is not taken over: the deposit API has no areas to have sides", *path)
        if areas:
            reading.note(f"the area {areas[:60]} is taken over in words: the deposit API has points alone", *path)


def _points(value: Any) -> Iterator[tuple[str, str]]:
    for _, each in mappings(value):
        latitude, longitude = (first_said(each, key) for key in _POINT)
        if latitude and longitude:
            yield latitude, longitude


def _boxes(value: Any) -> Iterator[str]:
    for _, each in mappings(value):
        south, west, north, east = (first_said(each, key) for key in _BOX)
        if south and west and north and east:
            yield f"box from {south}, {west} to {north}, {east}"


def _polygons(value: Any) -> Iterator[str]:
    """In JSON a polygon is a list of objects with a ``polygonPoint``, an object with a list of them, or a list of such
    lists: DataCite has written all three."""
    loose: list[tuple[str, str]] = []
    for each in value if isinstance(value, list) else [value]:
        if isinstance(each, list):
            yield from _polygons(each)
        elif isinstance(each, dict):
            points = list(_points(each.get("polygonPoint") or each.get("polygonPoints")))
            if len(points) > 1:
                yield _polygon(points)
            loose += points if len(points) == 1 else []
    if loose:
        yield _polygon(loose)


def _keys(value: Any) -> Iterator[str]:
    for each in value if isinstance(value, list) else [value]:
        yield from _keys(each) if isinstance(each, list) else each if isinstance(each, dict) else ()


def _polygon(points: list[tuple[str, str]]) -> str:
    return f"polygon {' / '.join(f'{latitude}, {longitude}' for latitude, longitude in points)}"


def _degrees(written: str) -> float | str:
    """A number where it is one; otherwise as written, for ``check`` to refuse."""
    try:
        return float(written)
    except ValueError:
        return written
