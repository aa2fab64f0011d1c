"""Regular expressions that are compiled when they are first used."""

from __future__ import annotations

import re
import subprocess
import sys

import pytest

from batchdep.regexes import regex

IMPORT_ALL = """
import pkgutil, re, sys
from importlib import import_module
import batchdep

really, early = re.compile, []

def noted(*given, **options):
    module = sys._getframe(1).f_globals["__name__"]
    if module.startswith("batchdep.") and not module.startswith("batchdep.local."):  # which is no part of a run
        early.append(given[0])
    return really(*given, **options)

re.compile = noted
for module in pkgutil.walk_packages(batchdep.__path__, "batchdep."):
    if not module.name.endswith("__main__"):
        import_module(module.name)
print(early)
"""


def test_none_is_compiled_because_a_module_is_imported() -> None:
    done = subprocess.run([sys.executable, "-c", IMPORT_ALL], capture_output=True, text=True, timeout=60, check=False)
    assert (done.stdout, done.stderr) == ("[]\n", "")


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
