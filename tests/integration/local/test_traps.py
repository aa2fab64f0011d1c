"""What happens now and then, each at its most certain."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import aiohttp
import pytest

from batchdep.local import LocalOptions
from batchdep.local.traps import TRAPS
from tests.integration.local.conftest import Api
from tests.support.local_server import read_journal, running_local


def trapped(name: str, **more: Any) -> pytest.MarkDecorator:
    """A server on which that trap always springs."""
    return pytest.mark.parametrize("options", [{"traps": {name: 1.0}, **more}])


async def clean(tmp_path: Path, session: aiohttp.ClientSession, *, with_file: bool = True) -> Any:
    """A draft made before the traps were set."""
    async with running_local(tmp_path) as server:
        api = Api(session, server.url)
        draft = await api.create()
        if with_file:
            await api.put(draft)
        return draft


async def afterwards(tmp_path: Path, session: aiohttp.ClientSession, draft: Any) -> tuple[Any, list[Any]]:
    """The draft and the whole list once the traps are gone."""
    async with running_local(tmp_path) as server:
        api = Api(session, server.url)
        return await api.get(draft), (await api.ask("GET", api.depositions)).body


def again(draft: Any, origin: str) -> Any:
    """The draft's links on another port."""
    path = draft["links"]["bucket"].partition("/api/")[2]
    return {**draft, "links": {"bucket": f"{origin}/api/{path}"}}


LOST = (aiohttp.ServerDisconnectedError, aiohttp.ClientOSError)


@pytest.mark.parametrize(("trap", "done"), [("drop-before", False), ("drop-body", False), ("drop-after", True)])
async def test_a_cut_connection(tmp_path: Path, session: aiohttp.ClientSession, trap: str, done: bool) -> None:
    draft = await clean(tmp_path, session, with_file=False)
    async with running_local(tmp_path, traps={trap: 1.0}) as server:
        api = Api(session, server.url)
        with pytest.raises(LOST):
            await api.put(again(draft, server.url), content=bytes(500_000))
        with pytest.raises(LOST):
            await api.create()
    found, listed = await afterwards(tmp_path, session, draft)
    assert (len(found["files"]), len(listed)) == ((1, 2) if done else (0, 1))
    entries = read_journal(tmp_path / "journal.jsonl")
    caught = [entry for entry in entries if entry.trap]
    # aiohttp's client sends a lost PUT a second time by itself.
    assert [entry.method for entry in caught] == ["PUT", "PUT", "POST"]
    assert {(entry.trap, entry.status) for entry in caught} == {(trap, None)}


@pytest.mark.parametrize(("trap", "done"), [("504-done", True), ("504-never", False), ("publish-504", True)])
async def test_a_504(tmp_path: Path, session: aiohttp.ClientSession, trap: str, done: bool) -> None:
    draft = await clean(tmp_path, session)
    async with running_local(tmp_path, traps={trap: 1.0}) as server:
        answer = await Api(session, server.url).act(draft, "publish")
        assert answer.status == 504
        assert "<html>" in answer.body
        if trap == "publish-504":
            assert (await Api(session, server.url).create())["id"]
    found, _ = await afterwards(tmp_path, session, draft)
    assert found["state"] == ("done" if done else "unsubmitted")


async def test_a_504_whose_effect_is_late(tmp_path: Path, session: aiohttp.ClientSession) -> None:
    draft = await clean(tmp_path, session)
    async with running_local(tmp_path, traps={"504-late": 1.0}, late=0.3) as server:
        api, moved = Api(session, server.url), again(draft, server.url)
        assert (await api.put(moved, "late.txt")).status == 504
        assert set(await api.files(draft)) == {"a.txt"}
        while len(await api.files(draft)) < 2:
            pass
        assert (await api.act(draft, "publish")).status == 504
        assert (await api.get(draft))["state"] == "unsubmitted"
        while (await api.get(draft))["state"] != "done":
            pass
        assert (await api.create())["state"] == "unsubmitted", "only uploads and publications come late"
    effects = [entry for entry in read_journal(tmp_path / "journal.jsonl") if entry.effect]
    assert [entry.trap for entry in effects] == ["504-late"] * 2
    for entry in effects:
        assert entry.effect is not None
        assert entry.ended is not None
        assert entry.effect - entry.ended >= 0.25


@pytest.mark.parametrize(
    ("trap", "status", "kind"),
    [
        ("500", 500, "application/json"),
        ("502", 502, "text/html"),
        ("503", 503, "text/html"),
        ("429", 429, "application/json"),
        ("html", 200, "text/html"),
    ],
)
async def test_an_answer_in_place_of_the_work(
    tmp_path: Path, session: aiohttp.ClientSession, trap: str, status: int, kind: str
) -> None:
    draft = await clean(tmp_path, session)
    async with running_local(tmp_path, traps={trap: 1.0}) as server:
        api = Api(session, server.url)
        for answer in (await api.act(draft, "publish"), await api.put(again(draft, server.url), "b.txt")):
            assert answer.status == status
            assert answer.headers["Content-Type"].startswith(kind)
            assert ("Retry-After" in answer.headers) == (trap == "429")
        assert (await api.ask("GET", "/")).status == 200, "the pages are spared"
    found, _ = await afterwards(tmp_path, session, draft)
    assert (found["state"], len(found["files"])) == ("unsubmitted", 1)


@trapped("late-index", late=0.2)
async def test_a_late_index(api: Api) -> None:
    draft = await api.create()
    assert (await api.get(draft))["id"] == draft["id"]
    assert (await api.ask("GET", api.depositions)).body == []
    while not (await api.ask("GET", api.depositions)).body:
        pass


async def test_a_seed_repeats_what_happened(tmp_path: Path, session: aiohttp.ClientSession) -> None:
    seen = []
    for run in range(2):
        async with running_local(tmp_path / str(run), traps={"500": 0.3, "502": 0.2}, seed=5) as server:
            api = Api(session, server.url)
            seen.append([(await api.ask("GET", api.depositions)).status for _ in range(50)])
    assert seen[0] == seen[1]
    assert set(seen[0]) == {200, 500, 502}


@pytest.mark.parametrize("traps", [{"nonsense": 0.1}, {"500": 1.5}, {"500": -0.1}])
def test_traps_that_cannot_be(tmp_path: Path, traps: dict[str, float]) -> None:
    with pytest.raises(ValueError, match=r"trap|probability"):
        LocalOptions(data=tmp_path, traps=traps)


def test_every_promised_trap_is_there() -> None:
    promised = (
        "drop-after drop-before drop-body 504-done 504-late 504-never publish-504 500 502 503 429 html late-index"
    )
    assert set(TRAPS) == set(promised.split())
