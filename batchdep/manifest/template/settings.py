"""The sheet that says what holds for the whole batch; read by :mod:`batchdep.manifest.source_settings`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, NamedTuple

from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from batchdep.manifest.schema import manifest_schema
from batchdep.manifest.source_settings import BATCH_KEYS, HEADING, LIMITS
from batchdep.manifest.template import look
from batchdep.manifest.template.columns import columns

_FILLED_IN: Final = {
    "target": "local",
    "publish": "no",
    "upload_type": "dataset",
    "access_right": "open",
    "license": "cc-by-4.0",
}
_DEFAULTS: Final = (
    *("upload_type", "access_right", "license", "publication_date", "language", "creators", "contributors"),
    *("keywords", "related_identifiers", "grants", "communities", "notes"),
)
_WHAT: Final = {
    "batch": "The name of the batch; if empty, the name of this file. Running the batch again goes on by it.",
    "target": "Where to deposit. local: a repository on this computer, to try everything out, without account or DOIs."
    " sandbox: test records on sandbox.zenodo.org. zenodo: the real one. --to on the command line goes first.",
    "publish": "no: each dataset becomes a draft, which you look at on the repository's pages; `batchdep publish` then"
    " publishes them. yes: each is published as soon as its files are verified; that cannot be taken back.",
}


class Row(NamedTuple):
    """A setting, or a heading where there is no ``key``."""

    key: str
    value: str
    what: str


def setting_rows() -> list[Row]:
    """All rows of the sheet below its header."""
    limits = manifest_schema()["properties"]["limits"]
    described = {
        column.name: f"{column.what} Form: {column.form}" if column.form else column.what for column in columns()
    }
    sizes = {
        f"limits.{key}": f"{each['description']} {each['default']} if empty. {limits['description']}"
        for key, each in limits["properties"].items()
    }
    return [
        *(Row(key, _FILLED_IN.get(key, ""), _WHAT[key]) for key in BATCH_KEYS if key not in LIMITS),
        Row("", "", "Metadata that every dataset starts from; a cell on the sheet Datasets goes first. Any other column"
            " of that sheet may be added here as a row."),
        *(Row(key, _FILLED_IN.get(key, ""), described[key]) for key in _DEFAULTS),
        Row("", "", "Limits"),
        *(Row(key, "", sizes[key]) for key in LIMITS),
    ]  # fmt: skip


def cells_of(rows: list[Row]) -> dict[str, str]:
    """Where the value of each setting stands, as formulas of other sheets call it."""
    return {row.key: f"Settings!$B${number}" for number, row in enumerate(rows, start=2) if row.key}


def write_settings(sheet: Worksheet, rows: list[Row], ranges: Mapping[str, tuple[str, bool]]) -> None:
    for number, (text, width) in enumerate(((HEADING, 22), ("value", 44), ("what it is", 100)), start=1):
        look.head(sheet, 1, number, text, needed=number < 3)
        sheet.column_dimensions["ABC"[number - 1]].width = width
    for number, row in enumerate(rows, start=2):
        look.put(sheet, number, 1, row.key, bold=True)
        look.put(sheet, number, 2, row.value, color=look.PERHAPS if row.key else None)
        look.put(sheet, number, 3, row.what, bold=not row.key)
        _validate(sheet, row, f"B{number}", ranges)
    sheet.freeze_panes = "A2"
    look.page(sheet, "1:1")


def _validate(sheet: Worksheet, row: Row, cell: str, ranges: Mapping[str, tuple[str, bool]]) -> None:
    choices = {
        "target": manifest_schema()["properties"]["target"]["examples"],
        "publish": ["no", "yes"],
    }
    if row.key in choices:
        validation = DataValidation("list", formula1=f'"{",".join(choices[row.key])}"')
        validation.errorStyle = "warning" if row.key == "target" else "stop"
    elif row.key in ranges:
        place, is_open = ranges[row.key]
        validation = DataValidation("list", formula1=place, errorStyle="warning" if is_open else "stop")
    else:
        return
    look.refusal(validation, "Not in the list", "Choose from the list.")
    validation.add(cell)
    sheet.add_data_validation(validation)
