"""Observed: Files, the bucket and the old way."""

from __future__ import annotations

import asyncio
import json
import uuid
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from tests.integration.local.conftest import Api, md5
from tests.integration.local.observed.case import named
from tests.integration.local.raw import Raw, path_of

EMPTY = "Empty files are not accepted."


async def test_replacing_gives_one_entry_and_a_new_id(api: Api) -> None:
    draft = await api.create()
    first, second = await api.put(draft, content=b"one"), await api.put(draft, content=b"two")
    assert (first.status, second.status) == (201, 201)
    assert first.body["version_id"] != second.body["version_id"]
    assert await api.files(draft) == {"a.txt": md5(b"two")}


@pytest.mark.parametrize("size", [1, 100_000, 1024 * 1024, 1024 * 1024 + 1, 5_000_000])
async def test_what_is_stored_is_what_was_sent(api: Api, tmp_path: Path, size: int) -> None:
    """In memory or by way of the disk."""
    content = bytes(number % 251 for number in range(1000)) * (size // 1000 + 1)
    await api.put(await api.create(), content=content[:size])
    (stored,) = tmp_path.glob("**/files/*")
    assert stored.read_bytes() == content[:size]


async def test_empty_files_are_refused_and_the_old_one_stays(api: Api) -> None:
    draft = await api.create()
    for expected in ({}, {"a.txt": md5(b"hello")}):
        answer = await api.put(draft, content=b"")
        assert (answer.status, answer.body["message"]) == (400, EMPTY)
        assert await api.files(draft) == expected
        await api.put(draft)


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        ("application/octet-stream", 201),
        ("application/json", 415),
        ("text/plain", 415),
        ("image/png", 415),
        ("application/x-www-form-urlencoded", 415),
    ],
)
async def test_content_types(api: Api, sent: str, status: int) -> None:
    assert (await api.put(await api.create(), headers={"Content-Type": sent})).status == status


async def test_no_content_type_is_taken(api: Api) -> None:
    assert (await api.put(await api.create(), skip_auto_headers=["Content-Type"])).status == 201


async def test_a_chunked_body_is_lost(api: Api) -> None:
    draft = await api.create()

    async def chunks() -> Any:
        yield b"hello"

    answer = await api.ask("PUT", f"{draft['links']['bucket']}/a.txt", data=chunks())
    assert (answer.status, answer.body["message"]) == (400, EMPTY)
    assert await api.files(draft) == {}


async def test_less_than_promised_leaves_nothing(api: Api, tmp_path: Path) -> None:
    draft = await api.create()
    for expected in ({}, {"a.txt": md5(b"hello")}):
        raw = await Raw.open(api.origin)
        await raw.send("PUT", path_of(f"{draft['links']['bucket']}/a.txt"), b"hal", length=10)
        raw.writer.write_eof()
        with pytest.raises(asyncio.IncompleteReadError):
            await raw.answer()
        assert await api.files(draft) == expected
        await api.put(draft)
    assert not list((tmp_path / "repository" / "incoming").iterdir())


async def test_more_than_promised_keeps_what_was_promised(api: Api) -> None:
    draft = await api.create()
    raw = await Raw.open(api.origin)
    await raw.begin(path_of(f"{draft['links']['bucket']}/a.txt"), 5, b"0123456789")
    assert (await raw.answer())[0] == 201
    assert await api.files(draft) == {"a.txt": md5(b"01234")}


@pytest.mark.parametrize(
    "headers",
    named([({"Content-MD5": "bm9wZQ=="},), ({"Content-Encoding": "gzip"},), ({"Content-Range": "bytes 0-4/100"},)]),
)
async def test_headers_that_are_ignored(api: Api, headers: dict[str, str]) -> None:
    draft = await api.create()
    raw = await Raw.open(api.origin)
    await raw.send("PUT", path_of(f"{draft['links']['bucket']}/a.txt"), b"hello", headers=headers)
    assert (await raw.answer())[0] == 201
    assert await api.files(draft) == {"a.txt": md5(b"hello")}


async def test_there_is_no_limit_of_100_mib_here(api: Api) -> None:
    draft = await api.create()
    content = bytes(101 * 1024 * 1024)
    answer = await api.put(draft, content=content)
    assert (answer.status, answer.body["checksum"]) == (201, f"md5:{md5(content)}")


@pytest.mark.parametrize("options", [{"bucket_quota": 10}])
async def test_quota_is_answered_before_the_body_is_read(api: Api) -> None:
    draft = await api.create()
    assert (await api.put(draft, content=b"0123456789")).status == 201
    raw = await Raw.open(api.origin)
    await raw.send("PUT", path_of(f"{draft['links']['bucket']}/b.txt"), b"", length=5_000_000_000)
    status, body = await raw.answer()
    assert (status, json.loads(body)["message"]) == (400, "Bucket quota exceeded.")
    assert await api.files(draft) == {"a.txt": md5(b"0123456789")}
    assert (await api.put(draft, content=b"9876543210")).status == 201, "replacing counts the difference"
    assert (await api.put(draft, content=b"98765432100")).status == 400
    raw.cut()


@pytest.mark.parametrize("options", [{"max_files": 2}])
async def test_one_file_too_many(api: Api) -> None:
    draft = await api.create()
    assert [(await api.put(draft, name)).status for name in "abca"] == [201, 201, 400, 201]
    message = (await api.put(draft, "c")).body["message"]
    assert message == "Uploading selected files will result in exceeding the max amount per record."


async def test_whose_bucket(api: Api, bob: Api, nobody: Api) -> None:
    draft = await api.create()
    assert (await bob.put(draft)).status == 403
    assert (await nobody.put(draft)).status == 403
    assert (await api.put(draft, headers={"Authorization": "Bearer wrong"})).status == 403
    assert (await api.ask("PUT", f"/api/files/{uuid.uuid4()}/a.txt", data=b"x")).status == 404
    assert (await api.ask("PUT", "/api/files/nonsense/a.txt", data=b"x")).status == 500


async def test_reading_by_the_bucket(api: Api) -> None:
    draft = await api.create()
    await api.put(draft)
    link = f"{draft['links']['bucket']}/a.txt"
    whole = await api.ask("GET", link, headers={"Range": "bytes=0-1"})
    assert (whole.status, whole.body) == (200, "hello")
    assert whole.headers["ETag"]
    head = await api.ask("HEAD", link)
    assert (head.status, head.headers["Content-Length"]) == (200, "5")
    assert (await api.ask("GET", f"{draft['links']['bucket']}/missing")).status == 403
    assert (await api.ask("GET", draft["links"]["bucket"])).status == 500


async def test_delete_by_the_bucket_answers_500_and_deletes(api: Api) -> None:
    draft = await api.create()
    await api.put(draft)
    link = f"{draft['links']['bucket']}/a.txt"
    assert (await api.ask("DELETE", link)).status == 500
    assert await api.files(draft) == {}
    answer = await api.ask("DELETE", link)
    assert (answer.status, answer.body["message"]) == (404, f"Record '{draft['id']}' has no file 'a.txt'.")


async def test_delete_by_id(api: Api, bob: Api) -> None:
    draft = await api.create()
    entry = (await api.put(draft)).body["version_id"]
    link = f"/api/deposit/depositions/{draft['id']}/files"
    assert (await bob.ask("DELETE", f"{link}/{entry}")).status == 403
    assert (await api.ask("DELETE", f"{link}/{entry}")).status == 204
    assert (await api.ask("DELETE", f"{link}/{entry}")).status == 404
    assert (await api.ask("DELETE", f"{link}/{uuid.uuid4()}")).status == 404
    assert (await api.ask("DELETE", f"{link}/a.txt")).status == 500


@pytest.mark.parametrize(
    "name",
    [
        "a b&c+d%e?f#g;h,i\"j'k\\l<m>n:o*p|q=r@s$t[u]v{w}x(y)",
        "tab\tnewline\n",
        "日本語.txt",
        "e\u0301 combining",
        "\u00e9 composed",
        ".hidden",
        "%2F literally",
        "ü" * 255,
        "...",
    ],
)
async def test_names_that_are_kept(api: Api, name: str) -> None:
    draft = await api.create()
    answer = await api.put(draft, name)
    assert (answer.status, answer.body["key"]) == (201, name)
    assert list(await api.files(draft)) == [name]
    for link in (answer.body["links"]["self"], (await api.get(draft))["files"][0]["links"]["download"]):
        assert (await api.ask("GET", link)).body == "hello"


@pytest.mark.parametrize(
    ("path", "status", "key"),
    [
        ("/%2Fx", 201, "x"),
        ("//x", 201, "x"),
        ("/a/../b", 201, "b"),
        ("/a%2F..%2Fb", 201, "b"),
        ("/./c", 201, "c"),
        ("/a/b", 404, None),
        ("/a%2Fb", 404, None),
        ("/.", 404, None),
        ("/%2E%2E", 404, None),
        ("/a%00b", 400, None),
        ("/" + "x" * 256, 400, None),
    ],
)
async def test_names_that_the_proxy_tidies(api: Api, path: str, status: int, key: str | None) -> None:
    draft = await api.create()
    raw = await Raw.open(api.origin)
    await raw.send("PUT", path_of(draft["links"]["bucket"]) + path, b"hello")
    answered, body = await raw.answer()
    assert answered == status
    if key is not None:
        assert json.loads(body)["key"] == key
    assert list(await api.files(draft)) == ([key] if key else [])


async def test_a_name_that_is_too_long(api: Api) -> None:
    answer = await api.put(await api.create(), "ü" * 256)
    assert (answer.status, answer.body["message"]) == (400, "Filename is too long.")


async def post(api: Api, draft: Any, **parts: Any) -> Any:
    form = aiohttp.FormData(quote_fields=False)
    for name, (content, file_name) in parts.items():
        form.add_field(name.rstrip("_"), content, filename=file_name)
    return await api.ask("POST", f"{api.depositions}/{draft['id']}/files", data=form)


@pytest.mark.parametrize(
    ("name", "stored"),
    [
        ("plain.txt", "plain.txt"),
        ("a b.txt", "a_b.txt"),
        ("é.txt", "e.txt"),
        ("a&b(c).txt", "abc.txt"),
        ("dir/f", "dir_f"),
        (".hidden", "hidden"),
        ("日本語.txt", "txt"),
    ],
)
async def test_the_old_way_rewrites_names(api: Api, name: str, stored: str) -> None:
    draft = await api.create()
    answer = await post(api, draft, name=(name, None), file=(b"hello", "x"))
    assert answer.status == 201
    assert set(answer.body) == {"id", "filename", "filesize", "checksum", "links"}
    assert (answer.body["filename"], answer.body["checksum"]) == (stored, md5(b"hello"))
    assert await api.files(draft) == {stored: md5(b"hello")}


async def test_the_old_way(api: Api) -> None:
    draft = await api.create()
    assert (await post(api, draft, name=("日本語", None), file=(b"x", "x"))).status == 403
    assert (await post(api, draft, file=(b"x", "own name.txt"))).body["filename"] == "own_name.txt"
    answer = await post(api, draft, name=("own_name.txt", None), file=(b"y", "x"))
    assert (answer.status, answer.body["message"]) == (400, "File with key own_name.txt already exists.")
    answer = await post(api, draft, name=("a.txt", None))
    assert (answer.status, answer.body["message"]) == (
        400,
        "The browser (or proxy) sent a request that this server could not understand.",
    )
    assert (await post(api, draft, name=("a.txt", None), file=("x", None))).status == 400
    assert (await post(api, draft, name=("e.txt", None), file=(b"", "x"))).status == 400
    assert (await post(api, draft, file=(b"first", "1"), file_=(b"second", "2"))).body["filename"] == "1"
    assert await api.files(draft) == {"own_name.txt": md5(b"x"), "1": md5(b"first")}


async def test_the_old_way_takes_100_mib_and_no_more(api: Api) -> None:
    draft = await api.create()
    raw = await Raw.open(api.origin)
    path = f"/api/deposit/depositions/{draft['id']}/files"
    await raw.send("POST", path, length=101 * 1024 * 1024, headers={"Content-Type": "multipart/form-data; boundary=x"})
    status, body = await raw.answer()
    assert status == 413
    assert b"<html>" in body
    raw.cut()


async def test_a_pending_entry(api: Api) -> None:
    draft = await api.create()
    await api.put(draft)
    declared = await api.ask("POST", f"/api/records/{draft['id']}/draft/files", json=[{"key": "p.txt"}])
    assert declared.status == 201
    files = f"/api/deposit/depositions/{draft['id']}/files"
    bucket = draft["links"]["bucket"]
    assert [entry["filename"] for entry in (await api.get(draft))["files"]] == ["a.txt"]
    assert (await api.ask("GET", files)).status == 500
    assert (await api.ask("GET", f"{bucket}/p.txt")).status == 500
    answer = await api.act(draft, "publish")
    assert (answer.status, answer.fields) == (400, ["files"])
    assert answer.messages == ["One or more files have not completed their transfer, please wait."]
    assert (await api.put(draft, "p.txt")).status == 201
    assert set(await api.files(draft)) == {"a.txt", "p.txt"}
    await api.ask("POST", f"/api/records/{draft['id']}/draft/files", json=[{"key": "q.txt"}])
    assert (await api.ask("DELETE", f"{bucket}/q.txt")).status == 500
    assert set(await api.files(draft)) == {"a.txt", "p.txt"}
