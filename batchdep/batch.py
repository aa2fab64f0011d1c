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
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from http import HTTPStatus

from msgspec.structs import replace

from batchdep.config import limits_file
from batchdep.deposit import Context, Goal, Links, Work, deposit_dataset, discard_dataset, publish_dataset, read_ahead
from batchdep.deposit.flow import is_at_goal
from batchdep.deposit.reconcile import OwnDrafts, Timing
from batchdep.dois import Dois, dois_of
from batchdep.errors import ExitCode, Failure
from batchdep.events import (
    BatchStarted,
    DatasetStarted,
    Foreseen,
    Observer,
    RequestDone,
    Waiting,
    harmless,
    ignore,
)
from batchdep.job import Job
from batchdep.metadata.translate import user_field
from batchdep.overview import batch_status, status
from batchdep.plan import DatasetPlan, files_decide
from batchdep.planning import (
    BatchPlan,
    PlannedDataset,
    Plans,
    plan_datasets,
    plan_of_record,
    planned,
    planned_discard,
    require_references,
    still_planned,
    summed_up,
)
from batchdep.report.status import BatchStatus, DatasetState
from batchdep.repository.limiter import RateLimiter
from batchdep.repository.model import Exchange
from batchdep.repository.patient import PatientRepository
from batchdep.repository.zenodo import ZenodoRepository, connect
from batchdep.selection import selected_ids
from batchdep.state.records import BatchRecord, DatasetRecord
from batchdep.state.store import Store
from batchdep.workers import Interrupt, Workers, current_dataset

__all__ = ["BatchPlan", "Goal", "Interrupt", "Job", "PlannedDataset", "discard", "plan", "publish", "status", "submit"]


async def submit(job: Job, observer: Observer = ignore, interrupt: Interrupt | None = None) -> BatchStatus:
    """Brings every selected dataset to the goal; running it again resumes.

    Raises ManifestInvalid or another UsageError before anything is sent, BatchLocked when another process works on
    the batch, StateError when the state cannot be kept.
    """
    async with _opened(job, "submit", observer, interrupt) as session:
        plans, records = await session.plan()
        require_references(job, plans, session.dois, job.asked_goal)
        works = [Work(entry, records[entry.id], job.asked_goal) for entry in plans.selected]
        await session.work_off(works, deposit_dataset, read_ahead)
        return await session.status(records, _unfinished(works))


async def publish(job: Job, observer: Observer = ignore, interrupt: Interrupt | None = None) -> BatchStatus:
    """Publishes the drafts of the batch that are complete. Raises as :func:`submit`."""
    async with _opened(job, "publish", observer, interrupt) as session:
        plans, records = await session.plan()
        require_references(job, plans, session.dois, Goal.PUBLISHED)
        works = [Work(entry, records[entry.id], Goal.PUBLISHED) for entry in plans.selected]
        await session.store.fetch(work.record for work in works)
        await session.work_off([work for work in works if _is_to_publish(work.record)], publish_dataset)
        return await session.status(records, _unfinished(works))


async def discard(job: Job, observer: Observer = ignore, interrupt: Interrupt | None = None) -> BatchStatus:
    """Deletes the drafts of the batch; published records stay. Raises as :func:`submit`."""
    async with _opened(job, "discard", observer, interrupt) as session:
        records = await session.store.load(session.batch)
        session.link((), dois_of(job.manifest, job.target, records))
        described = {dataset.id: dataset.metadata for dataset in job.manifest.datasets}
        asked = selected_ids(job.only, {**described, **records}, default=described)
        found = [(records[key], described.get(key)) for key in asked if key in records]
        works = [Work(plan_of_record(record, metadata), record, Goal.DRAFT) for record, metadata in found]
        await session.work_off([work for work in works if _may_have_draft(work.record)], discard_dataset)
        return await session.status(records, [work for work in works if _may_have_draft(work.record)])


async def plan(job: Job) -> BatchPlan:
    """What ``submit`` would do; sends nothing and changes nothing but, if need be, the database's tables."""
    async with Store.open(job.database) as store:
        batch = await store.find_batch(job.identity)
        records = await store.load(batch, whole=False) if batch is not None else {}
        dois = dois_of(job.manifest, job.target, records, job.looked)
        plans = await asyncio.to_thread(plan_datasets, job, _published(records), dois.of)
        require_references(job, plans, dois, job.asked_goal)
        links = Links(plans.selected, records, dois.of, dois.expected)
        known = ((links.resolved(entry), records[entry.id]) for entry in plans.selected if entry.id in records)
        await store.fetch(record for entry, record in known if files_decide(entry, record))
    return summed_up(job, [planned(entry, records.get(entry.id), job.asked_goal, links) for entry in plans.selected])


def _published(records: Mapping[str, DatasetRecord]) -> set[str]:
    return {key for key, record in records.items() if record.is_published}


# -- a run -------------------------------------------------------------------------------------------------------


_ACCESS_CODES = {"unauthorized", "repository_unavailable", "repository_untrusted"}
"""Reasons to stop that, before anything was changed, mean that the target cannot be used at all."""


class _Effects:
    """Whether a run may have changed anything at the repository, as far as its answers tell.

    A plain 200 without a document is what a login page of the network or a wrong address answers to anything; of a
    repository it is one only if something else was answered as a repository answers.
    """

    def __init__(self) -> None:
        self.understood = False
        self._sure = False
        self._doubtful = False

    @property
    def possible(self) -> bool:
        return self._sure or (self._doubtful and self.understood)

    def note(self, exchange: Exchange) -> None:
        done = exchange.outcome == "done"
        self.understood = self.understood or done
        if exchange.method == "GET" or exchange.status is None or exchange.status >= 300:
            return
        if done or exchange.status != HTTPStatus.OK:
            self._sure = True
        else:
            self._doubtful = True


class _Session:
    """A batch that this process holds, and the repository it goes to."""

    def __init__(self, job: Job, store: Store, batch: BatchRecord, observer: Observer, interrupt: Interrupt) -> None:
        self.job = job
        self.store = store
        self.batch = batch
        self.observer = harmless(observer)
        self.interrupt = interrupt
        self.requests = 0
        self._effects = _Effects()
        self.stopped: Failure | None = None
        self._workers: Workers | None = None
        self.dois = Dois(job.target, {}, {})
        self._links = Links()
        self._lock_lost = False

    def lock_lost(self) -> None:
        """Without the lock another process may have begun: stop, or do not begin."""
        self._lock_lost = True
        if self._workers is not None:
            failure = Failure("batch_locked", "The lock on the batch was lost.", "Run the same command again.", True)
            self._workers.stop(failure)

    async def plan(self) -> tuple[Plans, dict[str, DatasetRecord]]:
        """The datasets as manifest and disk have them now, and their records brought up to that, some as outlines."""
        known = await self.store.load(self.batch, whole=False)
        dois = dois_of(self.job.manifest, self.job.target, known, self.job.looked)
        plans = await asyncio.to_thread(plan_datasets, self.job, _published(known), dois.of)
        records = await self.store.sync(self.batch, plans.wanted, known, whole=False)
        self.link(plans.selected, replace(dois, records=records))
        return plans, records

    def link(self, plans: Sequence[DatasetPlan], dois: Dois) -> None:
        """Makes known which datasets refer to which, and their DOIs."""
        self.dois = dois
        self._links = Links(plans, dois.records, dois.of, dois.expected)

    async def work_off(
        self,
        works: Sequence[Work],
        do: Callable[[Context, Work], Awaitable[None]],
        prepare: Callable[[Work], None] = lambda _: None,
    ) -> None:
        """Runs ``do`` over the datasets that are not yet where they should be; see :class:`Workers`."""
        todo = await self._todo(works) if do is not discard_dataset else works
        expected = planned_discard if do is discard_dataset else self._still_planned
        size = requests = 0
        for entry in map(expected, todo):  # none is kept: a batch may have a million files to send
            size += entry.bytes
            requests += entry.requests
        self.observer(BatchStarted(self.batch.name, self.job.target, len(todo), size, requests))
        if not todo:
            return
        async with self._repository() as (repository, zenodo):
            context = Context(
                repository=repository,
                store=self.store,
                clock=zenodo.clock,
                drafts=OwnDrafts(repository, self.store),
                observer=self.observer,
                token_variable=self.job.token_variable,
                timing=self.job.timing or Timing(),
                links=self._links,
            )
            workers = Workers(
                context, do, lambda work: _begun(expected(work)), self.interrupt, self.job.concurrency, prepare
            )
            self._workers = workers
            if self._lock_lost:
                self.lock_lost()
            display = asyncio.create_task(self._tell_of_limits(zenodo.limiter), name="rate limit display")
            try:
                await workers.run(todo)
            finally:
                display.cancel()
                with suppress(asyncio.CancelledError):
                    await display
            self.stopped = workers.stopped

    async def _todo(self, works: Sequence[Work]) -> list[Work]:
        """Those that are not at their goal. Of most datasets nothing need be fetched to tell."""
        resolve = self._links.resolved
        await self.store.fetch(work.record for work in works if files_decide(resolve(work.plan), work.record))
        return [work for work in works if not is_at_goal(replace(work, plan=resolve(work.plan)))]

    def _still_planned(self, work: Work) -> PlannedDataset:
        return still_planned(work, self._links)

    @asynccontextmanager
    async def _repository(self) -> AsyncIterator[tuple[PatientRepository, ZenodoRepository]]:
        zenodo = connect(
            self.job.target,
            self.job.token,
            listener=self._heard,
            field_name=user_field,
            limits=limits_file(self.job.target),
        )
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
        self._effects.note(exchange)
        dataset = current_dataset.get()
        heard = RequestDone(dataset, exchange)
        if self._workers is not None:
            self._workers.breadth.see(heard)
            if self._effects.understood:
                self._workers.admit()
        self.store.log_exchange(self.batch, dataset, exchange)
        self.observer(heard)

    async def _tell_of_limits(self, limiter: RateLimiter) -> None:
        while True:
            await asyncio.sleep(1.0)
            self.observer(Foreseen(limiter.outlook()))
            if limiter.waiting_until is not None and (left := limiter.waiting_until - time.monotonic()) > 1.0:
                self.observer(Waiting("rate limit", left))

    async def status(self, records: dict[str, DatasetRecord], unfinished: Sequence[Work]) -> BatchStatus:
        """The document of this run."""
        if not self.job.outlined:
            await self.store.fetch(records.values())
        return replace(
            batch_status(self.store, self.batch, records),
            sums=await self.store.sums(self.batch) if self.job.outlined else None,
            requests=self.requests,
            stopped=self.stopped,
            exit_code=self._exit_code(unfinished),
        )

    def _exit_code(self, unfinished: Sequence[Work]) -> ExitCode:
        if self.stopped is not None:
            if self.stopped.code == "interrupted":
                return ExitCode.INTERRUPTED
            if self.stopped.code in _ACCESS_CODES and not self._effects.possible:
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


def _begun(entry: PlannedDataset) -> DatasetStarted:
    return DatasetStarted(entry.id, entry.title, entry.bytes, entry.requests)


def _unfinished(works: Sequence[Work]) -> list[Work]:
    return [work for work in works if not _finished(work)]


def _finished(work: Work) -> bool:
    record = work.record
    if record.failure is not None:
        return False
    return record.is_published or (work.goal is Goal.DRAFT and record.state is DatasetState.DRAFT)


def _is_to_publish(record: DatasetRecord) -> bool:
    """Whether publishing has to do with a dataset: one that was drafted, or is published. A draft that is not complete,
    or not known, is refused in words, unless it has words of its own already: what stopped it."""
    whole = all(file.uploaded for file in record.wanted_files)
    explained = record.failure is not None and record.failure.code != "draft_outdated"
    drafted = record.deposition_id is not None
    return record.is_published or (drafted and whole) or ((drafted or record.intent is not None) and not explained)


def _may_have_draft(record: DatasetRecord) -> bool:
    return not record.is_published and (record.deposition_id is not None or record.intent is not None)
