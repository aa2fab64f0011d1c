"""Observed: Broken uploads and things at once."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from tests.integration.local.conftest import MINIMAL, Answer, Api, md5
from tests.integration.local.raw import Raw, path_of
from tests.support.local_server import overlapping, read_journal

BEAT = 0.05
"""Seconds after which what has not been answered is taken to wait."""
LARGE = 2 * 1024 * 1024
DELAYED = pytest.mark.parametrize("options", [{"answer_delay": BEAT}])
"""Requests sent together are then surely under way together."""


async def waits(task: asyncio.Task[Any]) -> bool:
    """Whether the task is still waiting after a moment."""
    done, _ = await asyncio.wait({task}, timeout=BEAT)
    return not done


@asynccontextmanager
async def half_sent(api: Api, draft: Any, name: str = "slow.txt") -> Any:
    """An upload that was begun and hangs: 4 of its 8 bytes are there."""
    raw = await Raw.open(api.origin)
    await raw.begin(path_of(f"{draft['links']['bucket']}/{name}"), 8, b"half")
    await api.get(draft)  # answered after the server saw the above
    try:
        yield raw
    finally:
        raw.cut()


async def finish(raw: Raw) -> int:
    await raw.more(b"half")
    return (await raw.answer())[0]


def start(work: Coroutine[Any, Any, Answer]) -> asyncio.Task[Answer]:
    return asyncio.create_task(work)


def statuses(answers: list[Answer]) -> list[int]:
    return sorted(answer.status for answer in answers)


async def test_uploads_to_one_draft_wait_for_each_other(api: Api) -> None:
    draft, other = await api.create(), await api.create()
    async with half_sent(api, draft) as raw:
        waiting = start(api.put(draft, "b.txt"))
        assert await waits(waiting)
        assert (await api.put(other)).status == 201, "another draft does not wait"
        assert (await api.get(draft))["files"] == [], "lists show the state before"
        assert await api.files(draft) == {}
        assert await finish(raw) == 201
        assert (await waiting).status == 201
    assert set(await api.files(draft)) == {"slow.txt", "b.txt"}


@pytest.mark.parametrize("kind", ["same name", "delete file", "delete by id", "old way"])
async def test_every_other_write_waits(api: Api, kind: str) -> None:
    draft = await api.create()
    file_id = (await api.put(draft)).body["version_id"]
    own = f"/api/deposit/depositions/{draft['id']}"
    form = aiohttp.FormData()
    form.add_field("file", b"x", filename="form.txt")
    async with half_sent(api, draft) as raw:
        work: dict[str, Callable[[], Coroutine[Any, Any, Answer]]] = {
            "same name": lambda: api.put(draft, "slow.txt"),
            "delete file": lambda: api.ask("DELETE", f"{draft['links']['bucket']}/a.txt"),
            "delete by id": lambda: api.ask("DELETE", f"{own}/files/{file_id}"),
            "old way": lambda: api.ask("POST", f"{own}/files", data=form),
        }
        waiting = start(work[kind]())
        assert await waits(waiting)
        await finish(raw)
        expected = {"same name": 500, "delete file": 500, "delete by id": 204, "old way": 201}[kind]
        assert (await waiting).status == expected


@pytest.mark.parametrize("replacing", [True, False])
async def test_metadata_wait_only_for_an_upload_that_replaces(api: Api, replacing: bool) -> None:
    draft = await api.create()
    await api.put(draft, "slow.txt" if replacing else "other.txt")
    async with half_sent(api, draft) as raw:
        change = start(api.change(draft, MINIMAL))
        assert await waits(change) is replacing
        await finish(raw)
        assert (await change).status == 200


@pytest.mark.parametrize("old", [None, b"old"])
async def test_a_cut_upload_leaves_nothing_or_the_old_file(api: Api, old: bytes | None) -> None:
    draft = await api.create()
    if old:
        await api.put(draft, "slow.txt", old)
    expected = {"slow.txt": md5(old)} if old else {}
    async with half_sent(api, draft) as raw:
        waiting = start(api.put(draft, "b.txt"))
        assert await waits(waiting)
        raw.cut()
        assert (await waiting).status == 201, "once the hanging one is cut, the others go on"
    assert await api.files(draft) == {**expected, "b.txt": md5(b"hello")}
    if old is None:
        assert (await api.ask("DELETE", f"{draft['links']['bucket']}/slow.txt")).status == 404
        assert (await api.act(draft, "publish")).status == 202, "publish goes ahead without the file"
    else:
        assert (await api.put(draft, "slow.txt", b"again")).status == 201


async def test_publish_beside_an_upload_loses_the_file(api: Api) -> None:
    draft = await api.create()
    await api.put(draft)
    async with half_sent(api, draft) as raw:
        publish = start(api.act(draft, "publish"))
        assert await waits(publish)
        assert await finish(raw) == 500
        assert (await publish).status == 202
    assert set(await api.files(draft)) == {"a.txt"}


async def test_publish_beside_the_only_upload(api: Api) -> None:
    draft = await api.create()
    async with half_sent(api, draft) as raw:
        publish = start(api.act(draft, "publish"))
        assert await waits(publish)
        assert await finish(raw) == 201
    # Observed: 400 for want of files, although the upload ended first; the check had been made before.
    answer = await publish
    assert (answer.status, answer.fields) == (400, ["files.enabled"])


async def test_delete_of_the_draft_beside_an_upload(api: Api) -> None:
    draft = await api.create()
    async with half_sent(api, draft) as raw:
        delete = start(api.ask("DELETE", f"{api.depositions}/{draft['id']}"))
        assert await waits(delete)
        assert await finish(raw) == 201
        assert (await delete).status == 500
    assert set(await api.files(draft)) == {"slow.txt"}


@pytest.mark.parametrize("number", [2, 8])
async def test_small_files_at_once(api: Api, number: int) -> None:
    draft = await api.create()
    answers = await asyncio.gather(*(api.put(draft, f"{index}.txt") for index in range(number)))
    assert statuses(answers) == [201] * number
    assert len(await api.files(draft)) == number


async def test_metadata_beside_files(api: Api) -> None:
    draft = await api.create()
    work = [api.put(draft, f"{index}.txt") for index in range(5)]
    answers = await asyncio.gather(*work, api.change(draft, {**MINIMAL, "title": "Beside"}))
    assert statuses(answers) == [200] + [201] * 5
    assert (await api.get(draft))["title"] == "Beside"


@DELAYED
async def test_two_metadata_changes_at_once(api: Api) -> None:
    draft = await api.create()
    sent = [{**MINIMAL, "title": f"Number {number}"} for number in range(2)]
    answers = await asyncio.gather(*(api.change(draft, metadata) for metadata in sent))
    assert statuses(answers) == [200, 400]
    stored, refused = sorted(answers, key=lambda answer: answer.status)
    assert refused.body == {"status": 400, "message": "Invalid value dataset."}
    assert (await api.get(draft))["title"] == stored.body["title"]
    assert (await api.change(draft, sent[0])).status == 200, "a repetition is taken"


@DELAYED
async def test_the_same_name_at_once(api: Api) -> None:
    draft = await api.create()
    contents = [b"content %d" % number for number in range(4)]
    answers = await asyncio.gather(*(api.put(draft, content=content) for content in contents))
    assert statuses(answers) == [201, 500, 500, 500]
    stored = next(answer for answer in answers if answer.status == 201)
    assert await api.files(draft) == {"a.txt": stored.body["checksum"].removeprefix("md5:")}


@DELAYED
@pytest.mark.parametrize(("action", "status"), [("publish", 202), ("edit", 201)])
async def test_an_action_four_times_at_once(api: Api, action: str, status: int) -> None:
    draft = await (api.published() if action == "edit" else api.create())
    if action == "publish":
        await api.put(draft)
    answers = await asyncio.gather(*(api.act(draft, action) for _ in range(4)))
    assert statuses(answers) == [status, 500, 500, 500]


@DELAYED
async def test_four_new_versions_at_once_are_four(api: Api) -> None:
    record = await api.published()
    answers = await asyncio.gather(*(api.act(record, "newversion") for _ in range(4)))
    assert statuses(answers) == [201] * 4
    assert len({answer.body["id"] for answer in answers}) == 4


async def test_eight_creates_at_once_are_eight(api: Api, tmp_path: Path) -> None:
    drafts = await asyncio.gather(*(api.create() for _ in range(8)))
    assert len({draft["id"] for draft in drafts}) == 8
    assert overlapping(read_journal(tmp_path / "journal.jsonl")) == []


async def eventually(api: Api, draft: Any, names: set[str]) -> None:
    while set(await api.files(draft)) != names:
        pass


@pytest.mark.parametrize("options", [{"gateway_timeout": BEAT}])
async def test_waiting_too_long_is_a_504_that_may_be_untrue(api: Api) -> None:
    draft = await api.create()
    await api.put(draft, "old.txt")
    bucket = draft["links"]["bucket"]
    async with half_sent(api, draft) as raw:
        small, large, delete = await asyncio.gather(
            api.put(draft, "small.txt"),
            api.put(draft, "large.txt", bytes(LARGE)),
            api.ask("DELETE", f"{bucket}/old.txt"),
        )
        for answer in (small, large, delete):
            assert answer.status == 504
            assert "<html>" in answer.body
        assert set(await api.files(draft)) == {"old.txt"}
        assert await finish(raw) == 201
    await eventually(api, draft, {"slow.txt", "small.txt"})


@pytest.mark.parametrize("options", [{"gateway_timeout": BEAT}])
async def test_a_publish_that_waited_too_long_comes_afterwards(api: Api) -> None:
    draft = await api.create()
    await api.put(draft)
    async with half_sent(api, draft) as raw:
        assert (await api.act(draft, "publish")).status == 504
        assert (await api.get(draft))["state"] == "unsubmitted"
        assert await finish(raw) == 500
    while (await api.get(draft))["state"] != "done":
        pass
    assert set(await api.files(draft)) == {"a.txt"}


async def test_what_was_sent_whole_is_done_although_nobody_waits(api: Api) -> None:
    draft = await api.create()
    raw = await Raw.open(api.origin)
    await raw.send("PUT", path_of(f"{draft['links']['bucket']}/a.txt"), b"hello")
    raw.writer.close()
    await eventually(api, draft, {"a.txt"})


async def test_the_journal_sees_what_overlaps(api: Api, tmp_path: Path) -> None:
    draft = await api.create()
    async with half_sent(api, draft) as raw:
        await api.get(draft)
        await finish(raw)
    pairs = overlapping(read_journal(tmp_path / "journal.jsonl"))
    assert [(first.method, second.method) for first, second in pairs] == [("PUT", "GET"), ("PUT", "GET")]
    assert {entry.deposition for pair in pairs for entry in pair} == {draft["id"]}
