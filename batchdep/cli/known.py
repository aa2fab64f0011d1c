"""What the database knows of a manifest's batch, for the commands that only look."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar

from msgspec.structs import replace

from batchdep.cli.request import invalid
from batchdep.config import Config, database_location, is_unused, load_config
from batchdep.errors import UsageError
from batchdep.manifest.load import load_manifest
from batchdep.manifest.model import DatasetSpec, Manifest
from batchdep.report.status import BatchStatus, BatchSums, DatasetState, DatasetStatus, LazyDatasets
from batchdep.targets import resolve_target

T = TypeVar("T")


async def known_batches(to: str | None, database: str | None, most: int) -> list[BatchStatus]:
    """All batches as :func:`look_up` gives them, of one target where given."""
    config = load_config()
    return await look_up(database_location(database, config), None, target_url(to, config), most)


async def tell_of_batches(to: str | None, database: str | None, tell: Callable[[Sequence[BatchStatus]], T]) -> T:
    """What ``tell`` makes of all batches, whole (:func:`batchdep.overview.tell`), of one target where given."""
    config = load_config()
    return await _tell(database_location(database, config), None, target_url(to, config), tell)


async def look_up(
    database: str, manifest: Path | None, target: str | None, most: int | None = None
) -> list[BatchStatus]:
    """The batches of a manifest or target, the latest worked on first, the datasets without files and metadata; of more
    than ``most`` only those that matter most. Looking makes no database where none is."""
    if is_unused(database):
        return []
    from batchdep.overview import status

    return await status(database, None if manifest is None else str(manifest), target, files=False, most=most)


async def _tell(
    database: str, manifest: Path | None, target: str | None, tell: Callable[[Sequence[BatchStatus]], T]
) -> T:
    if is_unused(database):
        return tell([])
    from batchdep.overview import tell as tell_whole

    return await tell_whole(database, None if manifest is None else str(manifest), target, tell)


async def worked_on(batches: Sequence[BatchStatus], database: str | None) -> list[bool]:
    """Of each batch, whether a process works on it now."""
    from batchdep.overview import worked_on as held

    return await held(database_location(database, load_config()), batches)


async def known_batch(path: Path, to: str | None, database: str | None, most: int | None = None) -> BatchStatus:
    """The batch of a manifest on the target ``to``; else on the manifest's own target, else where it went last. The
    datasets are as :func:`look_up` gives them.

    A manifest that was never submitted has pending datasets only; one that is gone is still known by its place.

    Raises:
        UsageError: no such manifest, or one that cannot be read and was never submitted.
    """
    config = load_config()
    place = database_location(database, config)
    found = await look_up(place, path, target_url(to, config), most)
    status = _chosen(found, path, to, config, place)
    if status.submitted:
        return status
    return replace(status, datasets=[dataclasses.replace(dataset, metadata={}) for dataset in status.datasets])


async def tell_of_batch(path: Path, to: str | None, database: str | None, tell: Callable[[BatchStatus], T]) -> T:
    """What ``tell`` makes of the batch that :func:`known_batch` finds, whole (:func:`batchdep.overview.tell`)."""
    config = load_config()
    place = database_location(database, config)
    url = target_url(to, config)
    return await _tell(place, path, url, lambda found: tell(_chosen(found, path, to, config, place)))


def target_url(to: str | None, config: Config) -> str | None:
    """The address of the target that was asked for, None where none was."""
    return resolve_target(to, config).url if to else None


def _chosen(found: Sequence[BatchStatus], path: Path, to: str | None, config: Config, database: str) -> BatchStatus:
    """One of the batches of a manifest, found on the target ``to`` or on all; the manifest's own if none was."""
    if len(found) == 1 or (found and to):  # the manifest, which may be large, has nothing to add
        return found[0]
    loaded = load_manifest(path, allow_outside=True)
    if found:
        wanted = own_target(loaded.manifest, config)
        return next((batch for batch in found if batch.target == wanted), found[0])
    if loaded.manifest is None:
        raise invalid(path, loaded.problems)
    return _never_submitted(loaded.manifest, resolve_target(to or loaded.manifest.target, config).url, database)


def own_target(manifest: Manifest | None, config: Config) -> str | None:
    """The address of a manifest's own target; None where that cannot be told."""
    if manifest is not None:
        with suppress(UsageError):  # a target that was fine when the batch was submitted may be gone by now
            return resolve_target(manifest.target, config).url
    return None


def _never_submitted(manifest: Manifest, target: str, database: str) -> BatchStatus:
    now = datetime.now(UTC)

    def make(failed: bool) -> Iterator[DatasetStatus]:
        return iter(()) if failed else (_pending(dataset, now) for dataset in manifest.datasets)

    number = len(manifest.ids)
    return BatchStatus(
        manifest.batch,
        target,
        database if "://" not in database else "(not used yet)",
        str(manifest.path.absolute()),
        LazyDatasets(number, make),
        submitted=False,
        sums=BatchSums({DatasetState.PENDING: number}, failures=0, bytes=0, uploaded=0),
    )


def _pending(dataset: DatasetSpec, now: datetime) -> DatasetStatus:
    return DatasetStatus(
        id=dataset.id,
        state=DatasetState.PENDING,
        title=dataset.title,
        deposition_id=None,
        reserved_doi=None,
        doi=None,
        url=None,
        attempts=0,
        updated=now,
        files=(),
        error=None,
        metadata=dataset.metadata,
    )
