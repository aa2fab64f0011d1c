"""Statements for rows that are handed to the driver as it takes them.

What SQLAlchemy does with each row takes longer than the database does: of the notes of a run's steps as of a million
files. So a statement is compiled once, and its rows are tuples.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache
from typing import Any, TypeAlias

from sqlalchemy import Boolean, Column, Connection, Dialect, Insert, Table, Update, bindparam, insert, update

Row: TypeAlias = tuple[Any, ...]
_Conversion: TypeAlias = tuple[int, Callable[[Any], Any]]
"""The place of a column, and what makes of its value what the driver takes."""


class RowStatement:
    """A statement that takes rows: tuples of the values of ``columns``, in their order."""

    def __init__(self, statement: Insert | Update, columns: Iterable[Column[Any]]) -> None:
        self.statement = statement
        self._columns = tuple(columns)
        self._prepared: dict[str, tuple[str, Sequence[_Conversion]]] = {}

    def run(self, connection: Connection, rows: Sequence[Row]) -> None:
        """Executes it for the rows, of which there is one at least."""
        dialect = connection.dialect
        if dialect.name not in self._prepared:
            self._prepared[dialect.name] = str(self.statement.compile(dialect=dialect)), self._conversions(dialect)
        text, conversions = self._prepared[dialect.name]
        connection.exec_driver_sql(text, [_converted(row, conversions) for row in rows] if conversions else list(rows))

    def _conversions(self, dialect: Dialect) -> Sequence[_Conversion]:
        """Of truth values there is none: each driver takes them as they are."""
        types = [(at, column.type.dialect_impl(dialect)) for at, column in enumerate(self._columns)]
        made = ((at, kind.bind_processor(dialect)) for at, kind in types if not isinstance(kind, Boolean))
        return [(at, convert) for at, convert in made if convert is not None]


def _converted(row: Row, conversions: Sequence[_Conversion]) -> Row:
    values = list(row)
    for at, convert in conversions:
        values[at] = convert(values[at])
    return tuple(values)


def insert_of(table: Table, names: Sequence[str]) -> RowStatement:
    """Adds rows of the values of these columns, named in the table's order."""
    statement = insert(table).values({name: bindparam(name) for name in names})
    return RowStatement(statement, (table.c[name] for name in names))


@cache
def update_of(table: Table, names: tuple[str, ...]) -> RowStatement:
    """Gives these columns new values, each in one row; made once for each set. See :func:`row_of`."""
    fresh: list[tuple[Any, Any]] = [(table.c[name], bindparam(f"new_{name}")) for name in names]
    statement = update(table).where(table.c.id == bindparam("row")).ordered_values(*fresh)
    return RowStatement(statement, (*(table.c[name] for name in names), table.c.id))


def row_of(number: int, values: Mapping[str, Any], names: Sequence[str]) -> Row:
    """What :func:`update_of` takes to give the row with the id ``number`` the values of these columns."""
    return (*(values[name] for name in names), number)
