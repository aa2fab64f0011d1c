"""BibTeX as BibTeX reads it; CITATION.cff and .zenodo.json by their schemas."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from pybtex.database import BibliographyData, parse_string

from batchdep.metadata.schema import metadata_schema
from batchdep.report.as_bibtex import bibtex_report
from batchdep.report.as_cff import cff_report, render_cff
from batchdep.report.latex import latex
from batchdep.report.status import DatasetState, DatasetStatus
from batchdep.report.zenodo_json import zenodo_json
from tests.support.replacing import replace
from tests.support.standards import cff_schema, faults
from tests.unit.metadata.strategies import patient
from tests.unit.report import odd
from tests.unit.report.samples import BATCH, METADATA, PUBLISHED

DATASET = replace(PUBLISHED, metadata=METADATA | {"upload_type": "dataset"})
SECOND = replace(DATASET, id="thorns", doi="10.5072/zenodo.1001", url="https://sandbox.zenodo.org/records/1001")
CURLY = str.maketrans("", "", "{}")


def bibtex(*datasets: DatasetStatus) -> BibliographyData:
    return parse_string("".join(bibtex_report(replace(BATCH, datasets=datasets))), "bibtex")


def entry(**metadata: Any) -> Any:
    [found] = bibtex(replace(DATASET, metadata=METADATA | metadata)).entries.values()
    return found


def cff(*datasets: DatasetStatus) -> dict[str, Any]:
    document: dict[str, Any] = yaml.safe_load("".join(cff_report(replace(BATCH, datasets=datasets))))
    return document


def unlatex(text: str) -> str:
    """What LaTeX would print of a text that ``latex`` wrote."""
    names = {
        "textbackslash": "\\",
        "textbraceleft": "{",
        "textbraceright": "}",
        "textasciitilde": "~",
        "textasciicircum": "^",
        "textless": "<",
        "textgreater": ">",
        "textbar": "|",
    }
    return re.sub(r"\\([a-z]+)\{\}|\\([$&%#_])", lambda found: names[found[1]] if found[1] else found[2], text)


# -- BibTeX ------------------------------------------------------------------------------------------------------


def test_a_dataset_is_cited_with_all_that_a_citation_needs() -> None:
    data = bibtex(DATASET)
    [(key, found)] = data.entries.items()
    assert (key, found.type) == ("curie2018-roses", "dataset")
    assert dict(found.fields) == {
        "title": "{Roses}",
        "year": "2018",
        "month": "June",
        "publisher": "Zenodo",
        "version": "1.0",
        "doi": "10.5072/zenodo.1000",
        "url": "https://doi.org/10.5072/zenodo.1000",
    }
    marie, consortium = found.persons["author"]
    assert (marie.last_names, marie.first_names) == (["Curie"], ["Marie"])
    assert [name.translate(CURLY) for name in consortium.last_names] == ["The Rose Consortium"]


@pytest.mark.parametrize(
    ("metadata", "kind", "fields"),
    [
        ({"upload_type": "software"}, "software", {}),
        ({"journal_title": "Nature", "journal_pages": "1–5"}, "article", {"journal": "Nature", "pages": "1--5"}),
        ({}, "misc", {}),
        ({"publication_type": "thesis", "thesis_university": "Paris"}, "phdthesis", {"school": "Paris"}),
        ({"publication_type": "thesis"}, "misc", {}),
        ({"publication_type": "report"}, "techreport", {"institution": "Zenodo"}),
        ({"publication_type": "book"}, "book", {"publisher": "Zenodo"}),
        ({"publication_type": "conferencepaper", "conference_title": "R"}, "inproceedings", {"booktitle": "R"}),
        ({"upload_type": "poster"}, "misc", {}),
    ],
)
def test_the_entry_has_the_type_whose_fields_are_known(
    metadata: dict[str, str], kind: str, fields: dict[str, str]
) -> None:
    found = entry(**metadata)
    assert found.type == kind
    assert fields.items() <= dict(found.fields).items()


def test_names_stay_whole() -> None:
    names = ["Barnes and Noble", "Black and White, Ann", "van der Berg, Jan", "others", "A, B, C", "O{dd, R_x"]
    people = entry(creators=[{"name": name} for name in names]).persons["author"]
    assert len(people) == len(names)
    assert str(people[0]) == "{Barnes and Noble}"
    assert people[1].last_names == ["{Black and White}"]
    assert (people[2].prelast_names, people[2].last_names) == (["van", "der"], ["Berg"])
    assert unlatex(people[5].last_names[0][1:-1]) == "O{dd"


@given(st.text(max_size=40))
def test_escaped_text_prints_as_it_was(text: str) -> None:
    escaped = latex(text)
    assert unlatex(escaped) == text
    assert escaped.count("{") == escaped.count("}")
    assert not re.search(r"(?<!\\)[$&%#_^~]", escaped)


@patient
@given(st.lists(odd.datasets, max_size=4))
def test_any_metadata_give_one_entry_a_dataset(datasets: list[DatasetStatus]) -> None:
    text = "".join(bibtex_report(replace(BATCH, datasets=datasets)))
    assert len(parse_string(text, "bibtex").entries) == len(datasets)
    assert len(re.findall(r"^@", text, re.MULTILINE)) == len(datasets)
    assert not re.search(r"\\(?!text(?:backslash|brace|ascii|less|greater|bar)|[$&%#_])", text)


def test_keys_are_unique_and_ascii() -> None:
    datasets = [replace(DATASET, id=name) for name in ("Ä b", "a-b", "A B", "日本")]
    assert list(bibtex(*datasets).entries) == [
        *("curie2018-a-b", "curie2018-a-b-2", "curie2018-a-b-3"),
        "curie2018-dataset",
    ]


# -- CITATION.cff ------------------------------------------------------------------------------------------------


def test_one_dataset_is_the_subject_of_the_file() -> None:
    document = cff(DATASET)
    assert faults(document, cff_schema()) == []
    assert document == {
        "cff-version": "1.2.0",
        "message": "If you use this dataset, please cite it as below.",
        "type": "dataset",
        "title": "Roses",
        "abstract": "About roses",
        "authors": [
            {
                "family-names": "Curie",
                "given-names": "Marie",
                "affiliation": "Sorbonne",
                "orcid": "https://orcid.org/0000-0002-1825-0097",
            },
            {"name": "The Rose Consortium"},
        ],
        "doi": "10.5072/zenodo.1000",
        "url": "https://sandbox.zenodo.org/records/1000",
        "version": "1.0",
        "keywords": ["rose", "scent"],
        "license": "CC-BY-4.0",
        "date-released": "2018-06-01",
    }


def test_many_datasets_are_references_of_one_file() -> None:
    document = cff(DATASET, SECOND)
    assert faults(document, cff_schema()) == []
    assert (document["title"], len(document["authors"])) == ("rose <scent>", 2)
    assert [each["doi"] for each in document["references"]] == ["10.5072/zenodo.1000", "10.5072/zenodo.1001"]
    assert {each["type"] for each in document["references"]} == {"data"}
    assert document["references"][0]["publisher"] == {"name": "Zenodo"}


def test_a_publication_has_a_preferred_citation() -> None:
    document = cff(replace(PUBLISHED, metadata=METADATA | {"journal_title": "Nature", "publication_date": "2018-06"}))
    assert faults(document, cff_schema()) == []
    preferred = document["preferred-citation"]
    assert (preferred["type"], preferred["journal"]) == ("article", "Nature")
    assert (preferred["year"], preferred["month"]) == (2018, 6)
    assert "date-released" not in document


def test_a_batch_without_anything_published_is_valid_too() -> None:
    document = cff()
    assert faults(document, cff_schema()) == []
    assert document["authors"] == [{"name": "The authors of rose <scent>"}]


@patient
@given(st.lists(odd.datasets, max_size=3, unique_by=lambda dataset: dataset.doi))
def test_any_metadata_give_a_valid_file(datasets: list[DatasetStatus]) -> None:
    assert faults(cff(*datasets), cff_schema()) == []


@pytest.mark.parametrize("version", ["1e3", "0o17", "2024-01-01", "1.10", "~", "null", "yes", "12:30:45", "v1"])
def test_a_version_is_text_to_every_reader(version: str) -> None:
    text = render_cff(replace(DATASET, metadata=METADATA | {"version": version}))
    assert yaml.safe_load(text)["version"] == version
    if not version[0].isalpha():
        assert f'version: "{version}"' in text


def test_a_licence_that_the_schema_does_not_know_is_an_address() -> None:
    document = yaml.safe_load(render_cff(replace(DATASET, metadata=METADATA | {"license": "blueoak-1.0.0"})))
    assert faults(document, cff_schema()) == []
    assert "license" in document or document["license-url"].startswith("https://spdx.org/licenses/")
    assert "license" not in yaml.safe_load(render_cff(replace(DATASET, metadata=METADATA | {"license": "other-open"})))


def test_a_draft_has_no_doi_to_cite() -> None:
    document = yaml.safe_load(render_cff(replace(DATASET, doi=None, url=None, state=DatasetState.DRAFT)))
    assert faults(document, cff_schema()) == []
    assert "doi" not in document
    assert "url" not in document


# -- .zenodo.json ------------------------------------------------------------------------------------------------

ANSWERED = METADATA | {
    "doi": "10.5281/zenodo.1000",
    "prereserve_doi": {"doi": "10.5281/zenodo.1000", "recid": 1000},
    "imprint_publisher": "Zenodo",
    "license": "cc-zero",
    "notes": "",
    "some_new_key": "of the server",
}


def test_zenodo_json_has_what_was_sent_and_nothing_that_the_repository_added() -> None:
    kept = json.loads(zenodo_json(replace(DATASET, metadata=ANSWERED)))
    assert kept == METADATA | {"license": "cc0-1.0"}


def test_a_doi_from_elsewhere_stays() -> None:
    creators = [{"name": "Curie, Marie", "affiliation": None}]
    kept = json.loads(zenodo_json(replace(DATASET, metadata=METADATA | {"creators": creators})))
    assert kept["creators"] == [{"name": "Curie, Marie"}]
    kept = json.loads(zenodo_json(replace(DATASET, metadata=METADATA | {"doi": "10.1234/x"})))
    assert kept["doi"] == "10.1234/x"


@pytest.mark.parametrize(
    ("answered", "written"), [("mit-license", "mit"), ("other-open", "other-open"), ("x y", "x y")]
)
def test_zenodo_json_names_licences_as_they_are_sent(answered: str, written: str) -> None:
    kept = json.loads(zenodo_json(replace(DATASET, metadata=METADATA | {"license": answered})))
    assert kept["license"] == written


@pytest.mark.parametrize("render", [zenodo_json, render_cff])
def test_nothing_of_the_state_is_told(render: Callable[[DatasetStatus], str]) -> None:
    text = render(replace(DATASET, warnings=["w-secret"], deposition_id=424242, reserved_doi="10.5281/zenodo.424242"))
    assert "424242" not in text
    assert "w-secret" not in text
    assert "data/a b&c.csv" not in text


@patient
@given(odd.datasets)
def test_any_metadata_give_a_document(dataset: DatasetStatus) -> None:
    assert json.loads(zenodo_json(dataset)).keys() <= metadata_schema()["properties"].keys()


def test_zenodo_json_is_valid_by_the_schema_of_a_deposit() -> None:
    kept = json.loads(zenodo_json(replace(DATASET, metadata=ANSWERED)))
    del kept["locations"][1], kept["thesis_supervisors"]  # the samples are odd there
    assert faults(kept, metadata_schema()) == []
