"""What goes wrong with a database, in words that say what to do."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.engine import URL
from sqlalchemy.exc import SQLAlchemyError

from batchdep.connections import unreached
from batchdep.errors import StateError
from batchdep.state.copies import is_damaged

UNUSABLE = "database_unusable"
DAMAGED = "database_damaged"
"""Codes of the errors: it cannot be opened or written; it contradicts itself."""

_POSTGRESQL_PORT = 5432
_LOST = {"InternalClientError", "PostgresConnectionError"}
"""Errors of PostgreSQL's driver that a connection which broke in the middle of something has; their texts are about
the driver's inner states."""

_REBUILD = (
    "Move it aside, then rebuild the state from the repository: batchdep recover MANIFEST --to TARGET. Do not submit"
    " with an empty or an older database: that would deposit again what is there."
)

_FULL = "The disk is full: the database {name} cannot be written."

_EXPLANATIONS = (
    (
        UNUSABLE,
        "disk is full",
        _FULL,
        "Make room, then run it again.",
    ),
    (
        UNUSABLE,
        "no space left",
        _FULL,
        "Make room, then run it again.",
    ),
    (
        UNUSABLE,
        "readonly database",
        "The database {name} is read-only: nothing could be noted, so nothing is sent.",
        "Make the file and its folder writable, or name another database with --database.",
    ),
    (
        UNUSABLE,
        "unable to open",
        "The database {name} cannot be opened.",
        "Check the path and your permissions, or name another with --database.",
    ),
    (
        DAMAGED,
        "not a database",
        "The file {name} is not a database of batchdep, or it is damaged.",
        f"If it is none, name another with --database. {_REBUILD}",
    ),
    (DAMAGED, "malformed", "The database {name} is damaged.", _REBUILD),
    (
        UNUSABLE,
        "database is locked",
        "The database {name} has been locked by another program for a minute.",
        "End that program, or name another database with --database.",
    ),
)


def shown_url(url: URL) -> str:
    """The database as it may be shown: a file's path, or the URL without its password."""
    if url.get_backend_name() == "sqlite":
        return str(url.database)
    return url.set(drivername="postgresql").render_as_string(hide_password=True)


async def diagnosed(error: Exception, url: URL) -> StateError:
    """As :func:`explained`; an error that says nothing of it may still come of a damaged file, which is looked at."""
    known = explained(error, url)
    if known.code == DAMAGED or not await asyncio.to_thread(is_damaged, url):
        return known
    return damaged(url)


def damaged(url: URL) -> StateError:
    """The error of a database that contradicts itself."""
    return StateError(f"The database {shown_url(url)} is damaged.", _REBUILD, code=DAMAGED)


def explained(error: Exception, url: URL) -> StateError:
    """A database's error in words that say what to do."""
    cause = _cause(error)
    name = shown_url(url)
    if url.get_backend_name() != "sqlite" and (lost := _not_reached(error, cause, url)):
        return StateError(
            f"The database {name} cannot be used: {lost}.",
            "Run the same command again once it answers: what was noted before is kept.",
            code=UNUSABLE,
        )
    words = str(cause).lower()
    for code, sign, message, hint in _EXPLANATIONS:
        if sign in words:
            return StateError(message.format(name=name), hint, code=code)
    first_line = (str(cause).splitlines() or ["no details"])[0]
    return StateError(
        f"The database {name} cannot be used: {first_line}",
        "Check that it exists and that you may write to it.",
        code=UNUSABLE,
    )


def is_of_database(error: Exception) -> bool:
    """Whether the database or its driver raised it; PostgreSQL's driver has errors of its own that nobody wraps."""
    return isinstance(error, SQLAlchemyError | OSError) or _is_of_driver(error)


@contextmanager
def in_words(url: URL) -> Iterator[None]:
    """Raises StateError for what a database that has gone away makes of the block."""
    try:
        yield
    except Exception as error:
        if not is_of_database(error):
            raise
        raise explained(error, url) from error


def _cause(error: Exception) -> BaseException:
    """The driver's own error, below SQLAlchemy's and its adapter's."""
    found: BaseException = getattr(error, "orig", None) or error
    while not isinstance(found, OSError) and not _is_of_driver(found) and found.__cause__ is not None:
        found = found.__cause__
    return found


def _is_of_driver(error: BaseException) -> bool:
    return type(error).__module__.partition(".")[0] == "asyncpg"


def _not_reached(error: Exception, cause: BaseException, url: URL) -> str:
    """Why there is no connection to a server, a clause; empty where there is one."""
    if isinstance(cause, OSError):
        return unreached(cause, url.host or "localhost", url.port or _POSTGRESQL_PORT)
    kinds = {kind.__name__ for kind in type(cause).__mro__}
    closed = "InterfaceError" in kinds and "closed" in str(cause)
    if getattr(error, "connection_invalidated", False) or closed or kinds & _LOST:
        return "the connection to it was lost"
    return ""
