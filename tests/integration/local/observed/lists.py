"""Observed: List; Tokens and limits; Look-ups."""

from __future__ import annotations

from tests.integration.local.conftest import ALICE, MINIMAL
from tests.integration.local.observed.case import Section, World, row_name

LIST, TOKENS, LIMITS, LOOK_UPS = Section("list"), Section("token"), Section("limit"), Section("look-up")
MODULE = "test_list.py"
THE_LIST = f"{MODULE}::test_the_list"
QUERIES = f"{MODULE}::test_queries"
BY_NUMBER = f"{MODULE}::test_finding_by_number_and_doi"
NO_PAGE = f"{MODULE}::test_pages_that_are_not_there"
SORTED = f"{MODULE}::test_25_by_default_and_sorting"
HIDDEN = f"{MODULE}::test_an_open_new_version_hides_the_published_one"
ONE_BUDGET = f"{MODULE}::test_one_budget_for_all_routes_per_agent"
LOOKED_UP = f"{MODULE}::test_look_ups"
DENIED = {"status": 403, "message": "Permission denied."}

LIST.held_all(
    THE_LIST,
    {
        "array": "an array only, newest first",
        "no-link": "no Link header",
        "no-bucket": "entries without links.bucket",
        "mixed": "drafts and published mixed",
        "nobody": "nobody: 403",
    },
)
LIST.held("25", "25 by default", SORTED)
for name, row, claim in (
    ("size-101", "size=101-Page size cannot be greater than 100.", "size 101: 400 and its message"),
    ("size-0", "size=0-None", "size 0: 400"),
    ("page-0", "page=0-None", "page 0: 400"),
    ("10000", "size=100&page=101-Invalid querystring parameters.", "page*size over 10,000: 400 and its message"),
    ("sort-unknown", "sort=nonsense-None", "unknown sort: 400"),
):
    LIST.held(name, claim, f"{NO_PAGE}[{row}]")
for name, row, claim in (
    ("status", "status=published-3", "status is ignored"),
    ("unknown", "status=draft&nonsense=1-3", "unknown parameters are ignored"),
    ("q-word", "q=rose-2", "q: words"),
    ("q-words", "q=rose+two-1", "q: several words"),
    ("q-title", "q=title:tulip-1", "q: title:"),
    ("q-broken", "q=((%22:broken-0", "q: broken syntax is 200"),
    ("last-page", "size=100&page=100-0", "page*size of 10,000 is fine"),
    ("page-2", "size=2&page=2-1", "the second page"),
):
    LIST.held(name, claim, f"{QUERIES}[{row}]")
LIST.held_all(
    BY_NUMBER,
    {
        "q-recid": "q: recid:",
        "q-id": "q: id:",
        "q-conceptrecid": "q: conceptrecid:",
        "q-doi": 'q: doi:"..."',
    },
)
LIST.held_all(
    SORTED,
    {
        "sort-newest": "sort newest",
        "sort-mostrecent": "sort mostrecent",
        "sort--mostrecent": "sort -mostrecent",
    },
)
LIST.held_all(
    HIDDEN,
    {
        "latest-only": "without all_versions the open draft of a new version hides the published one",
        "all-versions": "all_versions=true lists both",
    },
)


@LIST.case("sizes", "size 1 and 100 are fine")
async def _(world: World) -> None:
    await world.draft()
    for size in (1, 100):
        answer = await world.api.ask("GET", f"{world.api.depositions}?size={size}")
        assert answer.status == 200
        assert 1 <= len(answer.body) <= size


@LIST.case("sort-bestmatch", "sort bestmatch is taken")
async def _(world: World) -> None:
    assert (await world.api.ask("GET", f"{world.api.depositions}?sort=bestmatch")).status == 200


@LIST.case("latest-only-published", "without all_versions only the latest of the published versions is listed")
async def _(world: World) -> None:
    record = await world.api.published({**MINIMAL, "title": "Versions of one"})
    newer = (await world.api.act((await world.api.act(record, "newversion")).body, "publish")).body
    query = f"{world.api.depositions}?q=conceptrecid:{record['conceptrecid']}"
    assert [entry["id"] for entry in (await world.api.ask("GET", query)).body] == [newer["id"]]


TOKEN = f"{MODULE}::test_tokens"
for name, sent, claim in (
    ("wrong", {"Authorization": "Bearer wrong"}, "wrong: 403"),
    ("empty", {"Authorization": "Bearer"}, "empty: 403"),
    ("basic", {"Authorization": f"Basic {ALICE}"}, "Basic: 403"),
    ("token-x", {"Authorization": f"Token {ALICE}"}, '"Token x": 403'),
    ("absent", {}, "absent: 403"),
    ("bearer", {"Authorization": f"bearer {ALICE}"}, "bearer in small letters: 200"),
    ("right", {"Authorization": f"Bearer {ALICE}"}, "GET D?size=1 with a right one: 200"),
):
    TOKENS.held(name, claim, f"{TOKEN}[{row_name(sent)}]")
TOKENS.held("in-address", "?access_token= works", f"{MODULE}::test_a_token_in_the_address_works")
TOKENS.held("public", "a public address with a wrong token: 200", f"{MODULE}::test_a_public_address_with_a_wrong_token")


@TOKENS.case("everywhere", "nobody: 403 to every call on a deposition, never 401")
async def _(world: World) -> None:
    draft = await world.ready()
    own, bucket = world.own(draft), draft["links"]["bucket"]
    for method, url in (
        ("POST", world.api.depositions),
        ("GET", own),
        ("PUT", own),
        ("DELETE", own),
        ("GET", f"{own}/files"),
        ("POST", f"{own}/files"),
        ("POST", f"{own}/actions/publish"),
        ("POST", f"{own}/actions/edit"),
        ("POST", f"{own}/actions/discard"),
        ("GET", f"{bucket}/a.txt"),
        ("DELETE", f"{bucket}/a.txt"),
    ):
        answer = await world.nobody.ask(method, url)
        assert (answer.status, answer.body) == (403, DENIED), (method, url)
    assert set(await world.api.files(draft)) == {"a.txt"}


@TOKENS.case("unknown-id", "404 for an unknown id, before any check")
async def _(world: World) -> None:
    for method, part in (("GET", ""), ("PUT", ""), ("DELETE", ""), ("POST", "/actions/publish")):
        answer = await world.nobody.ask(method, f"{world.api.depositions}/987654{part}")
        assert answer.status == 404


@TOKENS.case("cookie-back", "a csrftoken cookie may be sent back")
async def _(world: World) -> None:
    headers = {"Cookie": "csrftoken=abc", "Referer": world.api.origin}
    assert (await world.api.ask("POST", world.api.depositions, json={}, headers=headers)).status == 201


@TOKENS.case("cookie", "the first answer sets a csrftoken cookie")
async def _(world: World) -> None:
    answer = await world.api.ask("GET", world.api.depositions)
    assert "csrftoken" in answer.headers.get("Set-Cookie", "")


LIMITS.held_all(
    ONE_BUDGET,
    {
        "headers": "answers have X-RateLimit-Limit, -Remaining, -Reset even when all is well",
        "retry-after": "and Retry-After",
        "429": '429 {"message": "N per 1 minute", "status": 429}',
        "429-retry-after": "429 with Retry-After",
        "one-budget": "one budget for all routes: list, create, PUT of files",
        "not-by-token": "another token with the same agent is stopped too",
        "by-agent": "another agent has a budget of its own",
    },
)
LIMITS.held(
    "records",
    "GET /records has its own 30 a minute; D does not",
    f"{MODULE}::test_the_search_of_records_has_a_limit_of_its_own",
)

LOOK_UPS.held_all(
    LOOKED_UP,
    {
        "licenses": "/licenses: 301 to /vocabularies/licenses, HTML body",
        "licenses-slash": "/licenses/: the same",
        "awards": "/awards?q=: 200",
        "funders": "/funders?q=: 200",
        "communities": "/communities?q=: 200",
        "vocabulary": "/vocabularies/licenses?q=: 200",
        "grants-slash": "/grants/: 404",
        "funders-slash": "/funders/: 404",
        "communities-slash": "/communities/: 404",
    },
)
