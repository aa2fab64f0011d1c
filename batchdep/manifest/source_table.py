"""Tables: a row of keys, then a dataset a row. CSV and TSV are read here, workbooks by ``source_xlsx``.

Rows become the same mappings that a YAML manifest holds: ``("datasets", i, "metadata", "title")`` is the cell of
dataset ``i`` in the column ``title``. A row is counted as a spreadsheet counts it: one row, however many lines the
text in its cells has.
"""

from __future__ import annotations

import csv
from array import array
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain
from typing import Any

from batchdep.manifest.datasets import FROM
from batchdep.manifest.deposited import COLUMNS as DEPOSITED_COLUMNS
from batchdep.manifest.deposited import KEY as DEPOSITED
from batchdep.manifest.source_base import Document, SourceError
from batchdep.manifest.source_settings import BATCH_KEYS, Settings
from batchdep.manifest.suggest import did_you_mean, shown
from batchdep.manifest.table_cells import CELL_HINT, COLUMNS, METADATA_FILE, CellError, key_of, read_cell
from batchdep.problems import Location, Problem, ValuePath
from batchdep.regexes import regex

Row = tuple[int, Sequence[str]]
"""A row's number, counted from 1, and the texts of its cells."""

_DATASET_COLUMNS = ("id", "files", "fill")
_OWN_COLUMN = "#"
"""What the header of a column begins with that is the writer's own, and not read."""
_SETTING_HINT = "It is said of the whole batch: on a workbook's sheet 'settings', or with --to, --publish or --draft."
_NO_HEADER_HINT = (
    "Text that has the separator in it must be in quotation marks; a column needs its key in the first row."
)


_LINE_BREAK = regex(r"[\r\n]")


class TableSource:
    """Positions by arithmetic: the row of each dataset and the column of each key."""

    def __init__(self, name: str, *, lettered: bool) -> None:
        self._name = name
        self._lettered = lettered
        self.header_row = 1
        self.columns: dict[str, int] = {}
        self.rows = array("L")
        self.settings: Mapping[ValuePath, Location] = {}

    @property
    def name(self) -> str:
        return self._name

    def locate(self, path: ValuePath) -> Location:
        match path:
            case ("datasets", int(index), *rest) if 0 <= index < len(self.rows):
                return self.cell(self.rows[index], self._column(rest))
            case _:
                return self._setting(path) or self.cell(self.header_row, None)

    def _setting(self, path: ValuePath) -> Location | None:
        return next((place for step in range(len(path), 0, -1) if (place := self.settings.get(path[:step]))), None)

    def cell(self, row: int, column: int | None) -> Location:
        """The position of a cell; of the row where ``column`` is None."""
        name = f"{column_letters(column or 1)}{row}" if self._lettered else None
        return Location(self._name, row, column, name)

    def _column(self, steps: Sequence[str | int]) -> int | None:
        keys = steps[1:] if steps and steps[0] == "metadata" else steps
        if not keys:
            return None
        if keys[0] == DEPOSITED:
            return self.columns.get(".".join(map(str, keys)))
        return self.columns.get(METADATA_FILE if keys[0] == FROM else str(keys[0]))


def column_letters(column: int) -> str:
    """``1`` is ``A``, ``27`` is ``AA``."""
    letters = ""
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters


def read_csv(lines: Iterable[str], name: str, delimiter: str | None = None) -> Document:
    """The datasets of a CSV (``delimiter`` None: comma or semicolon, whichever the header row has) or TSV text, which
    is given by its lines with their ends."""
    left = iter(lines)
    head = []
    for line in left:
        head.append(line)
        if line.strip("\r\n"):
            break
    rows = _csv_rows(chain(head, left), delimiter or separator_of("".join(head)))
    return read_table(rows, name, lettered=False)


def separator_of(text: str) -> str:
    """What separates the cells of a CSV text: the one of comma and semicolon that its header row has more of."""
    header = _LINE_BREAK.split(text.lstrip("\r\n"), 1)[0]
    return ";" if header.count(";") > header.count(",") else ","


def _csv_rows(lines: Iterable[str], delimiter: str) -> Iterator[Row]:
    reader = csv.reader(lines, delimiter=delimiter, strict=True, skipinitialspace=True)
    number = 0
    while True:
        number += 1
        first_line = reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            raise _csv_error(number, first_line, error) from None
        yield number, cells


def _csv_error(row: int, first_line: int, error: csv.Error) -> SourceError:
    what = str(error)
    hint = 'Inside quotation marks a quotation mark is written twice: "".'
    if "unexpected end" in what or "field limit" in what:
        message = f"a quotation mark that is opened in row {row} (line {first_line}) is not closed"
        if "field limit" in what:
            message += f", or a cell has more than {csv.field_size_limit():,} characters"
    elif "expected after" in what:
        message = f"row {row} (line {first_line}) has text after a closing quotation mark"
    else:
        message, hint = f"row {row} (line {first_line}) cannot be read: {what}", ""
    return SourceError("csv_syntax", message, hint, line=row)


def read_table(
    rows: Iterable[Row],
    name: str,
    *,
    lettered: bool,
    settings: Settings | None = None,
    problems: list[Problem] | None = None,
) -> Document:
    """The datasets in ``rows``, and what ``settings`` say of all; ``lettered`` where cells have names (``B7``).

    ``problems``: where those with cells come that ``rows`` finds.
    """
    table = _Table(TableSource(name, lettered=lettered), [] if problems is None else problems)
    filled = table.filled(rows)
    for number, texts in filled:
        table.take_header(number, texts)
        break
    if settings is not None:
        table.source.settings = settings.places
        table.problems += settings.problems
    if not table.keys:
        return Document(None, table.source, table.problems, has_header=False)
    values = settings.values if settings else {}
    return Document(values, table.source, table.problems, has_header=False, stream=table.datasets(filled))


class _Table:
    def __init__(self, source: TableSource, problems: list[Problem]) -> None:
        self.source = source
        self.problems = problems
        self.keys: list[str | None] = []

    def filled(self, rows: Iterable[Row]) -> Iterator[tuple[int, list[str]]]:
        """The rows that have a text, up to one that cannot be read."""
        try:
            for number, cells in rows:
                texts = [cell.strip() for cell in cells]
                if any(texts):
                    yield number, texts
        except SourceError as error:
            self.problems.append(error.as_problem(self.source.name))

    def datasets(self, filled: Iterable[tuple[int, list[str]]]) -> Iterator[dict[str, Any]]:
        for number, texts in filled:
            self.source.rows.append(number)
            yield self._dataset(number, texts)

    def take_header(self, number: int, texts: list[str]) -> None:
        self.source.header_row = number
        self.keys = [self._key(number, column, text) for column, text in enumerate(texts, start=1)]

    def _key(self, row: int, column: int, text: str) -> str | None:
        """The key of a column; None of one that is not read or was refused, empty where the header has no text."""
        if not text:
            return ""
        if text.startswith(_OWN_COLUMN):
            return None
        key = key_of(text)
        if key not in COLUMNS:
            own = f"For a column of your own, which is not read, write {shown(f'{_OWN_COLUMN} {text}')}."
            hint = _SETTING_HINT if key in BATCH_KEYS else f"{did_you_mean(text, COLUMNS)} {own}"
            self._problem(row, column, "unknown_key", f"there is no column {shown(text)}", hint)
            return None
        if key in self.source.columns:
            first = self.source.cell(row, self.source.columns[key])
            where = first.cell or f"column {first.column}"
            message = f"the column '{key}' is there twice (first in {where})"
            self._problem(row, column, "duplicate_key", message, "Keep one of the two.")
            return None
        self.source.columns[key] = column
        return key

    def _dataset(self, row: int, texts: list[str]) -> dict[str, Any]:
        dataset: dict[str, Any] = {"metadata": {}}
        for column, text in enumerate(texts, start=1):
            if not text:
                continue
            key = self.keys[column - 1] if column <= len(self.keys) else ""
            if key == "":
                self._problem(row, column, "no_header", f"the cell {shown(text)} has no key above it", _NO_HEADER_HINT)
            elif key == METADATA_FILE:
                dataset["metadata"][FROM] = text
            elif key in DEPOSITED_COLUMNS:
                dataset.setdefault(DEPOSITED, {})[key.removeprefix(f"{DEPOSITED}.")] = text
            elif key is not None:
                target = dataset if key in _DATASET_COLUMNS else dataset["metadata"]
                self._set(target, key, text, row, column)
        return dataset

    def _set(self, target: dict[str, Any], key: str, text: str, row: int, column: int) -> None:
        try:
            target[key] = read_cell(key, text)
        except CellError as error:
            self._problem(row, column, "cell_form", f"{key}: {error}", CELL_HINT)

    def _problem(self, row: int, column: int, code: str, message: str, hint: str) -> None:
        self.problems.append(Problem(code, message, hint, location=self.source.cell(row, column)))
