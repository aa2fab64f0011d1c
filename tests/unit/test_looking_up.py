"""Looking up what needs no repository."""

from __future__ import annotations

import pytest

from batchdep.looking_up import look_up
from batchdep.metadata.finding import Kind, Subject


def test_every_list_can_be_looked_up() -> None:
    assert {Subject(kind) for kind in Kind} | {Subject.ORCID} == {each for each in Subject if not each.is_remote}


def test_matches_and_suggestions_as_a_document() -> None:
    assert look_up(Subject.ROLE, "contact").as_dict() == {
        "schema": "batchdep-lookup/1",
        "kind": "role",
        "query": "contact",
        "target": None,
        "matches": [{"id": "ContactPerson", "name": "contact person", "note": None}],
        "suggestions": [],
        "remark": "",
    }
    missed = look_up(Subject.RELATION, "isSuplementTo").as_dict()
    assert missed["matches"] == []
    assert missed["suggestions"][0]["id"] == "isSupplementTo"


def test_a_funder_that_is_not_known() -> None:
    found = look_up(Subject.FUNDER, "Deutsche Forschungsgemeinschaft")
    assert (found.matches, "list of funders" in found.remark) == ([], True)


@pytest.mark.parametrize(
    "written", ["https://orcid.org/000000021694233x", "0000-0002-1694-233X", " orcid: 000000021694233X"]
)
def test_orcid(written: str) -> None:
    found = look_up(Subject.ORCID, written)
    assert [(each.id, each.name) for each in found.matches] == [
        ("0000-0002-1694-233X", "https://orcid.org/0000-0002-1694-233X")
    ]


@pytest.mark.parametrize(
    ("written", "words"),
    [
        ("0000-0002-1694-2331", "'1' should be 'X'"),
        ("0000-0002-1694", "is not an ORCID"),
        ("Marie Curie", "no search for them"),
        ("", "no search for them"),
    ],
)
def test_what_is_no_orcid(written: str, words: str) -> None:
    found = look_up(Subject.ORCID, written)
    assert found.matches == []
    assert words in found.remark
