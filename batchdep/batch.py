"""Works off a batch on this machine: plans it, runs ``deposit_dataset`` over it, reports progress as events.

::

    submit   brings the selected datasets of a manifest to their goal; running it again resumes
    publish  publishes those that are complete drafts
    discard  deletes drafts; published records stay
    plan     what submit would do, without doing it
    status   what is known of the batches in a database
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from pathlib import Path

from batchdep.deposit import Context, Goal, Work, deposit_dataset, discard_dataset, publish_dataset
from batchdep.deposit.flow import is_at_goal
from batchdep.deposit.reconcile import OwnDrafts, Timing
from batchdep.errors import ExitCode, Failure, ManifestInvalid, UsageError
from batchdep.events import BatchStarted, Observer, RequestDone, Waiting, ignore
from batchdep.manifest.files import resolve_files
from batchdep.manifest.model import Manifest
from batchdep.metadata.translate import user_field
from batchdep.plan import DatasetPlan, files_to_send, metadata_digest, plan_dataset
from batchdep.problems import Problem
from batchdep.report.status import BatchStatus, DatasetState, DatasetStatus, FileStatus
from batchdep.repository.limiter import RateLimiter, least_seconds
from batchdep.repository.model import Exchange
from batchdep.repository.patient import Patience, PatientRepository
from batchdep.repository.zenodo import ZenodoRepository, connect
from batchdep.state.records import BatchRecord, DatasetRecord
from batchdep.state.store import BatchIdentity, Store
from batchdep.workers import Interrupt, Workers, current_dataset

__all__ = ["BatchPlan", "Goal", "Interrupt", "Job", "PlannedDataset", "discard", "plan", "publish", "status", "submit"]


@dataclass(frozen=True)
class Job:
    """What is asked for.

    ``target`` is the repository's origin, ``database`` a path or SQLAlchemy URL, ``token`` None where the target needs
    none; ``goal`` None for the manifest's; ``only`` ids, empty for all; ``moved`` says that the manifest was moved on
    purpose. ``patience`` and ``timing`` say how long to bear with the repository.
    """

    manifest: Manifest
    target: str
    database: str
    token: str | None = field(default=None, repr=False)
    goal: Goal | None = None
    only: tuple[str, ...] = ()
    concurrency: int = 16
    allow_outside: bool = False
    moved: bool = False
    patience: Patience | None = None
    timing: Timing | None = None

    @property
    def asked_goal(self) -> Goal:
        """The goal asked for, or the manifest's."""
        return self.goal or (Goal.PUBLISHED if self.manifest.publish else Goal.DRAFT)

    @property
    def identity(self) -> BatchIdentity:
        """Which batch the manifest stands for."""
        ids = frozenset(dataset.id for dataset in self.manifest.datasets)
        path = Path(self.manifest.path).absolute()
        return BatchIdentity(self.target, self.manifest.batch, path, ids, self.moved)


@dataclass(frozen=True, slots=True)
class PlannedDataset:
    """What ``submit`` would do with one dataset: ``action`` is create, resume, publish, nothing or refuse.

    ``uploads`` are names and sizes in bytes of the files to send.
    """

    id: str
    title: str
    action: str
    note: str
    uploads: tuple[tuple[str, int], ...]
    publishes: bool
    requests: int


@dataclass(frozen=True, slots=True)
class BatchPlan:
    """The plan of a batch: bytes to send, requests, and the seconds these need at least under the rate limit that
    Zenodo documents."""

    batch: str
    target: str
    datasets: tuple[PlannedDataset, ...]
    bytes: int
    requests: int
    seconds: float


async def submit(job: Job, observer: Observer = ignore, interrupt: Interrupt | None = None) -> BatchStatus:
    """Brings every selected dataset to the goal; running it again resumes.

    Raises ManifestInvalid or another UsageError before anything is sent, BatchLocked when another process works on
    the batch, StateError when the state cannot be kept.
    """
    plans = await asyncio.to_thread(_plan_datasets, job)
    async with _opened(job, "submit", observer, interrupt) as session:
        records = await session.store.sync(session.batch, [entry.wanted for entry in plans.every])
        works = [Work(entry, records[entry.id], job.asked_goal) for entry in plans.selected]
        await session.work_off(works, deposit_dataset)
        return session.status(records, _unfinished(works))


async def publish(job: Job, observer: Observer = ignore, interrupt: Interrupt | None = None) -> BatchStatus:
    """Publishes the drafts of the batch that are complete. Raises as :func:`submit`."""
    plans = await asyncio.to_thread(_plan_datasets, job)
    async with _opened(job, "publish", observer, interrupt) as session:
        records = await session.store.sync(session.batch, [entry.wanted for entry in plans.every])
        works = [Work(entry, records[entry.id], Goal.PUBLISHED) for entry in plans.selected]
        ready = [work for work in works if _is_reviewable(work.record) or work.record.is_published]
        await session.work_off(ready, publish_dataset)
        return session.status(records, _unfinished(works))


async def discard(job: Job, observer: Observer = ignore, interrupt: Interrupt | None = None) -> BatchStatus:
    """Deletes the drafts of the batch; published records stay. Raises as :func:`submit`."""
    async with _opened(job, "discard", observer, interrupt) as session:
        records = await session.store.load(session.batch)
        selected = _selected(job.only, records, (dataset.id for dataset in job.manifest.datasets))
        metadata = {dataset.id: dataset.metadata for dataset in job.manifest.datasets}
        works = [
            Work(_plan_of_record(records[key], metadata.get(key)), records[key], Goal.DRAFT)
            for key in selected
            if key in records
        ]
        await session.work_off([work for work in works if _may_have_draft(work.record)], discard_dataset)
        left = [work for work in works if _may_have_draft(work.record)]
        return session.status(records, left)


async def plan(job: Job) -> BatchPlan:
    """What ``submit`` would do; sends nothing and changes nothing but, if need be, the database's tables."""
    plans = await asyncio.to_thread(_plan_datasets, job)
    async with Store.open(job.database) as store:
        batch = await store.find_batch(job.identity)
        records = await store.load(batch) if batch is not None else {}
    planned = tuple(_planned(entry, records.get(entry.id), job.asked_goal) for entry in plans.selected)
    requests = sum(entry.requests for entry in planned)
    size = sum(size for entry in planned for _, size in entry.uploads)
    return BatchPlan(job.manifest.batch, job.target, planned, size, requests, least_seconds(requests))


async def status(database: str, manifest: str | None = None, target: str | None = None) -> list[BatchStatus]:
    """The batches in a database, of one manifest file or target where given; the latest worked on first."""
    path = Path(manifest).absolute() if manifest is not None else None  # noqa: ASYNC240 - no disk is touched
    async with Store.open(database) as store:
        found = await store.all_batches(path, target)
        return [_batch_status(store, batch, await store.load(batch)) for batch in found]


# -- planning ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Plans:
    """The plans of all datasets of the manifest, and of those that were asked for."""

    every: Sequence[DatasetPlan]
    selected: Sequence[DatasetPlan]


def _plan_datasets(job: Job) -> _Plans:
    """Looks at the disk for the files of every dataset. Raises ManifestInvalid where one asked for cannot be sent."""
    selected = set(_selected(job.only, (dataset.id for dataset in job.manifest.datasets)))
    every: list[DatasetPlan] = []
    problems: list[Problem] = []
    for spec in job.manifest.datasets:
        files, found = resolve_files(job.manifest, spec, allow_outside=job.allow_outside)
        if spec.id in selected:
            problems += [problem for problem in found if problem.is_error]
        every.append(plan_dataset(spec, files))
    if problems:
        raise ManifestInvalid("The manifest names files that cannot be deposited; nothing was sent.", problems)
    return _Plans(every, [entry for entry in every if entry.id in selected])


def _selected(only: Sequence[str], known: Iterable[str], default: Iterable[str] | None = None) -> list[str]:
    """The ids asked for, in their order; all (or the ``default``) where none is."""
    ids = list(known)
    if not only:
        return ids if default is None else list(default)
    for wanted in only:
        if wanted not in ids:
            near = get_close_matches(wanted, ids, n=1)
            raise UsageError(
                f"The manifest has no dataset '{wanted}'.",
                f"Did you mean '{near[0]}'?"
                if near
                else f"Its datasets are: {', '.join(ids[:10])}{' ...' if len(ids) > 10 else ''}.",
                code="unknown_dataset",
            )
    return list(dict.fromkeys(only))


def _plan_of_record(record: DatasetRecord, metadata: dict[str, object] | None) -> DatasetPlan:
    described = metadata if metadata is not None else record.sent_metadata or {}
    return DatasetPlan(record.key, record.title, described, metadata_digest(described), ())


def _planned(entry: DatasetPlan, record: DatasetRecord | None, goal: Goal) -> PlannedDataset:
    uploads = tuple((file.name, file.size) for file in files_to_send(entry, record))
    if record is None or record.deposition_id is None:
        return _expected(entry, "create", "", uploads, goal, extra=1)
    if record.is_published:
        same = is_at_goal(Work(entry, record, goal))
        note = f"published as {record.doi}"
        if not same:
            note += "; the manifest or the files differ from it: nothing is sent"
        return PlannedDataset(entry.id, entry.title, "nothing" if same else "refuse", note, (), False, 0)
    if is_at_goal(Work(entry, record, goal)):
        return PlannedDataset(entry.id, entry.title, "nothing", f"draft {record.deposition_id}", (), False, 0)
    described = 0 if record.sent_digest == entry.digest else 1
    note = f"draft {record.deposition_id}"
    action = "publish" if goal is Goal.PUBLISHED and not uploads and not described else "resume"
    return _expected(entry, action, note, uploads, goal, extra=1 + described)


def _expected(
    entry: DatasetPlan, action: str, note: str, uploads: tuple[tuple[str, int], ...], goal: Goal, extra: int
) -> PlannedDataset:
    publishes = goal is Goal.PUBLISHED
    requests = extra + len(uploads) + publishes
    return PlannedDataset(entry.id, entry.title, action, note, uploads, publishes, requests)


# -- a run -------------------------------------------------------------------------------------------------------


_ACCESS_CODES = {"unauthorized", "repository_unavailable", "repository_untrusted"}
"""Reasons to stop that, before anything was changed, mean that the target cannot be used at all."""


class _Session:
    """A batch that this process holds, and the repository it goes to."""

    def __init__(self, job: Job, store: Store, batch: BatchRecord, observer: Observer, interrupt: Interrupt) -> None:
        self.job = job
        self.store = store
        self.batch = batch
        self.observer = observer
        self.interrupt = interrupt
        self.requests = 0
        self.changed = False
        self.stopped: Failure | None = None
        self._workers: Workers | None = None

    def lock_lost(self) -> None:
        """Without the lock another process may have begun: stop."""
        if self._workers is not None:
            failure = Failure("batch_locked", "The lock on the batch was lost.", "Run the same command again.", True)
            self._workers.stop(failure)

    async def work_off(self, works: Sequence[Work], do: Callable[[Context, Work], Awaitable[None]]) -> None:
        """Runs ``do`` over the datasets that are not yet where they should be."""
        todo = [work for work in works if do is discard_dataset or not is_at_goal(work)]
        self._announce(todo)
        if not todo:
            return
        async with self._repository() as (repository, zenodo):
            context = Context(
                repository=repository,
                store=self.store,
                clock=zenodo.clock,
                drafts=OwnDrafts(repository, self.store),
                observer=self.observer,
                timing=self.job.timing or Timing(),
            )
            workers = Workers(context, do, self.interrupt, self.job.concurrency)
            self._workers = workers
            display = asyncio.create_task(self._tell_of_waits(zenodo.limiter), name="rate limit display")
            try:
                await workers.run(todo)
            finally:
                display.cancel()
                with suppress(asyncio.CancelledError):
                    await display
            self.stopped = workers.stopped

    def _announce(self, todo: Sequence[Work]) -> None:
        planned = [_planned(work.plan, work.record, work.goal) for work in todo]
        size = sum(size for entry in planned for _, size in entry.uploads)
        requests = sum(entry.requests for entry in planned)
        self.observer(BatchStarted(self.batch.name, self.job.target, len(todo), size, requests))

    @asynccontextmanager
    async def _repository(self) -> AsyncIterator[tuple[PatientRepository, ZenodoRepository]]:
        zenodo = connect(self.job.target, self.job.token, listener=self._heard, field_name=user_field)
        patient = PatientRepository(
            zenodo,
            patience=self.job.patience,
            on_wait=lambda wait: self.observer(Waiting(wait.answer.message, wait.seconds)),
        )
        try:
            yield patient, zenodo
        finally:
            await patient.close()

    def _heard(self, exchange: Exchange) -> None:
        self.requests += 1
        if exchange.status is not None and exchange.status < 300:
            self.changed = self.changed or exchange.method != "GET"
            if self._workers is not None:
                self._workers.admit()
        dataset = current_dataset.get()
        self.store.log_exchange(self.batch, dataset, exchange)
        self.observer(RequestDone(dataset, exchange))

    async def _tell_of_waits(self, limiter: RateLimiter) -> None:
        while True:
            await asyncio.sleep(1.0)
            if limiter.waiting_until is not None and (left := limiter.waiting_until - time.monotonic()) > 1.0:
                self.observer(Waiting("rate limit", left))

    def status(self, records: dict[str, DatasetRecord], unfinished: Sequence[Work]) -> BatchStatus:
        """The document of this run."""
        return replace(
            _batch_status(self.store, self.batch, records),
            requests=self.requests,
            stopped=self.stopped,
            exit_code=self._exit_code(unfinished),
        )

    def _exit_code(self, unfinished: Sequence[Work]) -> ExitCode:
        if self.stopped is not None:
            if self.stopped.code == "interrupted":
                return ExitCode.INTERRUPTED
            if self.stopped.code in _ACCESS_CODES and not self.changed:
                return ExitCode.ACCESS
            return ExitCode.UNFINISHED
        return ExitCode.UNFINISHED if unfinished else ExitCode.DONE


@asynccontextmanager
async def _opened(job: Job, command: str, observer: Observer, interrupt: Interrupt | None) -> AsyncIterator[_Session]:
    async with Store.open(job.database) as store:
        batch = await store.open_batch(job.identity)
        session = _Session(job, store, batch, observer, interrupt or Interrupt())
        async with store.lock(batch, session.lock_lost), store.run(batch, command):
            yield session


def _unfinished(works: Sequence[Work]) -> list[Work]:
    return [work for work in works if not _finished(work)]


def _finished(work: Work) -> bool:
    record = work.record
    if record.failure is not None:
        return False
    return record.is_published or (work.goal is Goal.DRAFT and record.state is DatasetState.DRAFT)


def _is_reviewable(record: DatasetRecord) -> bool:
    """Whether a dataset got as far as a complete draft: publishing may go on with it, never with half a draft."""
    return record.deposition_id is not None and all(file.uploaded for file in record.wanted_files)


def _may_have_draft(record: DatasetRecord) -> bool:
    return not record.is_published and (record.deposition_id is not None or record.intent is not None)


# -- the status document -----------------------------------------------------------------------------------------


def _batch_status(store: Store, batch: BatchRecord, records: dict[str, DatasetRecord]) -> BatchStatus:
    datasets = [_dataset_status(record) for record in records.values()]
    return BatchStatus(batch.name, batch.target, store.shown, batch.manifest, datasets)


def _dataset_status(record: DatasetRecord) -> DatasetStatus:
    return DatasetStatus(
        id=record.key,
        state=record.state,
        title=record.title,
        deposition_id=record.deposition_id,
        reserved_doi=record.reserved_doi,
        doi=record.doi,
        url=record.url,
        attempts=record.attempts,
        updated=record.updated,
        files=[FileStatus(file.name, file.path, file.size, file.md5, file.state) for file in record.wanted_files],
        error=record.failure,
        warnings=record.warnings,
        in_manifest=record.in_manifest,
        published_at=record.published,
        metadata=record.stored_metadata or {},
    )
