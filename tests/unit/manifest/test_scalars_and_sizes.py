from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from batchdep.manifest.patterns import escaped, fixed_folder, is_pattern, natural_key, naturally_sorted, searched_folder
from batchdep.manifest.sizes import parse_size, show_size
from batchdep.manifest.source_scalars import number, plain
from batchdep.manifest.suggest import did_you_mean, shown
from batchdep.problems import printable

WRITTEN_AS_TEXT = """
2026-11-24 no yes on off NO y 007 0o17 0x1F 1:30 190:20:30 1_000 +1 -0 1.10 1.0.0 .5 5. 1e5 1.5e3 .inf .nan NaN = <<
9999999999999999999 0000-0001-9853-5668
"""


@pytest.mark.parametrize("text", WRITTEN_AS_TEXT.split())
def test_what_people_write_as_text_stays_text(text: str) -> None:
    assert plain(text) == text


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("true", True),
        ("False", False),
        ("null", None),
        ("~", None),
        ("", None),
        ("1", 1),
        ("-12", -12),
        ("51.75", 51.75),
    ],
)
def test_booleans_nothing_and_numbers(text: str, value: object) -> None:
    assert plain(text) == value
    assert type(plain(text)) is type(value)


@given(st.text("0123456789.-+eE_", max_size=30))
def test_a_number_is_printed_as_it_was_written(text: str) -> None:
    assert str(number(text)) == text


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("5 GB", 5_000_000_000),
        ("500MB", 500_000_000),
        ("1 GiB", 1 << 30),
        ("1.5 kB", 1500),
        ("2 TB", 2 * 10**12),
        ("123", 123),
        ("123 bytes", 123),
        ("7 B", 7),
        (" 3g ", 3_000_000_000),
    ],
)
def test_sizes(text: str, size: int) -> None:
    assert parse_size(text) == size


@pytest.mark.parametrize(
    "text", ["", "GB", "5 XB", "-5 GB", "5 GB!", "0", "0.1 B", "1e9", "five", "5 G B", "٣ GB", "9" * 99]
)
def test_what_is_no_size(text: str) -> None:
    with pytest.raises(ValueError, match="size"):
        parse_size(text)


def test_sizes_are_shown_as_they_are_written() -> None:
    sizes = (5_000_000_000, 1_230_000, 999, 1)
    assert [show_size(size) for size in sizes] == ["5 GB", "1.23 MB", "999 bytes", "1 byte"]


def test_suggestions() -> None:
    assert did_you_mean("titel", ("title", "version")) == "Did you mean 'title'?"
    assert did_you_mean("Publication Date", ("publication_date",)) == "Did you mean 'publication_date'?"
    assert did_you_mean("zzz", ("title", "id")) == "Known are: id, title."


def test_messages_carry_no_control_characters() -> None:
    assert printable("a\x1b[31m\ud800é") == r"a\x1b[31m\ud800é"
    assert shown("x" * 100) == "'" + "x" * 59 + "…'"


def test_patterns() -> None:
    assert fixed_folder("data/2018/*.csv") == "data/2018/"
    assert fixed_folder("*.csv") == ""
    assert fixed_folder("data/a.csv") == "data/a.csv"
    assert searched_folder("a[[]1]/b[*]/*/x.csv") == "a[1]/b*/"
    assert searched_folder("/a[12]/x.csv") == "/"
    assert searched_folder("*.csv") == ""
    assert is_pattern("a[1].csv")
    assert not is_pattern("a & b.csv")
    assert escaped("a[1]*/") == "a[[]1][*]/"


def test_natural_order() -> None:
    names = ["run10.csv", "run2.csv", "Run1.csv", "a", "1", "²"]
    assert sorted(names, key=natural_key) == ["1", "a", "Run1.csv", "run2.csv", "run10.csv", "²"]


@given(st.sets(st.from_regex(r"[a-bA-B0-2²]{0,3}(/[a-b0-2]{1,2})?", fullmatch=True), max_size=6))
@example({"run2", "run1"})
@example({"run2", "run10"})
def test_paths_of_one_shape_are_in_natural_order_too(paths: set[str]) -> None:
    assert naturally_sorted(paths) == sorted(paths, key=natural_key)
