"""A damaged database is recognised and the way out is told; before a migration it is copied aside."""

from __future__ import annotations

import shutil
import sqlite3
import stat
from contextlib import closing
from pathlib import Path

import pytest

from batchdep.errors import ExitCode, StateError
from batchdep.state import database as opening
from batchdep.state.copies import is_damaged
from batchdep.state.database import REVISIONS, database_url
from batchdep.state.records import WantedDataset, WantedFile
from batchdep.state.store import BatchIdentity, Store
from tests.support.cli import ROOT
from tests.support.databases import postgresql_database

TARGET = "https://repository.example"


async def fill(database: str, datasets: int = 1) -> None:
    """A database with a batch in it."""
    keys = [f"set-{number}" for number in range(datasets)]
    files = tuple(WantedFile(f"{number}.csv", f"data/{number}.csv", 1, "1:1:1") for number in range(5))
    async with Store.open(database) as store:
        identity = BatchIdentity(TARGET, "batch", Path("/nowhere/m.yaml"), frozenset(keys))
        await store.sync(await store.open_batch(identity), [WantedDataset(key, "A title", files) for key in keys])


async def read(database: str) -> list[str]:
    async with Store.open(database) as store:
        return [key for batch in await store.all_batches() for key in await store.load(batch)]


# -- damage ------------------------------------------------------------------------------------------------------


def overwrite(path: Path, start: float, length: int = 4096) -> None:
    """Nonsense over ``length`` bytes, from ``start`` (0 to 1) of the file on."""
    content = bytearray(path.read_bytes())
    at = int(len(content) * start) // 4096 * 4096
    content[at : at + length] = b"\xa5" * len(content[at : at + length])
    path.write_bytes(content)


async def a_database(tmp_path: Path) -> Path:
    path = tmp_path / "state.db"
    await fill(str(path), datasets=300)
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return path


async def test_every_page_that_is_overwritten_is_noticed_or_does_no_harm(tmp_path: Path) -> None:
    path = await a_database(tmp_path)
    whole, pages = path.read_bytes(), path.stat().st_size // 4096
    assert pages > 40
    noticed = 0
    for page in range(0, pages, 3):
        path.write_bytes(whole)
        overwrite(path, page / pages)
        try:
            assert len(await read(str(path))) == 300
        except StateError as error:
            assert error.code == "database_damaged", error.message
            assert "batchdep recover MANIFEST --to TARGET" in error.hint
            noticed += 1
    assert noticed > pages // 6, "most pages are those that are read"


async def test_at_opening_nothing_was_sent_yet(tmp_path: Path) -> None:
    path = await a_database(tmp_path)
    overwrite(path, 0.0)
    with pytest.raises(StateError, match="damaged") as raised:
        await read(str(path))
    assert raised.value.exit_code is ExitCode.USAGE


async def test_a_value_that_makes_no_sense_is_damage_only_if_the_pages_are(tmp_path: Path) -> None:
    path = await a_database(tmp_path)
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("UPDATE datasets SET warnings = '[not JSON' WHERE key = 'set-7'")
        connection.commit()
    with pytest.raises(ValueError, match="Expecting"):
        await read(str(path))
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    overwrite(path, 0.99)
    assert is_damaged(database_url(str(path)))
    with pytest.raises(StateError, match="damaged"):
        await read(str(path))


async def test_a_whole_database_is_not_damaged(tmp_path: Path) -> None:
    path = await a_database(tmp_path)
    assert not is_damaged(database_url(str(path)))
    assert not is_damaged(database_url(str(tmp_path / "none.db")))


# -- migrations --------------------------------------------------------------------------------------------------

TODAY, NEWER = REVISIONS[-1], "9000"

LATER = """
import sqlalchemy as sa
from alembic import op

revision = "9000"
down_revision = "{today}"
branch_labels = None
depends_on = None


def upgrade():
    op.add_column("batches", sa.Column("colour", sa.Text()))
    {more}
"""


@pytest.fixture
def newer_program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A program with one more migration; returns where that is."""
    folder = tmp_path / "migrations"
    shutil.copytree(ROOT / "migrations", folder, ignore=shutil.ignore_patterns("__pycache__"))
    later = folder / "versions" / "9000_colour.py"
    later.write_text(LATER.format(today=TODAY, more=""))
    monkeypatch.setattr(opening, "REVISIONS", (*REVISIONS, NEWER))
    monkeypatch.setattr(opening, "migrations_folder", lambda: folder)
    return later


def revision_of(path: Path) -> str:
    with closing(sqlite3.connect(path)) as connection:
        return str(connection.execute("SELECT version_num FROM alembic_version").fetchone()[0])


def make_old(path: Path) -> None:
    """As today's program would have left it."""
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("UPDATE alembic_version SET version_num = ?", (TODAY,))
        connection.commit()


async def test_a_database_is_copied_aside_before_it_is_migrated(tmp_path: Path, newer_program: Path) -> None:
    path, copy = tmp_path / "state.db", tmp_path / f"state.db.before-{TODAY}"
    await fill(str(path))
    make_old(path)
    assert await read(str(path)) == ["set-0"]
    assert revision_of(path) == NEWER
    assert revision_of(copy) == TODAY
    assert stat.S_IMODE(copy.stat().st_mode) == 0o600
    assert sorted(each.name for each in tmp_path.glob("state.db.before*")) == [copy.name], "one whole file"


async def test_the_copy_can_be_used_in_its_place(tmp_path: Path, newer_program: Path) -> None:
    path, copy = tmp_path / "state.db", tmp_path / f"state.db.before-{TODAY}"
    await fill(str(path))
    make_old(path)
    await read(str(path))
    assert await read(str(copy)) == ["set-0"]


async def test_a_migration_that_fails_leaves_the_database_and_a_copy(tmp_path: Path, newer_program: Path) -> None:
    newer_program.write_text(LATER.format(today=TODAY, more='op.execute("SELECT nonsense FROM nowhere")'))
    path, copy = tmp_path / "state.db", tmp_path / f"state.db.before-{TODAY}"
    await fill(str(path))
    make_old(path)
    for _ in range(2):
        with pytest.raises(StateError):
            await read(str(path))
    assert revision_of(path) == revision_of(copy) == TODAY
    newer_program.write_text(LATER.format(today=TODAY, more=""))
    assert await read(str(path)) == ["set-0"]


async def test_a_new_database_and_one_of_today_are_not_copied(tmp_path: Path) -> None:
    await fill(str(tmp_path / "state.db"))
    await read(str(tmp_path / "state.db"))
    assert not list(tmp_path.glob("*before*"))


async def test_where_there_is_no_room_for_a_copy_nothing_is_migrated(
    tmp_path: Path, newer_program: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "state.db"
    await fill(str(path))
    make_old(path)

    def full(*_: object) -> None:
        raise sqlite3.OperationalError("database or disk is full")

    monkeypatch.setattr(opening, "copy_aside", full)
    with pytest.raises(StateError, match="disk is full"):
        await read(str(path))
    assert revision_of(path) == TODAY


async def test_on_postgresql_it_is_migrated_in_place(newer_program: Path) -> None:
    async with postgresql_database() as url:
        with pytest.MonkeyPatch.context() as older:
            older.setattr(opening, "REVISIONS", REVISIONS)
            await fill(url)
        assert await read(url) == ["set-0"]


SINCE_0002 = {"ix_datasets_batch_id_position", "ix_datasets_batch_id_state", "ix_datasets_failed"}


async def test_a_database_of_the_first_program_is_brought_up(tmp_path: Path) -> None:
    path = tmp_path / "state.db"
    await fill(str(path))
    with closing(sqlite3.connect(path)) as connection:
        for index in SINCE_0002:
            connection.execute(f"DROP INDEX {index}")
        connection.execute("DROP INDEX ix_datasets_batch_id_files_size")
        connection.execute("ALTER TABLE datasets DROP COLUMN files_size")
        connection.execute("ALTER TABLE datasets DROP COLUMN files_digest")
        connection.execute("UPDATE alembic_version SET version_num = '0001'")
        connection.commit()
    assert await read(str(path)) == ["set-0"]
    assert revision_of(path) == TODAY
    assert revision_of(tmp_path / "state.db.before-0001") == "0001"
    with closing(sqlite3.connect(path)) as connection:
        indexes = {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'index'")}
        columns = {row[1] for row in connection.execute("PRAGMA table_info(datasets)")}
    assert indexes >= SINCE_0002
    assert "files_digest" in columns
