"""A draft for the dataset: made once, found again when the answer was lost."""

from __future__ import annotations

import math
from typing import Any

from batchdep.deposit.reconcile import Look, seconds_of_doubt
from batchdep.deposit.step import TRIES, Deferred, Step, given_up
from batchdep.errors import DatasetFailure
from batchdep.repository.model import Answer, Deposition, Done, Reason, Rejected, Unknown
from batchdep.state.records import IntentKind
from batchdep.state.steps import AlreadyOwnedError


async def create(step: Step) -> None:
    """Makes the draft, if the dataset has none. Raises Deferred while it is not sure what a create came to."""
    while step.record.deposition_id is None:
        step.context.proceed()
        if step.work.creates >= TRIES:
            raise _undigestible()
        step.work.creates += 1
        plan, intent = step.context.links.at_creation(step.work.plan), step.intent(IntentKind.CREATE)
        await step.store.intend_create(step.record, intent, digest=plan.digest, metadata=plan.metadata)
        await _understand(step, await step.repository.create(plan.metadata))


async def settle_create(step: Step) -> None:
    """Adopts the draft that the intent made, or makes sure that there is none. Raises Deferred until that is sure."""
    look = await step.context.drafts.look(await step.doubt(), _sent(step)[1])
    if not isinstance(look, Look):
        raise given_up(look, "list the account's depositions")
    intent = await step.doubt(answered=True)
    for candidate in look.candidates:
        if await _adopt(step, candidate):
            return
    clock = step.context.clock
    now = clock.server_now()
    delay = step.context.drafts.index_delay(look, now) if clock.known else math.inf  # ages by two clocks say nothing
    wait = seconds_of_doubt(intent, now, delay, step.context.timing)
    if wait > 0:
        raise Deferred(min(wait, 3.0), "it is not known yet whether its draft was made")
    await step.store.settled(step.record)


async def _understand(step: Step, answer: Answer[Deposition]) -> None:
    match answer:
        case Done(deposition):
            if not await _own(step, deposition, how="created"):
                # A dataset in doubt, with the same metadata, took it for its own: this one needs another.
                await step.store.settled(step.record)
        case Unknown(late=late):
            await step.doubt(late=late)
            await settle_create(step)
        case _:
            raise await step.give_up(answer, "create")


async def _adopt(step: Step, candidate: Deposition) -> bool:
    answer = await step.repository.get(candidate.id)  # a list's entry lacks the bucket, and may be old
    match answer:
        case Done(deposition):
            return not deposition.published and not deposition.files and await _own(step, deposition, how="adopted")
        case Rejected(reason=Reason.NOT_FOUND | Reason.FORBIDDEN):  # deleted since it was listed
            return False
        case _:
            raise given_up(answer, "read")


async def _own(step: Step, deposition: Deposition, how: str) -> bool:
    digest, metadata = _sent(step)
    try:
        upcoming = None if step.work.plan.refers_to else step.intent(IntentKind.UPLOAD)  # it may have to wait for DOIs
        await step.store.owns(step.record, deposition, upcoming, digest=digest, metadata=metadata, how=how)
    except AlreadyOwnedError:
        return False
    step.work.looked = step.work.made = True
    step.context.links.moved(step.record.key)
    return True


def _sent(step: Step) -> tuple[str, dict[str, Any]]:
    """What the draft was, or was to be, made with: the manifest may have changed since."""
    record, plan = step.record, step.plan
    if record.sent_digest is None or record.sent_metadata is None:
        return plan.digest, plan.metadata
    return record.sent_digest, record.sent_metadata


def _undigestible() -> DatasetFailure:
    return DatasetFailure(
        "repository_error",
        f"The repository failed {TRIES} times to make a draft of this.",
        "A value in the metadata that it cannot digest does that: look at people, identifiers and dates; or try again"
        " later.",
        retryable=True,
    )
