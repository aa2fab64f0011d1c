"""The bytes of a file or an archive, read once and hashed while they are sent."""

from __future__ import annotations

import asyncio
import hashlib
import os
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Protocol

from batchdep.errors import DatasetFailure
from batchdep.manifest.model import LocalFile

BLOCK = 1 << 20
"""Bytes read, hashed and sent at a time: large enough that a thread hop a block costs nothing, small in memory."""


def file_fingerprint(status: os.stat_result) -> str:
    """What changes when a file does: ``size:mtime in ns:inode``."""
    return f"{status.st_size}:{status.st_mtime_ns}:{status.st_ino}"


class Blocks(Protocol):
    """A reader of blocks that knows at its end whether it read what was promised."""

    def read(self) -> bytes:
        """The next block, empty at the end. Raises DatasetFailure when the file is no longer what it was."""


class HashingBody:
    """A :class:`batchdep.repository.model.Body` over one local file.

    ``md5`` is the digest of the last attempt that read to the end, None before; ``failure`` is what made an attempt
    end early on our side, whatever the connection made of it. ``on_sent`` is told the bytes handed over so far.
    """

    def __init__(self, file: LocalFile, on_sent: Callable[[int], None] = lambda sent: None) -> None:
        self._file = file
        self._on_sent = on_sent
        self.md5: str | None = None
        self.failure: DatasetFailure | None = None

    @property
    def size(self) -> int:
        return self._file.size

    @asynccontextmanager
    async def chunks(self) -> AsyncIterator[AsyncIterator[bytes]]:
        """Opens the file anew for one attempt. Raises DatasetFailure when it is no longer what it was."""
        self.md5, self.failure = None, None
        with self._noting_failure():
            opened = _opened(self._file)
            blocks = await asyncio.to_thread(opened.__enter__)
        try:
            yield self._iterate(blocks)
        finally:
            await asyncio.to_thread(opened.__exit__, None, None, None)

    async def _iterate(self, blocks: Blocks) -> AsyncIterator[bytes]:
        digest = hashlib.md5(usedforsecurity=False)

        def step() -> bytes:
            block = blocks.read()
            digest.update(block)
            return block

        sent = 0
        while True:
            # One hop to a thread does both reading and hashing; both release the interpreter.
            with self._noting_failure():
                block = await asyncio.to_thread(step)
            if not block:
                return
            # The digest is known before the last block leaves: what was sent whole can be recognised later.
            if sent + len(block) == self.size:
                self.md5 = digest.hexdigest()
            yield block
            sent += len(block)
            self._on_sent(sent)

    @contextmanager
    def _noting_failure(self) -> Iterator[None]:
        """What fails on our side is kept: a connection that breaks for want of bytes says something else."""
        try:
            with _explaining(self._file):
                yield
        except DatasetFailure as error:
            self.md5, self.failure = None, error
            raise


async def md5_of(file: LocalFile) -> str:
    """The MD5 of a file's bytes, or of the zip that a folder makes. Raises DatasetFailure when it changes meanwhile."""
    return await asyncio.to_thread(_md5_of, file)


def _md5_of(file: LocalFile) -> str:
    digest = hashlib.md5(usedforsecurity=False)
    with _opened(file) as blocks:
        while block := blocks.read():
            digest.update(block)
    return digest.hexdigest()


@contextmanager
def _opened(file: LocalFile) -> Iterator[Blocks]:
    with _explaining(file):
        if file.archive:
            yield _ArchiveBlocks(file)
        else:
            with file.path.open("rb", buffering=0) as raw:
                yield _FileBlocks(raw.fileno(), file)


@contextmanager
def _explaining(file: LocalFile) -> Iterator[None]:
    """Turns the system's errors into failures of the dataset."""
    try:
        yield
    except FileNotFoundError as error:
        raise DatasetFailure(
            "file_missing",
            f"The file {file.shown} is no longer there.",
            "Put it back, or take it out of the manifest; then run this again.",
        ) from error
    except OSError as error:
        raise DatasetFailure(
            "file_unreadable",
            f"The file {file.shown} cannot be read: {error.strerror or error}.",
            "Check its permissions and the disk; then run this again.",
            retryable=True,
        ) from error


class _FileBlocks:
    """A plain file, held to the fingerprint that it had when the batch was planned."""

    def __init__(self, descriptor: int, file: LocalFile) -> None:
        self._descriptor, self._file, self._left = descriptor, file, file.size
        self._verify()

    def read(self) -> bytes:
        block = os.read(self._descriptor, min(BLOCK, self._left)) if self._left else b""
        self._left -= len(block)
        if not block and self._left:
            raise changed(self._file)
        if not self._left and block:
            self._verify()  # before the last block leaves, so that changed bytes never arrive whole
        return block

    def _verify(self) -> None:
        if file_fingerprint(os.fstat(self._descriptor)) != self._file.fingerprint:
            raise changed(self._file)


class _ArchiveBlocks:
    """A folder as the zip that was planned: the same members, sizes and times."""

    def __init__(self, file: LocalFile) -> None:
        from batchdep.manifest.archive import plan_archive

        plan = plan_archive(file.path)
        if plan.fingerprint != file.fingerprint:
            raise changed(file)
        self._file = file
        self._chunks = plan.chunks()

    def read(self) -> bytes:
        return next(self._chunks, b"")


def changed(file: LocalFile) -> DatasetFailure:
    """The failure of a file that is being written to while it is deposited."""
    return DatasetFailure(
        "file_changed",
        f"{file.shown} changed while it was being deposited.",
        "Run this again once nothing writes to it any more: it is then sent anew.",
        retryable=True,
    )


def unchanged(file: LocalFile) -> bool:
    """Whether the file on disk still is what it was when the batch was planned; looks, reads nothing."""
    try:
        if file.archive:
            from batchdep.manifest.archive import plan_archive

            return plan_archive(file.path).fingerprint == file.fingerprint
        return file_fingerprint(Path(file.path).stat()) == file.fingerprint
    except (OSError, DatasetFailure):
        return False
