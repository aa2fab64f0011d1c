from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from batchdep.writeback.document import changed_document
from batchdep.writeback.edits import CannotBeWritten
from tests.unit.writeback.helpers import ENTRY, added_lines, deposited, written

COMMENTED = """\
# A batch; its comments stay.
version: 1   # of the form
defaults: {license: cc-by-4.0}   # for all

datasets:
  # the first
  - id: a   # never changed
    # what it is about
    metadata: &roses
      title: 'Rosen — Düfte, and a text that is long enough that a dumper would wrap it if one were to dump it all anew'
      description: >-
        folded,

        twice
    files: [ data/*.csv,  "x y.csv" ]


  - {id: "b", metadata: *roses, files: [ z.csv ]}   # in braces
  -   files: [q]
      metadata:
          title: deep
      id: |-
        c

# the end
"""


def test_lines_are_added_and_nothing_else() -> None:
    new = written("b.yaml", COMMENTED, 0, 2)
    assert added_lines(COMMENTED, new) == [
        "    deposited:\n",
        "      deposition_id: 1000\n",
        "      doi: 10.5072/zenodo.1000\n",
        "      url: https://sandbox.zenodo.org/records/1000\n",
        "      state: published\n",
        "      deposited:\n",
        "          deposition_id: 1000\n",
        "          doi: 10.5072/zenodo.1000\n",
        "          url: https://sandbox.zenodo.org/records/1000\n",
        "          state: published\n",
    ]
    assert "  - id: a   # never changed\n    deposited:\n" in new
    assert deposited("b.yaml", new) == [ENTRY, None, ENTRY]


def test_in_braces_it_stays_in_braces() -> None:
    new = written("b.yaml", COMMENTED, 1)
    inside = ", ".join(f"{key}: {value}" for key, value in ENTRY.items())
    assert new == COMMENTED.replace('{id: "b"', f'{{id: "b", deposited: {{{inside}}}')


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_line_ends_and_encodings_stay(end: str, encoding: str) -> None:
    old = COMMENTED.replace("\n", end).encode(encoding)
    changes = {"datasets": {index: {"deposited": ENTRY} for index in range(3)}}
    new = changed_document(old, Path("b.yaml"), changes)
    assert new.startswith(old[:4])
    assert new.decode(encoding) == written("b.yaml", COMMENTED, 0, 1, 2).replace("\n", end)


def test_a_file_that_ends_without_a_line_end() -> None:
    old = "version: 1\ndatasets:\n- files: []\n  id: a"
    new = written("b.yaml", old, 0)
    assert new.startswith(f"{old}\n  deposited:\n    deposition_id: 1000\n")
    assert not new.endswith("\n")


def test_what_is_there_is_replaced_where_it_stands() -> None:
    once = written("b.yaml", COMMENTED, 0, 1, 2)
    noted = once.replace("doi: 10.5072/zenodo.1000\n      url", "doi: '10.5072/zenodo.1000' # mine\n      url")
    later = {"doi": "10.5281/zenodo.7", "state": "it's", "deposition_id": 7}
    new = written("b.yaml", noted, 0, entry=later)
    assert "      doi: '10.5281/zenodo.7' # mine\n" in new
    assert deposited("b.yaml", new) == [ENTRY | later, ENTRY, ENTRY]
    assert len(new.splitlines()) == len(noted.splitlines())


@pytest.mark.parametrize(
    "there", ["{}", "{ }", "{doi: x}", "\n      doi: x # mine", "\n      doi:\n      url: ", "{doi: }"]
)
def test_what_is_there_in_part_is_completed(there: str) -> None:
    old = f"version: 1\ndatasets:\n  - id: a\n    deposited: {there}\n    files: []\n"
    new = written("b.yaml", old, 0)
    assert deposited("b.yaml", new) == [ENTRY]
    assert ("# mine" in new) == ("# mine" in old)


def test_folders_get_an_entry_each() -> None:
    old = "version: 1\ndatasets:\n    folders: studies/*   # each\n    files: '**'\n"
    changes = {"datasets": {"deposited": {"rose": ENTRY, "2018": ENTRY, "a: b": {"doi": "10.1/#x"}}}}
    new = changed_document(old.encode(), Path("b.yaml"), changes).decode()
    assert "# each\n    deposited:\n      rose:\n        deposition_id: 1000\n" in new
    more = {"datasets": {"deposited": {"rose": {"state": "discarded"}, "Tülpe": ENTRY}}}
    again = changed_document(new.encode(), Path("b.yaml"), more).decode()
    assert len(again.splitlines()) == len(new.splitlines()) + 5
    assert added_lines(old, new)[-1] == '        doi: "10.1/#x"\n'


def test_folders_in_braces_get_theirs_behind_those_that_are_there() -> None:
    old = "version: 1\ndatasets: {folders: s/*, deposited: {rose: {state: draft}}, files: x}\n"
    changes = {"datasets": {"deposited": {"tulip": {"state": "draft"}}}}
    new = changed_document(old.encode(), Path("b.yaml"), changes).decode()
    assert new == old.replace("{state: draft}}", "{state: draft}, tulip: {state: draft}}")


def test_what_an_alias_repeats_is_refused() -> None:
    old = "version: 1\ndatasets:\n  - {id: a, deposited: &d {state: draft}}\n  - {id: b, deposited: *d}\n"
    with pytest.raises(CannotBeWritten, match="otherwise"):
        written("b.yaml", old, 0, entry={"state": "published"})


def test_an_alias_is_refused() -> None:
    old = "version: 1\ndatasets:\n  - {id: a, deposited: &d {state: draft}}\n  - {id: b, deposited: *d}\n"
    with pytest.raises(CannotBeWritten, match="alias"):
        written("b.yaml", old, 1, entry={"state": "published"})


def test_a_key_with_a_question_mark_is_refused_rather_than_broken() -> None:
    with pytest.raises(CannotBeWritten):
        written("b.yaml", "version: 1\ndatasets:\n  - ? id\n    : a\n", 0)


COMMENT = st.sampled_from(["", " # a comment", "   # with: colon, {braces} and 'quotes'", " #"])
ABOVE = st.sampled_from(["", "\n", "# on its own\n", "\n\n    # indented otherwise\n", "   \n"])
VALUES = st.sampled_from(
    [
        "plain",
        "'single ''quoted'''",
        '"double \\" ü"',
        "|\n{pad}two\n\n{pad}lines\n",
        ">+\n{pad}kept\n\n",
        "[a, {b: c}, [d]]",
        "{title: x,\n{pad}other: y}",
        "&anchor{n} {title: 'x: y'}",
        "!!str 5",
        "~",
        "\n{pad}title: 日本語\n{pad}list:\n{pad}- 1\n{pad}- 2",
        "a plain text\n{pad}on two lines",
    ]
)

IDS = st.sampled_from(["d{n}", "'d{n}'", '"d{n}"', "&x{n} d{n}", "|-\n{pad}d{n}", ">-\n{pad}d{n}\n"])


@st.composite
def manifests(draw: st.DrawFn) -> tuple[str, int]:
    """A manifest of datasets that are written in as many ways as people do, and their number."""
    count = draw(st.integers(1, 4))
    dash = draw(st.sampled_from(["- ", "  - ", "    -   "]))
    text = f"version: 1{draw(COMMENT)}\n{draw(ABOVE)}datasets:{draw(COMMENT)}\n"
    for number in range(count):
        keys = draw(st.permutations(["id", "metadata", "files"]))
        indent = " " * len(dash)
        step = draw(st.sampled_from([1, 2, 4]))
        text += draw(ABOVE)
        for position, key in enumerate(keys):
            start = dash if position == 0 else indent
            pad = " " * (len(indent) + step)
            if key == "id":
                value = draw(
                    st.sampled_from(["d{n}", "'d{n}'", '"d{n}"', "&x{n} d{n}", "|-\n{pad}d{n}", ">-\n{pad}d{n}\n"])
                )
            else:
                value = draw(VALUES)
            value = value.replace("{pad}", pad).replace("{n}", str(number))
            comment = draw(COMMENT) if "\n" not in value else ""
            text += f"{start}{key}: {value}{comment}\n"
            text += draw(ABOVE) if "\n" not in value else ""
    ends = draw(st.sampled_from(["\n", "\r\n"]))
    return text.replace("\n", ends), count


@settings(max_examples=120, deadline=None)
@given(manifests(), st.data())
def test_whatever_it_looks_like_only_lines_are_added(manifest: tuple[str, int], data: st.DataObject) -> None:
    old, count = manifest
    indices = data.draw(st.sets(st.integers(0, count - 1), min_size=1))
    new = written("b.yaml", old, *indices)
    assert len(added_lines(old, new)) == 5 * len(indices)
    assert deposited("b.yaml", new) == [ENTRY if index in indices else None for index in range(count)]
    other = {"deposition_id": 7, "doi": "10.5281/zenodo.7", "url": "https://zenodo.org/records/7", "state": "draft"}
    again = written("b.yaml", new, *indices, entry=other)
    assert written("b.yaml", again, *indices) == new


TEXTS = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=30)


@settings(max_examples=120, deadline=None)
@given(TEXTS | st.sampled_from(["null", "10.5", "#", "a: b", "- x", "'", "it's", '"', "1e3", "yes", "{", "a#b", "a:"]))
def test_any_text_is_read_back(text: str) -> None:
    for form in (
        "  - id: a\n",
        "  - {id: a}\n",
        "  - id: a\n    deposited: {doi: ''}\n",
        '  - {id: a, deposited: {doi: ""}}\n',
    ):
        new = written("b.yaml", f"version: 1\ndatasets:\n{form}", 0, entry={"doi": text})
        assert deposited("b.yaml", new) == [{"doi": text}], json.dumps(form)


def test_nothing_is_ours_but_what_is_added() -> None:
    """The test's own measure can fail."""
    with pytest.raises(AssertionError):
        added_lines("a\nb\n", "a\nc\n")
    found: Any = added_lines("a\nb\n", "a\nx\nb\n")
    assert found == ["x\n"]
