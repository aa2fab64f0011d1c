"""What is read of an ordinary entry in the short way is what the long way reads, which alone tells of problems."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from batchdep.manifest import datasets
from batchdep.manifest.model import DatasetSpec
from batchdep.manifest.ordinary_entries import ordinary_dataset
from batchdep.manifest.value import Value
from batchdep.problems import Location, Place, Problem, ValuePath


class Named:
    name = "m.jsonl"

    def locate(self, path: ValuePath) -> Location:
        return Location(self.name, len(path))


SOURCE = Named()
AT = Place(SOURCE, ("datasets", 7))
SHARED: dict[str, Any] = {"license": "cc-by-4.0", "title": "shared"}
ORIGINS = {key: Place(SOURCE, ("defaults", key)) for key in SHARED}

words = st.sampled_from(["a", "b c", "", " ", " x", "data/*.csv", "{doi:b}", "\x07", "ä", "12.5", "from", "x" * 201])
keys = st.sampled_from(["title", "description", "creators", "from", "identifier", "lat", "lon", "doi", "markdown"])
atoms = st.one_of(words, st.none(), st.booleans(), st.integers(-9, 9), st.floats(0, 9))
values = st.recursive(
    atoms, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(keys, inner, max_size=3), max_leaves=5
)
people = st.lists(st.dictionaries(st.sampled_from(["name", "orcid"]), words, max_size=2), max_size=2)
described = st.dictionaries(keys, words | words | people | values, max_size=4)
listed = words | st.lists(words | words | values, max_size=3) | values
entries = st.one_of(
    st.fixed_dictionaries({"id": words, "metadata": described, "files": st.lists(words, min_size=1, max_size=3)}),
    st.fixed_dictionaries({"id": words | atoms, "metadata": described, "files": listed}),
    st.dictionaries(st.sampled_from(["id", "metadata", "files", "fill", "title", "deposited"]), values, max_size=5),
    values,
)


def read(content: Any, shared: bool, known: dict[str, int]) -> tuple[DatasetSpec | None, list[Problem]]:
    problems: list[Problem] = []
    around = (SHARED, ORIGINS) if shared else ({}, {})
    setting = datasets._Setting(Path("/nowhere"), around, allow_outside=False)
    return datasets._dataset(Value(content, AT, problems), setting, known), problems


@given(entries, st.booleans(), st.sampled_from([{}, {"a": 1}]))
def test_both_ways_read_the_same(content: Any, shared: bool, known: dict[str, int]) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(datasets, "ordinary_dataset", lambda *_: None)
        expected = read(content, shared, known)
    found = read(content, shared, known)
    assert found == expected
    spec, other = found[0], expected[0]
    if spec is not None and other is not None:
        assert list(spec.metadata) == list(other.metadata)
        assert [spec.metadata_place(key) for key in keys_of(spec)] == [
            other.metadata_place(key) for key in keys_of(spec)
        ]


def keys_of(spec: DatasetSpec) -> list[str]:
    return [*map(str, spec.metadata), "not there"]


ORDINARY: dict[str, Any] = {
    "id": "a",
    "metadata": {"title": "T", "creators": [{"name": "Roy, A", "orcid": "x"}], "keywords": ["k"]},
    "files": ["d/*.csv", "e.txt"],
}


@pytest.mark.parametrize("files", [ORDINARY["files"], "d/*.csv"], ids=["a list", "a text"])
def test_an_ordinary_entry_is_recognised(files: Any) -> None:
    content = {**ORDINARY, "files": files}
    spec = ordinary_dataset(content, AT, Path("/nowhere"), (SHARED, ORIGINS), {})
    assert spec is not None
    assert spec.metadata == {**SHARED, **ORDINARY["metadata"]}
    assert [file.path for file in spec.files] == ([files] if isinstance(files, str) else files)


@pytest.mark.parametrize(
    "changed",
    [
        {"id": " a"},
        {"id": 5},
        {"id": "taken"},
        {"metadata": "study/.zenodo.json"},
        {"metadata": {"title": 5}},
        {"metadata": {"from": "x.json"}},
        {"metadata": {"description": {"markdown": "*x*"}}},
        {"metadata": {"locations": [{"place": "x", "lat": "51.5"}]}},
        {"metadata": {"related_identifiers": [{"relation": "cites", "identifier": {"doi": "b"}}]}},
        {"files": []},
        {"files": " "},
        {"files": ["a", " "]},
        {"files": [{"path": "a", "name": "b"}]},
        {"fill": ["a"]},
        {"title": "T"},
    ],
    ids=str,
)
def test_all_else_is_left_to_the_long_way(changed: dict[str, Any]) -> None:
    content = {**ORDINARY, **changed}
    assert ordinary_dataset(content, AT, Path("/nowhere"), ({}, {}), {"taken": 1}) is None
