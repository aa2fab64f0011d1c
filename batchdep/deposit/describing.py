"""Metadata that changed since they were sent."""

from __future__ import annotations

from batchdep.deposit.step import TRIES, Step
from batchdep.metadata.compare import holds_metadata
from batchdep.repository.model import Deposition, Done, Reason, Rejected, Unknown
from batchdep.state.records import DatasetRecord, IntentKind


async def send_metadata(step: Step) -> None:
    """Replaces the draft's metadata where the manifest's are not those that were sent, or others may have come."""
    if step.record.sent_digest == step.plan.digest and not update_in_doubt(step.record):
        return
    for attempt in range(1, TRIES + 1):
        step.context.proceed()
        await step.store.intend(step.record, step.intent(IntentKind.UPDATE), attempt=attempt == 1)
        answer = await step.repository.update(step.deposition_id, step.plan.metadata)
        match answer:
            case Done(deposition):
                await _sent(step, deposition)
                return
            case Unknown(late=late):
                await step.doubt(late=late)
                if await step.saw(lambda: _arrived(step), step.context.timing.request(late=late)):
                    return
            case Rejected(reason=Reason.INVALID, errors=()) if attempt == 1:
                pass  # observed: an update that meets another one is refused with "Invalid value dataset."
            case _:
                raise await step.give_up(answer, "take the metadata")
    raise step.exhausted("take the metadata")


def update_in_doubt(record: DatasetRecord) -> bool:
    """Whether the draft may hold other metadata than were noted: what became of an update is not known."""
    return record.intent is not None and record.intent.kind is IntentKind.UPDATE


async def _arrived(step: Step) -> bool:
    deposition = await step.get()
    if deposition is None or not holds_metadata(step.plan.metadata, deposition.metadata):
        return False
    await _sent(step, deposition)
    return True


async def _sent(step: Step, deposition: Deposition) -> None:
    plan = step.plan
    await step.store.metadata_sent(step.record, deposition.metadata, digest=plan.digest, metadata=plan.metadata)
