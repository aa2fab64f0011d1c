"""A database before and after the worst: copied aside before a migration, looked through when something is odd."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from pathlib import Path

from sqlalchemy.engine import URL


def copy_aside(url: URL, revision: str) -> Path | None:
    """Copies an SQLite database as it is before it is migrated from ``revision``, for its owner only.

    Returns where the copy is; None for PostgreSQL, whose administrator makes copies. A copy that an earlier attempt at
    the same migration made is replaced: the database was left as it was then. Raises sqlite3.Error, OSError.
    """
    if url.get_backend_name() != "sqlite":
        return None
    source = Path(str(url.database))
    copy = source.with_name(f"{source.name}.before-{revision}")
    unfinished = source.with_name(f"{copy.name}.part")
    unfinished.unlink(missing_ok=True)
    os.close(os.open(unfinished, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    with closing(sqlite3.connect(source)) as here, closing(sqlite3.connect(unfinished)) as there:
        here.backup(there)
        there.execute("PRAGMA journal_mode=DELETE")  # one file, complete by itself
    return unfinished.replace(copy)


def is_damaged(url: URL) -> bool:
    """Whether an SQLite database's pages contradict each other. Reads all of it: for when something is odd already."""
    if url.get_backend_name() != "sqlite":
        return False
    try:
        with closing(sqlite3.connect(f"{Path(str(url.database)).as_uri()}?mode=ro", uri=True)) as connection:
            return [str(row[0]) for row in connection.execute("PRAGMA quick_check(1)")] != ["ok"]
    except sqlite3.DatabaseError as error:
        return not isinstance(error, sqlite3.OperationalError)  # locked, not readable ... : nothing is known
