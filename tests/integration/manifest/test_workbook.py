"""Workbooks as people fill them in: settings on a sheet of their own, metadata files named in a column."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from openpyxl import Workbook

from batchdep.check import check_manifest
from batchdep.manifest import load_manifest
from batchdep.manifest.model import Limits
from batchdep.problems import Problem
from tests.integration.manifest.conftest import Write, loaded

Rows = Sequence[Sequence[Any]]
DATASETS: Rows = [["id", "title", "files"], ["a", "The roses", "x.csv"]]


def workbook(sheets: Mapping[str, Rows]) -> bytes:
    book = Workbook()
    book.remove(book.worksheets[0])
    for title, rows in sheets.items():
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append(list(row))
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def cells(problems: Sequence[Problem]) -> list[tuple[str, str | None]]:
    return [(problem.code, problem.location.cell if problem.location else None) for problem in problems]


def test_settings_hold_for_the_whole_batch(write: Write) -> None:
    settings: Rows = [
        ["Setting", "Value", "Remarks"],
        ["batch", "roses"],
        ["target", "sandbox", "where to"],
        ["publish", True],
        [None, None, "Limits"],
        ["limits.files", 200],
        ["Limits.File", "10 GB"],
        ["Metadata for all"],
        ["License", "cc-by-4.0"],
        ["creators", "Roy, Asha | Oxford\nLi, Bo"],
        ["version", None],
    ]
    path = write("m.xlsx", workbook({"Datasets": DATASETS, " Settings": settings, "Other": [["x"]]}))
    manifest = loaded(load_manifest(path))
    assert (manifest.batch, manifest.batch_is_named, manifest.target, manifest.publish) == (
        "roses", True, "sandbox", True,
    )  # fmt: skip
    assert manifest.limits == Limits(file=10_000_000_000, files=200)
    (dataset,) = manifest.datasets
    assert dataset.metadata == {
        "license": "cc-by-4.0",
        "creators": [{"name": "Roy, Asha", "affiliation": "Oxford"}, {"name": "Li, Bo"}],
        "title": "The roses",
    }
    assert str(dataset.metadata_place("creators", 1, "name").locate()).endswith("m.xlsx: Settings!B10")
    assert dataset.metadata_place("title").locate().cell == "B2"


def test_publish_in_words(write: Write) -> None:
    for word, meant in (("yes", True), ("No", False), ("TRUE", True), (0, False)):
        data = workbook({"datasets": DATASETS, "settings": [["publish", word]]})
        assert loaded(load_manifest(write("m.xlsx", data))).publish is meant


def test_what_is_wrong_with_settings_is_told_in_their_cells(write: Write) -> None:
    settings: Rows = [
        ["publish", "perhaps"],
        ["licens", "mit"],
        ["target", "local"],
        ["target", "zenodo"],
        ["creators", "a|b|c|d"],
        [None, "what"],
        ["limits.files", "many"],
    ]
    result = load_manifest(write("m.xlsx", workbook({"Datasets": DATASETS, "Settings": settings})))
    assert sorted(cells(result.problems)) == sorted(
        [
            ("wrong_kind", "Settings!B1"), ("unknown_key", "Settings!A2"), ("duplicate_key", "Settings!A4"),
            ("cell_form", "Settings!B5"), ("unknown_key", "Settings!A6"), ("limit_invalid", "Settings!B7"),
        ]
    )  # fmt: skip
    assert result.manifest is not None
    assert result.manifest.target == "local"


def test_a_default_that_is_wrong_is_told_once(write: Write) -> None:
    write("x.csv")
    rows = [*DATASETS, ["b", "The thorns", "x.csv"]]
    settings: Rows = [["upload_type", "dataset"], ["description", "What it is"], ["creators", "Roy, Asha"]]
    settings = [*settings, ["license", "no"]]
    report = check_manifest(load_manifest(write("m.xlsx", workbook({"Datasets": rows, "Settings": settings}))))
    assert cells(report.problems) == [("bad_licence", "Settings!B4")]


def test_what_a_setting_may_be_is_said_in_the_words_of_a_workbook(write: Write) -> None:
    path = write("m.xlsx", workbook({"Datasets": DATASETS, "Settings": [["publish", "maybe"]]}))
    (problem,) = (each for each in check_manifest(load_manifest(path)).problems if each.path == "publish")
    assert (problem.message, problem.hint) == (
        "`publish` must be yes or no",
        "Write no to get drafts to review, or yes to publish.",
    )


def test_formulas_without_a_result_on_the_settings(write: Write) -> None:
    settings: Rows = [["target", "=A1"], ["batch", "#N/A"], ["note", None, "=1+1"]]
    problems = load_manifest(write("m.xlsx", workbook({"Datasets": DATASETS, "Settings": settings}))).problems
    assert sorted(cells(problems)) == [("cell_value", "Settings!B1"), ("cell_value", "Settings!B2")]


def test_a_sheet_of_settings_alone_has_the_datasets(write: Write) -> None:
    manifest = loaded(load_manifest(write("m.xlsx", workbook({"Settings": DATASETS}))))
    assert [dataset.id for dataset in manifest.datasets] == ["a"]


def test_empty_rows_and_columns_that_are_only_formatted(write: Write, tmp_path: Path) -> None:
    book = Workbook()
    sheet = book.worksheets[0]
    for row in (["id", "title", None, "files", None, None], ["a", "T", None, "x.csv"]):
        sheet.append(row)
    for number in range(3, 200):
        for column in range(1, 9):
            sheet.cell(number, column).number_format = "@"
    book.save(tmp_path / "m.xlsx")
    assert [dataset.id for dataset in loaded(load_manifest(tmp_path / "m.xlsx")).datasets] == ["a"]


ZENODO = (
    '{"title": "From the file", "upload_type": "dataset", "description": "What",\n "creators": [{"name": "Roy, Asha"}]}'
)


def test_a_metadata_file_a_row(write: Write) -> None:
    write("a/x.csv")
    write("a/.zenodo.json", ZENODO)
    write("b/x.csv")
    write("b/meta.zenodo.json", ZENODO.replace("dataset", "datazet"))
    rows: Rows = [
        ["id", "files", "metadata", "title"],
        ["one", "a/**", "auto", None],
        ["two", "a/*", "a/.zenodo.json", "Of my own"],
        ["bad", "b/x.csv", "b/meta.zenodo.json", None],
        ["gone", "b/x.csv", "nowhere.json", "Of my own"],
        ["none", "x.csv", "auto", None],
    ]
    write("x.csv")
    for name, data in (
        ("m.xlsx", workbook({"Sheet": rows})),
        ("m.csv", "\n".join(",".join(cell or "" for cell in row) for row in rows).encode()),
    ):
        report = check_manifest(load_manifest(write(name, data)))
        found = [
            (problem.dataset, problem.code, Path(problem.location.file).name, problem.location.line)
            for problem in report.problems
            if problem.location
        ]
        assert sorted(found, key=str) == [
            ("bad", "unknown_value", "meta.zenodo.json", 1),
            ("gone", "metadata_file_missing", name, 5),
            ("none", "metadata_missing", name, 6),
        ]
        assert {problem.location.column for problem in report.problems[-2:] if problem.location} == {3}
        manifest = load_manifest(write(name, data)).manifest
        assert manifest is not None
        assert [dataset.title for dataset in manifest.datasets[:2]] == ["From the file", "Of my own"]
        assert manifest.datasets[1].metadata["creators"] == [{"name": "Roy, Asha"}]
        (note,) = [note for note in report.notes if note.code == "metadata_from"]
        assert note.location is not None
        assert (note.dataset, note.location.line, note.location.column) == ("one", 2, 3)


def test_a_metadata_file_outside_is_the_only_problem(write: Write) -> None:
    write("x.csv")
    report = check_manifest(load_manifest(write("m.csv", "id,files,metadata\na,x.csv,/etc/x.json\n")))
    assert [problem.code for problem in report.problems] == ["outside"]
