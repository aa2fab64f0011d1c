"""Funders and grants, by whatever they are called."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from batchdep.metadata.funders import FUNDER_NAMES, FUNDER_ROR, funder_doi, funders, grant_id
from batchdep.metadata.identifiers import bare_ror
from batchdep.metadata.vocabulary import FUNDERS

EC = "10.13039/501100000780"


@pytest.mark.parametrize(
    ("written", "doi"),
    [
        (EC, EC),
        (f"https://doi.org/{EC}", EC),
        ("10.13039/1", None),
        ("https://ror.org/00k4n6c32", EC),
        ("0472cxd90", EC),
        ("0abcdef00", None),
        ("nsf", "10.13039/100000001"),
        ("Wellcome Trust", "10.13039/100004440"),
        ("wt", "10.13039/100004440"),
        ("UKRI", "10.13039/100014013"),
        ("Research Councils UK", "10.13039/100014013"),
        ("TÜBİTAK", "10.13039/501100004410"),
        ("", None),
        ("DFG", None),
    ],
)
def test_funder(written: str, doi: str | None) -> None:
    assert funder_doi(written) == doi


def test_name_beside_an_empty_identifier() -> None:
    assert funder_doi("", "Wellcome Trust") == "10.13039/100004440"


def test_every_funder_has_a_name_and_a_ror_id() -> None:
    assert set(FUNDER_NAMES) == set(FUNDERS.values())
    assert set(FUNDERS) - set(FUNDER_ROR.values()) == {"10.13039/501100000690"}  # RCUK, which became UKRI
    assert [each.short for each in funders()] == list(dict.fromkeys(FUNDERS[doi] for doi in FUNDER_ROR.values()))


def test_ror_ids_have_their_check_digits() -> None:
    assert [ror for ror in FUNDER_ROR if bare_ror(ror) != ror] == []


@pytest.mark.parametrize(
    ("written", "bare"),
    [
        ("https://ror.org/05gq02987", "05gq02987"),
        ("ROR.org/05GQ02987/", "05gq02987"),
        ("ror:05gq02987", "05gq02987"),
        ("05gq02988", None),
        ("05gq029", None),
        ("05gi02987", None),  # no letter of base 32
        ("", None),
    ],
)
def test_ror(written: str, bare: str | None) -> None:
    assert bare_ror(written) == bare


@pytest.mark.parametrize(
    ("written", "grant"),
    [
        ("654241", "654241"),
        (f"{EC}::654241", f"{EC}::654241"),
        (f"https://doi.org/{EC}::654241", f"{EC}::654241"),
        ("EC::654241", f"{EC}::654241"),
        (" nsf :: 12-34 ", "10.13039/100000001::12-34"),
        ("https://ror.org/021nxhr62::1234", "10.13039/100000001::1234"),
        ("Swiss National Science Foundation::200021", "10.13039/501100001711::200021"),
        ("10.3030/654241", f"{EC}::654241"),
        ("https://doi.org/10.3030/101057344", f"{EC}::101057344"),
        ("https://cordis.europa.eu/project/id/654241", f"{EC}::654241"),
        ("https://cordis.europa.eu/project/id/654241/de", f"{EC}::654241"),
        ("10.13039/501100000690::EP/1", "10.13039/501100000690::EP/1"),
        ("DFG::1234", None),
        ("EC::", None),
        ("R01 GM 12345", None),
        ("", None),
    ],
)
def test_grant(written: str, grant: str | None) -> None:
    assert grant_id(written) == grant


@given(st.text(max_size=30))
def test_a_grant_id_stays_what_it_is(written: str) -> None:
    grant = grant_id(written)
    assert grant is None or grant_id(grant) == grant
