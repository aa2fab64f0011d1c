"""Observed: Publish; After publication; new versions."""

from __future__ import annotations

import asyncio

from tests.integration.local.conftest import MINIMAL
from tests.integration.local.observed.case import Section, World
from tests.integration.local.test_files import post

PUBLISH, AFTER, VERSIONS = Section("publish"), Section("after"), Section("version")
MODULE = "test_publish.py"
MISSING = "test_fields.py::test_missing_what_a_publication_needs"
NO_FILES = f"{MODULE}::test_no_files"
WHO = f"{MODULE}::test_who_may_publish"
COMMUNITIES = f"{MODULE}::test_communities"
AFTERWARDS = f"{MODULE}::test_after_publication"
EDIT = f"{MODULE}::test_edit"
BAD_EDIT = f"{MODULE}::test_an_edit_that_may_not_be_published"
NEW = f"{MODULE}::test_new_version"
COME_AND_GO = f"{MODULE}::test_new_versions_come_and_go"
AT_ONCE = "test_races.py::test_an_action_four_times_at_once"

PUBLISH.held("no-title", "missing title: 400 metadata.title", f"{MISSING}[title]")
PUBLISH.held("no-creators", "missing creators: 400 metadata.creators", f"{MISSING}[creators]")
PUBLISH.held("no-type", "missing upload_type: 400 metadata.resource_type", f"{MISSING}[upload_type]")
PUBLISH.held("nothing", "only after {}: metadata.publication_date too", "test_fields.py::test_nothing_was_ever_sent")


@PUBLISH.case("least", "missing description, licence, publication_type: 202")
async def _(world: World) -> None:
    await world.api.published({**MINIMAL, "upload_type": "publication"})


PUBLISH.held("no-files", "no files: 400 files.enabled and its message", NO_FILES)


@PUBLISH.case("files-last", "no files is reported only when the metadata are right")
async def _(world: World) -> None:
    answer = await world.api.act(await world.draft(title=""), "publish")
    assert (answer.status, answer.fields) == (400, ["metadata.title"])


PUBLISH.held_all(
    WHO,
    {
        "again": 'again: 404 "Not found."',
        "again-other": 'again by another user: 404 "Not found."',
        "unknown": "unknown id: 404, no such identifier",
        "other": "another's draft: 403",
        "nobody": "nobody: 403",
    },
)
PUBLISH.held("at-once", "four at once: exactly one 202, the others 500", f"{AT_ONCE}[publish-202-options0]")


@PUBLISH.case("one-record", "four at once: one record, one DOI")
async def _(world: World) -> None:
    draft = await world.ready(title="Only one of these")
    answers = await asyncio.gather(*(world.api.act(draft, "publish") for _ in range(4)))
    done = [answer for answer in answers if answer.status == 202]
    assert len(done) == 1
    assert {answer.status for answer in answers} <= {202, 404, 500}
    found = await world.api.ask("GET", f"{world.api.depositions}?q=conceptrecid:{draft['conceptrecid']}")
    assert [entry["doi"] for entry in found.body] == [done[0].body["doi"]]


PUBLISH.held_all(
    COMMUNITIES,
    {
        "community-own": "one's own community: included, GET shows it",
        "community-answer": "the publish answer does not show it yet",
        "community-other": "another's community: not included, nothing in the answer says so",
    },
)


@PUBLISH.case("100-files", "100 files: 202")
async def _(world: World) -> None:
    draft = await world.draft()
    for number in range(100):
        assert (await world.api.put(draft, f"{number}")).status == 201
    answer = await world.api.act(draft, "publish")
    assert (answer.status, len(answer.body["files"])) == (202, 100)


AFTER.held_all(
    AFTERWARDS,
    {
        "change": 'PUT metadata: 404 "Not found."',
        "delete": 'DELETE: 404 "Not found."',
        "discard": 'discard: 404 "Not found."',
        "post-file": 'POST file: 404 "Not found."',
        "put-new": 'PUT of a new name: 404 "Not found."',
        "put-existing": 'PUT of an existing name: 403 "Permission denied."',
        "delete-file": "DELETE of a file, by name or by id: 403",
        "edit-other": "edit of another's: 403",
    },
)
AFTER.held_all(
    EDIT,
    {
        "edit": "edit: 201, inprogress, submitted, links.self D/ID",
        "edit-again": "edit again: 201",
        "edit-change": "PUT metadata: 200, the same DOI",
        "edit-files": 'any file change: 403 "Bucket is locked for modifications."',
        "edit-publish": "publish: 202",
    },
)
AFTER.held("edit-at-once", "edit four times at once: one 201, others 500", f"{AT_ONCE}[edit-201-options0]")
AFTER.held_all(
    BAD_EDIT,
    {
        "edit-missing": "publish of an edit with missing metadata: 400",
        "edit-doi": "another doi: 400 at publish, cannot discard",
    },
)
for way in ("discard", "delete"):
    AFTER.held(
        f"edit-{way}", f"{way}: 204, the record as before; again 404", f"{MODULE}::test_giving_up_an_edit[{way}]"
    )


@AFTER.case("edit-files-all", "POST of a file and DELETE by id in an edit: 403, the bucket is locked")
async def _(world: World) -> None:
    record = await world.api.published()
    await world.api.act(record, "edit")
    deleted = await world.api.ask("DELETE", world.own(record, "files", record["files"][0]["id"]))
    posted = await post(world.api, record, file=(b"x", "x"))
    for answer in (deleted, posted):
        assert (answer.status, answer.body["message"]) == (403, "Bucket is locked for modifications.")


VERSIONS.held_all(
    NEW,
    {
        "draft": "newversion: 201 with the new draft, its own id, the same conceptrecid",
        "conceptdoi": "conceptdoi set, no doi",
        "files": "files copied, the same file ids",
        "date": "publication_date is today",
        "no-version": "version dropped",
        "bucket": "the bucket is new",
        "again": 'called again while it has files: 400 files.enabled "Please remove all files first."',
        "again-empty": "no files in it: 201, the same draft, files copied again",
        "latest-draft": "nothing in the old record leads to it: latest_draft is the old one itself",
        "search": "GET D?q=conceptrecid:N&all_versions=true finds it",
        "native": "POST /records/OLD/versions: 201, the same draft",
        "own-doi": "published: 202, its own DOI",
    },
)
VERSIONS.held_all(
    COME_AND_GO,
    {
        "discard": "discard of the draft: 204, then newversion gives a new id",
        "from-older": "from an older version: 201",
        "beside-edit": "beside an open edit: 201",
    },
)
VERSIONS.held(
    "at-once", "four at once: four different drafts", "test_races.py::test_four_new_versions_at_once_are_four"
)
VERSIONS.held(
    "outside-doi", "on a record with an outside DOI: 403", f"{MODULE}::test_no_new_version_under_an_outside_doi"
)


@VERSIONS.case("untouched", "publishing it untouched: 202 with its own DOI")
async def _(world: World) -> None:
    record = await world.api.published()
    draft = (await world.api.act(record, "newversion")).body
    answer = await world.api.act(draft, "publish")
    assert answer.status == 202
    assert answer.body["doi"] != record["doi"]
    assert answer.body["conceptdoi"] == record["conceptdoi"]


@VERSIONS.case("delete", "DELETE of the draft: 204, then newversion gives a new id; the record stays")
async def _(world: World) -> None:
    record = await world.api.published()
    draft = (await world.api.act(record, "newversion")).body
    assert (await world.api.ask("DELETE", world.own(draft))).status == 204
    assert (await world.api.act(record, "newversion")).body["id"] > draft["id"]
    assert (await world.api.get(record))["state"] == "done"
