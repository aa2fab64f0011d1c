"""The bytes of a file or an archive, read once and hashed while they are sent."""

from __future__ import annotations

import asyncio
import hashlib
import os
from collections import deque
from collections.abc import AsyncIterator, Callable, Generator, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, closing, contextmanager, suppress
from io import FileIO
from pathlib import Path
from typing import Any, Final, Protocol, TypeVar

from msgspec import Struct

from batchdep.errors import DatasetFailure
from batchdep.manifest.filling import fill_in, unfilled
from batchdep.manifest.model import LocalFile, file_fingerprint

BLOCK: Final = 1 << 21
"""Bytes read, hashed and sent at a time: so many that a hop to a thread for each costs little, few in memory."""

SMALL: Final = 1 << 18
"""Bytes of a file up to which it is read ahead: where a hop to a thread costs more than the reading."""

_AHEAD: Final = 1 << 20
"""Bytes that are read ahead together."""

_BLOCKS_A_HOP: Final = 16
"""Blocks read in one go where nothing is sent meanwhile."""

_PAGE: Final = 4096

_READERS: Final = ThreadPoolExecutor(2, thread_name_prefix="reader")
"""Two hash faster than most lines send; more would wait for each other, and for the interpreter."""

T = TypeVar("T")


def in_reader(function: Callable[..., T], *arguments: Any) -> asyncio.Future[T]:
    """Begins what looks at the disk, away from the event loop."""
    return asyncio.get_running_loop().run_in_executor(_READERS, function, *arguments)


class Reader(Protocol):
    """Reads a file of known size block by block, and knows at its end whether it read what was promised."""

    def read(self) -> bytes | memoryview:
        """The next block, never empty. Raises DatasetFailure when the file is no longer what it was."""


class HashingBody:
    """A :class:`batchdep.repository.model.Body` over one local file.

    ``md5`` is the digest of the last attempt that read to the end, None before; ``failure`` is what made an attempt
    end early on our side, whatever the connection made of it. ``on_sent`` is told the bytes handed over so far.
    ``ahead``: the whole file, where it was read before.
    """

    def __init__(
        self, file: LocalFile, on_sent: Callable[[int], None] = lambda sent: None, ahead: Block | None = None
    ) -> None:
        self._file = file
        self._on_sent = on_sent
        self.content = None if ahead is None else bytes(ahead.data)
        self.md5 = None if ahead is None else ahead.md5
        self.failure: DatasetFailure | None = None

    @property
    def size(self) -> int:
        return self._file.size

    @asynccontextmanager
    async def chunks(self) -> AsyncIterator[AsyncIterator[bytes | memoryview]]:
        """Opens the file anew for one attempt. Raises DatasetFailure when it is no longer what it was."""
        self.md5, self.failure = None, None
        blocks = _blocks(self._file)
        first = await self._next(blocks)  # a file that cannot be read is known before anything is sent
        given = self._iterate(first, blocks)
        del first  # its room is wanted for the next
        try:
            yield given
        finally:
            with suppress(ValueError):  # an abandoned attempt may still be reading in its thread: it closes at its end
                blocks.close()

    async def _iterate(self, block: Block | None, blocks: Iterator[Block]) -> AsyncIterator[bytes | memoryview]:
        sent = 0
        while block is not None:
            sent += len(block.data)
            # The digest is known before the last block leaves: what was sent whole can be recognised later.
            self.md5 = block.md5
            yield block.data
            self._on_sent(sent)
            over, block = block.md5 is not None, None  # its room is wanted for the next
            block = None if over else await self._next(blocks)

    async def _next(self, blocks: Iterator[Block]) -> Block | None:
        """One hop to a thread opens, reads, hashes and verifies; all of it releases the interpreter."""
        read: list[Block | None] = []
        try:
            await in_reader(_read_into, read, blocks)
        except DatasetFailure as error:
            # What fails on our side is kept: a connection that breaks for want of bytes says something else.
            self.md5, self.failure = None, error
            raise
        return read.pop()


def _read_into(read: list[Block | None], blocks: Iterator[Block]) -> None:
    """Leaves the next block in a list: what a thread returns it holds on to for a while, and the room is wanted."""
    read.append(next(blocks, None))


class Block(Struct, frozen=True):
    """Bytes of a file; ``md5``, that of the whole file, comes with the last block only."""

    data: bytes | memoryview
    md5: str | None


class ReadAhead:
    """Small files, read and hashed before it is their turn, as many in one hop to a thread as :data:`_AHEAD` allows.

    What was read is what is sent: it was the planned file when it was read.
    """

    def __init__(self, files: Sequence[LocalFile]) -> None:
        self._files = deque(files)
        self._read: dict[str, Block] = {}
        self._reading: asyncio.Future[dict[str, Block]] | None = None

    def begin(self) -> None:
        """Reads the first files meanwhile: they are there when their turn comes."""
        if small := list(_small(self._files)):
            self._reading = in_reader(_all_of, small)

    async def take(self, file: LocalFile) -> Block | None:
        """The whole of ``file``, once; None where it is not small, or cannot be read: that shows when it is sent.

        Files are taken in the order in which they were given.
        """
        if self._reading is not None:
            self._read, self._reading = await self._reading, None
        while self._files and self._files[0].name != file.name:
            self._files.popleft()
        if file.name not in self._read:
            small = list(_small(self._files))
            if not small:
                return None
            self._read = await in_reader(_all_of, small)
        return self._read.pop(file.name, None)


def _small(files: Iterable[LocalFile]) -> Iterator[LocalFile]:
    """The first of the files, as far as they are small, plain, and not too many bytes together."""
    room = _AHEAD
    for file in files:
        room -= file.size
        if file.archive or room < 0 or not 0 < file.size <= SMALL:
            return
        yield file


def _all_of(files: Sequence[LocalFile]) -> dict[str, Block]:
    read = {}
    for file in files:
        with suppress(DatasetFailure), closing(_blocks(file)) as blocks:
            read[file.name] = next(blocks)
    return {name: block for name, block in read.items() if block.md5 is not None}


async def md5_of(file: LocalFile) -> str:
    """The MD5 of a file's bytes, or of the zip that a folder makes. Raises DatasetFailure when it changes meanwhile."""
    blocks = _blocks(file)
    try:
        while (found := await asyncio.to_thread(_md5_so_far, blocks)) is not None:
            if found:
                return found
    finally:
        with suppress(ValueError):  # when cancelled, its thread may still be reading: it closes at its end
            blocks.close()
    raise changed(file)


def _md5_so_far(blocks: Iterator[Block]) -> str | None:
    """Reads on: the MD5 at the file's end, "" before, None where no block came.

    A hop to a thread serves several blocks, and none outlasts a cancellation by much.
    """
    found = None
    for _ in range(_BLOCKS_A_HOP):
        if (block := next(blocks, None)) is None:
            break
        found = block.md5 or ""
        del block  # its room is wanted for the next
    return found


def _blocks(file: LocalFile) -> Generator[Block, None, None]:
    digest, left = hashlib.md5(usedforsecurity=False), file.size
    with _opened(file) as reader:
        while left:
            data = reader.read()
            digest.update(data)
            left -= len(data)
            block = Block(data, None if left else digest.hexdigest())
            del data
            yield block
            del block


@contextmanager
def _opened(file: LocalFile) -> Iterator[Reader]:
    with _explaining(file):
        if file.archive:
            yield _ArchiveBlocks(file)
        else:
            with file.path.open("rb", buffering=0) as raw:
                whole = file.fill is not None and file.fill.dois
                yield _FilledBlocks(raw, file) if whole else _FileBlocks(raw, file)


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

    def __init__(self, raw: FileIO, file: LocalFile) -> None:
        self._raw, self._file, self._left = raw, file, file.size
        self._room = _Room(BLOCK) if file.size > BLOCK else None
        self._verify()

    def read(self) -> bytes | memoryview:
        block = self._next_block(min(BLOCK, self._left))
        self._left -= len(block)
        if not block:
            raise changed(self._file)
        if not self._left:
            self._verify()  # before the last block leaves, so that changed bytes never arrive whole
        return block

    def _next_block(self, most: int) -> bytes | memoryview:
        if self._room is None:
            return os.read(self._raw.fileno(), most)
        room = self._room.cleared()[:most]
        return room[: self._raw.readinto(room)].toreadonly()

    def _verify(self) -> None:
        if file_fingerprint(os.fstat(self._raw.fileno())) != self._file.fingerprint:
            raise changed(self._file)


class _Room:
    """Memory of ``size`` bytes that one block after the other is read into.

    New memory for each block would be taken from, and kept by, whichever thread reads it: twice the blocks in all. It
    begins with a page: most large pieces of memory begin 16 bytes into one, and what the kernel copies to the first 32
    bytes of a page, but for its very start, takes five times as long on AMD's processors.
    """

    def __init__(self, size: int) -> None:
        self._size = size
        self._make()

    def _make(self) -> None:
        self._memory = bytearray(self._size + _PAGE)
        self._start = -_address_of(self._memory) % _PAGE

    def cleared(self) -> memoryview:
        """The memory; other memory where anybody still looks at this, as a connection at what it has not yet sent."""
        try:
            self._memory.append(self._memory.pop())  # refused to whoever would take memory from under a view of it
        except BufferError:
            self._make()
        return memoryview(self._memory)[self._start : self._start + self._size]


def _address_of(memory: bytearray) -> int:
    import ctypes  # for large files only

    return ctypes.addressof(ctypes.c_char.from_buffer(memory))


class _FilledBlocks:
    """A copy of a text file with DOIs filled in, in memory: it is small, and nobody's file is changed."""

    def __init__(self, raw: FileIO, file: LocalFile) -> None:
        if file.fill is None:
            raise AssertionError("a file that nothing is filled into")
        original = unfilled(file)
        self._file, self._done = file, 0
        self._content = fill_in(_whole(_FileBlocks(raw, original), original), dict(file.fill.dois))
        if len(self._content) != file.size:
            raise changed(file)

    def read(self) -> bytes:
        block = self._content[self._done : self._done + BLOCK]
        self._done += len(block)
        if not block:
            raise changed(self._file)
        return block


def _whole(reader: Reader, file: LocalFile) -> bytes:
    content = bytearray()
    while len(content) < file.size:
        content += reader.read()
    return bytes(content)


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
        block = next(self._chunks, b"")
        if not block:
            raise changed(self._file)
        return block


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
        return file_fingerprint(Path(file.path).stat()) == unfilled(file).fingerprint
    except (OSError, DatasetFailure):
        return False
