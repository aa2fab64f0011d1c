"""Conversions that several formats need."""

from __future__ import annotations

import pytest

from batchdep.metadata.formats.base import Note, Reading
from batchdep.metadata.formats.convert import (
    fund,
    orcid_of,
    person,
    person_name,
    put_licence,
    put_own_identifier,
    relate,
)
from batchdep.metadata.licence_names import licence_named


def test_names_from_parts() -> None:
    assert person_name("Curie", "Marie") == "Curie, Marie"
    assert person_name("Beethoven", "Ludwig", particle="van") == "van Beethoven, Ludwig"
    assert person_name("King", "Martin Luther", suffix="Jr.") == "King, Martin Luther Jr."
    assert person_name("Doe, the", "Jane") == "Doe the, Jane"  # two commas would not be split
    assert person_name("", "", whole="CERN") == "CERN"
    assert person_name(None, "Plato") == "Plato"
    assert person_name(None, None) == ""


def test_people() -> None:
    assert person("Curie, Marie", affiliation=" Sorbonne ", orcid=None) == {
        "name": "Curie, Marie",
        "affiliation": "Sorbonne",
    }
    assert person("", affiliation="x") == {}
    assert orcid_of("x", "https://orcid.org/0000-0002-1825-0097") == "0000-0002-1825-0097"
    assert orcid_of("orcid:000000021694233x") == "0000-0002-1694-233X"
    assert orcid_of("https://example.org/0000-0002-1825-0097", None, 7) is None


@pytest.mark.parametrize(
    ("written", "licence"),
    [
        ("MIT", "MIT"),
        ("mit", "MIT"),
        ("cc-by", "cc-by"),
        ("CC0_1.0", "CC0-1.0"),
        ("cc by 4.0", "CC-BY-4.0"),
        ("https://creativecommons.org/licenses/by-sa/4.0/deed.de", "CC-BY-SA-4.0"),
        ("http://creativecommons.org/publicdomain/zero/1.0/", "CC0-1.0"),
        ("https://spdx.org/licenses/Apache-2.0.html", "Apache-2.0"),
        ("https://opensource.org/licenses/MIT", "MIT"),
        ("Apache License, Version 2.0", "Apache-2.0"),
        ("Creative Commons Attribution 4.0 International", "CC-BY-4.0"),
        ("MIT + file LICENSE", "MIT"),
        ("my own licence", None),
        ("", None),
    ],
)
def test_licences(written: str, licence: str | None) -> None:
    assert licence_named(written) == licence


def test_one_licence_is_taken_and_a_second_one_noted() -> None:
    reading = Reading()
    put_licence(reading, {"name": "MIT License"}, "license", 0)
    put_licence(reading, "MIT", "license", 1)
    put_licence(reading, "GPL-3.0-only", "license", 2)
    assert reading.metadata == {"license": "MIT"}
    assert reading.notes == [Note(("license", 2), "the licence GPL-3.0-only is not taken over: a deposition has one")]


def test_related_identifiers() -> None:
    reading = Reading()
    relate(reading, "https://doi.org/10.1234/abc", "cites", "references", 0)
    relate(reading, "somewhere", "cites", "references", 1)
    relate(reading, None, "cites")
    assert [each["relation"] for each in reading.metadata["related_identifiers"]] == ["cites"]
    assert [note.path for note in reading.notes] == [("references", 1)]


def test_funding() -> None:
    reading = Reading()
    fund(reading, "https://doi.org/10.13039/501100000780", "654241", "funding", 0)
    fund(reading, "https://ror.org/021nxhr62", "1234", "funding", 1)
    fund(reading, None, "", "funding", 2, award_address="https://cordis.europa.eu/project/id/871043")
    fund(reading, None, "7", "funding", 3, name="A private person")
    fund(reading, None, None, "funding", 4, name="European Commission")
    assert [each["id"] for each in reading.metadata["grants"]] == [
        "10.13039/501100000780::654241",
        "10.13039/100000001::1234",
        "10.13039/501100000780::871043",
    ]
    assert [note.path[1] for note in reading.notes] == [3, 4]


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("10.1234/x", "10.1234/x"),
        ("https://example.org/x", "https://example.org/x"),
        ("urn:nbn:de:101:1-201102033592", "urn:nbn:de:101:1-201102033592"),
        ("MTBLS404", "https://www.ebi.ac.uk/metabolights/MTBLS404"),
        ("swh:1:rev:0", "https://archive.softwareheritage.org/swh:1:rev:0"),
        ("12345", None),
        ("study-1", None),
        ("readme.md", None),
    ],
)
def test_what_says_its_kind_is_the_same_work_elsewhere(written: str, kept: str | None) -> None:
    reading = Reading()
    put_own_identifier(reading, written, "id", "id")
    related = [each["identifier"] for each in reading.metadata.get("related_identifiers", ())]
    assert related == ([kept] if kept else [])
    if kept is None:
        assert [note.message for note in reading.notes] == [
            f"`id` {written} is not taken over: it means nothing outside the file"
        ]
