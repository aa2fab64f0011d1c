"""The form in which metadata are sent."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from hypothesis import given

from batchdep.metadata.references import references_in
from batchdep.metadata.sending import sent_form
from tests.unit.metadata.strategies import DOCUMENTS, patient

CHANGED: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "name in parts": (
        {"creators": [{"given": "Marie", "family": "Curie", "affiliation": "Sorbonne"}]},
        {"creators": [{"name": "Curie, Marie", "affiliation": "Sorbonne"}]},
    ),
    "one name": ({"contributors": [{"family": "Plato"}]}, {"contributors": [{"name": "Plato"}]}),
    "a name that is there stays": (
        {"creators": [{"name": "Curie, Marie", "family": "X"}]},
        {"creators": [{"name": "Curie, Marie"}]},
    ),
    "ROR id": (
        {"thesis_supervisors": [{"name": "Doe, J", "ror": "05gq02987"}]},
        {"thesis_supervisors": [{"name": "Doe, J"}]},
    ),
    "ORCID": (
        {"creators": [{"name": "Doe, J", "orcid": "https://orcid.org/000000021694233x"}]},
        {"creators": [{"name": "Doe, J", "orcid": "0000-0002-1694-233X"}]},
    ),
    "GND": (
        {"creators": [{"name": "Doe, J", "gnd": "https://d-nb.info/gnd/4079163-4"}]},
        {"creators": [{"name": "Doe, J", "gnd": "4079163-4"}]},
    ),
    "licence by name": ({"license": "CC BY 4.0"}, {"license": "CC-BY-4.0"}),
    "licence by address": (
        {"license": {"id": "https://creativecommons.org/publicdomain/zero/1.0/"}},
        {"license": {"id": "CC0-1.0"}},
    ),
    "language by name": ({"language": "German"}, {"language": "deu"}),
    "language by its bibliographic code": ({"language": "ger"}, {"language": "deu"}),
    "locale": ({"language": "pt_BR"}, {"language": "por"}),
    "grant": ({"grants": [{"id": "EC::654241"}]}, {"grants": [{"id": "10.13039/501100000780::654241"}]}),
    "HTML": ({"notes": "<p>a<img></p>"}, {"notes": "<p>a</p>"}),
    "plain text": ({"method": "a\n\nb <c>"}, {"method": "<p>a</p>\n<p>b &lt;c&gt;</p>"}),
}


@pytest.mark.parametrize("name", CHANGED)
def test_what_is_sent(name: str) -> None:
    written, sent = CHANGED[name]
    before = copy.deepcopy(written)
    assert sent_form({"title": "a < b", **written}) == {"title": "a < b", **sent}
    assert written == before


@pytest.mark.parametrize(
    "metadata",
    [
        {"license": "cc-by", "language": "DE", "description": "plain", "grants": [{"id": "654241"}]},
        {"license": {"id": "mit-license"}, "creators": [{"name": "Doe, J", "orcid": "0000-0002-1694-233X"}]},
        {"license": "no such licence", "language": "no such language", "grants": [{"id": "no such grant"}]},
        {"license": None, "language": 1, "grants": {}, "creators": "x", "description": ["<p>"]},
    ],
)
def test_what_is_known_or_unknown_stays_the_same_object(metadata: dict[str, Any]) -> None:
    assert sent_form(metadata) is metadata


@patient
@given(DOCUMENTS)
def test_whatever_it_gets_the_sent_form_stays(metadata: dict[str, Any]) -> None:
    sent = sent_form(metadata)
    assert sent_form(sent) == sent
    assert references_in(sent) == references_in(metadata)
