"""The Store: the state of batches, and the only place that touches the database.

Every method returns once what it wrote is durable. Methods that change a dataset change its row first and the
:class:`DatasetRecord` after the commit.
"""

from __future__ import annotations

import os
import socket
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from threading import Event
from typing import Any, TypeVar

from msgspec import Struct
from sqlalchemy import Connection, Row, insert, literal, select, text, update
from sqlalchemy.exc import DBAPIError, IntegrityError

from batchdep import __version__
from batchdep.errors import UsageError
from batchdep.report.status import BatchSums, DatasetStatus
from batchdep.repository.model import Exchange
from batchdep.state.access import Database, Work
from batchdep.state.database import bring_up_to_date, database_url, open_database, restrict_side_files
from batchdep.state.eventlog import LOG, Entry, RunRecord, run_record, runs_of
from batchdep.state.explaining import DAMAGED, diagnosed, in_words, shown_url
from batchdep.state.lock import batch_lock
from batchdep.state.records import (
    BatchRecord,
    DatasetRecord,
    WantedDataset,
)
from batchdep.state.rows import batch_record, fill_outlines, read_datasets, read_outlines, read_sums
from batchdep.state.snapshot import Snapshot
from batchdep.state.steps import DatasetSteps
from batchdep.state.sync import (
    DATASETS,
    PORTION,
    FileChanges,
    apply,
    changing,
    dataset_changes,
    has_wanted_files,
    new_datasets,
    portions,
)
from batchdep.state.tables import batches, datasets, runs
from batchdep.state.writer import GroupWriter, Statement

T = TypeVar("T")


class BatchIdentity(Struct, frozen=True):
    """What a manifest says of which batch it is: its name (given, or its file's stem), target, place, and ids."""

    target: str
    name: str
    manifest: Path
    ids: frozenset[str]
    moved: bool = False


class Store(DatasetSteps):
    """An open database. Make one with :meth:`open`."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._writer = GroupWriter(database)
        self._events: list[Entry] = []
        self._run_id: int | None = None
        self._asked = 0

    @classmethod
    @asynccontextmanager
    async def open(cls, database: str) -> AsyncIterator[Store]:
        """Opens ``database`` (a path or URL), making or migrating it first.

        Raises StateError when it cannot be used.
        """
        url = database_url(database)
        opened = open_database(url)
        store = cls(opened)
        try:
            await bring_up_to_date(opened)
            restrict_side_files(url)
            yield store
        except DBAPIError as error:
            raise await diagnosed(error, url) from error
        except (ValueError, TypeError, LookupError) as error:
            # what was read is not what was written, or the program is wrong: the pages of the database tell
            if (damage := await diagnosed(error, url)).code != DAMAGED:
                raise
            raise damage from error
        finally:
            try:
                await store._writer.close()
            finally:
                await opened.close()

    @property
    def shown(self) -> str:
        """The database's path or URL, without a password."""
        return shown_url(self._database.url)

    # -- batches -----------------------------------------------------------------------------------------------

    async def find_batch(self, identity: BatchIdentity) -> BatchRecord | None:
        """The batch that a manifest stands for, if it was submitted before.

        A manifest that was moved is recognised by the batch's name and its datasets' ids. Raises UsageError when a
        manifest at another place, still there, has the same batch name and an id in common: going on could deposit a
        copy's datasets twice or overwrite another batch's drafts.
        """
        known = await self._batches_named(identity.target, identity.name)
        here = str(identity.manifest)
        for batch in known:
            if batch.manifest == here:
                return batch
        for batch in known:
            if not await self._shares_datasets(batch, identity.ids):
                continue
            elsewhere = batch.host == socket.gethostname() and Path(batch.manifest).exists()  # noqa: ASYNC240
            if elsewhere and not identity.moved:
                raise UsageError(
                    f"The batch '{identity.name}' on {identity.target} was submitted from {batch.manifest}, and"
                    f" {here} has datasets of the same ids.",
                    "If this is another batch, give it a name of its own: a line 'batch: NAME'. If the manifest was"
                    " copied and you go on from here, add --moved.",
                    code="batch_name_taken",
                )
            return batch
        return None

    async def open_batch(self, identity: BatchIdentity) -> BatchRecord:
        """The batch of a manifest, made if it is new, with its place brought up to date."""
        now, host = datetime.now(UTC), socket.gethostname()
        where = {"manifest": str(identity.manifest), "host": host, "updated": now}
        known = await self.find_batch(identity)
        if known is None:
            row = {"target": identity.target, "name": identity.name, "created": now, **where}
            await self._write(*_new_batch(self._database.dialect, row))
            known = await self.find_batch(identity)
            assert known is not None  # noqa: S101 - just written
        elif (known.manifest, known.host) != (where["manifest"], host):
            await self._write((update(batches).where(batches.c.id == known.id).values(**where), None))
        return known

    async def all_batches(self, manifest: Path | None = None, target: str | None = None) -> list[BatchRecord]:
        """Batches, the latest worked on first; of one manifest file or one target where given."""
        query = select(batches).order_by(batches.c.updated.desc())
        if manifest is not None:
            query = query.where(batches.c.manifest == str(manifest))
        if target is not None:
            query = query.where(batches.c.target == target)
        return [batch_record(row) for row in await self._rows(query)]

    def lock(self, batch: BatchRecord, on_lost: Callable[[], None]) -> AbstractAsyncContextManager[None]:
        """Holds the batch for this process; see :func:`batchdep.state.lock.batch_lock`."""
        return batch_lock(self._database, batch.id, on_lost)

    async def is_held(self, batch: BatchRecord) -> bool:
        """Whether any process holds the batch."""
        return await self._database.is_held(batch.id)

    async def _batches_named(self, target: str, name: str) -> list[BatchRecord]:
        query = select(batches).where(batches.c.target == target, batches.c.name == name).order_by(batches.c.id)
        return [batch_record(row) for row in await self._rows(query)]

    async def _shares_datasets(self, batch: BatchRecord, ids: frozenset[str]) -> bool:
        rows = await self._rows(select(datasets.c.key).where(datasets.c.batch_id == batch.id))
        return any(row.key in ids for row in rows)

    # -- runs and the event log ----------------------------------------------------------------------------------

    @asynccontextmanager
    async def run(self, batch: BatchRecord, command: str) -> AsyncIterator[None]:
        """Notes that a command works on the batch, from when to when and with how many requests."""
        identity = {"pid": os.getpid(), "host": socket.gethostname(), "version": __version__}
        started = insert(runs).values(batch_id=batch.id, command=command, started=datetime.now(UTC), **identity)
        with in_words(self._database.url):
            key = await self._database.write(lambda connection: connection.execute(started).inserted_primary_key)
        self._run_id = int(key[0]) if key else None
        self._asked = 0
        try:
            yield
        finally:
            await self._end_run(batch)

    async def _end_run(self, batch: BatchRecord) -> None:
        now = datetime.now(UTC)
        await self._write(
            (update(runs).where(runs.c.id == self._run_id).values(ended=now, requests=self._asked), None),
            (update(batches).where(batches.c.id == batch.id).values(updated=now), None),
        )
        self._run_id = None

    def log_exchange(self, batch: BatchRecord, dataset: str | None, exchange: Exchange) -> None:
        """Keeps a request and its answer for the event log; written with the next commit."""
        self._asked += 1
        self._log(
            batch.id,
            dataset,
            "answered",
            method=exchange.method,
            path=exchange.path,
            status=exchange.status,
            outcome=exchange.outcome,
            seconds=round(exchange.seconds, 4),
            sent=exchange.sent,
            note=exchange.note or None,
        )

    def _log(self, batch_id: int, dataset: str | None, what: str, **values: Any) -> None:
        self._events.append(Entry(batch_id, self._run_id, dataset, datetime.now(UTC), what, **values))

    # -- datasets ------------------------------------------------------------------------------------------------

    async def load(self, batch: BatchRecord, *, whole: bool = True) -> dict[str, DatasetRecord]:
        """All datasets of a batch by id, in the manifest's order; if not ``whole``, as outlines for :meth:`fetch`."""

        def read(connection: Connection) -> dict[str, DatasetRecord]:
            records = read_datasets(connection, batch.id)
            if whole:
                fill_outlines(connection, records.values())
            return records

        return await self._read(read)

    async def fetch(self, records: Iterable[DatasetRecord]) -> None:
        """Gives metadata and files to those of the records that are outlines."""
        if outlines := [record for record in records if record.is_outline]:
            await self._read(lambda connection: fill_outlines(connection, outlines))

    async def outlines(
        self, batch: BatchRecord, expected_doi: Callable[[str | None], str | None], most: int | None = None
    ) -> tuple[list[DatasetStatus], BatchSums]:
        """The datasets of a batch, without files and metadata, and what all of them come to.

        ``expected_doi``: what becomes of a reserved DOI; ``most``: of more than so many, those that matter most.
        """

        def read(connection: Connection) -> tuple[list[DatasetStatus], BatchSums]:
            return read_outlines(connection, batch.id, expected_doi, most), read_sums(connection, batch.id)

        return await self._read(read)

    async def sums(self, batch: BatchRecord) -> BatchSums:
        """What all datasets of a batch come to."""
        return await self._read(lambda connection: read_sums(connection, batch.id))

    async def snapshot(self, work: Callable[[Snapshot], T]) -> T:
        """What ``work`` makes of whole batches as they are at one instant; it is done away from the event loop where
        the database is a file. It ends within a page when it is cancelled."""
        abandoned = Event()
        try:
            return await self._read(lambda connection: work(Snapshot(connection, self._database.url, abandoned)))
        finally:
            abandoned.set()

    async def ids(self, batch: BatchRecord) -> list[str]:
        """The ids of all datasets of a batch, in the manifest's order."""
        query = select(datasets.c.key).where(datasets.c.batch_id == batch.id)
        return [row.key for row in await self._rows(query.order_by(datasets.c.position, datasets.c.id))]

    async def sync(
        self,
        batch: BatchRecord,
        wanted: Sequence[WantedDataset],
        known: dict[str, DatasetRecord] | None = None,
        *,
        whole: bool = True,
    ) -> dict[str, DatasetRecord]:
        """Brings the rows up to what the manifest names now: new ids are added, ids no longer named kept and marked.

        A file whose fingerprint changed keeps what is known of the old bytes: what that means is for the deposit to
        say. ``known``: what :meth:`load` gave, if the batch was held since; these records are changed. Returns all
        datasets of the batch; if not ``whole``, some are outlines for :meth:`fetch`.
        """
        records = dict(await self.load(batch, whole=False) if known is None else known)
        for changes in portions(dataset_changes(records, wanted)):
            await self._write(changing(datasets, changes))
            apply(changes)
        records |= await self._added(batch, records, wanted)
        await self._sync_files(records, wanted)
        if whole:
            await self.fetch(records.values())
        in_order = sorted(records.values(), key=lambda record: (record.position, record.id))
        return {record.key: record for record in in_order}

    async def _added(
        self, batch: BatchRecord, known: dict[str, DatasetRecord], wanted: Sequence[WantedDataset]
    ) -> dict[str, DatasetRecord]:
        newest = max((record.id for record in known.values()), default=0)
        added = False
        for rows in portions(new_datasets(batch, known, wanted)):
            await self._write((insert(datasets), rows))
            added = True
        records = await self._read(lambda connection: read_datasets(connection, batch.id, newest)) if added else {}
        for record in records.values():
            record.fill_outline()
        return records

    async def _sync_files(self, records: Mapping[str, DatasetRecord], wanted: Iterable[WantedDataset]) -> None:
        """Of datasets whose digest says that the rows are as they are wanted, none is read."""
        doubtful = ((records[item.key], item) for item in wanted if not has_wanted_files(records[item.key], item))
        changes = FileChanges()
        for portion in portions(doubtful, DATASETS):
            await self.fetch(record for record, _ in portion)
            for record, item in portion:
                changes.collect(record, item)
                if len(changes) >= PORTION:
                    await self._write_files(changes)
        await self._write_files(changes)

    async def _write_files(self, changes: FileChanges) -> None:
        if changes:
            await self._write(*changes.statements())
            changes.written()

    async def owned_among(self, target: str, deposition_ids: Iterable[int]) -> set[int]:
        """Those of the depositions that belong to a dataset of any batch in this database."""
        query = select(datasets.c.deposition_id).where(datasets.c.target == target)
        # A statement takes some ten thousand values, and an account may have more depositions.
        found = [
            await self._rows(query.where(datasets.c.deposition_id.in_(numbers))) for numbers in portions(deposition_ids)
        ]
        return {row.deposition_id for rows in found for row in rows}

    async def runs(self, batch: BatchRecord) -> list[RunRecord]:
        """The commands that worked on a batch, oldest first."""
        return [run_record(row) for row in await self._rows(runs_of(batch.id))]

    # -- writing and reading -------------------------------------------------------------------------------------

    async def _write(self, *statements: Statement) -> None:
        pending, self._events = self._events, []
        todo = list(statements)
        if pending:
            todo.append((LOG, pending))
        try:
            await self._writer.write(todo)
        except IntegrityError:  # what was to be noted is not so; that it was asked and answered is
            self._events[:0] = [event for event in pending if event.what in ("asked", "answered")]
            raise

    async def _rows(self, query: Any) -> Sequence[Row[Any]]:
        return await self._read(lambda connection: connection.execute(query).all())

    async def _read(self, work: Work[T]) -> T:
        with in_words(self._database.url):
            return await self._database.read(work)


def _new_batch(dialect: str, row: dict[str, Any]) -> list[Statement]:
    """Makes the batch, unless another process has made it by now: it would be worked on twice."""
    given = [literal(value, batches.c[name].type) for name, value in row.items()]
    same = [batches.c[name] == row[name] for name in ("target", "name", "manifest")]
    made = insert(batches).from_select(list(row), select(*given).where(~select(batches.c.id).where(*same).exists()))
    # SQLite lets one writer in at a time by itself.
    alone = text("SELECT pg_advisory_xact_lock(8205313)")
    return [(made, None)] if dialect == "sqlite" else [(alone, None), (made, None)]
