"""Opening the database: where it is, who may read it, and bringing its tables up to date."""

from __future__ import annotations

import asyncio
import os
import shlex
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from importlib.resources import files as package_files
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, inspect, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from batchdep.errors import ExitCode, StateError
from batchdep.state.copies import copy_aside, is_damaged
from batchdep.state.explaining import damaged, diagnosed, explained, is_of_database, shown_url

REVISIONS = ("0001",)
"""All migrations that this program knows, oldest first; a test holds it against the migrations' folder."""

_BUSY_SECONDS = 60


def database_url(database: str) -> URL:
    """The SQLAlchemy URL of a path, an ``sqlite:`` or a ``postgresql:`` URL, with the asynchronous driver.

    Raises StateError for a URL of another kind.
    """
    if "://" not in database:
        return URL.create("sqlite+aiosqlite", database=str(Path(database).expanduser().absolute()))
    try:
        url = make_url(database)
    except ArgumentError as error:
        raise _unusable("The database URL cannot be understood.", "Give a path, or postgresql://...") from error
    match url.get_backend_name():
        case "sqlite":
            if not url.database or url.database == ":memory:":
                raise _unusable("A database in memory would forget everything.", "Give the path of a file.")
            return url.set(drivername="sqlite+aiosqlite", database=str(Path(url.database).absolute()))
        case "postgresql" | "postgres":
            return url.set(drivername="postgresql+asyncpg")
        case other:
            raise _unusable(f"A database of the kind '{other}' is not supported.", "Use SQLite or PostgreSQL.")


def make_engine(url: URL) -> AsyncEngine:
    """An engine for ``url``; an SQLite file that is not there yet is made readable for its owner only."""
    if url.get_backend_name() != "sqlite":
        return _postgresql_engine(url)
    _create_privately(Path(str(url.database)))
    _try_to_open(url)
    engine = create_async_engine(url, connect_args={"timeout": _BUSY_SECONDS})
    event.listen(engine.sync_engine, "connect", _configure)
    return engine


def make_sync_engine(url: URL) -> Engine:
    """A synchronous engine for the same SQLite file, for use by one thread."""
    options = {"timeout": _BUSY_SECONDS, "check_same_thread": False}
    engine = create_engine(url.set(drivername="sqlite"), connect_args=options)
    event.listen(engine, "connect", _configure)
    return engine


def _configure(connection: Any, _record: Any) -> None:
    cursor = connection.cursor()
    # FULL makes a commit survive a power cut: intents rely on it.
    for pragma in ("synchronous=FULL", "foreign_keys=ON"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _postgresql_engine(url: URL) -> AsyncEngine:
    try:
        return create_async_engine(url, pool_pre_ping=True)
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


def _try_to_open(url: URL) -> None:
    """Finds out here, in words, what the driver's thread would only complain of after the program's end."""
    try:
        sqlite3.connect(str(url.database)).close()
    except sqlite3.Error as error:
        raise _at_opening(explained(error, url)) from error


async def bring_up_to_date(engine: AsyncEngine) -> None:
    """Runs the migrations that the database lacks; one that holds something is copied aside before.

    Raises StateError for a database that a newer program made, that is damaged, or that is none.
    """
    try:
        if await _known_revision(engine) == REVISIONS[-1]:
            return
        async with _alone(engine):
            revision = await _known_revision(engine)
            if revision == REVISIONS[-1]:
                return
            if revision is not None:
                await asyncio.to_thread(copy_aside, engine.url, revision)
            async with _all_or_nothing(engine) as connection:
                await connection.run_sync(_upgrade)
    except Exception as error:
        if not (is_of_database(error) or isinstance(error, sqlite3.Error)):
            raise
        raise _at_opening(await diagnosed(error, engine.url)) from error


async def _known_revision(engine: AsyncEngine) -> str | None:
    """The revision of the database's tables, None where it has none yet. StateError for one not known."""
    async with engine.connect() as connection:
        current = await _revision(connection)
    if current is not None and current not in REVISIONS:
        if await asyncio.to_thread(is_damaged, engine.url):
            raise _at_opening(damaged(engine.url))
        raise _unusable(
            f"The database {shown_url(engine.url)} was made by a newer batchdep (its revision is {current}).",
            "Update batchdep, or name another database with --database.",
        )
    return current


async def _revision(connection: AsyncConnection) -> str | None:
    if not await connection.run_sync(lambda sync: inspect(sync).has_table("alembic_version")):
        return None
    row = (await connection.execute(text("SELECT version_num FROM alembic_version"))).first()
    return str(row[0]) if row else None


@asynccontextmanager
async def _alone(engine: AsyncEngine) -> AsyncIterator[None]:
    """Two processes that open a new database at once must not both make its tables."""
    if engine.dialect.name == "postgresql":
        async with engine.connect() as connection:
            await connection.execute(text("SELECT pg_advisory_lock(8205311)"))
            yield
            await connection.execute(text("SELECT pg_advisory_unlock(8205311)"))
        return
    from filelock import AsyncFileLock

    async with AsyncFileLock(lock_folder(engine.url) / "migration.lock", mode=0o600):
        async with engine.connect() as connection:
            await connection.exec_driver_sql("PRAGMA journal_mode=WAL")  # `status` may read while a run writes
        yield


@asynccontextmanager
async def _all_or_nothing(engine: AsyncEngine) -> AsyncIterator[AsyncConnection]:
    """A transaction for changes to tables: a process killed in the middle leaves them as they were.

    SQLite's driver begins one by itself for changes to rows only. References are not enforced meanwhile: a migration
    that makes a table anew drops the old one, which would delete the rows that refer to it.
    """
    if engine.dialect.name != "sqlite":
        async with engine.begin() as connection:
            yield connection
        return
    async with engine.connect() as connection:
        await connection.exec_driver_sql("PRAGMA foreign_keys=OFF")
        await connection.exec_driver_sql("BEGIN IMMEDIATE")
        try:
            yield connection
            await connection.commit()
        finally:
            await connection.rollback()
            await connection.exec_driver_sql("PRAGMA foreign_keys=ON")


def lock_folder(url: URL) -> Path:
    """Where the locks on an SQLite database are, for its owner only."""
    folder = Path(f"{url.database}.locks")
    folder.mkdir(mode=0o700, exist_ok=True)
    return folder


def _upgrade(connection: Connection) -> None:
    if inspect(connection).has_table("alembic_version"):
        migrate(connection)
    else:
        _make(connection)


def _make(connection: Connection) -> None:
    """A new database gets today's tables at once: to import Alembic takes longer than a small batch. A test holds them
    against what the migrations make."""
    from batchdep.state.tables import metadata

    metadata.create_all(connection)
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
