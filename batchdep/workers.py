"""Many datasets side by side, one request at a time for each; one bad dataset never stops the others."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from contextvars import ContextVar
from itertools import islice

from batchdep.agenda import Agenda
from batchdep.breadth import Breadth
from batchdep.deposit import Context, Deferred, Interrupted, Parked, Work
from batchdep.deposit.refusals import StopBatch
from batchdep.errors import DatasetFailure, Failure, StateError
from batchdep.events import (
    DatasetDone,
    DatasetParked,
    DatasetStarted,
    DatasetWaiting,
    Event,
    Observer,
    Stopping,
)
from batchdep.plan import Amount, amount_to_send
from batchdep.state.records import DatasetRecord
from batchdep.state.store import Store
from batchdep.targets import minted_doi

log = logging.getLogger(__name__)

current_dataset: ContextVar[str | None] = ContextVar("current_dataset", default=None)
"""The id of the dataset that the running task works on: requests are logged under it."""

FETCHED = 200
"""Datasets whose metadata and files are read from the state at once."""

QUOTA_REFUSALS = 2
"""So many datasets refused for the quota, with no file taken in between, mean that no other will be taken either."""


_LEAVES_STATE = {"draft_outdated"}
"""Failures that say something of a dataset which is as good as before."""


class Interrupt:
    """Asks a running batch to stop: what is being sent may take ``grace`` seconds more, then it is dropped."""

    def __init__(self, grace: float = 5.0) -> None:
        self.grace = grace
        self.requested = asyncio.Event()

    def request(self) -> None:
        """Stop soon. Safe to call from a signal handler of the event loop."""
        self.requested.set()


class Workers:
    """Works off a list of datasets: ``do`` each, and tell what ``begun`` says of it before. ``prepare`` begins what can
    be done for it before its turn; it asks the repository for nothing.

    ``stopped`` says why it ended before its end, None where it did not.
    """

    def __init__(
        self,
        context: Context,
        do: Callable[[Context, Work], Awaitable[None]],
        begun: Callable[[Work], DatasetStarted],
        interrupt: Interrupt,
        concurrency: int,
        prepare: Callable[[Work], None] = lambda _: None,
    ) -> None:
        self._context = context
        self._do = do
        self._begun = begun
        self._prepare = prepare
        self._interrupt = interrupt
        self.breadth = Breadth(concurrency)
        context.observer = _both(self.breadth.see, context.observer)
        self._quota_refusals = 0
        self._admitted = False
        self._alone = asyncio.Semaphore(1)
        self.stopped: Failure | None = None
        self._broken: Exception | None = None
        context.proceed = self._proceed

    def admit(self) -> None:
        """The repository did what was asked: the others may begin. Until then one dataset goes ahead alone, so that a
        refused token or a wrong address costs one request and not one for each."""
        if not self._admitted:
            self._admitted = True
            for _ in range(self.breadth.ceiling):
                self._alone.release()

    async def _turn(self) -> None:
        """Waits until the dataset may go ahead: admitted, or alone."""
        if not self._admitted:
            await self._alone.acquire()
        self._proceed()

    def _proceed(self) -> None:
        if self.stopped is not None or self._interrupt.requested.is_set():
            raise Interrupted

    async def run(self, works: Sequence[Work]) -> None:
        """Returns when all are done, or the run is stopped. Raises StateError, or what else went wrong, when the state
        cannot be kept."""
        agenda = Agenda(works, self._size_of, self.breadth)
        self._outlines = _Outlines(self._context.store, works)
        self._context.links.wake = agenda.wake
        self._context.links.begin(work.record.key for work in works)
        tasks = [
            asyncio.create_task(self._worker(agenda), name=f"depositor {number}")
            for number in range(min(self.breadth.ceiling, len(works)))
        ]
        watcher = asyncio.create_task(self._watch(agenda, tasks), name="interrupt watcher")
        try:
            await asyncio.gather(*tasks, return_exceptions=True)
        finally:
            for task in (watcher, *tasks):
                task.cancel()
            await asyncio.gather(watcher, *tasks, return_exceptions=True)
        if self._broken is not None:
            raise self._broken
        if agenda.parked and not self._interrupt.requested.is_set():
            raise AssertionError(f"{agenda.parked} datasets wait for others that are through")
        if self._interrupt.requested.is_set() and self.stopped is None:
            self.stopped = Failure("interrupted", "The run was interrupted.", "Run the same command again.", True)

    def _size_of(self, work: Work) -> Amount:
        """What is left to send, with the DOIs that are known when the run begins."""
        return amount_to_send(self._context.links.resolved(work.plan), work.record)

    async def _watch(self, agenda: Agenda[Work], tasks: Sequence[asyncio.Task[None]]) -> None:
        """After an interrupt or a stop nothing is begun any more, and what is being sent has a grace period."""
        await self._interrupt.requested.wait()
        agenda.close()
        self.admit()
        self._context.repository.stop()
        await asyncio.wait(tasks, timeout=self._interrupt.grace)
        for task in tasks:
            task.cancel()

    async def _worker(self, agenda: Agenda[Work]) -> None:
        while (work := await agenda.next()) is not None:
            current_dataset.set(work.record.key)
            try:
                self._proceed()
                await self._one(agenda, work)
            except Parked as parked:  # nothing was learned of the repository: another goes ahead alone
                self._alone.release()
                self._context.observer(DatasetParked(work.record.key, str(parked)))
                agenda.park(work)
                self._context.links.park(parked, work)
                continue
            except Interrupted:
                agenda.done(work)
            except Exception as error:
                agenda.done(work)
                self._break(error)
            finally:
                work.ahead = None  # what was read and not sent: the run has many datasets, and keeps them all
            self.admit()

    def _break(self, error: Exception) -> None:
        self._broken = error
        told = error if isinstance(error, StateError) else None
        self.stop(Failure(told.code, told.message, told.hint, retryable=True) if told else _bug(error))

    def stop(self, failure: Failure) -> None:
        """Ends the run: no request is begun any more. Said once."""
        if self.stopped is None:
            self.stopped = failure
            self._context.observer(Stopping(failure.message, failure.hint))
            self._interrupt.requested.set()

    async def _one(self, agenda: Agenda[Work], work: Work) -> None:
        await self._outlines.fill(work.record)
        self._prepare(work)
        await self._turn()
        self._context.observer(self._begun(work))
        try:
            await self._do(self._context, work)
        except Deferred as wait:
            self._context.observer(DatasetWaiting(work.record.key, wait.reason, wait.seconds))
            agenda.defer(work, wait.seconds)
            return
        except StopBatch as reason:
            self._proceed()  # a run that is ending has its reason already: that a request was not sent is none
            # The dataset is not at fault: it stays where it is.
            failure = reason.told(self._context.token_variable)
            await self._context.store.failed(work.record, failure, state=work.record.state)
            self.stop(failure)
            agenda.done(work)
            return
        except DatasetFailure as error:
            await self._failed(work, error.failure)
        except (Interrupted, Parked, StateError):
            raise
        except Exception as error:
            log.exception("dataset %s", work.record.key)
            with suppress(StateError):
                await self._failed(work, _bug(error))
        else:
            self._quota_refusals = 0
        self._context.links.ended(work.record.key)
        agenda.done(work)
        self._tell(work)
        work.record.make_outline()

    async def _failed(self, work: Work, failure: Failure) -> None:
        state = work.record.state if failure.code in _LEAVES_STATE else None
        await self._context.store.failed(work.record, failure, state=state)
        if failure.code == "quota_exceeded":
            self._quota_refusals += 1
            if self._quota_refusals >= QUOTA_REFUSALS:
                self.stop(failure)

    def _tell(self, work: Work) -> None:
        record = work.record
        self._context.observer(
            DatasetDone(
                record.key,
                record.title,
                str(record.state),
                record.doi,
                minted_doi(self._context.repository.target, record.reserved_doi),
                record.url,
                record.failure,
                record.warnings,
            )
        )


class _Outlines:
    """Records get their metadata and files shortly before their turn: those of a large batch are not held at once."""

    def __init__(self, store: Store, works: Sequence[Work]) -> None:
        self._store = store
        self._following = (work.record for work in works)
        self._reading = asyncio.Lock()

    async def fill(self, record: DatasetRecord) -> None:
        """Fetches what the record lacks, and with it what others do whose turn comes soon."""
        async with self._reading:  # else one that another worker has begun with by now would be read once more
            if record.is_outline:
                following = islice(self._following, FETCHED)
                await self._store.fetch([record, *(each for each in following if each is not record)])


def _both(first: Observer, second: Observer) -> Observer:
    def observe(event: Event) -> None:
        first(event)
        second(event)

    return observe


def _bug(error: Exception) -> Failure:
    return Failure(
        "internal_error",
        f"batchdep failed on this dataset: {type(error).__name__}.",
        "This is a bug in batchdep: run it again with -vv and report what it prints. The other datasets went on.",
        retryable=True,
    )
