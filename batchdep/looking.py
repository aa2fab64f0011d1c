"""Looking at what a repository and the disk hold, for those who change neither."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator, Callable, Coroutine, Iterable, Sequence
from contextlib import asynccontextmanager
from typing import Any

from msgspec import Struct

from batchdep.config import limits_file
from batchdep.deposit.body import HashingBody
from batchdep.deposit.refusals import StopBatch
from batchdep.deposit.step import given_up
from batchdep.errors import AccessError, DatasetFailure
from batchdep.events import FileProgress, Observer, RequestDone, Waiting
from batchdep.job import Job
from batchdep.manifest.model import LocalFile
from batchdep.metadata.translate import user_field
from batchdep.repository.model import Answer, Deposition, Done, Exchange, Reason, Rejected, Repository
from batchdep.repository.patient import PatientRepository
from batchdep.repository.zenodo import ZenodoRepository, connect
from batchdep.workers import current_dataset

MOST_LISTED = 10_000
"""The server lists no more of an account's depositions than the newest 10,000."""

_EMPTY = hashlib.md5(usedforsecurity=False).hexdigest()


class Looker:
    """The part of a repository that only reads.

    Its methods raise AccessError where the repository does not answer or refuses the token, DatasetFailure where it
    refuses to show this one deposition.
    """

    def __init__(self, repository: Repository, token_variable: str | None = None) -> None:
        self._repository = repository
        self._token_variable = token_variable

    async def get(self, deposition_id: int) -> Deposition | None:
        """The deposition as it is now, None where there is none of that id."""
        answer = await self._repository.get(deposition_id)
        match answer:
            case Done(deposition):
                return deposition
            case Rejected(reason=Reason.NOT_FOUND):
                return None
            case _:
                raise self._unusable(answer, "read")

    async def own(self) -> Sequence[Deposition]:
        """The account's depositions, newest first: all, or the newest ``MOST_LISTED``."""
        answer = await self._repository.recent(None)
        if isinstance(answer, Done):
            return answer.value
        raise self._unusable(answer, "list the account's depositions")

    def _unusable(
        self, answer: Answer[Deposition] | Answer[Sequence[Deposition]], what: str
    ) -> AccessError | DatasetFailure:
        reason = given_up(answer, what)
        if isinstance(reason, StopBatch):
            failure = reason.told(self._token_variable)
            return AccessError(failure.message, failure.hint, code=failure.code)
        return reason


class View(Struct, frozen=True):
    """A repository that is looked at; ``zenodo`` tells its clock."""

    looker: Looker
    zenodo: ZenodoRepository


@asynccontextmanager
async def looking_at(job: Job, observer: Observer, heard: Callable[[Exchange], None]) -> AsyncIterator[View]:
    """The job's target; ``heard`` is told of each request and must not raise."""

    def listen(exchange: Exchange) -> None:
        heard(exchange)
        observer(RequestDone(current_dataset.get(), exchange))

    zenodo = connect(job.target, job.token, listener=listen, field_name=user_field, limits=limits_file(job.target))
    patient = PatientRepository(
        zenodo,
        patience=job.patience,
        on_wait=lambda wait: observer(Waiting(wait.answer.message, wait.seconds)),
    )
    try:
        yield View(Looker(patient, job.token_variable), zenodo)
    finally:
        await patient.close()


async def side_by_side(works: Iterable[Coroutine[Any, Any, None]], at_once: int) -> None:
    """Does all of them, ``at_once`` at a time. The first that fails ends the others, and its error is raised."""
    turn = asyncio.Semaphore(at_once)

    async def in_turn(work: Coroutine[Any, Any, None]) -> None:
        async with turn:
            await work

    tasks = [asyncio.create_task(in_turn(work)) for work in works]
    try:
        await asyncio.gather(*tasks)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def read_md5(dataset: str, file: LocalFile, observer: Observer) -> str:
    """The MD5 of a file's bytes, or of the zip that a folder makes, read anew.

    Ends within one block when it is cancelled. Raises DatasetFailure when the file cannot be read or changes meanwhile.
    """
    if file.size == 0:
        return _EMPTY
    body = HashingBody(file, lambda read: observer(FileProgress(dataset, file.name, read, file.size)))
    async with body.chunks() as chunks:
        async for block in chunks:
            del block  # its room is wanted for the next
            await asyncio.sleep(0)
    if body.md5 is None:
        raise AssertionError("a body that was read to its end")
    return body.md5
