"""Somebody who has only `batchdep template` and a spreadsheet program deposits five datasets."""

from __future__ import annotations

import csv
import shutil
import subprocess
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from openpyxl import load_workbook
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from tests.support.citing import stored
from tests.support.cli import CommandLine
from tests.support.local_server import LocalProcess

NEXT_DECADE = date.today().year + 10
ROWS: list[dict[str, str | date]] = [
    {
        "id": "soil-2019", "title": "Dataset soil-2019", "description": "Hourly soil moisture at four depths.",
        "files": "soil/*.csv\nsoil/README.md", "version": "1.10", "keywords": "soil; moisture",
    },
    {
        "id": "soil-2020", "title": "Dataset soil-2020", "description": "The year after, until the paper is out.",
        "files": "soil20/**", "access_right": "embargoed", "embargo_date": date(NEXT_DECADE, 1, 31),
    },
    {
        "id": "interviews", "title": "Dataset interviews", "description": "Ask the first author for access.",
        "files": "interviews/*.txt", "access_right": "restricted",
    },
    {
        "id": "birds", "title": "Dataset birds", "description": "Counts by species and day.",
        "files": "birds/counts.csv", "grants": "654241", "publication_date": "2019",
    },
    {
        "id": "synthesis", "title": "Dataset synthesis", "description": "What moisture has to do with birds.",
        "files": "synthesis/ > synthesis.zip", "related_identifiers": "cites {doi:soil-2019}\ncites {doi:birds}",
    },
]  # fmt: skip
FILES = [
    "soil/a.csv",
    "soil/b.csv",
    "soil/README.md",
    "soil20/x.csv",
    "interviews/1.txt",
    "birds/counts.csv",
    "synthesis/a/m.csv",
]
CREATORS = "Lindqvist, Maja | Meadow Field Station | 0000-0002-1825-0097\nOkafor, Chidi"


def sheet_of(path: Path, name: str) -> Worksheet:
    sheet = load_workbook(path)[name]
    assert isinstance(sheet, Worksheet)
    return sheet


def columns_of(sheet: Worksheet) -> dict[str, int]:
    return {str(cell.value): number for number, cell in enumerate(sheet[1], start=1)}


def fill_in(path: Path) -> None:
    """Types into the workbook what one would: cells keep the form of their columns, as in a spreadsheet program."""
    book = load_workbook(path)
    datasets, settings = book["Datasets"], book["Settings"]
    assert isinstance(datasets, Worksheet)
    assert isinstance(settings, Worksheet)
    columns = columns_of(datasets)
    for number, row in enumerate(ROWS, start=2):
        for key, value in row.items():
            cell = datasets.cell(number, columns[key])
            cell.value = value
            cell.number_format = datasets.column_dimensions[get_column_letter(columns[key])].number_format
    for key, value in {"creators": CREATORS, "publish": "yes"}.items():
        row_of = next(cell.row for cell in settings["A"] if cell.value == key)
        settings.cell(row_of, 2).value = value
    book.save(path)


@pytest.fixture
def newcomer(batchdep: CommandLine) -> CommandLine:
    for name in FILES:
        batchdep.settled(name, f"the content of {name}\n")
    return batchdep


def deposit(newcomer: CommandLine, server: LocalProcess, name: str) -> None:
    checked = newcomer("check", name, "--format", "json")
    assert checked.json["problems"] == []
    assert (checked.json["datasets"], checked.json["files"]) == (5, 7)
    submitted = newcomer("submit", name, "--to", server.url, "--yes")
    assert submitted.code == 0, submitted.err
    records = stored(server.url)
    assert {key: record.state for key, record in records.items()} == dict.fromkeys((str(r["id"]) for r in ROWS), "done")
    assert records["soil-2019"].metadata["version"] == "1.10"
    assert [person["name"] for person in records["birds"].metadata["creators"]] == ["Lindqvist, Maja", "Okafor, Chidi"]
    embargoed, restricted = records["soil-2020"].metadata, records["interviews"].metadata
    assert (embargoed["access_right"], embargoed["embargo_date"]) == ("embargoed", f"{NEXT_DECADE}-01-31")
    assert restricted["access_right"] == "restricted"
    assert "654241" in records["birds"].metadata["grants"][0]["id"]
    assert records["birds"].metadata["publication_date"] == "2019"
    assert sorted(records["synthesis"].cited) == sorted(str(records[key].doi) for key in ("soil-2019", "birds"))
    assert set(records["synthesis"].md5s) == {"synthesis.zip"}


def test_five_datasets_from_the_workbook(newcomer: CommandLine, server: LocalProcess) -> None:
    written = newcomer("template")
    assert (written.code, "check batch.xlsx" in written.out) == (0, True)
    fill_in(newcomer.folder / "batch.xlsx")
    deposit(newcomer, server, "batch.xlsx")


def test_the_same_from_a_table(newcomer: CommandLine, server: LocalProcess) -> None:
    written = newcomer("template", "-o", "batch.csv")
    assert (written.code, "columns.md" in written.out) == (0, True)
    path = newcomer.folder / "batch.csv"
    heads = path.read_text("utf-8-sig").strip().split(",")
    common = {"creators": CREATORS, "upload_type": "dataset", "license": "cc-by-4.0"}
    with path.open("a", encoding="utf-8", newline="") as file:
        csv.DictWriter(file, heads).writerows([{**common, **row} for row in ROWS])
    assert newcomer("submit", "batch.csv", "--to", server.url, "--draft").code == 0
    assert {record.state for record in stored(server.url).values()} == {"unsubmitted"}
    assert newcomer("publish", "batch.csv", "--to", server.url, "--yes").code == 0
    deposit(newcomer, server, "batch.csv")


def untouched(path: Path) -> None:
    """As the template has it."""


def unfilled(path: Path) -> None:
    book = load_workbook(path)
    book["Datasets"]["A2"] = "roses"
    book.save(path)


def copied_example(path: Path) -> None:
    book = load_workbook(path)
    datasets, examples = book["Datasets"], book["Examples"]
    assert isinstance(datasets, Worksheet)
    assert isinstance(examples, Worksheet)
    columns = columns_of(datasets)
    for head, cell in zip(examples[1], examples[2], strict=True):
        if (column := columns.get(str(head.value))) is not None:
            datasets.cell(2, column).value = cell.value
    book.save(path)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (untouched, ["batch.xlsx:A1: error: `datasets` has no dataset", "Fill in a row for each dataset"]),
        (unfilled, ["batch.xlsx:A2: error", "title is missing", "description is missing", "creators is missing"]),
        (copied_example, ["batch.xlsx:B2: error", "no folder 'roses-2018/"]),
    ],
    ids=["untouched", "unfilled", "copied_example"],
)
def test_what_is_not_filled_in_is_told(batchdep: CommandLine, change: Callable[[Path], None], told: list[str]) -> None:
    batchdep("template")
    change(batchdep.folder / "batch.xlsx")
    result = batchdep("check", "batch.xlsx")
    assert result.code == 2
    for words in told:
        assert words in result.out + result.err


def test_what_is_wrong_is_told_in_its_cell(newcomer: CommandLine) -> None:
    newcomer("template")
    path = newcomer.folder / "batch.xlsx"
    fill_in(path)
    book = load_workbook(path)
    datasets = book["Datasets"]
    assert isinstance(datasets, Worksheet)
    columns = columns_of(datasets)
    for row, key, value in ((3, "embargo_date", "31.1.2019"), (4, "license", "cc-by-9"), (5, "grants", "EC 1")):
        datasets.cell(row, columns[key]).value = value
    book.save(path)
    problems = newcomer("check", "batch.xlsx", "--format", "json").json["problems"]
    assert [(problem["code"], problem["line"]) for problem in problems] == [
        ("bad_date", 3), ("bad_licence", 4), ("bad_grant", 5),
    ]  # fmt: skip
    assert [problem["column"] for problem in problems] == [
        columns[key] for key in ("embargo_date", "license", "grants")
    ]
    assert "2019-01-31" in problems[0]["hint"]


def test_a_file_that_is_there_is_kept(batchdep: CommandLine) -> None:
    for name in ("b.csv", "b.yaml"):
        batchdep.write(name, "mine")
        refused = batchdep("template", "-o", name)
        assert (refused.code, "is there already" in refused.err) == (2, True)
        assert (batchdep.folder / name).read_text() == "mine"
        assert batchdep("template", "-o", name, "--force").code == 0
        assert (batchdep.folder / name).read_bytes() != b"mine"
    assert "version: 1" in (batchdep.folder / "b.yaml").read_text()


def test_other_names_and_json(batchdep: CommandLine) -> None:
    wrong = batchdep("template", "-o", "batch.ods")
    assert (wrong.code, ".xlsx" in wrong.err) == (2, True)
    written = batchdep("template", "-o", "b.tsv", "--format", "json")
    assert written.json == {"schema": "batchdep-written/1", "file": "b.tsv", "as": "table"}
    assert batchdep("template", "-o", "nowhere/b.csv").code == 2


OFFICE = shutil.which("soffice")


@pytest.mark.skipif(OFFICE is None, reason="LibreOffice is not installed")
def test_libreoffice_keeps_what_the_template_needs(newcomer: CommandLine, server: LocalProcess) -> None:
    """Saved as .ods and as .xlsx again, the workbook still has its lists and colours, and is deposited."""
    newcomer("template", "-o", "first.xlsx")
    fill_in(newcomer.folder / "first.xlsx")
    _convert(newcomer, "first.xlsx", "ods")
    (newcomer.folder / "first.xlsx").unlink()
    _convert(newcomer, "first.ods", "xlsx")
    sheet = sheet_of(newcomer.folder / "first.xlsx", "Datasets")
    assert sum(validation.type == "list" for validation in sheet.data_validations.dataValidation) >= 6
    assert len(list(sheet.conditional_formatting)) >= 8
    deposit(newcomer, server, "first.xlsx")


def _convert(newcomer: CommandLine, name: str, kind: str) -> None:
    profile = f"-env:UserInstallation=file://{newcomer.home}/office"
    command = [str(OFFICE), profile, "--headless", "--convert-to", kind, name]
    subprocess.run(command, cwd=newcomer.folder, check=True, capture_output=True, timeout=100)
