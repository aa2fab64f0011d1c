"""Places of DataCite's metadata: names, points, boxes, polygons."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from batchdep.metadata.formats.base import Reading, mappings, texts
from batchdep.metadata.formats.places import put_place
from batchdep.metadata.formats.shapes import objects_at
from batchdep.metadata.formats.unsaid import first_said

_POINT = ("pointLatitude", "pointLongitude")
_BOX = ("southBoundLatitude", "westBoundLongitude", "northBoundLatitude", "eastBoundLongitude")


def put_places(reading: Reading, content: Mapping[str, Any]) -> None:
    """Names and points; boxes and polygons in words."""
    for entry, path in objects_at(reading, content, "geoLocations", text_is="geoLocationPlace"):
        names = "; ".join(texts(entry.get("geoLocationPlace")))
        point = next(_points(entry.get("geoLocationPoint")), None)
        areas = "; ".join((*_boxes(entry.get("geoLocationBox")), *_polygons(entry.get("geoLocationPolygon"))))
        put_place(reading, names, *path, point=point, area=areas)
        if "inPolygonPoint" in _keys(entry.get("geoLocationPolygon")):
            reading.note("`inPolygonPoint` is not taken over: the deposit API has no areas to have sides", *path)


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
