"""What is known of the batches in a database; nobody is asked."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from msgspec.structs import replace

from batchdep.report.status import BatchStatus, DatasetStatus, FileStatus, LazyDatasets
from batchdep.state.records import BatchRecord, DatasetRecord
from batchdep.state.snapshot import Snapshot
from batchdep.state.store import Store
from batchdep.targets import minted_doi

T = TypeVar("T")


async def status(
    database: str,
    manifest: str | None = None,
    target: str | None = None,
    *,
    files: bool = True,
    most: int | None = None,
) -> list[BatchStatus]:
    """The batches in a database, of one manifest file or target where given; the latest worked on first.

    Without ``files`` each dataset lacks these and its metadata: a table shows neither, and a large batch has a million.
    Then of more than ``most`` datasets only those that matter most are there.
    """
    path = Path(manifest).absolute() if manifest is not None else None  # noqa: ASYNC240 - no disk is touched
    async with Store.open(database) as store:
        found = await store.all_batches(path, target)
        return [await _status(store, batch, files, most) for batch in found]


async def _status(store: Store, batch: BatchRecord, files: bool, most: int | None) -> BatchStatus:
    runs = [run.as_dict() for run in await store.runs(batch)]
    if files:
        return replace(batch_status(store, batch, await store.load(batch)), runs=runs)
    datasets, sums = await store.outlines(batch, partial(minted_doi, batch.target), most)
    return BatchStatus(batch.name, batch.target, store.shown, batch.manifest, datasets, runs=runs, sums=sums)


async def tell(
    database: str,
    manifest: str | None,
    target: str | None,
    tell_of: Callable[[Sequence[BatchStatus]], T],
) -> T:
    """What ``tell_of`` makes of the batches, found as :func:`status` finds them, all as they are at one instant.

    The datasets are whole and none is held: they are read as ``tell_of`` goes through them, which it may do more than
    once, but only until it returns. It may be called on another thread.
    """
    path = Path(manifest).absolute() if manifest is not None else None  # noqa: ASYNC240 - no disk is touched
    async with Store.open(database) as store:
        found = await store.all_batches(path, target)
        return await store.snapshot(lambda kept: tell_of([_kept(kept, batch, store.shown) for batch in found]))


def _kept(snapshot: Snapshot, batch: BatchRecord, shown: str) -> BatchStatus:
    def make(failed: bool) -> Iterator[DatasetStatus]:
        for record in snapshot.datasets(batch, failed=failed):
            yield _whole(record, batch.target)

    sums = snapshot.sums(batch)
    datasets = LazyDatasets(sum(sums.counts.values()), make)
    runs = [run.as_dict() for run in snapshot.runs(batch)]
    return BatchStatus(batch.name, batch.target, shown, batch.manifest, datasets, runs=runs, sums=sums)


async def worked_on(database: str, batches: Sequence[BatchStatus]) -> list[bool]:
    """Of each batch, whether a process works on it now."""
    async with Store.open(database) as store:
        known = {(each.target, each.name, each.manifest): each for each in await store.all_batches()}
        records = [known.get((each.target, each.batch, each.manifest)) for each in batches]
        return [record is not None and await store.is_held(record) for record in records]


def batch_status(store: Store, batch: BatchRecord, records: dict[str, DatasetRecord]) -> BatchStatus:
    """The status document of a batch as its records are when one goes through it."""

    def make(failed: bool) -> Iterator[DatasetStatus]:
        found = (record for record in records.values() if record.failure is not None or not failed)
        return (_RecordStatus(record, **_known(record, batch.target)) for record in found)

    return BatchStatus(batch.name, batch.target, store.shown, batch.manifest, LazyDatasets(len(records), make))


def _whole(record: DatasetRecord, target: str) -> DatasetStatus:
    return DatasetStatus(files=_files(record), metadata=record.stored_as_read(), **_known(record, target))


def _known(record: DatasetRecord, target: str) -> dict[str, Any]:
    """What is known of a dataset but for its files and metadata."""
    return {
        "id": record.key,
        "state": record.state,
        "title": record.title,
        "deposition_id": record.deposition_id,
        "reserved_doi": minted_doi(target, record.reserved_doi),
        "doi": record.doi,
        "url": record.url,
        "attempts": record.attempts,
        "updated": record.updated,
        "error": record.failure,
        "warnings": record.warnings,
        "in_manifest": record.in_manifest,
        "published_at": record.published,
    }


def _files(record: DatasetRecord) -> list[FileStatus]:
    return [FileStatus(file.name, file.path, file.size, file.md5, file.state) for file in record.wanted_files]


class _RecordStatus(DatasetStatus):
    """A dataset whose files and metadata are read from its record when they are asked for."""

    __slots__ = ("_record",)
    _record: DatasetRecord

    def __init__(self, record: DatasetRecord, **known: Any) -> None:
        for name, value in known.items():
            object.__setattr__(self, name, value)
        object.__setattr__(self, "_record", record)

    @property
    def files(self) -> Sequence[FileStatus]:
        return _files(self._record)

    @property
    def metadata(self) -> dict[str, Any]:
        return self._record.stored_as_read()
