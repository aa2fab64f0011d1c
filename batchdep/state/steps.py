"""The steps of a dataset, as the state notes them.

Each returns once what it wrote is durable; the record is changed after the commit, so it is never ahead of the disk.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, TypeAlias

from msgspec import Struct
from msgspec.structs import replace
from sqlalchemy import Table, delete
from sqlalchemy.exc import IntegrityError

from batchdep.errors import Failure
from batchdep.report.status import DatasetState, FileState
from batchdep.repository.model import Deposition
from batchdep.state.file_digest import UNKNOWN, of_files
from batchdep.state.records import DatasetRecord, FileRecord, Intent, IntentKind
from batchdep.state.tables import datasets, files
from batchdep.state.updates import row_of, update_of
from batchdep.state.writer import Statement

_STATE_OF = {
    IntentKind.CREATE: DatasetState.UPLOADING,
    IntentKind.UPDATE: DatasetState.UPLOADING,
    IntentKind.UPLOAD: DatasetState.UPLOADING,
    IntentKind.PUBLISH: DatasetState.PUBLISHING,
}

_COMPLETE = (DatasetState.DRAFT, DatasetState.PUBLISHED)


class AlreadyOwnedError(Exception):
    """A deposition that was to be adopted belongs to another dataset."""


class SentFile(Struct, frozen=True):
    """The bytes that the repository confirmed: how many, their MD5, and the fingerprint of the file they are from."""

    size: int
    md5: str
    fingerprint: str


Confirmed: TypeAlias = Sequence[tuple[FileRecord, SentFile]]
"""Files of a dataset with what the repository has of them."""


FileChange: TypeAlias = tuple[FileRecord, dict[str, Any]]
"""A file and the columns of its row that are to change."""


class DatasetSteps(ABC):
    """The part of the Store that moves a dataset on."""

    @abstractmethod
    async def _write(self, *statements: Statement) -> None: ...

    @abstractmethod
    def _log(self, batch_id: int, dataset: str | None, what: str, **values: Any) -> None: ...

    async def intend(
        self, record: DatasetRecord, intent: Intent, *changed: FileChange, attempt: bool = False, **values: Any
    ) -> None:
        """Write ahead: what is about to be asked for. ``attempt`` counts a new attempt at the dataset; ``changed`` and
        ``values`` are of the step before, and ride on the same commit."""
        state = record.state if intent.kind is IntentKind.DELETE else _STATE_OF[intent.kind]
        if intent.kind is not IntentKind.UPLOAD:
            self.asks(record, str(intent.kind))
        attempts = record.attempts + 1 if attempt else record.attempts
        await self._save(record, *changed, intent=intent, state=state, attempts=attempts, failure=None, **values)

    async def intend_create(
        self, record: DatasetRecord, intent: Intent, *, digest: str, metadata: dict[str, Any]
    ) -> None:
        """Write ahead: a draft with these metadata, by which it is known again even if the manifest's change."""
        await self.intend(record, intent, attempt=True, sent_digest=digest, sent_metadata=metadata)

    def asks(self, record: DatasetRecord, what: str) -> None:
        """A request is about to be sent, as the log tells it with the next commit."""
        self._log(record.batch_id, record.key, "asked", note=what)

    async def doubt(self, record: DatasetRecord, *, since: datetime | None, late: bool = False) -> None:
        """Since when it has been unknown what became of the intent, None where no moment can be told yet; an earlier
        doubt stands."""
        intent = record.intent
        if intent is None or intent.doubted is not None:
            return
        doubted = replace(intent, doubted=since, late=late or intent.late)
        if doubted != intent:
            await self._save(record, intent=doubted)

    async def settled(self, record: DatasetRecord) -> None:
        """The intent came to nothing, as is known for sure."""
        state = DatasetState.PENDING if record.deposition_id is None else DatasetState.UPLOADING
        await self._save(record, intent=None, state=state)

    async def owns(
        self,
        record: DatasetRecord,
        deposition: Deposition,
        upcoming: Intent | None = None,
        *,
        digest: str,
        metadata: dict[str, Any],
        how: str,
    ) -> None:
        """A draft was made for the dataset, or found to be it (``how``: created or adopted). The intent of what comes
        next rides on the same commit.

        Raises AlreadyOwnedError when it belongs to another dataset.
        """
        self._log(record.batch_id, record.key, how, note=f"deposition {deposition.id}")
        try:
            await self._save(
                record,
                intent=upcoming,
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

    async def uploaded(self, record: DatasetRecord, confirmed: Confirmed) -> None:
        """The repository has the bytes of these files. What became of the other uploads is as unknown as before."""
        await self._save(record, *((file, _proven(sent)) for file, sent in confirmed))

    async def reread(self, record: DatasetRecord, file: FileRecord, *, fingerprint: str, path: str) -> None:
        """The file on disk has another fingerprint and the same bytes."""
        await self._save(record, (file, {"fingerprint": fingerprint, "path": path}))

    async def outdated(self, record: DatasetRecord, outdated: Sequence[FileRecord]) -> None:
        """The repository does not have these files as they should be: they are to be sent (again)."""
        values = {"state": FileState.PENDING, "md5": None}
        await self._save(record, *((file, values) for file in outdated), state=DatasetState.UPLOADING)

    async def forget_file(self, record: DatasetRecord, file: FileRecord) -> None:
        """A file that the manifest no longer names is no longer in the draft."""
        cleared = _update(datasets, record.id, UNKNOWN)
        await self._write(cleared, (delete(files).where(files.c.id == file.id), None))
        record.files_digest = record.files_size = None
        record.files.pop(file.name, None)

    async def complete(
        self,
        record: DatasetRecord,
        warnings: Sequence[str],
        confirmed: Confirmed = (),
        upcoming: Intent | None = None,
    ) -> None:
        """The draft holds all it should, with these files the last to come. Where it is to be published at once, that
        intent rides on the same commit."""
        files = [(file, _proven(sent)) for file, sent in confirmed]
        noted = tuple(warnings)
        if upcoming is not None:
            await self.intend(record, upcoming, *files, warnings=noted)
        else:
            await self._save(record, *files, state=DatasetState.DRAFT, intent=None, failure=None, warnings=noted)

    async def is_published(
        self,
        record: DatasetRecord,
        deposition: Deposition,
        warnings: Sequence[str],
        failure: Failure | None = None,
    ) -> None:
        """The deposition is a record with a DOI; ``failure`` where it is not what was sent."""
        self._log(record.batch_id, record.key, "published", note=deposition.doi)
        await self._save(
            record,
            state=DatasetState.PUBLISHED,
            intent=None,
            failure=failure,
            doi=deposition.doi or deposition.reserved_doi or "",
            url=deposition.url or record.url,
            stored_metadata=deposition.metadata or record.stored_metadata,
            warnings=tuple(warnings),
            published=datetime.now(UTC),
        )

    async def recovered(
        self,
        record: DatasetRecord,
        deposition: Deposition,
        *,
        held: Mapping[str, SentFile],
        digest: str | None,
        metadata: dict[str, Any],
        warnings: Sequence[str],
    ) -> None:
        """The dataset's deposition was found again, with the files ``held`` by name; ``digest`` and ``metadata`` as
        they count as sent. When a record was published is not known any more.

        Raises AlreadyOwnedError when it belongs to another dataset.
        """
        whole = all(file.name in held for file in record.wanted_files)
        draft = DatasetState.DRAFT if whole else DatasetState.UPLOADING
        self._log(record.batch_id, record.key, "recovered", note=f"deposition {deposition.id}")
        try:
            await self._save(
                record,
                *((record.files[name], _proven(sent)) for name, sent in held.items() if name in record.files),
                state=DatasetState.PUBLISHED if deposition.published else draft,
                intent=None,
                failure=None,
                deposition_id=deposition.id,
                bucket=deposition.bucket,
                url=deposition.url,
                reserved_doi=deposition.reserved_doi,
                doi=(deposition.doi or deposition.reserved_doi or "") if deposition.published else None,
                sent_digest=digest,
                sent_metadata=metadata,
                stored_metadata=deposition.metadata,
                warnings=tuple(warnings),
            )
        except IntegrityError as error:
            raise AlreadyOwnedError(f"deposition {deposition.id}") from error

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
        withdrawn = files.c.in_manifest.is_(False)
        await self._write((delete(files).where(files.c.dataset_id == record.id, withdrawn), None))
        record.files = {name: file for name, file in record.files.items() if file.in_manifest}

    async def failed(self, record: DatasetRecord, failure: Failure, *, state: DatasetState | None = None) -> None:
        """The work on the dataset ended with ``failure``; a published one stays published."""
        self._log(record.batch_id, record.key, "failed", note=f"{failure.code}: {failure.message}")
        if state is None:
            state = DatasetState.PUBLISHED if record.is_published else DatasetState.FAILED
        await self._save(record, failure=failure, state=state)

    async def _save(self, record: DatasetRecord, *changed: FileChange, **values: Any) -> None:
        values["updated"] = datetime.now(UTC)
        values |= _digest_after(record, changed, values.get("state"))
        statements = [_update(datasets, record.id, values)]
        statements += [_update(files, file.id, fields) for file, fields in changed]
        await self._write(*statements)
        for name, value in values.items():
            setattr(record, name, value)
        for file, fields in changed:
            for name, value in fields.items():
                setattr(file, name, value)


def _digest_after(
    record: DatasetRecord, changed: Sequence[FileChange], state: DatasetState | None
) -> Mapping[str, Any]:
    """What the columns of the files' digest become: made when a dataset comes to ``state`` complete, not with each of
    its files, and cleared when these change."""
    if state not in _COMPLETE:
        return UNKNOWN if changed else {}
    after = record.files_as_read() | {file.name: replace(file, **fields) for file, fields in changed}
    return of_files(after.values())


def _proven(sent: SentFile) -> dict[str, Any]:
    return {"size": sent.size, "md5": sent.md5, "fingerprint": sent.fingerprint, "state": FileState.UPLOADED}


def _update(table: Table, row: int, values: Mapping[str, Any]) -> Statement:
    names = tuple(values)
    plain = {name: _plain(value) for name, value in values.items()}
    return update_of(table, names), [row_of(row, plain, names)]


def _plain(value: Any) -> Any:
    if isinstance(value, Intent):
        return value.as_json()
    if isinstance(value, Failure):
        return value.as_dict()
    if isinstance(value, tuple):  # none are NULL: nothing to parse for most of a batch
        return list(value) or None
    return str(value) if isinstance(value, DatasetState | FileState) else value
