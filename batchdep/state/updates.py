"""Updates of one row, by its id."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

from sqlalchemy import Table, Update, bindparam, update


@cache
def update_of(table: Table, names: tuple[str, ...]) -> Update:
    """The update of these columns. Made once for each set: building a statement costs more than running it."""
    fresh: dict[str, Any] = {name: bindparam(f"new_{name}") for name in names}
    return update(table).where(table.c.id == bindparam("row")).values(fresh)


def parameters_of(row: int, values: Mapping[str, Any]) -> dict[str, Any]:
    """What :func:`update_of` takes to give a row these values."""
    return {"row": row, **{f"new_{name}": value for name, value in values.items()}}
