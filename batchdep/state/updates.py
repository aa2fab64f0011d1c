"""Updates of one row, by its id; and inserts of many."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from sqlalchemy import Connection, Table, Update, bindparam, insert, update


@cache
def update_of(table: Table, names: tuple[str, ...]) -> Update:
    """The update of these columns. Made once for each set: building a statement costs more than running it."""
    fresh: dict[str, Any] = {name: bindparam(f"new_{name}") for name in names}
    return update(table).where(table.c.id == bindparam("row")).values(fresh)


def parameters_of(row: int, values: Mapping[str, Any]) -> dict[str, Any]:
    """What :func:`update_of` takes to give a row these values."""
    return {"row": row, **{f"new_{name}": value for name, value in values.items()}}


class RowInsert:
    """An insert of rows that are tuples of the values of these columns, named in the table's order, as the driver takes
    them.

    For a million rows what SQLAlchemy does with each takes longer than the database does.
    """

    def __init__(self, table: Table, names: tuple[str, ...]) -> None:
        self._statement = insert(table).values({name: bindparam(name) for name in names})

    def run(self, connection: Connection, rows: Sequence[tuple[Any, ...]]) -> None:
        """Adds the rows, of which there is one at least."""
        connection.exec_driver_sql(str(self._statement.compile(dialect=connection.dialect)), list(rows))
