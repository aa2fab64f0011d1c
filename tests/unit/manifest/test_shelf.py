from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from batchdep.manifest.shelf import Shelf

TEXTS = st.text() | st.sampled_from(["title", "\udcff.csv"])
"""Some come again and again, and the names of files need not be Unicode."""

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | TEXTS,
    lambda inner: (
        st.lists(inner, max_size=3) | st.lists(inner, max_size=3).map(tuple) | st.dictionaries(TEXTS, inner, max_size=3)
    ),
)


@given(st.lists(VALUES, max_size=300))
def test_what_was_put_in_comes_out(values: list[Any]) -> None:
    shelf = Shelf()
    for value in values:
        shelf.add(value)
    assert list(shelf) == values
    assert [shelf[index] for index in reversed(range(len(values)))] == list(reversed(values))


def test_it_is_a_sequence() -> None:
    shelf = Shelf()
    for number in range(1_000):
        shelf.add({"number": number})
    assert len(shelf) == 1_000
    assert (shelf[-1], shelf[127], shelf[128:130]) == (
        {"number": 999},
        {"number": 127},
        [{"number": 128}, {"number": 129}],
    )
    for beyond in (1_000, -1_001):
        with pytest.raises(IndexError):
            shelf[beyond]


def test_it_is_small() -> None:
    shelf = Shelf()
    for number in range(10_000):
        shelf.add({"title": f"Scent of the rose {number}", "license": "cc-by-4.0", "keywords": ["rose", "scent"]})
    assert sum(map(len, shelf._chunks)) < 10_000 * 20
