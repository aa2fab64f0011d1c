from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from batchdep.cli.text import aligned, counted, human_bytes, human_estimate, human_seconds, safe, shortened, width


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain", "plain"),
        ("Rosé & 日本語", "Rosé & 日本語"),
        ("a\nb\r\n  c\td", "a b c d"),
        ("\x1b[31mred\x07", "\\x1b[31mred\\x07"),
        ("\x9b31m", "\\x9b31m"),
        ("evil\u202etxt.exe", "evil\\u202etxt.exe"),
        ("zero\u200bwidth", "zero\\u200bwidth"),
        ("\ud800", "\\ud800"),
        ("\u2028", "\\u2028"),
        ("no\u00a0break", "no\u00a0break"),
        ("[bold]kept[/bold]", "[bold]kept[/bold]"),
    ],
)
def test_what_could_steer_a_terminal_is_written_out(text: str, shown: str) -> None:
    assert safe(text) == shown


@given(st.text())
def test_safe_text_is_one_line_that_can_be_encoded(text: str) -> None:
    line = safe(text)
    line.encode("utf-8")
    assert "\x1b" not in line
    assert len(line.splitlines()) <= 1


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [
        (0, "1 s"),
        (7.4, "7 s"),
        (33, "35 s"),
        (119, "2 min"),
        (127, "2 min 10 s"),
        (1234, "21 min"),
        (7900, "2 h 10 min"),
        (50_000, "14 h"),
        (300_000, "3 d 11 h"),
    ],
)
def test_an_estimate_is_no_finer_than_it_can_be(seconds: float, shown: str) -> None:
    assert human_estimate(seconds) == shown


@pytest.mark.parametrize(
    ("count", "shown"),
    [
        (0, "0 B"),
        (999, "999 B"),
        (1000, "1.0 kB"),
        (1_234_567, "1.2 MB"),
        (99_949_999, "99.9 MB"),
        (99_960_000, "100 MB"),
        (999_600_000, "1.0 GB"),
        (5e9, "5.0 GB"),
        (2e18, "2000 PB"),
    ],
)
def test_bytes_in_words(count: float, shown: str) -> None:
    assert human_bytes(count) == shown


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [
        (-3, "0 s"),
        (0.4, "0 s"),
        (38, "38 s"),
        (60, "1 min"),
        (125, "2 min 5 s"),
        (12_000, "3 h 20 min"),
        (180_000, "2 d 2 h"),
    ],
)
def test_seconds_in_words(seconds: float, shown: str) -> None:
    assert human_seconds(seconds) == shown


def test_counting() -> None:
    assert [counted(number, "file") for number in (0, 1, 2, 1500)] == ["0 files", "1 file", "2 files", "1,500 files"]


def test_wide_and_combining_characters_are_measured() -> None:
    assert (width("abc"), width("日本"), width("e\u0301")) == (3, 4, 1)


@given(st.text(max_size=40), st.integers(1, 30))
def test_a_shortened_text_fits(text: str, columns: int) -> None:
    assert width(shortened(text, columns)) <= columns


def test_columns_are_aligned_and_nothing_is_cut() -> None:
    assert aligned([("a", "long cell", "x"), ("日本", "b", "y")]) == ["a     long cell  x", "日本  b          y"]
    assert aligned([]) == []
