"""References to the DOIs of other datasets, in metadata."""

from __future__ import annotations

import copy
import json
from typing import Any
from unittest.mock import patch

import pytest
from hypothesis import given
from hypothesis import strategies as st

from batchdep.metadata import references
from batchdep.metadata.references import (
    TO_COME,
    mapping_reference,
    may_refer,
    occurrences,
    references_in,
    resolved,
    without,
)

DOIS = {"a": "10.5072/zenodo.1", "my set": "10.5072/zenodo.2"}


def related(identifier: Any) -> dict[str, Any]:
    return {"title": "T", "related_identifiers": [{"relation": "cites", "identifier": identifier}]}


@pytest.mark.parametrize(
    "identifier", [{"doi": "a"}, {"doi:a": None}, {"doi": " a "}, "{doi:a}", "{doi: a}", "{ DOI : a }", "{{doi:a}}"]
)
def test_a_related_identifier_becomes_the_bare_doi(identifier: Any) -> None:
    metadata = related(identifier)
    assert references_in(metadata) == {"a"}
    assert resolved(metadata, DOIS.get)["related_identifiers"] == [
        {"relation": "cites", "identifier": "10.5072/zenodo.1"}
    ]


def test_tokens_in_any_text_become_dois() -> None:
    metadata = {
        "description": "<p>See {doi:a} and https://doi.org/{doi:my set}.</p>",
        "keywords": ["plain", "{doi:a}"],
        "subjects": [{"term": "about {doi:a}"}],
        "version": None,
        "locations": [{"lat": 1.5}],
    }
    assert references_in(metadata) == {"a", "my set"}
    assert resolved(metadata, DOIS.get) == {
        "description": "<p>See 10.5072/zenodo.1 and https://doi.org/10.5072/zenodo.2.</p>",
        "keywords": ["plain", "10.5072/zenodo.1"],
        "subjects": [{"term": "about 10.5072/zenodo.1"}],
        "version": None,
        "locations": [{"lat": 1.5}],
    }


def test_what_has_no_doi_yet_is_left_out() -> None:
    metadata = {"notes": "Of {doi:b}, not {doi:a}", **related({"doi": "b"})}
    assert resolved(metadata, DOIS.get) == {"notes": f"Of {TO_COME}, not 10.5072/zenodo.1", "title": "T"}


def test_without_leaves_the_other_references_as_they_are_written() -> None:
    metadata = {"notes": "Of {doi:b}, not {doi:a}", **related({"doi": "a"})}
    metadata["related_identifiers"] += [{"relation": "cites", "identifier": "{doi:b}"}]
    left = without(metadata, {"b"})
    assert left == {"notes": f"Of {TO_COME}, not {{doi:a}}", **related({"doi": "a"})}
    assert references_in(left) == {"a"}


@pytest.mark.parametrize(
    "text", ["{doi}", "{doi a}", "doi:a", "{{ doi }}", "{doi:\na}", "{a: doi:b}", "$\\frac{do}{i}$", ""]
)
def test_text_that_is_no_reference_stays(text: str) -> None:
    metadata = {"description": text}
    assert list(occurrences(metadata)) == []
    assert resolved(metadata, DOIS.get) == metadata


@pytest.mark.parametrize("identifier", [{"doi": None}, {"doi": ""}, {"doi": ["a"]}, {"doi": "a", "x": "b"}, "{doi: }"])
def test_a_malformed_reference_is_found(identifier: Any) -> None:
    (found,) = occurrences(related(identifier))
    assert (found.id, found.related, found.path) == (None, True, ("related_identifiers", 0, "identifier"))


def test_a_mapping_means_a_reference_only_as_related_identifier() -> None:
    """Zenodo's own records have ``prereserve_doi: {doi: ..., recid: ...}``."""
    assert references_in({"prereserve_doi": {"doi": "10.5281/zenodo.7"}, "custom": {"doi": "x"}}) == frozenset()
    assert mapping_reference({"doi": "x", "recid": 1}) is None


def test_metadata_without_references_are_not_copied() -> None:
    metadata = {"title": "T", "creators": [{"name": "Roy, Asha"}]}
    assert resolved(metadata, DOIS.get) is metadata
    assert without(metadata, {"a"}) is metadata


TEXTS = st.one_of(st.text(max_size=12), st.sampled_from(["{doi:a}", "x {doi: b } y", "{{doi:a}}", "{doi:", "{doi:}"]))
VALUES = st.recursive(
    st.one_of(st.none(), st.booleans(), st.floats(allow_nan=False), TEXTS),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.sampled_from(["doi", "identifier", "x"]), inner, max_size=3)
    ),
    max_leaves=8,
)
RELATED = st.lists(st.fixed_dictionaries({"identifier": VALUES}), max_size=3)
METADATA = st.fixed_dictionaries(
    {}, optional={"title": VALUES, "notes": VALUES, "custom": VALUES, "related_identifiers": VALUES | RELATED}
)


@given(METADATA)
def test_what_is_resolved_has_no_reference_left_and_the_original_is_as_it_was(metadata: dict[str, Any]) -> None:
    before = copy.deepcopy(metadata)
    done = resolved(metadata, lambda key: f"10.1234/{len(key)}")
    assert metadata == before
    assert references_in(done) == frozenset()
    json.dumps(done)


@given(METADATA, st.sets(st.sampled_from("ab")))
def test_leaving_out_first_or_not_knowing_comes_to_the_same(metadata: dict[str, Any], ids: set[str]) -> None:
    def known(key: str) -> str | None:
        return None if key in ids else "10.1234/x"

    assert resolved(without(metadata, ids), known) == resolved(metadata, known)
    assert references_in(without(metadata, ids)).isdisjoint(ids)


@given(METADATA)
def test_the_quick_look_misses_nothing(metadata: dict[str, Any]) -> None:
    with patch.object(references, "may_refer", return_value=True):
        slowly = list(occurrences(metadata))
    assert list(occurrences(metadata)) == slowly
    if slowly:
        assert may_refer(metadata)
