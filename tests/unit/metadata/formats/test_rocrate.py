"""RO-Crate: which entity is the root, what of it goes where, and what stays in the crate."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from batchdep.metadata.formats import schema_org
from batchdep.metadata.formats.rocrate import read, recognises
from batchdep.report.as_ro_crate import ro_crate_report
from tests.support.replacing import replace
from tests.unit.metadata.formats.test_schema_org import DOCUMENTS
from tests.unit.metadata.strategies import patient
from tests.unit.report.samples import BATCH, MADE, METADATA, PUBLISHED

CONTEXT = "https://w3id.org/ro/crate/1.1/context"
DESCRIPTOR: dict[str, Any] = {
    "@id": "ro-crate-metadata.json",
    "@type": "CreativeWork",
    "conformsTo": {"@id": "https://w3id.org/ro/crate/1.1"},
    "about": {"@id": "./"},
}
ROOT: dict[str, Any] = {"@id": "./", "@type": "Dataset", "name": "Roses", "datePublished": "2026-11-24"}


def crate(*entities: dict[str, Any], descriptor: dict[str, Any] = DESCRIPTOR, context: Any = CONTEXT) -> dict[str, Any]:
    return {"@context": context, "@graph": [descriptor, *entities]}


def messages(content: Any) -> list[str]:
    return [note.message for note in read(content).notes]


FULL = crate(
    {
        **ROOT,
        "description": "Scent of roses",
        "license": {"@id": "https://creativecommons.org/licenses/by/4.0/"},
        "author": [{"@id": "https://orcid.org/0000-0002-1825-0097"}, {"@id": "#society"}],
        "contributor": {"@id": "#mia"},
        "contactPoint": {"@id": "mailto:mia@example.org"},
        "publisher": {"@id": "https://ror.org/02mhbdp94"},
        "funder": {"@id": "https://project.example.org"},
        "keywords": ["rose", "scent"],
        "identifier": {"@id": "#doi"},
        "cite-as": "https://doi.org/10.1234/crate",
        "hasPart": [
            {"@id": "data.csv"},
            {"@id": "folder/"},
            {"@id": "https://example.org/remote.csv"},
            {"@id": "https://doi.org/10.1234/other"},
        ],
        "mentions": [{"@id": "#run"}, {"@id": "https://doi.org/10.1234/mentioned"}],
        "contentLocation": {"@id": "https://sws.geonames.org/2996944/"},
        "temporalCoverage": "2020",
        "citation": {"@id": "https://doi.org/10.1234/paper"},
        "usageInfo": {"@id": "#usage"},
        "conformsTo": {"@id": "https://example.org/profile"},
    },
    {"@id": "data.csv", "@type": "File", "name": "Table", "author": {"@id": "#mia"}, "contentSize": "12"},
    {"@id": "folder/", "@type": "Dataset", "name": "Folder"},
    {"@id": "https://example.org/remote.csv", "@type": "File", "name": "Remote"},
    {"@id": "https://doi.org/10.1234/other", "@type": "Dataset", "name": "Other dataset"},
    {
        "@id": "https://orcid.org/0000-0002-1825-0097",
        "@type": "Person",
        "name": "Josiah Carberry",
        "givenName": "Josiah",
        "familyName": "Carberry",
        "affiliation": {"@id": "https://ror.org/05gq02987"},
    },
    {"@id": "https://ror.org/05gq02987", "@type": "Organization", "name": "Brown University"},
    {"@id": "#society", "@type": "Organization", "name": "Rose Society"},
    {"@id": "#mia", "@type": "Person", "name": "Tain, Mia", "affiliation": {"@id": "https://ror.org/000000000"}},
    {"@id": "mailto:mia@example.org", "@type": "ContactPoint", "name": "Rose desk", "email": "mia@example.org"},
    {"@id": "https://ror.org/02mhbdp94", "@type": "Organization", "name": "Field Press"},
    {
        "@id": "https://project.example.org",
        "@type": "Organization",
        "name": "Project Rose",
        "identifier": "823827",
        "funder": {"@id": "https://doi.org/10.13039/501100000780"},
    },
    {"@id": "https://doi.org/10.13039/501100000780", "@type": "Organization", "name": "European Commission"},
    {"@id": "#doi", "@type": "PropertyValue", "propertyID": "DOI", "value": "10.1234/crate"},
    {"@id": "#run", "@type": "CreateAction", "name": "Run"},
    {"@id": "https://doi.org/10.1234/mentioned", "@type": "ScholarlyArticle", "name": "Mentioned"},
    {
        "@id": "https://sws.geonames.org/2996944/",
        "@type": "Place",
        "name": "Lyon",
        "geo": {"@id": "#geo"},
    },
    {"@id": "#geo", "@type": "GeoCoordinates", "latitude": "45.76", "longitude": "4.84"},
    {"@id": "https://doi.org/10.1234/paper", "@type": "ScholarlyArticle", "name": "Paper"},
    {"@id": "https://creativecommons.org/licenses/by/4.0/", "@type": "CreativeWork", "name": "CC BY"},
)


def test_everything_that_is_said_of_the_root() -> None:
    reading = read(FULL)
    assert reading.metadata == {
        "upload_type": "dataset",
        "title": "Roses",
        "description": "Scent of roses",
        "grants": [{"id": "10.13039/501100000780::823827"}],
        "creators": [
            {"name": "Carberry, Josiah", "affiliation": "Brown University", "orcid": "0000-0002-1825-0097"},
            {"name": "Rose Society"},
        ],
        "contributors": [
            {"name": "Tain, Mia", "type": "Other"},
            {"name": "Rose desk", "type": "ContactPerson"},
        ],
        "license": "CC-BY-4.0",
        "keywords": ["rose", "scent"],
        "publication_date": "2026-11-24",
        "related_identifiers": [
            {"identifier": "10.1234/crate", "relation": "isIdenticalTo"},
            {
                "identifier": "https://doi.org/10.1234/paper",
                "relation": "cites",
                "resource_type": "publication-article",
            },
            {
                "identifier": "https://doi.org/10.1234/mentioned",
                "relation": "references",
                "resource_type": "publication-article",
            },
            {"identifier": "https://doi.org/10.1234/other", "relation": "hasPart", "resource_type": "dataset"},
        ],
        "locations": [{"place": "Lyon", "lat": 45.76, "lon": 4.84, "description": "https://sws.geonames.org/2996944/"}],
        "dates": [{"start": "2020", "end": "2020", "type": "Collected"}],
        "imprint_publisher": "Field Press",
    }
    assert [message.split(" is ")[0].split(" are ")[0] for message in messages(FULL)] == [
        "identifiers of affiliations",
        "the affiliation https://ror.org/000000000",
        "e-mail addresses",
        "`identifier` 10.1234/crate",
        "`mentions`: 1",
        "`usageInfo`",
    ]


def test_places_are_those_of_the_entities() -> None:
    origins = read(FULL).origins
    assert origins[("title",)] == ("@graph", 1, "name")
    assert origins[("creators", 0, "orcid")] == ("@graph", 6, "@id")
    assert origins[("creators", 0, "affiliation")] == ("@graph", 7)
    assert origins[("creators", 1)] == ("@graph", 8)


@pytest.mark.parametrize(
    ("descriptor", "root"),
    [
        ("ro-crate-metadata.json", "./"),
        ("./ro-crate-metadata.json", "."),
        ("ro-crate-metadata.jsonld", "./"),
        ("roses-ro-crate-metadata.json", "https://example.org/roses/"),
        ("https://example.org/roses/ro-crate-metadata.json", "https://example.org/roses/"),
        ("ro-crate-metadata.json", "#roses and thorns"),
        ("ro-crate-metadata.json", "my crate/"),
        ("whatever.json", "urn:uuid:1"),
    ],
)
def test_the_root_is_what_the_descriptor_is_about(descriptor: str, root: str) -> None:
    nested = {**DESCRIPTOR, "@id": "sub/ro-crate-metadata.json", "about": {"@id": "sub/"}}
    content = crate(
        {"@id": "sub/", "@type": "Dataset", "name": "Nested crate"},
        {**ROOT, "@id": root},
        descriptor={**DESCRIPTOR, "@id": descriptor, "about": {"@id": root}},
    )
    content["@graph"].append(nested)
    assert recognises(content)
    assert read(content).metadata["title"] == "Roses"


def test_a_crate_inside_the_crate_may_come_first() -> None:
    nested = {**DESCRIPTOR, "@id": "sub/ro-crate-metadata.json", "about": {"@id": "sub/"}}
    content = crate({"@id": "sub/", "@type": "Dataset", "name": "Nested"}, DESCRIPTOR, ROOT, descriptor=nested)
    assert read(content).metadata["title"] == "Roses"


def test_a_crate_is_known_by_its_descriptor_or_its_context() -> None:
    assert recognises(crate(ROOT, context=None))
    assert recognises(crate(ROOT, context="https://w3id.org/ro/crate/1.2/context"))
    assert recognises(crate(ROOT, context=["https://w3id.org/ro/crate/1.0/context", {"@vocab": "http://schema.org/"}]))
    assert recognises({"@context": CONTEXT, "@graph": [ROOT]})
    assert not schema_org.recognises(crate(ROOT, context=["https://schema.org", CONTEXT]))
    for content in ({"@graph": [ROOT]}, {"@context": CONTEXT}, [DESCRIPTOR], None, {"@context": "https://schema.org"}):
        assert not recognises(content)


def test_without_a_descriptor_the_usual_root_is_taken_and_without_that_it_is_said() -> None:
    assert read({"@context": CONTEXT, "@graph": [ROOT]}).metadata["title"] == "Roses"
    lost = crate(ROOT, descriptor={**DESCRIPTOR, "about": {"@id": "elsewhere"}})
    assert read(lost).metadata["title"] == "Roses"
    rootless = {"@context": CONTEXT, "@graph": [{"@id": "a.csv", "@type": "File"}]}
    assert messages(rootless) == ["the crate has no root: no metadata descriptor is `about` an entity that it has"]


WORKFLOW: dict[str, Any] = {
    "@id": "main.ga",
    "@type": ["File", "SoftwareSourceCode", "ComputationalWorkflow"],
    "name": "Sort",
    "description": "Sorts lines",
    "creator": {"@id": "#jane"},
    "license": "MIT",
    "keywords": "sorting, lines",
    "version": "7",
}
JANE = {"@id": "#jane", "@type": "Person", "familyName": "Doe", "givenName": "Jane"}


def test_a_workflow_crate_takes_from_its_main_entity_what_the_root_does_not_say() -> None:
    content = crate({"@id": "./", "@type": "Dataset", "mainEntity": {"@id": "main.ga"}}, WORKFLOW, JANE)
    assert read(content).metadata == {
        "upload_type": "workflow",
        "title": "Sort",
        "description": "Sorts lines",
        "creators": [{"name": "Doe, Jane"}],
        "license": "MIT",
        "keywords": ["sorting", "lines"],
        "version": "7",
    }
    assert messages(content) == [
        "taken from the main entity, since the root does not say it: "
        "creators, title, description, license, keywords, version"
    ]
    told = {
        **ROOT,
        "author": "Roe, Ann",
        "license": "CC0-1.0",
        "keywords": "rose",
        "version": "1",
        "description": "D d",
    }
    found = read(crate({**told, "mainEntity": {"@id": "main.ga"}}, WORKFLOW, JANE))
    assert found.metadata["creators"] == [{"name": "Roe, Ann"}]
    assert [found.metadata[key] for key in ("license", "keywords", "version", "title", "description")] == [
        "CC0-1.0",
        ["rose"],
        "1",
        "Roses",
        "D d",
    ]
    assert found.notes == []


@pytest.mark.parametrize(
    "run",
    [{"conformsTo": {"@id": "https://w3id.org/ro/wfrun/workflow/0.5"}}, {"mentions": {"@id": "#run"}}],
)
def test_what_a_workflow_made_is_a_dataset(run: dict[str, Any]) -> None:
    action = {"@id": "#run", "@type": "CreateAction", "instrument": {"@id": "main.ga"}}
    content = crate({**ROOT, "mainEntity": {"@id": "main.ga"}, **run}, WORKFLOW, JANE, action)
    assert read(content).metadata["upload_type"] == "dataset"
    assert read(content).metadata["creators"] == [{"name": "Doe, Jane"}]


def test_a_grant_of_its_own_and_a_funder_without_one() -> None:
    grant = {"@id": "https://doi.org/10.3030/654241", "@type": "Grant", "funder": {"@id": "https://ror.org/00k4n6c32"}}
    commission = {"@id": "https://ror.org/00k4n6c32", "@type": "Organization", "name": "European Commission"}
    root = {**ROOT, "author": "Roe, Ann", "funding": {"@id": grant["@id"]}, "funder": {"@id": commission["@id"]}}
    found = read(crate(root, grant, commission)).metadata
    assert found["grants"] == [{"id": "10.13039/501100000780::654241"}]
    assert "contributors" not in found
    found = read(crate({**ROOT, "author": "Roe, Ann", "funder": {"@id": commission["@id"]}}, commission)).metadata
    assert found["contributors"] == [{"name": "European Commission", "type": "Sponsor"}]


def test_values_in_lists_and_texts_for_entities() -> None:
    root = {
        "@id": "./",
        "@type": ["Dataset"],
        "name": ["Roses"],
        "license": [""],
        "author": ["#jane", "Roe, Ann"],
        "description": None,
    }
    assert read(crate(root, JANE)).metadata == {
        "upload_type": "dataset",
        "title": "Roses",
        "creators": [{"name": "Doe, Jane"}, {"name": "Roe, Ann"}],
    }


# -- the way back from a report ------------------------------------------------------------------------------------


@pytest.mark.parametrize("upload_type", ["dataset", "publication"])
def test_the_crate_of_one_dataset_gives_its_metadata_back(upload_type: str) -> None:
    metadata = METADATA | {"upload_type": upload_type}
    content = json.loads(
        "".join(ro_crate_report(replace(BATCH, datasets=[replace(PUBLISHED, metadata=metadata)]), MADE))
    )
    assert recognises(content)
    found = read(content).metadata
    same = ("upload_type", "title", "publication_date", "keywords", "subjects", "language", "version")
    assert {key: found[key] for key in same} == {key: metadata[key] for key in same}
    assert found.get("publication_type") == ("article" if upload_type == "publication" else None)
    assert found["creators"] == [
        {"name": "Curie, Marie", "affiliation": "Sorbonne", "orcid": "0000-0002-1825-0097"},
        {"name": "The Rose Consortium", "gnd": "170118215"},
    ]
    assert found["license"] == "CC-BY-4.0"
    assert found["grants"] == [{"id": "10.13039/501100000780::654241"}, {"id": "10.13039/501100000780::777541"}]
    assert found["locations"] == [{"place": "Lyon", "lat": 45.76, "lon": 4.84}]
    assert "doi" not in found


def test_the_crate_of_a_batch_is_about_the_batch() -> None:
    datasets = [replace(PUBLISHED, id=name, doi=f"10.5072/zenodo.{name}") for name in ("1000", "1001")]
    found = read(json.loads("".join(ro_crate_report(replace(BATCH, datasets=datasets), MADE)))).metadata
    assert found["title"] == "rose <scent>"
    assert [(each["identifier"], each["relation"]) for each in found["related_identifiers"]] == [
        ("doi:10.5072/zenodo.1000", "hasPart"),
        ("doi:10.5072/zenodo.1001", "hasPart"),
    ]


# -- whatever is in it ---------------------------------------------------------------------------------------------


@patient
@given(DOCUMENTS, DOCUMENTS, st.sampled_from([{"@id": "./"}, "./", ["./"], {"@id": ["./"]}, None, 7]))
def test_never_raises(root: dict[str, Any], other: dict[str, Any], about: Any) -> None:
    entities = [{**root, "@id": "./"}, {**other, "@id": "#a"}, other]
    content = crate(*entities, descriptor={**DESCRIPTOR, "about": about})
    assert recognises(content)
    assert "doi" not in read(content).metadata


def test_circles() -> None:
    root = {**ROOT, "author": {"@id": "./"}, "mainEntity": {"@id": "./"}, "hasPart": {"@id": "./"}}
    assert read(crate({**root, "funder": {"@id": "./"}, "isPartOf": {"@id": "./"}})).metadata["title"] == "Roses"
