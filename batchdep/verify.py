"""Compares, at any later time, what is on the disk and in the manifest with what the repository holds.

Every local file is read anew: neither the state's checksums nor times of change are believed. Nothing is changed,
here or there.
"""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from batchdep import __version__
from batchdep.dois import Dois, dois_of
from batchdep.errors import DatasetFailure, ExitCode
from batchdep.events import BatchStarted, DatasetStarted, Observer, ignore
from batchdep.job import Job
from batchdep.looking import Looker, looking_at, read_md5, side_by_side
from batchdep.manifest.files import resolve_files
from batchdep.manifest.filling import filled
from batchdep.manifest.model import DatasetSpec, LocalFile
from batchdep.metadata.compare import Difference as Change
from batchdep.metadata.compare import differences
from batchdep.metadata.references import resolved
from batchdep.metadata.sending import sent_form
from batchdep.plan import metadata_digest
from batchdep.report.status import utc_text
from batchdep.repository.model import Deposition, Exchange, RemoteFile
from batchdep.reprs import repr_without
from batchdep.selection import selected_ids
from batchdep.state.records import DatasetRecord
from batchdep.state.store import Store
from batchdep.workers import current_dataset

SIDE_BY_SIDE = 8
"""Datasets compared at the same time."""

_LONGEST = 120
"""Characters of a value that a message shows."""

_CHANGING = frozenset({"prereserve_doi", "doi"})
"""What the repository puts into a deposition's metadata by itself; the DOI is compared on its own."""


class Difference(Struct, frozen=True):
    """``code`` is a stable word; ``name`` the file's or the metadata field's, where it is about one."""

    code: str
    message: str
    name: str | None = None

    def as_dict(self) -> dict[str, Any]:
        return {"code": self.code, "message": self.message, "name": self.name}


class VerifiedFile(Struct, frozen=True):
    """A file on the disk and at the repository: sizes in bytes, MD5s; None where it is not."""

    name: str
    path: str | None
    size: int | None
    md5: str | None
    stored_size: int | None
    stored_md5: str | None

    @property
    def same(self) -> bool:
        return self.md5 is not None and (self.size, self.md5) == (self.stored_size, self.stored_md5)

    def as_dict(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "path": self.path,
            "size": self.size,
            "md5": self.md5,
            "stored_size": self.stored_size,
            "stored_md5": self.stored_md5,
            "same": self.same,
        }


class VerifiedDataset(Struct, frozen=True):
    """A dataset, and in what it differs. ``state`` is the repository's: published, draft, or None where it is gone."""

    id: str
    deposition_id: int | None
    state: str | None
    doi: str | None
    url: str | None
    files: tuple[VerifiedFile, ...]
    differences: tuple[Difference, ...]

    def as_dict(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "ok": not self.differences,
            "deposition_id": self.deposition_id,
            "state": self.state,
            "doi": self.doi,
            "url": self.url,
            "files": [file.as_dict() for file in self.files],
            "differences": [difference.as_dict() for difference in self.differences],
        }


class Verification(Struct, frozen=True):
    """The outcome, with the time when the last dataset had been compared."""

    batch: str
    target: str
    database: str
    manifest: str
    finished: datetime
    requests: int
    datasets: tuple[VerifiedDataset, ...]

    def __repr__(self) -> str:
        return repr_without(self, "datasets")

    @property
    def ok(self) -> bool:
        return not any(dataset.differences for dataset in self.datasets)

    @property
    def exit_code(self) -> ExitCode:
        return ExitCode.DONE if self.ok else ExitCode.UNFINISHED

    @property
    def bytes(self) -> int:
        """Bytes that were read."""
        return sum(file.size or 0 for dataset in self.datasets for file in dataset.files)

    def counts(self) -> dict[str, int]:
        """How often each kind of difference was found."""
        return dict(Counter(found.code for dataset in self.datasets for found in dataset.differences))

    def as_dict(self) -> dict[str, Any]:
        """The JSON document ``batchdep-verify/1``."""
        return {
            "schema": "batchdep-verify/1",
            "tool": {"name": "batchdep", "version": __version__},
            "ok": self.ok,
            "batch": self.batch,
            "target": self.target,
            "database": self.database,
            "manifest": self.manifest,
            "finished": utc_text(self.finished),
            "bytes": self.bytes,
            "requests": self.requests,
            "differences": self.counts(),
            "datasets": [dataset.as_dict() for dataset in self.datasets],
        }


async def verify(job: Job, observer: Observer = ignore) -> Verification:
    """Compares the selected datasets of the manifest.

    Raises UsageError for an id that the manifest does not have, AccessError when the repository does not answer or
    refuses the token, StateError when the state cannot be read.
    """
    async with Store.open(job.database) as store:
        batch = await store.find_batch(job.identity)
        records = await store.load(batch) if batch is not None else {}
        shown = store.shown
    specs = {spec.id: spec for spec in job.manifest.datasets}
    asked = [specs[key] for key in selected_ids(job.only, specs)]
    requests = 0

    def heard(_: Exchange) -> None:
        nonlocal requests
        requests += 1

    found: dict[str, VerifiedDataset] = {}

    async def compare(verifier: _Verifier, spec: DatasetSpec) -> None:
        current_dataset.set(spec.id)
        found[spec.id] = await verifier.dataset(spec, records.get(spec.id))

    observer(BatchStarted(job.manifest.batch, job.target, len(asked), 0, len(asked)))
    async with looking_at(job, observer, heard) as view:
        dois = dois_of(job.manifest, job.target, records)
        verifier = _Verifier(job, view.looker, observer, dois)
        await side_by_side((compare(verifier, spec) for spec in asked), SIDE_BY_SIDE)
    return Verification(
        job.manifest.batch,
        job.target,
        shown,
        str(job.identity.manifest),
        datetime.now(UTC),
        requests,
        tuple(found[spec.id] for spec in asked),
    )


class _Verifier:
    def __init__(self, job: Job, looker: Looker, observer: Observer, dois: Dois) -> None:
        self._job = job
        self._looker = looker
        self._observer = observer
        self._dois = dois

    async def dataset(self, spec: DatasetSpec, record: DatasetRecord | None) -> VerifiedDataset:
        """Asks first: of what is not there no file need be read."""
        if record is None or record.deposition_id is None:
            return _nowhere(spec.id, Difference("not_deposited", "It was never deposited."))
        try:
            deposition = await self._looker.get(record.deposition_id)
        except DatasetFailure as refused:
            return _nowhere(spec.id, Difference(refused.failure.code, refused.failure.message), record)
        if deposition is None:
            return _nowhere(spec.id, _gone(record), record)
        spec = replace(spec, metadata=resolved(sent_form(spec.metadata), self._dois.of))
        problems, files = await self._files(spec, deposition)
        return VerifiedDataset(
            spec.id,
            deposition.id,
            "published" if deposition.published else "draft",
            deposition.doi if deposition.published else None,
            deposition.url or record.url,
            files,
            (
                *_state_differences(record, deposition),
                *problems,
                *(difference for file in files if (difference := _file_difference(file)) is not None),
                *metadata_differences(spec, record, deposition),
            ),
        )

    async def _files(
        self, spec: DatasetSpec, deposition: Deposition
    ) -> tuple[list[Difference], tuple[VerifiedFile, ...]]:
        local, found = await asyncio.to_thread(
            resolve_files, self._job.manifest, spec, allow_outside=self._job.allow_outside
        )
        local = [filled(file, self._dois.of) for file in local]
        problems = [Difference(problem.code, problem.message, problem.path) for problem in found if problem.is_error]
        self._observer(DatasetStarted(spec.id, spec.title, sum(file.size for file in local)))
        remote = {file.name: file for file in deposition.files}
        files = []
        for file in local:
            try:
                md5 = await read_md5(spec.id, file, self._observer)
            except DatasetFailure as error:
                problems.append(Difference(error.failure.code, error.failure.message, file.name))
                md5 = None
            files.append(_pair(file, md5, remote.pop(file.name, None)))
        files += [VerifiedFile(there.name, None, None, None, there.size, there.md5) for there in remote.values()]
        return problems, tuple(files)


def _nowhere(key: str, difference: Difference, record: DatasetRecord | None = None) -> VerifiedDataset:
    number = record.deposition_id if record is not None else None
    return VerifiedDataset(key, number, None, None, record.url if record else None, (), (difference,))


def _gone(record: DatasetRecord) -> Difference:
    if record.is_published:
        return Difference(
            "record_gone", f"The record {record.deposition_id} ({record.doi}) is not there: it was withdrawn."
        )
    return Difference("deposition_gone", f"The draft {record.deposition_id} is not there: somebody deleted it.")


def _state_differences(record: DatasetRecord, deposition: Deposition) -> Iterator[Difference]:
    if record.is_published and not deposition.published:
        yield Difference("not_published", f"It was published as {record.doi}, and is a draft at the repository.")
    elif deposition.published and not record.is_published:
        yield Difference("published_elsewhere", f"It is published ({deposition.doi}), and was left as a draft.")
    elif record.is_published and deposition.doi != record.doi:
        yield Difference("doi_changed", f"Its DOI was {record.doi}, and is {deposition.doi} at the repository.")


def _pair(file: LocalFile, md5: str | None, there: RemoteFile | None) -> VerifiedFile:
    stored = (there.size, there.md5) if there is not None else (None, None)
    return VerifiedFile(file.name, file.shown, file.size, md5, *stored)


def _file_difference(file: VerifiedFile) -> Difference | None:
    if file.same or (file.path is not None and file.md5 is None):  # what cannot be read was told
        return None
    if file.path is None:
        return Difference(
            "file_added", f"The repository holds {file.name}, which the manifest does not name.", file.name
        )
    if file.stored_size is None:
        return Difference("file_removed", f"The repository does not hold {file.name}.", file.name)
    if file.size != file.stored_size:
        sizes = f"{file.size:,} bytes here, {file.stored_size:,} there"
        return Difference("file_differs", f"{file.name} has another size: {sizes}.", file.name)
    sums = f"MD5 {file.md5} here, {file.stored_md5 or 'none'} there"
    return Difference("file_differs", f"{file.name} has other bytes: {sums}.", file.name)


def metadata_differences(spec: DatasetSpec, record: DatasetRecord, deposition: Deposition) -> list[Difference]:
    """What the repository has otherwise than the manifest, in which DOIs stand for references.

    What it dropped or altered when it took the metadata was told then, and is no difference now.
    """
    sent, before = record.sent_metadata or {}, record.stored_metadata or {}
    told = {_what(change) for change in differences(sent, before, published=record.is_published)}
    changes = differences(spec.metadata, deposition.metadata, published=deposition.published)
    found = [_edited(change) for change in changes if _what(change) not in told]
    found += _added(spec.metadata, before, deposition.metadata)
    if not found and record.sent_digest not in (None, metadata_digest(spec.metadata)):
        found.append(Difference("metadata_differ", "The manifest's metadata were changed since they were sent."))
    return found


def _what(change: Change) -> tuple[str, str, str]:
    return change.field, str(change.sent), str(change.stored)


def _edited(change: Change) -> Difference:
    there = "nothing" if change.stored is None else _shown(change.stored)
    message = f"{change.field}: the manifest has {_shown(change.sent)}, the repository {there}."
    return Difference("metadata_differ", message, change.field)


def _added(wanted: Mapping[str, Any], before: Mapping[str, Any], now: Mapping[str, Any]) -> Sequence[Difference]:
    """Fields that the manifest leaves to the repository, and that are not any more what they were."""
    names = [name for name in (before.keys() | now.keys()) - wanted.keys() - _CHANGING if before]
    return [
        Difference("metadata_differ", f"{name}: was {_shown(before.get(name))}, is {_shown(now.get(name))}.", name)
        for name in sorted(names)
        if before.get(name) != now.get(name)
    ]


def _shown(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 3]}..."
