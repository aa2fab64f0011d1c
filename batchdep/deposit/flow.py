"""The order of the steps."""

from __future__ import annotations

from msgspec.structs import replace

from batchdep.deposit.body import ReadAhead
from batchdep.deposit.creating import create
from batchdep.deposit.describing import send_metadata, update_in_doubt
from batchdep.deposit.drafts import look
from batchdep.deposit.filling import Confirmations, recognise_same_bytes, upload_files
from batchdep.deposit.finished import refuse_changes
from batchdep.deposit.publishing import intent_to_publish, publish
from batchdep.deposit.settling import settle, settle_draft
from batchdep.deposit.step import TRIES, Context, Goal, Step, Work
from batchdep.errors import DatasetFailure
from batchdep.metadata.compare import differences
from batchdep.plan import DatasetPlan, nothing_to_do, same_content
from batchdep.report.status import DatasetState
from batchdep.repository.model import Done, Reason, Rejected, Unknown
from batchdep.state.records import DatasetRecord, IntentKind


async def deposit_dataset(context: Context, work: Work) -> None:
    """Brings the dataset to its goal.

    Raises DatasetFailure when it cannot get there, StopBatch when no dataset can, Deferred or Parked when it has to
    wait, and Interrupted when the run ends first. Whatever is raised, calling it again goes on from there.
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
    await _draft_exists(step)
    while await _is_drafted(step) and work.goal is Goal.PUBLISHED:
        context.links.ready(record.key)
        context.links.require_publishable(record.key)
        if not step.resolve():  # else a DOI turned out to be another one than was reserved
            await publish(step)
            return


def _refuse_held(record: DatasetRecord) -> None:
    """A dataset of which an unknown deposition may be there already: one more would deposit it twice."""
    if record.held and (failure := record.failure) is not None:
        raise DatasetFailure(failure.code, failure.message, failure.hint)


def is_at_goal(work: Work) -> bool:
    """Whether nothing is left to do, as far as the state and the disk tell; asks nobody.

    The plan must have the DOIs of those that the dataset refers to.
    """
    record, plan = work.record, work.plan
    if record.is_published:
        return record.failure is None and nothing_to_do(plan, record)
    return work.goal is Goal.DRAFT and _is_whole(plan, record)


def _is_whole(plan: DatasetPlan, record: DatasetRecord) -> bool:
    """Whether there is a draft with all that it should have."""
    return record.state is DatasetState.DRAFT and record.failure is None and nothing_to_do(plan, record)


async def _mark_changed_files(step: Step) -> None:
    changed = await recognise_same_bytes(step)
    if changed:
        await step.store.outdated(step.record, [step.record.files[name] for name in changed])


async def _draft_exists(step: Step) -> None:
    """There is a draft, and all DOIs that go into it are known."""
    key = step.record.key
    if step.record.deposition_id is None:
        step.context.links.require_dois_for_creation(key)
        read_ahead(step.work)
        await create(step)
    step.context.links.require_dois(key)
    step.resolve()


def read_ahead(work: Work) -> None:
    """The first small files are read while the dataset waits for its turn and its draft is made, unless they may have
    to wait for DOIs then."""
    if work.ahead is None and work.record.deposition_id is None and not work.record.held and not work.plan.refers_to:
        work.ahead = ReadAhead(work.plan.files)
        work.ahead.begin()


async def _is_drafted(step: Step) -> bool:
    """Completes the draft. False where it is a record: somebody published it meanwhile."""
    record, work = step.record, step.work
    await _mark_changed_files(step)
    if is_at_goal(replace(work, plan=step.plan)):
        return True
    if not work.looked or (step.plan.digest != record.sent_digest and not work.made):
        await look(step)
        if record.is_published:
            await refuse_changes(step)
            return False
    if not _is_whole(step.plan, record):
        await _complete(step)
    return True


async def _complete(step: Step) -> None:
    """Sends what the draft lacks."""
    await send_metadata(step)
    async with Confirmations(step) as confirmed:
        await upload_files(step, confirmed)
        upcoming = await intent_to_publish(step, confirmed.left)
        last = confirmed.taken()
    found = differences(step.record.sent_metadata or {}, step.record.stored_metadata or {})
    await step.store.complete(step.record, [difference.message for difference in found], last, upcoming)


async def publish_dataset(context: Context, work: Work) -> None:
    """Publishes the draft as it was reviewed. Raises as :func:`deposit_dataset`.

    Nothing else is sent, but for the DOI of a dataset that it refers to where that was published with another one than
    was reserved.
    """
    step = Step(context, work)
    record = work.record
    if record.deposition_id is None:
        raise _outdated("it is not known yet whether there is one")
    if not record.is_published:
        await settle(step)
    if record.is_published:
        await refuse_changes(step)
        return
    if update_in_doubt(record):
        raise _outdated("it is not known what became of the last change of its metadata")
    if lacking := [file.name for file in record.wanted_files if not file.uploaded]:
        raise _outdated(f"{', '.join(lacking)} {'is' if len(lacking) == 1 else 'are'} not in it yet")
    context.links.require_dois(record.key)
    await _require_reviewed(step)
    if not work.looked:
        await look(step)
    if record.is_published:
        return
    if not _is_complete(record):
        raise _outdated("files were removed from it or replaced in it")
    context.links.ready(record.key)
    context.links.require_publishable(record.key)
    step.resolve()
    if await _is_drafted(step):
        await publish(step)


async def _require_reviewed(step: Step) -> None:
    """The draft is what manifest and files make it, with the DOIs of now or with those expected when it was made."""
    if await _is_up_to_date(step):
        return
    now, step.plan = step.plan, step.context.links.as_expected(step.work.plan)
    as_reviewed = not same_content(step.plan, now) and await _is_up_to_date(step)
    step.plan = now
    if not as_reviewed:
        raise _outdated("the manifest or its files changed since")


async def _is_up_to_date(step: Step) -> bool:
    record = step.record
    same = record.sent_digest == step.plan.digest and not await recognise_same_bytes(step)
    return same and _is_complete(record)


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
