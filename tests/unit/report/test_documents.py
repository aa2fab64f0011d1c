from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterator
from dataclasses import fields
from html.parser import HTMLParser
from weakref import ref

import pytest

from batchdep.report.documents import render
from batchdep.report.forms import ReportForm
from batchdep.report.status import BatchStatus, BatchSums, DatasetState, DatasetStatus, LazyDatasets
from tests.support.replacing import replace
from tests.unit.report.samples import BATCH, DRAFT, EVIL, FAILED, MADE, PUBLISHED


def test_csv_has_a_row_for_each_dataset() -> None:
    rows = list(csv.DictReader(io.StringIO("".join(render(ReportForm.CSV, BATCH, MADE)))))
    assert [row["id"] for row in rows] == ["roses", "thorns", "'-evil"]
    roses = rows[0]
    assert (roses["state"], roses["doi"], roses["files"], roses["bytes"]) == (
        "published",
        "10.5072/zenodo.1000",
        "1",
        "1200",
    )
    assert rows[2]["error_code"] == "metadata_rejected"


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
def test_no_cell_of_the_csv_is_a_formula(start: str) -> None:
    batch = replace(BATCH, datasets=[replace(DRAFT, title=f"{start}1+1")])
    [row] = csv.DictReader(io.StringIO("".join(render(ReportForm.CSV, batch, MADE)), newline=""))
    assert row["title"] == f"'{start}1+1"


def test_json_holds_all_that_is_known() -> None:
    run = {"command": "submit", "version": "0.1.0", "started": "2026-11-24T19:00:00+00:00", "requests": 14}
    document = json.loads("".join(render(ReportForm.JSON, replace(BATCH, runs=[run]), MADE)))
    assert document["runs"] == [run]
    assert document["schema"] == "batchdep-report/1"
    assert document["tool"]["name"] == "batchdep"
    assert document["made"] == "2026-11-24T20:00:00Z"
    assert document["counts"]["published"] == 1
    roses = document["datasets"][0]
    assert roses["published"] == "2026-11-24T20:00:00Z"
    assert roses["bytes"] == 1200
    assert roses["files"][0]["md5"] == "0" * 32
    assert roses["metadata"]["title"] == "Roses"
    assert "requests" not in document


def test_markdown_is_one_table_whatever_the_titles_say() -> None:
    lines = "".join(render(ReportForm.MARKDOWN, BATCH, MADE)).splitlines()
    assert lines[0] == r"# rose \<scent\>"
    rows = [line for line in lines if line.startswith("|")]
    assert len(rows) == 5
    assert all(row.replace(r"\|", "").count("|") == 7 for row in rows)
    assert "[10.5072/zenodo.1000](<https://sandbox.zenodo.org/records/1000>)" in rows[2]
    assert "10.5281/zenodo.1000 (reserved)" in rows[3]
    assert not re.search(r"(?<!\\)[<`\[]", rows[4])
    assert any(line.startswith("- **-evil**") for line in lines)


class Page(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs


def test_html_stands_alone_and_runs_nothing() -> None:
    text = "".join(render(ReportForm.HTML, BATCH, MADE))
    page = Page()
    page.feed(text)
    assert not {"script", "link", "img", "iframe", "form"} & set(page.tags)
    names = {name for name, _ in page.attributes}
    assert not {name for name in names if name.startswith("on")} | ({"src"} & names)
    links = [value for name, value in page.attributes if name == "href"]
    assert links == [PUBLISHED.url, DRAFT.url]
    assert "default-src 'none'" in text
    assert "alert(1)&lt;/script&gt;" in text
    assert EVIL not in text
    assert "Restore" not in text
    assert "@hint" in text


def test_datacite_has_the_published_ones_only() -> None:
    [record] = json.loads("".join(render(ReportForm.DATACITE, BATCH, MADE)))
    assert record["doi"] == "10.5072/zenodo.1000"
    assert record["titles"] == [{"title": "Roses"}]
    assert record["publisher"] == {"name": "Zenodo"}
    assert record["publicationYear"] == "2018"
    assert record["types"] == {"resourceTypeGeneral": "JournalArticle", "resourceType": "article"}
    assert record["schemaVersion"] == "http://datacite.org/schema/kernel-4"


def test_datacite_people() -> None:
    [record] = json.loads("".join(render(ReportForm.DATACITE, BATCH, MADE)))
    assert record["creators"] == [
        {
            "name": "Curie, Marie",
            "nameType": "Personal",
            "givenName": "Marie",
            "familyName": "Curie",
            "affiliation": [{"name": "Sorbonne"}],
            "nameIdentifiers": [
                {
                    "nameIdentifier": "https://orcid.org/0000-0002-1825-0097",
                    "nameIdentifierScheme": "ORCID",
                    "schemeUri": "https://orcid.org",
                }
            ],
        },
        {
            "name": "The Rose Consortium",
            "nameIdentifiers": [
                {
                    "nameIdentifier": "https://d-nb.info/gnd/170118215",
                    "nameIdentifierScheme": "GND",
                    "schemeUri": "https://d-nb.info/gnd",
                }
            ],
        },
    ]
    kinds = [(person["name"], person["contributorType"]) for person in record["contributors"]]
    assert kinds == [("Doe, Jane", "DataCurator"), ("Elder, Ann", "Supervisor")]


def test_datacite_links_rights_and_funding() -> None:
    [record] = json.loads("".join(render(ReportForm.DATACITE, BATCH, MADE)))
    assert record["relatedIdentifiers"] == [
        {
            "relatedIdentifier": "10.1038/s41588-018-0110-3",
            "relatedIdentifierType": "DOI",
            "relationType": "IsSupplementTo",
            "resourceTypeGeneral": "JournalArticle",
        }
    ]
    assert record["alternateIdentifiers"] == [
        {"alternateIdentifier": "https://example.org/same", "alternateIdentifierType": "URL"}
    ]
    assert record["rightsList"][0]["rightsIdentifier"] == "cc-by-4.0"
    assert record["rightsList"][0]["rightsIdentifierScheme"] == "SPDX"
    assert record["rightsList"][1]["rightsUri"] == "info:eu-repo/semantics/openAccess"
    assert [reference["awardNumber"] for reference in record["fundingReferences"]] == ["654241", "777541"]
    assert {reference["funderIdentifier"] for reference in record["fundingReferences"]} == {
        "https://doi.org/10.13039/501100000780"
    }
    assert [date["date"] for date in record["dates"]] == ["2018-06-01", "2017-01-01/2017-12-31", "2018-01-01"]
    assert record["geoLocations"] == [
        {"geoLocationPlace": "Lyon", "geoLocationPoint": {"pointLatitude": 45.76, "pointLongitude": 4.84}}
    ]
    assert [text["descriptionType"] for text in record["descriptions"]] == ["Abstract", "Methods"]


@pytest.mark.parametrize(
    "metadata",
    [
        {},
        {"creators": "Marie", "related_identifiers": [3, None], "grants": [3], "locations": {}, "license": {"id": "x"}},
    ],
)
def test_datacite_bears_metadata_of_any_shape(metadata: dict[str, object]) -> None:
    [record] = json.loads(
        "".join(render(ReportForm.DATACITE, replace(BATCH, datasets=[replace(PUBLISHED, metadata=metadata)])))
    )
    assert record["titles"] == [{"title": "Roses"}]
    assert record["publicationYear"] == "2026"


@pytest.mark.parametrize("form", list(ReportForm))
def test_an_empty_batch_has_a_report_too(form: ReportForm) -> None:
    assert "".join(render(form, replace(BATCH, datasets=[]), MADE)).endswith("\n")


class _Watched(DatasetStatus):
    """One whose end is noticed."""


def _lazily(number: int, alive: list[int]) -> BatchStatus:
    """A batch of so many datasets; ``alive`` becomes how many of them are there as each is made."""
    made: list[ref[_Watched]] = []

    def make(failed: bool) -> Iterator[DatasetStatus]:
        for each in range(number):
            given = FAILED if each % 3 == 2 else PUBLISHED
            if given is FAILED or not failed:
                doi = f"10.5072/zenodo.{each}" if given is PUBLISHED else None
                known = {field.name: getattr(given, field.name) for field in fields(given)}
                dataset = _Watched(**known | {"id": f"d{each}", "doi": doi})
                made.append(ref(dataset))
                alive.append(sum(each() is not None for each in made))
                yield dataset

    sums = BatchSums(
        {DatasetState.PUBLISHED: number - number // 3, DatasetState.FAILED: number // 3}, number // 3, 1, 1
    )
    return replace(BATCH, datasets=LazyDatasets(number, make), sums=sums)


@pytest.mark.parametrize("form", ReportForm)
@pytest.mark.parametrize("number", [0, 1, 2, 30])
def test_a_report_holds_no_datasets_and_says_the_same_as_of_those_in_memory(form: ReportForm, number: int) -> None:
    alive: list[int] = [0]
    batch = _lazily(number, alive)
    document = "".join(render(form, batch, MADE))
    assert max(alive) <= 3
    assert document == "".join(render(form, replace(batch, datasets=list(batch.datasets)), MADE))
    assert document.endswith("\n")
    assert not document.endswith("\n\n")


@pytest.mark.parametrize("form", [form for form in ReportForm if form not in {ReportForm.CFF, ReportForm.RO_CRATE}])
def test_a_report_is_written_while_the_datasets_come(form: ReportForm) -> None:
    alive: list[int] = []
    pieces = render(form, _lazily(30, alive), MADE)
    text = ""
    while "d20" not in text and "zenodo.21" not in text:
        text += next(pieces)
    assert len(alive) < 25
