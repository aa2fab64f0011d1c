"""Observed: Fields, three ways to fail. Each row of the table, over HTTP."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.integration.local.conftest import MINIMAL, Api
from tests.integration.local.observed.case import named

TODAY = datetime.now(UTC).date().isoformat()
TOMORROW = (datetime.now(UTC).date() + timedelta(days=1)).isoformat()
PAST = "2001-01-01"
DOI = "10.1234/x"
EC = "10.13039/501100000780"


def related(identifier: str = DOI, relation: Any = "cites", **more: Any) -> list[dict[str, Any]]:
    return [{"identifier": identifier, "relation": relation, **more}]


REFUSED: list[tuple[str, Any]] = [
    *(("title", value) for value in (None, 5, ["x"])),
    *(("description", value) for value in (None, 5)),
    *(("creators", value) for value in (None, {"name": "Doe"})),
    *(("contributors", value) for value in (None, ["Doe"])),
    *(("publication_date", value) for value in (None, 2026)),
    *(("license", value) for value in (5, ["cc-by-4.0"], None)),
    *(("related_identifiers", value) for value in ("x", None, ["x"])),
    ("grants", None),
    *(("language", value) for value in ("e", "engl", "", None, ["eng"])),
    ("keywords", None),
    *(("version", value) for value in (None, 1)),
    ("locations", None),
    ("imprint_publisher", None),
]


@pytest.mark.parametrize("sent", named([({key: value},) for key, value in REFUSED]))
async def test_refused_at_once_with_its_field(api: Api, sent: dict[str, Any]) -> None:
    (key,) = sent
    answer = await api.ask("POST", api.depositions, json={"metadata": {**MINIMAL, **sent}})
    assert answer.status == 400
    assert answer.body["message"] == "A validation error occurred."
    assert answer.fields == [f"metadata.{key}"]
    assert answer.messages


@pytest.mark.parametrize(
    ("sent", "field"),
    named(
        [
            ({"access_right": "secret"}, "_schema"),
            ({"access_right": 5}, "_schema"),
            ({"access_right": "embargoed"}, "_schema"),
            ({"communities": "zenodo"}, "communities"),
            ({"communities": ["zenodo"]}, "communities"),
            ({"related_identifiers": related("free text")}, "metadata.related_identifiers.scheme"),
            ({"related_identifiers": related(relation=5)}, "metadata.related_identifiers.relation"),
            ({"dates": [{"type": "Collected"}]}, "metadata.dates.0"),
        ]
    ),
)
async def test_refused_under_another_name(api: Api, sent: dict[str, Any], field: str) -> None:
    answer = await api.ask("POST", api.depositions, json={"metadata": {**MINIMAL, **sent}})
    assert (answer.status, answer.fields) == (400, [field])


@pytest.mark.parametrize(
    ("sent", "named"),
    named(
        [
            ({"upload_type": "bogus"}, "bogus"),
            ({"upload_type": "Dataset"}, "Dataset"),
            ({"upload_type": "publication", "publication_type": "xx"}, "publication-xx"),
            ({"upload_type": "image", "image_type": "xx"}, "image-xx"),
            ({"contributors": [{"name": "Doe", "type": "boss"}]}, "boss"),
            ({"license": "nope"}, "nope"),
            ({"license": ""}, ""),
            (
                {"license": "https://creativecommons.org/licenses/by/4.0/"},
                "https://creativecommons.org/licenses/by/4.0/",
            ),
            ({"related_identifiers": related(relation="xCites")}, "xcites"),
            ({"related_identifiers": related(resource_type="nope")}, "nope"),
            ({"grants": [{"id": f"{EC}::999999999"}]}, "00k4n6c32::999999999"),
            ({"grants": [{"id": "10.13039/5::1"}]}, "10.13039/5::1"),
            ({"language": "ger"}, "ger"),
            ({"dates": [{"type": "nope", "start": "2020-01-01"}]}, "nope"),
        ]
    ),
)
async def test_words_that_no_vocabulary_has(api: Api, sent: dict[str, Any], named: str) -> None:
    answer = await api.ask("POST", api.depositions, json={"metadata": {**MINIMAL, **sent}})
    assert answer.status == 400
    assert answer.body == {"status": 400, "message": f"Invalid value {named}."}


@pytest.mark.parametrize(
    "sent",
    named(
        [
            (sent,)
            for sent in [
                {"creators": ["Doe, Jane"]},
                {"creators": [{"name": 5}]},
                {"creators": [{"name": "Doe", "orcid": 5}]},
                {"creators": [{"name": "Doe", "gnd": "nonsense"}]},
                {"contributors": [{"name": "Doe", "type": 5}]},
                {"license": {"title": "x"}},
                {"related_identifiers": [{"identifier": DOI}]},
                {"related_identifiers": [{"relation": "cites"}]},
                {"grants": [{"x": 1}]},
                {"grants": [{"id": 5}]},
                {"grants": ["654241"]},
                {"language": 5},
                {"subjects": ["x"]},
                {"locations": [{"lat": 1, "lon": 2}]},
                {"dates": [{"start": "2020-01-01"}]},
                {"doi": 5},
            ]
        ]
    ),
)
async def test_more_than_the_server_can_bear(api: Api, sent: dict[str, Any]) -> None:
    for _ in range(2):
        answer = await api.ask("POST", api.depositions, json={"metadata": {**MINIMAL, **sent}})
        assert (answer.status, answer.body["status"]) == (500, 500)
        assert "errors" not in answer.body
    draft = await api.create()
    assert (await api.change(draft, {**MINIMAL, **sent})).status == 500


ABSENT = object()
PUBLISHES: list[str] = []
PERSON = "person_or_org"


@pytest.mark.parametrize(
    ("sent", "key", "stored", "stops"),
    named(
        [
            # Dropped, and the publication fails.
            ({"title": ""}, "title", ABSENT, ["metadata.title"]),
            ({"title": "T"}, "title", ABSENT, ["metadata.title"]),
            ({"title": "Ti"}, "title", ABSENT, ["metadata.title"]),
            ({"title": "   "}, "title", ABSENT, ["metadata.title"]),
            ({"creators": []}, "creators", ABSENT, ["metadata.creators"]),
            ({"upload_type": None}, "upload_type", ABSENT, ["metadata.resource_type"]),
            ({"upload_type": 5}, "upload_type", ABSENT, ["metadata.resource_type"]),
            ({"publication_date": "24/11/2026"}, "publication_date", ABSENT, ["metadata.publication_date"]),
            ({"publication_date": "2026-02-31"}, "publication_date", ABSENT, ["metadata.publication_date"]),
            ({"publication_date": ""}, "publication_date", ABSENT, ["metadata.publication_date"]),
            ({"publication_date": "2026-01-01T10:00:00"}, "publication_date", ABSENT, ["metadata.publication_date"]),
            ({"notes": "ab"}, "notes", ABSENT, ["metadata.additional_descriptions.0.description"]),
            ({"method": "ab"}, "method", ABSENT, ["metadata.additional_descriptions.0.description"]),
            ({"notes": "a"}, "notes", ABSENT, ["metadata.additional_descriptions.0.description"]),
            ({"method": 5}, "method", ABSENT, ["metadata.additional_descriptions.0.description"]),
            ({"notes": 5}, "notes", ABSENT, ["metadata.additional_descriptions.0.description"]),
            ({"keywords": [""]}, "keywords", ABSENT, ["metadata.subjects.0.subjects"]),
            ({"imprint_publisher": ""}, "imprint_publisher", ABSENT, ["metadata.publisher"]),
            # Taken, and the publication fails.
            (
                {"contributors": [{"name": "Doe"}]},
                "contributors",
                [{"name": "Doe", "affiliation": None}],
                ["metadata.contributors.0.role"],
            ),
            (
                {"access_right": "embargoed", "embargo_date": PAST},
                "embargo_date",
                PAST,
                ["access.embargo.until"],
            ),
            ({"access_right": "embargoed", "embargo_date": "soon"}, "embargo_date", "soon", ["access.embargo.until"]),
            ({"access_right": "embargoed", "embargo_date": TODAY}, "embargo_date", TODAY, ["access.embargo.until"]),
            (
                {"dates": [{"type": "Valid", "start": "2020-02-01", "end": "2020-01-01"}]},
                "dates",
                [{"type": "valid", "start": "2020-02-01", "end": "2020-01-01"}],
                ["metadata.dates.0.date"],
            ),
            ({"dates": [{"type": "valid", "start": "then"}]}, "dates", [{"type": "valid"}], ["metadata.dates.0.date"]),
            ({"doi": "nonsense"}, "doi", "nonsense", ["pids.doi"]),
            # Dropped, and the publication succeeds without it.
            ({"description": ""}, "description", ABSENT, PUBLISHES),
            ({"description": "a"}, "description", ABSENT, PUBLISHES),
            ({"description": "ab"}, "description", ABSENT, PUBLISHES),
            ({"access_right": "restricted", "access_conditions": "Ask me"}, "access_conditions", ABSENT, PUBLISHES),
            ({"embargo_date": TOMORROW}, "embargo_date", ABSENT, PUBLISHES),
            ({"related_identifiers": []}, "related_identifiers", ABSENT, PUBLISHES),
            ({"communities": None}, "communities", ABSENT, PUBLISHES),
            ({"grants": []}, "grants", ABSENT, PUBLISHES),
            ({"language": "xx"}, "language", ABSENT, PUBLISHES),
            ({"subjects": None}, "subjects", ABSENT, PUBLISHES),
            ({"references": [{"x": 1}]}, "references", ABSENT, PUBLISHES),
            ({"keywords": [5, {"a": 1}, "kept"]}, "keywords", ["kept"], PUBLISHES),
            ({"imprint_isbn": "123"}, "imprint_isbn", ABSENT, PUBLISHES),
            ({"conference_url": "not an address"}, "conference_url", ABSENT, PUBLISHES),
            ({"journal_volume": 5}, "journal_volume", ABSENT, PUBLISHES),
            ({"publication_type": "article"}, "publication_type", ABSENT, PUBLISHES),
            (
                {"locations": [{"place": "Null Island", "lat": 0, "lon": 7}]},
                "locations",
                [{"place": "Null Island"}],
                [],
            ),
            ({"locations": [{"place": "Greenwich", "lat": 51.5, "lon": 0}]}, "locations", [{"place": "Greenwich"}], []),
            ({"dates": [{"type": "Valid", "start": "2020"}]}, "dates", [{"type": "valid"}], PUBLISHES),
            ({"dates": [{"type": "Valid", "start": "2020", "end": "2020"}]}, "dates", [{"type": "valid"}], PUBLISHES),
            (
                {"creators": [{"name": "Doe", "affiliation": ["x"]}]},
                "creators",
                [{"name": "Doe", "affiliation": None}],
                PUBLISHES,
            ),
            ({"custom": {"dwc:kingdom": "Plantae", "x:y": 1}}, "custom", {"dwc:kingdom": "Plantae"}, PUBLISHES),
            # Rewritten.
            ({"title": "  a <b>title</b>\u200b "}, "title", "a <b>title</b>", PUBLISHES),
            ({"access_right": None}, "access_right", "open", PUBLISHES),
            ({"title": "a\u0007 title"}, "title", "a title", PUBLISHES),
            ({"access_right": "restricted"}, "access_right", "restricted", PUBLISHES),
            ({"access_right": "closed"}, "access_right", "restricted", PUBLISHES),
            ({"keywords": "ab"}, "keywords", ["a", "b"], PUBLISHES),
            ({"keywords": [" a "]}, "keywords", ["a"], PUBLISHES),
            ({"references": "ab"}, "references", ["a", "b"], PUBLISHES),
            ({"language": "DE"}, "language", "deu", PUBLISHES),
            ({"language": "de"}, "language", "deu", PUBLISHES),
            ({"language": "eng"}, "language", "eng", PUBLISHES),
            ({"doi": "https://doi.org/10.1234/Abc"}, "doi", "10.1234/Abc", PUBLISHES),
            (
                {"locations": [{"place": "Rome", "lat": "41.9", "lon": 200}]},
                "locations",
                [{"place": "Rome", "lat": 41.9, "lon": 200}],
                PUBLISHES,
            ),
            (
                {"locations": [{"place": "Nowhere", "lat": 200, "lon": 12.5}]},
                "locations",
                [{"place": "Nowhere", "lat": 200, "lon": 12.5}],
                PUBLISHES,
            ),
            (
                {"dates": [{"type": "Collected", "start": "2020-01-01", "end": "2020-02-01", "description": "x"}]},
                "dates",
                [{"type": "collected", "start": "2020-01-01", "end": "2020-02-01", "description": "x"}],
                PUBLISHES,
            ),
            ({"grants": [{"id": "654241"}]}, "grants", [{"id": f"{EC}::654241"}], PUBLISHES),
            (
                {"contributors": [{"name": "Doe", "type": "supervisor"}]},
                "contributors",
                [{"name": "Doe", "affiliation": None, "type": "Supervisor"}],
                PUBLISHES,
            ),
            (
                {
                    "thesis_supervisors": [{"name": "Roe, Ann"}],
                    "contributors": [{"name": "Doe", "type": "Editor"}],
                },
                "contributors",
                [
                    {"name": "Roe, Ann", "affiliation": None, "type": "Supervisor"},
                    {"name": "Doe", "affiliation": None, "type": "Editor"},
                ],
                PUBLISHES,
            ),
            # Kept.
            ({"publication_date": "2026"}, "publication_date", "2026", PUBLISHES),
            ({"publication_date": "2020/2021"}, "publication_date", "2020/2021", PUBLISHES),
            ({"publication_date": "2099-01-01"}, "publication_date", "2099-01-01", PUBLISHES),
            (
                {"related_identifiers": related() * 2},
                "related_identifiers",
                related(scheme="doi") * 2,
                PUBLISHES,
            ),
            (
                {"related_identifiers": related(f"https://doi.org/{DOI}", "CITES", scheme="url")},
                "related_identifiers",
                related(scheme="doi"),
                PUBLISHES,
            ),
            ({"communities": [{"identifier": "unknown"}]}, "communities", [{"identifier": "unknown"}], PUBLISHES),
            (
                {"subjects": [{"term": "a", "identifier": "b", "scheme": "url"}]},
                "subjects",
                [{"term": "a", "identifier": "b", "scheme": "url"}],
                PUBLISHES,
            ),
            (
                {"creators": [{"name": "Doe, J"}, {"name": "Doe, J"}]},
                "creators",
                [{"name": "Doe, J", "affiliation": None}] * 2,
                PUBLISHES,
            ),
        ]
    ),
)
async def test_taken_changed_or_dropped(
    api: Api, sent: dict[str, Any], key: str, stored: Any, stops: list[str]
) -> None:
    draft = await api.create({**MINIMAL, **sent})
    assert draft["metadata"].get(key, ABSENT) == stored
    assert (await api.get(draft))["metadata"] == draft["metadata"]
    await api.put(draft)
    answer = await api.act(draft, "publish")
    assert answer.status == (400 if stops else 202), answer
    if stops:
        assert answer.fields == stops
        assert (await api.get(draft))["state"] == "unsubmitted"


@pytest.mark.parametrize("missing", ["title", "upload_type", "creators"])
async def test_missing_what_a_publication_needs(api: Api, missing: str) -> None:
    draft = await api.create({key: value for key, value in MINIMAL.items() if key != missing})
    answer = await api.act(draft, "publish")
    assert answer.status == 400
    assert answer.fields == [f"metadata.{'resource_type' if missing == 'upload_type' else missing}"]
    assert answer.messages == ["Missing data for required field."]


async def test_nothing_was_ever_sent(api: Api) -> None:
    draft = (await api.ask("POST", api.depositions, json={})).body
    answer = await api.act(draft, "publish")
    assert set(answer.fields) == {
        "metadata.title",
        "metadata.creators",
        "metadata.resource_type",
        "metadata.publication_date",
    }


@pytest.mark.parametrize(
    ("name", "stored"),
    [
        ("Doe,Jane", "Doe, Jane"),
        ("Doe, Jane", "Doe, Jane"),
        ("CERN", "CERN"),
        ("Doe, John, Jr.", "Doe, John, Jr."),
        ("Doe,", "Doe"),
        ("", None),
        (",", None),
        (", John", None),
        (None, None),
    ],
)
async def test_names(api: Api, name: str | None, stored: str | None) -> None:
    draft = await api.create({**MINIMAL, "creators": [{"name": name}]})
    assert draft["metadata"]["creators"][0].get("name") == stored
    await api.put(draft)
    answer = await api.act(draft, "publish")
    assert answer.status == (202 if stored else 400)
    if stored is None:
        assert answer.fields == [f"metadata.creators.0.{PERSON}.family_name"]


@pytest.mark.parametrize(
    ("orcid", "stored", "fine"),
    [
        ("0000-0002-1825-0097", "0000-0002-1825-0097", True),
        ("https://orcid.org/0000-0002-1825-0097", "0000-0002-1825-0097", True),
        ("0000-0002-1825-0098", "0000-0002-1825-0098", False),
        ("nonsense", "nons-ense--", False),
    ],
)
async def test_orcid(api: Api, orcid: str, stored: str, fine: bool) -> None:
    draft = await api.create({**MINIMAL, "creators": [{"name": "Doe, Jane", "orcid": orcid}]})
    creator = draft["metadata"]["creators"][0]
    assert creator["orcid"] == stored
    assert ("name" in creator) is fine
    await api.put(draft)
    answer = await api.act(draft, "publish")
    if fine:
        assert answer.status == 202
    else:
        assert answer.fields == [f"metadata.creators.0.{PERSON}.identifiers.0.identifier"]
        assert answer.messages == ["Invalid ORCID identifier."]


async def test_a_right_gnd_is_kept(api: Api) -> None:
    draft = await api.create({**MINIMAL, "creators": [{"name": "Doe", "gnd": "118540238"}]})
    assert draft["metadata"]["creators"][0]["gnd"] == "118540238"


@pytest.mark.parametrize(
    ("sent", "stored"),
    [
        ("CC-BY-4.0", "cc-by-4.0"),
        (" cc-by ", "cc-by-4.0"),
        ("cc-zero", "cc-zero"),
        ("CC0-1.0", "cc-zero"),
        ("MIT", "mit-license"),
        ("mit-license", "mit-license"),
        ("odc-odbl", "odc-odbl"),
        ("gpl-3.0", "gpl-3.0"),
        ("cc-by-nc-4.0", "cc-by-nc-4.0"),
        ("other-open", "other-open"),
        ("other-closed", "other-closed"),
        ("notspecified", "notspecified"),
        ("GPL-3.0-or-later", "gpl-3.0-or-later"),
        ({"id": "cc-by-4.0"}, "cc-by-4.0"),
    ],
)
async def test_licences(api: Api, sent: Any, stored: str) -> None:
    assert (await api.create({**MINIMAL, "license": sent}))["metadata"]["license"] == stored


async def test_default_licences(api: Api) -> None:
    assert (await api.create({"title": "Any key will do"}))["metadata"]["license"] == "cc-by-4.0"
    assert (await api.create({"upload_type": "dataset"}))["metadata"]["license"] == "cc-zero"


@pytest.mark.parametrize(
    ("identifier", "scheme", "stored"),
    [
        ("10.1234/x", "doi", "10.1234/x"),
        ("doi:10.1234/x", "doi", "10.1234/x"),
        ("https://doi.org/10.1234/x", "doi", "10.1234/x"),
        ("arXiv:1501.00001", "arxiv", None),
        ("https://example.org/x", "url", None),
        ("ftp://example.org/x", "url", None),
        ("978-3-16-148410-0", "isbn", None),
        ("0317-8471", "issn", None),
        ("12345678", "pmid", None),
        ("urn:nbn:de:101:1-201102033592", "urn", None),
        ("20.500.12345/abc", "handle", None),
        ("w3id.org/x", "handle", None),
        ("ark:/13030/tqb3kh97gh8w", "ark", None),
        ("2011ApJS..192...18K", "ads", None),
        ("0000-0002-1825-0097", "isni", None),
    ],
)
async def test_identifiers_that_are_found(api: Api, identifier: str, scheme: str, stored: str | None) -> None:
    draft = await api.create({**MINIMAL, "related_identifiers": related(identifier, scheme="ignored")})
    entry = draft["metadata"]["related_identifiers"][0]
    assert entry == {"identifier": stored or identifier, "relation": "cites", "scheme": scheme}


@pytest.mark.parametrize(
    "identifier",
    [
        "www.example.org",
        "PMC1234567",
        "swh:1:cnt:94a9ed024d3859793618152ea559a168bbcbb5e2",
        "igsn:AU1101",
        "lsid:ubio.org:namebank:11815",
        "GSE12345",
        "SAMN12345",
        "free text",
    ],
)
async def test_identifiers_that_are_not_found(api: Api, identifier: str) -> None:
    answer = await api.ask(
        "POST", api.depositions, json={"metadata": {**MINIMAL, "related_identifiers": related(identifier)}}
    )
    assert (answer.status, answer.fields) == (400, ["metadata.related_identifiers.scheme"])


async def test_relations(api: Api) -> None:
    sent = [
        *related("10.1234/a", "isAlternateIdentifier"),
        *related("10.1234/b", "ISCITEDBY", resource_type="publication-article"),
        *related("10.1234/b", "collects"),
        *related("10.1234/b", "hasVersion"),
    ]
    stored = (await api.create({**MINIMAL, "related_identifiers": sent}))["metadata"]["related_identifiers"]
    assert [entry.get("relation") for entry in stored] == ["isCitedBy", None, "hasVersion", "isAlternateIdentifier"]
    assert stored[0]["resource_type"] == "publication-article"
    answer = await api.ask("POST", api.depositions, json={"metadata": {"related_identifiers": stored}})
    assert answer.status == 500


@pytest.mark.parametrize(
    ("sent", "stored"),
    named(
        [
            ({"upload_type": "publication"}, {}),
            ({"upload_type": "publication", "publication_type": "thesis"}, {"publication_type": "dissertation"}),
            ({"upload_type": "publication", "publication_type": "datapaper"}, {"publication_type": "datapaper"}),
            ({"upload_type": "image", "image_type": "plot"}, {"image_type": "plot"}),
            ({"upload_type": "image"}, {}),
            ({"upload_type": "publication", "publication_type": "article", "image_type": "plot"}, {}),
            ({"upload_type": "workflow"}, {}),
            ({"upload_type": "model"}, {}),
            ({"upload_type": "event"}, {}),
        ]
    ),
)
async def test_types_that_publish(api: Api, sent: dict[str, str], stored: dict[str, str]) -> None:
    metadata = (await api.published({**MINIMAL, **sent}))["metadata"]
    assert metadata["upload_type"] == sent["upload_type"]
    assert stored.items() <= metadata.items()
    assert ("image_type" in metadata) == ("image_type" in stored)


@pytest.mark.parametrize(
    ("sent", "stored"),
    [
        ("<p onclick='x()'>a<script>alert(1)</script></p>", "<p>aalert(1)</p>"),
        ("<s>gone</s> <h1>stays</h1><img src=x><hr>", "gone <h1>stays</h1>"),
        ('<a href="https://example.org" target="_blank">x</a> <a href="javascript:x()">y</a>', None),
        ("a < b & c > d", "a &lt; b &amp; c &gt; d"),
        ("plain text", "plain text"),
        ("<strike>a</strike><br><table><tr><td>b</td></tr></table>", None),
    ],
)
async def test_html_is_cleaned(api: Api, sent: str, stored: str | None) -> None:
    draft = await api.create({**MINIMAL, **dict.fromkeys(("description", "notes", "method"), sent)})
    for key in ("description", "notes", "method"):
        found = draft["metadata"][key]
        assert "javascript" not in found
        assert "target" not in found
        if stored is not None:
            assert found == stored
    if "example.org" in sent:
        assert 'href="https://example.org"' in draft["metadata"]["description"]


FULL: dict[str, Any] = {
    "title": "Everything at once",
    "upload_type": "publication",
    "publication_type": "article",
    "publication_date": "2026-11-24",
    "description": "<p>About</p>",
    "access_right": "embargoed",
    "embargo_date": TOMORROW,
    "license": "cc-by-4.0",
    "creators": [{"name": "Doe, Jane", "affiliation": "CERN", "orcid": "0000-0002-1825-0097"}],
    "contributors": [{"name": "Roe, Ann", "affiliation": "CERN", "type": "Editor"}],
    "keywords": ["one", "two"],
    "subjects": [{"term": "a", "identifier": "https://example.org/a", "scheme": "url"}],
    "related_identifiers": [{"identifier": "10.1234/y", "relation": "cites", "scheme": "doi"}],
    "references": ["Doe 2020"],
    "grants": [{"id": f"{EC}::654241"}],
    "language": "eng",
    "version": "1.0",
    "notes": "Some notes",
    "method": "Some method",
    "locations": [{"place": "Rome", "lat": 41.9, "lon": 12.5, "description": "x"}],
    "dates": [{"type": "collected", "start": "2020-01-01", "end": "2020-02-01", "description": "x"}],
    "journal_title": "J",
    "journal_volume": "1",
    "journal_issue": "2",
    "journal_pages": "3-4",
    "conference_title": "C",
    "conference_acronym": "CC",
    "conference_dates": "May",
    "conference_place": "Rome",
    "conference_url": "https://example.org/c",
    "conference_session": "5",
    "conference_session_part": "6",
    "imprint_publisher": "P",
    "imprint_isbn": "978-3-16-148410-0",
    "imprint_place": "Rome",
    "partof_title": "B",
    "partof_pages": "7-8",
    "thesis_university": "U",
}


async def test_round_trip_of_every_field(api: Api) -> None:
    draft = await api.create(FULL)
    stored = {key: value for key, value in draft["metadata"].items() if key != "prereserve_doi"}
    assert stored == FULL
    again = await api.change(draft, draft["metadata"])
    assert again.body["metadata"] == draft["metadata"]
    await api.put(draft)
    published = (await api.act(draft, "publish")).body["metadata"]
    assert published == {**draft["metadata"], "doi": f"10.5072/zenodo.{draft['id']}"}


async def test_dois(api: Api) -> None:
    outside = await api.published({**MINIMAL, "doi": "10.1234/x"})
    assert outside["doi"] == "10.1234/x"
    assert "conceptdoi" not in outside
    for doi, message in (
        ("10.1234/x", "doi:10.1234/x already exists."),
        ("nonsense", "Invalid DOI"),
        ("10.5281/zenodo.767", "Wrong DOI prefix: 10.5281/zenodo.767"),
    ):
        draft = await api.create({**MINIMAL, "doi": doi})
        await api.put(draft)
        answer = await api.act(draft, "publish")
        assert (answer.status, answer.fields, answer.messages) == (400, ["pids.doi"], [message])
    draft = await api.create({**MINIMAL, "doi": "10.5072/own"})
    await api.put(draft)
    assert (await api.act(draft, "publish")).messages[0].startswith("The prefix '10.5072' is managed by Zenodo. ")


@pytest.mark.parametrize("options", [{"doi_prefix": "10.5281"}])
async def test_the_reserved_doi_sent_back_under_the_production_prefix(api: Api) -> None:
    draft = await api.create({**MINIMAL, "doi": "10.5281/zenodo.2"})
    assert draft["metadata"]["prereserve_doi"]["doi"] == "10.5281/zenodo.2"
    await api.put(draft)
    answer = await api.act(draft, "publish")
    assert (answer.status, answer.body["doi"]) == (202, "10.5281/zenodo.2")


async def test_several_refusals_come_together(api: Api) -> None:
    answer = await api.ask("POST", api.depositions, json={"metadata": {"title": None, "version": 1, "license": "x"}})
    assert set(answer.fields) == {"metadata.title", "metadata.version"}


@pytest.mark.parametrize("options", [{"doi_prefix": "10.5281"}])
async def test_any_number_of_the_production_prefix(api: Api) -> None:
    assert (await api.published({**MINIMAL, "doi": "10.5281/zenodo.999999"}))["doi"] == "10.5281/zenodo.999999"
