"""The bytes of a file: read once, hashed on the way, and never sent whole when the file is not what it was."""

from __future__ import annotations

import asyncio
import ctypes
import hashlib
import threading
import zipfile
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import pytest

from batchdep.deposit import body
from batchdep.deposit.body import HashingBody, md5_of, unchanged
from batchdep.errors import DatasetFailure
from batchdep.manifest.archive import plan_archive
from batchdep.manifest.model import LocalFile, file_fingerprint
from batchdep.problems import Place
from batchdep.repository import Done, connect
from tests.integration.deposit.conftest import NoSource, World
from tests.integration.repository.documents import draft
from tests.integration.repository.raw import raw_server
from tests.integration.repository.test_hostile import server_tls, trusting
from tests.integration.repository.test_upload import reads_all


def local(path: Path) -> LocalFile:
    status = path.stat()
    return LocalFile(
        path.name,
        path.name,
        str(path),
        status.st_size,
        file_fingerprint(status),
        status.st_mtime_ns,
        Place(NoSource()),
    )


def archive(folder: Path) -> LocalFile:
    plan = plan_archive(folder)
    return LocalFile(
        "a.zip", folder.name, str(folder), plan.size, plan.fingerprint, plan.mtime_ns, Place(NoSource()), archive=True
    )


async def send(sent: HashingBody) -> bytes:
    async with sent.chunks() as chunks:
        return b"".join([chunk async for chunk in chunks])


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(body, "BLOCK", 10)
    monkeypatch.setattr(body, "_AHEAD", 10)
    path = tmp_path / "a.csv"
    path.write_bytes(bytes(range(95)))
    return path


async def test_all_bytes_are_sent_hashed_and_told(path: Path) -> None:
    told: list[int] = []
    sent = HashingBody(local(path), told.append)
    assert await send(sent) == path.read_bytes()
    assert sent.md5 == hashlib.md5(path.read_bytes(), usedforsecurity=False).hexdigest()
    assert told == [*range(10, 100, 10), 95]


async def test_the_digest_is_known_before_the_last_block_leaves(path: Path) -> None:
    sent = HashingBody(local(path))
    async with sent.chunks() as chunks:
        seen = []
        async for _ in chunks:
            seen.append(sent.md5)
    assert seen[:-1] == [None] * 9
    assert seen[-1] is not None


async def test_all_blocks_are_read_into_the_same_room(path: Path) -> None:
    rooms = []
    async with HashingBody(local(path)).chunks() as chunks:
        async for chunk in chunks:
            assert isinstance(chunk, memoryview)
            rooms.append(chunk.obj)
            del chunk
    assert len(rooms) == 10
    assert all(room is rooms[0] for room in rooms)


async def test_a_block_that_somebody_still_looks_at_stays_as_it_is(path: Path) -> None:
    """A connection may keep a view of what it has not yet sent."""
    content = path.read_bytes()
    async with HashingBody(local(path)).chunks() as chunks:
        kept = [memoryview(chunk)[5:] async for chunk in chunks]
    assert kept == [content[start + 5 : start + 10] for start in range(0, 95, 10)]


@pytest.mark.parametrize("tls", [False, True], ids=["plain", "TLS"])
async def test_a_block_that_was_sent_makes_room_for_the_next(
    tls: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(body, "BLOCK", 100_000)
    rooms = []
    cleared = body._Room.cleared

    def noted(room: body._Room) -> memoryview:
        view = cleared(room)
        rooms.append(view.obj)
        return view

    monkeypatch.setattr(body._Room, "cleared", noted)
    path = tmp_path / "a.bin"
    path.write_bytes(b"x" * 3_000_000)
    async with raw_server(reads_all, server_tls("here") if tls else None) as server:
        repository = connect(server.url, "t", tls=trusting("here") if tls else None)
        assert isinstance(await repository.upload(draft(server.url), "a.bin", HashingBody(local(path))), Done)
        await repository.close()
    assert len(rooms) == 30
    # what Python 3.12 and later have not sent they keep where it lies, so that a block may need other room
    assert sum(room is not before for before, room in pairwise(rooms)) < 10


async def test_a_second_attempt_begins_anew(path: Path) -> None:
    sent = HashingBody(local(path))
    async with sent.chunks() as chunks:
        await anext(aiter(chunks))
    assert await send(sent) == path.read_bytes()


@pytest.mark.parametrize("change", ["grow", "shrink", "rewrite"])
async def test_a_file_that_changes_while_it_is_sent_never_leaves_whole(path: Path, change: str) -> None:
    file = local(path)
    sent = HashingBody(file)
    got = b""
    with pytest.raises(DatasetFailure) as raised:
        async with sent.chunks() as chunks:
            async for chunk in chunks:
                got += chunk
                if len(got) == 30:
                    content = path.read_bytes()
                    path.write_bytes({"grow": content + b"x", "shrink": content[:50], "rewrite": content}[change])
    assert raised.value.failure.code == "file_changed"
    assert sent.failure is raised.value
    assert sent.md5 is None
    assert len(got) < file.size


async def test_a_file_that_changed_before_is_not_begun(path: Path) -> None:
    file = local(path)
    path.write_bytes(b"other")
    sent = HashingBody(file)
    with pytest.raises(DatasetFailure, match="changed"):
        await send(sent)
    assert not unchanged(file)


@pytest.mark.parametrize("how", ["gone", "folder"])
async def test_a_file_that_cannot_be_read_is_named(path: Path, how: str) -> None:
    file = local(path)
    path.unlink()
    if how == "folder":
        path.mkdir()
    sent = HashingBody(file)
    with pytest.raises(DatasetFailure, match=r"a\.csv") as raised:
        await send(sent)
    assert raised.value.failure.code == {"gone": "file_missing", "folder": "file_unreadable"}[how]
    assert sent.failure is raised.value


def test_nothing_is_read_to_where_a_copy_takes_five_times_as_long() -> None:
    """On AMD's processors, to the first 32 bytes of a page but for its very start."""
    rooms = [body._Room(1 << 20) for _ in range(3)]
    views = [room.cleared() for room in rooms for _ in range(2)]  # two of each: the second is other memory
    assert len({id(view.obj) for view in views}) == 6
    for memory in views:
        assert len(memory) == 1 << 20
        assert ctypes.addressof(ctypes.c_char.from_buffer(memory)) % 4096 == 0


def small(folder: Path, **sizes: int) -> list[LocalFile]:
    for name, size in sizes.items():
        (folder / name).write_bytes(name.encode() * size)
    return [local(folder / name) for name in sizes]


async def read_ahead(files: list[LocalFile]) -> tuple[dict[str, bytes | memoryview | None], int]:
    """What was read of each file, and in how many hops to a thread."""
    hops = 0

    async def hop(function: Callable[..., object], *given: object) -> object:
        nonlocal hops
        hops += 1
        return function(*given)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(body, "in_reader", hop)
        ahead = body.ReadAhead(files)
        taken = {file.name: await ahead.take(file) for file in files}
    return {name: None if block is None else block.data for name, block in taken.items()}, hops


async def test_small_files_are_read_together_as_far_as_they_fit(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(body, "SMALL", 4)
    files = small(path.parent, a=4, b=4, c=4, d=2, e=5, f=1, g=3)
    taken, hops = await read_ahead(files)
    assert taken == {name: name.encode() * size for name, size in zip("abcdfg", (4, 4, 4, 2, 1, 3), strict=True)} | {
        "e": None
    }
    assert hops == 3  # a b, c d, f g


async def test_a_file_read_ahead_is_sent_from_memory(path: Path) -> None:
    [file] = small(path.parent, a=4)
    block = await body.ReadAhead([file]).take(file)
    (path.parent / "a").unlink()
    sent = HashingBody(file, ahead=block)
    assert (sent.content, sent.md5) == (b"aaaa", hashlib.md5(b"aaaa", usedforsecurity=False).hexdigest())
    assert sent.size == 4


async def test_what_was_begun_is_taken_and_what_follows_is_read_then(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(body, "SMALL", 4)
    files = small(path.parent, a=4, b=4, c=4, d=5)
    ahead = body.ReadAhead(files)
    ahead.begin()
    again = [file._replace() for file in files]  # a plan makes its files anew
    first = await ahead.take(again[0])
    (path.parent / "b").unlink()
    (path.parent / "c").write_bytes(b"else")
    taken = [first, *[await ahead.take(file) for file in again[1:]]]
    assert [block and block.data for block in taken] == [b"aaaa", b"bbbb", None, None]


async def test_reading_ahead_of_nothing_small_begins_nothing(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(body, "SMALL", 4)
    files = small(path.parent, a=5)
    ahead = body.ReadAhead(files)
    ahead.begin()
    assert await ahead.take(files[0]) is None


@pytest.mark.parametrize("change", ["gone", "changed"])
async def test_what_cannot_be_read_ahead_is_left_to_its_turn(path: Path, change: str) -> None:
    files = small(path.parent, a=3, b=3, c=3)
    if change == "gone":
        files[1].path.unlink()
    else:
        files[1].path.write_bytes(b"other")
    taken, _ = await read_ahead(files)
    assert taken == {"a": b"aaa", "b": None, "c": b"ccc"}


async def test_an_archive_is_sent_as_it_was_planned(tmp_path: Path) -> None:
    folder = tmp_path / "figures"
    folder.mkdir()
    (folder / "one.txt").write_text("1")
    (folder / "two.txt").write_text("2" * 3000)
    file = archive(folder)
    content = await send(HashingBody(file))
    assert len(content) == file.size
    assert hashlib.md5(content, usedforsecurity=False).hexdigest() == await md5_of(file)
    (tmp_path / "a.zip").write_bytes(content)
    assert zipfile.ZipFile(tmp_path / "a.zip").testzip() is None
    assert unchanged(file)


async def test_an_archive_whose_folder_changed_is_not_sent(tmp_path: Path) -> None:
    folder = tmp_path / "figures"
    folder.mkdir()
    (folder / "one.txt").write_text("1")
    file = archive(folder)
    (folder / "two.txt").write_text("2")
    with pytest.raises(DatasetFailure, match="changed"):
        await send(HashingBody(file))
    assert not unchanged(file)


async def test_a_cancelled_look_at_a_file_reads_no_further(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """The program's end waits for its threads: for a file of hours, that would be hours."""
    monkeypatch.setattr(body, "BLOCK", 1)
    world.write("a.csv", "x" * 100)
    file = world.plan().files[0]
    began, go_on, read = threading.Event(), threading.Event(), []
    original = body._FileBlocks.read

    def reading(blocks: body._FileBlocks) -> bytes | memoryview:
        read.append(1)
        began.set()
        go_on.wait(10)
        return original(blocks)

    monkeypatch.setattr(body._FileBlocks, "read", reading)
    task = asyncio.create_task(body.md5_of(file))
    await asyncio.to_thread(began.wait, 10)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    go_on.set()
    await asyncio.get_running_loop().shutdown_default_executor()
    assert len(read) < file.size
