from __future__ import annotations

import pytest

from batchdep.manifest.metadata import merged, read_own_metadata
from batchdep.manifest.value import Value
from batchdep.problems import Location, Place, ValuePath


class FakeSource:
    name = "batch.jsonl"

    def locate(self, path: ValuePath) -> Location:
        return Location(self.name, len(path))


ROOT = Place(FakeSource())


def test_each_key_has_a_place_below_the_mapping() -> None:
    metadata, origins = read_own_metadata(Value({"title": "T", "version": 2}, ROOT.at("metadata"), []))
    assert metadata == {"title": "T", "version": "2"}
    assert dict(origins) == {key: ROOT.at("metadata", key) for key in metadata}
    assert (len(origins), origins.get("license")) == (2, None)
    with pytest.raises(KeyError):
        origins["license"]


def test_a_key_that_a_dataset_has_itself_is_at_its_own_place() -> None:
    shared = read_own_metadata(Value({"title": "All", "license": "mit"}, ROOT.at("defaults"), []))
    own = read_own_metadata(Value({"title": "One"}, ROOT.at("metadata"), []))
    metadata, origins = merged(shared, own)
    assert metadata == {"title": "One", "license": "mit"}
    assert dict(origins) == {"title": ROOT.at("metadata", "title"), "license": ROOT.at("defaults", "license")}
    assert merged(({}, {}), own) == own


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ([1, 2.5, True, None, "x"], ["1", "2.5", True, None, "x"]),
        ([{"lat": "51.70", "lon": "x", "place": 7}], [{"lat": 51.7, "lon": "x", "place": "7"}]),
        ([{"identifier": {"doi": " a "}}], [{"identifier": {"doi": "a"}}]),
        ({"id": {"id": [3]}}, {"id": {"id": ["3"]}}),
    ],
)
def test_numbers_become_texts_and_coordinates_numbers(written: object, read: object) -> None:
    assert read_own_metadata(Value({"key": written}, ROOT, []))[0] == {"key": read}
