"""The Store: the state of batches, and the only place that touches the database.

Every method returns once what it wrote is durable. Methods that change a dataset change its row first and the
:class:`DatasetRecord` after the commit.
"""

from __future__ import annotations

import os
import socket
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

from sqlalchemy import Row, Table, Update, bindparam, delete, insert, select, update
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.ext.asyncio import AsyncEngine

from batchdep import __version__
from batchdep.errors import Failure, UsageError
from batchdep.report.status import DatasetState, FileState
from batchdep.repository.model import Deposition, Exchange
from batchdep.state.database import (
    bring_up_to_date,
    database_url,
    explained,
    make_engine,
    restrict_side_files,
    shown_url,
)
from batchdep.state.lock import batch_lock
from batchdep.state.records import (
    BatchRecord,
    DatasetRecord,
    FileRecord,
    Intent,
    IntentKind,
    WantedDataset,
    WantedFile,
)
from batchdep.state.tables import batches, datasets, events, files, runs
from batchdep.state.writer import GroupWriter, Statement

_STATE_OF = {
    IntentKind.CREATE: DatasetState.UPLOADING,
    IntentKind.UPDATE: DatasetState.UPLOADING,
    IntentKind.UPLOAD: DatasetState.UPLOADING,
    IntentKind.PUBLISH: DatasetState.PUBLISHING,
}


class AlreadyOwnedError(Exception):
    """A deposition that was to be adopted belongs to another dataset."""


@dataclass(frozen=True, slots=True)
class SentFile:
    """The bytes that the repository confirmed: how many, their MD5, and the fingerprint of the file they are from."""

    size: int
    md5: str
    fingerprint: str


@dataclass(frozen=True, slots=True)
class BatchIdentity:
    """What a manifest says of which batch it is: its name (given, or its file's stem), target, place, and ids."""

    target: str
    name: str
    manifest: Path
    ids: frozenset[str]
    moved: bool = False


class Store:
    """An open database. Make one with :meth:`open`."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine
        self._writer = GroupWriter(engine)
        self._events: list[dict[str, Any]] = []
        self._run_id: int | None = None
        self._asked = 0

    @classmethod
    @asynccontextmanager
    async def open(cls, database: str) -> AsyncIterator[Store]:
        """Opens ``database`` (a path or URL), making or migrating it first.

        Raises StateError when it cannot be used.
        """
        url = database_url(database)
        engine = make_engine(url)
        store = cls(engine)
        try:
            await bring_up_to_date(engine)
            restrict_side_files(url)
            yield store
            await store._writer.close()
        except DBAPIError as error:
            raise explained(error, url) from error
        finally:
            await engine.dispose()

    @property
    def shown(self) -> str:
        """The database's path or URL, without a password."""
        return shown_url(self._engine.url)

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
            await self._write(
                (insert(batches).values(target=identity.target, name=identity.name, created=now, **where), None)
            )
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
        return [_batch(row) for row in await self._rows(query)]

    def lock(self, batch: BatchRecord, on_lost: Callable[[], None]) -> AbstractAsyncContextManager[None]:
        """Holds the batch for this process; see :func:`batchdep.state.lock.batch_lock`."""
        return batch_lock(self._engine, batch.id, on_lost)

    async def _batches_named(self, target: str, name: str) -> list[BatchRecord]:
        query = select(batches).where(batches.c.target == target, batches.c.name == name).order_by(batches.c.id)
        return [_batch(row) for row in await self._rows(query)]

    async def _shares_datasets(self, batch: BatchRecord, ids: frozenset[str]) -> bool:
        rows = await self._rows(select(datasets.c.key).where(datasets.c.batch_id == batch.id))
        return any(row.key in ids for row in rows)

    # -- runs and the event log ----------------------------------------------------------------------------------

    @asynccontextmanager
    async def run(self, batch: BatchRecord, command: str) -> AsyncIterator[None]:
        """Notes that a command works on the batch, from when to when and with how many requests."""
        identity = {"pid": os.getpid(), "host": socket.gethostname(), "version": __version__}
        async with self._engine.begin() as connection:
            made = await connection.execute(
                insert(runs).values(batch_id=batch.id, command=command, started=datetime.now(UTC), **identity)
            )
            key = made.inserted_primary_key
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
        empty = dict.fromkeys(("method", "path", "status", "outcome", "seconds", "sent", "note"))
        row = {"batch_id": batch_id, "run_id": self._run_id, "dataset": dataset, "at": datetime.now(UTC), "what": what}
        self._events.append({**row, **empty, **values})

    # -- datasets ------------------------------------------------------------------------------------------------

    async def load(self, batch: BatchRecord) -> dict[str, DatasetRecord]:
        """All datasets of a batch by id, in the manifest's order, with their files."""
        rows = await self._rows(
            select(datasets).where(datasets.c.batch_id == batch.id).order_by(datasets.c.position, datasets.c.id)
        )
        records = {row.id: _dataset(row) for row in rows}
        query = (
            select(files)
            .join(datasets, files.c.dataset_id == datasets.c.id)
            .where(datasets.c.batch_id == batch.id)
            .order_by(files.c.id)
        )
        for row in await self._rows(query):
            records[row.dataset_id].files[row.name] = _file(row)
        return {record.key: record for record in records.values()}

    async def sync(self, batch: BatchRecord, wanted: Sequence[WantedDataset]) -> dict[str, DatasetRecord]:
        """Brings the rows up to what the manifest names now: new ids are added, ids no longer named kept and marked.

        A file whose fingerprint changed keeps what is known of the old bytes: what that means is for the deposit to
        say. Returns all datasets of the batch.
        """
        known = await self.load(batch)
        now = datetime.now(UTC)
        statements: list[Statement] = []
        new = [(position, item) for position, item in enumerate(wanted) if item.key not in known]
        if new:
            rows = [
                {
                    "batch_id": batch.id,
                    "key": item.key,
                    "position": position,
                    "in_manifest": True,
                    "title": item.title,
                    "state": str(DatasetState.PENDING),
                    "target": batch.target,
                    "attempts": 0,
                    "updated": now,
                }
                for position, item in new
            ]
            statements.append((insert(datasets), rows))
        statements += _moved(known, wanted)
        if statements:
            await self._write(*statements)
        await self._sync_files(batch, wanted)
        return await self.load(batch)

    async def _sync_files(self, batch: BatchRecord, wanted: Sequence[WantedDataset]) -> None:
        records = await self.load(batch)
        changes = _FileChanges()
        for item in wanted:
            changes.collect(records[item.key], item)
        if statements := changes.statements():
            await self._write(*statements)

    async def owned_among(self, target: str, deposition_ids: Iterable[int]) -> set[int]:
        """Those of the depositions that belong to a dataset of any batch in this database."""
        query = select(datasets.c.deposition_id).where(
            datasets.c.target == target, datasets.c.deposition_id.in_(list(deposition_ids))
        )
        return {row.deposition_id for row in await self._rows(query)}

    # -- steps of a dataset --------------------------------------------------------------------------------------

    async def intend(self, record: DatasetRecord, intent: Intent, *, attempt: bool = False) -> None:
        """Write ahead: what is about to be asked for. ``attempt`` counts a new attempt at the dataset."""
        state = record.state if intent.kind is IntentKind.DELETE else _STATE_OF[intent.kind]
        self._log_intent(record, intent)
        attempts = record.attempts + 1 if attempt else record.attempts
        await self._save(record, intent=intent, state=state, attempts=attempts, failure=None)

    def _log_intent(self, record: DatasetRecord, intent: Intent) -> None:
        note = f"{intent.kind} {intent.file}" if intent.file else str(intent.kind)
        self._log(record.batch_id, record.key, "asked", note=note)

    async def doubt(self, record: DatasetRecord, *, since: datetime, late: bool = False) -> None:
        """Since when it has been unknown what became of the intent; an earlier doubt stands."""
        intent = record.intent
        if intent is not None and intent.doubted is None:
            await self._save(record, intent=replace(intent, doubted=since, late=late or intent.late))

    async def settled(self, record: DatasetRecord) -> None:
        """The intent came to nothing, as is known for sure."""
        state = DatasetState.PENDING if record.deposition_id is None else DatasetState.UPLOADING
        await self._save(record, intent=None, state=state)

    async def owns(
        self, record: DatasetRecord, deposition: Deposition, *, digest: str, metadata: dict[str, Any], how: str
    ) -> None:
        """A draft was made for the dataset, or found to be it (``how``: created or adopted).

        Raises AlreadyOwnedError when it belongs to another dataset.
        """
        self._log(record.batch_id, record.key, how, note=f"deposition {deposition.id}")
        try:
            await self._save(
                record,
                intent=None,
                state=DatasetState.UPLOADING,
                deposition_id=deposition.id,
                bucket=deposition.bucket,
                url=deposition.url,
                reserved_doi=deposition.reserved_doi,
                sent_digest=digest,
                sent_metadata=metadata,
                stored_metadata=deposition.metadata,
            )
        except IntegrityError as error:
            raise AlreadyOwnedError(f"deposition {deposition.id}") from error

    async def seen(self, record: DatasetRecord, deposition: Deposition) -> None:
        """The draft was looked at: its bucket and addresses as they are now."""
        if (record.bucket, record.url, record.reserved_doi) != (
            deposition.bucket,
            deposition.url,
            deposition.reserved_doi,
        ):
            await self._save(record, bucket=deposition.bucket, url=deposition.url, reserved_doi=deposition.reserved_doi)

    async def metadata_sent(
        self, record: DatasetRecord, stored: dict[str, Any], *, digest: str, metadata: dict[str, Any]
    ) -> None:
        """The draft's metadata were replaced."""
        await self._save(
            record,
            title=str(metadata.get("title", "")),
            sent_digest=digest,
            sent_metadata=metadata,
            stored_metadata=stored,
            state=DatasetState.UPLOADING,
            intent=None,
        )

    async def uploaded(
        self, record: DatasetRecord, file: FileRecord, sent: SentFile, next_intent: Intent | None = None
    ) -> None:
        """The repository has the file's bytes. The intent of the next upload rides on the same commit."""
        if next_intent is not None:
            self._log_intent(record, next_intent)
        values = {"size": sent.size, "md5": sent.md5, "fingerprint": sent.fingerprint, "state": FileState.UPLOADED}
        await self._save(record, (file, values), intent=next_intent)

    async def reread(self, record: DatasetRecord, file: FileRecord, *, fingerprint: str, path: str) -> None:
        """The file on disk has another fingerprint and the same bytes."""
        await self._save(record, (file, {"fingerprint": fingerprint, "path": path}))

    async def outdated(self, record: DatasetRecord, outdated: Sequence[FileRecord]) -> None:
        """The repository does not have these files as they should be: they are to be sent (again)."""
        values = {"state": FileState.PENDING, "md5": None}
        await self._save(record, *((file, values) for file in outdated), state=DatasetState.UPLOADING)

    async def forget_file(self, record: DatasetRecord, file: FileRecord) -> None:
        """A file that the manifest no longer names is no longer in the draft."""
        await self._write((delete(files).where(files.c.id == file.id), None))
        record.files.pop(file.name, None)

    async def complete(self, record: DatasetRecord, warnings: Sequence[str]) -> None:
        """The draft holds all it should."""
        await self._save(record, state=DatasetState.DRAFT, intent=None, failure=None, warnings=tuple(warnings))

    async def is_published(self, record: DatasetRecord, deposition: Deposition, warnings: Sequence[str]) -> None:
        """The deposition is a record with a DOI."""
        self._log(record.batch_id, record.key, "published", note=deposition.doi)
        await self._save(
            record,
            state=DatasetState.PUBLISHED,
            intent=None,
            failure=None,
            doi=deposition.doi or deposition.reserved_doi or "",
            url=deposition.url or record.url,
            stored_metadata=deposition.metadata or record.stored_metadata,
            warnings=tuple(warnings),
            published=datetime.now(UTC),
        )

    async def in_order(self, record: DatasetRecord) -> None:
        """A published dataset about which there was something to say, and is not any more."""
        await self._save(record, failure=None, state=DatasetState.PUBLISHED)

    async def discarded(self, record: DatasetRecord) -> None:
        """The draft was deleted, or was found to be gone: the dataset starts anew if it is submitted again."""
        self._log(record.batch_id, record.key, "discarded", note=f"deposition {record.deposition_id}")
        values: dict[str, Any] = {"state": FileState.PENDING, "md5": None}
        await self._save(
            record,
            *((file, values) for file in record.files.values()),
            state=DatasetState.DISCARDED,
            intent=None,
            failure=None,
            deposition_id=None,
            bucket=None,
            url=None,
            reserved_doi=None,
            sent_digest=None,
            sent_metadata=None,
            stored_metadata=None,
            warnings=(),
        )

    async def failed(self, record: DatasetRecord, failure: Failure, *, state: DatasetState | None = None) -> None:
        """The work on the dataset ended with ``failure``; a published one stays published."""
        self._log(record.batch_id, record.key, "failed", note=f"{failure.code}: {failure.message}")
        if state is None:
            state = DatasetState.PUBLISHED if record.is_published else DatasetState.FAILED
        await self._save(record, failure=failure, state=state)

    # -- writing and reading -------------------------------------------------------------------------------------

    async def _save(self, record: DatasetRecord, *changed: tuple[FileRecord, dict[str, Any]], **values: Any) -> None:
        values["updated"] = datetime.now(UTC)
        statements = [_update(datasets, record.id, values)]
        statements += [_update(files, file.id, fields) for file, fields in changed]
        await self._write(*statements)
        for name, value in values.items():
            setattr(record, name, value)
        for file, fields in changed:
            for name, value in fields.items():
                setattr(file, name, value)

    async def _write(self, *statements: Statement) -> None:
        pending, self._events = self._events, []
        todo = list(statements)
        if pending:
            todo.append((insert(events), pending))
        await self._writer.write(todo)

    async def _rows(self, query: Any) -> Sequence[Row[Any]]:
        async with self._engine.connect() as connection:
            return (await connection.execute(query)).all()


def _update(table: Table, row: int, values: dict[str, Any]) -> Statement:
    parameters = {f"new_{name}": _plain(value) for name, value in values.items()}
    return _update_of(table, tuple(values)), [{"row": row, **parameters}]


@cache
def _update_of(table: Table, names: tuple[str, ...]) -> Update:
    """Made once for each set of columns: building a statement costs more than running it."""
    fresh: dict[str, Any] = {name: bindparam(f"new_{name}") for name in names}
    return update(table).where(table.c.id == bindparam("row")).values(fresh)


def _plain(value: Any) -> Any:
    if isinstance(value, Intent):
        return value.as_json()
    if isinstance(value, Failure):
        return value.as_dict()
    if isinstance(value, tuple):
        return list(value)
    return str(value) if isinstance(value, DatasetState | FileState) else value


def _moved(known: dict[str, DatasetRecord], wanted: Sequence[WantedDataset]) -> list[Statement]:
    """Statements for datasets whose place, title or presence in the manifest changed."""
    changes: list[dict[str, Any]] = []
    present = {item.key for item in wanted}
    for position, item in enumerate(wanted):
        record = known.get(item.key)
        if record is not None and (record.position, record.title, record.in_manifest) != (position, item.title, True):
            changes.append({"row": record.id, "now_at": position, "now_title": item.title, "now_in": True})
    for record in known.values():
        if record.key not in present and record.in_manifest:
            changes.append({"row": record.id, "now_at": record.position, "now_title": record.title, "now_in": False})
    if not changes:
        return []
    statement = (
        update(datasets)
        .where(datasets.c.id == bindparam("row"))
        .values(position=bindparam("now_at"), title=bindparam("now_title"), in_manifest=bindparam("now_in"))
    )
    return [(statement, changes)]


class _FileChanges:
    """What the rows of ``files`` lack to agree with the manifest, gathered for three statements."""

    def __init__(self) -> None:
        self._added: list[dict[str, Any]] = []
        self._changed: list[dict[str, Any]] = []
        self._gone: list[dict[str, Any]] = []

    def collect(self, record: DatasetRecord, wanted: WantedDataset) -> None:
        names = set()
        for file in wanted.files:
            names.add(file.name)
            old = record.files.get(file.name)
            if old is None:
                self._added.append(_new_file(record, file))
            else:
                self._compare(old, file)
        for old in record.files.values():
            if old.name in names or not old.in_manifest:
                continue
            if record.deposition_id is None:
                self._gone.append({"row": old.id})
            else:  # it may be in the draft: kept until it is taken out there
                self._change(old, old.path, old.size, old.fingerprint, in_manifest=False)

    def _compare(self, old: FileRecord, file: WantedFile) -> None:
        # Of an uploaded file size and fingerprint are those of the bytes the repository has.
        size, fingerprint = (old.size, old.fingerprint) if old.uploaded else (file.size, file.fingerprint)
        if (old.path, old.size, old.fingerprint, old.in_manifest) != (file.path, size, fingerprint, True):
            self._change(old, file.path, size, fingerprint, in_manifest=True)

    def _change(self, old: FileRecord, path: str, size: int, fingerprint: str, *, in_manifest: bool) -> None:
        self._changed.append(
            {"row": old.id, "now_path": path, "now_size": size, "now_print": fingerprint, "now_in": in_manifest}
        )

    def statements(self) -> list[Statement]:
        found: list[Statement] = []
        if self._added:
            found.append((insert(files), self._added))
        if self._changed:
            change = update(files).where(files.c.id == bindparam("row"))
            found.append(
                (
                    change.values(
                        path=bindparam("now_path"),
                        size=bindparam("now_size"),
                        fingerprint=bindparam("now_print"),
                        in_manifest=bindparam("now_in"),
                    ),
                    self._changed,
                )
            )
        if self._gone:
            found.append((delete(files).where(files.c.id == bindparam("row")), self._gone))
        return found


def _new_file(record: DatasetRecord, file: WantedFile) -> dict[str, Any]:
    return {
        "dataset_id": record.id,
        "name": file.name,
        "path": file.path,
        "size": file.size,
        "fingerprint": file.fingerprint,
        "md5": None,
        "state": str(FileState.PENDING),
        "in_manifest": True,
    }


def _batch(row: Row[Any]) -> BatchRecord:
    return BatchRecord(row.id, row.target, row.name, row.manifest, row.host)


def _dataset(row: Row[Any]) -> DatasetRecord:
    return DatasetRecord(
        id=row.id,
        batch_id=row.batch_id,
        key=row.key,
        position=row.position,
        target=row.target,
        state=DatasetState(row.state),
        updated=row.updated,
        in_manifest=row.in_manifest,
        title=row.title,
        deposition_id=row.deposition_id,
        bucket=row.bucket,
        url=row.url,
        reserved_doi=row.reserved_doi,
        doi=row.doi,
        intent=Intent.from_json(row.intent) if row.intent else None,
        attempts=row.attempts,
        sent_digest=row.sent_digest,
        sent_metadata=row.sent_metadata,
        stored_metadata=row.stored_metadata,
        warnings=tuple(row.warnings or ()),
        failure=Failure(**row.failure) if row.failure else None,
        published=row.published,
    )


def _file(row: Row[Any]) -> FileRecord:
    return FileRecord(
        row.id, row.name, row.path, row.size, row.fingerprint, row.md5, FileState(row.state), row.in_manifest
    )
