"""What a workbook says of the whole batch: its sheet ``settings``, a key a row.

The first column has a key, the second its value; further columns are remarks. Keys are the batch's own
(:data:`BATCH_KEYS`) and those of metadata: the latter are the defaults that every dataset starts from. A row without
a value says nothing, so a sheet may offer keys that nobody needs, under headings.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from batchdep.manifest.suggest import did_you_mean, shown
from batchdep.manifest.table_cells import CELL_HINT, METADATA_COLUMNS, CellError, key_of, read_cell
from batchdep.problems import Location, Problem, ValuePath

SHEET = "settings"
"""The name of the sheet, in any case."""

HEADING = "setting"
"""What stands above the keys, where the first row is a header."""

LIMITS = ("limits.file", "limits.dataset", "limits.files")
BATCH_KEYS = ("batch", "target", "publish", *LIMITS)
KEYS = (*BATCH_KEYS, *METADATA_COLUMNS)

MAX_ROWS = 1_000
COLUMNS = 2

_TRUTH = {"yes": True, "true": True, "1": True, "no": False, "false": False, "0": False}


class Settings:
    """The settings of one workbook: ``values`` as a manifest holds them, and where each stands."""

    def __init__(self, file: str, prefix: str) -> None:
        """``prefix``: what the names of the sheet's cells begin with."""
        self.values: dict[str, Any] = {}
        self.places: dict[ValuePath, Location] = {}
        self.problems: list[Problem] = []
        self._file = file
        self._prefix = prefix

    def take(self, rows: Iterable[tuple[int, Sequence[str]]]) -> None:
        """Reads the texts of the first cells of each row; rows have their numbers, counted from 1."""
        for number, cells in rows:
            key, value = (*(cell.strip() for cell in cells[:COLUMNS]), "", "")[:COLUMNS]
            if value and key_of(key) != HEADING:
                self._take(number, key, value)

    def _take(self, row: int, written: str, text: str) -> None:
        key = key_of(written)
        if key not in KEYS:
            message = f"there is no setting {shown(written)}" if written else f"{shown(text)} has no key beside it"
            self._problem(row, 1, "unknown_key", message, did_you_mean(written, KEYS) if written else "Name it.")
            return
        path = _path_of(key)
        if path in self.places:
            first = self.places[path].cell
            self._problem(
                row, 1, "duplicate_key", f"the setting '{key}' is there twice (first in {first})", "Keep one."
            )
            return
        self.places[path] = self._at(row, 2)
        try:
            self._set(path, _value_of(key, text))
        except CellError as error:
            self._problem(row, 2, "cell_form", f"{key}: {error}", CELL_HINT)

    def _set(self, path: ValuePath, value: Any) -> None:
        target = self.values
        for step in path[:-1]:
            target = target.setdefault(str(step), {})
        target[str(path[-1])] = value

    def _problem(self, row: int, column: int, code: str, message: str, hint: str) -> None:
        self.problems.append(Problem(code, message, hint, location=self._at(row, column)))

    def _at(self, row: int, column: int) -> Location:
        return Location(self._file, row, column, f"{self._prefix}{'AB'[column - 1]}{row}")


def _path_of(key: str) -> ValuePath:
    if key in METADATA_COLUMNS:
        return "defaults", key
    return tuple(key.split("."))


def _value_of(key: str, text: str) -> Any:
    """The value as a manifest holds it; what is none is left for the manifest's own rules to name."""
    if key == "publish":
        return _TRUTH.get(text.casefold(), text)
    return read_cell(key, text) if key in METADATA_COLUMNS else text
