"""What is written a piece at a time is what ``json.dumps`` writes."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from batchdep.report.json_text import json_pieces
from tests.unit.report.odd import texts, values

items = st.lists(st.one_of(values, st.dictionaries(texts, values, max_size=3)), max_size=3)
documents = st.dictionaries(texts, st.one_of(values, items.map(tuple)), max_size=4)


def as_iterators(value: Any) -> Any:
    """Tuples as iterators, wherever they may be."""
    if isinstance(value, tuple):
        return (as_iterators(item) for item in value)
    return {key: as_iterators(item) for key, item in value.items()} if isinstance(value, dict) else value


def written(document: Any) -> str:
    return "".join(json_pieces(as_iterators(document)))


def expected(document: Any) -> str:
    return json.dumps(document, ensure_ascii=False, indent=2)


@given(documents)
def test_a_document_with_iterators_is_written_as_with_lists(document: dict[str, Any]) -> None:
    assert written(document) == expected(document)


@given(st.lists(documents, max_size=3).map(tuple))
def test_so_is_an_iterator_of_documents_with_iterators(batches: tuple[dict[str, Any], ...]) -> None:
    assert written(batches) == expected(batches)
    assert written({"schema": "x/1", "batches": batches}) == expected({"schema": "x/1", "batches": batches})


def test_an_item_is_made_when_its_text_is_asked_for() -> None:
    made: list[int] = []

    def numbers() -> Iterator[int]:
        for number in range(3):
            made.append(number)
            yield number

    pieces = json_pieces({"schema": "x/1", "numbers": numbers(), "last": 1})
    while "1" not in next(pieces)[:1]:
        pass
    assert made == [0, 1]


def test_what_json_has_no_form_for_is_the_default_s() -> None:
    assert "".join(json_pieces({"days": iter([date(2026, 11, 24)])}, default=str)).count('"2026-11-24"') == 1
    with pytest.raises(TypeError):
        "".join(json_pieces({"days": iter([date(2026, 11, 24)])}))
