"""What the database knows of a manifest's batch, for the commands that only look."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from batchdep.cli.request import invalid
from batchdep.config import Config, database_location, is_unused, load_config
from batchdep.errors import UsageError
from batchdep.manifest.load import load_manifest
from batchdep.manifest.model import Manifest
from batchdep.report.status import BatchStatus, DatasetState, DatasetStatus
from batchdep.targets import resolve_target


async def known_batches(
    to: str | None, database: str | None, *, files: bool = True, most: int | None = None
) -> list[BatchStatus]:
    """All batches, of one target where given; the latest worked on first. ``files``, ``most``: see :func:`look_up`."""
    config = load_config()
    url = resolve_target(to, config).url if to else None
    return await look_up(database_location(database, config), None, url, files=files, most=most)


async def look_up(
    database: str, manifest: Path | None, target: str | None, *, files: bool = False, most: int | None = None
) -> list[BatchStatus]:
    """The batches of a manifest or target, the latest worked on first; with the datasets' ``files`` and metadata where
    they are asked for, else with ``most`` datasets. Looking makes no database where none is."""
    if is_unused(database):
        return []
    from batchdep.overview import status

    return await status(database, None if manifest is None else str(manifest), target, files=files, most=most)


async def worked_on(batches: Sequence[BatchStatus], database: str | None) -> list[bool]:
    """Of each batch, whether a process works on it now."""
    from batchdep.overview import worked_on as held

    return await held(database_location(database, load_config()), batches)


async def known_batch(
    path: Path, to: str | None, database: str | None, *, files: bool = True, most: int | None = None
) -> BatchStatus:
    """The batch of a manifest on the target ``to``; else on the manifest's own target, else where it went last.
    ``files``, ``most``: see :func:`look_up`.

    A manifest that was never submitted has pending datasets only; one that is gone is still known by its place.

    Raises:
        UsageError: no such manifest, or one that cannot be read and was never submitted.
    """
    config = load_config()
    place = database_location(database, config)
    if to is None:
        found = await look_up(place, path, None, files=files, most=most)
        if len(found) == 1:  # the manifest, which may be large, has nothing to add
            return found[0]
    loaded = load_manifest(path, allow_outside=True)
    wanted = _target_url(to, loaded.manifest, config)
    if to is not None:
        found = await look_up(place, path, wanted, files=files, most=most)
    for batch in found:
        if batch.target == wanted:
            return batch
    if found:
        return found[0]
    if loaded.manifest is None:
        raise invalid(path, loaded.problems)
    return _never_submitted(loaded.manifest, resolve_target(to or loaded.manifest.target, config).url, place)


def _target_url(to: str | None, manifest: Manifest | None, config: Config) -> str | None:
    if to:
        return resolve_target(to, config).url
    if manifest is not None:
        with suppress(UsageError):  # a target that was fine when the batch was submitted may be gone by now
            return resolve_target(manifest.target, config).url
    return None


def _never_submitted(manifest: Manifest, target: str, database: str) -> BatchStatus:
    now = datetime.now(UTC)
    datasets = [
        DatasetStatus(
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
        for dataset in manifest.datasets
    ]
    shown = database if "://" not in database else "(not used yet)"
    return BatchStatus(manifest.batch, target, shown, str(manifest.path.absolute()), datasets, submitted=False)
