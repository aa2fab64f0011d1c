"""What an earlier run's request came to, before anything else is asked for the dataset."""

from __future__ import annotations

from datetime import timedelta

from batchdep.deposit.creating import settle_create
from batchdep.deposit.publishing import settle_publish
from batchdep.deposit.step import Deferred, Step
from batchdep.state.records import FileRecord, Intent, IntentKind


async def settle(step: Step) -> None:
    """Whether there is a draft, or a record by now. Raises Deferred until that is sure."""
    match step.record.intent:
        case Intent(kind=IntentKind.CREATE):
            await settle_create(step)
        case Intent(kind=IntentKind.PUBLISH):
            await settle_publish(step)
        case _:
            pass


async def settle_draft(step: Step) -> None:
    """Waits for what may still change the draft behind our back. Raises Deferred until that is surely over.

    Most requests show when the draft is looked at, and what is sent anew takes its turn after them. Not so a deletion;
    an update that a proxy gave up on, which may come after the next one; and an upload of a file that the manifest no
    longer names: it would come into the draft unnoticed.
    """
    timing = step.context.timing
    match step.record.intent:
        case Intent(kind=IntentKind.DELETE, late=late):
            await _settle_delete(step, timing.request(late=late))
        case Intent(kind=IntentKind.UPDATE, late=True):
            await _wait_out(step, timing.late)  # and stays in doubt: what the draft holds is not known
        case Intent(kind=IntentKind.UPLOAD, late=late) if unwanted := _unwanted(step):
            await _wait_out(step, timing.upload(max(file.size for file in unwanted), late=late))
            await step.store.settled(step.record)
        case _:
            pass


def _unwanted(step: Step) -> list[FileRecord]:
    """Files that may have been under way, and that the manifest no longer names."""
    wanted = {file.name for file in step.plan.files}
    return [file for file in step.record.files.values() if not file.uploaded and file.name not in wanted]


async def _settle_delete(step: Step, seconds: float) -> None:
    if await step.get() is None:
        await step.store.discarded(step.record)
        return
    await _defer(step, seconds)
    await step.store.settled(step.record)


async def _wait_out(step: Step, seconds: float) -> None:
    await step.get()  # tells the repository's clock, by which the doubt is dated
    await _defer(step, seconds)


async def _defer(step: Step, seconds: float) -> None:
    intent = await step.doubt(answered=True)
    now = step.context.clock.server_now()
    left = timedelta(seconds=seconds) - (now - (intent.doubted or now))
    if left > timedelta(0):
        raise Deferred(min(left.total_seconds(), 3.0), f"it is not known yet what its earlier {intent.kind} came to")
