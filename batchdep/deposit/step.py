"""What the steps of a deposit share: the dataset they work on, and how they ask, wait and give up."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from enum import StrEnum
from typing import Any

from msgspec import Struct, field

from batchdep.deposit.body import ReadAhead
from batchdep.deposit.links import Links
from batchdep.deposit.reconcile import Clock, OwnDrafts, Timing
from batchdep.deposit.refusals import StopBatch, refused, unavailable
from batchdep.errors import DatasetFailure
from batchdep.events import DatasetWaiting, Observer
from batchdep.plan import DatasetPlan, same_content
from batchdep.repository.model import (
    Answer,
    Deposition,
    DepositionState,
    Done,
    Reason,
    Rejected,
    Repository,
)
from batchdep.state.records import DatasetRecord, Intent, IntentKind
from batchdep.state.store import Store

TRIES = 3
"""Times that a request which surely came to nothing is sent anew in one run."""


class Goal(StrEnum):
    """How far a dataset is to go."""

    DRAFT = "draft"
    PUBLISHED = "published"


class Deferred(Exception):
    """Nothing can be done for the dataset for ``seconds``: others may go first."""

    def __init__(self, seconds: float, reason: str) -> None:
        super().__init__(reason)
        self.seconds = seconds
        self.reason = reason


class Interrupted(Exception):
    """The run is to end: no further request is begun."""


class Context(Struct):
    """What all datasets of a run share. ``proceed`` raises Interrupted once the run is to end; ``token_variable``: the
    environment variable that the token is from, None where it is from elsewhere."""

    repository: Repository
    store: Store
    clock: Clock
    drafts: OwnDrafts
    observer: Observer
    proceed: Callable[[], None] = lambda: None
    token_variable: str | None = None
    timing: Timing = field(default_factory=Timing)
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    links: Links = field(default_factory=Links)


class Work(Struct):
    """A dataset on its way: what it is to become, where it stands, and what this run has tried with it.

    ``plan`` has references as they are written. ``made``: its draft was made in this run; ``looked``: what the draft
    holds is known, as it was made or looked at in this run. ``ahead`` reads its files, where that has begun.
    """

    plan: DatasetPlan
    record: DatasetRecord
    goal: Goal
    creates: int = 0
    looked: bool = False
    made: bool = False
    ahead: ReadAhead | None = None


class Step:
    """A dataset in its context, with the moves that every step makes.

    ``plan`` is what is sent, with the DOIs of other datasets as they are known by now.
    """

    def __init__(self, context: Context, work: Work) -> None:
        self.context = context
        self.work = work
        self.plan = context.links.resolved(work.plan)
        self.record = work.record
        self.repository = context.repository
        self.store = context.store

    def resolve(self) -> bool:
        """Takes up the DOIs that are known by now. Returns whether the plan is another one than before."""
        before, self.plan = self.plan, self.context.links.resolved(self.work.plan)
        return not same_content(before, self.plan)

    @property
    def deposition_id(self) -> int:
        if self.record.deposition_id is None:
            raise AssertionError(f"{self.record.key} has no deposition yet")
        return self.record.deposition_id

    @property
    def deposition(self) -> Deposition:
        """The deposition as the state knows it, without files."""
        record = self.record
        return Deposition(
            id=self.deposition_id,
            state=DepositionState.DONE if record.is_published else DepositionState.UNSUBMITTED,
            metadata=record.stored_metadata or {},
            bucket=record.bucket,
            url=record.url or "",
            reserved_doi=record.reserved_doi,
            doi=record.doi,
        )

    def intent(self, kind: IntentKind) -> Intent:
        """The note that a request is about to be sent."""
        clock = self.context.clock
        return Intent(kind, clock.earliest_now(), sure=clock.known)

    def is_noted(self, kind: IntentKind) -> bool:
        """Whether such an intent is there already, of this run or of one that died before it was in doubt."""
        intent = self.record.intent
        return intent is not None and (intent.kind, intent.doubted) == (kind, None)

    async def get(self) -> Deposition | None:
        """The deposition as the repository has it, None where it is gone."""
        self.context.proceed()
        answer = await self.repository.get(self.deposition_id)
        match answer:
            case Done(deposition):
                return deposition
            case Rejected(reason=Reason.NOT_FOUND):
                return None
            case _:
                raise given_up(answer, "read")

    async def give_up(self, answer: Answer[Any], what: str) -> DatasetFailure | StopBatch:
        """What to raise for a request that surely did nothing; its intent is settled first."""
        await self.store.settled(self.record)
        return given_up(answer, what)

    async def doubt(self, *, late: bool = False, answered: bool = False) -> Intent:
        """The intent, with the moment since when its outcome is in doubt.

        Of an earlier run's intent the doubt begins now: the rate limit may have kept the request for an hour, and that
        run may have been killed just after it left. It is dated by the repository's clock; before that is known, by
        nothing, as this machine's may be minutes off. ``answered``: the repository has answered just now, so that what
        is known of its clock is all that ever will be.
        """
        intent = self.record.intent
        if intent is None:
            raise AssertionError("there is no intent to doubt")
        clock = self.context.clock
        since = clock.server_now() if clock.known or answered else None
        await self.store.doubt(self.record, since=since, late=late)
        return self.record.intent or intent

    async def saw(self, happened: Callable[[], Awaitable[bool]], seconds: float) -> bool:
        """Looks again and again, with growing waits, until the effect is there or, after ``seconds``, never will be."""
        timing, clock = self.context.timing, self.context.clock
        deadline = clock.server_now() + timedelta(seconds=seconds)
        looks = iter(timing.looks)
        while not await happened():
            left = (deadline - clock.server_now()).total_seconds()
            if left <= 0:
                return False
            wait = min(next(looks, timing.looks[-1]), left)
            self.context.observer(DatasetWaiting(self.record.key, "looking what became of a request", wait))
            await self.context.sleep(wait)
            self.context.proceed()
        return True

    def exhausted(self, what: str) -> DatasetFailure:
        """The failure of a request that came to nothing as often as it is sent in one run."""
        return DatasetFailure(
            "repository_error",
            f"The repository failed {TRIES} times to {what}.",
            "Try again later; if it stays so, ask the repository's support.",
            retryable=True,
        )


def given_up(answer: Answer[Any], what: str) -> DatasetFailure | StopBatch:
    """What to raise for an answer with which the dataset cannot go on."""
    if isinstance(answer, Done):
        raise AssertionError("an answer that was understood")
    return refused(answer, what) if isinstance(answer, Rejected) else unavailable(answer)
