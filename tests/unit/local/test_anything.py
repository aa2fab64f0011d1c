"""Whatever metadata are sent, the server answers in its shape, and what it took it can show and write down again."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from batchdep.local.cleaning import clean_html
from batchdep.local.errors import ApiError
from batchdep.local.metadata import READERS, normalise
from batchdep.local.model import from_document, new_deposition, to_document

JSON: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
KEYS = ("name", "id", "identifier", "relation", "type", "place", "start", "end", "lat", "lon", "orcid", "gnd", "term")
SHAPED = st.lists(st.dictionaries(st.sampled_from(KEYS), JSON | st.sampled_from(["cites", "Valid", "2020-01-01"])))
KINDS = st.sampled_from(["dataset", "publication", "image", "open", "embargoed", "2026-01-01", "de", "mit", "article"])


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.dictionaries(st.sampled_from(list(READERS)), JSON | SHAPED | KINDS, max_size=6))
def test_any_metadata(sent: dict[str, Any]) -> None:
    try:
        normal = normalise(sent)
    except ApiError as error:
        assert error.status in {400, 500}
        return
    deposition = new_deposition(4, 3, "local")
    deposition.metadata, deposition.defects = normal.metadata, normal.defects
    assert from_document(json.loads(json.dumps(to_document(deposition)))) == deposition
    assert clean_html(normal.metadata.get("description", "")) == normal.metadata.get("description", "")


VALUES: list[Any] = [None, True, 5, 1.5, "", "text", [], [None], ["x"], [5], [[]], {}, {"id": []}]


@pytest.mark.parametrize("key", list(READERS))
def test_every_field_bears_every_kind(key: str) -> None:
    for value in VALUES:
        for beside in ({}, {"upload_type": "publication"}, {"access_right": "embargoed"}):
            try:
                normalise({**beside, key: value})
            except ApiError as error:
                assert error.status in {400, 500}
