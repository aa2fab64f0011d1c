"""Uploads: early answers, stalls, broken files, and what they cost."""

from __future__ import annotations

import asyncio
import socket
import ssl
import threading
import time
import weakref
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager

import pytest

from batchdep.errors import DatasetFailure
from batchdep.repository import Done, Exchange, Reason, Rejected, Timeouts, Unavailable, Unknown, connect
from batchdep.repository.http import Session
from batchdep.repository.upload import HearingSocket
from tests.integration.repository.documents import Pattern, draft, stored
from tests.integration.repository.raw import Connection, answer, raw_server
from tests.integration.repository.test_hostile import server_tls, trusting

MEBIBYTE = 2**20
QUOTA = answer(400, {"status": 400, "message": "Bucket quota exceeded."})


class Halting(Pattern):
    """Keeps the event loop busy before every block, so that the other side is gone by the next write."""

    async def _blocks(self) -> AsyncIterator[bytes]:
        async for block in super()._blocks():
            time.sleep(0.002)  # noqa: ASYNC251  # the point: nothing is read in the meantime
            yield block


@contextmanager
def answering_at_once(response: bytes, tls: ssl.SSLContext | None = None) -> Iterator[str]:
    """A server in a thread of its own that reads a little, answers, and closes with unread data: a reset."""
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def serve() -> None:
            while True:
                try:
                    plain, _ = listening.accept()
                    # otherwise a TLS answer may still wait behind a session ticket when the reset discards it
                    plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                    with plain if tls is None else tls.wrap_socket(plain, server_side=True) as connection:
                        connection.recv(1000)
                        connection.sendall(response)
                except OSError:
                    return

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        scheme = "http" if tls is None else "https"
        yield f"{scheme}://127.0.0.1:{listening.getsockname()[1]}"
        listening.shutdown(socket.SHUT_RDWR)
    thread.join()


@pytest.mark.parametrize("body", [Pattern, Halting])
async def test_an_answer_before_the_body_was_read_is_heard_every_time(body: type[Pattern]) -> None:
    with answering_at_once(QUOTA) as url:
        repository = connect(url, "t")
        for _ in range(300):
            sent = body(30 * MEBIBYTE)
            found = await repository.upload(draft(url), "a.bin", sent)
            assert found == Rejected(Reason.QUOTA, 400, "Bucket quota exceeded.")
            assert sent.closed
            assert sent.asked < sent.size
        await repository.close()


async def test_an_early_answer_is_heard_through_tls() -> None:
    with answering_at_once(QUOTA, server_tls("here")) as url:
        repository = connect(url, "t", tls=trusting("here"))
        for _ in range(100):
            found = await repository.upload(draft(url), "a.bin", Halting(30 * MEBIBYTE))
            assert found == Rejected(Reason.QUOTA, 400, "Bucket quota exceeded.")
        await repository.close()


async def test_a_good_answer_before_the_body_was_sent_is_not_believed() -> None:
    with answering_at_once(answer(201, stored("a.bin", b"x"))) as url:
        repository = connect(url, "t")
        assert isinstance(await repository.upload(draft(url), "a.bin", Halting(30 * MEBIBYTE)), Unknown)
        await repository.close()


async def test_an_upload_that_is_cut_in_the_middle_did_nothing() -> None:
    async def cut(connection: Connection) -> None:
        request = await connection.head()
        await connection.reader.readexactly(request.length // 2)
        connection.reset()

    async with raw_server(cut) as server:
        repository = connect(server.url, "t")
        body = Pattern(30 * MEBIBYTE)
        found = await repository.upload(draft(server.url), "a.bin", body)
        await repository.close()
    assert isinstance(found, Unavailable)
    assert found.connected
    assert body.closed


async def test_an_upload_that_is_cut_after_the_last_byte_may_have_worked() -> None:
    async def cut(connection: Connection) -> None:
        await connection.request()
        connection.reset()

    async with raw_server(cut) as server:
        repository = connect(server.url, "t")
        found = await repository.upload(draft(server.url), "a.bin", Pattern(3 * MEBIBYTE))
        await repository.close()
    assert isinstance(found, Unknown)
    assert not found.late


async def test_an_upload_takes_as_long_as_it_moves_and_no_longer() -> None:
    """Slower in all than any timeout, and in the end the server falls silent."""
    read_slowly = 0

    async def slow(connection: Connection) -> None:
        nonlocal read_slowly
        await connection.head()
        while read_slowly < 10 * MEBIBYTE:
            read_slowly += len(await connection.reader.read(MEBIBYTE))
            await asyncio.sleep(0.01)
        await asyncio.sleep(60)

    async with raw_server(slow) as server:
        timeouts = Timeouts(connect=0.2, stall=0.5, answer=0.1, upload_answer=0.1)
        repository = connect(server.url, "t", timeouts=timeouts)
        started = time.monotonic()
        found = await repository.upload(draft(server.url), "a.bin", Pattern(200 * MEBIBYTE))
        seconds = time.monotonic() - started
        await repository.close()
    assert read_slowly >= 10 * MEBIBYTE
    assert isinstance(found, Unavailable)
    assert "no sign of life" in found.message
    assert seconds < 10


async def test_a_server_may_take_its_time_to_store_a_file() -> None:
    async def slow(connection: Connection) -> None:
        request = await connection.request()
        await asyncio.sleep(0.5)
        await connection.answer(201, stored("a.bin", request.body))

    async with raw_server(slow) as server:
        repository = connect(server.url, "t", timeouts=Timeouts(connect=0.1, stall=0.1, answer=0.1, upload_answer=5))
        assert isinstance(await repository.upload(draft(server.url), "a.bin", Pattern(MEBIBYTE)), Done)
        await repository.close()


async def reads_all(connection: Connection) -> None:
    request = await connection.head()
    received = 0
    while received < request.length and (piece := await connection.reader.read(MEBIBYTE)):
        received += len(piece)
    connection.server.heads.append(f"{received} of {request.length}")
    await connection.answer(201, {"key": "a.bin", "size": received, "checksum": "md5:" + "0" * 32})


@pytest.mark.parametrize("given", [5 * MEBIBYTE - 1, 3 * MEBIBYTE, 0, 5 * MEBIBYTE + 1, 9 * MEBIBYTE])
async def test_a_file_of_another_length_than_announced_is_never_completed(given: int) -> None:
    exchanges: list[Exchange] = []
    async with raw_server(reads_all) as server:
        repository = connect(server.url, "t", listener=exchanges.append)
        body = Pattern(5 * MEBIBYTE, given=given)
        with pytest.raises(DatasetFailure) as caught:
            await repository.upload(draft(server.url), "a.bin", body)
        await repository.close()
        assert caught.value.failure.code == "file_changed"
        assert body.closed
    assert [each.outcome for each in exchanges] == ["abandoned"]
    assert exchanges[0].sent < 5 * MEBIBYTE


@pytest.mark.parametrize("failure", [DatasetFailure("file_changed", "It changed."), OSError(5, "I/O error")])
async def test_what_the_body_raises_reaches_the_caller_and_the_file_is_never_completed(failure: Exception) -> None:
    """Even when it is raised after the last byte was read: a file found changed must not be stored whole."""
    ended = asyncio.Event()

    async def behave(connection: Connection) -> None:
        try:
            await reads_all(connection)
        finally:
            ended.set()

    async with raw_server(behave) as server:
        repository = connect(server.url, "t")
        body = Pattern(5 * MEBIBYTE, failure=failure)
        with pytest.raises(type(failure)) as caught:
            await repository.upload(draft(server.url), "a.bin", body)
        assert caught.value is failure
        assert body.closed
        await repository.close()
        await asyncio.wait_for(ended.wait(), 5)
    received, _, length = server.heads[1].split()
    assert int(received) < int(length)


async def test_a_cancelled_upload_closes_its_file() -> None:
    started = asyncio.Event()

    async def slow(connection: Connection) -> None:
        await connection.head()
        started.set()
        await asyncio.sleep(60)

    async with raw_server(slow) as server:
        repository = connect(server.url, "t")
        body = Pattern(100 * MEBIBYTE)
        upload = asyncio.ensure_future(repository.upload(draft(server.url), "a.bin", body))
        await started.wait()
        upload.cancel()
        with pytest.raises(asyncio.CancelledError):
            await upload
        assert body.closed
        await repository.close()


class Threaded(Pattern):
    """Reads in a thread, which a cancelled caller does not stop."""

    reading = False

    async def _blocks(self) -> AsyncIterator[bytes]:
        async for block in super()._blocks():
            self.reading = True
            await asyncio.to_thread(self._read)
            yield block

    def _read(self) -> None:
        time.sleep(0.05)
        self.reading = False

    @asynccontextmanager
    async def chunks(self) -> AsyncIterator[AsyncIterator[bytes]]:
        try:
            yield self._blocks()
        finally:
            assert not self.reading, "closed while it was being read"
            self.closed = True


async def test_a_file_is_not_closed_while_it_is_being_read() -> None:
    with answering_at_once(QUOTA) as url:
        repository = connect(url, "t")
        body = Threaded(30 * MEBIBYTE)
        assert isinstance(await repository.upload(draft(url), "a.bin", body), Rejected)
        assert body.closed
        for delay in (0.0, 0.03):
            body = Threaded(30 * MEBIBYTE)
            upload = asyncio.ensure_future(repository.upload(draft(url), "a.bin", body))
            await asyncio.sleep(delay)
            upload.cancel()
            await asyncio.wait([upload])
            assert body.closed or not body.asked
        await repository.close()


async def test_a_body_that_cannot_be_opened_sends_nothing() -> None:
    class Missing(Pattern):
        @asynccontextmanager
        async def chunks(self) -> AsyncIterator[AsyncIterator[bytes]]:
            raise DatasetFailure("file_missing", "It is gone.")
            yield self._blocks()

    async with raw_server(reads_all) as server:
        repository = connect(server.url, "t")
        with pytest.raises(DatasetFailure):
            await repository.upload(draft(server.url), "a.bin", Missing(1))
        await repository.close()
    assert server.connections == 0


def test_a_socket_hears_what_was_said_before_the_other_side_went() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening, HearingSocket(socket.AF_INET) as hearing:
        hearing.connect(listening.getsockname())
        hearing.settimeout(5)
        assert hearing.send(b"question") == 8
        other, _ = listening.accept()
        other.recv(1)
        other.sendall(b"answer")
        other.close()  # with unread data: a reset
        for _ in range(100):
            assert hearing.send(b"more") == 4
            assert hearing.sendmsg([b"even", memoryview(b"more")]) == 8
        assert hearing.recv(100) == b"answer"
        assert hearing.recv(100) == b""


async def test_a_large_body_goes_through_in_little_memory() -> None:
    """The body is asked for a block only when the connection has taken the ones before."""
    most_ahead = 0

    async def count(connection: Connection) -> None:
        nonlocal most_ahead
        request = await connection.head()
        received = 0
        while received < request.length:
            await asyncio.sleep(0)
            received += len(await connection.reader.read(MEBIBYTE))
            most_ahead = max(most_ahead, body.asked - received)
        await connection.answer(201, {"key": "a.bin", "size": received, "checksum": ""})

    async with raw_server(count) as server:
        body = Pattern(300 * MEBIBYTE)
        repository = connect(server.url, "t")
        found = await repository.upload(draft(server.url), "a.bin", body)
        await repository.close()
    assert isinstance(found, Done)
    assert found.value.size == body.size
    assert most_ahead < 20 * MEBIBYTE  # the kernel's buffers included


class Room(bytearray):
    """A block of which it can be told whether it is still in memory."""


class Rooms(Pattern):
    """Sees to it that each block is gone before the next one is made: the room of one serves them all."""

    held = 0

    async def _blocks(self) -> AsyncIterator[bytes]:
        async for block in super()._blocks():
            room = Room(block)
            del block
            seen = weakref.ref(room)
            yield room  # type: ignore[misc]
            del room
            self.held += seen() is not None


async def test_a_block_is_gone_before_the_next_is_read() -> None:
    async def read(connection: Connection) -> None:
        request = await connection.head()
        await connection.reader.readexactly(request.length)
        await connection.answer(201, {"key": "a.bin", "size": request.length, "checksum": ""})

    async with raw_server(read) as server:
        body = Rooms(20 * MEBIBYTE)
        repository = connect(server.url, "t")
        assert isinstance(await repository.upload(draft(server.url), "a.bin", body), Done)
        await repository.close()
    assert body.held == 1, "only the last, until it is known that nothing follows"


def test_a_session_knows_its_limits() -> None:
    timeouts = Session("https://zenodo.org", None).timeouts
    assert (timeouts.stall, timeouts.upload_answer) == (120, 600)
