"""Observed: The plain path, with the links that lead nowhere."""

from __future__ import annotations

from typing import Any

from tests.integration.local.conftest import MINIMAL
from tests.integration.local.observed.case import Section, World

PLAIN = Section("plain")
PATH = "test_depositions.py::test_the_plain_path"
NOWHERE = "test_depositions.py::test_links_that_lead_nowhere"

PLAIN.held_all(
    PATH,
    {
        "create-201": "POST {}: 201",
        "create-draft": "state unsubmitted, submitted false, title empty, no files",
        "create-numbers": "record_id is id, owner 1",
        "create-reserved": "metadata are access_right and prereserve_doi {doi, recid} and nothing else",
        "create-links": "the eleven links of a draft, no others",
        "create-etag": 'ETag "4"',
        "create-no-location": "no Location",
        "change-200": "PUT metadata: 200",
        "change-filled-in": "now with publication_date (today), license, imprint_publisher Zenodo",
        "upload-shape": "PUT of a file: its ten keys",
        "upload-checksum": "PUT of a file: checksum md5:HEX, key, size",
        "list-shape": "GET ID/files: id, filename, filesize, checksum, links",
        "list-float": "GET ID/files: filesize is a float",
        "deposition-integer": "the deposition's files: filesize is an integer",
        "publish-202": "publish: 202, state done, submitted",
        "publish-dois": "publish: doi, conceptdoi, doi_url, metadata.doi",
        "publish-self": "publish: links.self is /api/records/ID, links.files below it, html /records/ID",
        "publish-links": "publish: doi, parent_doi, conceptbadge, record, record_html, latest, latest_html",
        "publish-created": "publish: created is now the moment of publishing",
        "publish-file-ids": "publish: file ids are unchanged",
        "afterwards": "GET of the published one: the same",
        "afterwards-files": "GET ID/files of the published one still works",
        "record-type": "GET /records/ID: metadata.resource_type",
        "record-licence": "GET /records/ID: license {id}",
        "record-files": "GET /records/ID: files with key, size, md5:HEX and a link that works",
    },
)
PLAIN.held("publish-body-ignored", "publish: any body is ignored", "test_publish.py::test_a_body_is_ignored")
PLAIN.held_all(
    NOWHERE,
    {
        "broken-self": "published: files[].links.self of the deposition is 404",
        "broken-download": "published: files[].links.download of the deposition is 404",
        "right-links": "published: the links of ID/files are right",
        "bucket-of-record": "GET links.bucket of a record: 500",
        "bucket-of-draft": "GET links.bucket of a draft: 500",
        "latest-draft": "links.latest_draft is the deposition itself",
    },
)


@PLAIN.case("create-types", "id is an integer, conceptrecid a string, created and modified are there")
async def _(world: World) -> None:
    draft = await world.draft()
    assert isinstance(draft["id"], int)
    assert isinstance(draft["conceptrecid"], str)
    assert {"created", "modified"} <= set(draft)


@PLAIN.case("etag-raised", "the ETag is raised by every change")
async def _(world: World) -> None:
    draft = await world.draft()

    async def etag() -> int:
        answer = await world.api.ask("GET", world.own(draft))
        return int(answer.headers["ETag"].strip('"'))

    seen = [await etag()]
    for change in (world.api.change(draft, MINIMAL), world.api.put(draft), world.api.put(draft)):
        await change
        seen.append(await etag())
    await world.api.ask("DELETE", f"{draft['links']['bucket']}/a.txt")
    seen.append(await etag())
    assert seen == sorted(set(seen))


@PLAIN.case("list-order", "the order of GET ID/files is not that of uploading")
async def _(world: World) -> None:
    draft, names = await world.draft(), [f"{number:02}" for number in range(12)]
    for name in names:
        await world.api.put(draft, name)
    listed = list(await world.api.files(draft))
    assert listed != names
    assert sorted(listed) == names


@PLAIN.case("bare-checksum", "GET ID/files and the deposition: the checksum is bare hex")
async def _(world: World) -> None:
    draft = await world.ready()
    listed = (await world.api.ask("GET", world.own(draft, "files"))).body
    for entry in (*listed, *(await world.api.get(draft))["files"]):
        assert len(bytes.fromhex(entry["checksum"])) == 16


@PLAIN.case("record-shape", "GET /records/ID by nobody: recid, revision, owners, status, stats")
async def _(world: World) -> None:
    record = await world.api.published()
    answer = await world.nobody.ask("GET", f"/api/records/{record['id']}")
    assert answer.status == 200
    assert {"recid", "revision", "owners", "status", "stats"} <= set(answer.body)


@PLAIN.case("record-subtype", "GET /records/ID: metadata.resource_type is {type, subtype, title}")
async def _(world: World) -> None:
    record = await world.api.published({**MINIMAL, "upload_type": "publication", "publication_type": "article"})
    kind: Any = (await world.nobody.ask("GET", f"/api/records/{record['id']}")).body["metadata"]["resource_type"]
    assert set(kind) == {"type", "subtype", "title"}
    assert (kind["type"], kind["subtype"]) == ("publication", "article")


@PLAIN.case("empty-badge", "links.badge of a draft has an empty DOI")
async def _(world: World) -> None:
    assert (await world.draft())["links"]["badge"].endswith("/badge/doi/.svg")


@PLAIN.case("no-warnings", "answers to POST and PUT carry no warnings of what was refused")
async def _(world: World) -> None:
    created = await world.post({**MINIMAL, "notes": "ab", "imprint_isbn": "1"})
    changed = await world.api.change(created.body, {**MINIMAL, "notes": "ab", "imprint_isbn": "1"})
    assert (created.status, changed.status) == (201, 200)
    for answer in (created, changed):
        assert not {"errors", "warnings", "message"} & set(answer.body)
        assert not {"notes", "imprint_isbn"} & set(answer.body["metadata"])
