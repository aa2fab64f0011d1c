"""Observed: List; Tokens and limits; Look-ups."""

from __future__ import annotations

import time
from typing import Any

import pytest

from batchdep.local import RateLimit
from tests.integration.local.conftest import ALICE, MINIMAL, Api
from tests.integration.local.observed.case import named


async def titles(api: Api, query: str = "") -> list[str]:
    answer = await api.ask("GET", f"{api.depositions}?{query}")
    assert answer.status == 200, answer
    return [entry["title"] for entry in answer.body]


@pytest.fixture
async def three(api: Api) -> list[Any]:
    return [
        await api.create({**MINIMAL, "title": "Rose scent one", "description": "about petals"}),
        await api.published({**MINIMAL, "title": "Rose scent two", "keywords": ["rosa"]}),
        await api.create({**MINIMAL, "title": "Tulip three"}),
    ]


async def test_the_list(api: Api, bob: Api, nobody: Api, three: list[Any]) -> None:
    answer = await api.ask("GET", api.depositions)
    assert [entry["id"] for entry in answer.body] == [draft["id"] for draft in reversed(three)]
    assert all("bucket" not in entry["links"] for entry in answer.body)
    assert {entry["state"] for entry in answer.body} == {"unsubmitted", "done"}
    assert "Link" not in answer.headers
    assert await titles(bob) == []
    assert (await nobody.ask("GET", api.depositions)).status == 403


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("status=published", 3),
        ("status=draft&nonsense=1", 3),
        ("q=rose", 2),
        ("q=rose+two", 1),
        ("q=petals", 1),
        ("q=rosa", 1),
        ("q=title:tulip", 1),
        ("q=title:%22scent+two%22", 1),
        ("q=title:%22two+scent%22", 0),
        ("q=tul*", 1),
        ("q=tulip+OR+petals", 2),
        ("q=rose+NOT+two", 1),
        ("q=-rose", 1),
        ("q=*", 3),
        ("q=nothing", 0),
        ("q=unknownfield:x", 0),
        ("q=((%22:broken", 0),
        ("size=2", 2),
        ("size=2&page=2", 1),
        ("size=100&page=100", 0),
    ],
)
async def test_queries(api: Api, three: list[Any], query: str, found: int) -> None:
    assert len(await titles(api, query)) == found


async def test_finding_by_number_and_doi(api: Api, three: list[Any]) -> None:
    record = three[1]
    for query in (f"recid:{record['id']}", f"id:{record['id']}", f"conceptrecid:{record['conceptrecid']}"):
        assert await titles(api, f"q={query}") == ["Rose scent two"]
    assert await titles(api, f"q=doi:%22{record['doi'].replace('/', '%2F')}%22") == ["Rose scent two"]


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("size=101", "Page size cannot be greater than 100."),
        ("size=0", None),
        ("page=0", None),
        ("size=100&page=101", "Invalid querystring parameters."),
        ("size=x", "Invalid querystring parameters."),
        ("sort=nonsense", None),
    ],
)
async def test_pages_that_are_not_there(api: Api, query: str, message: str | None) -> None:
    answer = await api.ask("GET", f"{api.depositions}?{query}")
    assert answer.status == 400
    assert message is None or answer.body["message"] == message


async def test_25_by_default_and_sorting(api: Api) -> None:
    drafts = [await api.create({**MINIMAL, "title": f"Number {number}"}) for number in range(26)]
    assert len(await titles(api)) == 25
    await api.change(drafts[0], {**MINIMAL, "title": "Changed last"})
    assert (await titles(api, "sort=mostrecent"))[0] == "Changed last"
    assert (await titles(api, "sort=-mostrecent&size=100"))[-1] == "Changed last"
    assert (await titles(api, "sort=newest"))[0] == "Number 25"


async def test_an_open_new_version_hides_the_published_one(api: Api) -> None:
    record = await api.published()
    draft = (await api.act(record, "newversion")).body
    shown = await api.ask("GET", api.depositions)
    assert [entry["id"] for entry in shown.body] == [draft["id"]]
    shown = await api.ask("GET", f"{api.depositions}?all_versions=true")
    assert [entry["id"] for entry in shown.body] == [draft["id"], record["id"]]


@pytest.mark.parametrize("options", [{"index_delay": 0.2}])
async def test_the_index_lags(api: Api) -> None:
    start = time.monotonic()
    draft = await api.create()
    assert (await api.get(draft))["id"] == draft["id"]
    assert await titles(api) == []
    while not await titles(api):
        pass
    assert time.monotonic() - start >= 0.2
    await api.ask("DELETE", f"{api.depositions}/{draft['id']}")
    assert await titles(api) == [MINIMAL["title"]], "what was deleted stays in the list for a while"
    while await titles(api):
        pass


@pytest.mark.parametrize(
    ("headers", "status"),
    named(
        [
            ({"Authorization": f"Bearer {ALICE}"}, 200),
            ({"Authorization": f"bearer {ALICE}"}, 200),
            ({"Authorization": f"Token {ALICE}"}, 403),
            ({"Authorization": f"Basic {ALICE}"}, 403),
            ({"Authorization": "Bearer wrong"}, 403),
            ({"Authorization": "Bearer"}, 403),
            ({}, 403),
        ]
    ),
)
async def test_tokens(nobody: Api, headers: dict[str, str], status: int) -> None:
    answer = await nobody.ask("GET", f"{nobody.depositions}?size=1", headers=headers)
    assert answer.status == status
    if status == 403:
        assert answer.body == {"status": 403, "message": "Permission denied."}


async def test_a_token_in_the_address_works(nobody: Api) -> None:
    assert (await nobody.ask("GET", f"{nobody.depositions}?access_token={ALICE}")).status == 200


async def test_a_public_address_with_a_wrong_token(api: Api, nobody: Api) -> None:
    record = await api.published()
    answer = await nobody.ask("GET", f"/api/records/{record['id']}", headers={"Authorization": "Bearer wrong"})
    assert answer.status == 200


@pytest.mark.parametrize("options", [{"tokens": {}}])
async def test_without_tokens_everybody_is_the_one_account(api: Api, nobody: Api) -> None:
    draft = await nobody.create()
    assert (await api.get(draft))["owner"] == 1


async def test_no_limit_no_headers(api: Api) -> None:
    answer = await api.ask("GET", api.depositions)
    assert not {"X-RateLimit-Limit", "Retry-After"} & set(answer.headers)


@pytest.mark.parametrize("options", [{"rate_limits": (RateLimit(3, 60), RateLimit(100, 3600))}])
async def test_one_budget_for_all_routes_per_agent(api: Api, bob: Api, nobody: Api) -> None:
    before = int(time.time())
    draft = await api.create()
    answers = [await api.put(draft), await bob.ask("GET", bob.depositions), await api.ask("GET", api.depositions)]
    assert [answer.status for answer in answers] == [201, 200, 429]
    assert [answer.headers["X-RateLimit-Remaining"] for answer in answers] == ["1", "0", "0"]
    for answer in answers:
        assert answer.headers["X-RateLimit-Limit"] == "3"
        assert before + 60 <= int(answer.headers["X-RateLimit-Reset"]) <= int(time.time()) + 61
        assert 0 <= int(answer.headers["Retry-After"]) <= 61
    assert answers[-1].body == {"message": "3 per 1 minute", "status": 429}
    other = await api.ask("GET", api.depositions, headers={"User-Agent": "another"})
    assert (other.status, other.headers["X-RateLimit-Remaining"]) == (200, "2")


@pytest.mark.parametrize("options", [{"rate_limits": (RateLimit(1000, 60),)}])
async def test_the_search_of_records_has_a_limit_of_its_own(api: Api) -> None:
    answers = [await api.ask("GET", "/api/records?q=x") for _ in range(31)]
    assert [answer.status for answer in answers] == [200] * 30 + [429]
    assert answers[-1].body["message"] == "30 per 1 minute"
    assert answers[0].headers["X-RateLimit-Remaining"] == "29"
    other = await api.ask("GET", api.depositions)
    assert (other.status, other.headers["X-RateLimit-Remaining"]) == (200, "999")


@pytest.mark.parametrize("options", [{"rate_limits": (RateLimit(2, 0.2),)}])
async def test_a_window_ends(api: Api) -> None:
    answer = await api.ask("GET", api.depositions)
    while answer.status != 429:
        answer = await api.ask("GET", api.depositions)
    while answer.status == 429:
        answer = await api.ask("GET", api.depositions)
    assert answer.headers["X-RateLimit-Remaining"] == "1"


async def test_look_ups(nobody: Api) -> None:
    for old in ("/api/licenses", "/api/licenses/"):
        moved = await nobody.ask("GET", old, allow_redirects=False)
        assert moved.status == 301
        assert moved.headers["Location"].endswith("/api/vocabularies/licenses")
        assert "<h1>" in moved.body
    for path, wanted in (
        ("/api/vocabularies/licenses?q=mit", "mit-license"),
        ("/api/awards?q=phenomenal", "00k4n6c32::654241"),
        ("/api/funders?q=european", "00k4n6c32"),
        ("/api/communities?q=zenodo", "zenodo"),
    ):
        answer = await nobody.ask("GET", path)
        assert wanted in [hit["id"] for hit in answer.body["hits"]["hits"]]
        assert answer.body["hits"]["total"] >= 1
    for path in ("/api/grants/", "/api/funders/", "/api/communities/"):
        assert (await nobody.ask("GET", path)).status == 404
