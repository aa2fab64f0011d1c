"""schema.org's JSON-LD: where each property goes, in all the ways in which it may be written."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from batchdep.metadata.formats.base import Reading
from batchdep.metadata.formats.schema_org import read, recognises
from batchdep.report.as_jsonld import jsonld_report
from tests.support.replacing import replace
from tests.unit.metadata.strategies import patient
from tests.unit.report.samples import BATCH, METADATA, PUBLISHED

DATASET: dict[str, Any] = {
    "@context": "https://schema.org/",
    "@type": "Dataset",
    "@id": "https://doi.org/10.1594/PANGAEA.726855",
    "name": "Plots of a meadow",
    "alternateName": {"@value": "Wiesenplots", "@language": "de"},
    "description": "Plants of **twelve** plots.\n\n- mown\n- grazed",
    "abstract": "Twelve plots.",
    "creator": [
        {
            "@type": "Person",
            "@id": "https://orcid.org/0000-0002-1825-0097",
            "givenName": "Flora",
            "additionalName": "B.",
            "familyName": "Green",
            "email": "flora@example.org",
            "jobTitle": "Botanist",
            "affiliation": [{"@type": "Organization", "name": "Institute of Botany"}, "Meadow Society"],
        },
        {"@type": "Organization", "name": "Meadow Society", "sameAs": "https://d-nb.info/gnd/170118215"},
    ],
    "author": {"@id": "https://orcid.org/0000-0002-1825-0097"},
    "contributor": {"@type": "Role", "roleName": "DataCurator", "contributor": {"@type": "Person", "name": "Mia Tain"}},
    "editor": "Ed Itor",
    "maintainer": {"@type": "Person", "name": "Main Tain"},
    "producer": {"@type": "Organization", "name": "Field Station"},
    "provider": {"@type": "Organization", "name": "Data Centre"},
    "copyrightHolder": {"@type": "Organization", "name": "University of Meadows"},
    "contactPoint": {"@type": "ContactPoint", "name": "Help Desk", "email": "help@example.org"},
    "translator": {"@type": "Person", "name": "Trans Lator"},
    "sponsor": {"@type": "Organization", "name": "Seed Company"},
    "funder": [{"@type": "Organization", "name": "County Council"}],
    "publisher": {"@type": "Organization", "name": "PANGAEA"},
    "funding": [
        {
            "@type": "MonetaryGrant",
            "identifier": "654241",
            "funder": {"@id": "https://doi.org/10.13039/501100000780", "name": "European Commission"},
        },
        {"@type": "Grant", "identifier": "X-1", "funder": {"@type": "Organization", "name": "Club of Meadows"}},
        {"@type": "Grant", "@id": "https://doi.org/10.3030/101094434"},
        {"@type": "Grant", "name": "A gift"},
    ],
    "license": "https://creativecommons.org/licenses/by/4.0/",
    "keywords": "meadow, vegetation; mowing",
    "about": [
        {"@type": "DefinedTerm", "@id": "https://id.loc.gov/authorities/sh85082737", "name": "Meadows"},
        {"@type": "DefinedTerm", "name": "Plots", "inDefinedTermSet": "Our words"},
        {"@type": "ScholarlyArticle", "@id": "https://doi.org/10.1234/about"},
    ],
    "version": 2,
    "datePublished": "2021-04-12T23:20:50+02:00",
    "dateCreated": "2020-01-01",
    "dateModified": "2022-02-02",
    "expires": "2030-12-31",
    "inLanguage": "en-GB",
    "measurementTechnique": ["Counting", {"@type": "DefinedTerm", "name": "Weighing"}],
    "variableMeasured": [{"@type": "PropertyValue", "name": "height"}],
    "temporalCoverage": ["2019-05-01/2019-09-30", "2020/..", "Holocene"],
    "spatialCoverage": [
        {
            "@type": "Place",
            "name": "Lyon",
            "geo": {"@type": "GeoCoordinates", "latitude": 45.76, "longitude": "4.84"},
        },
        {"@type": "Place", "geo": {"@type": "GeoShape", "box": "45 4 46 5"}},
        "Rhône valley",
        {"@id": "https://sws.geonames.org/2996944/"},
    ],
    "isAccessibleForFree": True,
    "identifier": [
        {"@type": "PropertyValue", "propertyID": "DOI", "value": "doi:10.1594/PANGAEA.726855"},
        {"@type": "PropertyValue", "propertyID": "inventory", "value": "17/4"},
        "10.5281/zenodo.1000",
    ],
    "url": "https://meadow.example.org/",
    "sameAs": "https://example.org/same",
    "citation": [
        "Green (2020). Meadows. Journal.",
        "https://doi.org/10.1234/paper",
        {"@type": "ScholarlyArticle", "@id": "https://doi.org/10.1234/x", "identifier": "10.1234/x", "name": "Paper"},
        {"@type": "CreativeWork", "name": "Flora", "author": {"name": "Old, Ann"}, "datePublished": "1900-01-01"},
    ],
    "isBasedOn": {"@type": "Dataset", "@id": "https://doi.org/10.1234/raw"},
    "isPartOf": {"@type": "Dataset", "name": "All meadows", "url": "https://example.org/all"},
    "hasPart": [
        {"@type": "Dataset", "@id": "https://doi.org/10.1234/part"},
        {"@type": "Dataset", "name": "Local part"},
    ],
    "subjectOf": {"@type": "WebPage", "url": "https://example.org/about"},
    "exampleOfWork": {"identifier": "arXiv:2101.00001"},
    "distribution": [{"@type": "DataDownload", "contentUrl": "https://example.org/plots.csv"}],
    "includedInDataCatalog": {"@type": "DataCatalog", "name": "PANGAEA"},
}

METADATA_OF_DATASET: dict[str, Any] = {
    "upload_type": "dataset",
    "title": "Plots of a meadow",
    "description": "<p>Plants of <strong>twelve</strong> plots.</p>\n<ul>\n<li>mown</li>\n<li>grazed</li>\n</ul>\n"
    "<p>Twelve plots.</p>",
    "method": "<p>Counting</p>\n<p>Weighing</p>",
    "creators": [
        {
            "name": "Green, Flora B.",
            "affiliation": "Institute of Botany; Meadow Society",
            "orcid": "0000-0002-1825-0097",
        },
        {"name": "Meadow Society", "gnd": "170118215"},
    ],
    "contributors": [
        {"name": "Mia Tain", "type": "DataCurator"},
        {"name": "Ed Itor", "type": "Editor"},
        {"name": "Main Tain", "type": "DataManager"},
        {"name": "Field Station", "type": "Producer"},
        {"name": "Data Centre", "type": "Distributor"},
        {"name": "University of Meadows", "type": "RightsHolder"},
        {"name": "Seed Company", "type": "Sponsor"},
        {"name": "Help Desk", "type": "ContactPerson"},
        {"name": "Trans Lator", "type": "Other"},
        {"name": "County Council", "type": "Sponsor"},
    ],
    "grants": [{"id": "10.13039/501100000780::654241"}, {"id": "10.13039/501100000780::101094434"}],
    "license": "CC-BY-4.0",
    "keywords": ["meadow", "vegetation", "mowing", "Plots"],
    "subjects": [{"term": "Meadows", "identifier": "https://id.loc.gov/authorities/sh85082737"}],
    "version": "2",
    "publication_date": "2021-04-12",
    "language": "eng",
    "related_identifiers": [
        {"identifier": "doi:10.1594/PANGAEA.726855", "relation": "isIdenticalTo"},
        {"identifier": "https://meadow.example.org/", "relation": "isDescribedBy"},
        {"identifier": "https://doi.org/10.1234/paper", "relation": "cites"},
        {"identifier": "10.1234/x", "relation": "cites", "resource_type": "publication-article"},
        {"identifier": "https://doi.org/10.1234/raw", "relation": "isDerivedFrom", "resource_type": "dataset"},
        {"identifier": "https://example.org/all", "relation": "isPartOf", "resource_type": "dataset"},
        {"identifier": "https://example.org/about", "relation": "isDescribedBy"},
        {"identifier": "arXiv:2101.00001", "relation": "isVersionOf"},
        {"identifier": "https://example.org/same", "relation": "isIdenticalTo"},
        {
            "identifier": "https://doi.org/10.1234/about",
            "relation": "describes",
            "resource_type": "publication-article",
        },
        {"identifier": "https://doi.org/10.1234/part", "relation": "hasPart", "resource_type": "dataset"},
    ],
    "references": ["Green (2020). Meadows. Journal.", "Old, Ann (1900). Flora"],
    "locations": [
        {"place": "Lyon", "lat": 45.76, "lon": 4.84},
        {"place": "box 45 4 46 5"},
        {"place": "Rhône valley"},
    ],
    "dates": [
        {"start": "2019-05-01", "end": "2019-09-30", "type": "Collected"},
        {"start": "2020", "type": "Collected"},
        {"end": "2030-12-31", "type": "Valid"},
    ],
    "imprint_publisher": "PANGAEA",
    "notes": "<p>Other title (de): Wiesenplots</p>",
}


def noted(reading: Reading) -> list[str]:
    """The beginnings of the notes, up to what is said of each."""
    return [note.message.split(" is ", 1)[0].split(" are ", 1)[0] for note in reading.notes]


def test_every_property_of_a_dataset() -> None:
    reading = read(DATASET)
    assert {key: reading.metadata.get(key) for key in METADATA_OF_DATASET} == METADATA_OF_DATASET
    assert reading.metadata.keys() == METADATA_OF_DATASET.keys()
    assert noted(reading) == [
        "the other title Wiesenplots",
        "the funding Club of Meadows X-1",
        "the funding A gift",
        "`jobTitle` of people and organisations",
        "e-mail addresses",
        "the role translator of Trans Lator",
        "the scheme Our words of Plots",
        "`identifier` doi:10.1594/PANGAEA.726855",
        "`identifier` `inventory` 17/4",
        "`identifier` 10.5281/zenodo.1000",
        "`hasPart` Local part",
        "the area box 45 4 46 5",
        "`spatialCoverage` https://sws.geonames.org/2996944/",
        "`temporalCoverage` Holocene",
        "`isAccessibleForFree` true",
        "`dateCreated` 2020-01-01",
        "`dateModified` 2022-02-02",
        "`variableMeasured`",
    ]


def test_places_of_values() -> None:
    origins = read(DATASET).origins
    assert origins[("title",)] == ("name",)
    assert origins[("creators", 0, "orcid")] == ("creator", 0, "@id")
    assert origins[("creators", 0, "affiliation")] == ("creator", 0, "affiliation", 0)
    assert origins[("grants", 1)] == ("funding", 2)
    assert origins[("dates", 1)] == ("temporalCoverage", 1)
    assert origins[("publication_date",)] == ("datePublished",)


def prefixed(value: Any, prefix: str) -> Any:
    """The same with each key and type in another spelling."""
    if isinstance(value, list):
        return [prefixed(each, prefix) for each in value]
    if not isinstance(value, dict):
        return value
    found = {key if key.startswith("@") else f"{prefix}{key}": prefixed(each, prefix) for key, each in value.items()}
    return found | ({"@type": f"{prefix}{value['@type']}"} if "@type" in value else {})


@pytest.mark.parametrize(
    ("prefix", "context"),
    [
        ("schema:", {"schema": "http://schema.org/"}),
        ("s:", {"s": "https://schema.org/"}),
        ("http://schema.org/", {}),
        ("https://schema.org/", {}),
    ],
)
def test_prefixed_keys(prefix: str, context: Any) -> None:
    body = {key: value for key, value in DATASET.items() if key != "@context"}
    document = {"@context": context, **prefixed(body, prefix)}
    assert recognises(document)
    assert read(document).metadata == METADATA_OF_DATASET


def test_a_list_and_a_graph() -> None:
    page = {"@context": "https://schema.org", "@type": "WebSite", "name": "A site"}
    assert read([page, DATASET]).metadata == METADATA_OF_DATASET
    body = {key: value for key, value in DATASET.items() if key != "@context"}
    graph = {"@context": "https://schema.org", "@graph": [{"@type": "Person", "name": "Somebody"}, body]}
    assert recognises(graph)
    assert read(graph).metadata == METADATA_OF_DATASET
    assert read(graph).origins["title",] == ("@graph", 1, "name")


def test_other_names_for_terms() -> None:
    document = {
        "@context": ["https://schema.org", {"id": "@id", "type": "@type", "heading": {"@id": "schema:name"}}],
        "type": "Dataset",
        "heading": {"@list": ["Roses"]},
        "creator": {"id": "#jane"},
        "contributor": {"type": "Person", "id": "#jane", "familyName": "Doe", "givenName": "Jane"},
    }
    assert recognises(document)
    found = read(document).metadata
    assert (found["title"], found["creators"]) == ("Roses", [{"name": "Doe, Jane"}])


@pytest.mark.parametrize(
    ("kind", "upload_type", "finer"),
    [
        ("Dataset", "dataset", None),
        ("SoftwareSourceCode", "software", None),
        ("SoftwareApplication", "software", None),
        ("ScholarlyArticle", "publication", "article"),
        ("Report", "publication", "report"),
        ("Thesis", "publication", "thesis"),
        ("Chapter", "publication", "section"),
        ("ImageObject", "image", "other"),
        ("Photograph", "image", "photo"),
        ("VideoObject", "video", None),
        ("LearningResource", "lesson", None),
        ("Poster", "poster", None),
        ("PresentationDigitalDocument", "presentation", None),
        ("CreativeWork", "other", None),
        (["SoftwareSourceCode", "ComputationalWorkflow"], "workflow", None),
        (["Dataset", "ScholarlyArticle"], "publication", "article"),
    ],
)
def test_types(kind: Any, upload_type: str, finer: str | None) -> None:
    document = {"@context": "http://schema.org", "@type": kind, "name": "x"}
    assert recognises(document)
    found = read(document).metadata
    assert (found["upload_type"], found.get(f"{upload_type}_type")) == (upload_type, finer)


def test_an_article_in_its_journal_and_a_chapter_in_its_book() -> None:
    volume = {"@type": "PublicationVolume", "volumeNumber": 7, "isPartOf": {"@type": "Periodical", "name": "Scents"}}
    issue = {"@type": "PublicationIssue", "issueNumber": "2", "isPartOf": volume}
    article = {"@context": "https://schema.org", "@type": "ScholarlyArticle", "pageStart": "1", "pageEnd": "9"}
    found = read({**article, "isPartOf": issue}).metadata
    journal = {key: value for key, value in found.items() if key.startswith("journal")}
    assert journal == {
        "journal_volume": "7",
        "journal_issue": "2",
        "journal_title": "Scents",
        "journal_pages": "1-9",
    }
    chapter = {"@context": "https://schema.org", "@type": "Chapter", "pagination": "3-4", "isbn": "9783161484100"}
    found = read({**chapter, "isPartOf": {"@type": "Book", "name": "Flowers"}}).metadata
    assert (found["partof_title"], found["partof_pages"], found["imprint_isbn"]) == ("Flowers", "3-4", "9783161484100")
    thesis = {"@context": "https://schema.org", "@type": "Thesis", "sourceOrganization": {"name": "University of Rome"}}
    assert read(thesis).metadata["thesis_university"] == "University of Rome"


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ({"isAccessibleForFree": False}, ("restricted", None)),
        ({"isAccessibleForFree": "https://schema.org/False"}, ("restricted", None)),
        ({"isAccessibleForFree": True}, (None, None)),
        ({"isAccessibleForFree": True, "conditionsOfAccess": "Register first"}, (None, "Register first")),
        ({"isAccessibleForFree": False, "conditionsOfAccess": "Sign here"}, ("restricted", "Sign here")),
        ({"conditionsOfAccess": "http://purl.org/coar/access_right/c_16ec"}, ("restricted", None)),
        ({"conditionsOfAccess": "open access"}, ("open", None)),
        ({"conditionsOfAccess": "The files are open from 2999-01-01 on."}, ("embargoed", None)),
        ({"conditionsOfAccess": "The files are open from 2020-01-01 on."}, (None, None)),
        ({"isAccessibleForFree": "perhaps"}, (None, None)),
        ({}, (None, None)),
    ],
)
def test_access(said: dict[str, Any], expected: tuple[str | None, str | None]) -> None:
    found = read({"@context": "https://schema.org", "@type": "Dataset", **said}).metadata
    right, words = expected
    assert found.get("access_right") == right
    assert found.get("notes") == (f"<p>Conditions of access: {words}</p>" if words else None)


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("en", "eng"),
        ("de-CH", "deu"),
        ("English", "eng"),
        ({"name": "French", "alternateName": "fr"}, "fra"),
        ("?", "?"),
    ],
)
def test_languages(written: Any, code: str) -> None:
    assert read({"@context": "https://schema.org", "@type": "Dataset", "inLanguage": written}).metadata == {
        "upload_type": "dataset",
        "language": code,
    }


@pytest.mark.parametrize(
    ("licence", "expected"),
    [
        ({"@type": "CreativeWork", "@id": "https://spdx.org/licenses/MIT", "name": "Our terms"}, "MIT"),
        ({"@type": "CreativeWork", "name": "CC BY 4.0", "url": "https://example.org/terms"}, "CC-BY-4.0"),
        ({"@type": "CreativeWork", "url": "https://creativecommons.org/publicdomain/zero/1.0/"}, "CC0-1.0"),
        ({"@type": "CreativeWork", "name": "Our terms"}, "Our terms"),
        (["MIT", "GPL-3.0-only"], "MIT"),
    ],
)
def test_licences(licence: Any, expected: str) -> None:
    reading = read({"@context": "https://schema.org", "@type": "Dataset", "license": licence})
    assert reading.metadata["license"] == expected
    assert len(reading.notes) == (1 if isinstance(licence, list) else 0)


@pytest.mark.parametrize(
    ("description", "html"),
    [
        ("One line", "One line"),
        ("a < b\nc", "a &lt; b<br>c"),
        ("# Head\n\n[site](https://example.org)", '<h1>Head</h1>\n<p><a href="https://example.org">site</a></p>'),
        ("<p>List:</p>\n- one", "<p>List:</p>\n- one"),
        (["One", "Two", "One"], "<p>One</p>\n<p>Two</p>"),
    ],
)
def test_descriptions_are_html_markdown_or_plain(description: Any, html: str) -> None:
    found = read({"@context": "https://schema.org", "@type": "Dataset", "description": description}).metadata
    assert found["description"] == html


def test_people_that_say_more_than_the_repository_holds_are_noted_once() -> None:
    person = {
        "@type": "Person",
        "name": ["José María Doe", "José M. Doe"],
        "@id": "https://orcid.org/0000-0002",
        "identifier": {"@type": "PropertyValue", "propertyID": "ISNI", "value": "0000000121032683"},
        "url": "https://example.org/jose",
        "jobTitle": "Botanist",
        "affiliation": {"@id": "https://ror.org/05gq02987", "name": "Brown University"},
    }
    others = [{**person, "@id": f"#{index}"} for index in range(3)]
    reading = read({"@context": "https://schema.org", "@type": "Dataset", "creator": [person, *others]})
    # what is no ORCID though it is written as one is for `check` to refuse
    assert reading.metadata["creators"][0]["orcid"] == "https://orcid.org/0000-0002"
    assert reading.metadata["creators"][1] == {"name": "José María Doe", "affiliation": "Brown University"}
    assert noted(reading) == [
        "`jobTitle` of people and organisations",
        "identifiers and addresses of people and organisations",
        "of people and organisations with several names one",
        "identifiers of affiliations",
    ]


@pytest.mark.parametrize(
    ("said", "note"),
    [
        ({"name": {"en": "Roses"}}, "`name`"),
        ({"datePublished": ["2020", "2021"]}, "`datePublished` 2021"),
        ({"version": [1, "2"]}, "the version 2"),
        ({"inLanguage": ["de", "en"]}, "the language en"),
        ({"publisher": ["A press", "B press"]}, "the publisher B press"),
        ({"publisher": {"@id": "https://ror.org/05gq02987"}}, "the publisher https://ror.org/05gq02987"),
        ({"isBasedOn": {"@id": "raw/"}}, "`isBasedOn` raw/"),
        ({"isPartOf": {"@type": "Dataset", "name": "All"}}, "`isPartOf` All"),
        ({"about": {"@type": "Article", "name": "Tale"}}, "`about` Tale"),
        ({"about": {"@type": "Project", "@id": "https://example.org/p", "name": "Rose"}}, "`about` Rose"),
        ({"about": {"@id": "#thing"}}, "`about` #thing"),
        ({"url": "https://zenodo.org/records/1000"}, "`url` https://zenodo.org/records/1000"),
        ({"sameAs": "https://zenodo.org/records/1000"}, "`sameAs` https://zenodo.org/records/1000"),
        ({"softwareRequirements": ["numpy", "scipy"]}, "`softwareRequirements` numpy, scipy"),
        ({"pagination": "1-2"}, "the pages 1-2"),
        ({"expires": "soon"}, "`expires` soon"),
        ({"creator": {"@id": "https://orcid.org/0000-0002-1825-0097"}}, "https://orcid.org/0000-0002-1825-0097"),
        ({"funding": "DFG 123"}, "the funding DFG 123"),
        ({"award": "A prize"}, "`award`"),
    ],
)
def test_nothing_is_dropped_in_silence(said: dict[str, Any], note: str) -> None:
    reading = read({"@context": "https://schema.org", "@type": "Dataset", **said})
    assert noted(reading) == [note]


def test_a_related_image_has_no_finer_type_that_says_nothing() -> None:
    image = {"@type": "ImageObject", "@id": "https://doi.org/10.1234/image"}
    found = read({"@context": "https://schema.org", "@type": "Dataset", "isBasedOn": image}).metadata
    assert found["related_identifiers"][0]["resource_type"] == "image"


def test_a_journal_needs_no_identifier() -> None:
    document = {"@context": "https://schema.org", "@type": "ScholarlyArticle"}
    reading = read({**document, "isPartOf": {"@type": "Periodical", "name": "Scents"}})
    assert (reading.metadata["journal_title"], reading.notes) == ("Scents", [])


def test_of_several_works_the_first_dataset_that_is_part_of_no_other() -> None:
    graph = [
        {"@type": "Dataset", "@id": "#part", "name": "Part"},
        {"@type": "Dataset", "@id": "#whole", "name": "Whole", "hasPart": {"@id": "#part"}},
        {"@type": "ScholarlyArticle", "@id": "#article", "name": "Article"},
    ]
    reading = read({"@context": "https://schema.org", "@graph": graph})
    assert reading.metadata["title"] == "Whole"
    assert "the document describes 2 works: taken is Whole" in [note.message for note in reading.notes]


def test_a_page_about_a_dataset() -> None:
    page = {"@context": "https://schema.org", "@type": "WebPage", "mainEntity": {"@type": "Dataset", "name": "Roses"}}
    assert recognises(page)
    assert read(page).metadata["title"] == "Roses"


@pytest.mark.parametrize(
    "content",
    [
        {"@context": "https://doi.org/10.5063/schema/codemeta-2.0", "@type": "SoftwareSourceCode", "name": "x"},
        {"@context": ["https://schema.org", "https://w3id.org/codemeta/3.0"], "@type": "SoftwareSourceCode"},
        {"@context": "https://w3id.org/ro/crate/1.1/context", "@graph": [{"@type": "Dataset"}]},
        {"@context": "https://schema.org", "@type": "Person", "name": "Jane"},
        {"@context": "https://schema.org", "@type": "WebPage", "name": "Page"},
        {"@context": "https://schema.org"},
        {"@type": "Dataset", "name": "of whose vocabulary?"},
        {"title": "Zenodo's", "upload_type": "dataset"},
        [],
        "https://schema.org",
        None,
    ],
)
def test_what_is_not_schema_orgs(content: Any) -> None:
    assert not recognises(content)


# -- the way back from a report ------------------------------------------------------------------------------------


def test_a_report_gives_the_metadata_back() -> None:
    metadata = METADATA | {"upload_type": "dataset"}
    document = json.loads("".join(jsonld_report(replace(BATCH, datasets=[replace(PUBLISHED, metadata=metadata)]))))
    assert recognises(document)
    found = read(document).metadata
    same = ("upload_type", "title", "method", "publication_date", "keywords", "subjects", "language", "version")
    assert {key: found[key] for key in same} == {key: metadata[key] for key in same}
    assert found["description"] == "About roses"
    assert found["license"] == "CC-BY-4.0"
    assert "access_right" not in found  # open is what a record is without it
    assert found["creators"] == [
        {"name": "Curie, Marie", "affiliation": "Sorbonne", "orcid": "0000-0002-1825-0097"},
        {"name": "The Rose Consortium", "gnd": "170118215"},
    ]
    # the role is what schema.org has no word for
    assert found["contributors"] == [{"name": "Doe, Jane", "type": "Other"}, {"name": "Elder, Ann", "type": "Other"}]
    assert found["grants"] == [{"id": "10.13039/501100000780::654241"}, {"id": "10.13039/501100000780::777541"}]
    assert found["locations"] == [{"place": "Lyon", "lat": 45.76, "lon": 4.84}]
    assert found["dates"] == [{"start": "2017-01-01", "end": "2017-12-31", "type": "Collected"}]
    assert found["related_identifiers"] == [
        {"identifier": "10.1038/s41588-018-0110-3", "relation": "cites", "resource_type": "publication-article"},
        {"identifier": "https://example.org/same", "relation": "isIdenticalTo"},
    ]
    assert "doi" not in found
    assert "imprint_publisher" not in found


# -- whatever is in it ---------------------------------------------------------------------------------------------

_KEYS = st.sampled_from(
    sorted({key for key in DATASET if key != "@context"} | {"@list", "@value", "@graph", "schema:name", "@reverse"})
)
_INNER = st.sampled_from(
    [
        *("@id", "@type", "@value", "@list", "name", "givenName", "familyName", "identifier", "value", "url", "geo"),
        *("latitude", "longitude", "funder", "roleName", "contributor", "isPartOf", "propertyID", "affiliation"),
    ]
)
_TEXTS = st.sampled_from(
    [
        *(
            "Dataset",
            "Person",
            "Role",
            "#a",
            "#b",
            "https://doi.org/10.1234/x",
            "10.5281/zenodo.1",
            "2020/..",
            "en-",
            "",
        ),
        *("\ud800", "0000-0002-1825-0097", "https://[", "1e999", "nan", "arXiv:", "2021-13-45", "http://schema.org/x"),
    ]
) | st.text(max_size=6)
_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | _TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_INNER | _KEYS, inner, max_size=4),
    max_leaves=10,
)
DOCUMENTS = st.dictionaries(_KEYS, _VALUES, max_size=8)


@patient
@given(DOCUMENTS, st.sampled_from(["https://schema.org", ["x", {"s": "http://schema.org/"}], None]) | _VALUES)
def test_never_raises(document: dict[str, Any], context: Any) -> None:
    content = {**document, "@context": context, "@type": "Dataset"}
    for each in (content, [content], {"@context": context, "@graph": [content, document]}):
        recognises(each)
        metadata = read(each).metadata
        assert "doi" not in metadata


def test_circles() -> None:
    graph = [
        {"@id": "#a", "@type": "Dataset", "isPartOf": {"@id": "#b"}, "creator": {"@id": "#a"}, "funder": {"@id": "#b"}},
        {"@id": "#b", "@type": "Dataset", "isPartOf": {"@id": "#a"}, "funder": {"@id": "#b"}, "license": {"@id": "#b"}},
    ]
    assert read({"@context": "https://schema.org", "@graph": graph}).metadata["upload_type"] == "dataset"


def test_many_works_cost_linear_time() -> None:
    def seconds(count: int) -> float:
        parts = [{"@type": "Dataset", "@id": f"https://example.org/{index}"} for index in range(count)]
        works = [{"@type": "Dataset", "@id": "#whole", "hasPart": [{"@id": each["@id"]} for each in parts]}, *parts]
        start = time.process_time()
        assert len(read({"@context": "https://schema.org", "@graph": works}).metadata["related_identifiers"]) == count
        return time.process_time() - start

    seconds(100)
    assert seconds(6_000) < 30 * seconds(600)  # the square would be a hundred times


def test_issn_and_isbn_of_what_the_work_is_in_are_related() -> None:
    journal = {"@type": "Periodical", "name": "Scents", "issn": ["0077-5606", "1234-5678"]}
    article = {"@context": "https://schema.org", "@type": "ScholarlyArticle", "name": "T", "isPartOf": journal}
    reading = read(article)
    related = {"identifier": "0077-5606", "relation": "isPartOf", "resource_type": "publication-journal"}
    assert reading.metadata["related_identifiers"] == [related]
    assert [(each.path, each.message) for each in reading.notes] == [
        (("isPartOf", "issn", 1), "`issn` 1234-5678 is not taken over: it is none")
    ]
    book = {"@type": "Book", "name": "Flowers", "isbn": "978-3-16-148410-0"}
    (found,) = read({**article, "@type": "Chapter", "isPartOf": book}).metadata["related_identifiers"]
    assert found == {"identifier": "978-3-16-148410-0", "relation": "isPartOf", "resource_type": "publication-book"}


def test_a_second_isbn_is_noted() -> None:
    isbns = ["978-3-16-148410-0", "978-0-306-40615-7"]
    reading = read({"@context": "https://schema.org", "@type": "Book", "name": "T", "isbn": isbns})
    assert reading.metadata["imprint_isbn"] == "978-3-16-148410-0"
    assert [(each.path, each.message) for each in reading.notes] == [
        (("isbn", 1), "the ISBN 978-0-306-40615-7 is not taken over: a deposition has one")
    ]
