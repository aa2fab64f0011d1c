"""Publishing a draft: once, and only when every byte in it is as it was read."""

from __future__ import annotations

import asyncio

from batchdep.deposit.body import changed, in_reader, unchanged
from batchdep.deposit.filling import holds
from batchdep.deposit.step import TRIES, Deferred, Goal, Interrupted, Step
from batchdep.errors import DatasetFailure
from batchdep.metadata.compare import differences
from batchdep.plan import nothing_else_to_do
from batchdep.repository.model import Answer, Deposition, Done, Reason, Rejected, Unknown
from batchdep.state.records import DatasetRecord, Intent, IntentKind
from batchdep.state.steps import Confirmed


async def publish(step: Step) -> None:
    """Publishes the draft. It holds just the files that were sent: it was made, or looked at, in this run."""
    for attempt in range(1, TRIES + 1):
        # It may have come with the completion, a moment ago; that of an earlier run is settled by now.
        if attempt > 1 or not step.is_noted(IntentKind.PUBLISH):
            step.context.proceed()
            await _nothing_moved(step)
            await step.store.intend(step.record, step.intent(IntentKind.PUBLISH), attempt=attempt > 1)
        await _understand(step, await step.repository.publish(step.deposition_id))
        if step.record.is_published:
            return
    raise step.exhausted("publish it")


async def intent_to_publish(step: Step, confirmed: Confirmed) -> Intent | None:
    """What rides on the commit that completes the draft, with these files the last to come.

    None where the draft is the goal, where it may have to wait for others, and where something is in the way: that
    shows when it is to be published by itself.
    """
    if step.work.goal is not Goal.PUBLISHED or step.work.plan.refers_to:
        return None
    try:
        step.context.proceed()
        await _nothing_moved(step, confirmed)
    except (Interrupted, DatasetFailure):
        return None
    return step.intent(IntentKind.PUBLISH)


async def settle_publish(step: Step) -> None:
    """Whether the intent published the deposition. Raises Deferred until that is sure."""
    if await _turned_out_published(step):
        return
    intent = await step.doubt(answered=True)
    waited = (step.context.clock.server_now() - (intent.doubted or intent.at)).total_seconds()
    # To ask for it again does no harm; to change the draft under a publication that comes late would.
    late = intent.late or not nothing_else_to_do(step.plan, step.record)
    if (wait := step.context.timing.request(late=late) - waited) > 0:
        raise Deferred(min(wait, 2.0), "it is not known yet whether it was published")
    await step.store.settled(step.record)


async def is_published(step: Step, deposition: Deposition) -> None:
    """Notes that the deposition is a record, and what it lacks of what was sent."""
    record = step.record
    sent = record.sent_metadata or step.plan.metadata
    warnings = [difference.message for difference in differences(sent, deposition.metadata, published=True)]
    warnings += [f"The record holds {name}, which was not sent." for name in _strangers(record, deposition)]
    incomplete = _incomplete(record, deposition)
    await step.store.is_published(record, deposition, warnings, incomplete.failure if incomplete else None)
    if incomplete:
        raise incomplete


def _strangers(record: DatasetRecord, deposition: Deposition) -> list[str]:
    return [file.name for file in deposition.files if file.name not in record.files]


def _incomplete(record: DatasetRecord, deposition: Deposition) -> DatasetFailure | None:
    """What the record lacks of what was sent; what the manifest wants since then is no fault of the record's."""
    remote = {file.name: file for file in deposition.files}
    sent = [file for file in record.wanted_files if file.uploaded]
    lacking = [file.name for file in sent if not holds(remote.get(file.name), file)]
    if not remote or not lacking:
        return None
    return DatasetFailure(
        "published_incomplete",
        f"It is published, but the record lacks or alters: {', '.join(lacking)}.",
        "Make a new version of the record at the repository, and tell its support.",
    )


async def _nothing_moved(step: Step, confirmed: Confirmed = ()) -> None:
    """Raises DatasetFailure unless the repository has each file as it is now; ``confirmed``: those of which that is not
    noted yet."""
    # To look at an archive's folder may take seconds, for which no upload is to wait.
    elsewhere = any(file.archive for file in step.plan.files)
    await (asyncio.to_thread if elsewhere else in_reader)(_verify_nothing_moved, step, confirmed)


def _verify_nothing_moved(step: Step, confirmed: Confirmed) -> None:
    there = {file.name: file.fingerprint for file in step.record.files.values() if file.uploaded}
    there |= {file.name: sent.fingerprint for file, sent in confirmed}
    for file in step.plan.files:
        if there.get(file.name) != file.fingerprint or not unchanged(file):
            raise changed(file)


async def _understand(step: Step, answer: Answer[Deposition]) -> None:
    match answer:
        case Done(deposition) if deposition.published:
            await is_published(step, deposition)
        case Done() | Unknown():
            late = isinstance(answer, Unknown) and answer.late
            await step.doubt(late=late)
            if not await step.saw(lambda: _turned_out_published(step), step.context.timing.request(late=late)):
                await step.store.settled(step.record)
        case Rejected(reason=Reason.NOT_FOUND) if await _turned_out_published(step):
            pass
        case _:
            raise await step.give_up(answer, "publish")


async def _turned_out_published(step: Step) -> bool:
    deposition = await step.get()
    if deposition is None or not deposition.published:
        return False
    await is_published(step, deposition)
    return True
