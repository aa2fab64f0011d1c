"""DataCite documents are valid by DataCite's schema, whatever the metadata are."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given

from batchdep.metadata import datacite_words as words
from batchdep.metadata.vocabulary import CONTRIBUTOR_TYPES, RELATIONS, RELATIONS_NOT_ANSWERED, SUBTYPES, UPLOAD_TYPES
from batchdep.report.as_datacite import datacite_record, datacite_report
from batchdep.report.status import DatasetStatus
from tests.support.replacing import replace
from tests.support.standards import datacite_schema, faults
from tests.unit.metadata.strategies import patient
from tests.unit.report import odd
from tests.unit.report.samples import BATCH, FILE, METADATA, PUBLISHED


def record(**metadata: Any) -> dict[str, Any]:
    return datacite_record(replace(PUBLISHED, metadata=metadata), "Zenodo")


def test_the_report_is_valid() -> None:
    [found] = json.loads("".join(datacite_report(BATCH)))
    assert faults(found, datacite_schema()) == []


def test_the_schema_finds_faults() -> None:
    [found] = json.loads("".join(datacite_report(BATCH)))
    assert faults(found | {"identifiers": []}, datacite_schema())
    assert faults(found | {"publicationYear": "18"}, datacite_schema())


@patient
@given(odd.datasets)
def test_any_metadata_give_a_valid_record(dataset: DatasetStatus) -> None:
    assert faults(json.loads(json.dumps(datacite_record(dataset, "Zenodo"))), datacite_schema()) == []


def test_the_words_are_those_of_the_schema() -> None:
    enums = {name: set(rule["enum"]) for name, rule in datacite_schema()["definitions"].items() if "enum" in rule}
    assert set(words.RELATION_TYPES) == enums["relationType"]
    assert set(words.DATE_TYPES) == enums["dateType"]
    assert set(words.CONTRIBUTOR_TYPES) == enums["contributorType"]
    assert set(words.IDENTIFIER_TYPES.values()) == enums["relatedIdentifierType"]
    assert {*words.GENERAL_TYPES.values(), *words.FINER_TYPES.values()} <= enums["resourceTypeGeneral"]


def test_every_word_of_the_deposit_api_has_its_place() -> None:
    relations = {*RELATIONS, *RELATIONS_NOT_ANSWERED} - {"isAlternateIdentifier"}
    assert {name[0].upper() + name[1:] for name in relations} <= words.RELATION_TYPES
    assert set(CONTRIBUTOR_TYPES) <= words.CONTRIBUTOR_TYPES
    assert {kind for kind in UPLOAD_TYPES if words.general_type(kind) == "Other"} == {"other"}


def test_files_of_the_same_size_are_listed_once() -> None:
    dataset = replace(PUBLISHED, files=[FILE, replace(FILE, name="b.csv")])
    found = datacite_record(dataset, "Zenodo")
    assert (found["sizes"], found["formats"]) == (["1200 bytes"], ["text/csv"])


def test_translations_have_their_relation() -> None:
    found = record(related_identifiers=[{"identifier": "10.1234/x", "relation": "isTranslationOf"}])
    assert found["relatedIdentifiers"][0]["relationType"] == "IsTranslationOf"


def test_an_article_names_its_journal() -> None:
    found = record(journal_title="Nature Genetics", journal_volume="50", journal_pages="772–777")
    assert found["relatedItems"] == [
        {
            "relatedItemType": "Journal",
            "relationType": "IsPublishedIn",
            "titles": [{"title": "Nature Genetics"}],
            "volume": "50",
            "firstPage": "772",
            "lastPage": "777",
        }
    ]


@pytest.mark.parametrize(
    ("answered", "spdx"), [("cc-zero", "CC0-1.0"), ("mit-license", "MIT"), ("cc-by-4.0", "CC-BY-4.0")]
)
def test_the_licence_is_the_one_that_the_answer_means(answered: str, spdx: str) -> None:
    assert record(license=answered)["rightsList"][0]["rights"] == spdx


def test_descriptions_are_plain_text() -> None:
    found = record(description="<p>One &amp; two</p><script>alert(1)</script><p>three</p>")
    assert found["descriptions"] == [{"description": "One & two\nthree", "descriptionType": "Abstract"}]


def test_the_language_has_its_short_code() -> None:
    assert (record(language="eng")["language"], record(language="gsw")["language"]) == ("en", "gsw")
    assert "language" not in record(language="no language")


def test_a_record_without_creators_says_that_they_are_unknown() -> None:
    assert record()["creators"] == [{"name": ":unkn"}]
    assert METADATA["creators"]


@pytest.mark.parametrize(
    ("kind", "finer"),
    [(kind, finer) for kind in UPLOAD_TYPES for finer in SUBTYPES.get(kind, ("",))] + [("software", "")],
)
def test_every_type_finds_back(kind: str, finer: str) -> None:
    assert words.deposit_type(words.general_type(kind, finer), finer or kind) == (kind, finer)


def test_types_in_other_words() -> None:
    assert words.deposit_type("Dataset", "Measurement") == ("dataset", "")
    assert words.deposit_type("dataset", "poster") == ("dataset", "")
    assert words.deposit_type("Image", "") == ("image", "other")
    assert words.deposit_type("Image", "Photo") == ("image", "photo")
    assert words.deposit_type("", "Journal Article") == ("publication", "article")
    assert words.deposit_type("Collection", "dataset") == ("other", "")
    assert words.deposit_type("Nonsense", "dataset") == ("other", "")
    enum = datacite_schema()["definitions"]["resourceTypeGeneral"]["enum"]
    assert {*enum, "Poster", "Presentation"} >= {*words.DEPOSIT_TYPES}
