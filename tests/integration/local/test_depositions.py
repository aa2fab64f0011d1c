"""Observed: The plain path; Create, read, change, delete."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from tests.integration.local.conftest import MINIMAL, Api, md5
from tests.integration.local.observed.case import named

JSON = {"Content-Type": "application/json"}


async def test_the_plain_path(api: Api, nobody: Api) -> None:
    empty = await api.ask("POST", api.depositions, json={})
    draft = empty.body
    assert empty.status == 201
    assert (draft["state"], draft["submitted"], draft["title"], draft["files"]) == ("unsubmitted", False, "", [])
    assert (draft["record_id"], draft["owner"]) == (draft["id"], 1)
    assert draft["conceptrecid"] == str(draft["id"] - 1)
    reserved = {"doi": f"10.5281/zenodo.{draft['id']}", "recid": draft["id"]}
    assert draft["metadata"] == {"access_right": "open", "prereserve_doi": reserved}
    assert set(draft["links"]) == set(
        "self html badge files bucket latest_draft latest_draft_html publish edit discard newversion".split()  # noqa: SIM905
    )
    assert empty.headers["ETag"] == '"4"'
    assert "Location" not in empty.headers
    assert empty.headers["Content-Type"] == "application/json"

    changed = await api.change(draft, MINIMAL)
    assert changed.status == 200
    assert changed.body["metadata"]["publication_date"] == datetime.now(UTC).date().isoformat()
    assert changed.body["metadata"]["license"] == "cc-zero"
    assert changed.body["metadata"]["imprint_publisher"] == "Zenodo"
    assert changed.headers["ETag"] != empty.headers["ETag"]

    put = (await api.put(draft, "a.txt", b"hello")).body
    assert set(put) == set(
        "created updated version_id key size mimetype checksum is_head delete_marker links".split()  # noqa: SIM905
    )
    assert (put["key"], put["size"], put["checksum"]) == ("a.txt", 5, f"md5:{md5(b'hello')}")
    listed = (await api.ask("GET", f"{api.depositions}/{draft['id']}/files")).body
    assert isinstance(listed[0]["filesize"], float)
    assert isinstance((await api.get(draft))["files"][0]["filesize"], int)
    assert set(listed[0]) == {"id", "filename", "filesize", "checksum", "links"}
    content = await api.ask("GET", listed[0]["links"]["download"])
    assert content.body == "hello"

    answer = await api.act(draft, "publish")
    record = answer.body
    assert answer.status == 202
    doi, concept = f"10.5072/zenodo.{draft['id']}", f"10.5072/zenodo.{draft['conceptrecid']}"
    assert (record["state"], record["submitted"], record["doi"], record["conceptdoi"]) == ("done", True, doi, concept)
    assert record["metadata"]["doi"] == doi
    assert record["doi_url"] == f"https://doi.org/{doi}"
    assert record["links"]["self"] == f"{api.origin}/api/records/{draft['id']}"
    assert record["links"]["files"] == f"{api.origin}/api/records/{draft['id']}/files"
    assert record["links"]["html"] == f"{api.origin}/records/{draft['id']}"
    assert {"doi", "parent_doi", "conceptbadge", "record", "record_html", "latest", "latest_html"} <= set(
        record["links"]
    )
    assert record["created"] > draft["created"]
    assert record["files"][0]["id"] == listed[0]["id"]
    assert await api.get(draft) == {**record, "modified": (await api.get(draft))["modified"]}
    assert await api.files(draft) == {"a.txt": md5(b"hello")}

    public = (await nobody.ask("GET", f"/api/records/{draft['id']}")).body
    assert public["metadata"]["resource_type"]["type"] == "dataset"
    assert public["metadata"]["license"] == {"id": "cc-zero"}
    assert (public["status"], public["recid"]) == ("published", str(draft["id"]))
    entry = public["files"][0]
    assert (entry["key"], entry["size"], entry["checksum"]) == ("a.txt", 5, f"md5:{md5(b'hello')}")
    assert (await nobody.ask("GET", entry["links"]["self"])).body == "hello"


async def test_links_that_lead_nowhere(api: Api) -> None:
    record = await api.published()
    for link in ("self", "download"):
        assert (await api.ask("GET", record["files"][0]["links"][link])).status == 404
    right = (await api.ask("GET", f"{api.depositions}/{record['id']}/files")).body[0]["links"]
    assert (await api.ask("GET", right["self"])).status == 200
    assert (await api.ask("GET", right["download"])).body == "hello"
    assert (await api.ask("GET", record["links"]["bucket"])).status == 500
    assert (await api.ask("GET", (await api.create())["links"]["bucket"])).status == 500
    assert record["links"]["latest_draft"] == f"{api.depositions}/{record['id']}"


@pytest.mark.parametrize(
    ("body", "status", "field", "message"),
    [
        (b"{}", 201, None, None),
        (b'{"metadata": {}}', 201, None, None),
        (b'{"files": [{"id": 1}]}', 201, None, None),
        (b'{"metadata": {"nonsense": 1}}', 201, None, None),
        (b"", 500, None, None),
        (b"null", 500, None, None),
        (b"[]", 500, None, None),
        (b'"text"', 500, None, None),
        (b'{"metadata": []}', 500, None, None),
        (b'{"metadata": "x"}', 500, None, None),
        (b'{"metadata": null}', 400, "metadata", "A validation error occurred."),
        (b"{", 400, None, "Unable to decode JSON data in request body."),
        (b'{"a": "\xff"}', 400, None, "Unable to decode JSON data in request body."),
        (b'{"metadata": {"title": "half a pair \\ud800"}}', 500, None, None),
        (b'{"metadata": {"title": "a pair \\ud83d\\ude00"}}', 201, None, None),
        (b'{"metadata": {"subjects": [{"term": NaN}]}}', 400, None, "Unable to decode JSON data in request body."),
        (b'{"id": 3}', 400, "id", "A validation error occurred."),
    ],
)
async def test_bodies_of_create(api: Api, body: bytes, status: int, field: str | None, message: str | None) -> None:
    answer = await api.ask("POST", api.depositions, data=body, headers=JSON)
    assert answer.status == status
    if status == 201:
        assert "nonsense" not in answer.body["metadata"]
    else:
        assert answer.body["status"] == status
        assert answer.fields == ([field] if field else [])
        assert message is None or answer.body["message"] == message


@pytest.mark.parametrize(
    ("headers", "status"),
    named(
        [
            ({"Content-Type": "application/json; charset=utf-8"}, 415),
            ({"Content-Type": "text/plain"}, 415),
            ({"Content-Type": "application/x-www-form-urlencoded"}, 415),
            ({**JSON, "Accept": "text/html"}, 406),
            ({**JSON, "Accept": "application/json"}, 201),
            ({**JSON, "Accept": "*/*"}, 201),
        ]
    ),
)
async def test_headers_of_create(api: Api, headers: dict[str, str], status: int) -> None:
    answer = await api.ask("POST", api.depositions, data=b"{}", headers=headers)
    assert answer.status == status
    if status == 415:
        assert answer.body["message"] == "Invalid 'Content-Type' header. Expected one of: application/json"


async def test_no_content_type_is_taken(api: Api) -> None:
    answer = await api.ask("POST", api.depositions, data=b"{}", skip_auto_headers=["Content-Type"])
    assert answer.status == 201


async def test_a_whole_deposition_sent_back_is_refused_key_by_key(api: Api) -> None:
    draft = await api.create()
    answer = await api.ask("PUT", f"{api.depositions}/{draft['id']}", json=draft)
    assert answer.status == 400
    assert set(answer.fields) == set(draft) - {"metadata", "files"}
    assert set(answer.messages) == {"Unknown field."}


async def test_who_may_read(api: Api, bob: Api, nobody: Api) -> None:
    draft, record = await api.create(), await api.published()
    own = f"/api/deposit/depositions/{draft['id']}"
    assert (await api.ask("GET", own)).status == 200
    for other in (bob, nobody):
        for path in (own, f"/api/deposit/depositions/{record['id']}"):
            answer = await other.ask("GET", path)
            assert (answer.status, answer.body["message"]) == (403, "Permission denied.")
    for unknown in ("987654", "abc", str(draft["conceptrecid"]), "9" * 5000):
        answer = await nobody.ask("GET", f"/api/deposit/depositions/{unknown}")
        assert (answer.status, answer.body["message"]) == (404, "The persistent identifier does not exist.")
    assert (await api.ask("GET", "/api/deposit/depositions/")).status == 404
    assert (await api.ask("GET", f"/api/records/{draft['id']}")).status == 404


@pytest.mark.parametrize("body", [{}, {"metadata": {}}])
async def test_an_empty_change_wipes_everything(api: Api, body: Any) -> None:
    draft = await api.create()
    answer = await api.ask("PUT", f"{api.depositions}/{draft['id']}", json=body)
    assert answer.status == 200
    assert set(answer.body["metadata"]) == {"access_right", "prereserve_doi"}


async def test_a_change_replaces_all_but_an_outside_doi(api: Api) -> None:
    draft = await api.create({**MINIMAL, "doi": "10.1234/own", "version": "1"})
    metadata = (await api.change(draft, {"title": "Another"})).body["metadata"]
    assert metadata["title"] == "Another"
    assert metadata["doi"] == "10.1234/own"
    assert not {"version", "creators", "upload_type"} & set(metadata)


async def test_if_match(api: Api) -> None:
    draft = await api.create()
    path = f"{api.depositions}/{draft['id']}"
    for sent, status in (("1", 412), ('"4"', 400), ("4", 200)):
        answer = await api.ask("PUT", path, json={"metadata": MINIMAL}, headers={"If-Match": sent})
        assert answer.status == status
        if status == 412:
            assert answer.body["message"] == "Revision id provided(1) doesn't match record's one(4)"


async def test_delete(api: Api, bob: Api) -> None:
    draft = await api.create()
    await api.put(draft)
    path = f"/api/deposit/depositions/{draft['id']}"
    assert (await bob.ask("DELETE", path)).status == 403
    assert (await api.ask("DELETE", path)).status == 204
    assert (await api.ask("DELETE", path)).status == 404
    assert (await api.ask("GET", path)).status == 404
    assert (await api.put(draft)).status == 404
    following = await api.create()
    assert following["id"] > draft["id"]


async def test_actions_on_a_plain_draft(api: Api) -> None:
    draft = await api.create()
    assert (await api.act(draft, "edit")).status == 201
    answer = await api.act(draft, "newversion")
    assert (answer.status, answer.body["message"]) == (404, "The persistent identifier is not registered.")
    assert (await api.act(draft, "discard")).status == 204
    assert (await api.act(draft, "discard")).status == 404


async def test_methods_that_are_not_there(api: Api) -> None:
    draft = await api.create()
    own = f"/api/deposit/depositions/{draft['id']}"
    assert (await api.ask("PATCH", own)).status == 405
    assert (await api.ask("GET", f"{own}/actions/publish")).status == 405
    assert (await api.ask("PUT", f"{own}/files", json=[])).status == 405
    assert (await api.ask("PUT", f"{own}/files/x", json={})).status == 405


async def test_large_metadata_are_taken(api: Api) -> None:
    metadata = {
        **MINIMAL,
        "title": "t" * 200_000,
        "creators": [{"name": f"Doe, {number}"} for number in range(2000)],
        "keywords": [f"k{number}" for number in range(1000)],
    }
    draft = await api.create(metadata)
    assert len(draft["metadata"]["creators"]) == 2000
    assert len(draft["metadata"]["title"]) == 200_000
