"""Opening the database: where it is, who may read it, and bringing its tables up to date."""

from __future__ import annotations

import os
import shlex
import sqlite3
from contextlib import suppress
from importlib.resources import files as package_files
from pathlib import Path

from sqlalchemy import Connection, inspect, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError

from batchdep.errors import ExitCode, StateError
from batchdep.state.access import Database
from batchdep.state.copies import copy_aside, is_damaged
from batchdep.state.explaining import damaged, diagnosed, is_of_database, shown_url
from batchdep.state.sqlite import SqliteDatabase

REVISIONS = ("0001", "0002", "0003", "0004")
"""All migrations that this program knows, oldest first; a test holds it against the migrations' folder."""


def database_url(database: str) -> URL:
    """The SQLAlchemy URL of a path, an ``sqlite:`` or a ``postgresql:`` URL, with the driver that is used.

    Raises StateError for a URL of another kind.
    """
    if "://" not in database:
        return URL.create("sqlite", database=str(Path(database).expanduser().absolute()))
    try:
        url = make_url(database)
    except ArgumentError as error:
        raise _unusable("The database URL cannot be understood.", "Give a path, or postgresql://...") from error
    match url.get_backend_name():
        case "sqlite":
            if not url.database or url.database == ":memory:":
                raise _unusable("A database in memory would forget everything.", "Give the path of a file.")
            return url.set(drivername="sqlite", database=str(Path(url.database).absolute()))
        case "postgresql" | "postgres":
            return url.set(drivername="postgresql+asyncpg")
        case other:
            raise _unusable(f"A database of the kind '{other}' is not supported.", "Use SQLite or PostgreSQL.")


def open_database(url: URL) -> Database:
    """The database at ``url``; an SQLite file that is not there yet is made, readable for its owner only.

    Raises StateError where there can be no such file, or PostgreSQL's driver is not installed.
    """
    if url.get_backend_name() == "sqlite":
        _create_privately(Path(str(url.database)))
        return SqliteDatabase(url)
    try:
        from batchdep.state.postgresql import PostgresqlDatabase

        return PostgresqlDatabase(url)
    except ModuleNotFoundError as error:
        raise _unusable("PostgreSQL needs one more package.", "pip install 'batchdep[postgresql]'") from error


def _create_privately(path: Path) -> None:
    if path.is_dir():
        raise _unusable(
            f"The database {path} is a folder.", f"Name a file in it: --database {shlex.quote(str(path / 'state.db'))}"
        )
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not path.exists():
            os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
    except OSError as error:
        raise _unusable(
            f"The database {path} cannot be made: {error.strerror}.",
            "Name another place with --database or BATCHDEP_DATABASE.",
        ) from error


async def bring_up_to_date(database: Database) -> None:
    """Runs the migrations that the database lacks; one that holds something is copied aside before.

    Raises StateError for a database that a newer program made, that is damaged, or that is none.
    """
    try:
        if await database.read(_revision) != REVISIONS[-1]:
            await database.migrate(_upgrade)
    except Exception as error:
        if not (is_of_database(error) or isinstance(error, sqlite3.Error)):
            raise
        raise _at_opening(await diagnosed(error, database.url)) from error


def _revision(connection: Connection) -> str | None:
    """The revision of the database's tables, None where it has none yet. StateError for one not known."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    current: str | None = connection.scalar(text("SELECT version_num FROM alembic_version"))
    if current is not None and current not in REVISIONS:
        url = connection.engine.url
        if is_damaged(url):
            raise _at_opening(damaged(url))
        raise _unusable(
            f"The database {shown_url(url)} was made by a newer batchdep (its revision is {current}).",
            "Update batchdep, or name another database with --database.",
        )
    return current


def _upgrade(connection: Connection) -> None:
    """Whatever another process has done meanwhile; all or nothing, as it is one transaction."""
    revision = _revision(connection)
    if revision == REVISIONS[-1]:
        return
    if revision is not None:
        copy_aside(connection.engine.url, revision)
        migrate(connection)
    elif inspect(connection).has_table("alembic_version"):
        migrate(connection)
    else:
        _make(connection)


def _make(connection: Connection) -> None:
    """A new database gets today's tables at once: to import Alembic takes longer than a small batch. A test holds them
    against what the migrations make."""
    from batchdep.state.tables import metadata

    metadata.create_all(connection, checkfirst=False)
    connection.execute(text("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL PRIMARY KEY)"))
    connection.execute(text("INSERT INTO alembic_version VALUES (:revision)"), {"revision": REVISIONS[-1]})


def migrate(connection: Connection) -> None:
    """Runs the migrations that the database lacks, by Alembic."""
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(migrations_folder()).replace("%", "%%"))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def migrations_folder() -> Path:
    """Where the migrations are: inside the installed package, or beside it in a checkout."""
    package = Path(str(package_files("batchdep")))
    inside = package / "_migrations"
    return inside if inside.is_dir() else package.parent / "migrations"


def _unusable(message: str, hint: str) -> StateError:
    return _at_opening(StateError(message, hint, code="database_unusable"))


def _at_opening(error: StateError) -> StateError:
    """Nothing was sent yet: it is the command line, or the place that it names, that is wrong."""
    error.exit_code = ExitCode.USAGE
    return error


def restrict_side_files(url: URL) -> None:
    """SQLite gives its -wal and -shm files the rights of the database; files of older runs are put right here."""
    if url.get_backend_name() == "sqlite":
        for suffix in ("", "-wal", "-shm"):
            with suppress(OSError):
                Path(f"{url.database}{suffix}").chmod(0o600)
