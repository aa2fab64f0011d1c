"""Observed: Broken uploads and things at once."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Coroutine
from typing import Any

from tests.integration.local.conftest import MINIMAL, Answer, md5
from tests.integration.local.observed.case import Section, World
from tests.integration.local.raw import Raw, path_of
from tests.integration.local.test_races import half_sent, start, waits

RACES, PENDING = Section("race"), Section("pending")
MODULE = "test_races.py"
WAITING = f"{MODULE}::test_uploads_to_one_draft_wait_for_each_other"
WRITES = f"{MODULE}::test_every_other_write_waits"
METADATA = f"{MODULE}::test_metadata_wait_only_for_an_upload_that_replaces"
CUT = f"{MODULE}::test_a_cut_upload_leaves_nothing_or_the_old_file"
LOST = f"{MODULE}::test_publish_beside_an_upload_loses_the_file"
ALONE = f"{MODULE}::test_publish_beside_the_only_upload"
DELETED = f"{MODULE}::test_delete_of_the_draft_beside_an_upload"
TOO_LONG = f"{MODULE}::test_waiting_too_long_is_a_504_that_may_be_untrue"
TWO_CHANGES = f"{MODULE}::test_two_metadata_changes_at_once"
HELD = "test_files.py::test_a_pending_entry"

RACES.held_all(
    WAITING,
    {
        "one-after-another": "uploads to one draft: one after another",
        "side-by-side": "uploads to different drafts: side by side",
        "reads": "GETs answer at once while a PUT hangs",
        "state-before": "while a PUT runs, lists show the state before it",
        "other-name": "PUT of another name waits, then 201",
    },
)
RACES.held("same-name-waits", "PUT of the same name waits", f"{WRITES}[same name]")
RACES.held("delete-waits", "DELETE of a file waits", f"{WRITES}[delete file]")
RACES.held("delete-id-waits", "DELETE of a file by id waits, then 204", f"{WRITES}[delete by id]")
RACES.held("publish-waits", "publish waits, then 202", LOST)
RACES.held("delete-draft-waits", "DELETE of the draft waits", DELETED)
RACES.held("metadata-wait", "PUT metadata wait when the running PUT replaces a file", f"{METADATA}[True]")
RACES.held("metadata-go", "PUT metadata do not wait otherwise", f"{METADATA}[False]")
RACES.held("cut-others", "once the hanging one is cut, the others go on: 201", f"{CUT}[None]")
RACES.held_all(
    TOO_LONG,
    {
        "504": "a wait of 60 s ends in 504 (HTML)",
        "504-small": "a PUT of 5 bytes: 504, the file was there afterwards",
        "504-delete": "a DELETE: 504, the file was gone",
        "504-large": "a large PUT: 504, not there",
    },
)
RACES.held(
    "cut-put",
    "sent whole, cut before the answer: the PUT is done",
    f"{MODULE}::test_what_was_sent_whole_is_done_although_nobody_waits",
)
RACES.held(
    "cut-nothing", "a PUT cut in the middle leaves nothing, DELETE of the name 404, publish goes ahead", f"{CUT}[None]"
)
RACES.held("cut-old", "over an old file: the old one is there whole; sending again 201", f"{CUT}[old]")
RACES.held_all(
    LOST,
    {
        "publish-beside": "publish while a PUT runs: 202, the record lacks the file",
        "publish-beside-put": "and the PUT ends in 500",
    },
)
RACES.held_all(
    ALONE,
    {"publish-alone": "no other file there: publish 400, no files", "publish-alone-put": "and the PUT 201"},
)
RACES.held_all(
    DELETED,
    {"delete-beside": "DELETE of the draft while a PUT runs: 500, it survives", "delete-beside-put": "and the PUT 201"},
)
RACES.held("small-2", "2 small files at once: all 201, all there", f"{MODULE}::test_small_files_at_once[2]")
RACES.held("small-8", "8 small files at once: all 201, all there", f"{MODULE}::test_small_files_at_once[8]")
RACES.held("metadata-beside", "metadata PUT beside file PUTs: all well", f"{MODULE}::test_metadata_beside_files")
RACES.held_all(
    TWO_CHANGES,
    {
        "two-changes": "two metadata PUTs at once: one 200, the other a false 400 without errors",
        "two-changes-stored": "the one that answered 200 is stored",
    },
)
RACES.held(
    "same-name-4",
    "the same name four times at once: one 201, others 500; its content is there",
    f"{MODULE}::test_the_same_name_at_once",
)
RACES.held("creates-8", "eight creates at once: all 201, eight ids", f"{MODULE}::test_eight_creates_at_once_are_eight")
PENDING.held_all(
    HELD,
    {
        "deposition": "GET D/ID leaves it out",
        "list": "GET D/ID/files is 500",
        "get": "GET B/NAME: 500",
        "publish": "publish 400 files and its message",
        "replaced": "PUT B/NAME of that name replaces it: 201",
        "deleted": "DELETE B/NAME removes it, and answers 500",
    },
)


async def after_a_cut(world: World, work: Callable[[Any], Coroutine[Any, Any, Answer]], status: int) -> Any:
    """A write that waits for a hanging upload of slow.txt, which is cut; returns the deposition."""
    draft = await world.ready()
    async with half_sent(world.api, draft) as raw:
        waiting = start(work(draft))
        assert await waits(waiting)
        raw.cut()
        assert (await waiting).status == status
    return draft


@RACES.case("cut-same-name", "PUT of the same name, once the hanging one is cut: 201")
async def _(world: World) -> None:
    draft = await after_a_cut(world, lambda draft: world.api.put(draft, "slow.txt", b"new"), 201)
    assert (await world.api.files(draft))["slow.txt"] == md5(b"new")


@RACES.case("cut-delete", "DELETE of a file by id, once the hanging PUT is cut: 204")
async def _(world: World) -> None:
    async def delete(draft: Any) -> Answer:
        file_id = (await world.api.get(draft))["files"][0]["id"]
        return await world.api.ask("DELETE", world.own(draft, "files", file_id))

    draft = await after_a_cut(world, delete, 204)
    assert await world.api.files(draft) == {}


@RACES.case("cut-publish", "publish, once the hanging PUT is cut: 202, without its file")
async def _(world: World) -> None:
    draft = await after_a_cut(world, lambda draft: world.api.act(draft, "publish"), 202)
    assert set(await world.api.files(draft)) == {"a.txt"}


@RACES.case("cut-delete-draft", "DELETE of the draft, once the hanging PUT is cut: 204")
async def _(world: World) -> None:
    draft = await after_a_cut(world, lambda draft: world.api.ask("DELETE", world.own(draft)), 204)
    assert (await world.api.ask("GET", world.own(draft))).status == 404


async def hang_up(world: World, method: str, url: str, metadata: Any) -> None:
    """Send a request whole and cut the connection before the answer."""
    raw = await Raw.open(world.api.origin)
    body = json.dumps({"metadata": metadata}).encode()
    await raw.send(method, path_of(url), body, headers={"Content-Type": "application/json"})
    raw.writer.close()


LOOKS = 30
"""How often it is looked whether something was done after all."""


@RACES.case("lost-change", "PUT of metadata sent whole, cut before the answer: done")
async def _(world: World) -> None:
    draft = await world.draft()
    await hang_up(world, "PUT", world.own(draft), {**MINIMAL, "title": "Done although nobody waits"})
    while (await world.api.get(draft))["title"] == MINIMAL["title"]:
        pass


@RACES.case("lost-publish", "publish sent whole, cut before the answer: not done")
async def _(world: World) -> None:
    draft = await world.ready()
    await hang_up(world, "POST", world.own(draft, "actions", "publish"), {})
    for _ in range(LOOKS):
        assert (await world.api.get(draft))["state"] == "unsubmitted"


@RACES.case("lost-create", "create sent whole, cut before the answer: not done")
async def _(world: World) -> None:
    await hang_up(world, "POST", world.api.depositions, {**MINIMAL, "title": "Nobodywaits"})
    for _ in range(LOOKS):
        assert (await world.api.ask("GET", f"{world.api.depositions}?q=title:Nobodywaits")).body == []


@RACES.case("small-4", "4 small files at once: all 201, all there")
async def _(world: World) -> None:
    draft = await world.draft()
    answers = await asyncio.gather(*(world.api.put(draft, f"{number}.txt") for number in range(4)))
    assert [answer.status for answer in answers] == [201] * 4
    assert len(await world.api.files(draft)) == 4


@RACES.case("create-twice", "no idempotency: a repeated create is a second draft")
async def _(world: World) -> None:
    first, second = await world.draft(), await world.draft()
    assert first["id"] != second["id"]
