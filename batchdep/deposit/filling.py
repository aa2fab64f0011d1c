"""The files of a draft: sent one at a time, each confirmed by the repository's own checksum."""

from __future__ import annotations

from itertools import zip_longest

from batchdep.deposit.body import Block, HashingBody, ReadAhead, md5_of
from batchdep.deposit.step import TRIES, Step
from batchdep.errors import DatasetFailure
from batchdep.events import FileDone, FileProgress, FileStarted
from batchdep.manifest.model import LocalFile
from batchdep.repository.model import Done, RemoteFile, Unknown
from batchdep.state.records import FileRecord, IntentKind
from batchdep.state.steps import SentFile


async def recognise_same_bytes(step: Step) -> list[str]:
    """Files with another fingerprint than the one that was sent: read, to tell a mere touch from a change.

    Returns the names of those that changed. Costs no request.
    """
    changed = []
    for file in step.plan.files:
        record = step.record.files.get(file.name)
        if record is None or not record.uploaded or record.fingerprint == file.fingerprint:
            continue
        if file.size == record.size and await md5_of(file) == record.md5:
            await step.store.reread(step.record, record, fingerprint=file.fingerprint, path=file.shown)
        else:
            changed.append(file.name)
    return changed


async def upload_files(step: Step) -> None:
    """Sends each file that the repository does not have, in the manifest's order."""
    pending = [file for file in step.plan.files if not step.record.files[file.name].uploaded]
    ahead = ReadAhead(pending)
    for file, next_file in zip_longest(pending, pending[1:]):
        await _upload(step, file, next_file, await ahead.take(file))


async def _upload(step: Step, file: LocalFile, next_file: LocalFile | None, ahead: Block | None) -> None:
    for attempt in range(TRIES):
        step.context.proceed()
        if attempt or not _is_noted(step, file):
            await step.store.intend(step.record, step.intent(IntentKind.UPLOAD, file.name))
        if (md5 := await _attempt(step, file, ahead)) is not None:
            await confirm(step, file, md5, next_file)
            return
    raise DatasetFailure(
        "checksum_mismatch",
        f"{file.shown} arrived {TRIES} times with another checksum than it was sent with, or not at all.",
        "Something between here and the repository damages data: try another network. The draft is not published.",
        retryable=True,
    )


def _is_noted(step: Step, file: LocalFile) -> bool:
    """Whether the upload's intent is there already, from the file before or a run that died."""
    intent = step.record.intent
    return intent is not None and (intent.kind, intent.file, intent.doubted) == (IntentKind.UPLOAD, file.name, None)


async def _attempt(step: Step, file: LocalFile, ahead: Block | None) -> str | None:
    """Sends the file once. The MD5 on which both sides agree, None where the repository does not have the file."""
    observer, key = step.context.observer, step.record.key
    observer(FileStarted(key, file.name, file.size))
    body = HashingBody(file, lambda sent: observer(FileProgress(key, file.name, sent, file.size)), ahead)
    answer = await step.repository.upload(step.deposition, file.name, body)
    if body.failure is not None:
        raise body.failure
    match answer:
        case Done(remote) if remote.md5:
            return body.md5 if (remote.md5, remote.size) == (body.md5, file.size) else None
        case Done() | Unknown():  # an answer without a checksum proves nothing
            return await _find(step, file, body.md5, late=isinstance(answer, Unknown) and answer.late)
        case _:
            raise await step.give_up(answer, f"upload {file.name}")


async def _find(step: Step, file: LocalFile, md5: str | None, *, late: bool) -> str | None:
    if md5 is None:
        return None  # it never left whole, and a broken upload leaves nothing
    await step.doubt(late=late)

    async def arrived() -> bool:
        deposition = await step.get()
        there = next((found for found in deposition.files if found.name == file.name), None) if deposition else None
        return there is not None and (there.md5, there.size) == (md5, file.size)

    seconds = step.context.timing.upload(file.size, late=late)
    return md5 if await step.saw(arrived, seconds) else None


async def confirm(
    step: Step, file: LocalFile, md5: str, next_file: LocalFile | None = None, *, sent: bool = True
) -> None:
    """Notes that the repository has the file; ``next_file``, if any, is the one that is sent next."""
    upcoming = step.intent(IntentKind.UPLOAD, next_file.name) if next_file else None
    proof = SentFile(file.size, md5, file.fingerprint)
    await step.store.uploaded(step.record, step.record.files[file.name], proof, upcoming)
    step.context.observer(FileDone(step.record.key, file.name, file.size, sent))


def holds(remote: RemoteFile | None, file: FileRecord) -> bool:
    """Whether the repository's file is the one that was sent."""
    return remote is not None and (remote.md5, remote.size) == (file.md5, file.size)
