"""A draft that an earlier run made: what it holds may differ from what was noted, by lost answers or by people."""

from __future__ import annotations

from batchdep.deposit.body import md5_of
from batchdep.deposit.describing import update_in_doubt
from batchdep.deposit.filling import Confirmations, holds
from batchdep.deposit.publishing import is_published
from batchdep.deposit.step import Step, given_up
from batchdep.errors import DatasetFailure
from batchdep.manifest.model import LocalFile
from batchdep.metadata.compare import same_metadata
from batchdep.repository.model import Deposition, Done, Reason, Rejected, RemoteFile, Unknown
from batchdep.state.records import FileRecord


async def look(step: Step) -> None:
    """Reads the draft and brings the state up to what it is. Costs one request, and one for each file taken out."""
    deposition = await step.get()
    if deposition is None:
        raise DatasetFailure(
            "deposition_gone",
            f"The draft {step.record.deposition_id} is no longer there: somebody deleted it.",
            f"To make a new one, forget it first: batchdep discard MANIFEST --only {step.record.key}",
        )
    if deposition.published:
        await is_published(step, deposition)
        return
    if step.plan.digest != step.record.sent_digest:
        _refuse_foreign_edits(step, deposition)
    await step.store.seen(step.record, deposition)
    await _compare_files(step, {file.name: file for file in deposition.files})
    step.work.looked = True


def _refuse_foreign_edits(step: Step, deposition: Deposition) -> None:
    """The manifest's metadata are about to replace what is there: not where that is somebody's work."""
    record = step.record
    before = record.stored_metadata
    if before is None or deposition.metadata == before or update_in_doubt(record):
        return
    if same_metadata(step.plan.metadata, deposition.metadata):
        return
    names = before.keys() | deposition.metadata.keys()
    edited = sorted(name for name in names if before.get(name) != deposition.metadata.get(name))
    raise DatasetFailure(
        "edited_elsewhere",
        f"The draft was edited at the repository ({', '.join(edited)}), and the manifest has changed too: sending it"
        " would undo those edits.",
        "Take the edits over into the manifest; or discard the draft and submit again.",
    )


async def _compare_files(step: Step, remote: dict[str, RemoteFile]) -> None:
    known = step.record.files
    foreign = sorted(name for name in remote if name not in known)
    if foreign:
        raise DatasetFailure(
            "foreign_file",
            f"The draft holds what the manifest does not name: {', '.join(foreign)}.",
            "Remove it from the draft at the repository, or name it in the manifest; then run this again.",
        )
    lost = [file for file in known.values() if file.uploaded and not holds(remote.get(file.name), file)]
    if lost:
        await step.store.outdated(step.record, lost)
    async with Confirmations(step) as recognised:
        for file in step.plan.files:
            there = remote.get(file.name)
            if there is not None and not known[file.name].uploaded and there.size == file.size:
                await _recognise(recognised, file, there)
    for withdrawn in [file for file in known.values() if not file.in_manifest]:
        await _withdraw(step, withdrawn, remote.get(withdrawn.name))


async def _recognise(recognised: Confirmations, file: LocalFile, there: RemoteFile) -> None:
    """A file whose answer was lost with an earlier run: reading it once more is cheaper than sending it."""
    if (md5 := await md5_of(file)) == there.md5:
        await recognised.add(file, md5, sent=False)


async def _withdraw(step: Step, file: FileRecord, there: RemoteFile | None) -> None:
    """Takes a file that the manifest no longer names out of the draft."""
    if there is not None:
        step.context.proceed()
        answer = await step.repository.delete_file(step.deposition_id, there)
        match answer:
            case Done() | Rejected(reason=Reason.NOT_FOUND):
                pass
            case Unknown(message=message):
                raise DatasetFailure(
                    "repository_error",
                    f"It is not known whether {file.name} was taken out of the draft ({message}).",
                    "Run this again: it is looked at then.",
                    retryable=True,
                )
            case _:
                raise given_up(answer, "remove a file")
    await step.store.forget_file(step.record, file)
