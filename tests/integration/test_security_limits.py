"""What SECURITY.md promises where a colleague's files or a repository's answers are made to harm."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from batchdep.deposit.body import HashingBody
from batchdep.errors import DatasetFailure
from batchdep.manifest.archive import plan_archive
from batchdep.manifest.model import LocalFile, file_fingerprint
from batchdep.problems import Place
from batchdep.repository import Answer, Done, ZenodoRepository, connect
from tests.integration.deposit.conftest import NoSource
from tests.integration.repository.raw import Connection, raw_server

LONGEST_ANSWER = 4 * 2**20
LONGEST_LIST = 16 * 2**20
BUFFERS = 12 * 2**20
"""Bytes that two sockets and two programs may hold between a server that writes and a client that has read enough."""

CALLS: dict[str, tuple[Callable[[ZenodoRepository], Awaitable[Answer[Any]]], int]] = {
    "a deposition": (lambda repository: repository.get(7), LONGEST_ANSWER),
    "a creation": (lambda repository: repository.create({"title": "t"}), LONGEST_ANSWER),
    "a list": (lambda repository: repository.recent(None), LONGEST_LIST),
}


@pytest.mark.parametrize("beginning", [b"", b"Content-Encoding: gzip\r\n"], ids=["plain", "compressed"])
@pytest.mark.parametrize(("call", "most"), CALLS.values(), ids=CALLS)
async def test_a_repository_that_answers_gigabytes_is_cut_off(
    call: Callable[[ZenodoRepository], Awaitable[Answer[Any]]], most: int, beginning: bytes
) -> None:
    said = 0

    async def gigabytes(connection: Connection) -> None:
        nonlocal said
        await connection.request()
        await connection.say(b"HTTP/1.1 200 OK\r\n" + beginning + b"Content-Length: 9000000000\r\n\r\n")
        while True:
            await connection.say(b"[" + b" " * 2**18)
            said += 2**18

    async with raw_server(gigabytes) as server:
        repository = connect(server.url, "t")
        found = await call(repository)
        await repository.close()
    assert not isinstance(found, Done)
    assert "MiB" in getattr(found, "message", "")
    assert said < most + BUFFERS


def planned(path: Path) -> LocalFile:
    status = path.stat()
    fingerprint = file_fingerprint(status)
    return LocalFile("a", "a", str(path), status.st_size, fingerprint, status.st_mtime_ns, Place(NoSource()))


def swap(path: Path, target: Path) -> None:
    """Puts a link where the file was, to one of the same size and times."""
    status = path.stat()
    target.write_bytes(b"S" * status.st_size)
    os.utime(target, ns=(status.st_atime_ns, status.st_mtime_ns))
    path.unlink()
    path.symlink_to(target)


@asynccontextmanager
async def sending(file: LocalFile) -> AsyncIterator[bytes]:
    async with HashingBody(file).chunks() as chunks:
        yield b"".join([chunk async for chunk in chunks])


async def test_a_file_swapped_for_a_link_after_the_check_is_not_sent(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"x" * 1000)
    file = planned(path)
    async with sending(file) as content:
        assert content == b"x" * 1000
    swap(path, tmp_path / "secret")
    with pytest.raises(DatasetFailure, match="changed"):
        async with sending(file):
            pass


async def test_a_member_of_an_archive_swapped_for_a_link_is_not_sent(tmp_path: Path) -> None:
    member = tmp_path / "folder" / "a"
    member.parent.mkdir()
    member.write_bytes(b"x" * 1000)
    plan = plan_archive(member.parent, tmp_path / "folder")
    swap(member, tmp_path / "secret")
    with pytest.raises(DatasetFailure, match="changed"):
        b"".join(plan.chunks())
    place = Place(NoSource())
    file = LocalFile("a.zip", "f", str(plan.folder), plan.size, plan.fingerprint, plan.mtime_ns, place, archive=True)
    with pytest.raises(DatasetFailure, match="changed"):
        async with sending(file):
            pass
