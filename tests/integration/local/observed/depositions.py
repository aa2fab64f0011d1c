"""Observed: Create, read, change, delete."""

from __future__ import annotations

from tests.integration.local.conftest import MINIMAL, Answer
from tests.integration.local.observed.case import Section, World, row_name

DEPOSITIONS = Section("deposition")
BODIES = "test_depositions.py::test_bodies_of_create"
HEADERS = "test_depositions.py::test_headers_of_create"
READERS = "test_depositions.py::test_who_may_read"
WIPED = "test_depositions.py::test_an_empty_change_wipes_everything"
DELETED = "test_depositions.py::test_delete"
PLAIN_DRAFT = "test_depositions.py::test_actions_on_a_plain_draft"
TYPE = {"Content-Type": "application/json"}
UNDECODABLE = "Unable to decode JSON data in request body."

for name, row, claim in (
    ("empty", "{}-201-None-None", "{}: 201"),
    ("empty-metadata", '{"metadata": {}}-201-None-None', "metadata {}: 201"),
    ("no-body", "-500-None-None", "no body: 500"),
    ("null", "null-500-None-None", "null: 500"),
    ("list", "[]-500-None-None", "a list: 500"),
    ("string", '"text"-500-None-None', "a string: 500"),
    ("metadata-list", '{"metadata": []}-500-None-None', "metadata a list: 500"),
    ("metadata-string", '{"metadata": "x"}-500-None-None', "metadata a string: 500"),
    ("metadata-null", '{"metadata": null}-400-metadata-A validation error occurred.', "metadata null: 400 metadata"),
    ("broken-json", f"{{-400-None-{UNDECODABLE}", "broken JSON: 400"),
    ("not-utf-8", f'{{"a": "\\xff"}}-400-None-{UNDECODABLE}', "not UTF-8: 400"),
    ("unknown-key", '{"id": 3}-400-id-A validation error occurred.', "unknown top-level key: 400 with its name"),
    ("files-ignored", '{"files": [{"id": 1}]}-201-None-None', "files is taken and ignored"),
    ("unknown-metadata", '{"metadata": {"nonsense": 1}}-201-None-None', "unknown key in metadata: 201, dropped"),
):
    DEPOSITIONS.held(f"create-{name}", f"POST {claim}", f"{BODIES}[{row}]")
for name, sent, claim in (
    ("charset", {"Content-Type": "application/json; charset=utf-8"}, "application/json; charset=utf-8: 415"),
    ("text", {"Content-Type": "text/plain"}, "text/plain: 415"),
    ("form", {"Content-Type": "application/x-www-form-urlencoded"}, "a form type: 415"),
    ("accept-html", {**TYPE, "Accept": "text/html"}, "Accept text/html: 406"),
    ("accept-json", {**TYPE, "Accept": "application/json"}, "Accept application/json: 201"),
    ("accept-any", {**TYPE, "Accept": "*/*"}, "Accept */*: 201"),
):
    DEPOSITIONS.held(f"create-{name}", f"POST {claim}", f"{HEADERS}[{row_name(sent)}]")
DEPOSITIONS.held(
    "create-no-type", "POST without Content-Type: 201", "test_depositions.py::test_no_content_type_is_taken"
)
DEPOSITIONS.held(
    "whole-sent-back",
    "PUT of a whole deposition: 400, an error for each key",
    "test_depositions.py::test_a_whole_deposition_sent_back_is_refused_key_by_key",
)
DEPOSITIONS.held_all(
    READERS,
    {
        "read-own": "GET own: 200",
        "read-other": "GET another's: 403",
        "read-nobody": "GET by nobody: 403",
        "read-unknown": "GET unknown: 404, no such identifier",
        "read-abc": "GET abc: 404, no such identifier",
        "read-concept": "GET the concept's id: 404",
        "read-published-other": "GET published, another's: 403",
        "slash": "GET D/ with a slash: 404",
    },
)
DEPOSITIONS.held("change-empty", "PUT {}: 200, all metadata are gone", WIPED)
DEPOSITIONS.held("change-empty-metadata", "PUT metadata {}: 200, all metadata are gone", WIPED)
DEPOSITIONS.held_all(
    "test_depositions.py::test_a_change_replaces_all_but_an_outside_doi",
    {"change-partial": "PUT partial: the rest is gone", "change-keeps-doi": "an outside DOI once set stays"},
)
DEPOSITIONS.held_all(
    "test_depositions.py::test_if_match",
    {
        "if-match-right": "If-Match bare and right: 200",
        "if-match-wrong": "If-Match wrong: 412 with both revisions",
        "if-match-quoted": "If-Match quoted, as the ETag came: 400",
    },
)
DEPOSITIONS.held_all(
    DELETED,
    {
        "delete": "DELETE a draft: 204",
        "delete-files": "DELETE a draft: its files are gone",
        "delete-again": "DELETE again: 404",
        "delete-other": "DELETE another's: 403",
    },
)
DEPOSITIONS.held_all(
    PLAIN_DRAFT,
    {
        "edit-draft": "edit of a plain draft: 201",
        "newversion-draft": "newversion of a draft: 404, not registered",
        "discard-draft": "discard of a plain draft: 204",
        "discard-again": "discard again: 404",
    },
)
DEPOSITIONS.held_all(
    "test_depositions.py::test_methods_that_are_not_there",
    {"patch": "PATCH: 405", "get-action": "GET of an action: 405"},
)
DEPOSITIONS.held_all(
    "test_depositions.py::test_large_metadata_are_taken",
    {
        "creators-2000": "2,000 creators: 201",
        "keywords-1000": "1,000 keywords: 201",
        "title-200000": "a long title: 201",
    },
)


@DEPOSITIONS.case("slash-post", "POST D/ with a slash: 404")
async def _(world: World) -> None:
    assert (await world.api.ask("POST", f"{world.api.depositions}/", json={})).status == 404


@DEPOSITIONS.case("undecodable-message", "PUT of broken JSON: 400 and its message")
async def _(world: World) -> None:
    answer = await world.api.ask("PUT", world.own(await world.draft()), data=b"{", headers=TYPE)
    assert (answer.status, answer.body) == (400, {"status": 400, "message": UNDECODABLE})


@DEPOSITIONS.case("change-faults", "PUT of null, a list, a string, and of such metadata: 500")
async def _(world: World) -> None:
    draft = await world.draft()
    for body in (b"", b"null", b"[]", b'"x"', b'{"metadata": []}', b'{"metadata": "x"}'):
        assert (await world.api.ask("PUT", world.own(draft), data=body, headers=TYPE)).status == 500
    assert (await world.api.get(draft))["title"] == MINIMAL["title"]


@DEPOSITIONS.case("change-type", "PUT with a charset or another type: 415")
async def _(world: World) -> None:
    draft = await world.draft()
    for sent in ("application/json; charset=utf-8", "text/plain"):
        answer = await world.api.ask("PUT", world.own(draft), data=b"{}", headers={"Content-Type": sent})
        assert answer.status == 415


@DEPOSITIONS.case("change-unknown-metadata", "PUT with an unknown key in metadata: 200, dropped")
async def _(world: World) -> None:
    answer = await world.api.change(await world.draft(), {**MINIMAL, "nonsense": 1})
    assert answer.status == 200
    assert "nonsense" not in answer.body["metadata"]


@DEPOSITIONS.case("accept-everywhere", "Accept text/html: 406 to GET of a deposition, of its files and of the list")
async def _(world: World) -> None:
    draft = await world.draft()
    for url in (world.own(draft), world.own(draft, "files"), world.api.depositions):
        assert (await world.api.ask("GET", url, headers={"Accept": "text/html"})).status == 406


@DEPOSITIONS.case("edit-draft-answer", "edit of a plain draft answers the draft, unchanged")
async def _(world: World) -> None:
    draft = await world.draft()
    assert (await world.api.act(draft, "edit")).body["state"] == "unsubmitted"
    assert (await world.api.get(draft))["metadata"] == draft["metadata"]


@DEPOSITIONS.case("discard-files", "discard of a plain draft takes its files too")
async def _(world: World) -> None:
    draft = await world.ready()
    await world.api.act(draft, "discard")
    assert (await world.api.ask("GET", world.own(draft))).status == 404
    assert (await world.api.put(draft)).status == 404


@DEPOSITIONS.case("discard-other", "discard of another's: 403")
async def _(world: World) -> None:
    draft = await world.draft()
    assert (await world.bob.act(draft, "discard")).status == 403
    assert (await world.api.get(draft))["id"] == draft["id"]


@DEPOSITIONS.case("error-shape", "errors are {status, message[, errors: [{field, messages}]]}")
async def _(world: World) -> None:
    plain = await world.nobody.ask("GET", world.api.depositions)
    fields = await world.post({"title": None, "version": 1})
    assert set(plain.body) == {"status", "message"}
    assert set(fields.body) == {"status", "message", "errors"}
    assert all(set(error) == {"field", "messages"} for error in fields.body["errors"])
    assert all(isinstance(error["messages"], list) for error in fields.body["errors"])


@DEPOSITIONS.case("error-message", 'message is only "A validation error occurred." when errors is there')
async def _(world: World) -> None:
    answers: list[Answer] = [await world.post({"title": None}), await world.api.act(await world.draft(), "publish")]
    assert {answer.body["message"] for answer in answers} == {"A validation error occurred."}
