"""docs/errors.md has every code that the program can give, and no other."""

from __future__ import annotations

import re

import pytest

from tests.support.cli import ROOT
from tests.support.codes import codes_in_source

DOCUMENT = (ROOT / "docs" / "errors.md").read_text(encoding="utf-8")
ROWS = [line.split(" | ") for line in DOCUMENT.splitlines() if line.startswith("| `")]


@pytest.fixture(scope="module")
def codes() -> dict[str, set[str]]:
    """Every code, with the files that give it: made when a test asks, as every process of a run imports this module."""
    return codes_in_source()


def entries() -> list[str]:
    return [code for row in ROWS for code in re.findall(r"`(\w+)`", row[0])]


def test_every_code_has_its_entry(codes: dict[str, set[str]]) -> None:
    lacking = {code: sorted(codes[code]) for code in codes.keys() - set(entries())}
    assert lacking == {}


def test_every_entry_has_a_code(codes: dict[str, set[str]]) -> None:
    assert set(entries()) - codes.keys() == set()


def test_every_entry_says_what_happened_and_what_to_do() -> None:
    for row in ROWS:
        assert len(row) in {3, 4}, row
        assert all(cell.strip(" |") for cell in row), row


def test_no_code_of_the_contract_is_overlooked(codes: dict[str, set[str]]) -> None:
    contract = {"metadata_rejected", "file_changed", "file_missing", "quota_exceeded", "checksum_mismatch"}
    assert contract | {"unauthorized", "repository_unavailable"} <= codes.keys()


def test_the_source_is_read_with_understanding(codes: dict[str, set[str]]) -> None:
    """Codes of every way in which one is given: a failure, a keyword, a constant, a choice, a table, a report."""
    ways = {"foreign_file", "batch_locked", "deposition_ambiguous", "file_rejected", "database_damaged", "bad_orcid"}
    assert ways <= codes.keys()
    assert "encode" not in codes
