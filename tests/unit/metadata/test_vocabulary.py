"""Licences, languages, identifiers and dates."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from batchdep.metadata import dates, identifiers
from batchdep.metadata.languages import is_language, suggest_language, three_letters
from batchdep.metadata.licences import ALIASES, ZENODO_ONLY, licence_standing, same_licence, suggest_licences
from batchdep.metadata.licences_taken import SPDX_IDS_TAKEN
from batchdep.metadata.vocabulary import FUNDERS, RELATIONS, spelling
from tests.unit.metadata.strategies import patient


@pytest.mark.parametrize(
    "licence", ["CC-BY-4.0", " cc-by-4.0 ", "MIT", "mit-license", "cc-zero", "odc-odbl", "GPL-3.0+", "notspecified"]
)
def test_licence_that_is_taken(licence: str) -> None:
    assert licence_standing(licence) == "taken"


@pytest.mark.parametrize(
    ("licence", "standing"), [("CC-BY-3.0-DE", "uncertain"), ("freeware", "unknown"), ("", "unknown")]
)
def test_licence_that_is_not(licence: str, standing: str) -> None:
    assert licence_standing(licence) == standing


def test_old_ids_stand_for_licences() -> None:
    named = SPDX_IDS_TAKEN | ZENODO_ONLY | {"net-snmp", "wxwindows"}
    assert {alias: target for alias, target in ALIASES.items() if target not in named} == {}


@pytest.mark.parametrize(
    ("a", "b", "same"),
    [
        ("CC0-1.0", "cc-zero", True),
        ("cc-zero", {"id": "CC0-1.0"}, True),
        ("gpl-3.0", "GPL-3.0-only", True),
        ("cc-by", "cc-by-4.0", True),
        ("cc-by-1.0", "cc-by", True),
        ("cc-by-1.0", "cc-by-4.0", False),
        ("gpl-3.0", "gpl-3.0-or-later", False),
        ("gpl-3.0", "gpl-2.0", False),
        (None, None, True),
        (None, "mit", False),
        ([], {}, False),
    ],
)
def test_same_licence(a: Any, b: Any, same: bool) -> None:
    assert same_licence(a, b) is same
    assert same_licence(b, a) is same


@pytest.mark.parametrize(
    ("wrong", "right"),
    [
        ("CC BY 4.0", "CC-BY-4.0"),
        ("MIT + file LICENSE", "MIT"),
        ("Apache License 2.0", "Apache-2.0"),
        ("gpl3", "GPL-3.0-only"),
        ("BSD", "BSD-3-Clause"),
        ("https://creativecommons.org/publicdomain/zero/1.0/", "CC0-1.0"),
        ("https://creativecommons.org/licenses/by-sa/3.0/", "CC-BY-SA-3.0"),
    ],
)
def test_nearest_licence_comes_first(wrong: str, right: str) -> None:
    assert suggest_licences(wrong)[0] == right
    assert len(suggest_licences(wrong)) <= 3


def test_every_wrong_licence_gets_a_suggestion() -> None:
    assert len(suggest_licences("qqqqqq")) == 3


@pytest.mark.parametrize(
    ("code", "known"),
    [
        ("eng", True),
        ("de", True),
        ("DE", True),
        ("ger", False),
        ("xq", False),
        ("ENG", False),
        ("e", False),
        ("", False),
    ],
)
def test_language(code: str, known: bool) -> None:
    assert is_language(code) is known


@pytest.mark.parametrize(
    ("wrong", "right"),
    [
        ("ger", "deu"),
        ("German", "deu"),
        ("germn", "deu"),
        ("Deutsch", "deu"),
        ("français", "fra"),
        ("Francais", "fra"),
        ("ESPAÑOL", "spa"),
        ("日本語", "jpn"),
        ("en_US", "eng"),
        ("qqqqqq", None),
    ],
)
def test_suggested_language(wrong: str, right: str | None) -> None:
    assert suggest_language(wrong) == right


def test_two_letters_become_three() -> None:
    assert three_letters("fr") == "fra"
    assert three_letters("zz") is None


@pytest.mark.parametrize(
    ("identifier", "scheme"),
    [
        ("10.1234/abc", "doi"),
        ("doi:10.1234/abc", "doi"),
        ("https://doi.org/10.1234/abc", "doi"),
        ("arXiv:2401.00001", "arxiv"),
        ("https://example.org", "url"),
        ("12345678", "pmid"),
        ("w3id.org/x", "handle"),
        ("0000-0002-1825-0097", "isni"),
        ("http://[", "url"),
        ("free text", None),
        ("PMC123", None),
        ("urn:lsid:a.b:c:1", None),
        ("x" * 5000, None),
        ("", None),
    ],
)
def test_scheme(identifier: str, scheme: str | None) -> None:
    assert identifiers.scheme_of(identifier) == scheme


@patient
@given(st.text(max_size=30))
def test_no_text_breaks_the_detection(identifier: str) -> None:
    assert identifiers.scheme_of(identifier) in {None, *identifiers.ACCEPTED_SCHEMES}
    identifiers.orcid_fault(identifier)
    identifiers.is_isbn(identifier)
    dates.guesses(identifier)
    dates.interval_fault(identifier)


@given(st.integers(15_000_000, 34_999_999))
def test_orcid_with_one_wrong_digit_is_found_out(number: int) -> None:
    digits = f"{number:015d}"
    check = next(each for each in "0123456789X" if identifiers.orcid_fault(digits + each) is None)
    wrong = digits[:-1] + str((int(digits[-1]) + 1) % 10)
    assert identifiers.orcid_fault(wrong + check) is not None


def test_orcid_outside_its_blocks() -> None:
    # an ISNI with a right check digit
    assert identifiers.orcid_fault("0000-0001-2103-2683") == "is a number that ORCID has not handed out"


@pytest.mark.parametrize(
    ("isbn", "right"),
    [
        ("978-3-16-148410-0", True),
        ("0306406152", True),
        ("080442957X", True),
        ("978-3-16-148410-1", False),
        ("12", False),
    ],
)
def test_isbn(isbn: str, right: bool) -> None:
    assert identifiers.is_isbn(isbn) is right


@pytest.mark.parametrize(
    ("written", "days"),
    [
        ("24/11/2026", ["2026-11-24"]),
        ("11/24/2026", ["2026-11-24"]),
        ("03/04/2026", ["2026-04-03", "2026-03-04"]),
        ("04/04/2026", ["2026-04-04"]),
        ("24.11.2026", ["2026-11-24"]),
        ("03.04.2026", ["2026-04-03"]),
        ("11.24.2026", ["2026-11-24"]),
        ("2026/11/24", ["2026-11-24"]),
        ("20261124", ["2026-11-24"]),
        ("Nov 24, 2026", ["2026-11-24"]),
        ("31/31/2026", []),
        ("soon", []),
    ],
)
def test_guessed_dates(written: str, days: list[str]) -> None:
    assert list(dates.guesses(written)) == days


def test_a_date_with_slashes_is_no_interval() -> None:
    assert dates.interval_fault("24/11/2026") == "'24/11/2026' is no date in the form 2026-11-24, 2026-11 or 2026"
    assert dates.interval_fault("2026-11/soon") == "'soon' is no date in the form 2026-11-24, 2026-11 or 2026"


def test_spelling() -> None:
    assert spelling("ISCITEDBY", RELATIONS) == "isCitedBy"
    assert spelling("x", RELATIONS) is None


def test_funders_are_funder_dois() -> None:
    assert all(doi.startswith("10.13039/") for doi in FUNDERS)
    assert len(FUNDERS) == 25
