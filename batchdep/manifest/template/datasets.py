"""The sheet that is filled in: a row a dataset, a column a key."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from openpyxl.styles import Alignment
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from batchdep.manifest.table_cells import METADATA_FILE
from batchdep.manifest.template import look
from batchdep.manifest.template.columns import ALWAYS, CONDITIONS, Column
from batchdep.metadata.rules import REQUIRED
from batchdep.metadata.rules_base import MIN_LENGTH
from batchdep.metadata.rules_text import TITLE_MAX
from batchdep.metadata.vocabulary import SUBTYPES

FIRST_ROW: Final = 2
LAST_ROW: Final = 10_001
"""Rows beyond it are read as well, but have neither lists nor colours."""

_WIDTHS: Final = {"id": 18, "files": 32, "title": 38, "description": 50, "creators": 44, "related_identifiers": 38}
_WIDTH: Final = 20
_DAYS: Final = ("embargo_date",)
_LONG: Final = ("description", "notes", "method")
_SUGGESTED: Final = (("access_conditions", "access_right", "restricted"),)
_DEPENDENT: Final = (
    *CONDITIONS,
    *_SUGGESTED,
    *((f"{kind}_type", "upload_type", kind) for kind in SUBTYPES if kind not in {value for *_, value in CONDITIONS}),
)
"""Columns that mean something only beside a certain word in another: ``(column, key, word)``."""


def write_datasets(
    sheet: Worksheet, columns: list[Column], ranges: Mapping[str, tuple[str, bool]], defaults: Mapping[str, str]
) -> None:
    """``ranges`` has where a column's words stand and whether there are more, ``defaults`` the cell of each setting."""
    writer = _Writer(sheet, columns, defaults)
    for number, column in enumerate(columns, start=1):
        writer.column(number, column)
        writer.validation(column, ranges.get(column.name))
    writer.colours()
    sheet.column_dimensions[get_column_letter(len(columns) + 1)].collapsed = True
    sheet.row_dimensions[1].height = 32
    sheet.freeze_panes = "B2"
    _select(sheet, "A2")
    look.page(sheet, "1:1")


def _select(sheet: Worksheet, cell: str) -> None:
    """Has the workbook open with that cell, of the first column, selected: its prompt is what one reads first."""
    pane: Final = "bottomLeft"
    if sheet.sheet_view.pane is not None:
        sheet.sheet_view.pane.activePane = pane
    for selection in sheet.sheet_view.selection:
        if selection.pane == pane:
            selection.activeCell = selection.sqref = cell


class _Writer:
    def __init__(self, sheet: Worksheet, columns: list[Column], defaults: Mapping[str, str]) -> None:
        self._sheet = sheet
        self._columns = columns
        self._defaults = defaults
        self._letters = {column.name: get_column_letter(number) for number, column in enumerate(columns, start=1)}
        self._used = f"COUNTA($A{FIRST_ROW}:${get_column_letter(len(columns))}{FIRST_ROW})>0"
        self._described = f"LEN({self._cell(METADATA_FILE)})>0"

    def column(self, number: int, column: Column) -> None:
        """The header, and the form of all cells below it, filled in or not."""
        look.head(self._sheet, 1, number, column.name, needed=column.need == ALWAYS, rare=not column.is_common)
        form = self._sheet.column_dimensions[get_column_letter(number)]
        form.width = _WIDTHS.get(column.name, _WIDTH)
        form.number_format = look.DAY if column.name in _DAYS else look.TEXT
        form.alignment = Alignment(vertical="top", wrap_text=True)
        if not column.is_common:
            form.outlineLevel, form.hidden = 1, True

    def validation(self, column: Column, words: tuple[str, bool] | None) -> None:
        validation = self._rule_of(column, words)
        look.prompt(validation, column.name, _prompt(column))
        validation.add(self._range(column.name))
        self._sheet.add_data_validation(validation)

    def _rule_of(self, column: Column, words: tuple[str, bool] | None) -> DataValidation:
        cell = f"{self._letters[column.name]}{FIRST_ROW}"
        if words is not None:
            return _list_of(*words)
        if column.name == "id":
            only = DataValidation("custom", formula1=f"COUNTIF({self._range('id', fixed=True)},{cell})=1")
            return look.refusal(only, "Not unique", "There is another dataset of this id. Each needs one of its own.")
        if column.name == "title":
            length = DataValidation("textLength", operator="between", formula1=str(MIN_LENGTH), formula2=str(TITLE_MAX))
            return look.refusal(length, "Length", f"A title has {MIN_LENGTH} to {TITLE_MAX} characters.")
        if column.name in _LONG:
            length = DataValidation("textLength", operator="greaterThanOrEqual", formula1=str(MIN_LENGTH))
            return look.refusal(length, "Too short", f"Write at least {MIN_LENGTH} characters.")
        if column.name in _DAYS:
            later = DataValidation("date", operator="greaterThan", formula1="TODAY()")
            return look.refusal(later, "Not a later day", "Write a day after today, as 2030-01-31.")
        if column.name == "publication_date":
            form = DataValidation("custom", formula1=_is_date(cell), errorStyle="warning")
            return look.refusal(form, "Not a date", "Write a day, a month or a year, as 2026-11-24, 2026-11 or 2026.")
        return DataValidation()

    def colours(self) -> None:
        for column in self._columns:
            if column.need == ALWAYS:
                self._needed(column.name)
        for name, key, word in _DEPENDENT:
            suggested = name not in {needed for needed, *_ in CONDITIONS}
            self._dependent(name, key, word, look.PERHAPS if suggested else look.NEEDED)
        here = self._cell("id")
        twice = f"AND(LEN({here})>0,COUNTIF({self._range('id', fixed=True)},{here})>1)"
        self._colour("id", twice, look.WRONG)

    def _needed(self, name: str) -> None:
        """Unless the row is empty, or a metadata file or the settings may say it."""
        elsewhere = [f"NOT({self._described})", f"LEN({self._default(name)})=0"] if name in REQUIRED else []
        empty = f"LEN(TRIM({self._cell(name)}))=0"
        self._colour(name, f"AND({','.join([self._used, empty, *elsewhere])})", look.NEEDED)

    def _dependent(self, name: str, key: str, word: str, color: str) -> None:
        """Coloured and empty where it belongs to the word, grey where it does not."""
        given = f"IF(LEN({self._cell(key)})>0,{self._cell(key)},{self._default(key)})"
        empty = f"LEN(TRIM({self._cell(name)}))=0"
        self._colour(name, f'AND({self._used},{empty},{given}="{word}")', color)
        unsaid = f"AND({self._described},LEN({self._cell(key)})=0)"
        self._colour(name, f'AND({self._used},NOT({unsaid}),{given}<>"{word}")', look.IDLE)

    def _colour(self, name: str, formula: str, color: str) -> None:
        self._sheet.conditional_formatting.add(self._range(name), look.rule(formula, color))

    def _cell(self, name: str) -> str:
        return f"${self._letters[name]}{FIRST_ROW}"

    def _default(self, name: str) -> str:
        return self._defaults.get(name, '""')

    def _range(self, name: str, *, fixed: bool = False) -> str:
        letter, mark = self._letters[name], "$" if fixed else ""
        return f"{mark}{letter}{mark}{FIRST_ROW}:{mark}{letter}{mark}{LAST_ROW}"


def _list_of(place: str, is_open: bool) -> DataValidation:
    validation = DataValidation("list", formula1=place, errorStyle="warning" if is_open else "stop")
    text = "This word is not in the list (sheet Lists)."
    return look.refusal(validation, "Not in the list", f"{text} Keep it if you know it." if is_open else text)


def _is_date(cell: str) -> str:
    """A year, month or day, of four, seven or ten characters; an interval of these, with a slash; or a real date."""
    lengths = f'OR(LEN({cell})=4,LEN({cell})=7,LEN({cell})=10,ISNUMBER(FIND("/",{cell})))'
    return f"OR(ISNUMBER({cell}),AND({lengths},ISNUMBER(VALUE(LEFT({cell},4)))))"


def _prompt(column: Column) -> str:
    """What, how and for example what, as much of it as a prompt holds."""
    what = f"Needed {column.need}.\n{column.what}" if column.need else column.what
    form = f"\nForm: {column.form}" if column.form else ""
    example = f"\nExample: {column.example}" if column.example else ""
    choices = (what + form + example, what + example, what + form)
    return next((text for text in choices if len(text) <= look.PROMPT), what)
