"""``codemeta.json``: every term of CodeMeta 3.0, the words of version 1, and whatever else stands there."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given

from batchdep.metadata.formats import rocrate, schema_org
from batchdep.metadata.formats.base import Reading
from batchdep.metadata.formats.codemeta import read, recognises
from tests.unit.metadata.formats.arbitrary import keys_in, shaped, values
from tests.unit.metadata.strategies import patient

CONTEXT = "https://w3id.org/codemeta/3.0"
PERSON: dict[str, Any] = {
    "id": "https://orcid.org/0000-0002-1825-0097",
    "type": "Person",
    "givenName": "Jane",
    "familyName": "Doe",
    "email": "jane@example.org",
    "affiliation": {"type": "Organization", "name": "Institute of Scores"},
    "address": "1 Main Street",
}
FULL: dict[str, Any] = {
    "@context": CONTEXT,
    "type": "SoftwareSourceCode",
    "name": "Score reader",
    "description": "Reads scores.",
    "identifier": "10.1234/scores",
    "sameAs": "https://ascl.example.org/scores",
    "url": "https://scores.example.org",
    "relatedLink": "https://list.example.org",
    "codeRepository": "git+https://github.com/example/scores",
    "programmingLanguage": {"type": "ComputerLanguage", "name": "R"},
    "runtimePlatform": "R 4",
    "targetProduct": {"type": "SoftwareApplication", "name": "Scorer"},
    "applicationCategory": "Music",
    "applicationSubCategory": "Scores",
    "downloadUrl": "https://scores.example.org/scores.zip",
    "installUrl": "https://scores.example.org/install",
    "fileSize": "18MB",
    "fileFormat": "application/zip",
    "encoding": {"type": "MediaObject", "contentUrl": "https://scores.example.org/scores.tgz"},
    "memoryRequirements": "1 GB",
    "operatingSystem": ["Linux", "BeOS"],
    "permissions": "none",
    "processorRequirements": "any",
    "storageRequirements": "2 GB",
    "releaseNotes": "https://scores.example.org/news",
    "softwareHelp": {"type": "CreativeWork", "url": "https://scores.example.org/help"},
    "softwareRequirements": [
        {"type": "SoftwareApplication", "name": "magick", "sameAs": "https://cran.example.org/magick"},
        "make",
    ],
    "softwareSuggestions": [{"type": "SoftwareApplication", "name": "knitr"}],
    "supportingData": {"type": "DataFeed", "url": "https://doi.org/10.1234/data"},
    "author": [PERSON, {"type": "Organization", "name": "Score Group"}],
    "contributor": {"type": "Person", "givenName": "Rudi", "familyName": "Rake"},
    "maintainer": PERSON,
    "editor": {"type": "Person", "givenName": "Ed", "familyName": "Itor"},
    "copyrightHolder": {"type": "Organization", "name": "University of Scores"},
    "copyrightYear": 2019,
    "producer": {"type": "Organization", "name": "Score Producers Group"},
    "provider": {"type": "Organization", "name": "Score Store Company"},
    "publisher": {"type": "Organization", "name": "Score Press"},
    "sponsor": {"type": "Organization", "name": "A Patron Foundation"},
    "funder": {
        "id": "https://doi.org/10.13039/100000001",
        "type": "Organization",
        "name": "National Science Foundation",
    },
    "funding": "1549758; Scores for all",
    "citation": [{"type": "ScholarlyArticle", "name": "Older scores", "author": "J. Doe", "datePublished": "1999"}],
    "referencePublication": {"type": "ScholarlyArticle", "id": "https://doi.org/10.1234/paper"},
    "dateCreated": "2018-01-01",
    "dateModified": "2021-01-01",
    "datePublished": "2020-03-01",
    "embargoEndDate": "2020-04-01",
    "keywords": ["music", "scores"],
    "license": "https://spdx.org/licenses/Apache-2.0",
    "version": "1.10",
    "softwareVersion": "1.10",
    "isAccessibleForFree": True,
    "isPartOf": "https://suite.example.org",
    "hasPart": {"type": "SoftwareSourceCode", "id": "https://doi.org/10.1234/part"},
    "position": 3,
    "review": {"type": "Review", "url": "https://review.example.org/7", "reviewAspect": "all", "reviewBody": "Good."},
    "readme": "https://github.com/example/scores/blob/main/README.md",
    "buildInstructions": "https://scores.example.org/build",
    "continuousIntegration": "https://ci.example.org",
    "developmentStatus": "active",
    "issueTracker": "https://github.com/example/scores/issues",
    "hasSourceCode": "https://doi.org/10.1234/source",
    "isSourceCodeOf": "https://doi.org/10.1234/application",
}


def notes(reading: Reading) -> str:
    return "\n".join(note.message for note in reading.notes)


def related(reading: Reading) -> list[tuple[str, ...]]:
    return [tuple(each.values()) for each in reading.metadata.get("related_identifiers", ())]


def test_every_term_of_version_3() -> None:
    reading = read(FULL)
    jane = {"name": "Doe, Jane", "affiliation": "Institute of Scores", "orcid": "0000-0002-1825-0097"}
    metadata = dict(reading.metadata)
    assert set(related(reading)) == {
        ("https://github.com/example/scores", "isSupplementTo", "software"),
        ("10.1234/scores", "isIdenticalTo"),
        ("https://ascl.example.org/scores", "isIdenticalTo"),
        ("https://scores.example.org", "isDescribedBy"),
        ("https://list.example.org", "references"),
        ("https://scores.example.org/news", "isDocumentedBy"),
        ("https://scores.example.org/help", "isDocumentedBy"),
        ("https://cran.example.org/magick", "requires", "software"),
        ("https://doi.org/10.1234/data", "references", "dataset"),
        ("https://doi.org/10.1234/paper", "isDescribedBy", "publication-article"),
        ("https://suite.example.org", "isPartOf"),
        ("https://doi.org/10.1234/part", "hasPart", "software"),
        ("https://review.example.org/7", "isReviewedBy", "publication-peerreview"),
        ("https://github.com/example/scores/blob/main/README.md", "isDocumentedBy"),
        ("https://scores.example.org/build", "isDocumentedBy"),
        ("https://doi.org/10.1234/source", "isDerivedFrom"),
        ("https://doi.org/10.1234/application", "isSourceOf"),
    }
    del metadata["related_identifiers"]
    assert metadata == {
        "upload_type": "software",
        "title": "Score reader",
        "description": "Reads scores.",
        "creators": [jane, {"name": "Score Group"}],
        "contributors": [
            {"name": "Rake, Rudi", "type": "Other"},
            {"name": "Itor, Ed", "type": "Editor"},
            {**jane, "type": "DataManager"},
            {"name": "Score Producers Group", "type": "Producer"},
            {"name": "Score Store Company", "type": "Distributor"},
            {"name": "University of Scores", "type": "RightsHolder"},
            {"name": "A Patron Foundation", "type": "Sponsor"},
        ],
        "grants": [{"id": "10.13039/100000001::1549758"}],
        "license": "Apache-2.0",
        "keywords": ["music", "scores"],
        "version": "1.10",
        "publication_date": "2020-03-01",
        "imprint_publisher": "Score Press",
        "references": ["J. Doe (1999). Older scores"],
    }
    told = notes(reading)
    for word in (
        *("address", "dateCreated", "dateModified", "programmingLanguage", "runtimePlatform"),
        *("targetProduct", "applicationCategory", "applicationSubCategory", "downloadUrl", "installUrl", "permissions"),
        *("memoryRequirements", "operatingSystem", "processorRequirements", "storageRequirements", "copyrightYear"),
        *("softwareRequirements` make", "softwareSuggestions", "position", "continuousIntegration"),
        *(
            "developmentStatus",
            "issueTracker",
            "isAccessibleForFree",
            "identifier` 10.1234/scores is taken over as isIdenticalTo",
        ),
    ):
        assert f"`{word}" in told, word
    assert "e-mail addresses" in told
    assert "the embargo until 2020-04-01 is not taken over" in told
    assert "jane@example.org" not in str(reading.metadata)


def test_origins_lead_to_the_file() -> None:
    origins = read(FULL).origins
    assert origins["title",] == ("name",)
    assert origins["creators", 1] == ("author", 1)
    assert origins["grants", 0] == ("funding",)
    assert origins["license",] == ("license",)
    code = read({"@context": CONTEXT, "codeRepository": "https://x.org/y"})
    assert code.origins["related_identifiers", 0] == ("codeRepository",)


def test_words_of_version_1() -> None:
    reading = read(
        {
            "@context": "https://raw.githubusercontent.com/codemeta/codemeta/1.0/codemeta.jsonld",
            "@type": "Code",
            "agents": [{"@id": "http://orcid.org/0000-0002-1825-0097", "@type": "person", "name": "Jane Doe"}],
            "title": "Score reader",
            "licenseId": "Apache-2.0",
            "controlledTerms": "music, scores",
            "URL": "https://scores.example.org",
            "uploadedBy": {"@type": "person", "name": "Rudi Rake"},
            "depends": [{"identifier": "https://doi.org/10.1234/lib"}],
            "suggests": "knitr",
            "relatedPublications": "https://doi.org/10.1234/paper",
            "operatingSystems": "Linux",
            "downloadLink": "https://scores.example.org/scores.zip",
            "contIntegration": "https://ci.example.org",
        }
    )
    assert reading.metadata == {
        "title": "Score reader",
        "creators": [{"name": "Jane Doe", "orcid": "0000-0002-1825-0097"}],
        "contributors": [{"name": "Rudi Rake", "type": "DataManager"}],
        "license": "Apache-2.0",
        "keywords": ["music", "scores"],
        "related_identifiers": [
            {"identifier": "https://scores.example.org", "relation": "isDescribedBy"},
            {"identifier": "https://doi.org/10.1234/paper", "relation": "isDescribedBy"},
            {"identifier": "https://doi.org/10.1234/lib", "relation": "requires"},
        ],
        "upload_type": "software",
    }
    for key in ("suggests", "operatingSystems", "contIntegration"):
        assert f"`{key}` is not taken over" in notes(reading)


@pytest.mark.parametrize(
    ("kinds", "upload_type"),
    [(None, "software"), ("Dataset", "dataset"), (["SoftwareApplication"], "software"), ("Thing", "software")],
)
def test_types(kinds: Any, upload_type: str) -> None:
    assert read({"@context": CONTEXT, "@type": kinds, "name": "N"}).metadata["upload_type"] == upload_type


@pytest.mark.parametrize("prefix", ["", "codemeta:", "https://w3id.org/codemeta/terms/"])
def test_terms_with_their_prefix(prefix: str) -> None:
    reading = read({"@context": CONTEXT, f"{prefix}referencePublication": "https://doi.org/10.1234/paper"})
    assert related(reading) == [("https://doi.org/10.1234/paper", "isDescribedBy")]


@pytest.mark.parametrize(
    ("funder", "funding", "grant", "sponsors"),
    [
        ({"name": "European Commission"}, "654241", "10.13039/501100000780::654241", 0),
        ([{"@id": "https://ror.org/021nxhr62"}], 1549758, "10.13039/100000001::1549758", 0),
        ("NSF", "ACI-1549758", "10.13039/100000001::ACI-1549758", 0),
        ({"name": "A Patron"}, "7", None, 1),
        ({"name": "NSF"}, "by a generous gift", None, 1),
        ([{"name": "NSF"}, {"name": "A Patron"}], "7", None, 2),
        ({"name": "NSF"}, ["1", "2"], None, 1),
    ],
)
def test_funding_is_an_award_of_the_one_funder(funder: Any, funding: Any, grant: str | None, sponsors: int) -> None:
    reading = read({"@context": CONTEXT, "funder": funder, "funding": funding, "author": "J. Doe"})
    assert reading.metadata.get("grants") == ([{"id": grant}] if grant else None)
    assert len(reading.metadata.get("contributors", ())) == sponsors
    assert ("is not taken over" in notes(reading)) == (grant is None)


def test_an_embargo_that_lasts() -> None:
    later = (datetime.now(UTC).date() + timedelta(days=30)).isoformat()
    metadata = read({"@context": CONTEXT, "embargoEndDate": later, "isAccessibleForFree": True}).metadata
    assert (metadata["access_right"], metadata["embargo_date"]) == ("embargoed", later)
    today = datetime.now(UTC).date().isoformat()
    reading = read({"@context": CONTEXT, "embargoEndDate": today})
    assert "access_right" not in reading.metadata
    assert "it is over" in notes(reading)


def test_a_page_that_is_the_repository_is_related_once() -> None:
    code = "https://github.com/example/scores"
    assert related(read({"@context": CONTEXT, "url": code, "codeRepository": f"git+{code}"})) == [
        (code, "isSupplementTo", "software")
    ]


def test_numbered_requirements() -> None:
    """As R's codemetar writes them."""
    needed = {"1": {"name": "magick", "sameAs": "https://cran.example.org/magick"}, "SystemRequirements": None}
    assert related(read({"@context": CONTEXT, "softwareRequirements": needed})) == [
        ("https://cran.example.org/magick", "requires")
    ]


def test_a_graph() -> None:
    software = {"@type": "SoftwareSourceCode", "name": "S", "codeRepository": "git+https://x.org/y"}
    other = {"@type": "SoftwareSourceCode", "name": "T"}
    reading = read({"@context": CONTEXT, "@graph": [{"@type": "Person", "name": "J"}, software, other]})
    assert reading.metadata["title"] == "S"
    assert related(reading) == [("https://x.org/y", "isSupplementTo", "software")]
    assert [note.path for note in reading.notes] == [("@graph", 2)]


@pytest.mark.parametrize(
    "context",
    [
        "https://doi.org/10.5063/schema/codemeta-2.0",
        "https://w3id.org/codemeta/3.1",
        ["https://schema.org", {"codemeta": "https://w3id.org/codemeta/terms/"}],
    ],
)
def test_the_context_marks_the_format(context: Any) -> None:
    content = {"@context": context, "@type": "SoftwareSourceCode", "name": "S"}
    assert recognises(content)
    assert recognises([content])
    assert not schema_org.recognises(content)


@pytest.mark.parametrize(
    "content",
    [
        None,
        "codemeta",
        [],
        {"name": "codemeta"},
        {"@context": "https://schema.org", "@type": "SoftwareSourceCode", "name": "S"},
        {"@context": CONTEXT, "@graph": []},
    ],
)
def test_other_content_is_not_recognised(content: Any) -> None:
    assert not recognises(content)


def test_crates_are_left_to_their_own_reader() -> None:
    descriptor = {"@id": "ro-crate-metadata.json", "about": {"@id": "./"}}
    crate = {"@context": ["https://w3id.org/ro/crate/1.1/context", CONTEXT], "@graph": [descriptor, {"@id": "./"}]}
    assert rocrate.recognises(crate)
    assert not recognises(crate)


@patient
@given(shaped(FULL))
def test_nothing_raises(content: dict[str, Any]) -> None:
    recognises(content)
    reading = read(content)
    assert all(value not in ("", [], None) for value in reading.metadata.values())
    assert {key[0] for key in reading.origins if key} == set(reading.metadata)


@patient
@given(values(keys_in(FULL) | {"@graph", "@id", "@type", "@list"}, {CONTEXT, "https://schema.org"}))
def test_nothing_raises_whatever_it_is(content: Any) -> None:
    recognises(content)
    read(content)


def test_what_version_1_tells_of_its_agents_is_noted() -> None:
    flags = {"mustBeCited": True, "isMaintainer": False, "isRightsHolder": True, "role": {"roleCode": ["author"]}}
    agent = {"@type": "person", "name": "Doe, Jane", **flags}
    context = "https://raw.githubusercontent.com/codemeta/codemeta/1.0/codemeta.jsonld"
    reading = read({"@context": context, "@type": "Code", "title": "Score reader", "agents": [agent]})
    assert [each.path for each in reading.notes] == [("agents", 0, flag) for flag in flags]


def test_a_name_inside_the_file_is_no_identifier_of_a_person() -> None:
    author = {"id": "#jane", "type": "Person", "familyName": "Doe", "givenName": "Jane"}
    assert read({"@context": CONTEXT, "type": "SoftwareSourceCode", "name": "x", "author": author}).notes == []
