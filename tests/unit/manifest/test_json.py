from __future__ import annotations

import json
import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from batchdep.manifest.source_base import Document, SourceError
from batchdep.manifest.source_json import read_json, read_json_lines
from batchdep.problems import Location, ValuePath


def read(text: str) -> Document:
    return read_json(text, "m.json", lambda: text)


def read_lines(text: str) -> Document:
    return read_json_lines(text.split("\n"), "m.jsonl", lambda: text).whole()


def refused(text: str) -> SourceError:
    with pytest.raises(SourceError) as caught:
        read(text)
    return caught.value


def test_positions() -> None:
    document = read('{\n  "a": {"b": [1,\n    {"c": "x"}]},\r\n  "d": null\n}')
    assert document.value == {"a": {"b": [1, {"c": "x"}]}, "d": None}
    assert document.source.locate(("a", "b", 1, "c")) == Location("m.json", 3, 6)
    assert document.source.locate(("d",)) == Location("m.json", 4, 3)
    assert document.source.locate(("a", "b", 7)) == Location("m.json", 2, 9)


@pytest.mark.parametrize(
    ("text", "line", "column", "words"),
    [
        ('{"a": 1,\n}', 1, 8, "comma"),
        ('{"a": [1, 2, ]}', 1, 12, "comma"),
        ('{"a": 1 // x\n}', 1, 9, ""),
        ("{'a': 1}", 1, 2, ""),
        ('{"a": NaN}', 1, 7, "NaN"),
        ('{"NaN": -Infinity}', 1, 9, "-Infinity"),
        ('{"a": "x\ny"}', 1, 9, "control"),
        ('{"a": 1} {"b": 2}', 1, 10, "extra"),
        ('{"a": "\\ud800"}', 1, 7, "half"),
        ('{"a"', 1, 5, ""),
        ('["a', 1, 2, ""),
    ],
)
def test_what_is_refused_and_where(text: str, line: int, column: int, words: str) -> None:
    error = refused(text)
    assert (error.code, error.line, error.column) == ("json_syntax", line, column)
    assert words in error.message
    assert error.hint


def test_a_surrogate_pair_is_a_character() -> None:
    assert read('"\\ud83c\\udf39"').value == "🌹"


@pytest.mark.parametrize(
    ("text", "column"),
    [
        ("[" * 200_000, 51),
        ('{"a":' * 200_000, 251),
        ("[" * 60 + "]" * 60, 51),
        ('{"[": ' + "[" * 60 + "]" * 60 + "}", 56),
    ],
)
def test_depth_is_bounded(text: str, column: int) -> None:
    error = refused(text)
    assert (error.code, error.line, error.column) == ("too_deep", 1, column)


def test_duplicate_keys_name_both_places() -> None:
    problems = read('{"a": 1,\n "b": {"x": 1, "x": 2},\n "a": 2}').problems
    assert [(p.code, p.location) for p in problems] == [
        ("duplicate_key", Location("m.json", 2, 16)),
        ("duplicate_key", Location("m.json", 3, 2)),
    ]
    assert "first in line 1, column 2" in problems[1].message


def test_numbers_are_kept_as_written() -> None:
    assert read('{"a": 1.10, "b": 51.75, "c": ' + "9" * 5000 + ', "d": 1e400}').value == {
        "a": "1.10", "b": 51.75, "c": "9" * 5000, "d": "1e400",
    }  # fmt: skip


def test_ten_megabytes_on_one_line() -> None:
    started = time.perf_counter()
    document = read(json.dumps({"a": "\\x" * 5_000_000, "b": 1}))
    assert document.source.locate(("b",)).column == 15_000_011
    assert read('{"a":1,' * 1 + '"a":2,' + '"b":"' + "é" * 10_000_000 + '"}').problems
    assert time.perf_counter() - started < 10


def test_lines_are_datasets() -> None:
    document = read_lines('{"id": "a"}\r\n\n{"id": "b",}\n  {"id": "c",\t"x": [1, {"y": 2}]}\n')
    assert document.value == {"datasets": [{"id": "a"}, {"id": "c", "x": [1, {"y": 2}]}]}
    assert not document.has_header
    assert [(p.code, p.location) for p in document.problems] == [("json_syntax", Location("m.jsonl", 3, 11))]
    assert document.source.locate(("datasets", 1, "x", 1, "y")) == Location("m.jsonl", 4, 25)
    assert document.source.locate(("datasets", 0)) == Location("m.jsonl", 1, 1)
    assert document.source.locate(()) == Location("m.jsonl", 1)


def test_duplicate_keys_in_lines() -> None:
    (problem,) = read_lines('{"id": "a"}\n{"id": "b", "id": "c"}\n').problems
    assert problem.location == Location("m.jsonl", 2, 13)


values: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers(-999, 999) | st.text(max_size=12),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)


def paths(value: Any, path: ValuePath = ()) -> list[ValuePath]:
    steps = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(inner for step, child in steps for inner in paths(child, (*path, step)))]


@given(values, st.booleans())
def test_round_trip_with_the_place_of_every_value(value: Any, ascii_only: bool) -> None:
    text = json.dumps(value, indent=1, ensure_ascii=ascii_only)
    document = read(text)
    assert document.value == value
    lines = text.split("\n")
    for path in paths(value):
        where = document.source.locate(path)
        assert where.line is not None
        assert where.column is not None
        found = lines[where.line - 1][where.column - 1 :]
        if path and isinstance(path[-1], str):
            assert found.startswith(json.dumps(path[-1], ensure_ascii=ascii_only))
        else:
            assert found[0] in '{["-0123456789tfn'


@given(st.text(max_size=200) | st.text('{}[]",:\\ntu0129.-eE \n', max_size=60))
def test_any_text_is_read_or_refused(text: str) -> None:
    for reader in (read, read_lines):
        try:
            reader(text).source.locate(("datasets", 0, "b"))
        except SourceError as error:
            assert error.message
