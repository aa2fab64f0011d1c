"""Regular expressions that are compiled when they are first used."""

from __future__ import annotations

import re

import pytest

from batchdep.regexes import regex


def test_it_is_compiled_once_and_does_what_a_compiled_one_does(monkeypatch: pytest.MonkeyPatch) -> None:
    compiled: list[str] = []
    really = re.compile

    def counted(text: str, flags: int = 0) -> re.Pattern[str]:
        compiled.append(text)
        return really(text, flags)

    monkeypatch.setattr(re, "compile", counted)
    number = regex(r"(\d+)k", re.I)
    assert compiled == []
    for _ in range(3):
        assert number.fullmatch("12K")
    assert compiled == [r"(\d+)k"]
    assert number.sub(r"\g<1>000", "3k 4K") == "3000 4000"
    assert regex(rb"\d").search(b"a1")


def test_one_that_is_wrong_says_so_when_it_is_used() -> None:
    with pytest.raises(re.error):
        regex("(").match("a")
