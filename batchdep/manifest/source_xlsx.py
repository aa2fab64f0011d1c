"""Excel workbooks, read as the texts that a person sees in the cells.

A workbook is a zip of XML files and comes from anywhere: what it unpacks to is bounded before any of it is parsed,
and entities in the XML are refused by defusedxml, which openpyxl uses where it is installed.
"""

from __future__ import annotations

import io
import itertools
import operator
import re
import warnings
import zipfile
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any

from batchdep.manifest.source_base import Document, SourceError
from batchdep.manifest.source_table import Row, column_letters, read_table
from batchdep.problems import Location, Problem

if TYPE_CHECKING:
    from openpyxl.workbook import Workbook

MAX_UNPACKED = 400_000_000
"""Bytes that a workbook's parts may have together. A part is never unpacked beyond the size that it declares."""

MAX_PARTS = 5_000
MAX_ROWS = 1_048_576
MAX_COLUMNS = 100
"""More than there are keys that a column can have."""

_SHEET = "datasets"
_FORMULA = re.compile(rb"<(?:\w+:)?f[ >/]")


def read_xlsx(data: bytes, name: str) -> Document:
    """The datasets of the sheet named ``datasets``, or else of the first sheet.

    :raises SourceError: the bytes are no workbook, or are built to do harm.
    """
    has_formulas = _inspect(data)
    problems: list[Problem] = []
    document = read_table(_guarded(_rows(data, name, problems)), name, lettered=True)
    if has_formulas:
        problems += _guarded_list(_formulas_without_value(data, name))
    document.problems.extend(problems)
    return document


def _inspect(data: bytes) -> bool:
    """Bounds what the workbook unpacks to; whether a sheet in it has formulas."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            parts = archive.infolist()
            unpacked = sum(part.file_size for part in parts)
            if len(parts) > MAX_PARTS or unpacked > MAX_UNPACKED:
                raise SourceError(
                    "file_too_large",
                    f"the workbook unpacks to {len(parts):,} parts of {unpacked:,} bytes",
                    "Copy the rows into a new workbook, or save them as CSV.",
                )
            sheets = [part for part in parts if part.filename.startswith("xl/worksheets/")]
            return any(_has_formula(archive, part) for part in sheets)
    except SourceError:
        raise
    except Exception as error:
        raise _not_a_workbook(error) from None


def _has_formula(archive: zipfile.ZipFile, part: zipfile.ZipInfo) -> bool:
    tail = b""
    with archive.open(part) as sheet:
        while block := sheet.read(1 << 20):
            if _FORMULA.search(tail + block):
                return True
            tail = block[-32:]
    return False


def _guarded(rows: Iterator[Row]) -> Iterator[Row]:
    """openpyxl answers broken workbooks with a dozen kinds of errors; each means that this is no workbook."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield from rows
    except SourceError:
        raise
    except Exception as error:
        raise _not_a_workbook(error) from None


def _guarded_list(problems: Iterator[Problem]) -> list[Problem]:
    try:
        return list(problems)
    except Exception as error:
        raise _not_a_workbook(error) from None


def _not_a_workbook(error: Exception) -> SourceError:
    if isinstance(error, zipfile.BadZipFile):
        reason = ""  # its words are about zip files, of which the user need not know
    else:
        reason = f": {str(error).splitlines()[0][:200] if str(error) else type(error).__name__}"
    return SourceError(
        "xlsx_syntax",
        f"this is not a readable Excel workbook{reason}",
        "Open it in a spreadsheet program and save it again as .xlsx without a password, or as CSV.",
    )


def _open(data: bytes, *, cached_values: bool) -> Workbook:
    from openpyxl import load_workbook

    return load_workbook(io.BytesIO(data), read_only=True, data_only=cached_values, keep_links=False)


def _rows_with_cells(workbook: Workbook) -> Iterator[tuple[int, tuple[Any, ...]]]:
    """Rows that have a cell; a sheet may have a million without."""
    from openpyxl.cell.read_only import EMPTY_CELL

    sheets = list(workbook.worksheets)
    if not sheets:
        raise SourceError("datasets_missing", "the workbook has no sheet", "Put the datasets on its first sheet.")
    sheet = next((sheet for sheet in sheets if sheet.title.strip().casefold() == _SHEET), sheets[0])
    for number, cells in enumerate(sheet.iter_rows(max_row=MAX_ROWS, max_col=MAX_COLUMNS), start=1):
        if not all(map(operator.is_, cells, itertools.repeat(EMPTY_CELL))):
            yield number, cells


def _rows(data: bytes, name: str, problems: list[Problem]) -> Iterator[Row]:
    for number, cells in _rows_with_cells(_open(data, cached_values=True)):
        texts: list[str] = []
        for column, cell in enumerate(cells, start=1):
            if cell.data_type == "e" and cell.value is not None:
                problems.append(_problem(name, number, column, f"the cell shows the error {cell.value}"))
                texts.append("")
            else:
                texts.append(cell_text(cell.value))
        yield number, texts


def _formulas_without_value(data: bytes, name: str) -> Iterator[Problem]:
    """A workbook written by a program has formulas but no results: the cells would silently count as empty."""
    formulas = {
        (number, column)
        for number, cells in _rows_with_cells(_open(data, cached_values=False))
        for column, cell in enumerate(cells, start=1)
        if cell.data_type == "f"
    }
    for number, cells in _rows_with_cells(_open(data, cached_values=True)):
        formulas -= {(number, column) for column, cell in enumerate(cells, start=1) if cell.value is not None}
    for number, column in sorted(formulas):
        yield _problem(name, number, column, "the cell has a formula whose result is not in the file")


def _problem(name: str, row: int, column: int, message: str) -> Problem:
    hint = "Open the workbook in a spreadsheet program, correct the cell and save, or write the value itself."
    return Problem("cell_value", message, hint, location=Location(name, row, column, f"{column_letters(column)}{row}"))


def cell_text(value: object) -> str:
    """The text that a person sees: ``2018`` and not ``2018.0``, dates as ``2018-07-01``."""
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case float():
            return str(int(value)) if value.is_integer() and abs(value) < 1e15 else f"{value:.15g}"
        case datetime() if value.time() == time():
            return value.date().isoformat()
        case datetime() | date() | time():
            return value.isoformat()
        case timedelta():
            return str(value)
        case _:
            return str(value)
