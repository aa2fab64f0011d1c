"""Documents that say which test holds a promise name tests that are there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
DOCUMENTS = ("SECURITY.md", "docs/reliability.md")
_DEFINED = re.compile(r"^ *(?:async )?def (test_\w+)", re.MULTILINE)
_NAMED = re.compile(r"`(?:tests/[\w/]+\.py::)?(test_\w+)(?:\[[^\]`]*\])?`")
_MODULES = re.compile(r"`(batchdep/[\w/]+(?:\.py)?|tests/[\w/]+\.py)`")


def functions_by_file() -> dict[str, set[str]]:
    files = (ROOT / "tests").rglob("test_*.py")
    return {path.relative_to(ROOT).as_posix(): set(_DEFINED.findall(path.read_text("utf-8"))) for path in files}


def named_tests(text: str) -> set[str]:
    """Names of test functions in code marks, with or without their file before and their parameters after them."""
    return set(_NAMED.findall(text))


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_test_named_is_there(document: str) -> None:
    text = (ROOT / document).read_text("utf-8")
    known = set().union(*functions_by_file().values())
    named = named_tests(text)
    assert len(named) > 20, "the document names its tests"
    assert sorted(named - known) == []


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_file_named_is_there(document: str) -> None:
    text = (ROOT / document).read_text("utf-8")
    assert [name for name in _MODULES.findall(text) if not (ROOT / name).exists()] == []


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_row_with_a_defence_names_a_test(document: str) -> None:
    """In a table with a column `test`, no row leaves it empty."""
    column, lacking = None, []
    for line in (ROOT / document).read_text("utf-8").splitlines():
        cells = [cell.strip() for cell in line.strip().strip("|").split(" | ")] if line.startswith("|") else []
        if not cells:
            column = None
        elif column is None:
            column = cells.index("test") if "test" in cells else -1
        elif column >= 0 and not set(line) <= set("|- ") and "`test_" not in cells[column]:
            lacking.append(line)
    assert lacking == []
