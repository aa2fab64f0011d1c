"""What CSV files and workbooks have in common: which cells are written."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias

from batchdep.manifest.deposited import COLUMNS, KEY
from batchdep.manifest.source_table import TableSource
from batchdep.writeback.edits import Changes, Scalar

Cells: TypeAlias = dict[int, dict[int, Scalar]]
"""New values by row and column, both counted from 1."""


def cells_to_write(source: TableSource, changes: Changes, width: int) -> Cells:
    """The cells for ``{"datasets": {i: {"deposited": {...}}}}``; columns that are lacking, all of them or none, come
    after the ``width`` columns that are taken, and their keys into the header."""
    values = {
        source.rows[index]: {f"{KEY}.{key}": value for key, value in inside[KEY].items()}
        for index, inside in changes["datasets"].items()
    }
    columns: Mapping[str, int] = source.columns
    cells: Cells = {}
    if any(column not in columns for row in values.values() for column in row):
        lacking = [column for column in COLUMNS if column not in columns]
        new = {column: width + number for number, column in enumerate(lacking, start=1)}
        cells[source.header_row] = {number: column for column, number in new.items()}
        columns = {**columns, **new}
    return cells | {row: {columns[key]: value for key, value in inside.items()} for row, inside in values.items()}


def cell_text(value: Scalar) -> str:
    return "" if value is None else str(value)
