"""``CITATION.cff``: every key of version 1.2.0, the mistakes that people make, and whatever else stands there."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from batchdep.metadata.formats.base import Reading
from batchdep.metadata.formats.cff import read, recognises
from batchdep.metadata.formats.cff_references import identifier_of, reference_of
from tests.unit.metadata.formats.arbitrary import keys_in, shaped, values
from tests.unit.metadata.strategies import patient

PERSON: dict[str, Any] = {
    "family-names": "Beethoven",
    "given-names": "Ludwig",
    "name-particle": "van",
    "name-suffix": "III",
    "alias": "lvb",
    "affiliation": "Court of Vienna",
    "orcid": "https://orcid.org/0000-0002-1825-0097",
    "email": "ludwig@example.org",
    "website": "https://ludwig.example.org",
    "address": "Alserstrasse 1",
    "city": "Wien",
    "region": "Wien",
    "post-code": "1010",
    "country": "AT",
    "tel": "+43 1",
    "fax": "+43 2",
}
ENTITY: dict[str, Any] = {
    "name": "The Orchestra, Vienna",
    "date-start": "1842-03-28",
    "date-end": "2000-01-01",
    "location": "Hofburg",
    "website": "https://orchestra.example.org",
}
ARTICLE: dict[str, Any] = {
    "type": "article",
    "title": "On scores",
    "authors": [{"family-names": "Doe", "given-names": "Jane"}, {"name": "Team Score"}],
    "year": 2019,
    "month": 5,
    "journal": "Journal of Scores",
    "volume": 5,
    "issue": "2",
    "start": 10,
    "end": 19,
    "publisher": {"name": "Score Press"},
}
FULL: dict[str, Any] = {
    "cff-version": "1.2.0",
    "message": "Please cite this.",
    "type": "software",
    "title": "A score\n  reader",
    "abstract": "Reads scores.",
    "authors": [PERSON, ENTITY, {"alias": "mozart91"}],
    "contact": [{"family-names": "Doe", "given-names": "Jane", "orcid": "0000-0001-5109-3700"}],
    "keywords": ["music", "scores"],
    "license": ["Apache-2.0", "MIT"],
    "license-url": "https://example.org/licence",
    "version": 1.1,
    "commit": "1ff847d81f29c45a3a1a5ce73d38e45c2f319bba",
    "date-released": "2021-04-12",
    "doi": "10.1234/scores",
    "identifiers": [
        {"type": "doi", "value": "10.5281/zenodo.1003149", "description": "all versions"},
        {"type": "swh", "value": "swh:1:rel:99f6850374dc6597af01bd0ee1d3fc0699301b9f"},
        {"type": "url", "value": "https://scores.example.org/1.1"},
        {"type": "other", "value": "S-17"},
    ],
    "repository-code": "https://github.com/example/scores",
    "repository": "https://ascl.example.org/scores",
    "repository-artifact": "https://pypi.example.org/scores",
    "url": "https://scores.example.org",
    "preferred-citation": {**ARTICLE, "doi": "10.1234/on-scores", "abstract": "A paper."},
    "references": [
        {**ARTICLE, "title": "Older scores"},
        {"type": "book", "title": "Notes", "isbn": "978-3-16-148410-0", "editors": [ENTITY]},
        {"type": "software-code", "title": "Lib", "repository-code": "https://github.com/example/lib", "scope": "used"},
        {"type": "conference-paper", "title": "P", "identifiers": [{"type": "doi", "value": "10.1234/conf"}]},
        {"type": "article", "title": "Q", "pmcid": "PMC1234567", "notes": "read it"},
        {"type": "grant", "number": "654241", "institution": {"name": "European Commission"}},
        {"type": "grant", "title": "Own money", "institution": {"name": "A Patron"}},
        {"type": "generic"},
    ],
}


def notes(reading: Reading) -> str:
    return "\n".join(note.message for note in reading.notes)


def test_every_key_of_version_1_2() -> None:
    reading = read(FULL)
    ludwig = {"name": "van Beethoven, Ludwig III", "affiliation": "Court of Vienna", "orcid": "0000-0002-1825-0097"}
    assert reading.metadata == {
        "upload_type": "software",
        "title": "A score reader",
        "description": "Reads scores.",
        "creators": [ludwig, {"name": "The Orchestra, Vienna"}, {"name": "mozart91"}],
        "contributors": [{"name": "Doe, Jane", "orcid": "0000-0001-5109-3700", "type": "ContactPerson"}],
        "version": "1.1",
        "publication_date": "2021-04-12",
        "keywords": ["music", "scores"],
        "license": "Apache-2.0",
        "related_identifiers": [
            {
                "identifier": "https://github.com/example/scores",
                "relation": "isSupplementTo",
                "resource_type": "software",
            },
            {"identifier": "https://ascl.example.org/scores", "relation": "isIdenticalTo"},
            {
                "identifier": "https://pypi.example.org/scores",
                "relation": "isVariantFormOf",
                "resource_type": "software",
            },
            {"identifier": "https://scores.example.org", "relation": "isDescribedBy"},
            {"identifier": "10.1234/scores", "relation": "isIdenticalTo"},
            {
                "identifier": "https://archive.softwareheritage.org/swh:1:rel:99f6850374dc6597af01bd0ee1d3fc0699301b9f",
                "relation": "isIdenticalTo",
            },
            {"identifier": "https://scores.example.org/1.1", "relation": "isIdenticalTo"},
            {
                "identifier": "10.1234/on-scores",
                "relation": "isDescribedBy",
                "resource_type": "publication-article",
            },
            {"identifier": "978-3-16-148410-0", "relation": "references", "resource_type": "publication-book"},
            {"identifier": "https://github.com/example/lib", "relation": "references", "resource_type": "software"},
            {"identifier": "10.1234/conf", "relation": "references", "resource_type": "publication-conferencepaper"},
            {
                "identifier": "https://pmc.ncbi.nlm.nih.gov/articles/PMC1234567/",
                "relation": "references",
                "resource_type": "publication-article",
            },
        ],
        "references": [
            "Doe, Jane; Team Score (2019). Older scores. Journal of Scores, 5(2), 10-19. Score Press",
        ],
        "grants": [{"id": "10.13039/501100000780::654241"}],
    }
    told = notes(reading).splitlines()
    for words in (
        *("the alias lvb", "e-mail addresses", "`website` of people", "`address` of people", "`city`", "`region`"),
        *("`post-code`", "`country`", "`tel`", "`fax`", "`date-start`", "`date-end`", "`location`"),
        *("The Orchestra, Vienna is an organisation", "the licence MIT", "the licence https://example.org/licence"),
        *("`doi` 10.1234/scores is taken over as isIdenticalTo", "10.5281/zenodo.1003149 is not taken over"),
        *("`description` is not taken over", "`identifiers` S-17", "`message`", "`commit`", "of other works only"),
        *("the funding A Patron is not taken over", "neither an identifier nor a title"),
    ):
        assert sum(words in each for each in told) == 1, words
    assert len(told) == 25
    assert "ludwig@example.org" not in str(reading.metadata)


def test_origins_lead_to_the_file() -> None:
    origins = read(FULL).origins
    assert origins["title",] == ("title",)
    assert origins["description",] == ("abstract",)
    assert origins["creators", 1] == ("authors", 1)
    assert origins["contributors", 0] == ("contact", 0)
    assert origins["keywords", 1] == ("keywords", 1)
    assert origins["license",] == ("license", 0)
    assert origins["related_identifiers", 0] == ("repository-code",)
    assert origins["related_identifiers", 5] == ("identifiers", 1)
    assert origins["references", 0] == ("references", 0)
    assert origins["grants", 0] == ("references", 5)


@pytest.mark.parametrize("written", ["10.5281/zenodo.7", "https://doi.org/10.5072/zenodo.7", "10.1234/x"])
def test_a_doi_never_becomes_the_records(written: str) -> None:
    reading = read({"cff-version": "1.0.3", "doi": written, "identifiers": [{"type": "doi", "value": written}]})
    assert "doi" not in reading.metadata
    related = [each["identifier"] for each in reading.metadata.get("related_identifiers", ())]
    assert related == ([written] if written == "10.1234/x" else [])


@pytest.mark.parametrize(
    ("written", "upload_type", "told"),
    [(None, "software", False), ("dataset", "dataset", False), ("generic", "software", True)],
)
def test_types(written: str | None, upload_type: str, told: bool) -> None:
    reading = read({"cff-version": "1.2.0", "type": written})
    assert reading.metadata["upload_type"] == upload_type
    assert ("is taken for software" in notes(reading)) == told


@pytest.mark.parametrize(
    ("content", "licence"),
    [
        ({"license": "mit"}, "MIT"),
        ({"license": "Apache-2.0 OR MIT"}, "Apache-2.0"),
        ({"license": "MIT AND Zlib"}, "MIT AND Zlib"),  # for check to refuse
        ({"license-url": "https://www.apache.org/licenses/LICENSE-2.0"}, "apache-2.0"),
        ({"license": {"id": "MIT"}}, "MIT"),
        ({"license": [["MIT"], 7.5]}, "7.5"),
    ],
)
def test_licences(content: dict[str, Any], licence: str) -> None:
    assert str(read({"cff-version": "1.2.0", **content}).metadata["license"]).lower() == licence.lower()


def test_the_second_of_two_alternatives_is_noted() -> None:
    assert "the licence MIT is not taken over" in notes(read({"license": "Apache-2.0 OR MIT"}))


def test_a_url_that_is_the_code() -> None:
    """Many files have ``url`` for the code, alone or beside ``repository-code``."""
    code = "https://github.com/example/scores"
    expected = [{"identifier": code, "relation": "isSupplementTo", "resource_type": "software"}]
    assert read({"url": code}).metadata["related_identifiers"] == expected
    assert read({"url": code, "repository-code": code}).metadata["related_identifiers"] == expected
    page = read({"url": "https://github.com/example"}).metadata["related_identifiers"]
    assert page == [{"identifier": "https://github.com/example", "relation": "isDescribedBy"}]
    beside = read({"url": f"{code}/wiki", "repository-code": code}).metadata["related_identifiers"]
    assert beside[1] == {"identifier": f"{code}/wiki", "relation": "isDescribedBy"}


@pytest.mark.parametrize(
    ("key", "written", "relation"),
    [
        ("url", "https://zenodo.org/records/1000", None),
        ("repository", "https://zenodo.org/record/1000", None),
        ("url", "https://doi.org/10.5281/zenodo.1000", None),
        ("url", "https://doi.org/10.1234/x", "isIdenticalTo"),
    ],
)
def test_addresses_of_records(key: str, written: str, relation: str | None) -> None:
    reading = read({key: written})
    assert [each["relation"] for each in reading.metadata.get("related_identifiers", ())] == [relation] * bool(relation)
    assert f"`{key}` {written} is" in notes(reading)


def test_everything_inside_the_preferred_citation() -> None:
    reading = read(
        {
            "cff-version": "1.2.0",
            "title": "Scores",
            "preferred-citation": {
                "type": "software",
                "title": "Scores: a reader",
                "authors": [{"family-names": "Doe", "given-names": "Jane"}],
                "version": "2",
                "license": "MIT",
                "keywords": ["a"],
                "doi": "10.5281/zenodo.7",
            },
        }
    )
    assert reading.metadata == {
        "upload_type": "software",
        "title": "Scores",
        "creators": [{"name": "Doe, Jane"}],
        "version": "2",
        "keywords": ["a"],
        "license": "MIT",
    }
    assert "taken from `preferred-citation`, since the file itself does not say it: creators, version" in notes(reading)
    assert "`preferred-citation` 10.5281/zenodo.7 is not taken over" in notes(reading)
    assert reading.origins["creators", 0] == ("preferred-citation", "authors", 0)


def test_the_file_comes_before_its_preferred_citation() -> None:
    inner = {
        "type": "software",
        "title": "Old",
        "authors": [{"name": "Old Team"}],
        "keywords": ["old"],
        "license": "MIT",
    }
    content = {"title": "New", "authors": [{"name": "New Team"}], "keywords": ["new"], "license": "Zlib"}
    metadata = read({**content, "preferred-citation": inner}).metadata
    assert metadata == {
        "upload_type": "software",
        "title": "New",
        "creators": [{"name": "New Team"}],
        "keywords": ["new"],
        "license": "Zlib",
    }


def test_a_doi_is_the_best_identifier() -> None:
    listed = [{"type": "url", "value": "https://x.org/y"}, {"type": "doi", "value": "10.1234/y"}]
    assert identifier_of({"url": "https://x.org", "identifiers": listed}) == "10.1234/y"
    assert identifier_of({"url": "https://x.org", "identifiers": listed[:1]}) == "https://x.org/y"
    assert identifier_of({"doi": "see the paper"}) == ""


def test_a_paper_says_nothing_of_the_software() -> None:
    reading = read({"cff-version": "1.2.0", "preferred-citation": ARTICLE})
    assert "creators" not in reading.metadata
    assert len(reading.metadata["references"]) == 1


@pytest.mark.parametrize(
    ("work", "line"),
    [
        ({"title": "T"}, "T"),
        ({"authors": [{"name": "A"}]}, ""),
        ({"title": "T", "editors": [{"name": "E"}], "edition": "2nd"}, "E. T. 2nd"),
        ({"title": "T", "version": 2, "date-released": "2020-01-02"}, "2020. T. Version 2"),
        ({"title": "T", "conference": {"name": "Conf"}, "pages": 7, "institution": {"name": "I"}}, "T. Conf, 7. I"),
        ({"title": "T", "authors": ["Jane Doe"], "volume": 3, "number": 4}, "Jane Doe. T. 3(4)"),
    ],
)
def test_lines_of_references(work: dict[str, Any], line: str) -> None:
    assert reference_of(work) == line


def test_mistakes_are_noted() -> None:
    reading = read(
        {
            "cff-version": "1.2.0",
            "title": ["T"],
            "title:Scores ": "version 1",
            "// doi": "10.1234/x",
            "authors": ["Jane Doe", 7.5, [1], {}, {"family-names": "Xing, Pan", "given-names": "Bing"}],
            "keywords": ["a", {"b": 1}],
            "date-released": "2021-04-12T10:00:00Z",
            "identifiers": [{"doi": "10.1234/y"}, "x"],
            "references": ["A book"],
            "license": [["MIT"]],
        }
    )
    assert reading.metadata == {
        "upload_type": "software",
        "creators": [{"name": "Jane Doe"}, {"name": "7.5"}, {"name": "Xing Pan, Bing"}],
        "publication_date": "2021-04-12",
        "keywords": ["a"],
        "references": ["A book"],
    }
    for words in (
        *("`title` is not taken over: it is no text", "`title:Scores `", "`// doi`", "`authors[2]`", "without a name"),
        *("`family-names` Xing, Pan has a comma", "`keywords[1]`", "`doi` is not taken over", "`identifiers[1]`"),
        "`license` is not taken over",
    ):
        assert words in notes(reading), words


def test_what_is_no_orcid_stays_for_check() -> None:
    authors = [{"name": "A", "orcid": "0000"}, {"name": "B", "website": "https://orcid.org/0000-0002-1825-0097"}]
    creators = read({"authors": authors}).metadata["creators"]
    assert creators == [{"name": "A", "orcid": "0000"}, {"name": "B", "orcid": "0000-0002-1825-0097"}]


@pytest.mark.parametrize("content", [None, [], "cff-version", {"title": "T"}, {"message": "m"}])
def test_other_content_is_not_recognised(content: Any) -> None:
    assert not recognises(content)


def test_citation_files_are_recognised() -> None:
    assert recognises(FULL)
    assert recognises({"message": "m", "authors": []})


@patient
@given(shaped(FULL))
def test_nothing_raises(content: dict[str, Any]) -> None:
    reading = read(content)
    assert all(value not in ("", [], None) for value in reading.metadata.values())
    assert {key[0] for key in reading.origins if key} == set(reading.metadata)


@patient
@given(st.dictionaries(st.sampled_from(sorted(keys_in(FULL))), values(keys_in(FULL)), max_size=8))
def test_nothing_raises_whatever_stands_anywhere(content: dict[str, Any]) -> None:
    recognises(content)
    read(content)


def test_a_website_that_is_an_orcid_is_taken_and_not_noted() -> None:
    author = {"name": "Score Group", "website": "https://orcid.org/0000-0002-1825-0097"}
    reading = read({"cff-version": "1.2.0", "title": "Scores", "authors": [author]})
    assert reading.metadata["creators"] == [{"name": "Score Group", "orcid": "0000-0002-1825-0097"}]
    assert reading.notes == []


def test_a_preferred_paper_without_an_identifier_loses_its_relation_not_in_silence() -> None:
    paper = {"type": "article", "title": "On scores", "authors": [{"name": "Score Group"}], "year": 2020}
    reading = read({"cff-version": "1.2.0", "title": "Scores", "preferred-citation": paper, "references": [paper]})
    assert reading.metadata["references"] == ["Score Group (2020). On scores"]
    assert [(note.path, note.message) for note in reading.notes] == [
        (
            ("preferred-citation",),
            "Score Group (2020). On scores is taken over into `references`: it has no identifier",
        )
    ]
