"""Servers that misbehave: each fault, and which of the five answers it is for a read, for metadata and for the rest."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from batchdep.repository import (
    Answer,
    Done,
    Reason,
    Rejected,
    RemoteFile,
    Timeouts,
    Unavailable,
    Unknown,
    ZenodoRepository,
    connect,
)
from batchdep.repository import answers as answers_module
from batchdep.repository.upload import TextBody
from tests.integration.repository.documents import deposition, draft
from tests.integration.repository.raw import Behaviour, Connection, always, answer, raw_server

TLS = Path(__file__).parent / "tls"
SHORT = Timeouts(connect=1.0, stall=0.2, answer=0.2, slow_answer=0.2, upload_answer=0.2)
GOOD = answer(200, deposition())


async def close_at_once(connection: Connection) -> None:
    """Hangs up before reading anything."""


async def close_after_reading(connection: Connection) -> None:
    await connection.request()


async def reset_after_reading(connection: Connection) -> None:
    await connection.request()
    connection.reset()


async def no_answer(connection: Connection) -> None:
    await connection.request()
    await asyncio.sleep(60)


async def half_a_head(connection: Connection) -> None:
    await connection.request()
    await connection.say(GOOD[:30])


async def half_an_answer(connection: Connection) -> None:
    await connection.request()
    await connection.say(GOOD[:-50])


async def half_an_answer_and_silence(connection: Connection) -> None:
    await half_an_answer(connection)
    await asyncio.sleep(60)


async def too_short(connection: Connection) -> None:
    await connection.request()
    await connection.say(GOOD.replace(b"Content-Length: ", b"Content-Length: 9"))


async def too_long(connection: Connection) -> None:
    await connection.request()
    await connection.say(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{" + b" " * 200)


async def endless(connection: Connection) -> None:
    await connection.request()
    await connection.say(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    while True:
        await connection.say(b"10000\r\n" + b" " * 0x10000 + b"\r\n")


async def endless_head(connection: Connection) -> None:
    await connection.request()
    await connection.say(b"HTTP/1.1 200 OK\r\n")
    while True:
        await connection.say(b"X-Long: " + b"x" * 4000 + b"\r\n")


async def forever_going_to_answer(connection: Connection) -> None:
    await connection.request()
    while True:
        await connection.say(b"HTTP/1.1 102 Processing\r\n\r\n")
        await asyncio.sleep(0.01)


async def trickling(connection: Connection) -> None:
    await connection.request()
    await connection.say(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
    while True:
        await connection.say(b" ")
        await asyncio.sleep(0.05)


async def no_http(connection: Connection) -> None:
    await connection.request()
    await connection.say(b"220 mail.example.org ESMTP ready\r\n")


LOST = (Unavailable, Unknown, Unknown)
UNREADABLE = (Unavailable, Unavailable, Unknown)

FAULTS: list[tuple[Behaviour, tuple[type, type, type]]] = [
    (close_after_reading, LOST),
    (reset_after_reading, LOST),
    (no_answer, LOST),
    (half_a_head, LOST),
    (half_an_answer, UNREADABLE),
    (half_an_answer_and_silence, LOST),
    (too_short, UNREADABLE),
    (too_long, LOST),
    (endless, UNREADABLE),
    (endless_head, LOST),
    (forever_going_to_answer, LOST),
    (trickling, LOST),
    (no_http, LOST),
]

SILENT = {no_answer, half_an_answer_and_silence, forever_going_to_answer, trickling}
"""Faults that end with a timeout."""

CONTENTS: dict[str, Any] = {
    "nothing": b"",
    "HTML": b"<!DOCTYPE html><title>Login</title>",
    "half": b'{"id": 7, "state": "unsub',
    "a list": [deposition()],
    "a text": "deposition",
    "null": None,
    "no id": {"state": "done"},
    "nonsense": deposition(files=[{"filename": 5}]),
    "not UTF-8": b'{"id": "\xff"}',
    "a deep nest": b"[" * 100_000,
    "compressed": b"\x1f\x8b\x08\x00" + b"x" * 100,
}


CALLS: list[Callable[[ZenodoRepository], Awaitable[Answer[Any]]]] = [
    lambda repository: repository.get(7),
    lambda repository: repository.update(7, {"title": "t"}),
    lambda repository: repository.create({"title": "t"}),
    lambda repository: repository.publish(7),
    lambda repository: repository.delete(7),
    lambda repository: repository.upload(draft(repository.target), "a.txt", TextBody(b"12345")),
]


async def asked(behaviour: Behaviour, timeouts: Timeouts | None = None) -> tuple[list[Answer[Any]], int]:
    """The answers to each call, made side by side, each on a connection of its own."""
    async with raw_server(behaviour) as server:

        async def ask(call: Callable[[ZenodoRepository], Awaitable[Answer[Any]]]) -> Answer[Any]:
            repository = connect(server.url, "t", timeouts=timeouts)
            try:
                return await call(repository)
            finally:
                await repository.close()

        return await asyncio.gather(*map(ask, CALLS)), server.connections


@pytest.mark.parametrize(("behaviour", "expected"), FAULTS, ids=[fault.__name__ for fault, _ in FAULTS])
async def test_a_fault_is_judged_by_what_may_have_happened(
    behaviour: Behaviour, expected: tuple[type, type, type]
) -> None:
    read, metadata, once = expected
    answers, connections = await asked(behaviour, SHORT if behaviour in SILENT else None)
    kinds = [type(each) for each in answers]
    deleted = Done if expected is UNREADABLE else once  # of a deletion the status says it all
    assert kinds == [read, metadata, once, once, deleted, once]
    assert connections == 6
    for each in answers:
        if not isinstance(each, Done):
            assert each.message
            assert each.message.isprintable()


async def test_hanging_up_before_reading_is_judged_by_what_had_been_handed_over() -> None:
    answers, _ = await asked(close_at_once)
    read, *with_body, publish, delete = (answers[index] for index in (0, 1, 2, 5, 3, 4))
    assert isinstance(read, Unavailable)
    assert isinstance(publish, Unknown)
    assert isinstance(delete, Unknown)
    for each in with_body:  # it depends on whether the end of the connection was seen before the body's end
        assert isinstance(each, Unavailable | Unknown)


@pytest.mark.parametrize("content", CONTENTS.values(), ids=CONTENTS)
async def test_a_good_status_with_bad_content_is_no_exception(content: Any) -> None:
    answers, _ = await asked(always(answer(200, content)))
    assert [type(each) for each in answers] == [Unavailable, Unavailable, Unknown, Unknown, Done, Unknown]


async def test_an_answer_about_another_deposition_is_not_believed() -> None:
    answers, _ = await asked(always(answer(200, deposition(8, state="done"))))
    assert [type(each) for each in answers] == [Unavailable, Unavailable, Done, Unknown, Done, Unknown]


async def test_a_record_that_is_still_a_draft_is_not_published() -> None:
    async with raw_server(always(answer(202, deposition()))) as server:
        repository = connect(server.url, "t")
        assert isinstance(await repository.publish(7), Unknown)
        await repository.close()


@pytest.mark.parametrize(
    ("content", "expected"),
    [({"key": "a.txt", "size": 5}, ""), ({"key": "a.txt", "size": 5, "checksum": "md5:" + "0" * 32}, "0" * 32)],
)
async def test_a_wrong_or_missing_checksum_is_passed_on(content: dict[str, Any], expected: str) -> None:
    async with raw_server(always(answer(201, content))) as server:
        repository = connect(server.url, "t")
        found = await repository.upload(draft(server.url), "a.txt", TextBody(b"12345"))
        await repository.close()
    assert isinstance(found, Done)
    assert found.value.md5 == expected


async def test_waiting_in_vain_may_end_late() -> None:
    answers, _ = await asked(no_answer, SHORT)
    assert [each.late for each in answers if isinstance(each, Unknown)] == [True] * 5


async def test_a_connection_lost_after_long_work_may_still_have_its_effect_late(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def work_and_hang_up(connection: Connection) -> None:
        await connection.request()
        await asyncio.sleep(0.2)

    monkeypatch.setattr(answers_module, "LATE_AFTER", 0.1)
    answers, _ = await asked(work_and_hang_up)
    assert [each.late for each in answers if isinstance(each, Unknown)] == [True] * 5


async def refused_port() -> str:
    async with raw_server(close_at_once) as server:
        return server.url


async def test_nobody_there_is_no_connection() -> None:
    repository = connect(await refused_port(), "t")
    answers: list[Answer[Any]] = [
        await repository.check_access(),
        await repository.create({}),
        await repository.publish(7),
        await repository.upload(draft(repository.target), "a.txt", TextBody(b"1")),
    ]
    await repository.close()
    for each in answers:
        assert isinstance(each, Unavailable)
        assert not each.connected
        assert each.message == f"Nobody answers at {repository.target.removeprefix('http://')} (connection refused)."


async def test_an_unknown_host_is_no_connection() -> None:
    repository = connect("https://no-such-host.invalid", "t")
    found = await repository.create({})
    await repository.close()
    assert isinstance(found, Unavailable)
    assert not found.connected
    assert found.message == "The name no-such-host.invalid is not known."


async def test_a_server_without_tls_is_told_as_such() -> None:
    async def plain_http(connection: Connection) -> None:
        await connection.reader.read(1)
        await connection.say(b"HTTP/1.1 400 Bad Request\r\n\r\n")

    async with raw_server(plain_http) as server:
        repository = connect(server.url.replace("http:", "https:"), "t")
        found = await repository.create({})
        await repository.close()
    assert isinstance(found, Unavailable)
    assert not found.connected
    assert found.message == f"TLS: what answers at {server.url.removeprefix('http://')} does not speak https."


async def test_a_host_that_never_answers_a_connection_is_no_connection() -> None:
    async with raw_server(close_at_once) as server:
        tls_to_silence = server.url.replace("http:", "https:")
        repository = connect(tls_to_silence, "t", timeouts=SHORT)
        found = await repository.create({})
        await repository.close()
    assert isinstance(found, Unavailable)
    assert not found.connected


def server_tls(name: str) -> ssl.SSLContext:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(TLS / f"{name}.crt", TLS / f"{name}.key")
    return context


def trusting(name: str) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=str(TLS / f"{name}.crt"))


@pytest.mark.parametrize(
    ("name", "trust"),
    [("elsewhere", lambda: trusting("elsewhere")), ("here", lambda: trusting("elsewhere")), ("here", lambda: None)],
    ids=["wrong name", "unknown signer", "unknown to the system"],
)
async def test_a_certificate_that_does_not_fit_is_refused_before_anything_is_sent(
    name: str, trust: Callable[[], ssl.SSLContext | None]
) -> None:
    async with raw_server(always(GOOD), tls=server_tls(name)) as server:
        repository = connect(server.url, "t", tls=trust())
        found = await repository.get(7)
        await repository.close()
    assert isinstance(found, Rejected)
    assert found.reason is Reason.UNTRUSTED
    assert "certificate" in found.message
    assert server.requests == []


async def test_a_certificate_that_fits_is_taken() -> None:
    async with raw_server(always(GOOD), tls=server_tls("here")) as server:
        repository = connect(server.url, "t", tls=trusting("here"))
        assert isinstance(await repository.get(7), Done)
        await repository.close()


async def access(behaviour: Behaviour) -> tuple[list[Answer[Any]], list[str]]:
    async with raw_server(behaviour) as server:
        repository = connect(server.url, "t")
        answers = await asyncio.gather(*(repository.publish(number) for number in range(5)))
        answers.append(await repository.publish(7))
        await repository.close()
        return list(answers), [request.method for request in server.requests]


def refusing(status: int, document: Any = None) -> Behaviour:
    async def behave(connection: Connection) -> None:
        while True:
            request = await connection.request()
            if request.method == "GET":
                await connection.answer(status, document)
            else:
                await connection.answer(403, {"message": "Permission denied."})

    return behave


@pytest.mark.parametrize(
    ("behaviour", "reason"),
    [(refusing(200, []), Reason.FORBIDDEN), (refusing(403), Reason.UNAUTHORIZED), (refusing(401), Reason.UNAUTHORIZED)],
    ids=["foreign", "token refused", "token refused by the book"],
)
async def test_a_403_is_the_tokens_or_the_depositions_by_one_question_for_all(
    behaviour: Behaviour, reason: Reason
) -> None:
    answers, methods = await access(behaviour)
    assert answers == [Rejected(reason, 403, "Permission denied.")] * 6
    assert methods.count("POST") == 6
    assert methods.count("GET") == 1


async def test_a_403_whose_reason_cannot_be_found_out_did_nothing() -> None:
    answers, _ = await access(refusing(500))
    assert {type(each) for each in answers} == {Unavailable}


async def test_a_refused_token_is_told_as_such() -> None:
    for status in (401, 403):
        async with raw_server(always(answer(status, {"message": "Permission denied."}))) as server:
            repository = connect(server.url, "t")
            assert await repository.check_access() == Rejected(Reason.UNAUTHORIZED, status, "Permission denied.")
            await repository.close()
            assert len(server.requests) == 1


@pytest.mark.parametrize("content", [b"<html>", {"message": "Not found."}])
async def test_an_address_without_a_deposit_api_is_told_as_such(content: Any) -> None:
    async with raw_server(always(answer(404, content))) as server:
        repository = connect(server.url, "t")
        answers: list[Answer[Any]] = [await repository.check_access(), await repository.create({})]
        await repository.close()
    for each in answers:
        assert isinstance(each, Rejected)
        assert each.reason is Reason.NOT_FOUND
        assert "no Zenodo deposit API" in each.message


async def test_a_website_that_answers_html_is_no_repository() -> None:
    async with raw_server(always(answer(200, b"<html>Welcome"))) as server:
        repository = connect(server.url, "t")
        found = await repository.check_access()
        await repository.close()
    assert found == Unavailable("The repository answered 200, but the answer is HTML.", status=200)


@pytest.mark.parametrize("value", [float("nan"), {1, 2}, b"bytes", "nest"])
async def test_metadata_that_is_no_json_is_refused_before_anything_is_sent(value: Any) -> None:
    if value == "nest":
        value = []
        for _ in range(100_000):
            value = [value]
    async with raw_server(always(GOOD)) as server:
        repository = connect(server.url, "t")
        found = await repository.create({"title": value})
        await repository.close()
    assert isinstance(found, Rejected)
    assert server.requests == []


async def test_empty_metadata_is_never_sent() -> None:
    repository: ZenodoRepository = connect("http://127.0.0.1:1", "t")
    with pytest.raises(ValueError, match="wipe"):
        await repository.update(7, {})
    await repository.close()


async def test_a_file_without_an_id_is_never_deleted_blindly() -> None:
    async with raw_server(always(answer(204))) as server:
        repository = connect(server.url, "t")
        assert isinstance(await repository.delete_file(7, RemoteFile("a.txt", 1, "")), Rejected)
        await repository.close()
    assert server.requests == []


async def test_a_cancelled_request_is_told_and_leaves_nothing_behind() -> None:
    exchanges: list[Any] = []
    arrived = asyncio.Event()

    async def behave(connection: Connection) -> None:
        await connection.request()
        arrived.set()
        await connection.reader.read()

    async with raw_server(behave) as server:
        repository = connect(server.url, "t", listener=exchanges.append)
        request = asyncio.ensure_future(repository.publish(7))
        await arrived.wait()
        request.cancel()
        with pytest.raises(asyncio.CancelledError):
            await request
        assert [each.outcome for each in exchanges] == ["cancelled"]
        await repository.close()
