"""Excel workbooks, read as the texts that a person sees in the cells.

A workbook is a zip of XML files and comes from anywhere: what it unpacks to is bounded before any of it is parsed,
and entities in the XML are refused by defusedxml, which openpyxl uses where it is installed.
"""

from __future__ import annotations

import io
import itertools
import operator
import warnings
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

from batchdep.manifest import source_settings
from batchdep.manifest.source_base import Document, SourceError
from batchdep.manifest.source_settings import Settings
from batchdep.manifest.source_table import Row, column_letters, read_table
from batchdep.problems import Location, Problem, printable
from batchdep.regexes import regex

if TYPE_CHECKING:
    from openpyxl.workbook import Workbook

MAX_UNPACKED = 400_000_000
"""Bytes that a workbook's parts may have together. A part is never unpacked beyond the size that it declares."""

MAX_PARTS = 5_000
MAX_ROWS = 1_048_576
MAX_COLUMNS = 100
"""More than there are keys that a column can have."""

_SHEET = "datasets"
_FORMULA = regex(rb"<(?:\w+:)?f[ >/]")
_DECIMALS = regex(r"(0{1,20})(?:\.(0{1,20}))?")
_MAX_FORMAT = 255
"""Characters that a cell's number format may have in Excel."""

_NOT_OF_THE_DATE = regex(r'"[^"]*"|\[[^\]]*\]|\\.|;.*')


class _Sheet(NamedTuple):
    """A sheet that is read; its cells are called ``B7``, or ``Settings!B7`` where ``prefix`` is ``Settings!``."""

    sheet: Any
    prefix: str = ""


def read_xlsx(data: bytes, name: str) -> Document:
    """The datasets of the sheet named ``datasets``, or else of the first sheet.

    What holds for all of them is on a sheet named ``settings`` (:mod:`batchdep.manifest.source_settings`). Other sheets
    are not read.

    :raises SourceError: the bytes are no workbook, or are built to do harm.
    """
    has_formulas = _inspect(data)
    problems: list[Problem] = []
    with _one_kind_of_error():
        sheets = _sheets(_open(data, cached_values=True))
        settings = _settings(sheets, name, problems)
        if has_formulas:
            problems += _formulas_without_value(data, name)
    rows = _guarded(_texts(sheets[0], name, problems))
    return read_table(rows, name, lettered=True, settings=settings, problems=problems)


def datasets_part(data: bytes) -> str:
    """The name, inside the workbook, of the sheet from which :func:`read_xlsx` reads the datasets."""
    sheet = _sheets(_open(data, cached_values=True))[0].sheet
    return str(sheet._worksheet_path)  # openpyxl tells it in no other way


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


@contextmanager
def _one_kind_of_error() -> Iterator[None]:
    """openpyxl answers broken workbooks with a dozen kinds of errors; each means that this is no workbook."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    except SourceError:
        raise
    except Exception as error:
        raise _not_a_workbook(error) from None


def _guarded(rows: Iterator[Row]) -> Iterator[Row]:
    with _one_kind_of_error():
        yield from rows


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


def _sheets(workbook: Workbook) -> list[_Sheet]:
    """The sheet of the datasets and, if there is one, that of the settings."""
    sheets: list[Any] = list(workbook.worksheets)
    if not sheets:
        raise SourceError("datasets_missing", "the workbook has no sheet", "Put the datasets on its first sheet.")
    datasets = _called(_SHEET, sheets) or sheets[0]
    settings = _called(source_settings.SHEET, sheets)
    if settings is None or settings is datasets:
        return [_Sheet(datasets)]
    return [_Sheet(datasets), _Sheet(settings, f"{printable(settings.title)}!")]


def _called(title: str, sheets: list[Any]) -> Any:
    return next((sheet for sheet in sheets if sheet.title.strip().casefold() == title), None)


def _settings(sheets: list[_Sheet], name: str, problems: list[Problem]) -> Settings | None:
    if len(sheets) == 1:
        return None
    settings = Settings(name, sheets[1].prefix)
    settings.take(_texts(sheets[1], name, problems))
    return settings


def _rows_with_cells(sheet: _Sheet) -> Iterator[tuple[int, tuple[Any, ...]]]:
    """Rows that have a cell; a sheet may have a million without."""
    from openpyxl.cell.read_only import EMPTY_CELL

    rows, columns = (source_settings.MAX_ROWS, source_settings.COLUMNS) if sheet.prefix else (MAX_ROWS, MAX_COLUMNS)
    for number, cells in enumerate(sheet.sheet.iter_rows(max_row=rows, max_col=columns), start=1):
        if not all(map(operator.is_, cells, itertools.repeat(EMPTY_CELL))):
            yield number, cells


def _texts(sheet: _Sheet, name: str, problems: list[Problem]) -> Iterator[Row]:
    for number, cells in _rows_with_cells(sheet):
        texts = [""] * len(cells)
        for index, cell in enumerate(cells):
            value = cell.value
            if value is None:
                continue
            if cell.data_type == "e":
                problems.append(_problem(name, sheet, number, index + 1, f"the cell shows the error {value}"))
            else:
                texts[index] = value if isinstance(value, str) else cell_text(value, cell.number_format)
        while texts and not texts[-1]:
            texts.pop()
        yield number, texts


def _formulas_without_value(data: bytes, name: str) -> list[Problem]:
    """A workbook written by a program has formulas but no results: the cells would silently count as empty."""
    problems = []
    written, results = (_sheets(_open(data, cached_values=cached)) for cached in (False, True))
    for sheet, shown in zip(written, results, strict=True):
        formulas = {
            (number, column)
            for number, cells in _rows_with_cells(sheet)
            for column, cell in enumerate(cells, start=1)
            if cell.data_type == "f"
        }
        for number, cells in _rows_with_cells(shown):
            formulas -= {(number, column) for column, cell in enumerate(cells, start=1) if cell.value is not None}
        message = "the cell has a formula whose result is not in the file"
        problems += [_problem(name, sheet, number, column, message) for number, column in sorted(formulas)]
    return problems


def _problem(name: str, sheet: _Sheet, row: int, column: int, message: str) -> Problem:
    hint = "Open the workbook in a spreadsheet program, correct the cell and save, or write the value itself."
    cell = f"{sheet.prefix}{column_letters(column)}{row}"
    return Problem("cell_value", message, hint, location=Location(name, row, column, cell))


def cell_text(value: object, number_format: str = "General") -> str:
    """The text that a person sees: ``2018`` and not ``2018.0``, ``1.10`` where the cell has two decimals, and dates as
    ``2018-07-01``, or ``2018-07`` where the cell shows no day."""
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case int() | float():
            return _number_text(value, number_format)
        case datetime() if value.time() == time():
            return _date_text(value, number_format)
        case datetime() | date() | time():
            return value.isoformat()
        case timedelta():
            return str(value)
        case _:
            return str(value)


def _number_text(value: float, number_format: str) -> str:
    if form := _DECIMALS.fullmatch(number_format):
        decimals = len(form[2] or "")
        return f"{value:0{len(form[1]) + (decimals and decimals + 1)}.{decimals}f}"
    if isinstance(value, int):
        return str(value)
    return str(int(value)) if value.is_integer() and abs(value) < 1e15 else f"{value:.15g}"


def _date_text(value: datetime, number_format: str) -> str:
    """A date as far as the cell shows it: a spreadsheet program makes the first of July of ``2018-07``."""
    form = _NOT_OF_THE_DATE.sub("", number_format[:_MAX_FORMAT]).casefold()
    if "y" not in form or "d" in form:
        return value.date().isoformat()
    return f"{value:%Y-%m}" if "m" in form else f"{value:%Y}"
