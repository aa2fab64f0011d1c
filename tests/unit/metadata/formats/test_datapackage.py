"""``datapackage.json``: the standard's keys of both versions, older ones, and whatever else stands there."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from batchdep.metadata.formats.base import Reading
from batchdep.metadata.formats.datapackage import read, recognises
from batchdep.metadata.licence_names import licence_named
from tests.unit.metadata.strategies import JSON, patient

RESOURCES = [{"name": "plots", "path": "plots.csv"}]

VERSION_2: dict[str, Any] = {
    "$schema": "https://datapackage.org/profiles/2.0/datapackage.json",
    "resources": [{"name": "plots", "path": "plots.csv", "sources": [{"title": "Field book 7"}]}],
    "name": "meadow-plots",
    "id": "https://doi.org/10.1594/PANGAEA.726855",
    "title": "Plots of a meadow",
    "description": "Plants of *twelve* plots.\n\n- mown\n- grazed",
    "homepage": "https://meadow.example.org/",
    "version": "2.1.0",
    "created": "2021-04-12T23:20:50.52+02:00",
    "keywords": ["meadow", "vegetation"],
    "image": "meadow.png",
    "licenses": [
        {"name": "ODC-PDDL-1.0", "path": "http://opendatacommons.org/licenses/pddl/", "title": "PDDL"},
        {"name": "CC-BY-4.0"},
    ],
    "contributors": [
        {
            "title": "Flora Green",
            "givenName": "Flora",
            "familyName": "Green",
            "path": "https://orcid.org/0000-0002-1825-0097",
            "email": "flora@example.org",
            "roles": ["creator", "contact"],
            "organization": "Institute of Botany",
        },
        {"title": "Meadow Society", "roles": ["rightsHolder"], "path": "https://society.example.org"},
        {"givenName": "Rudi", "familyName": "Rake", "roles": ["gardener"]},
        {"title": "Tom Clean", "role": "wrangler"},
        {"title": "Mia Tain", "role": "maintainer"},
        {"title": "Paul Lish", "role": "publisher"},
        {"title": "Con Tributor", "role": "contributor"},
        {"title": "No Role"},
    ],
    "sources": [
        {"title": "Flora of the county", "path": "https://doi.org/10.1234/flora", "version": "3", "email": "a@b.org"},
        {"path": "raw/book.pdf"},
        {"title": "Grandmother"},
    ],
    "temporal": {"start": "2020"},
}


def notes(reading: Reading) -> str:
    return "\n".join(note.message for note in reading.notes)


def test_every_key_of_version_2() -> None:
    reading = read(VERSION_2)
    flora = {"name": "Green, Flora", "affiliation": "Institute of Botany", "orcid": "0000-0002-1825-0097"}
    assert reading.metadata == {
        "upload_type": "dataset",
        "title": "Plots of a meadow",
        "description": "<p>Plants of <em>twelve</em> plots.</p>\n<ul>\n<li>mown</li>\n<li>grazed</li>\n</ul>",
        "creators": [flora],
        "contributors": [
            {**flora, "type": "ContactPerson"},
            {"name": "Meadow Society", "type": "RightsHolder"},
            {"name": "Rake, Rudi", "type": "Other"},
            {"name": "Tom Clean", "type": "DataCurator"},
            {"name": "Mia Tain", "type": "DataManager"},
            {"name": "Paul Lish", "type": "Distributor"},
            {"name": "Con Tributor", "type": "Other"},
            {"name": "No Role", "type": "Other"},
        ],
        "version": "2.1.0",
        "publication_date": "2021-04-12",
        "keywords": ["meadow", "vegetation"],
        "license": "odc-pddl-1.0",
        "related_identifiers": [
            {"identifier": "https://doi.org/10.1594/PANGAEA.726855", "relation": "isIdenticalTo"},
            {"identifier": "https://meadow.example.org/", "relation": "isDescribedBy"},
            {"identifier": "https://doi.org/10.1234/flora", "relation": "isDerivedFrom"},
        ],
        "references": [
            "Flora of the county. Version 3. https://doi.org/10.1234/flora",
            "Grandmother",
            "Field book 7",
        ],
    }
    told = notes(reading).splitlines()
    assert len(told) == 9
    for words in (
        *("`name` meadow-plots", "10.1594/PANGAEA.726855 is taken over as isIdenticalTo", "the licence CC-BY-4.0"),
        *("e-mail addresses", "https://society.example.org of Meadow Society", "the role gardener of Rake, Rudi"),
        *("the source raw/book.pdf", "`image`", "`temporal`"),
    ):
        assert any(words in each for each in told), words
    assert "flora@example.org" not in str(reading.metadata)


def test_origins_lead_to_the_file() -> None:
    origins = read(VERSION_2).origins
    assert origins["title",] == ("title",)
    assert origins["creators", 0] == ("contributors", 0)
    assert origins["contributors", 1] == ("contributors", 1)
    assert origins["related_identifiers", 2] == ("sources", 0)
    assert origins["references", 2] == ("resources", 0, "sources", 0)
    assert origins["license",] == ("licenses", 0)


def test_a_doi_never_becomes_the_records() -> None:
    for written in ("10.5281/zenodo.1234", "https://doi.org/10.5072/zenodo.7", "doi:10.1234/x"):
        assert "doi" not in read({"resources": RESOURCES, "id": written}).metadata
    own = read({"resources": RESOURCES, "id": "10.5281/zenodo.1234"})
    assert "related_identifiers" not in own.metadata
    assert "10.5281/zenodo.1234 is not taken over" in notes(own)


@pytest.mark.parametrize(
    ("written", "related"),
    [
        ("https://zenodo.org/records/1000", None),
        ("https://doi.org/10.1234/x", "isIdenticalTo"),
        ("https://example.org/x", "isDescribedBy"),
    ],
)
def test_a_homepage_may_be_the_package_itself(written: str, related: str | None) -> None:
    found = read({"resources": RESOURCES, "homepage": written}).metadata.get("related_identifiers")
    assert found == (related and [{"identifier": written, "relation": related}])


@pytest.mark.parametrize("written", ["b03ec84-77fd-4270-813b-0c698943f7ce", "my.package", "17439666"])
def test_identifiers_that_mean_nothing_outside_are_noted(written: str) -> None:
    reading = read({"resources": RESOURCES, "id": written})
    assert "related_identifiers" not in reading.metadata
    assert f"`id` {written} is not taken over" in notes(reading)


def test_without_an_author_plain_contributors_are_creators() -> None:
    reading = read(
        {
            "resources": RESOURCES,
            "contributors": [{"title": "Jane Doe"}, {"title": "J. Roe", "role": "contributor"}],
            "maintainers": [{"title": "Jane Doe"}],
            "publishers": [{"name": "A Press"}],
        }
    )
    assert reading.metadata["creators"] == [{"name": "Jane Doe"}, {"name": "J. Roe"}]
    assert reading.metadata["contributors"] == [
        {"name": "Jane Doe", "type": "DataManager"},
        {"name": "A Press", "type": "Distributor"},
    ]
    assert notes(reading).count("the file names no author") == 2


def test_publishers_alone_are_no_creators() -> None:
    reading = read({"resources": RESOURCES, "publishers": [{"name": "A Press"}]})
    assert "creators" not in reading.metadata


def test_keys_before_version_1() -> None:
    reading = read(
        {
            "name": "old",
            "resources": [{"url": "https://example.org/x.csv"}],
            "author": "Jane Doe <jane@example.org> (https://example.org)",
            "license": {"type": "mine", "url": "http://www.opendefinition.org/licenses/odc-by"},
            "sources": [{"name": "Statistics", "web": "www.example.org/s"}],
            "keywords": "a, b;c",
        }
    )
    assert reading.metadata == {
        "upload_type": "dataset",
        "title": "old",
        "creators": [{"name": "Jane Doe"}],
        "keywords": ["a", "b", "c"],
        "license": "ODC-By-1.0",
        "related_identifiers": [{"identifier": "https://www.example.org/s", "relation": "isDerivedFrom"}],
        "references": ["Statistics. www.example.org/s"],
    }


def test_licences_of_resources() -> None:
    one = {"path": "a.csv", "licenses": [{"name": "CC-BY-4.0"}]}
    other = {"path": "b.csv", "licenses": [{"name": "MIT"}]}
    assert read({"resources": [one, {**one, "path": "c.csv"}]}).metadata["license"] == "CC-BY-4.0"
    mixed = read({"resources": [one, other]})
    assert "license" not in mixed.metadata
    assert "the licence MIT of a part" in notes(mixed)
    beside = read({"resources": [one, {"path": "b.csv"}]})
    assert "license" not in beside.metadata  # nothing is said of the second
    whole = read({"resources": [one, other], "licenses": [{"path": "https://creativecommons.org/licenses/by/4.0/"}]})
    assert whole.metadata["license"] == "CC-BY-4.0"
    assert [note.path for note in whole.notes] == [("resources", 1, "licenses", 0)]


@pytest.mark.parametrize(
    ("written", "licence"),
    [
        ("http://opendatacommons.org/licenses/pddl/", "PDDL-1.0"),
        ("https://opendatacommons.org/licenses/odbl/1-0/", "ODbL-1.0"),
        ("http://www.opendefinition.org/licenses/odc-by", "ODC-By-1.0"),
        ("https://licenses.opendefinition.org/licenses/ODC-BY-1.0.json", "ODC-By-1.0"),
        ("https://opendatacommons.org/licenses/none/", None),
    ],
)
def test_addresses_of_open_licences(written: str, licence: str | None) -> None:
    assert licence_named(written) == licence


def test_wrong_shapes_are_noted() -> None:
    reading = read(
        {
            "resources": RESOURCES,
            "title": ["T"],
            "version": {"major": 1},
            "keywords": ["a", {"b": 1}],
            "contributors": ["Jane Doe", 7.5, [1], {"email": "x at y.org", "organization": ["O"]}, {"roles": {"a": 1}}],
            "licenses": ["CC0-1.0", {"text": "All rights reserved"}],
            "created": "12/03/2017",
        }
    )
    assert reading.metadata == {
        "upload_type": "dataset",
        "creators": [{"name": "Jane Doe"}, {"name": "7.5"}],
        "publication_date": "12/03/2017",  # for check to refuse with a hint
        "keywords": ["a"],
        "license": "CC0-1.0",
    }
    for words in (
        *("`title`", "`version`", "`keywords[1]`", "`contributors[2]`", "without a name", "`organization`", "`roles`"),
        *("e-mail addresses", "a licence without a name"),
    ):
        assert words in notes(reading), words


@pytest.mark.parametrize(
    "content",
    [
        {"title": "T", "creators": []},
        {"resources": "x"},
        {"resources": [{"name": "no place"}]},
        {"@context": "https://schema.org", "resources": RESOURCES},
        {"resources": [{"url": "https://x.org", "package_id": "7"}]},
        [{"path": "x"}],
        None,
    ],
)
def test_other_content_is_not_recognised(content: Any) -> None:
    assert not recognises(content)


def test_data_packages_are_recognised() -> None:
    assert recognises(VERSION_2)
    assert recognises({"resources": [{"data": [1]}, {"url": "https://x.org/y"}]})


KEYS = st.sampled_from(
    [*VERSION_2, "author", "maintainers", "publishers", "license", "path", "title", "name", "roles", "url", "email"]
)
ANY = st.recursive(JSON, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=5))


@patient
@given(st.dictionaries(KEYS, ANY, max_size=8), st.lists(st.dictionaries(KEYS, ANY, max_size=4), max_size=2))
def test_nothing_raises(content: dict[str, Any], resources: list[dict[str, Any]]) -> None:
    recognises(content)
    content["resources"] = [{**each, "path": "x.csv"} for each in resources]
    if recognises(content):
        reading = read(content)
        assert all(value not in ("", [], None) for value in reading.metadata.values())
        assert {key[0] for key in reading.origins} == set(reading.metadata)


@patient
@given(ANY)
def test_recognising_raises_nothing(content: Any) -> None:
    recognises(content)
