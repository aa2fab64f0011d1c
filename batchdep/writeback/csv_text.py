"""CSV and TSV: new columns go to the right of all others, with the separator, quotation marks and line ends there."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from batchdep.manifest.source_table import TableSource, separator_of
from batchdep.regexes import regex
from batchdep.writeback.edits import Changes, Edit, Scalar, applied
from batchdep.writeback.table import cell_text, cells_to_write

_SPECIAL = regex(r'["\r\n]|^ | $')

Field = tuple[int, int]
"""Where the text of a cell starts and ends, with its quotation marks."""


def changed_csv(text: str, source: TableSource, delimiter: str | None, changes: Changes) -> str:
    """The table ``text``, which was read without errors before, with ``changes``; ``delimiter`` None: as the header row
    has it."""
    delimiter = delimiter or separator_of(text)
    rows = list(_rows(text, delimiter))
    width = max(map(len, rows))
    cells = cells_to_write(source, changes, width)
    style = _Style(
        delimiter, all(text[start:end].strip().startswith('"') for start, end in rows[source.header_row - 1])
    )
    last = max(max(inside) for inside in cells.values())
    edits: list[Edit] = []
    for row in (source.header_row, *source.rows):
        # a row gets cells in the new columns even where they stay empty: rows of one length stay so
        edits += style.edits(text, rows[row - 1], cells.get(row, {}), last if last > width else 0)
    return applied(text, edits)


class _Style:
    def __init__(self, delimiter: str, all_quoted: bool) -> None:
        self._delimiter = delimiter
        self._all_quoted = all_quoted

    def edits(self, text: str, fields: list[Field], cells: Mapping[int, Scalar], length: int) -> Iterator[Edit]:
        for column, (start, end) in enumerate(fields, start=1):
            if column in cells:
                yield Edit(start, end, self._cell(cells[column], text[start:end].lstrip(" ").startswith('"')))
        added = range(len(fields) + 1, max(length, *cells, len(fields)) + 1)
        if added:
            end = fields[-1][1]
            yield Edit(end, end, "".join(self._delimiter + self._cell(cells.get(column)) for column in added))

    def _cell(self, value: Scalar, quoted: bool = False) -> str:
        text = cell_text(value)
        if quoted or (text and self._all_quoted) or self._delimiter in text or _SPECIAL.search(text):
            return '"' + text.replace('"', '""') + '"'
        return text


def _rows(text: str, delimiter: str) -> Iterator[list[Field]]:
    """Where the cells of each row stand, blank rows too, by the rules by which the table is read."""
    field = re.compile(rf' *"(?:[^"]|"")*+"|[^{re.escape(delimiter)}\r\n]*+')
    line_end = re.compile(r"\r\n|\n|\r")
    offset = 0
    fields: list[Field] = []
    while offset < len(text) or fields:
        found = field.match(text, offset)
        start, offset = found.span() if found else (offset, offset)
        fields.append((start, offset))
        if text.startswith(delimiter, offset):
            offset += len(delimiter)
            continue
        yield fields
        fields = []
        ended = line_end.match(text, offset)
        offset = ended.end() if ended else len(text)
