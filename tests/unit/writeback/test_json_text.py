from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from batchdep.writeback.document import changed_document
from tests.unit.writeback.helpers import ENTRY, deposited, written

DATASETS: list[dict[str, Any]] = [
    {"id": "a", "metadata": {"title": 'Ä "quoted" {[,]}'}, "files": []},
    {"metadata": {}, "files": ["x", {"path": "y/"}], "id": "b"},
]


@pytest.mark.parametrize("indent", [None, 1, 2, 4, "\t", " \t"])
def test_it_is_as_if_it_had_been_there_from_the_start(indent: str | int | None) -> None:
    """A text that a program set is set in the same way afterwards."""
    old = json.dumps({"version": 1, "datasets": DATASETS}, indent=indent, ensure_ascii=False)
    with_entries = [{"id": "a", "deposited": ENTRY, **DATASETS[0]}, {**DATASETS[1], "deposited": ENTRY}]
    expected = json.dumps({"version": 1, "datasets": with_entries}, indent=indent, ensure_ascii=False)
    assert written("b.json", old, 0, 1) == expected
    for end in ("\r\n", "\r"):
        assert written("b.json", old.replace("\n", end), 0, 1) == expected.replace("\n", end)


@pytest.mark.parametrize("separators", [(",", ":"), (", ", ": "), (", ", " : ")])
def test_separators_stay(separators: tuple[str, str]) -> None:
    old = "\n".join(json.dumps(dataset, separators=separators) for dataset in DATASETS) + "\n\n"
    new = written("b.jsonl", old, 1)
    assert new.splitlines()[0] == old.splitlines()[0]
    assert new.splitlines()[1] == json.dumps({**DATASETS[1], "deposited": ENTRY}, separators=separators)
    assert new.endswith("}\n\n")


def test_json_lines_skip_blank_lines_and_keep_their_ends() -> None:
    old = '\r\n{"id": "a"}\r\n  \r\n{"id": "b"}'
    new = written("b.ndjson", old, 1, entry={"doi": "10.5072/ü"})
    assert new == '\r\n{"id": "a"}\r\n  \r\n{"id": "b", "deposited": {"doi": "10.5072/ü"}}'


def test_what_is_there_is_replaced_where_it_stands() -> None:
    old = '{"version": 1, "datasets": [{"id": "a", "deposited" : { "doi":"x",  "state": "draft" } }]}'
    new = written("b.json", old, 0, entry={"doi": None, "state": "published"})
    assert new == old.replace('"x"', "null").replace('"draft"', '"published"')
    assert deposited("b.json", written("b.json", old, 0)) == [{"state": "published", **ENTRY}]


def test_what_is_there_in_part_is_completed() -> None:
    for there in ("{}", "{ }", "{\n}", '{"state": "draft"}', '{\n  "state": "draft"\n}'):
        old = f'{{"version": 1, "datasets": [{{"id": "a", "deposited": {there}}}]}}'
        assert deposited("b.json", written("b.json", old, 0)) == [ENTRY]


def test_folders_get_an_entry_each() -> None:
    old = json.dumps({"version": 1, "datasets": {"folders": "s/*", "files": "**"}}, indent=2)
    changes = {"datasets": {"deposited": {"rose": ENTRY, 'a "b"': {"state": "draft"}}}}
    new = changed_document(old.encode(), Path("b.json"), changes).decode()
    inside = {"folders": "s/*", "deposited": changes["datasets"]["deposited"], "files": "**"}
    assert new == json.dumps({"version": 1, "datasets": inside}, indent=2)


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(st.characters(exclude_categories=["Cs"]), max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text('abc,:{}[]"\\ ', max_size=4), inner, max_size=3)
    ),
    max_leaves=8,
)


@settings(max_examples=100, deadline=None)
@given(VALUES, st.sampled_from([None, 0, 3, "\t"]), st.booleans(), st.booleans())
def test_whatever_it_holds_all_else_stays(value: Any, indent: int | str | None, ascii_only: bool, last: bool) -> None:
    dataset = {"metadata": value, "id": "a"} if last else {"id": "a", "metadata": value}
    old = json.dumps({"datasets": [dataset, value], "version": value}, indent=indent, ensure_ascii=ascii_only)
    new = written("b.json", old, 0)
    assert json.loads(new) == {"datasets": [{**dataset, "deposited": ENTRY}, value], "version": value}
    start = next(at for at, char in enumerate(new) if old[at : at + 1] != char)
    rest = len(old) - start
    assert old == new[:start] + new[len(new) - rest :]  # one piece was put in, and that is all
