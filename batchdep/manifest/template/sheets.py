"""The sheets that are only looked at: examples, help, and the lists of words."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from batchdep.manifest.template import look
from batchdep.manifest.template.columns import Column
from batchdep.manifest.template.examples import example_rows
from batchdep.manifest.template.texts import STEPS, words_of
from batchdep.manifest.template.words import WordList


def ranges_of(lists: Mapping[str, WordList]) -> dict[str, tuple[str, bool]]:
    """Where each list stands on the sheet Lists, and whether there are more words than these."""
    ranges = {}
    for column, each in _columns_of(lists):
        letter = get_column_letter(column)
        ranges[each.name] = (f"Lists!${letter}$2:${letter}${len(each.words) + 1}", each.is_open)
    return ranges


def _columns_of(lists: Mapping[str, WordList]) -> list[tuple[int, WordList]]:
    """Each list with its first column; meanings stand in the next one."""
    found, column = [], 1
    for each in lists.values():
        found.append((column, each))
        column += 2 if each.meanings else 1
    return found


def write_lists(sheet: Worksheet, lists: Mapping[str, WordList]) -> None:
    for column, each in _columns_of(lists):
        look.head(sheet, 1, column, each.name)
        sheet.column_dimensions[get_column_letter(column)].width = 28
        if each.meanings:
            look.head(sheet, 1, column + 1, "meaning", rare=True)
            sheet.column_dimensions[get_column_letter(column + 1)].width = 34
        for row, word in enumerate(each.words, start=2):
            look.put(sheet, row, column, word)
        for row, meaning in enumerate(each.meanings, start=2):
            look.put(sheet, row, column + 1, meaning)
    sheet.freeze_panes = "A2"
    look.page(sheet, "1:1")


def write_examples(sheet: Worksheet, columns: list[Column], today: date) -> None:
    rows = example_rows(today)
    shown = [column for column in columns if any(column.name in cells for _, cells in rows)]
    look.head(sheet, 1, 1, "What the row shows. This sheet is never read: copy what you need to the sheet Datasets.")
    sheet.column_dimensions["A"].width = 36
    for number, column in enumerate(shown, start=2):
        look.head(sheet, 1, number, column.name, needed=bool(column.need))
        sheet.column_dimensions[get_column_letter(number)].width = 44 if column.name in ("files", "creators") else 30
    for row, (what, cells) in enumerate(rows, start=2):
        look.put(sheet, row, 1, what, bold=True)
        for number, column in enumerate(shown, start=2):
            look.put(sheet, row, number, cells.get(column.name, ""))
    sheet.freeze_panes = "B2"
    look.page(sheet, "1:1")


def write_help(sheet: Worksheet, columns: list[Column], name: str) -> None:
    for letter, width in zip("ABCDEF", (24, 22, 70, 46, 44, 60), strict=True):
        sheet.column_dimensions[letter].width = width
    row = _write_steps(sheet, name)
    look.page(sheet, f"{row}:{row}")
    for number, text in enumerate(("column", "needed", "what it is", "form", "example", "words"), start=1):
        look.head(sheet, row, number, text, needed=True)
    for each in columns:
        row += 1
        look.put(sheet, row, 1, each.name, bold=True)
        look.put(sheet, row, 2, each.need, color=look.NEEDED if each.need else None)
        for number, text in enumerate((each.what, each.form, each.example, words_of(each.name)), start=3):
            look.put(sheet, row, number, text)


def _write_steps(sheet: Worksheet, name: str) -> int:
    """The instructions and the colours; returns the row after them."""
    look.head(sheet, 1, 1, "How to deposit your datasets", needed=True)
    sheet.merge_cells("A1:F1")
    row = 1
    for title, text in STEPS:
        row += 1
        look.put(sheet, row, 1, title, bold=True)
        look.put(sheet, row, 2, text.format(file=name))
        sheet.merge_cells(start_row=row, start_column=2, end_row=row, end_column=6)
        # a spreadsheet program gives merged cells no height of their own
        sheet.row_dimensions[row].height = 16 * (1 + max(len(text) // 190, text.count("\n")))
    for color, text in (
        (look.NEEDED, "yellow: is to be filled in"),
        (look.PERHAPS, "blue: you may want to fill it in"),
        (look.IDLE, "grey: says nothing beside what another cell of the row says"),
        (look.WRONG, "red: an id that is there twice"),
    ):
        row += 1
        look.put(sheet, row, 1, "", color=color)
        look.put(sheet, row, 2, text)
        sheet.merge_cells(start_row=row, start_column=2, end_row=row, end_column=6)
    return row + 2
