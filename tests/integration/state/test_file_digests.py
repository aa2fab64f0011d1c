"""The digest of a dataset's files never says more than their rows, whatever is done in whatever order."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from batchdep.errors import Failure
from batchdep.report.status import DatasetState
from batchdep.repository.model import DepositionState
from batchdep.state.file_digest import files_digest, whole_digest
from batchdep.state.records import DatasetRecord, Intent, IntentKind, WantedDataset, WantedFile
from batchdep.state.steps import Confirmed, SentFile
from batchdep.state.store import Store
from tests.integration.state.test_statements import recorded
from tests.integration.state.test_store import FILE, NOON, TWO, draft, identity
from tests.support.replacing import replace

FAILURE = Failure("file_changed", "It changed.", "Run again.", retryable=True)
SENT: dict[str, Any] = {"digest": "d", "metadata": {"title": "First"}}
PUBLISHED = replace(draft(7), state=DepositionState.DONE, doi="10.5281/zenodo.7")


def wanted(*files: WantedFile) -> WantedDataset:
    rows = ((file.name, file.path, file.size, file.fingerprint) for file in files)
    return WantedDataset("one", "First", files, files_digest(rows))


def sent(record: DatasetRecord, fingerprint: str | None = None) -> Confirmed:
    return [(file, SentFile(file.size, "0" * 32, fingerprint or file.fingerprint)) for file in record.files.values()]


async def upload_all(store: Store, record: DatasetRecord) -> None:
    await store.uploaded(record, sent(record))


async def finished(store: Store, *files: WantedFile) -> DatasetRecord:
    """A dataset that is a complete draft."""
    record = (await store.sync(await store.open_batch(identity()), [wanted(*files)]))["one"]
    await store.owns(record, draft(7), how="created", **SENT)
    await upload_all(store, record)
    await store.complete(record, ())
    return record


async def rows_of(store: Store) -> DatasetRecord:
    return (await store.load(await store.open_batch(identity())))["one"]


# -- what it spares ----------------------------------------------------------------------------------------------


async def test_of_a_dataset_that_is_whole_no_file_is_read(database: str) -> None:
    async with Store.open(database) as store:
        await finished(store, *TWO_FILES)
        batch = await store.open_batch(identity())
        known = await store.load(batch, whole=False)
        with recorded() as statements:
            records = await store.sync(batch, [wanted(*TWO_FILES)], known, whole=False)
    assert records["one"].is_outline
    assert not [statement for statement, _ in statements if "files" in statement.split("FROM")[-1]]


async def test_a_digest_that_is_missing_is_made_when_the_rows_were_compared(database: str) -> None:
    """As in a database that was made before there were digests."""
    async with Store.open(database) as store:
        before = await finished(store, *TWO_FILES)
        assert before.files_digest is not None
        await store._database.write(
            lambda connection: connection.execute(text("UPDATE datasets SET files_digest = NULL, files_size = NULL"))
        )
        records = await store.sync(await store.open_batch(identity()), [wanted(*TWO_FILES)])
        assert records["one"].files_digest == before.files_digest
        assert records["one"].files_size == before.files_size
        assert await rows_of(store) == records["one"]


async def test_the_size_is_filled_in_where_a_database_has_digests_only(database: str) -> None:
    async with Store.open(database) as store:
        size = (await finished(store, *TWO_FILES)).files_size
        assert size == sum(file.size for file in TWO_FILES)
        for change in (
            "DROP INDEX ix_datasets_batch_id_files_size",
            "ALTER TABLE datasets DROP COLUMN files_size",
            "UPDATE alembic_version SET version_num = '0003'",
        ):
            await store._database.write(lambda connection, change=change: connection.execute(text(change)))  # type: ignore[misc]
    async with Store.open(database) as store:
        record = (await store.load(await store.open_batch(identity())))["one"]
        assert record.files_size == size
        assert (await store.sums(await store.open_batch(identity()))).uploaded == size


async def test_a_change_on_the_disk_is_seen(database: str) -> None:
    async with Store.open(database) as store:
        await finished(store, FILE)
        changed = replace(FILE, fingerprint="12:9:9")
        record = (await store.sync(await store.open_batch(identity()), [wanted(changed)]))["one"]
        assert record.files_digest != wanted(changed).files_digest
        assert record.files["a.csv"].fingerprint == FILE.fingerprint, "that of the bytes that the repository has"


async def test_where_the_digest_of_what_is_wanted_was_not_made_the_rows_are_compared(database: str) -> None:
    async with Store.open(database) as store:
        await finished(store, FILE)
        unknown = WantedDataset("one", "First", TWO_FILES)
        record = (await store.sync(await store.open_batch(identity()), [unknown]))["one"]
        assert list(record.files) == ["a.csv", "b.csv"]
        assert record.files_digest is None


TWO_FILES = tuple(TWO.files or ())

# -- whatever is done --------------------------------------------------------------------------------------------

FILES = st.builds(
    lambda name, path, size, time: WantedFile(name, f"{path}/{name}", size, f"{size}:{time}:1"),
    st.sampled_from(["a.csv", "b.csv"]),
    st.sampled_from(["x", "y"]),
    st.integers(1, 2),
    st.integers(1, 2),
)
MANIFESTS = st.lists(FILES, max_size=2, unique_by=lambda file: file.name)
STEPS: dict[str, Callable[[Store, DatasetRecord], Awaitable[None]]] = {
    "intend": lambda store, record: store.intend(record, Intent(IntentKind.UPLOAD, NOON)),
    "own": lambda store, record: store.owns(record, draft(7), how="created", **SENT),
    "upload": upload_all,
    "upload one": lambda store, record: _to_first(
        record, lambda file: store.uploaded(record, [(file, SentFile(file.size, "0" * 32, "1:2:1"))])
    ),
    "reread": lambda store, record: _to_first(
        record, lambda file: store.reread(record, file, fingerprint="2:2:1", path="y/a.csv")
    ),
    "outdated": lambda store, record: store.outdated(record, list(record.files.values())[:1]),
    "forget": lambda store, record: _to_first(record, lambda file: store.forget_file(record, file)),
    "complete": lambda store, record: store.complete(record, ()),
    "complete with": lambda store, record: store.complete(record, (), sent(record, "1:2:1")),
    "publish": lambda store, record: store.is_published(record, PUBLISHED, ()),
    "fail": lambda store, record: store.failed(record, FAILURE),
    "refuse": lambda store, record: store.failed(record, FAILURE, state=DatasetState.DRAFT),
    "in order": lambda store, record: store.in_order(record),
    "discard": lambda store, record: store.discarded(record),
    "recover": lambda store, record: store.recovered(
        record, PUBLISHED, held={"a.csv": SentFile(1, "0" * 32, "1:1:1")}, warnings=(), **SENT
    ),
}


async def _to_first(record: DatasetRecord, do: Callable[[Any], Awaitable[None]]) -> None:
    for file in list(record.files.values())[:1]:
        await do(file)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.one_of(st.sampled_from(sorted(STEPS)), MANIFESTS), max_size=12), MANIFESTS)
def test_the_digest_says_what_the_rows_say_or_nothing(
    history: list[str | list[WantedFile]], manifest: list[WantedFile]
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(_live(str(Path(folder) / "state.db"), [manifest, "own", "upload", "complete", *history]))


async def _live(database: str, history: list[str | list[WantedFile]]) -> None:
    async with Store.open(database) as store:
        batch = await store.open_batch(identity())
        records: dict[str, DatasetRecord] | None = None
        for event in history:
            if isinstance(event, list):
                records = await store.sync(batch, [wanted(*event)], records)
                records = await store.sync(batch, [wanted(*event)], records)  # the first may have changed rows
                assert (records["one"].files_digest == wanted(*event).files_digest) == _has_all(records["one"], event)
            elif records is not None:
                await STEPS[event](store, records["one"])
            there = await rows_of(store)
            assert records is not None
            assert records["one"] == there
            assert there.files_digest in (None, whole_digest(there.files.values())), event
            sizes = [file.size for file in there.files.values()]
            assert there.files_size == (None if there.files_digest is None else sum(sizes)), event
            sums, named = await store.sums(batch), there.wanted_files
            assert sums.bytes == sum(file.size for file in named), event
            assert sums.uploaded == sum(file.size for file in named if file.uploaded), event


def _has_all(record: DatasetRecord, manifest: list[WantedFile]) -> bool:
    """Whether the repository has the files as they are wanted, and no others."""
    there = {WantedFile(each.name, each.path, each.size, each.fingerprint) for each in record.files.values()}
    whole = all(each.uploaded and each.in_manifest for each in record.files.values())
    return whole and there == set(manifest)
