"""What goes over the wire, byte for byte."""

from __future__ import annotations

import json
import logging
from typing import Any
from urllib.parse import quote, unquote

import pytest

from batchdep import __version__
from batchdep.repository import (
    Answer,
    Deposition,
    DepositionState,
    Done,
    Exchange,
    Reason,
    Rejected,
    RemoteFile,
    Unavailable,
    Unknown,
    connect,
)
from batchdep.repository.upload import TextBody
from tests.integration.repository.documents import Pattern, deposition, draft, stored
from tests.integration.repository.raw import Connection, always, answer, raw_server

TOKEN = "s3cret-t0ken-of-forty-two"


async def test_each_request_is_exactly_what_the_server_wants() -> None:
    async def behave(connection: Connection) -> None:
        while True:
            request = await connection.request()
            match request.method, request.target:
                case "DELETE", _:
                    await connection.answer(204)
                case "PUT", target if target.startswith("/api/files"):
                    await connection.answer(201, stored("a.txt", request.body))
                case "POST", target if target.endswith("publish"):
                    await connection.answer(202, deposition(state="done", doi="10.5281/zenodo.7"))
                case "GET", target if "?" in target:
                    await connection.answer(200, [])
                case _:
                    await connection.answer(200, deposition())

    async with raw_server(behave) as server:
        repository = connect(server.url, TOKEN)
        assert await repository.check_access() == Done(None)
        assert isinstance(await repository.create({"title": "日本"}), Done)
        assert isinstance(await repository.get(7), Done)
        assert isinstance(await repository.update(7, {"title": "t"}), Done)
        assert isinstance(await repository.upload(draft(server.url), "a.txt", TextBody(b"12345")), Done)
        assert await repository.delete_file(7, RemoteFile("a.txt", 5, "", "5b1f/?x")) == Done(None)
        published = await repository.publish(7)
        assert isinstance(published, Done)
        assert published.value.doi == "10.5281/zenodo.7"
        assert await repository.delete(7) == Done(None)
        assert await repository.recent(None) == Done([])
        await repository.close()

    root = "/api/deposit/depositions"
    assert [request.line for request in server.requests] == [
        f"GET {root}?size=1 HTTP/1.1",
        f"POST {root} HTTP/1.1",
        f"GET {root}/7 HTTP/1.1",
        f"PUT {root}/7 HTTP/1.1",
        "PUT /api/files/abc/a.txt HTTP/1.1",
        f"DELETE {root}/7/files/5b1f%2F%3Fx HTTP/1.1",
        f"POST {root}/7/actions/publish HTTP/1.1",
        f"DELETE {root}/7 HTTP/1.1",
        f"GET {root}?sort=mostrecent&all_versions=true&size=100&page=1 HTTP/1.1",
    ]
    for request in server.requests:
        assert request.headers["authorization"] == f"Bearer {TOKEN}"
        assert request.headers["user-agent"] == f"batchdep/{__version__} (+https://github.com/batchdep/batchdep)"
        assert request.headers["accept"] == "application/json"
        assert request.headers["accept-encoding"] == "identity"
        assert not {"transfer-encoding", "expect", "cookie"} & set(request.headers)
        assert ("content-length" in request.headers) == (request.method != "GET")
    kinds = [request.headers.get("content-type") for request in server.requests]
    json_kind = "application/json"
    assert kinds == [None, json_kind, None, json_kind, "application/octet-stream", None, None, None, None]
    assert json.loads(server.requests[1].body) == {"metadata": {"title": "日本"}}
    assert server.connections == 1


NAMES = [
    "a b & c + d.txt",
    "100%.csv",
    "%41%2F..%2e.txt",
    "what?.txt",
    "a#b.txt",
    "a;b=c,d:e@f$g!h'i(j)k*l.txt",
    'quo"te\\back<>|[]{}^`~.txt',
    "日本語.txt",
    "nai\u0308ve-combining.txt",
    "naïve-composed.txt",
    "😀.txt",
    ".hidden",
    "...",
    " leading and trailing ",
    "x" * 255,
    "\u00a0\u2028\u202e.txt",
]


@pytest.mark.parametrize("name", NAMES)
async def test_a_name_arrives_as_one_segment_that_decodes_to_itself(name: str) -> None:
    async def behave(connection: Connection) -> None:
        request = await connection.request()
        await connection.answer(201, stored(unquote(request.target.rpartition("/")[2]), request.body))

    async with raw_server(behave) as server:
        repository = connect(server.url, TOKEN)
        found = await repository.upload(draft(server.url), name, TextBody(b"1"))
        await repository.close()
    assert isinstance(found, Done)
    assert found.value.name == name
    assert server.requests[0].target == "/api/files/abc/" + quote(name, safe="")


@pytest.mark.parametrize("name", ["", ".", "..", "a/b", "/a", "a\nb", "a\tb", "nul\0", "del\x7f", "surrogate\udc80"])
async def test_a_name_that_no_server_stores_as_it_is_is_not_sent(name: str) -> None:
    async with raw_server(always(answer(201, stored("x", b"1")))) as server:
        repository = connect(server.url, TOKEN)
        found = await repository.upload(draft(server.url), name, TextBody(b"1"))
        await repository.close()
    assert isinstance(found, Rejected)
    assert found.reason is Reason.INVALID
    assert str(found).isprintable()
    assert server.requests == []


async def test_a_file_stored_under_another_name_is_refused_in_words() -> None:
    async with raw_server(always(answer(201, stored("b.txt", b"1")))) as server:
        repository = connect(server.url, TOKEN)
        found = await repository.upload(draft(server.url), "a.txt", TextBody(b"1"))
        await repository.close()
    assert found == Rejected(Reason.INVALID, 0, "The repository stored the file under another name, 'b.txt'.")


@pytest.mark.parametrize(
    "bucket",
    [
        "http://127.0.0.1:1/api/files/abc",
        "https://127.0.0.1/api/files/abc",
        "http://evil.example.org/api/files/abc",
        "http://127.0.0.1.evil.example.org/abc",
        "//evil.example.org/abc",
        "/api/files/abc",
        "file:///etc/passwd",
        "ftp://127.0.0.1/abc",
        "{url}@evil.example.org/abc",
        "{url}/abc?x=",
        "{url}/abc#",
        "http://[::1",
        "",
        None,
    ],
)
async def test_nothing_is_sent_to_a_bucket_elsewhere(bucket: str | None) -> None:
    async with raw_server(always(answer(201, stored("a.txt", b"1")))) as server:
        address = None if bucket is None else bucket.replace("{url}", server.url)
        repository = connect(server.url, TOKEN)
        target = Deposition(7, DepositionState.UNSUBMITTED, {}, bucket=address)
        found = await repository.upload(target, "a.txt", TextBody(b"1"))
        await repository.close()
    assert isinstance(found, Rejected | Done)
    if isinstance(found, Done):
        assert address == f"{server.url}/abc#"  # an empty fragment is none
    else:
        assert server.requests == []


async def test_https_is_another_origin_than_http() -> None:
    async with raw_server(always(answer(201, stored("a.txt", b"1")))) as server:
        repository = connect(server.url, TOKEN)
        found = await repository.upload(draft(server.url.replace("http:", "https:")), "a.txt", TextBody(b"1"))
        await repository.close()
    assert isinstance(found, Rejected)
    assert found.reason is Reason.UNTRUSTED
    assert server.connections == 0


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_a_redirect_is_not_followed(status: int) -> None:
    async with (
        raw_server(always(answer(200, []))) as other,
        raw_server(always(answer(status, Location=other.url))) as server,
    ):
        repository = connect(server.url, TOKEN)
        found: list[Answer[Any]] = [await repository.check_access(), await repository.publish(7)]
        found.append(await repository.upload(draft(server.url), "a.txt", TextBody(b"1")))
        await repository.close()
    assert other.connections == 0
    for each in found:
        assert not isinstance(each, Done)
        assert other.url in str(each)


async def test_no_request_is_sent_twice_when_a_kept_connection_breaks() -> None:
    async def behave(connection: Connection) -> None:
        await connection.request()
        await connection.answer(200, deposition())
        await connection.request()  # and hangs up on the second one

    async with raw_server(behave) as server:
        repository = connect(server.url, TOKEN)
        assert isinstance(await repository.get(7), Done)
        assert isinstance(await repository.get(7), Unavailable)
        assert isinstance(await repository.get(7), Done)
        assert isinstance(await repository.upload(draft(server.url), "a.txt", TextBody(b"1")), Unknown)
        assert isinstance(await repository.get(7), Done)
        assert isinstance(await repository.delete(7), Unknown)
        await repository.close()
    assert len(server.requests) == 6
    assert server.connections == 3


async def test_the_environment_adds_nothing(monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine localhost login me password other-s3cret")
    monkeypatch.setenv("NETRC", str(netrc))
    for name in ("HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    async with raw_server(always(answer(200, [], Set_Cookie="csrftoken=x; Path=/"))) as server:
        # by name, because cookies of bare addresses are ignored anyway
        repository = connect(server.url.replace("127.0.0.1", "localhost"), TOKEN)
        assert await repository.check_access() == Done(None)
        assert await repository.check_access() == Done(None)
        await repository.close()
    assert "other-s3cret" not in "".join(server.heads)
    assert "cookie" not in server.requests[1].headers


async def test_without_a_token_no_authorization_is_sent() -> None:
    async with raw_server(always(answer(200, []))) as server:
        repository = connect(server.url, None)
        assert await repository.check_access() == Done(None)
        await repository.close()
    assert "authorization" not in server.requests[0].headers


async def test_the_token_is_found_in_authorization_headers_only(caplog: pytest.LogCaptureFixture) -> None:
    """Even with a server that echoes the whole request in everything it says."""
    caplog.set_level(logging.DEBUG)
    exchanges: list[Exchange] = []
    answers: list[Any] = []
    statuses = [200, 400, 401, 403, 404, 429, 500, 301, 302]

    async def behave(connection: Connection) -> None:
        await connection.request()
        echo = "".join(connection.server.heads)
        status = statuses[len(connection.server.requests) % len(statuses)]
        document = deposition(metadata={"echo": echo}) | {
            "message": echo,
            "errors": [{"field": echo, "messages": [echo]}],
        }
        header = " ".join(echo.split())[:2000]
        await connection.answer(
            status, document, Location=f"https://x/{header}", Retry_After=header, Connection="close"
        )

    async def broken(connection: Connection) -> None:
        await connection.say("".join([*connection.server.heads, TOKEN]).encode())

    for behaviour in (behave, broken):
        async with raw_server(behaviour) as server:
            repository = connect(server.url, TOKEN, listener=exchanges.append)
            repository.limiter.acquire = _at_once  # type: ignore[method-assign]
            for _ in range(len(statuses)):
                answers.append(await repository.get(7))
                answers.append(await repository.create({"title": "t"}))
                answers.append(await repository.upload(draft(server.url), "a", Pattern(3_000_000)))
            await repository.close()
            for head in server.heads:
                rest = head.replace(f"Authorization: Bearer {TOKEN}\r\n", "", 1)
                assert TOKEN not in rest
            answers.append(repository)
            answers.append(vars(repository))
            answers.append(vars(vars(repository)["_session"]))
    assert exchanges
    shown = "\n".join(map(repr, [*answers, *exchanges])) + "\n".join(map(str, answers)) + caplog.text
    assert TOKEN not in shown


async def _at_once() -> bool:
    """Instead of waiting for a turn."""
    return True


async def test_every_attempt_is_told() -> None:
    exchanges: list[Exchange] = []
    rates = {"X_RateLimit_Limit": "133", "X_RateLimit_Remaining": "7", "X_RateLimit_Reset": "1800000000"}

    async def behave(connection: Connection) -> None:
        await connection.request()
        await connection.answer(400, {"message": "No."}, **rates, Set_Cookie="a=b")
        await connection.head()

    async with raw_server(behave) as server:
        repository = connect(server.url, TOKEN, listener=exchanges.append)
        await repository.update(7, {"title": "t"})
        await repository.upload(draft(server.url), "a b", TextBody(b"12345"))
        await repository.close()
    first, second = exchanges
    assert (first.method, first.path) == ("PUT", "/api/deposit/depositions/7")
    assert (first.status, first.outcome, first.note, first.deposition_id) == (400, "rejected", "No.", 7)
    assert first.sent == len('{"metadata": {"title": "t"}}')
    assert 0 < first.seconds < 5
    assert first.headers == {name.replace("_", "-"): value for name, value in rates.items()}
    assert (second.path, second.status, second.deposition_id) == ("/api/files/abc/a%20b", None, 7)
    assert second.outcome == "unknown"
    assert second.sent == 5
