"""The template as an Excel workbook: a sheet to fill in, and all that helps to do it right.

Only the sheets ``Datasets`` and ``Settings`` are read (:mod:`batchdep.manifest.source_xlsx`). Cells are text, since a
spreadsheet program makes 1.1 of a version 1.10 and a date of much that is none; a day is a date, which is shown in ISO
form. The rules in the workbook are those that its formulas can state; ``batchdep check`` has all.
"""

from __future__ import annotations

import io
from datetime import date
from typing import TYPE_CHECKING

from batchdep.manifest.template import settings, sheets
from batchdep.manifest.template.columns import columns
from batchdep.manifest.template.datasets import write_datasets
from batchdep.manifest.template.words import word_lists

if TYPE_CHECKING:
    from openpyxl.workbook import Workbook
    from openpyxl.worksheet.worksheet import Worksheet


def template_workbook(name: str, today: date) -> bytes:
    """The workbook as bytes; ``name`` is the file that it is written to, as its instructions call it."""
    import openpyxl

    book = openpyxl.Workbook()
    first: Worksheet = book.worksheets[0]
    first.title = "Datasets"
    rows = settings.setting_rows()
    ranges = {
        key: (_named(book, f"words_{key}", place), is_open)
        for key, (place, is_open) in sheets.ranges_of(word_lists()).items()
    }
    defaults = {key: _named(book, f"setting_{key}", place) for key, place in settings.cells_of(rows).items()}
    write_datasets(first, columns(), ranges, defaults)
    settings.write_settings(book.create_sheet("Settings"), rows, ranges)
    sheets.write_examples(book.create_sheet("Examples"), columns(), today)
    sheets.write_help(book.create_sheet("Help"), columns(), name)
    sheets.write_lists(book.create_sheet("Lists"), word_lists())
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def _named(book: Workbook, name: str, place: str) -> str:
    """The name that formulas call ``place`` by: Excel takes other sheets in its rules surely only under a name."""
    from openpyxl.workbook.defined_name import DefinedName

    name = name.replace(" ", "_")
    book.defined_names[name] = DefinedName(name, attr_text=place)
    return name
