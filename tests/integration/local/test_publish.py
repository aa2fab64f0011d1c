"""Observed: Publish; After publication; new versions."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.integration.local.conftest import MINIMAL, Api, md5
from tests.support.local_server import read_journal, writes_to_published

TODAY = datetime.now(UTC).date().isoformat()


async def test_no_files(api: Api) -> None:
    answer = await api.act(await api.create(), "publish")
    assert (answer.status, answer.fields) == (400, ["files.enabled"])
    assert answer.messages == [
        "Missing uploaded files. To disable files for this record please mark it as metadata-only."
    ]


async def test_a_body_is_ignored(api: Api) -> None:
    draft = await api.create()
    await api.put(draft)
    path = f"/api/deposit/depositions/{draft['id']}/actions/publish"
    answer = await api.ask("POST", path, data=b"not json", headers={"Content-Type": "text/plain"})
    assert answer.status == 202


async def test_who_may_publish(api: Api, bob: Api, nobody: Api) -> None:
    draft = await api.create()
    await api.put(draft)
    assert (await bob.act(draft, "publish")).status == 403
    assert (await nobody.act(draft, "publish")).status == 403
    assert (await api.act({"id": 987654}, "publish")).body["message"] == "The persistent identifier does not exist."
    assert (await api.act(draft, "publish")).status == 202
    for who in (api, bob):
        answer = await who.act(draft, "publish")
        assert (answer.status, answer.body["message"]) == (404, "Not found.")


async def test_communities(api: Api) -> None:
    wanted = [{"identifier": name} for name in ("local", "zenodo", "unknown")]
    draft = await api.create({**MINIMAL, "communities": wanted})
    assert draft["metadata"]["communities"] == wanted
    await api.put(draft)
    answer = await api.act(draft, "publish")
    assert answer.status == 202
    assert "communities" not in answer.body["metadata"]
    assert (await api.get(draft))["metadata"]["communities"] == [{"identifier": "local"}]


async def test_after_publication(api: Api, bob: Api) -> None:
    record = await api.published()
    own, bucket = f"/api/deposit/depositions/{record['id']}", record["links"]["bucket"]
    file_id = record["files"][0]["id"]
    for method, path, status, message in (
        ("PUT", own, 404, "Not found."),
        ("DELETE", own, 404, "Not found."),
        ("POST", f"{own}/actions/discard", 404, "Not found."),
        ("POST", f"{own}/files", 404, "Not found."),
        ("PUT", f"{bucket}/new.txt", 404, "Not found."),
        ("PUT", f"{bucket}/a.txt", 403, "Permission denied."),
        ("DELETE", f"{bucket}/a.txt", 403, "Permission denied."),
        ("DELETE", f"{own}/files/{file_id}", 403, "Permission denied."),
    ):
        body = {"json": {"metadata": MINIMAL}} if path == own and method == "PUT" else {"data": b"x"}
        answer = await api.ask(method, path, **body)
        assert (answer.status, answer.body["message"]) == (status, message), (method, path)
    assert (await bob.act(record, "edit")).status == 403
    assert await api.files(record) == {"a.txt": md5(b"hello")}


async def test_edit(api: Api) -> None:
    record = await api.published()
    edited = await api.act(record, "edit")
    assert (edited.status, edited.body["state"], edited.body["submitted"]) == (201, "inprogress", True)
    assert edited.body["links"]["self"] == f"{api.depositions}/{record['id']}"
    assert (await api.act(record, "edit")).status == 201
    changed = await api.change(record, {**MINIMAL, "title": "A better title"})
    assert (changed.status, changed.body["metadata"]["doi"]) == (200, record["doi"])
    public = await api.ask("GET", f"/api/records/{record['id']}")
    assert public.body["title"] == MINIMAL["title"], "the public sees the old title until it is published"
    for answer in (
        await api.put(record, "new.txt"),
        await api.put(record, "a.txt"),
        await api.ask("DELETE", f"{record['links']['bucket']}/a.txt"),
    ):
        assert (answer.status, answer.body["message"]) == (403, "Bucket is locked for modifications.")
    again = await api.act(record, "publish")
    assert (again.status, again.body["doi"], again.body["created"]) == (202, record["doi"], record["created"])
    assert (await api.ask("GET", f"/api/records/{record['id']}")).body["title"] == "A better title"


async def test_an_edit_that_may_not_be_published(api: Api) -> None:
    record = await api.published()
    await api.act(record, "edit")
    await api.change(record, {**MINIMAL, "title": ""})
    assert (await api.act(record, "publish")).fields == ["metadata.title"]
    await api.change(record, {**MINIMAL, "doi": "10.1234/other"})
    answer = await api.act(record, "publish")
    assert (answer.status, answer.messages) == (
        400,
        ["Cannot discard a reserved or registered persistent identifier."],
    )
    metadata = {**record["metadata"], "title": "Sent back with its DOI"}
    assert (await api.change(record, metadata)).status == 200
    assert (await api.act(record, "publish")).status == 202


@pytest.mark.parametrize("way", ["discard", "delete"])
async def test_giving_up_an_edit(api: Api, way: str) -> None:
    record = await api.published()

    async def give_up() -> int:
        path = f"/api/deposit/depositions/{record['id']}"
        return (await (api.act(record, "discard") if way == "discard" else api.ask("DELETE", path))).status

    await api.act(record, "edit")
    await api.change(record, {**MINIMAL, "title": "Never mind"})
    assert await give_up() == 204
    after = await api.get(record)
    assert (after["state"], after["title"]) == ("done", MINIMAL["title"])
    assert await give_up() == 404


async def test_new_version(api: Api, bob: Api) -> None:
    record = await api.published({**MINIMAL, "version": "1", "publication_date": "2020-01-01"})
    assert (await bob.act(record, "newversion")).status == 403
    answer = await api.act(record, "newversion")
    draft = answer.body
    assert answer.status == 201
    assert draft["id"] != record["id"]
    assert (draft["conceptrecid"], draft["conceptdoi"]) == (record["conceptrecid"], record["conceptdoi"])
    assert "doi" not in draft
    assert "doi" not in draft["metadata"]
    assert "version" not in draft["metadata"]
    assert draft["metadata"]["publication_date"] == TODAY
    assert [entry["id"] for entry in draft["files"]] == [entry["id"] for entry in record["files"]]
    assert draft["links"]["bucket"] != record["links"]["bucket"]
    assert draft["links"]["latest_draft"] == f"{api.depositions}/{draft['id']}"
    assert (await api.get(record))["links"]["latest_draft"] == f"{api.depositions}/{record['id']}"
    assert (await api.put(draft, content=b"changed")).status == 201
    assert await api.files(record) == {"a.txt": md5(b"hello")}

    again = await api.act(record, "newversion")
    assert (again.status, again.fields, again.messages) == (
        400,
        ["files.enabled"],
        ["Please remove all files first."],
    )
    found = await api.ask("GET", f"{api.depositions}?q=conceptrecid:{record['conceptrecid']}&all_versions=true")
    assert {entry["id"] for entry in found.body} == {record["id"], draft["id"]}
    native = await api.ask("POST", f"/api/records/{record['id']}/versions")
    assert (native.status, native.body["id"]) == (201, str(draft["id"]))

    await api.ask("DELETE", f"{draft['links']['bucket']}/a.txt")
    emptied = await api.act(record, "newversion")
    assert (emptied.status, emptied.body["id"]) == (201, draft["id"])
    assert await api.files(draft) == {"a.txt": md5(b"hello")}

    published = await api.act(draft, "publish")
    assert published.status == 202
    assert published.body["doi"] != record["doi"]
    assert published.body["conceptdoi"] == record["conceptdoi"]
    latest = await api.ask("GET", f"/api/records/{record['id']}/versions/latest")
    assert latest.body["id"] == draft["id"]


async def test_new_versions_come_and_go(api: Api) -> None:
    record = await api.published()
    first = (await api.act(record, "newversion")).body
    assert (await api.act(first, "discard")).status == 204
    second = (await api.act(record, "newversion")).body
    assert second["id"] > first["id"]
    await api.act(second, "publish")
    from_the_old_one = await api.act(record, "newversion")
    assert from_the_old_one.status == 201
    await api.act(record, "edit")
    await api.act(from_the_old_one.body, "discard")
    assert (await api.act(record, "newversion")).status == 201, "beside an open edit"


async def test_no_new_version_under_an_outside_doi(api: Api) -> None:
    record = await api.published({**MINIMAL, "doi": "10.1234/x"})
    answer = await api.act(record, "newversion")
    assert (answer.status, answer.body["message"]) == (403, "Permission denied.")


@pytest.mark.parametrize("right", ["open", "restricted"])
async def test_who_may_download(api: Api, nobody: Api, right: str) -> None:
    record = await api.published({**MINIMAL, "access_right": right})
    public: Any = await nobody.ask("GET", f"/api/records/{record['id']}")
    link = (await api.ask("GET", f"/api/deposit/depositions/{record['id']}/files")).body[0]["links"]["download"]
    assert public.status == 200
    assert (await nobody.ask("GET", link)).status == (200 if right == "open" else 403)
    assert (await api.ask("GET", link)).body == "hello"


async def test_the_journal_names_writes_to_a_published_record(api: Api, tmp_path: Path) -> None:
    record = await api.published()
    assert writes_to_published(read_journal(tmp_path / "journal.jsonl")) == []
    await api.get(record)
    await api.put(record)
    await api.act(record, "edit")
    await api.change(record, MINIMAL)
    entries = read_journal(tmp_path / "journal.jsonl")
    found = writes_to_published(entries)
    assert [(entry.method, entry.status, entry.deposition) for entry in found] == [
        ("PUT", 403, record["id"]),
        ("POST", 201, record["id"]),
    ]
    assert entries[-1].state == "inprogress"
    assert all(entry.authorization for entry in entries)
    assert "token-of-alice" not in (tmp_path / "journal.jsonl").read_text()
