"""What goes wrong with a database, in words that say what to do."""

from __future__ import annotations

import asyncio

from sqlalchemy.engine import URL

from batchdep.errors import StateError
from batchdep.state.copies import is_damaged

UNUSABLE = "database_unusable"
DAMAGED = "database_damaged"
"""Codes of the errors: it cannot be opened or written; it contradicts itself."""

_REBUILD = (
    "Move it aside, then rebuild the state from the repository: batchdep recover MANIFEST --to TARGET. Do not submit"
    " with an empty or an older database: that would deposit again what is there."
)

_FULL = "The disk is full: the database {name} cannot be written."

_EXPLANATIONS = (
    (
        UNUSABLE,
        "disk is full",
        "The disk is full: the database {name} cannot be written.",
        "Make room, then run it again.",
    ),
    (
        UNUSABLE,
        "no space left",
        "The disk is full: the database {name} cannot be written.",
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
    words = str(getattr(error, "orig", None) or error).lower()
    name = shown_url(url)
    for code, sign, message, hint in _EXPLANATIONS:
        if sign in words:
            return StateError(message.format(name=name), hint, code=code)
    first_line = (str(getattr(error, "orig", None) or error).splitlines() or ["no details"])[0]
    return StateError(
        f"The database {name} cannot be used: {first_line}",
        "Check that it exists and that you may write to it.",
        code=UNUSABLE,
    )
