"""The files of a draft: sent one at a time, each confirmed by the repository's own checksum."""

from __future__ import annotations

from time import monotonic
from typing import Final, Self

from batchdep.deposit.body import Block, HashingBody, ReadAhead, md5_of
from batchdep.deposit.step import TRIES, Interrupted, Step
from batchdep.errors import DatasetFailure
from batchdep.events import FileDone, FileProgress, FileStarted
from batchdep.manifest.model import LocalFile
from batchdep.repository.model import Done, RemoteFile, Unknown
from batchdep.state.records import FileRecord, IntentKind
from batchdep.state.steps import Confirmed, SentFile

NOTED_BYTES: Final = 16_000_000
"""Bytes that are read again at most after a crash, but for the file that went beyond them."""

NOTED_SECONDS: Final = 1.0
"""Seconds for which the state, as others see it, may lag behind."""


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


async def upload_files(step: Step, confirmed: Confirmations) -> None:
    """Sends each file that the repository does not have, in the manifest's order."""
    pending = [file for file in step.plan.files if not step.record.files[file.name].uploaded]
    ahead, step.work.ahead = step.work.ahead or ReadAhead(pending), None
    for file in pending:
        await confirmed.add(file, await _upload(step, file, await ahead.take(file)))


async def _upload(step: Step, file: LocalFile, ahead: Block | None) -> str:
    """Sends the file until the repository has it. Returns its MD5."""
    for attempt in range(TRIES):
        await _proceed(step)
        if attempt or not step.is_noted(IntentKind.UPLOAD):
            await step.store.intend(step.record, step.intent(IntentKind.UPLOAD))
        step.store.asks(step.record, f"upload {file.name}")
        if (md5 := await _attempt(step, file, ahead)) is not None:
            return md5
    raise DatasetFailure(
        "checksum_mismatch",
        f"{file.shown} arrived {TRIES} times with another checksum than it was sent with, or not at all.",
        "Something between here and the repository damages data: try another network. The draft is not published.",
        retryable=True,
    )


async def _proceed(step: Step) -> None:
    """Raises Interrupted once the run is to end; no upload is under way then, so none is left in doubt."""
    try:
        step.context.proceed()
    except Interrupted:
        if step.is_noted(IntentKind.UPLOAD):
            await step.store.settled(step.record)
        raise


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


class Confirmations:
    """Files that the repository has and the state does not know of yet.

    Several are noted in one commit, since to make one durable takes as long as to send a small file. A process that
    dies before loses nothing: the intent of the uploads stands, and the draft tells the MD5 of what is in it. As a
    context manager it notes at its end, however that comes, those that nobody took.
    """

    def __init__(self, step: Step) -> None:
        self._step = step
        self._files: list[tuple[FileRecord, SentFile]] = []
        self._bytes = 0
        self._since = 0.0

    async def add(self, file: LocalFile, md5: str, *, sent: bool = True) -> None:
        """The repository has the file."""
        if not self._files:
            self._since = monotonic()
        self._files.append((self._step.record.files[file.name], SentFile(file.size, md5, file.fingerprint)))
        self._bytes += file.size
        self._step.context.observer(FileDone(self._step.record.key, file.name, file.size, sent))
        if self._bytes >= NOTED_BYTES or monotonic() - self._since >= NOTED_SECONDS:
            await self.note()

    @property
    def left(self) -> Confirmed:
        """Those that are still to be noted."""
        return tuple(self._files)

    def taken(self) -> Confirmed:
        """Those that are still to be noted, which is the caller's from now on."""
        files, self._files, self._bytes = self._files, [], 0
        return files

    async def note(self) -> None:
        """Makes durable what there is."""
        if files := self.taken():
            await self._step.store.uploaded(self._step.record, files)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.note()


def holds(remote: RemoteFile | None, file: FileRecord) -> bool:
    """Whether the repository's file is the one that was sent."""
    return remote is not None and (remote.md5, remote.size) == (file.md5, file.size)
