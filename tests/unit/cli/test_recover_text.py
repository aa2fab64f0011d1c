"""What ``recover`` tells a person, and how a person decides."""

from __future__ import annotations

import pytest

from batchdep.cli.recover import _decision, _lines
from batchdep.errors import ExitCode, UsageError
from batchdep.findings import Candidate, Finding, Found, Recovery

DRAFT = Candidate(1000, False, "https://sandbox.zenodo.org/deposit/1000", None, 3, 3, True, ())
EDITED = Candidate(
    1001, True, "https://sandbox.zenodo.org/records/1001", "10.5072/zenodo.1001", 3, 2, False, ("title",)
)


def told(*datasets: Found, whole: bool = True) -> str:
    found = Recovery("roses", "https://sandbox.zenodo.org", "state.db", "roses.yaml", 7, whole, 9, datasets)
    return "\n".join(_lines(found, lambda text, _: text))


def test_each_finding_has_its_line() -> None:
    text = told(Found("a", Finding.MATCHED, 3, (DRAFT,)), Found("b", Finding.MISSING, 3), Found("c", Finding.KNOWN, 3))
    assert text.splitlines() == [
        "a: matched 1000 (draft, 3 of 3 files)",
        "b: not there; submit makes it",
        "c: known to this state already; left alone",
        "roses on https://sandbox.zenodo.org: 1 matched, 1 missing, 1 known;"
        " 7 depositions looked through; nothing was changed there",
    ]


def test_what_is_ambiguous_is_told_with_both_ids_and_the_way_out() -> None:
    text = told(Found("a", Finding.AMBIGUOUS, 3, (DRAFT, EDITED)))
    assert "a: ambiguous, 2 depositions could be it; it is held" in text
    assert "1001 (published as 10.5072/zenodo.1001, 2 of 3 files, 1 other or with other bytes" in text
    assert "other metadata (title))  https://sandbox.zenodo.org/records/1001" in text
    assert "--take a=1000 | --take a=1001 | --anew a" in text


def test_what_was_found_twice_and_what_cannot_be_seen_are_told() -> None:
    assert "found 2 times" in told(Found("a", Finding.AMBIGUOUS, 3, (DRAFT, DRAFT), twice=True))
    assert "older ones are unseen" in told(Found("a", Finding.AMBIGUOUS, 3), whole=False)


def test_only_what_is_ambiguous_makes_it_unfinished() -> None:
    def code(finding: Finding) -> ExitCode:
        return Recovery("b", "t", "d", "m", 0, True, 0, (Found("a", finding, 1),)).exit_code

    assert [code(finding) for finding in Finding] == [ExitCode.DONE, ExitCode.DONE, ExitCode.UNFINISHED, ExitCode.DONE]


def test_an_id_may_have_an_equals_sign() -> None:
    assert _decision("a=b=1000") == ("a=b", 1000)


@pytest.mark.parametrize("text", ["a", "a=", "=1", "a=x", "a=-1", "a=１", ""])
def test_no_decision_is_guessed(text: str) -> None:
    with pytest.raises(UsageError, match="ID=DEPOSITION"):
        _decision(text)
