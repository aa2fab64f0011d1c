"""Records and depositions in the shapes in which Zenodo and InvenioRDM answer them."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import pytest
from hypothesis import given

from batchdep.metadata.formats import zenodo_json, zenodo_record
from batchdep.metadata.formats.base import Reading
from batchdep.metadata.formats.registry import format_of
from tests.unit.metadata.formats.arbitrary import shaped, values
from tests.unit.metadata.strategies import patient

DEPOSITION: dict[str, Any] = {
    "id": 7,
    "conceptrecid": "6",
    "record_id": 7,
    "state": "done",
    "submitted": True,
    "links": {"self": "https://zenodo.org/api/records/7"},
    "files": [{"filename": "a.csv"}],
    "metadata": {
        "title": "Roses",
        "upload_type": "dataset",
        "description": "<p>About</p>",
        "creators": [{"name": "Curie, Marie", "affiliation": None, "orcid": "0000-0002-1825-0097"}],
        "doi": "10.5281/zenodo.7",
        "prereserve_doi": {"doi": "10.5281/zenodo.7", "recid": 7},
        "imprint_publisher": "Zenodo",
        "license": "cc-zero",
        "access_right": "open",
        "embargo_date": "2019-01-01",
        "communities": [{"identifier": "roses"}],
        "related_identifiers": [
            {"identifier": "10.1234/x", "relation": "cites", "scheme": "doi"},
            {"identifier": "10.1234/y", "scheme": "doi"},
        ],
        "thesis_supervisors": [{"name": "Elder, Ann"}],
        "dates": [{"type": "collected", "start": None}, {"type": "valid", "end": "2020"}],
    },
}

RECORD: dict[str, Any] = {
    "id": 7,
    "recid": "7",
    "conceptdoi": "10.5281/zenodo.6",
    "doi": "10.5281/zenodo.7",
    "links": {},
    "files": [],
    "stats": {},
    "metadata": {
        "title": "Roses",
        "doi": "10.5281/zenodo.7",
        "publication_date": "2020-05-01",
        "description": "<p>About</p>",
        "access_right": "embargoed",
        "embargo_date": "2999-01-01",
        "creators": [{"name": "Curie, Marie", "affiliation": "Sorbonne", "gnd": None}],
        "contributors": [{"name": "Doe, Jane", "type": "Editor", "affiliation": None}],
        "keywords": ["scent"],
        "subjects": [{"term": "Botany", "identifier": "https://id.loc.gov/x", "scheme": "url"}],
        "language": "eng",
        "version": "2",
        "notes": "Beware",
        "method": "GC-MS",
        "license": {"id": "cc-by-4.0"},
        "resource_type": {"title": "Journal article", "type": "publication", "subtype": "article"},
        "relations": {"version": [{"index": 0}]},
        "related_identifiers": [
            {"identifier": "10.1234/x", "relation": "cites", "scheme": "doi", "resource_type": "dataset"}
        ],
        "alternate_identifiers": [{"identifier": "https://example.org/roses", "scheme": "url"}],
        "communities": [{"id": "roses"}],
        "grants": [
            {"code": "654241", "internal_id": "00k4n6c32::654241", "funder": {"name": "European Commission"}},
            {"code": "1", "funder": {"doi": "10.13039/100000001", "name": "NSF"}},
            {"id": "777541"},
            {"id": "10.13039/501100001711::2"},
            {"code": "3", "funder": {"name": "A friend"}},
        ],
        "references": ["Pliny, On Roses", {"raw_reference": "Doe 1999"}],
        "journal": {"title": "Journal of Roses", "volume": "5", "issue": "2", "pages": "1-9", "issn": "0077-5606"},
        "meeting": {
            "title": "Rose Days",
            "acronym": "RD",
            "place": "Lyon",
            "url": "https://example.org",
            "dates": "May",
        },
        "imprint": {"publisher": "Rose Press", "isbn": "978-3-905673-82-1", "place": "Lyon"},
        "part_of": {"title": "A book", "pages": "7"},
        "thesis": {"university": "Sorbonne", "supervisors": [{"name": "Elder, Ann"}]},
        "locations": [{"place": "Lyon", "lat": 45.76, "lon": 4.84}],
        "dates": [{"start": "2018", "end": "2019", "type": "collected"}],
        "custom": {"dwc:genus": ["Rosa"]},
        "surprise": 1,
    },
}

INVENIO: dict[str, Any] = {
    "id": "abcde-12345",
    "links": {},
    "access": {"record": "public", "files": "restricted", "embargo": {"active": False}, "status": "restricted"},
    "pids": {"doi": {"identifier": "10.1234/roses", "provider": "external"}},
    "parent": {"id": "x", "communities": {"ids": ["uuid"], "entries": [{"slug": "roses"}]}},
    "files": {"enabled": True},
    "custom_fields": {
        "journal:journal": {"title": "Journal of Roses", "volume": "5", "issn": "0077-5606"},
        "meeting:meeting": {"title": "Rose Days", "session_part": "1"},
        "imprint:imprint": {"isbn": "978-3-905673-82-1", "title": "A book", "edition": "2nd"},
        "thesis:thesis": {"university": "Sorbonne"},
        "dwc:genus": ["Rosa"],
        "code:programmingLanguage": [{"id": "python"}],
        "legacy:subjects": [{"term": "Botany", "identifier": "https://id.loc.gov/x", "scheme": "url"}],
    },
    "metadata": {
        "resource_type": {"id": "publication-technicalnote", "title": {"en": "Technical note"}},
        "title": "Roses",
        "additional_titles": [{"title": "Rosen", "type": {"id": "translated-title"}, "lang": {"id": "deu"}}],
        "publication_date": "2020-05",
        "publisher": "Rose Press",
        "version": "v2",
        "creators": [
            {
                "person_or_org": {
                    "type": "personal",
                    "name": "Curie, Marie",
                    "given_name": "Marie",
                    "family_name": "Curie",
                    "identifiers": [
                        {"scheme": "isni", "identifier": "0000000121032683"},
                        {"scheme": "orcid", "identifier": "0000-0002-1825-0097"},
                    ],
                },
                "role": {"id": "researcher"},
                "affiliations": [{"id": "02en5vm52", "name": "Sorbonne"}],
            }
        ],
        "contributors": [
            {"person_or_org": {"type": "organizational", "name": "Rose Trust"}, "role": {"id": "rightsholder"}}
        ],
        "description": "<p>About</p>",
        "additional_descriptions": [
            {"description": "GC-MS", "type": {"id": "methods"}},
            {"description": "Beware", "type": {"id": "notes"}},
        ],
        "rights": [
            {
                "id": "cc-by-4.0",
                "title": {"en": "CC BY"},
                "props": {"url": "https://creativecommons.org/licenses/by/4.0/"},
            }
        ],
        "languages": [{"id": "eng"}, {"id": "deu"}],
        "dates": [
            {"date": "2018/2019", "type": {"id": "collected"}, "description": "field"},
            {"date": "2017", "type": {"id": "other"}},
        ],
        "subjects": [
            {"subject": "scent"},
            {"id": "http://id.worldcat.org/fast/1", "subject": "Roses", "scheme": "FAST"},
        ],
        "identifiers": [{"identifier": "https://example.org/roses", "scheme": "url"}],
        "related_identifiers": [
            {
                "identifier": "10.1234/x",
                "scheme": "doi",
                "relation_type": {"id": "issupplementto"},
                "resource_type": {"id": "publication-technicalnote"},
            },
            {"identifier": "10.1234/z", "scheme": "doi", "relation_type": {"id": "strange"}},
        ],
        "sizes": ["1 page"],
        "locations": {
            "features": [
                {"geometry": {"type": "Point", "coordinates": [4.84, 45.76]}, "place": "Lyon", "description": "garden"},
                {"geometry": {"type": "MultiPoint", "coordinates": [[1, 2], [3, 4]]}, "place": "France"},
                {"geometry": {"type": "Point", "coordinates": [1, 2]}},
            ]
        },
        "funding": [
            {
                "funder": {"id": "00k4n6c32", "name": "European Commission"},
                "award": {"id": "00k4n6c32::654241", "number": "654241"},
            },
            {"funder": {"name": "A friend"}},
        ],
        "references": [{"reference": "Pliny, On Roses"}],
        "surprise": 1,
    },
}


def read(content: Any) -> Reading:
    assert zenodo_record.recognises(content)
    return zenodo_record.read(content)


def said(reading: Reading) -> str:
    return "\n".join(note.message for note in reading.notes)


def test_a_deposition() -> None:
    reading = read(DEPOSITION)
    assert reading.metadata == {
        "title": "Roses",
        "upload_type": "dataset",
        "description": "<p>About</p>",
        "creators": [{"name": "Curie, Marie", "orcid": "0000-0002-1825-0097"}],
        "license": "cc-zero",
        "access_right": "open",
        "communities": [{"identifier": "roses"}],
        "related_identifiers": [{"identifier": "10.1234/x", "relation": "cites", "scheme": "doi"}],
        "thesis_supervisors": [{"name": "Elder, Ann"}],
        "dates": [{"type": "valid", "end": "2020"}],
    }
    places = [note.path[1] for note in reading.notes]
    assert places == ["related_identifiers", "dates", "doi", "embargo_date", "communities"]
    assert reading.origins["creators", 0] == ("metadata", "creators", 0)
    assert reading.origins["title",] == ("metadata", "title")


def test_a_record() -> None:
    reading = read(RECORD)
    assert reading.metadata == {
        "upload_type": "publication",
        "publication_type": "article",
        "title": "Roses",
        "publication_date": "2020-05-01",
        "description": "<p>About</p>",
        "access_right": "embargoed",
        "embargo_date": "2999-01-01",
        "creators": [{"name": "Curie, Marie", "affiliation": "Sorbonne"}],
        "contributors": [{"name": "Doe, Jane", "type": "Editor"}],
        "keywords": ["scent"],
        "subjects": [{"term": "Botany", "identifier": "https://id.loc.gov/x", "scheme": "url"}],
        "language": "eng",
        "version": "2",
        "notes": "Beware",
        "method": "GC-MS",
        "license": "CC-BY-4.0",
        "related_identifiers": [
            {"identifier": "10.1234/x", "relation": "cites", "scheme": "doi", "resource_type": "dataset"},
            {"identifier": "https://example.org/roses", "relation": "isAlternateIdentifier"},
        ],
        "communities": [{"identifier": "roses"}],
        "grants": [
            {"id": f"10.13039/{each}"}
            for each in ("501100000780::654241", "100000001::1", "501100000780::777541", "501100001711::2")
        ],
        "references": ["Pliny, On Roses", "Doe 1999"],
        "journal_title": "Journal of Roses",
        "journal_volume": "5",
        "journal_issue": "2",
        "journal_pages": "1-9",
        "conference_title": "Rose Days",
        "conference_acronym": "RD",
        "conference_place": "Lyon",
        "conference_url": "https://example.org",
        "conference_dates": "May",
        "imprint_publisher": "Rose Press",
        "imprint_isbn": "978-3-905673-82-1",
        "imprint_place": "Lyon",
        "partof_title": "A book",
        "partof_pages": "7",
        "thesis_university": "Sorbonne",
        "thesis_supervisors": [{"name": "Elder, Ann"}],
        "locations": [{"place": "Lyon", "lat": 45.76, "lon": 4.84}],
        "dates": [{"start": "2018", "end": "2019", "type": "collected"}],
        "custom": {"dwc:genus": ["Rosa"]},
    }
    noted = ("10.5281/zenodo.7", "issn", "A friend", "`surprise`", "community roses")
    assert [word for word in noted if word not in said(reading)] == []
    assert len(reading.notes) == len(noted)
    assert reading.origins["journal_title",] == ("metadata", "journal", "title")


def test_inveniordms_form() -> None:
    reading = read(INVENIO)
    assert reading.metadata == {
        "upload_type": "publication",
        "publication_type": "technicalnote",
        "title": "Roses",
        "creators": [{"name": "Curie, Marie", "affiliation": "Sorbonne", "orcid": "0000-0002-1825-0097"}],
        "contributors": [{"name": "Rose Trust", "type": "RightsHolder"}],
        "imprint_publisher": "Rose Press",
        "description": "<p>About</p>",
        "method": "GC-MS",
        "license": "CC-BY-4.0",
        "publication_date": "2020-05",
        "dates": [{"start": "2018", "end": "2019", "type": "Collected", "description": "field"}],
        "keywords": ["scent"],
        "subjects": [
            {"term": "Roses", "identifier": "http://id.worldcat.org/fast/1", "scheme": "FAST"},
            {"term": "Botany", "identifier": "https://id.loc.gov/x", "scheme": "url"},
        ],
        "language": "eng",
        "version": "v2",
        "related_identifiers": [
            {"identifier": "10.1234/roses", "relation": "isIdenticalTo"},
            {"identifier": "https://example.org/roses", "relation": "isAlternateIdentifier"},
            {"identifier": "10.1234/x", "relation": "isSupplementTo", "resource_type": "publication-technicalnote"},
        ],
        "grants": [{"id": "10.13039/501100000780::654241"}],
        "notes": "<p>Translated title (deu): Rosen</p>\n<p>Beware</p>",
        "access_right": "restricted",
        "locations": [
            {"place": "Lyon", "lat": 45.76, "lon": 4.84, "description": "garden"},
            {"place": "France"},
            {"place": "2, 1", "lat": 2, "lon": 1},
        ],
        "references": ["Pliny, On Roses"],
        "journal_title": "Journal of Roses",
        "journal_volume": "5",
        "conference_title": "Rose Days",
        "conference_session_part": "1",
        "imprint_isbn": "978-3-905673-82-1",
        "partof_title": "A book",
        "thesis_university": "Sorbonne",
        "custom": {"dwc:genus": ["Rosa"]},
        "communities": [{"identifier": "roses"}],
    }
    noted = (
        "Rosen",
        "0000000121032683",
        "role researcher",
        "02en5vm52",
        "deu is not",
        "2017",
        "`DOI`",
        "strange",
        "sizes",
    )
    more = ("A friend", "geometry", "issn", "edition", "programmingLanguage", "community roses", "`surprise`")
    assert [word for word in (*noted, *more) if word not in said(reading)] == []
    assert len(reading.notes) == len(noted) + len(more)
    assert reading.origins["creators", 0, "orcid"] == ("metadata", "creators", 0, "person_or_org", "identifiers", 1)
    assert reading.origins["title",] == ("metadata", "title")
    assert reading.origins["journal_volume",] == ("custom_fields", "journal:journal", "volume")


def test_embargoes_and_hidden_records_of_inveniordm() -> None:
    record = deepcopy(INVENIO)
    record["access"] = {
        "record": "restricted",
        "files": "restricted",
        "embargo": {"active": True, "until": "2999-01-01", "reason": "patent"},
    }
    reading = read(record)
    assert (reading.metadata["access_right"], reading.metadata["embargo_date"]) == ("embargoed", "2999-01-01")
    assert "`record` restricted is not taken over" in said(reading)
    assert "`reason` patent is not taken over" in said(reading)
    record["access"]["embargo"]["until"] = "2020-01-01"
    assert "the embargo until 2020-01-01 is not taken over: it is over" in said(read(record))
    assert not {"access_right", "embargo_date"} & read(record).metadata.keys()
    record["access"] = {"record": "public", "files": "public"}
    assert read(record).metadata["access_right"] == "open"


@pytest.mark.parametrize("record", [DEPOSITION, RECORD, INVENIO])
def test_one_record_in_whatever_envelope(record: dict[str, Any]) -> None:
    for content, start in (([record], (0,)), ({"hits": {"hits": [record], "total": 1}}, ("hits", "hits", 0))):
        reading = read(content)
        assert reading.metadata == read(record).metadata
        assert reading.origins["title",] == (*start, "metadata", "title")
    assert not zenodo_record.recognises([record, record])
    chosen = format_of(record, "json")
    assert chosen is not None
    assert chosen.module == "zenodo_record"


@pytest.mark.parametrize(
    "content",
    [
        {"metadata": {"title": "T", "upload_type": "dataset"}},
        {"metadata": {"title": "T"}, "files": [], "links": {}},
        {"title": "T", "resource_type": {"id": "dataset"}},
        {"metadata": "text", "links": {}, "state": "done"},
        {"hits": []},
        [],
        "text",
        None,
    ],
)
def test_what_is_no_record(content: Any) -> None:
    assert not zenodo_record.recognises(content)
    assert zenodo_record.read(content).metadata == {}


def test_zenodos_own_metadata_file_is_not_taken() -> None:
    content = {"metadata": DEPOSITION["metadata"]}
    assert zenodo_json.recognises(content)
    assert not zenodo_record.recognises(content)


def test_a_doi_from_elsewhere_is_related() -> None:
    record = deepcopy(DEPOSITION)
    record["metadata"]["doi"] = "10.1234/abc"
    reading = read(record)
    assert "doi" not in reading.metadata
    assert {"identifier": "10.1234/abc", "relation": "isIdenticalTo"} in reading.metadata["related_identifiers"]


@patient
@given(shaped(DEPOSITION) | shaped(RECORD) | shaped(INVENIO))
def test_nothing_is_raised_whatever_record_it_is(content: dict[str, Any]) -> None:
    zenodo_record.recognises(content)
    zenodo_record.read(content)


@patient
@given(shaped(DEPOSITION["metadata"]) | shaped(RECORD["metadata"]) | shaped(INVENIO["metadata"]))
def test_nothing_is_raised_whatever_the_metadata_are(metadata: dict[str, Any]) -> None:
    kind = metadata.get("resource_type")
    for content in (DEPOSITION, RECORD, INVENIO):
        inner = {"resource_type": content["metadata"].get("resource_type")} | metadata if not kind else metadata
        zenodo_record.read(content | {"metadata": inner})


@patient
@given(values(["metadata", "resource_type", "hits", "links", "state", "conceptrecid", "type", "id", "creators"]))
def test_nothing_is_raised_whatever_stands_around_it(content: Any) -> None:
    zenodo_record.recognises(content)
    zenodo_record.read(content)


@pytest.mark.parametrize("wrong", [False, 5, "roses", {"identifier": "roses"}, [None, 5]])
@pytest.mark.parametrize("key", ["communities", "related_identifiers"])
@pytest.mark.parametrize("record", [DEPOSITION, RECORD])
def test_lists_of_a_wrong_kind_raise_nothing(record: dict[str, Any], key: str, wrong: Any) -> None:
    metadata = {**record["metadata"], "doi": "10.1234/abc", key: wrong}
    reading = zenodo_record.read({**record, "metadata": metadata})
    assert {"identifier": "10.1234/abc", "relation": "isIdenticalTo"} in reading.metadata["related_identifiers"]


def test_communities_by_number_alone_are_noted() -> None:
    record = {**INVENIO, "parent": {"communities": {"ids": ["c0ffee"]}}}
    reading = read(record)
    assert "communities" not in reading.metadata
    (note,) = [each for each in reading.notes if "c0ffee" in each.message]
    assert note.path == ("parent", "communities", "ids")
