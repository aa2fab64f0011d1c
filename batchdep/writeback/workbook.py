"""Excel workbooks: cells are put into the sheet's XML, and every other part of the workbook stays as it is.

A library that loads a workbook and saves it writes what it knows of: charts, images, macros, drop-downs of newer kinds
and the results of formulas would be lost. So the sheet's bytes are kept but for the cells that are written, the width
that rows and sheet are declared with, and nothing else. Texts are written into the cells themselves (``inlineStr``,
ECMA-376 part 1, 18.3.1.4), so that the table of shared texts needs no change.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator, Mapping
from copy import copy
from html import escape
from typing import Final
from xml.parsers import expat

from msgspec import Struct, field

from batchdep.manifest.source_table import TableSource, column_letters
from batchdep.manifest.source_xlsx import MAX_COLUMNS, datasets_part
from batchdep.regexes import regex
from batchdep.writeback.edits import CannotBeWritten, Changes, Scalar
from batchdep.writeback.table import cell_text, cells_to_write

_TAG: Final = regex(rb"<(?:[^\"'>]|\"[^\"]*\"|'[^']*')*+>")
_REFERENCE: Final = regex(r"([A-Z]{1,3})([0-9]{1,7})")
_STYLE: Final = regex(rb"\ss\s*=\s*(?:\"[^\"]*\"|'[^']*')")
_SPANS: Final = regex(rb"(\sspans\s*=\s*[\"'][0-9]+:)([0-9]+)(?=[\"'])")
_DIMENSION: Final = regex(rb"(\sref\s*=\s*[\"'](?:[A-Z]+[0-9]+:)?)([A-Z]+)(?=[0-9]+[\"'])")
_SIGNATURES: Final = "_xmlsignatures/"


def changed_workbook(data: bytes, source: TableSource, changes: Changes) -> bytes:
    """The workbook with ``changes`` in the sheet of the datasets; it was read without errors before.

    :raises CannotBeWritten: it is signed, has no room for more columns, or formulas where values are to be written.
    """
    part = datasets_part(data)
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        if any(name.startswith(_SIGNATURES) for name in archive.namelist()):
            raise CannotBeWritten("the workbook has a digital signature, which any change would break")
        sheet = _changed_sheet(archive.read(part), source, changes)
        return _with_part(archive, part, sheet)


def _with_part(archive: zipfile.ZipFile, part: str, content: bytes) -> bytes:
    result = io.BytesIO()
    with zipfile.ZipFile(result, "w") as written:
        written.comment = archive.comment
        for entry in archive.infolist():
            inside = content if entry.filename == part else archive.read(entry)
            written.writestr(copy(entry), inside, entry.compress_type)
    return result.getvalue()


class _Cell(Struct):
    """A cell's element, from ``start`` to ``end``; ``filled`` if it has a value."""

    column: int
    start: int
    tag_end: int
    end: int = 0
    filled: bool = False
    formula: bool = False


class _Row(Struct):
    """A row's element: its start tag, and where its content ends; ``prefix`` is that of its namespace."""

    number: int
    start: int
    tag_end: int
    prefix: str
    end: int = 0
    cells: dict[int, _Cell] = field(default_factory=dict)


class _Sheet(Struct):
    rows: dict[int, _Row] = field(default_factory=dict)
    dimension: tuple[int, int] | None = None
    merged_to: int = 0

    @property
    def width(self) -> int:
        """The number of columns of which a cell says something."""
        filled = (column for row in self.rows.values() for column, cell in row.cells.items() if cell.filled)
        return max(filled, default=0)


def _changed_sheet(data: bytes, source: TableSource, changes: Changes) -> bytes:
    sheet = _Reader(data).read()
    cells = cells_to_write(source, changes, max(sheet.width, sheet.merged_to))
    last = max(max(inside) for inside in cells.values())
    if last > MAX_COLUMNS:
        raise CannotBeWritten(f"the sheet has no room for more columns: {MAX_COLUMNS} are read")
    header = sheet.rows[source.header_row]
    header_style = _style_of(data, header.cells[max(source.columns.values())])
    edits: list[tuple[int, int, bytes]] = []
    for number, inside in cells.items():
        edits += _row_edits(data, sheet.rows[number], inside, header_style if number == header.number else b"")
    if sheet.dimension is not None:
        start, end = sheet.dimension
        edits.append((start, end, _DIMENSION.sub(lambda found: _wider(found, last), data[start:end])))
    return _applied(data, edits)


def _wider(found: re.Match[bytes], last: int) -> bytes:
    column = max(last, _number_of(found[2].decode("ascii")))
    return found[1] + column_letters(column).encode("ascii")


def _row_edits(
    data: bytes, row: _Row, cells: Mapping[int, Scalar], new_style: bytes
) -> Iterator[tuple[int, int, bytes]]:
    last = max(cells)
    tag = data[row.start : row.tag_end]
    yield row.start, row.tag_end, _SPANS.sub(lambda found: found[1] + b"%d" % max(last, int(found[2])), tag)
    for column, value in sorted(cells.items()):
        there = row.cells.get(column)
        if there is None:
            offset = min((cell.start for cell in row.cells.values() if cell.column > column), default=row.end)
            yield offset, offset, _cell(row, column, value, new_style)
        elif there.formula:
            name = f"{column_letters(column)}{row.number}"
            raise CannotBeWritten(f"the cell {name} has a formula where a value is to be written")
        else:
            style = _style_of(data, there) if there.filled else new_style or _style_of(data, there)
            yield there.start, there.end, _cell(row, column, value, style)


def _cell(row: _Row, column: int, value: Scalar, style: bytes) -> bytes:
    prefix = row.prefix
    start = f'<{prefix}c r="{column_letters(column)}{row.number}"'.encode() + style
    if value is None:
        return start + b"/>"
    if isinstance(value, int):
        return start + f"><{prefix}v>{value}</{prefix}v></{prefix}c>".encode()
    text = escape(cell_text(value), quote=False)
    return start + f' t="inlineStr"><{prefix}is><{prefix}t>{text}</{prefix}t></{prefix}is></{prefix}c>'.encode()


def _style_of(data: bytes, cell: _Cell) -> bytes:
    found = _STYLE.search(data, cell.start, cell.tag_end)
    return found.group() if found else b""


def _applied(data: bytes, edits: list[tuple[int, int, bytes]]) -> bytes:
    parts = []
    done = 0
    for start, end, content in sorted(edits, key=lambda edit: edit[:2]):
        parts += [data[done:start], content]
        done = end
    return b"".join([*parts, data[done:]])


class _Reader:
    """Finds where rows and cells stand in a sheet's XML."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._sheet = _Sheet()
        self._row: _Row | None = None
        self._cell: _Cell | None = None
        self._number = 0
        self._parser = expat.ParserCreate()
        self._parser.StartDoctypeDeclHandler = self._doctype
        self._parser.XmlDeclHandler = self._declaration
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end

    def read(self) -> _Sheet:
        if self._data.startswith((b"\xff\xfe", b"\xfe\xff")):
            raise CannotBeWritten("the sheet is not encoded as UTF-8")
        self._parser.Parse(self._data, True)
        return self._sheet

    def _doctype(self, *_: object) -> None:
        raise CannotBeWritten("the sheet has a document type")

    def _declaration(self, version: str, encoding: str | None, standalone: int) -> None:
        if encoding is not None and encoding.upper() not in {"UTF-8", "US-ASCII"}:
            raise CannotBeWritten("the sheet is not encoded as UTF-8")

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        prefix, colon, local = name.rpartition(":")
        start = self._parser.CurrentByteIndex
        match local:
            case "row":
                number = int(attributes.get("r") or self._number + 1)
                self._number = number
                self._row = _Row(number, start, self._tag_end(start), prefix + colon)
                self._sheet.rows[number] = self._row
            case "c" if self._row is not None:
                found = _REFERENCE.fullmatch(attributes.get("r", ""))
                column = _number_of(found[1]) if found else max(self._row.cells, default=0) + 1
                self._cell = self._row.cells[column] = _Cell(column, start, self._tag_end(start))
            case "v" | "is" | "f" if self._cell is not None:
                self._cell.filled = True
                self._cell.formula |= local == "f"
            case "dimension":
                self._sheet.dimension = start, self._tag_end(start)
            case "mergeCell":
                end = attributes.get("ref", "").rpartition(":")[2]
                if found := _REFERENCE.fullmatch(end):
                    self._sheet.merged_to = max(self._sheet.merged_to, _number_of(found[1]))

    def _end(self, name: str) -> None:
        match name.rpartition(":")[2]:
            case "c" if self._cell is not None:
                self._cell.end = self._element_end(self._cell.tag_end)
                self._cell = None
            case "row" if self._row is not None:
                self._row.end = self._parser.CurrentByteIndex
                self._row = None

    def _tag_end(self, start: int) -> int:
        found = _TAG.match(self._data, start)
        assert found is not None  # noqa: S101 - the parser has just read a tag there
        return found.end()

    def _element_end(self, tag_end: int) -> int:
        if self._data[tag_end - 2 : tag_end] == b"/>":
            return tag_end
        return self._data.index(b">", self._parser.CurrentByteIndex) + 1


def _number_of(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - ord("A") + 1
    return number
