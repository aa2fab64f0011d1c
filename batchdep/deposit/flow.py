"""The order of the steps."""

from __future__ import annotations

from batchdep.deposit.creating import create
from batchdep.deposit.describing import send_metadata, update_in_doubt
from batchdep.deposit.drafts import look
from batchdep.deposit.filling import recognise_same_bytes, upload_files
from batchdep.deposit.finished import refuse_changes
from batchdep.deposit.publishing import publish
from batchdep.deposit.settling import settle, settle_draft
from batchdep.deposit.step import TRIES, Context, Goal, Step, Work
from batchdep.errors import DatasetFailure
from batchdep.metadata.compare import differences
from batchdep.plan import nothing_to_do
from batchdep.report.status import DatasetState
from batchdep.repository.model import Done, Reason, Rejected, Unknown
from batchdep.state.records import DatasetRecord, IntentKind


async def deposit_dataset(context: Context, work: Work) -> None:
    """Brings the dataset to its goal.

    Raises DatasetFailure when it cannot get there, StopBatch when no dataset can, Deferred when it has to wait, and
    Interrupted when the run ends first. Whatever is raised, calling it again goes on from there.
    """
    step = Step(context, work)
    record = work.record
    _refuse_held(record)
    if not record.is_published:
        await settle(step)
    if record.is_published:
        await refuse_changes(step)
        return
    await settle_draft(step)
    await _mark_changed_files(step)
    if is_at_goal(work):
        return
    await _draft(step)
    if record.is_published:  # by somebody, meanwhile
        await refuse_changes(step)
    elif work.goal is Goal.PUBLISHED:
        await publish(step)


def _refuse_held(record: DatasetRecord) -> None:
    """A dataset of which an unknown deposition may be there already: one more would deposit it twice."""
    if record.held and (failure := record.failure) is not None:
        raise DatasetFailure(failure.code, failure.message, failure.hint)


def is_at_goal(work: Work) -> bool:
    """Whether nothing is left to do, as far as the state and the disk tell; asks nobody."""
    record, plan = work.record, work.plan
    if record.is_published:
        return record.failure is None and nothing_to_do(plan, record)
    at_draft = record.state is DatasetState.DRAFT and record.failure is None
    return work.goal is Goal.DRAFT and at_draft and nothing_to_do(plan, record)


async def _mark_changed_files(step: Step) -> None:
    changed = await recognise_same_bytes(step)
    if changed:
        await step.store.outdated(step.record, [step.record.files[name] for name in changed])


async def _draft(step: Step) -> None:
    """A draft with all that the manifest asks for; or the record, where somebody published it meanwhile."""
    if step.record.deposition_id is None:
        await create(step)
    elif not step.work.looked:
        await look(step)
        if step.record.is_published:
            return
    await send_metadata(step)
    await upload_files(step)
    found = differences(step.record.sent_metadata or {}, step.record.stored_metadata or {})
    await step.store.complete(step.record, [difference.message for difference in found])


async def publish_dataset(context: Context, work: Work) -> None:
    """Publishes the draft as it was reviewed; nothing else is sent. Raises as :func:`deposit_dataset`."""
    step = Step(context, work)
    record = work.record
    if not record.is_published:
        await settle(step)
    if record.is_published:
        await refuse_changes(step)
        return
    if update_in_doubt(record):
        raise _outdated("it is not known what became of the last change of its metadata")
    if await recognise_same_bytes(step) or record.sent_digest != work.plan.digest or not _is_complete(record):
        raise _outdated("the manifest or its files changed since")
    await look(step)
    if record.is_published:
        return
    if not _is_complete(record):
        raise _outdated("files were removed from it or replaced in it")
    await publish(step)


def _is_complete(record: DatasetRecord) -> bool:
    return all(file.uploaded and file.in_manifest for file in record.files.values())


def _outdated(why: str) -> DatasetFailure:
    return DatasetFailure(
        "draft_outdated",
        f"The draft is not what the manifest asks for: {why}.",
        "Run `batchdep submit` to bring it up to date, review it, then publish.",
    )


async def discard_dataset(context: Context, work: Work) -> None:
    """Deletes the draft of a dataset; a published one is left alone. Raises as :func:`deposit_dataset`."""
    step = Step(context, work)
    if not work.record.is_published:
        await settle(step)
    for _ in range(TRIES):
        if _has_no_draft(work.record):
            return
        if await _look_before_deleting(step):
            await _delete(step)
    if not _has_no_draft(work.record):
        raise step.exhausted("delete the draft")


def _has_no_draft(record: DatasetRecord) -> bool:
    return record.is_published or record.deposition_id is None


async def _look_before_deleting(step: Step) -> bool:
    """Whether there is a draft to delete; gone or published meanwhile, that is noted."""
    deposition = await step.get()
    if deposition is None:
        await step.store.discarded(step.record)
        return False
    if deposition.published:
        await step.store.is_published(step.record, deposition, step.record.warnings)
        return False
    return True


async def _delete(step: Step) -> None:
    await step.store.intend(step.record, step.intent(IntentKind.DELETE))
    answer = await step.repository.delete(step.deposition_id)
    match answer:
        case Done():
            await step.store.discarded(step.record)
        case Rejected(reason=Reason.NOT_FOUND) | Unknown():
            if isinstance(answer, Unknown):
                await step.doubt(late=answer.late)
            await step.context.sleep(1.0)  # gone, published, or still there: looked at before anything is asked
        case _:
            raise await step.give_up(answer, "delete the draft")
