"""Files that are not what their ending says, or that are built to do harm: a problem each, never an exception."""

from __future__ import annotations

import io
import os
import socket
import time
import zipfile
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import Workbook

from batchdep.manifest import load_manifest, source_xlsx
from batchdep.manifest.source import ENDINGS
from batchdep.manifest.source_text import read_bytes
from batchdep.problems import Location, Problem, printable
from tests.integration.manifest.conftest import Write, codes, loaded

MINIMAL = "version: 1\ndatasets: [{id: a, metadata: {title: Tü}, files: x.csv}]\n"


def problem_of(path: Path) -> Problem:
    result = load_manifest(path)
    assert result.manifest is None
    (problem,) = result.problems
    assert problem.message
    assert problem.location is not None
    assert problem.location.file == printable(str(path))
    return problem


@given(st.sampled_from(ENDINGS), st.binary(max_size=300))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_arbitrary_bytes(tmp_path: Path, ending: str, data: bytes) -> None:
    path = tmp_path / f"m{ending}"
    path.write_bytes(data)
    result = load_manifest(path)
    assert all(problem.location for problem in result.problems)
    assert not result.ok or b"id" in data


@given(st.sampled_from(ENDINGS), st.integers(0, 10_000), st.binary(min_size=1, max_size=3))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_good_files_with_a_few_bytes_changed(tmp_path: Path, ending: str, at: int, patch: bytes) -> None:
    good = _good_file(ending)
    at %= len(good)
    path = tmp_path / f"m{ending}"
    path.write_bytes(good[:at] + patch + good[at + len(patch) :])
    assert all(problem.location for problem in load_manifest(path).problems)


def _good_file(ending: str) -> bytes:
    if ending == ".xlsx":
        return workbook([["id", "title", "files"], ["a", "T", "x.csv"]])
    if ending in (".csv", ".tsv"):
        return "id,title,files\na,T,x.csv\n".replace(",", "\t" if ending == ".tsv" else ",").encode()
    if ending == ".jsonl":
        return b'{"id": "a", "metadata": {"title": "T"}, "files": ["x.csv"]}\n' * 2
    if ending in (".yaml", ".yml"):
        return MINIMAL.encode()
    return b'{"version": 1, "datasets": [{"id": "a", "metadata": {"title": "T"}, "files": "x"}]}'


def workbook(rows: list[list[Any]], sheets: tuple[str, ...] = ("Sheet",)) -> bytes:
    book = Workbook()
    book.remove(book.worksheets[0])
    for title in sheets:
        sheet = book.create_sheet(title)
        for row in rows if title == sheets[-1] else [["nothing here"]]:
            sheet.append(row)
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def test_no_file_and_no_folder(tmp_path: Path) -> None:
    assert problem_of(tmp_path / "batch.yaml").code == "file_missing"
    assert "folder" in problem_of(tmp_path / "nowhere" / "batch.yaml").hint
    assert problem_of(tmp_path / "batch.docx").code == "file_missing"
    assert problem_of(tmp_path / ("x" * 300 + ".yaml")).code == "file_unreadable"
    assert problem_of(Path("a\0b.yaml")).code == "file_missing"


def test_a_folder(tmp_path: Path) -> None:
    assert problem_of(tmp_path).code == "not_a_file"
    (tmp_path / "x.yaml").mkdir()
    assert problem_of(tmp_path / "x.yaml").code == "not_a_file"


def test_pipes_devices_and_sockets_do_not_block(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "m.yaml")
    (tmp_path / "zero.json").symlink_to("/dev/zero")
    (tmp_path / "loop.json").symlink_to("loop.json")
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(tmp_path / "s.csv"))
        found = [problem_of(tmp_path / name).code for name in ("m.yaml", "zero.json", "s.csv", "loop.json")]
    assert found == ["not_a_file", "not_a_file", "not_a_file", "symlink_loop"]


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads everything")
def test_an_unreadable_file(write: Write) -> None:
    path = write("m.yaml", MINIMAL)
    path.chmod(0)
    assert problem_of(path).code == "file_unreadable"


def test_too_large_a_file(tmp_path: Path) -> None:
    path = tmp_path / "m.json"
    with path.open("wb") as file:
        file.truncate(10**12)
    assert problem_of(path).code == "file_too_large"


def test_a_file_is_read_whole(write: Write) -> None:
    assert read_bytes(write("x.bin", b"\0" * 10), limit=10) == b"\0" * 10


@pytest.mark.parametrize("name", ["m.txt", "m", "m.xls", "m.ods", "m.toml"])
def test_other_endings(write: Write, name: str) -> None:
    problem = problem_of(write(name, MINIMAL))
    assert problem.code == "manifest_format"
    assert "yaml" in problem.hint or "xlsx" in problem.hint


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_encodings_and_line_ends(write: Write, encoding: str, newline: str) -> None:
    mark = "\ufeff" if encoding.startswith("utf-16-") else ""
    for name, text in (("m.yaml", MINIMAL), ("m.csv", "id,title,files\na,Tü,x.csv\n")):
        path = write(name, (mark + text.replace("\n", newline)).encode(encoding))
        dataset = loaded(load_manifest(path)).datasets[0]
        assert dataset.title == "Tü"
        assert dataset.metadata_place("title").locate().line == 2


def test_not_utf8_names_byte_and_line(write: Write) -> None:
    problem = problem_of(write("m.csv", "id,title,files\na,Tü,x.csv\n".encode("latin-1")))
    assert problem.code == "not_utf8"
    assert problem.location is not None
    assert (problem.location.line, problem.location.column) == (2, 4)
    assert "byte 18 (line 2) is 0xFC" in problem.message
    assert problem_of(write("m.yaml", MINIMAL.encode("utf-32"))).code == "not_utf8"
    assert problem_of(write("m.yaml", MINIMAL.encode("utf-16")[:-1])).code == "not_utf8"


def test_nul_characters(write: Write) -> None:
    problem = problem_of(write("m.yaml", "version: 1\na: \0\n"))
    assert (problem.code, problem.location and problem.location.line) == ("nul_character", 2)
    assert problem_of(write("m.yaml", MINIMAL.replace("ü", "u").encode("utf-16-le"))).code == "nul_character"


@pytest.mark.parametrize("ending", [".yaml", ".json", ".jsonl", ".csv"])
def test_ten_megabytes_on_one_line(write: Write, ending: str) -> None:
    long = "x" * 10_000_000
    text = {
        ".yaml": f'version: 1\ndatasets: [{{id: a, metadata: {{title: T, notes: "{long}"}}, files: x}}]',
        ".json": f'{{"version": 1, "datasets": [{{"id": "a", "metadata": {{"title": "{long}"}}, "files": "x"}}]}}',
        ".jsonl": f'{{"id": "a", "metadata": {{"title": "{long}"}}, "files": "x"}}',
        ".csv": f"id,title\na,{long}",
    }[ending]
    started = time.process_time()
    result = load_manifest(write(f"m{ending}", text))
    assert codes(result.problems) == (["csv_syntax", "datasets_missing"] if ending == ".csv" else [])
    assert time.process_time() - started < 10


def test_workbooks(write: Write) -> None:
    rows: list[list[Any]] = [
        ["id", "title", "publication_date", "version", "files", "keywords"],
        [2018.0, "T", datetime(2018, 7, 1), 1.5, "a.csv; f/ > f.zip", "x;y"],
        [None] * 6,
        ["b", "U", None, True, "b.csv", None],
    ]
    for sheets in (("Sheet",), ("notes", "Datasets")):
        first, second = loaded(load_manifest(write("m.xlsx", workbook(rows, sheets)))).datasets
        assert (first.id, first.metadata) == (
            "2018", {"title": "T", "publication_date": "2018-07-01", "version": "1.5", "keywords": ["x", "y"]},
        )  # fmt: skip
        assert [spec.path for spec in first.files] == ["a.csv", "f/"]
        assert (second.id, second.metadata["version"]) == ("b", "true")
        where = second.metadata_place("title").locate()
        assert (where.line, where.column, where.cell, str(where)[-7:]) == (4, 2, "B4", "xlsx:B4")


def test_formulas_without_a_result_are_not_taken_for_empty(write: Write) -> None:
    rows = [["id", "title", "files"], ["a", "=CONCATENATE(A2, 1)", "x"], ["b", "#N/A", "x"]]
    problems = load_manifest(write("m.xlsx", workbook(rows))).problems
    assert [(p.code, p.location and p.location.cell) for p in problems] == [("cell_value", "B2"), ("cell_value", "B3")]


def replaced(data: bytes, part: str, content: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as new:
        for info in old.infolist():
            new.writestr(info.filename, content if info.filename == part else old.read(info))
    return buffer.getvalue()


ROWS = [["id", "title", "files"], ["a", "T", "x"]]
SHEET = "xl/worksheets/sheet1.xml"
NAMESPACE = b'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
ENTITY_SHEET = b'<worksheet %s><sheetData><row><c t="str"><v>&e;</v></c></row></sheetData></worksheet>' % NAMESPACE


def test_a_zip_bomb_is_refused_before_it_is_unpacked(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(source_xlsx, "MAX_UNPACKED", 20_000_000)
    bomb = replaced(workbook(ROWS), SHEET, b" " * 50_000_000)
    assert len(bomb) < 100_000
    path = write("m.xlsx", bomb)
    monkeypatch.setattr(zipfile.ZipFile, "open", None)  # unpacking anything would fail
    assert problem_of(path).code == "file_too_large"


def test_a_part_that_lies_about_its_size(write: Write) -> None:
    bomb = replaced(workbook(ROWS), SHEET, b" " * 50_000_000)
    lying = bomb.replace((50_000_000).to_bytes(4, "little"), (1_000).to_bytes(4, "little"))
    assert lying != bomb
    assert problem_of(write("m.xlsx", lying)).code == "xlsx_syntax"


def test_many_parts(write: Write) -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for number in range(6_000):
            archive.writestr(f"xl/worksheets/{number}.xml", "")
    assert problem_of(write("m.xlsx", buffer.getvalue())).code == "file_too_large"


@pytest.mark.parametrize(
    "sheet",
    [
        b'<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY e "&a;&a;&a;">]>' + ENTITY_SHEET,
        b'<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>' + ENTITY_SHEET,
        b"<worksheet",
        b"<worksheet %s><sheetData><row r='x'><c r='A1'><v>1</v></c></row></sheetData></worksheet>" % NAMESPACE,
        b"<worksheet %s><sheetData><row r='1'><c r='A1' t='s'><v>99999</v></c></row></sheetData></worksheet>"
        % NAMESPACE,
    ],
)
def test_broken_and_hostile_xml(write: Write, sheet: bytes) -> None:
    problem = load_manifest(write("m.xlsx", replaced(workbook(ROWS), SHEET, sheet))).problems[0]
    assert problem.code == "xlsx_syntax"
    assert "root:" not in problem.message


def test_rows_and_columns_at_the_far_end(write: Write) -> None:
    cell = b"<row r='%d'><c r='XFD%d' t='str'><v>x</v></c></row>"
    sheet = b"<worksheet %s><sheetData>%s%s%s</sheetData></worksheet>" % (
        NAMESPACE, b"<row r='1'><c r='A1' t='str'><v>id</v></c></row>", cell % (1_048_576, 1_048_576),
        cell % (99_999_999_999, 9),
    )  # fmt: skip
    started = time.process_time()
    assert load_manifest(write("m.xlsx", replaced(workbook(ROWS), SHEET, sheet))).problems
    assert time.process_time() - started < 20


def test_a_zip_that_is_no_workbook(write: Write) -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("a.txt", "x")
    for data in (buffer.getvalue(), b"", b"PK\3\4", workbook(ROWS)[:1000]):
        assert problem_of(write("m.xlsx", data)).code == "xlsx_syntax"


def test_a_file_that_changes_after_it_was_read(write: Write) -> None:
    path = write("m.yaml", MINIMAL)
    place = loaded(load_manifest(path)).datasets[0].place
    path.unlink()
    assert place.locate() == Location(str(path))
