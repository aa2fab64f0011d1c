"""Databases that cannot be used are refused in words, before anything is sent."""

from __future__ import annotations

import os
import sqlite3
import stat
from pathlib import Path

import asyncpg
import pytest

from batchdep.errors import ExitCode, StateError
from batchdep.state.database import database_url
from batchdep.state.explaining import explained, in_words, shown_url
from batchdep.state.store import Store


async def open_and_close(database: str) -> None:
    async with Store.open(database) as store:
        await store.all_batches()


async def test_the_file_is_for_its_owner_only(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "state.db"
    await open_and_close(str(path))
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


async def test_a_database_of_a_newer_program_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "state.db"
    await open_and_close(str(path))
    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.close()
    with pytest.raises(StateError, match="newer batchdep") as raised:
        await open_and_close(str(path))
    assert raised.value.exit_code is ExitCode.USAGE


async def test_a_file_that_is_no_database_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("these are my notes, not a database\n" * 100)
    with pytest.raises(StateError, match="not a database of batchdep"):
        await open_and_close(str(path))
    assert path.read_text().startswith("these are my notes")


async def test_a_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(StateError, match="is a folder") as raised:
        await open_and_close(str(tmp_path))
    assert raised.value.hint == f"Name a file in it: --database {tmp_path / 'state.db'}"
    assert raised.value.exit_code is ExitCode.USAGE


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
async def test_a_read_only_folder_is_refused(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with pytest.raises(StateError, match="cannot be made"):
        await open_and_close(str(tmp_path / "state.db"))


@pytest.mark.parametrize("database", ["mysql://root@127.0.0.1/x", "sqlite://", "sqlite:///:memory:"])
def test_unfit_urls_are_refused(database: str) -> None:
    with pytest.raises(StateError):
        database_url(database)


def test_a_password_is_not_shown() -> None:
    shown = shown_url(database_url("postgresql://me:secret@db.example/batches"))
    assert shown == "postgresql://me:***@db.example/batches"


async def test_a_server_that_is_away_is_told_in_words() -> None:
    with pytest.raises(StateError) as raised:
        await open_and_close("postgresql://postgres:secret@127.0.0.1:1/x")
    assert raised.value.message == (
        "The database postgresql://postgres:***@127.0.0.1:1/x cannot be used:"
        " nobody answers at 127.0.0.1:1 (connection refused)."
    )
    assert raised.value.hint.startswith("Run the same command again once it answers")


async def test_a_server_whose_name_is_unknown_is_told_in_words() -> None:
    with pytest.raises(StateError, match=r"the name no-such-host\.invalid is not known\.$"):
        await open_and_close("postgresql://postgres@no-such-host.invalid/x")


DRIVERS_WORDS = [
    asyncpg.InternalClientError("cannot switch to state 15; another operation (2) is in progress"),
    asyncpg.ConnectionDoesNotExistError("connection was closed in the middle of operation"),
    asyncpg.InterfaceError("connection is closed"),
]


@pytest.mark.parametrize("error", DRIVERS_WORDS, ids=lambda error: type(error).__name__)
def test_a_connection_that_broke_is_told_without_the_drivers_inner_states(error: Exception) -> None:
    told = explained(error, database_url("postgresql://me@db.example/batches"))
    assert told.message == (
        "The database postgresql://me@db.example/batches cannot be used: the connection to it was lost."
    )
    with pytest.raises(StateError, match="was lost"), in_words(database_url("postgresql://me@db.example/batches")):
        raise error


def test_what_the_server_says_is_handed_on() -> None:
    error = asyncpg.InvalidPasswordError('password authentication failed for user "me"')
    told = explained(error, database_url("postgresql://me@db.example/batches"))
    assert told.message.endswith('cannot be used: password authentication failed for user "me"')


def test_other_errors_are_not_the_databases() -> None:
    with pytest.raises(ZeroDivisionError), in_words(database_url("postgresql://me@db.example/batches")):
        raise ZeroDivisionError
