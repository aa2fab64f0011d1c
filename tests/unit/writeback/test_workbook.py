from __future__ import annotations

import io
import zipfile
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook, load_workbook
from openpyxl.chart import BarChart, Reference
from openpyxl.comments import Comment
from openpyxl.formatting.rule import CellIsRule
from openpyxl.styles import Font, PatternFill
from openpyxl.worksheet.datavalidation import DataValidation

from batchdep.manifest.source import parse_document
from batchdep.writeback.document import changed_document
from batchdep.writeback.edits import CannotBeWritten
from tests.unit.writeback.helpers import ENTRY

PATH = Path("b.xlsx")
SHEET = "xl/worksheets/sheet2.xml"
MERGED = '</sheetData><mergeCells count="1"><mergeCell ref="A9:{}"/></mergeCells>'


def workbook() -> bytes:
    """A workbook with about everything that a person puts into one."""
    book = Workbook()
    notes = book.active
    assert notes is not None
    notes.title = "notes"
    notes["A1"] = "=SUM(B1:B9)"
    sheet = book.create_sheet("Datasets")
    for row in (["id", "title", "files"], ["a", "The <first> & best", "a.csv"], ["b", "Düfte", "b.csv"]):
        sheet.append(row)
    sheet["C1"].font = Font(bold=True, color="FF0000")
    sheet.column_dimensions["B"].width = 42
    sheet.freeze_panes = "A2"
    sheet["B2"].comment = Comment("look at this", "me")
    choice = DataValidation(type="list", formula1='"a.csv,b.csv"')
    choice.add("C2:C9")
    sheet.add_data_validation(choice)
    yellow = PatternFill("solid", "FFFF00")
    rule = CellIsRule("equal", ['"a"'], fill=yellow)  # type: ignore[no-untyped-call]
    sheet.conditional_formatting.add("A2:A9", rule)
    chart = BarChart()
    chart.add_data(Reference(sheet, min_col=1, min_row=1, max_row=3))
    sheet.add_chart(chart, "H2")
    data = io.BytesIO()
    book.save(data)
    return data.getvalue()


def parts(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def with_sheet(data: bytes, *replacements: tuple[str, str]) -> bytes:
    """The workbook with other XML in the sheet of its datasets."""
    changed = io.BytesIO()
    with zipfile.ZipFile(changed, "w") as archive:
        for name, content in parts(data).items():
            if name == SHEET:
                for old, new in replacements:
                    assert old.encode() in content, content
                    content = content.replace(old.encode(), new.encode())
            archive.writestr(name, content)
    return changed.getvalue()


def written(data: bytes, *indices: int, entry: dict[str, Any] = ENTRY) -> bytes:
    return changed_document(data, PATH, {"datasets": {index: {"deposited": entry} for index in indices}})


def deposited(data: bytes) -> list[Any]:
    document = parse_document(data, PATH, "b.xlsx")
    assert document.problems == []
    return [dataset.get("deposited") for dataset in document.value["datasets"]]


READ = {key: str(value) for key, value in ENTRY.items()}


def test_every_other_part_stays_byte_for_byte() -> None:
    old = workbook()
    before, after = parts(old), parts(written(old, 0, 1))
    assert list(before) == list(after)
    assert [name for name, content in before.items() if after[name] != content] == [SHEET]
    assert {"xl/charts/chart1.xml", "xl/comments/comment1.xml"} <= before.keys()


def test_of_the_sheet_all_but_the_new_cells_stays() -> None:
    old = workbook()
    before, after = (parts(data)[SHEET].decode() for data in (old, written(old, 1)))
    for new in (
        '<c r="D1" s="1" t="inlineStr"><is><t>deposited.deposition_id</t></is></c>',
        '<c r="E1" s="1" t="inlineStr"><is><t>deposited.doi</t></is></c>',
        '<c r="F1" s="1" t="inlineStr"><is><t>deposited.url</t></is></c>',
        '<c r="G1" s="1" t="inlineStr"><is><t>deposited.state</t></is></c>',
        '<c r="D3"><v>1000</v></c>',
        f'<c r="E3" t="inlineStr"><is><t>{ENTRY["doi"]}</t></is></c>',
        f'<c r="F3" t="inlineStr"><is><t>{ENTRY["url"]}</t></is></c>',
        '<c r="G3" t="inlineStr"><is><t>published</t></is></c>',
    ):
        assert after.count(new) == 1, after
        after = after.replace(new, "")
    assert '<dimension ref="A1:G3"' in after
    assert after.replace('ref="A1:G3"', 'ref="A1:C3"') == before


def test_a_spreadsheet_program_finds_everything() -> None:
    new = written(workbook(), 0, 1)
    assert deposited(new) == [READ, READ]
    book = load_workbook(io.BytesIO(new))
    sheet = book["Datasets"]
    assert [cell.value for cell in sheet[2]] == ["a", "The <first> & best", "a.csv", *ENTRY.values()]
    assert sheet["G1"].font.b
    assert sheet.dimensions == "A1:G3"
    assert book["notes"]["A1"].value == "=SUM(B1:B9)"
    assert len(sheet._charts) == 1  # type: ignore[attr-defined]


def test_values_are_replaced_in_their_cells_with_their_format() -> None:
    once = written(workbook(), 0, 1)
    painted = with_sheet(once, ('<c r="E2" t', '<c r="E2" s="1" t'))
    new = written(painted, 0, entry={"doi": "10.1/<&>", "state": None, "deposition_id": 7})
    assert deposited(new) == [{"doi": "10.1/<&>", "url": ENTRY["url"], "deposition_id": "7"}, READ]
    assert b'<c r="E2" s="1" t="inlineStr"><is><t>10.1/&lt;&amp;&gt;</t></is></c>' in parts(new)[SHEET]
    assert len(parts(new)[SHEET]) < len(parts(painted)[SHEET]) + 10


def test_new_columns_come_after_merged_cells_and_formatted_empty_ones_are_taken() -> None:
    merged = with_sheet(workbook(), ("</sheetData>", MERGED.format("E9")))
    assert b'<c r="F1"' in parts(written(merged, 0))[SHEET]
    painted = with_sheet(
        workbook(),
        ('<row r="2">', '<row r="2" spans="1:5">'),
        ('</row><row r="3"', '<c r="E2" s="1"/></row><row r="3"'),
    )
    sheet = parts(written(painted, 0))[SHEET]
    assert b'<row r="2" spans="1:7">' in sheet
    assert b'<c r="D2"><v>1000</v></c><c r="E2" s="1" t="inlineStr">' in sheet


def test_prefixes_and_references_that_are_left_out() -> None:
    """As some programs write sheets: every element with a prefix, cells without their names."""
    sheet = parts(workbook())[SHEET].decode()
    rows = "".join(
        "<x:row>" + "".join(f'<x:c t="inlineStr"><x:is><x:t>{text}</x:t></x:is></x:c>' for text in row) + "</x:row>"
        for row in (("id", "title"), ("a", "A"), ("b", "B"))
    )
    space = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    xml = f'<?xml version="1.0"?><!-- <c r="Z9"> --><x:worksheet xmlns:x="{space}"><x:sheetData>{rows}</x:sheetData>'
    xml += "</x:worksheet>"
    data = with_sheet(workbook(), (sheet, xml))
    new = written(data, 1)
    assert deposited(new) == [None, READ]
    assert b'<x:c r="C3"><x:v>1000</x:v></x:c>' in parts(new)[SHEET]


FORMULA = '<c r="E2" t="str"><f>A2</f><v>x</v></c>'


@pytest.mark.parametrize(
    ("old", "new", "why"),
    [
        (f'<c r="E2" t="inlineStr"><is><t>{ENTRY["doi"]}</t></is></c>', FORMULA, "formula"),
        ("<worksheet ", "<!DOCTYPE x [<!ENTITY y 'z'>]><worksheet ", "document type|workbook"),
        ("<worksheet ", '<?xml version="1.0" encoding="ISO-8859-1"?><worksheet ', "UTF-8"),
    ],
)
def test_what_would_break_is_refused(old: str, new: str, why: str) -> None:
    once = written(workbook(), 0)
    with pytest.raises(CannotBeWritten, match=why):
        written(with_sheet(once, (old, new)), 0, entry={"doi": "other"})


def test_a_signed_workbook_is_refused() -> None:
    data = io.BytesIO(workbook())
    with zipfile.ZipFile(data, "a") as archive:
        archive.writestr("_xmlsignatures/sig1.xml", "<x/>")
    with pytest.raises(CannotBeWritten, match="signature"):
        written(data.getvalue(), 0)


def test_a_sheet_without_room_is_refused() -> None:
    wide = with_sheet(workbook(), ("</sheetData>", MERGED.format("CU9")))
    with pytest.raises(CannotBeWritten, match="room"):
        written(wide, 0)
