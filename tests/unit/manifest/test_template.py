from __future__ import annotations

import csv
import io
from datetime import date, datetime
from pathlib import Path

import pytest
from openpyxl import Workbook, load_workbook
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from batchdep.manifest.source_settings import KEYS
from batchdep.manifest.source_table import read_csv
from batchdep.manifest.source_xlsx import read_xlsx
from batchdep.manifest.table_cells import METADATA_COLUMNS, read_cell
from batchdep.manifest.template.columns import ALWAYS, CONDITIONS, columns
from batchdep.manifest.template.datasets import LAST_ROW
from batchdep.manifest.template.examples import example_rows
from batchdep.manifest.template.kinds import KINDS, made_for
from batchdep.manifest.template.texts import columns_explained
from batchdep.manifest.template.words import word_lists
from batchdep.manifest.template.workbook import template_workbook
from batchdep.manifest.translated import TextSource
from batchdep.metadata.funders import grant_id
from batchdep.metadata.languages import is_language
from batchdep.metadata.licences import licence_standing
from batchdep.metadata.references import PLACEHOLDER, resolved
from batchdep.metadata.rules import REQUIRED, validate_metadata
from batchdep.metadata.vocabulary import ACCESS_RIGHTS, CONTRIBUTOR_TYPES, FUNDERS, RELATIONS, SUBTYPES, UPLOAD_TYPES
from batchdep.problems import Place

TODAY = date(2026, 11, 26)


@pytest.fixture(scope="module")
def data() -> bytes:
    return template_workbook("my.xlsx", TODAY)


@pytest.fixture(scope="module")
def book(data: bytes) -> Workbook:
    return load_workbook(io.BytesIO(data))


@pytest.fixture(scope="module")
def datasets(book: Workbook) -> Worksheet:
    return sheet_of(book, "Datasets")


def sheet_of(book: Workbook, name: str) -> Worksheet:
    sheet = book[name]
    assert isinstance(sheet, Worksheet)
    return sheet


def letter_of(sheet: Worksheet, name: str) -> str:
    return get_column_letter(next(cell.column for cell in sheet[1] if cell.value == name))


def validation_of(sheet: Worksheet, cell: str) -> DataValidation:
    found: list[DataValidation] = [each for each in sheet.data_validations.dataValidation if cell in each.sqref]
    assert len(found) == 1
    return found[0]


def place_of(book: Workbook, name: str) -> tuple[str, str]:
    """The sheet and the cells that a name of the workbook stands for."""
    sheet, _, cells = book.defined_names[name].attr_text.partition("!")
    return sheet, cells


def words_in(book: Workbook, name: str) -> list[str]:
    sheet, cells = place_of(book, name)
    return [row[0].value for row in sheet_of(book, sheet)[cells.replace("$", "")]]


def test_it_is_read_as_a_batch_without_a_dataset(data: bytes) -> None:
    document = read_xlsx(data, "my.xlsx").whole()
    assert document.problems == []
    assert document.value["datasets"] == []
    assert (document.value["target"], document.value["publish"]) == ("local", False)
    assert document.value["defaults"] == {"upload_type": "dataset", "access_right": "open", "license": "cc-by-4.0"}


def test_every_column_that_is_read_is_there_and_explained(book: Workbook, datasets: Worksheet) -> None:
    heads = [cell.value for cell in datasets[1]]
    assert heads[0] == "id"
    assert sorted(map(str, heads)) == sorted({"id", "files", "fill", "metadata", *METADATA_COLUMNS})
    explained = {row[0].value for row in sheet_of(book, "Help").iter_rows()}
    assert set(heads) <= explained
    assert all(f"## {name}\n" in columns_explained() for name in heads)
    assert {column.name for column in columns() if column.need == ALWAYS} == {"id", "files", *REQUIRED}


def test_every_example_has_the_form_of_its_column() -> None:
    for column in columns():
        if column.example:
            assert read_cell(column.name, column.example), column.name


def test_the_words_to_choose_from_are_those_of_the_vocabularies(book: Workbook, datasets: Worksheet) -> None:
    for name, words in {
        "upload_type": UPLOAD_TYPES,
        "access_right": ACCESS_RIGHTS,
        **{f"{kind}_type": types for kind, types in SUBTYPES.items()},
    }.items():
        validation = validation_of(datasets, f"{letter_of(datasets, name)}500")
        assert words_in(book, str(validation.formula1)) == list(words)
        assert (validation.errorStyle or "stop", validation.showErrorMessage) == ("stop", True)
        assert not validation.showDropDown  # which hides the list
    licences = words_in(book, str(validation_of(datasets, f"{letter_of(datasets, 'license')}2").formula1))
    assert licences[0] == "cc-by-4.0"
    assert len(licences) > 500
    assert all(licence_standing(each) != "unknown" for each in licences)
    assert len({each.lower() for each in licences}) == len(licences)
    languages = words_in(book, str(validation_of(datasets, f"{letter_of(datasets, 'language')}2").formula1))
    assert "eng" in languages
    assert all(map(is_language, languages))
    lists = word_lists()
    assert lists["relation"].words == RELATIONS
    assert lists["contributor type"].words == CONTRIBUTOR_TYPES
    grants = [grant_id(f"{word}12") for word in lists["funder"].words]
    assert len(set(grants)) == len(grants) >= len(set(FUNDERS.values()))
    assert {(grant or "").removesuffix("::12") for grant in grants} <= FUNDERS.keys()


def test_a_setting_has_the_words_of_its_column(book: Workbook) -> None:
    settings = sheet_of(book, "Settings")
    rows = {cell.value: cell.row for cell in settings["A"] if cell.value}
    assert set(rows) - {"setting"} <= set(KEYS)
    assert words_in(book, str(validation_of(settings, f"B{rows['license']}").formula1))[0] == "cc-by-4.0"
    assert validation_of(settings, f"B{rows['publish']}").formula1 == '"no,yes"'


def test_prompts_fit_into_a_spreadsheet_and_each_column_has_one(datasets: Worksheet) -> None:
    for column in columns():
        validation = validation_of(datasets, f"{letter_of(datasets, column.name)}{LAST_ROW}")
        assert validation.promptTitle == column.name
        assert 0 < len(validation.prompt or "") <= 255
        assert len(validation.error or "") <= 255
        assert validation.showInputMessage


def test_cells_are_text_and_a_day_is_shown_in_iso_form(datasets: Worksheet) -> None:
    for column in columns():
        form = datasets.column_dimensions[letter_of(datasets, column.name)].number_format
        assert form == ("yyyy-mm-dd" if column.name == "embargo_date" else "@")
    assert datasets.freeze_panes == "B2"


def rules_of(sheet: Worksheet, name: str) -> list[str]:
    here = f"{letter_of(sheet, name)}2"
    every = [cells for cells in sheet.conditional_formatting if here in cells.sqref]
    return [str(rule.formula[0]) for cells in every for rule in cells.rules]


def test_what_is_needed_is_coloured(book: Workbook, datasets: Worksheet) -> None:
    for name in ("id", "files", *REQUIRED):
        assert any(f"LEN(TRIM(${letter_of(datasets, name)}2))=0" in rule for rule in rules_of(datasets, name)), name
    for name, key, word in CONDITIONS:
        needed, idle = rules_of(datasets, name)
        assert f'="{word}"' in needed
        assert f"${letter_of(datasets, key)}2" in needed
        assert f'<>"{word}"' in idle
    settings = sheet_of(book, "Settings")
    row = next(cell.row for cell in settings["A"] if cell.value == "upload_type")
    assert place_of(book, "setting_upload_type") == ("Settings", f"$B${row}")
    assert any("LEN(setting_upload_type)=0" in rule for rule in rules_of(datasets, "upload_type"))


def test_an_embargo_ends_after_today(datasets: Worksheet) -> None:
    validation = validation_of(datasets, f"{letter_of(datasets, 'embargo_date')}2")
    assert (validation.type, validation.operator, validation.formula1) == ("date", "greaterThan", "TODAY()")


@pytest.mark.parametrize(("what", "cells"), example_rows(TODAY), ids=[cells["id"] for _, cells in example_rows(TODAY)])
def test_the_examples_are_right(what: str, cells: dict[str, str]) -> None:
    assert what
    metadata = {key: read_cell(key, text) for key, text in cells.items() if key in METADATA_COLUMNS}
    metadata = {"upload_type": "dataset", "description": "From the file", "creators": [{"name": "A, B"}], **metadata}
    metadata = resolved(metadata, lambda _: PLACEHOLDER)
    found = validate_metadata(cells["id"], metadata, lambda *path: Place(TextSource("x"), path))
    assert [problem for problem in found if not problem.is_note] == []


def test_the_examples_stand_on_a_sheet_of_their_own(book: Workbook) -> None:
    examples = sheet_of(book, "Examples")
    assert [row[1].value for row in examples.iter_rows(min_row=2)] == [cells["id"] for _, cells in example_rows(TODAY)]
    for row in examples.iter_rows(min_row=2):
        assert not any(isinstance(cell.value, int | float | datetime) for cell in row)


def test_the_instructions_name_the_file(book: Workbook) -> None:
    texts = " ".join(str(cell.value) for row in sheet_of(book, "Help").iter_rows() for cell in row)
    assert "batchdep check my.xlsx" in texts
    assert "cites {doi:ID}" in texts
    assert "654241" in texts


def test_no_cell_is_a_formula(book: Workbook) -> None:
    for sheet in book.worksheets:
        assert not any(cell.data_type == "f" for row in sheet.iter_rows() for cell in row)


@pytest.mark.parametrize("name", ["b.csv", "b.tsv"])
def test_the_header_of_a_table(name: str) -> None:
    text = made_for(Path(name))
    assert isinstance(text, str)
    assert text.startswith("\ufeff")
    separator = "\t" if name.endswith("tsv") else ","
    document = read_csv([text.removeprefix("\ufeff")], name, separator).whole()
    assert (document.problems, document.value) == ([], {"datasets": []})
    assert next(csv.reader([text.removeprefix("\ufeff")], delimiter=separator))[:2] == ["id", "files"]


def test_every_kind_is_made() -> None:
    for ending in KINDS:
        assert made_for(Path(f"batch{ending}"))
