"""The Store keeps its promises on SQLite and on PostgreSQL alike."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, inspect, text

from batchdep.errors import BatchLocked, Failure, StateError, UsageError
from batchdep.overview import status
from batchdep.report.status import BatchSums, DatasetState
from batchdep.repository.model import Deposition, DepositionState, Exchange
from batchdep.state import store as store_module
from batchdep.state import sync as sync_module
from batchdep.state.database import REVISIONS, migrate, migrations_folder
from batchdep.state.records import DatasetRecord, Intent, IntentKind, WantedDataset, WantedFile
from batchdep.state.steps import AlreadyOwnedError, SentFile
from batchdep.state.store import BatchIdentity, Store
from batchdep.state.tables import metadata
from tests.support.replacing import replace

NOON = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
FILE = WantedFile("a.csv", "data/a.csv", 12, "12:1:1")
ONE = WantedDataset("one", "First", (FILE,))
TWO = WantedDataset("two", "Second", (FILE, WantedFile("b.csv", "data/b.csv", 3, "3:1:2")))


def identity(manifest: Path = Path("/data/batch.yaml"), *ids: str, moved: bool = False) -> BatchIdentity:
    return BatchIdentity("https://repository.example", "roses", manifest, frozenset(ids or ("one", "two")), moved)


def draft(number: int) -> Deposition:
    return Deposition(number, DepositionState.UNSUBMITTED, {"title": "First"}, bucket="https://x/b", url="https://x/1")


async def synced(store: Store) -> dict[str, DatasetRecord]:
    return await store.sync(await store.open_batch(identity()), [ONE, TWO])


async def reread(database: str) -> dict[str, DatasetRecord]:
    async with Store.open(database) as store:
        return await store.load(await store.open_batch(identity()))


async def test_what_was_committed_is_there_for_the_next_process(database: str) -> None:
    async with Store.open(database) as store:
        one = (await synced(store))["one"]
        await store.intend(one, Intent(IntentKind.CREATE, NOON, sure=False), attempt=True)
        await store.owns(one, draft(7), digest="d", metadata={"title": "First"}, how="created")
        await store.uploaded(one, [(one.files["a.csv"], SentFile(12, "0" * 32, "12:1:1"))])
        await store.failed(one, Failure("file_changed", "It changed.", "Run again.", retryable=True))
    again = (await reread(database))["one"]
    assert again == one
    assert again.updated.tzinfo is not None


async def test_an_intent_survives_as_it_was(database: str) -> None:
    intent = Intent(IntentKind.UPLOAD, NOON, sure=False, late=True, doubted=NOON)
    async with Store.open(database) as store:
        await store.intend((await synced(store))["one"], intent)
    assert (await reread(database))["one"].intent == intent


async def test_a_deposition_belongs_to_one_dataset(database: str) -> None:
    async with Store.open(database) as store:
        records = await synced(store)
        await store.owns(records["one"], draft(7), digest="d", metadata={}, how="created")
        with pytest.raises(AlreadyOwnedError):
            await store.owns(records["two"], draft(7), digest="d", metadata={}, how="adopted")
        assert records["two"].deposition_id is None
        assert await store.owned_among("https://repository.example", [6, 7]) == {7}
        assert await store.owned_among("https://other.example", [7]) == set()


async def test_commits_that_come_together_do_not_spoil_each_other(database: str) -> None:
    async with Store.open(database) as store:
        batch = await store.open_batch(identity())
        records = await store.sync(batch, [WantedDataset(str(n), "", ()) for n in range(30)])
        numbers = [n if n % 10 else 7 for n in range(30)]  # 0, 10, 20 claim the deposition of 7
        outcomes = await asyncio.gather(
            *(
                store.owns(records[str(n)], draft(number), digest="d", metadata={}, how="created")
                for n, number in enumerate(numbers)
            ),
            return_exceptions=True,
        )
        refused = [n for n, outcome in enumerate(outcomes) if isinstance(outcome, AlreadyOwnedError)]
        assert len(refused) == 3
        owners = [r for r in (await store.load(batch)).values() if r.deposition_id == 7]
        assert len(owners) == 1


async def test_a_manifest_that_changed_adds_keeps_and_marks(database: str) -> None:
    async with Store.open(database) as store:
        records = await synced(store)
        await store.owns(records["two"], draft(9), digest="d", metadata={}, how="created")
        batch = await store.open_batch(identity())
        smaller = WantedDataset("two", "Renamed", (FILE,))
        after = await store.sync(batch, [WantedDataset("new", "New", ()), smaller])
    assert [record.key for record in after.values() if record.in_manifest] == ["new", "two"]
    assert not after["one"].in_manifest
    assert after["two"].title == "Renamed"
    assert not after["two"].files["b.csv"].in_manifest, "it may be in the draft: kept until it is taken out there"


async def test_a_file_that_was_never_sent_is_forgotten_with_its_entry(database: str) -> None:
    async with Store.open(database) as store:
        await synced(store)
        after = await store.sync(await store.open_batch(identity()), [WantedDataset("two", "Second", (FILE,))])
    assert list(after["two"].files) == ["a.csv"]


async def test_sync_of_the_same_manifest_writes_nothing(database: str) -> None:
    async with Store.open(database) as store:
        before = await synced(store)
        assert await synced(store) == before


async def test_a_manifest_that_changed_in_every_way_is_what_the_records_say(
    database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Portions of two rows; the records that were brought up to the rows are those that a new process reads."""
    monkeypatch.setattr(sync_module, "PORTION", 2)
    monkeypatch.setattr(store_module, "PORTION", 2)
    files = [WantedFile(f"{number}.csv", f"data/{number}.csv", number, f"{number}:1:1") for number in range(7)]
    resized = [replace(file, size=file.size + 1, fingerprint="new") for file in files]
    before = [WantedDataset(f"old-{number}", "Old", tuple(files)) for number in range(5)]
    after = [
        WantedDataset("new", "New", tuple(files[:5])),
        WantedDataset("old-4", "Renamed", tuple(resized)),
        WantedDataset("old-1", "Old", (resized[0], *files[2:4])),
        WantedDataset("old-0", "Old", None),
        WantedDataset("newer", "Newer", tuple(files[3:])),
    ]
    async with Store.open(database) as store:
        batch = await store.open_batch(identity())
        known = await store.sync(batch, before)
        await store.owns(known["old-1"], draft(7), digest="d", metadata={"title": "t"}, how="created")
        records = await store.sync(batch, after, known)
    again = await reread(database)
    assert records == again
    assert list(records) == list(again)
    assert [key for key, record in records.items() if record.in_manifest] == [item.key for item in after]
    assert [list(record.files) for record in records.values()] == [list(record.files) for record in again.values()]
    assert [name for name, file in records["old-1"].files.items() if file.in_manifest] == ["0.csv", "2.csv", "3.csv"]
    assert len(records["old-1"].files) == 7, "they may be in the draft"
    assert len(records["old-0"].files) == 7, "they were not looked at"
    assert {file.size for file in records["old-4"].files.values()} == {file.size for file in resized}


async def test_the_id_of_a_file_that_is_gone_is_not_mistaken_for_a_new_one(
    database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store_module, "PORTION", 1)
    other = WantedFile("other.csv", "other.csv", 1, "1:1:1")
    async with Store.open(database) as store:
        batch = await store.open_batch(identity())
        await store.sync(batch, [WantedDataset("one", "", ()), WantedDataset("two", "", (FILE,))])
        wanted = [WantedDataset("two", "", (other,)), WantedDataset("one", "", (FILE, other))]
        records = await store.sync(batch, wanted)
    assert records == await reread(database)
    assert [list(record.files) for record in records.values()] == [["other.csv"], ["a.csv", "other.csv"]]


async def test_metadata_are_parsed_once_they_are_asked_for(database: str) -> None:
    async with Store.open(database) as store:
        await store.owns((await synced(store))["one"], draft(7), digest="d", metadata={"title": "Ä"}, how="created")
    again = await reread(database)
    assert again["one"].sent_metadata == {"title": "Ä"}
    assert again["one"].sent_metadata is again["one"].sent_metadata, "what is changed in it stays changed"
    assert (again["two"].sent_metadata, again["two"].stored_metadata) == (None, None)
    with pytest.raises(AttributeError):
        again["one"].colour  # type: ignore[attr-defined] # noqa: B018


async def test_a_table_of_a_batch_says_what_the_whole_says(database: str) -> None:
    async with Store.open(database) as store:
        records = await synced(store)
        await store.owns(records["one"], replace(draft(7), reserved_doi="10.5281/zenodo.7"), **SENT, how="created")
        sent = [(records["one"].files["a.csv"], SentFile(12, "0" * 32, "12:1:1"))]
        await store.complete(records["one"], ["a warning"], sent)
        await store.failed(records["two"], Failure("file_changed", "It changed.", "Run again.", retryable=True))
    (whole,) = await status(database)
    (table,) = await status(database, files=False)
    assert [each.as_dict() for each in table.datasets] == [each.as_dict() | {"files": []} for each in whole.datasets]
    assert not any(each.metadata for each in table.datasets)
    assert (table.counts(), table.bytes()) == (whole.counts(), whole.bytes())
    assert table.bytes() == {"total": 27, "uploaded": 12}


SENT: dict[str, Any] = {"digest": "d", "metadata": {"title": "First"}}


async def test_metadata_that_make_no_sense_are_damage(tmp_path: Path) -> None:
    spoilt = text("UPDATE datasets SET sent_metadata = '{\"half'")
    async with Store.open(str(tmp_path / "state.db")) as store:
        await store.owns((await synced(store))["one"], draft(7), digest="d", metadata={}, how="created")
        await store._database.write(lambda connection: connection.execute(spoilt))
        record = (await store.load(await store.open_batch(identity())))["one"]
        assert record.stored_metadata == {"title": "First"}
        with pytest.raises(StateError, match="damaged"):
            assert record.sent_metadata


async def test_requests_are_kept_in_the_event_log(database: str) -> None:
    async with Store.open(database) as store:
        batch = await store.open_batch(identity())
        async with store.run(batch, "submit"):
            one = (await synced(store))["one"]
            await store.intend(one, Intent(IntentKind.CREATE, NOON))
            store.log_exchange(batch, "one", Exchange("POST", "/api/deposit/depositions", 201, "done", 0.1234))
            await store.owns(one, draft(7), digest="d", metadata={}, how="created")
        rows = await store._rows(text("SELECT what, method, status FROM events ORDER BY id"))
        (run,) = await store._rows(text("SELECT command, requests, ended FROM runs"))
    assert [tuple(row) for row in rows] == [
        ("asked", None, None),
        ("answered", "POST", 201),
        ("created", None, None),
    ]
    assert (run.command, run.requests) == ("submit", 1)
    assert run.ended is not None


async def test_one_process_holds_a_batch(database: str) -> None:
    async with Store.open(database) as first, Store.open(database) as second:
        batch = await first.open_batch(identity())
        async with first.lock(batch, lambda: None):
            with pytest.raises(BatchLocked, match=r"process \d+ on \S+"):
                async with second.lock(batch, lambda: None):
                    pass
        async with second.lock(batch, lambda: None):
            pass


async def test_whether_a_batch_is_held_can_be_seen(database: str) -> None:
    async with Store.open(database) as first, Store.open(database) as second:
        batch = await first.open_batch(identity(Path("/data/a.yaml"), "a"))
        other = await first.open_batch(identity(Path("/data/b.yaml"), "b"))
        assert not await second.is_held(batch)
        async with first.lock(batch, lambda: None):
            assert await second.is_held(batch)
            assert not await second.is_held(other)
        assert not await second.is_held(batch)


async def test_another_batch_is_not_locked(database: str) -> None:
    async with Store.open(database) as store:
        one = await store.open_batch(identity(Path("/data/a.yaml"), "a"))
        other = await store.open_batch(identity(Path("/data/b.yaml"), "b"))
        async with store.lock(one, lambda: None), store.lock(other, lambda: None):
            assert one.id != other.id


async def test_a_moved_manifest_finds_its_batch(database: str, tmp_path: Path) -> None:
    old, new = tmp_path / "old.yaml", tmp_path / "new.yaml"
    async with Store.open(database) as store:
        batch = await store.open_batch(identity(old))
        await store.sync(batch, [ONE])
        assert (await store.open_batch(identity(new))).id == batch.id


async def test_a_copied_manifest_is_refused_until_it_is_said_what_it_is(database: str, tmp_path: Path) -> None:
    old, new = tmp_path / "old.yaml", tmp_path / "new.yaml"
    old.touch()
    async with Store.open(database) as store:
        batch = await store.open_batch(identity(old))
        await store.sync(batch, [ONE])
        with pytest.raises(UsageError, match="was submitted from"):
            await store.open_batch(identity(new))
        assert (await store.open_batch(identity(new, moved=True))).id == batch.id


async def test_two_manifests_of_the_same_name_with_other_ids_are_two_batches(database: str, tmp_path: Path) -> None:
    old, new = tmp_path / "a" / "manifest.yaml", tmp_path / "b" / "manifest.yaml"
    old.parent.mkdir()
    old.touch()
    async with Store.open(database) as store:
        batch = await store.open_batch(identity(old))
        await store.sync(batch, [ONE])
        assert (await store.open_batch(identity(new, "three"))).id != batch.id


async def test_many_open_a_new_database_at_once(database: str) -> None:
    async def use() -> None:
        async with Store.open(database) as store:
            await store.all_batches()

    await asyncio.gather(*(use() for _ in range(5)))


def test_the_program_knows_every_migration() -> None:
    names = sorted(path.name.split("_")[0] for path in (migrations_folder() / "versions").glob("*.py"))
    assert tuple(names) == REVISIONS


async def test_a_new_database_is_what_the_migrations_make(database: str, tmp_path: Path) -> None:
    """Made at once, and made by Alembic from nothing: the same tables, columns, keys and indexes."""

    def readable(index: Any) -> dict[str, Any]:
        return {**index, "dialect_options": {key: str(each) for key, each in index["dialect_options"].items()}}

    def made(connection: Connection) -> dict[str, object]:
        found = inspect(connection)
        return {
            table: (
                {column["name"]: (str(column["type"]), column["nullable"]) for column in found.get_columns(table)},
                found.get_pk_constraint(table)["constrained_columns"],
                sorted(map(str, found.get_foreign_keys(table))),
                sorted(str(readable(index)) for index in found.get_indexes(table)),
                sorted(str(entry["column_names"]) for entry in found.get_unique_constraints(table)),
            )
            for table in sorted(found.get_table_names())
        }

    def make_anew(connection: Connection) -> None:
        metadata.drop_all(connection)
        connection.execute(text("DELETE FROM alembic_version"))
        migrate(connection)

    async with Store.open(database) as store:
        at_once = await store._database.read(made)
        await store._database.migrate(make_anew)
        step_by_step = await store._database.read(made)
    assert set(at_once) == {"alembic_version", "batches", "datasets", "events", "files", "runs"}
    assert at_once == step_by_step


async def test_of_a_large_batch_those_that_matter_are_outlined(database: str) -> None:
    async with Store.open(database) as store:
        made = await store.open_batch(identity())
        records = await store.sync(made, [WantedDataset(str(each), "", (FILE,)) for each in range(9)])
        await store.failed(records["7"], Failure("file_changed", "It changed.", "Run again.", retryable=True))
        await store.intend(records["5"], Intent(IntentKind.CREATE, NOON), attempt=True)
        outlined = {most: await store.outlines(made, lambda doi: doi, most) for most in (None, 1, 2, 4, 9)}
    keys = {most: [each.id for each in datasets] for most, (datasets, _) in outlined.items()}
    assert keys == {None: list(records), 1: ["7"], 2: ["5", "7"], 4: ["0", "1", "5", "7"], 9: list(records)}
    counts = {DatasetState.PENDING: 7, DatasetState.UPLOADING: 1, DatasetState.FAILED: 1}
    assert [sums for _, sums in outlined.values()] == [BatchSums(counts, 1, 9 * 12, 0)] * len(outlined)
