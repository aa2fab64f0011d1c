"""docs/errors.md has every code that the program can give, and no other."""

from __future__ import annotations

import re

from tests.support.cli import ROOT
from tests.support.codes import codes_in_source

DOCUMENT = (ROOT / "docs" / "errors.md").read_text(encoding="utf-8")
ROWS = [line.split(" | ") for line in DOCUMENT.splitlines() if line.startswith("| `")]
CODES = codes_in_source()


def entries() -> list[str]:
    return [code for row in ROWS for code in re.findall(r"`(\w+)`", row[0])]


def test_every_code_has_its_entry() -> None:
    lacking = {code: sorted(CODES[code]) for code in CODES.keys() - set(entries())}
    assert lacking == {}


def test_every_entry_has_a_code() -> None:
    assert set(entries()) - CODES.keys() == set()


def test_every_entry_says_what_happened_and_what_to_do() -> None:
    for row in ROWS:
        assert len(row) in {3, 4}, row
        assert all(cell.strip(" |") for cell in row), row


def test_no_code_of_the_contract_is_overlooked() -> None:
    contract = {"metadata_rejected", "file_changed", "file_missing", "quota_exceeded", "checksum_mismatch"}
    assert contract | {"unauthorized", "repository_unavailable"} <= CODES.keys()


def test_the_source_is_read_with_understanding() -> None:
    """Codes of every way in which one is given: a failure, a keyword, a constant, a choice, a table, a report."""
    ways = {"foreign_file", "batch_locked", "deposition_ambiguous", "file_rejected", "database_damaged", "bad_orcid"}
    assert ways <= CODES.keys()
    assert "encode" not in CODES
