"""Looking up grants and communities at a repository that answers well, badly, or not at all."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from batchdep.config import limits_file
from batchdep.errors import AccessError, UsageError
from batchdep.local.options import RateLimit
from batchdep.looking_up import ask
from batchdep.metadata.finding import Subject
from batchdep.repository.lookups import Community, Grant, Lookups
from batchdep.repository.model import Done, Exchange
from tests.support.local_server import running_local
from tests.support.ports import free_port

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@asynccontextmanager
async def answering(handler: Handler) -> AsyncIterator[str]:
    """A server that answers everything by ``handler``; its origin."""
    app = web.Application()
    app.router.add_route("*", "/{rest:.*}", handler)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    assert site._server is not None
    try:
        yield f"http://127.0.0.1:{site._server.sockets[0].getsockname()[1]}"  # type: ignore[attr-defined]
    finally:
        await runner.cleanup()


def saying(document: Any, status: int = 200, headers: dict[str, str] | None = None) -> Handler:
    async def answer(_: web.Request) -> web.Response:
        text = document if isinstance(document, str) else json.dumps(document)
        return web.Response(text=text, status=status, headers=headers, content_type="application/json")

    return answer


def nothing(_: Exchange) -> None:
    pass


async def test_the_embedded_repository(tmp_path: Path) -> None:
    async with running_local(tmp_path) as server:
        heard: list[Exchange] = []
        found = await ask(Subject.GRANT, "phenomenal", server.url, heard.append)
        assert [each.id for each in found.matches] == ["10.13039/501100000780::654241"]
        assert [exchange.path for exchange in heard] == ["/api/awards?q=phenomenal&size=25"]
        for query in ("654241", "EC::654241", "10.3030/654241", "10.13039/501100000780::654241"):
            assert (await ask(Subject.GRANT, query, server.url, nothing)).matches == found.matches
        hyphened = await ask(Subject.GRANT, "FAIR-IMPACT", server.url, nothing)
        assert [each.id for each in hyphened.matches] == ["10.13039/501100000780::101057344"]
        communities = await ask(Subject.COMMUNITY, "own community", server.url, nothing)
        assert [(each.id, each.name) for each in communities.matches] == [("local", "One's own community")]
        missing = await ask(Subject.COMMUNITY, "a(b:c", server.url, nothing)
        assert missing.matches == []
        assert "no such community" in missing.remark


async def test_it_draws_on_the_budget_of_all_processes(tmp_path: Path) -> None:
    async with running_local(tmp_path, rate_limits=(RateLimit(100, 60),)) as server:
        kept = limits_file(server.url)
        lookups = Lookups(server.url, limits=kept)
        for _ in range(2):  # of a repository that has told of no limits yet, nothing is kept
            await lookups.grants("x")
        await lookups.close()
        before = kept.read_text()
        await ask(Subject.GRANT, "x", server.url, nothing)
        assert kept.read_text() != before


async def test_signs_of_the_query_language_are_escaped() -> None:
    asked: list[str] = []

    async def answer(request: web.Request) -> web.Response:
        asked.append(request.query["q"])
        return web.json_response({"hits": {"hits": [], "total": 0}})

    async with answering(answer) as url:
        lookups = Lookups(url)
        await lookups.grants(' EP/P015794 "<a>" x:* ')
        await lookups.close()
    assert asked == [r"EP\/P015794 \" a \" x\:\*"]


async def test_odd_entries_are_left_out() -> None:
    hits: list[Any] = [
        {"id": "021nxhr62::12", "title": {"de": "T"}, "acronym": "A", "funder": {"name": "NSF"}, "number": "12"},
        {"id": "021nxhr62::13", "title": "Plain", "funder": "NSF"},
        *({"id": odd} for odd in (None, "x", "x::", 3)),
        *(None, [], "x"),
    ]
    async with answering(saying({"hits": {"hits": hits}})) as url:
        lookups = Lookups(url)
        grants = await lookups.grants("x")
        communities = await lookups.communities("x")
        await lookups.close()
    assert grants == Done([Grant("021nxhr62", "NSF", "12", "T", "A"), Grant("021nxhr62", "", "13", "Plain", "")])
    assert communities == Done([])
    slugs = [{"slug": "a", "metadata": {"title": "A\x1b[31m"}}, {"slug": "b", "metadata": 1}, {"metadata": {}}]
    async with answering(saying({"hits": {"hits": slugs}})) as url:
        lookups = Lookups(url)
        assert await lookups.communities("x") == Done([Community("a", "A [31m"), Community("b", "")])
        await lookups.close()


async def test_the_grant_that_was_meant_comes_first_and_foreign_funders_are_told() -> None:
    hits = [
        {"id": "021nxhr62::654241", "title": {"en": "Another's"}, "funder": {"name": "NSF"}},
        {"id": "018mejw64::1", "title": {"en": "Theirs"}, "funder": {"name": "DFG"}},
        {"id": "00k4n6c32::6542410", "title": {"en": "Longer"}},
        {"id": "00k4n6c32::654241", "title": {"en": "Phenome"}, "acronym": "PhenoMeNal", "funder": {"name": "EC"}},
    ]
    async with answering(saying({"hits": {"hits": hits}})) as url:
        found = await ask(Subject.GRANT, "EC::654241", url, nothing)
    assert [each.id for each in found.matches] == [
        "10.13039/501100000780::654241",
        "10.13039/100000001::654241",
        "10.13039/501100000780::6542410",
    ]
    assert found.matches[0].name == "PhenoMeNal: Phenome"
    async with answering(saying({"hits": {"hits": hits[1:2]}})) as url:
        found = await ask(Subject.GRANT, "1", url, nothing)
    assert (found.matches, "no grants of DFG" in found.remark) == ([], True)


@pytest.mark.parametrize(
    ("handler", "code", "words"),
    [
        (saying("<html>", 502), "repository_unavailable", "502"),
        (saying("<html>"), "repository_unavailable", "HTML"),
        (saying([]), "repository_unavailable", "no list"),
        (saying({"hits": {"hits": 1}}), "repository_unavailable", "no list"),
        (saying({"message": "Not found.", "status": 404}, 404), "repository_untrusted", "no look-up of a grant"),
        (saying({"message": "No."}, 400), "repository_unavailable", "refuses the question: No."),
        (saying({"message": "slow"}, 429, {"Retry-After": "30"}), "repository_unavailable", "30 s"),
        (saying("", 301, {"Location": "https://example.org/"}), "repository_untrusted", "example.org"),
    ],
)
async def test_answers_that_are_no_help(handler: Handler, code: str, words: str) -> None:
    async with answering(handler) as url:
        with pytest.raises(AccessError) as raised:
            await ask(Subject.GRANT, "x", url, nothing)
    assert raised.value.code == code
    assert words in f"{raised.value.message} {raised.value.hint}"


async def test_nobody_there() -> None:
    with pytest.raises(AccessError, match="nobody answers"):
        await ask(Subject.COMMUNITY, "x", f"http://127.0.0.1:{free_port()}", nothing)


async def test_nothing_to_look_for() -> None:
    with pytest.raises(UsageError):
        await ask(Subject.GRANT, " ", "http://127.0.0.1:9", nothing)
