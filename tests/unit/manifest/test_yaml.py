from __future__ import annotations

import time
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from batchdep.manifest import source_yaml
from batchdep.manifest.source_base import Document, SourceError
from batchdep.problems import ValuePath


def read(text: str) -> Document:
    return source_yaml.read_yaml(text, "m.yaml", lambda: text)


def refused(text: str) -> SourceError:
    with pytest.raises(SourceError) as caught:
        read(text)
    return caught.value


def test_values_and_their_lines() -> None:
    document = read(
        "# é\nversion: 1\nmetadata:\n  title: Ünï\n  creators:\n    - {name: A, orcid: 0000-0001}\n    - name: B\n"
    )
    assert document.value == {
        "version": 1,
        "metadata": {"title": "Ünï", "creators": [{"name": "A", "orcid": "0000-0001"}, {"name": "B"}]},
    }
    lines = {
        (): 2,
        ("metadata",): 3,
        ("metadata", "title"): 4,
        ("metadata", "creators", 0, "orcid"): 6,
        ("metadata", "creators", 1): 7,
        ("metadata", "creators", 1, "affiliation"): 7,
        ("metadata", "nothing", "here"): 3,
    }
    assert {path: document.source.locate(path).line for path in lines} == lines
    assert document.source.locate(("metadata", "creators", 0, "orcid")).column == 17


def test_block_texts_and_quotes() -> None:
    assert read("a: |\n  x\n  y\nb: 'no'\nc: \"1\"\nd: no\ne: !!str 1.0\nf:\n").value == {
        "a": "x\ny\n", "b": "no", "c": "1", "d": "no", "e": "1.0", "f": None,
    }  # fmt: skip


def test_keys_are_texts() -> None:
    assert read("1: a\ntrue: b\n2018-01-01: c").value == {"1": "a", "true": "b", "2018-01-01": "c"}


def test_duplicate_keys_name_both_places() -> None:
    problems = read("a: 1\nb: {x: 1, x: 2}\na: 3\n").problems
    assert [(p.code, p.location and p.location.line) for p in problems] == [("duplicate_key", 2), ("duplicate_key", 3)]
    assert "first in line 1, again in line 3" in problems[1].message


def test_aliases_share_values() -> None:
    document = read("a: &x\n  k: 1\nb: *x\n")
    assert document.value["b"] == {"k": 1}
    assert document.source.locate(("b",)).line == 3
    assert document.source.locate(("b", "k")).line == 2


def test_an_alias_bomb_is_refused_at_once() -> None:
    lines = ['a0: &a0 ["lol","lol","lol","lol","lol","lol","lol","lol","lol"]']
    lines += [f"a{n}: &a{n} [{','.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 12)]
    started = time.perf_counter()
    error = refused("\n".join(lines))
    assert error.code == "yaml_alias"
    assert error.line is not None
    assert time.perf_counter() - started < 2


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("a: &x [*x]", "yaml_alias"),
        ("a: *nowhere", "yaml_alias"),
        ("files:\n  - *.csv", "yaml_syntax"),
        ("<<: {a: 1}", "yaml_merge"),
        ("? [a, b]\n: c", "yaml_key"),
        ("a: 1\n---\nb: 2", "yaml_documents"),
        ("[" * 100_000, "too_deep"),
        ("{a: " * 100_000, "too_deep"),
        ("a: b: c", "yaml_syntax"),
        ("a:\n\t- b", "yaml_syntax"),
        ('a: "x', "yaml_syntax"),
        ("a: @x", "yaml_syntax"),
        ("a: \x01", "yaml_syntax"),
        ("a: [1, 2", "yaml_syntax"),
    ],
)
def test_what_is_refused(text: str, code: str) -> None:
    error = refused(text)
    assert error.code == code
    assert error.line is not None


def test_a_pattern_without_quotes_gets_the_right_hint() -> None:
    error = refused("files:\n  - *.csv")
    assert '"*.csv"' in error.hint
    assert error.line == 2


def test_merge_in_quotes_is_a_key() -> None:
    assert read('"<<": 1').value == {"<<": 1}


@pytest.mark.parametrize(
    "tag", ["!!python/object/apply:os.system [ls]", "!!binary aGk=", "!mine x", "!!timestamp 2020-01-01"]
)
def test_no_tag_makes_an_object(tag: str) -> None:
    document = read(f"a: {tag}")
    assert [problem.code for problem in document.problems] == ["yaml_tag"]
    assert isinstance(document.value["a"], str | list)


def test_ten_megabytes_on_one_line() -> None:
    started = time.perf_counter()
    assert len(read("a: " + "x" * 10_000_000).value["a"]) == 10_000_000
    assert len(read("a: [" + "x, " * 300_000 + "]").value["a"]) == 300_000
    assert time.perf_counter() - started < 15


def test_the_pure_python_loader_gives_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    text = "é: {ü: [1, no, {x: y}]}\nb: 'ß'\nb: 2\n"
    fast = read(text)
    monkeypatch.setattr(source_yaml, "_Loader", yaml.SafeLoader)
    slow = read(text)
    assert slow.value == fast.value
    assert slow.problems == fast.problems
    assert slow.source.locate(("é", "ü", 2, "x")) == fast.source.locate(("é", "ü", 2, "x"))


# YAML 1.1 folds these into line breaks, and PyYAML writes them as if it did not
texts = st.characters(exclude_categories=["Cs"], exclude_characters="\x85\u2028\u2029")
values: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers(-999, 999) | st.text(texts, max_size=12),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(texts, max_size=8), inner, max_size=4),
    max_leaves=12,
)


@given(values)
def test_round_trip(value: Any) -> None:
    text = yaml.safe_dump(value, allow_unicode=True)
    assert read(text).value == value


@given(
    st.lists(
        st.dictionaries(st.from_regex(r"[a-zé]{1,8}", fullmatch=True), st.integers(0, 9), min_size=1, max_size=4),
        max_size=6,
    )
)
def test_every_entry_is_found_on_its_line(datasets: list[dict[str, int]]) -> None:
    lines: list[str] = ["version: 1", "datasets:"]
    where: dict[ValuePath, int] = {}
    for index, dataset in enumerate(datasets):
        for number, (key, value) in enumerate(dataset.items()):
            lines.append(f"  {'-' if number == 0 else ' '} {key}: {value}")
            where["datasets", index, key] = len(lines)
    source = read("\n".join(lines)).source
    assert {path: source.locate(path).line for path in where} == where


@given(st.text(max_size=200))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        read(text).source.locate(("a", 0, "b"))
    except SourceError as error:
        assert error.message
