"""The rules and the comparison against the embedded repository, which was written from the same observations."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from batchdep.metadata.compare import differences, holds_metadata, same_metadata
from batchdep.metadata.html import FIELDS
from batchdep.metadata.rules import RULES, validate_metadata
from batchdep.metadata.sending import sent_form
from batchdep.problems import Place
from tests.support.local_server import running_local
from tests.unit.metadata.test_rules import FINE, GOOD, FakeSource
from tests.unit.metadata.test_sending import CHANGED

EMBARGO = (datetime.now(UTC).date() + timedelta(days=100)).isoformat()

EVERY_FIELD: dict[str, Any] = {
    "title": "Scent of roses & more ",
    "upload_type": "publication",
    "publication_type": "thesis",
    "image_type": "figure",
    "software_type": "computationalnotebook",
    "description": "<p>Volatiles of <b>40</b> cultivars: a < b & c</p><dl><dt>x</dt></dl>",
    "creators": [
        {"name": "Doe,Jane", "affiliation": "CERN", "orcid": "https://orcid.org/0000-0002-1825-0097"},
        {"name": "CERN", "gnd": "4079163-4"},
    ],
    "contributors": [{"name": "Roe, Ann", "type": "DataCurator"}],
    "publication_date": "2026-11-24",
    "access_right": "open",
    "embargo_date": EMBARGO,
    "access_conditions": "Ask us.",
    "license": "CC-BY-4.0",
    "language": "de",
    "version": "1.0",
    "keywords": [" rose", "scent"],
    "subjects": [{"term": "Rosa", "identifier": "https://example.org/rosa", "scheme": "url"}],
    "notes": "Some notes",
    "method": "<p>GC-MS</p>",
    "references": ["Doe 2018"],
    "related_identifiers": [
        {"identifier": "https://doi.org/10.1234/Abc", "relation": "isAlternateIdentifier"},
        {"identifier": "arXiv:2401.00001", "relation": "cites", "resource_type": "publication-article"},
    ],
    "communities": [{"identifier": "zenodo"}],
    "grants": [{"id": "654241"}],
    "locations": [{"place": "Bath", "lat": "51.38", "lon": -2.36, "description": "Garden"}],
    "dates": [{"start": "2018-05-01", "end": "2018-06-01", "type": "Collected"}, {"start": "2018", "type": "Valid"}],
    "doi": "https://doi.org/10.1234/abc",
    "prereserve_doi": True,
    "journal_title": "Journal",
    "journal_volume": "1",
    "journal_issue": "2",
    "journal_pages": "3-4",
    "conference_title": "Conference",
    "conference_acronym": "C",
    "conference_dates": "1 May",
    "conference_place": "Bath",
    "conference_url": "https://example.org",
    "conference_session": "1",
    "conference_session_part": "2",
    "imprint_publisher": "Press",
    "imprint_isbn": "978-3-16-148410-0",
    "imprint_place": "Bath",
    "partof_title": "Book",
    "partof_pages": "5",
    "thesis_supervisors": [{"name": "Poe, Edgar"}],
    "thesis_university": "Bath",
    "custom": {"dwc:genus": ["Rosa"]},
}

KNOWN_LOSSES = {"access_conditions", "embargo_date", "image_type", "software_type"}


@pytest.fixture
async def depositions(tmp_path: Path) -> AsyncIterator[tuple[aiohttp.ClientSession, str]]:
    async with running_local(tmp_path) as server, aiohttp.ClientSession() as session:
        yield session, f"{server.url}/api/deposit/depositions"


async def stored_as(depositions: tuple[aiohttp.ClientSession, str], metadata: dict[str, Any]) -> dict[str, Any]:
    session, url = depositions
    headers = {"Authorization": "Bearer local", "Content-Type": "application/json"}
    async with session.post(url, json={"metadata": metadata}, headers=headers) as answer:
        document = await answer.json()
        assert answer.status == 201, document
    stored = document["metadata"]
    assert isinstance(stored, dict)
    return stored


def test_the_document_has_every_field_and_only_known_warnings() -> None:
    assert set(EVERY_FIELD) == set(RULES)
    problems = validate_metadata("x", EVERY_FIELD, lambda *path: Place(FakeSource(), path))
    assert [each for each in problems if each.is_error] == []
    assert {each.path.removeprefix("metadata.") for each in problems} == KNOWN_LOSSES | {"description"}


async def test_round_trip_of_every_field(depositions: tuple[aiohttp.ClientSession, str]) -> None:
    stored = await stored_as(depositions, EVERY_FIELD)
    assert {each.field for each in differences(EVERY_FIELD, stored)} == KNOWN_LOSSES
    assert same_metadata(EVERY_FIELD, stored)


async def test_what_the_rules_pass_is_stored_without_loss(depositions: tuple[aiohttp.ClientSession, str]) -> None:
    lost = {}
    for name, changed in FINE.items():
        sent = sent_form({**GOOD, **changed})
        stored = await stored_as(depositions, sent)
        assert same_metadata(sent, stored), name
        assert holds_metadata(sent, stored), name
        if found := differences(sent, stored):
            lost[name] = [each.message for each in found]
    assert lost == {}


@pytest.mark.parametrize("name", CHANGED)
async def test_what_is_sent_is_what_is_stored(depositions: tuple[aiohttp.ClientSession, str], name: str) -> None:
    sent = sent_form({**GOOD, **CHANGED[name][0]})
    stored = await stored_as(depositions, sent)
    assert differences(sent, stored) == []
    assert {field: stored[field] for field in FIELDS if field in sent} == {
        field: sent[field] for field in FIELDS if field in sent
    }
