"""How the workbook looks: colours, widths, and what is said when a cell is selected."""

from __future__ import annotations

from typing import Final

from openpyxl.formatting.rule import Rule
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.styles.differential import DifferentialStyle
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet

_FONT: Final = "Calibri"
TEXT: Final = "@"
DAY: Final = "yyyy-mm-dd"

NEEDED: Final = "FFE699"
"""Colour of a cell that is to be filled in."""

PERHAPS: Final = "DDEBF7"
"""Colour of a cell that may well be filled in."""

IDLE: Final = "E7E6E6"
"""Colour of a cell that says nothing beside what another says."""

WRONG: Final = "F8CBAD"

_HEAD_NEEDED: Final = "1F4E78"
_HEAD: Final = "5B7F9F"
_HEAD_RARE: Final = "8EA9BF"

PROMPT: Final = 255
"""Characters that Excel takes in a prompt or an error message; in a title, :data:`_TITLE`."""

_TITLE: Final = 32


def head(sheet: Worksheet, row: int, column: int, text: str, *, needed: bool = False, rare: bool = False) -> None:
    """A cell of a header row."""
    cell = sheet.cell(row, column, text)
    cell.font = Font(_FONT, bold=True, color="FFFFFF")
    cell.fill = filled(_HEAD_NEEDED if needed else _HEAD_RARE if rare else _HEAD)
    cell.alignment = Alignment(vertical="center", wrap_text=True)
    cell.border = Border(right=Side("thin", color="FFFFFF"))


def put(sheet: Worksheet, row: int, column: int, text: str, *, bold: bool = False, color: str | None = None) -> None:
    """A cell whose text stays text if somebody edits it."""
    cell = sheet.cell(row, column, text)
    cell.number_format = TEXT
    cell.alignment = Alignment(vertical="top", wrap_text=True)
    cell.font = Font(_FONT, bold=bold)
    if color is not None:
        cell.fill = filled(color)


def filled(color: str) -> PatternFill:
    """A cell's background; in conditional formats the end colour is the one that shows."""
    return PatternFill("solid", start_color=color, end_color=color)


def rule(formula: str, color: str) -> Rule:
    """Colours a cell for which ``formula`` is true, before any rule that comes later."""
    style = DifferentialStyle(fill=filled(color))
    return Rule("expression", formula=[formula], dxf=style, stopIfTrue=True)


def prompt(validation: DataValidation, title: str, text: str) -> DataValidation:
    """Shows ``text`` beside a selected cell."""
    validation.showInputMessage = True
    validation.promptTitle, validation.prompt = title[:_TITLE], shortened(text)
    return validation


def refusal(validation: DataValidation, title: str, text: str) -> DataValidation:
    """What is said of a wrong value; whether it may be kept all the same is the validation's ``errorStyle``."""
    validation.showErrorMessage = True
    validation.errorTitle, validation.error = title[:_TITLE], shortened(text)
    return validation


def page(sheet: Worksheet, rows: str) -> None:
    """Prints all columns on one page, with these header rows (``1:1``) on each."""
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    sheet.print_title_rows = rows


def shortened(text: str) -> str:
    return text if len(text) <= PROMPT else f"{text[: PROMPT - 1]}…"
