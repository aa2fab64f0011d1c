"""A whole batch against a repository and a network that misbehave: what is there in the end, and how it was told.

The embedded repository does to chosen requests what a test says; everything else is real: server, files, database.
Waits are those of the program on a faster clock (``BRISK``).
"""

from __future__ import annotations

import asyncio
import json
import ssl
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, MutableMapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any, cast

import pytest
from aiohttp import web
from aiohttp.typedefs import Handler

from batchdep.batch import Goal, Job, submit
from batchdep.deposit.reconcile import Timing
from batchdep.errors import ExitCode
from batchdep.local import LocalServer
from batchdep.local.errors import proxy_page, server_fault
from batchdep.local.frame import cut
from batchdep.local.traps import TRAPS, Trap
from batchdep.manifest.load import load_manifest
from batchdep.manifest.model import Manifest
from batchdep.report.status import BatchStatus
from batchdep.repository.patient import Patience
from tests.integration.repository.raw import always, answer, raw_server
from tests.support.account import assert_holds_exactly
from tests.support.batches import Batch, make_batch
from tests.support.local_server import JournalEntry, overlapping, read_journal, running_local, writes_to_published

TLS = Path(__file__).parent / "repository" / "tls"
BRISK = Timing(running=0.7, late=1.5, storing=0.3, index=1.5, looks=(0.05, 0.1, 0.2))
TOKEN = "tOkEn-0f-a-hostile-batch"

Misbehaviour = Callable[[web.Request, Handler], Awaitable[web.StreamResponse]]


async def serve(request: web.Request, handler: Handler) -> web.StreamResponse:
    """No misbehaviour."""
    return await handler(request)


def kind(request: web.Request) -> str:
    """Which of the requests of a deposit this is."""
    if request.path.endswith("/actions/publish"):
        return "publish"
    if request.path.endswith("/deposit/depositions"):
        return "create" if request.method == "POST" else "list"
    return "upload" if request.method == "PUT" and "/api/files/" in request.path else request.method.lower()


@dataclass
class World:
    """A repository that does what ``misbehave`` says, a batch, and runs of it."""

    folder: Path
    server: LocalServer
    batch: Batch
    misbehave: Misbehaviour = serve
    seen: Counter[str] = field(default_factory=Counter)

    async def spring(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        self.seen[kind(request)] += 1
        return await self.misbehave(request, handler)

    async def submit(self, **changes: Any) -> BatchStatus:
        """One run on the same state."""
        return await submit(job(self.batch.manifest, self.server.url, self.folder, **changes))

    @property
    def journal(self) -> list[JournalEntry]:
        return read_journal(self.folder / "journal.jsonl")

    async def assert_published_once(self) -> None:
        """One record a dataset with the right bytes, nothing else, and no request that should not have been."""
        self.misbehave = serve
        entries = self.journal
        await asyncio.to_thread(assert_holds_exactly, self.server.url, self.batch)
        assert writes_to_published(entries) == []
        assert overlapping(entries) == []


def loaded(path: Path) -> Manifest:
    manifest = load_manifest(path).manifest
    assert manifest is not None
    return manifest


def job(manifest: Path, target: str, folder: Path, **changes: Any) -> Job:
    patience = Patience(unreachable=1.0, unavailable=5.0, at_start=0.5)
    settings = {"token": TOKEN, "timing": BRISK, "patience": patience, **changes}
    return Job(loaded(manifest), target, str(folder / "state.db"), **settings)


@asynccontextmanager
async def hostile(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, datasets: int = 3, files: int = 2, **options: Any
) -> AsyncIterator[World]:
    worlds: list[World] = []

    async def spring(request: web.Request, handler: Handler) -> web.StreamResponse:
        return await worlds[0].spring(request, handler)

    monkeypatch.setitem(cast(MutableMapping[str, Trap], TRAPS), "hostile", Trap(spring, lambda _: True))
    batch = make_batch(tmp_path / "data", datasets, files, size=2_000)
    async with running_local(tmp_path, traps={"hostile": 1.0}, **options) as server:
        worlds.append(World(tmp_path, server, batch))
        yield worlds[0]


@pytest.fixture
async def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[World]:
    async with hostile(tmp_path, monkeypatch) as made:
        yield made


def once_for_each(fault: Misbehaviour, kinds: tuple[str, ...] = ("create", "upload", "publish")) -> Misbehaviour:
    """The second create, upload and publish meet the fault, everything else is served.

    The second, because the first request of a run goes alone, and its fault would hold up all others.
    """
    counted: Counter[str] = Counter()

    async def misbehave(request: web.Request, handler: Handler) -> web.StreamResponse:
        counted[kind(request)] += 1
        if kind(request) in kinds and counted[kind(request)] == 2:
            return await fault(request, handler)
        return await handler(request)

    return misbehave


# -- answers that say nothing, with and without the work ---------------------------------------------------------


def say(request: web.Request, text: bytes) -> web.StreamResponse:
    """Raw bytes in place of an answer, and the end of the connection."""
    assert request.transport is not None
    request.transport.write(text)
    request.transport.close()
    return web.Response()


def mangled(text: Callable[[bytes], bytes]) -> Callable[[web.Request, web.Response], web.StreamResponse]:
    """An answer as raw bytes, made of the true answer's content."""
    return lambda request, response: say(request, text(cast(bytes, response.body)))


def page(status: int) -> Callable[[web.Request, web.Response], web.StreamResponse]:
    return lambda request, response: proxy_page(status, "Proxy")


ANSWERS: dict[str, Callable[[web.Request, web.Response], web.StreamResponse]] = {
    "no answer": lambda request, response: cut(request),
    "half an answer": mangled(
        lambda body: b"HTTP/1.1 201 Created\r\nContent-Length: %d\r\n\r\n" % len(body) + body[:40]
    ),
    "half a head": mangled(lambda body: b"HTTP/1.1 201 Crea"),
    "an empty body": lambda request, response: web.Response(status=response.status),
    "a wrong length": mangled(lambda body: b"HTTP/1.1 201 Created\r\nContent-Length: 9\r\n\r\n" + body),
    "HTML": lambda request, response: web.Response(
        text="<!doctype html><title>Sign in</title>", content_type="text/html"
    ),
    "500": lambda request, response: server_fault().response(),
    "502": page(502),
    "503": page(503),
    "504": page(504),
}


@pytest.mark.parametrize("answered", ANSWERS.values(), ids=ANSWERS)
async def test_work_that_was_done_and_told_badly_is_not_done_again(
    world: World, answered: Callable[[web.Request, web.Response], web.StreamResponse]
) -> None:
    async def fault(request: web.Request, handler: Handler) -> web.StreamResponse:
        done = await handler(request)
        assert isinstance(done, web.Response)
        return answered(request, done)

    world.misbehave = once_for_each(fault)
    assert (await world.submit()).exit_code is ExitCode.DONE
    assert (world.seen["create"], world.seen["publish"]) == (3, 3)
    await world.assert_published_once()


@pytest.mark.parametrize("answered", ["no answer", "HTML", "500", "502", "503", "504"])
async def test_work_that_was_not_done_is_done_once(world: World, answered: str) -> None:
    async def fault(request: web.Request, handler: Handler) -> web.StreamResponse:
        await request.read()
        return ANSWERS[answered](request, web.Response())

    world.misbehave = once_for_each(fault)
    assert (await world.submit()).exit_code is ExitCode.DONE
    assert (world.seen["create"], world.seen["publish"]) == (4, 4)
    await world.assert_published_once()


async def test_a_connection_that_closes_before_or_in_the_middle_of_the_body_costs_one_more_attempt(
    world: World,
) -> None:
    async def fault(request: web.Request, handler: Handler) -> web.StreamResponse:
        return cut(request)

    world.misbehave = once_for_each(fault, ("create", "upload"))
    assert (await world.submit()).exit_code is ExitCode.DONE
    await world.assert_published_once()


@pytest.mark.parametrize("times", [1, 2])
async def test_an_update_that_is_falsely_refused_is_repeated_once(world: World, times: int) -> None:
    """As one that meets another is: 400 "Invalid value dataset.", without a field."""
    await world.submit(goal=Goal.DRAFT)
    manifest = world.batch.manifest
    manifest.write_text(manifest.read_text().replace("Numbers, for a test.", "Numbers, for another test."))
    world.seen.clear()

    async def refuse(request: web.Request, handler: Handler) -> web.StreamResponse:
        if kind(request) == "put" and world.seen["put"] <= times:
            return web.json_response({"message": "Invalid value dataset.", "status": 400}, status=400)
        return await handler(request)

    world.misbehave = refuse
    found = await world.submit(concurrency=1)
    assert world.seen["put"] == 4
    assert found.counts()["published"] == (3 if times == 1 else 2)
    assert {dataset.error.code for dataset in found.datasets if dataset.error} <= {"metadata_rejected"}


# -- what ends a run ---------------------------------------------------------------------------------------------


async def test_a_login_page_in_the_way_from_the_start_changes_nothing(world: World) -> None:
    async def login_page(request: web.Request, handler: Handler) -> web.StreamResponse:
        await request.read()
        return ANSWERS["HTML"](request, web.Response())

    world.misbehave = login_page
    found = await world.submit()
    assert found.stopped is not None
    assert found.stopped.code == "repository_unavailable"
    assert found.exit_code is ExitCode.ACCESS
    assert world.seen["create"] == 1, "one dataset goes ahead alone"
    world.misbehave = serve
    assert (await world.submit()).exit_code is ExitCode.DONE
    await world.assert_published_once()


async def test_a_login_page_after_the_repository_was_seen_is_no_proof_that_nothing_changed(world: World) -> None:
    async def login_page(request: web.Request, handler: Handler) -> web.StreamResponse:
        done = await handler(request)
        assert isinstance(done, web.Response)
        return done if world.seen == {"create": 1, "list": 1} else ANSWERS["HTML"](request, done)

    world.misbehave = login_page
    assert (await world.submit(concurrency=1)).exit_code is ExitCode.UNFINISHED
    world.misbehave = serve
    assert (await world.submit()).exit_code is ExitCode.DONE
    await world.assert_published_once()


@pytest.mark.parametrize("status", [401, 403])
async def test_a_token_revoked_in_the_middle_stops_once_and_a_new_one_resumes(world: World, status: int) -> None:
    refused = web.json_response

    async def revoked(request: web.Request, handler: Handler) -> web.StreamResponse:
        if world.seen.total() <= 4:
            return await handler(request)
        await request.read()
        return refused({"message": "Permission denied.", "status": status}, status=status)

    world.misbehave = revoked
    found = await world.submit(concurrency=2)
    assert found.stopped is not None
    assert found.stopped.code == "unauthorized"
    assert "batchdep login" in found.stopped.hint
    assert found.exit_code is ExitCode.UNFINISHED
    assert world.seen.total() <= 4 + 2 + 1, "one refusal for each at work, and one look at the token"
    assert all(dataset.error is None or dataset.error.retryable for dataset in found.datasets)
    world.misbehave = serve
    assert (await world.submit(token="another")).exit_code is ExitCode.DONE
    await world.assert_published_once()


async def test_a_quota_reached_in_the_middle_stops_once_and_a_larger_one_resumes(world: World) -> None:
    async def full(request: web.Request, handler: Handler) -> web.StreamResponse:
        if kind(request) != "upload" or world.seen["upload"] <= 2:
            return await handler(request)
        return web.json_response({"message": "Bucket quota exceeded.", "status": 400}, status=400)

    world.misbehave = full
    found = await world.submit(concurrency=1)
    assert found.stopped is not None
    assert found.stopped.code == "quota_exceeded"
    assert found.exit_code is ExitCode.UNFINISHED
    assert found.counts()["published"] == 1
    assert world.seen["upload"] == 4, "two refusals in a row, and no more"
    world.misbehave = serve
    assert (await world.submit()).exit_code is ExitCode.DONE
    await world.assert_published_once()


# -- checksums ---------------------------------------------------------------------------------------------------


def with_checksums(change: Callable[[dict[str, Any]], None], kinds: set[str]) -> Misbehaviour:
    """Every checksum in the answers to those requests is changed."""

    async def misbehave(request: web.Request, handler: Handler) -> web.StreamResponse:
        response = await handler(request)
        if kind(request) not in kinds or not isinstance(response, web.Response) or response.status >= 300:
            return response
        document = json.loads(cast(bytes, response.body))
        for entry in [document, *document.get("files", [])]:
            if "checksum" in entry:
                change(entry)
        return web.json_response(document, status=response.status)

    return misbehave


def wrong(entry: dict[str, Any]) -> None:
    entry["checksum"] = "md5:" + "0" * 32


def missing(entry: dict[str, Any]) -> None:
    del entry["checksum"]


@pytest.mark.parametrize("change", [wrong, missing])
async def test_a_checksum_wrong_or_missing_for_ever_is_never_published(
    world: World, change: Callable[[dict[str, Any]], None]
) -> None:
    world.misbehave = with_checksums(change, {"upload", "get"})
    found = await world.submit()
    assert found.exit_code is ExitCode.UNFINISHED
    assert {dataset.error.code for dataset in found.datasets if dataset.error} == {"checksum_mismatch"}
    assert world.seen["publish"] == 0
    assert world.seen["upload"] == 9, "three attempts at the first file of each"
    world.misbehave = serve
    assert (await world.submit()).exit_code is ExitCode.DONE
    await world.assert_published_once()


async def test_a_checksum_missing_in_the_answer_is_read_from_the_deposition(world: World) -> None:
    world.misbehave = with_checksums(missing, {"upload"})
    assert (await world.submit()).exit_code is ExitCode.DONE
    assert (world.seen["upload"], world.seen["get"]) == (6, 6)
    await world.assert_published_once()


# -- time --------------------------------------------------------------------------------------------------------


def moved(response: web.Response, minutes: float) -> web.Response:
    """The answer of a server whose clock is off by so much."""
    document = json.loads(cast(bytes, response.body)) if response.body else None
    for entry in document if isinstance(document, list) else [document]:
        for name in ("created", "modified"):
            if isinstance(entry, dict) and name in entry:
                entry[name] = (datetime.fromisoformat(entry[name]) + timedelta(minutes=minutes)).isoformat()
    date = format_datetime(datetime.now(UTC) + timedelta(minutes=minutes), usegmt=True)
    return web.json_response(document, status=response.status, headers={"Date": date})


@pytest.mark.parametrize("minutes", [10, -10])
async def test_a_clock_ten_minutes_off_hides_no_draft(world: World, minutes: float) -> None:
    """Every creation's answer is lost, that of the first request too, before the server's clock is known."""
    counted: Counter[str] = Counter()

    async def misbehave(request: web.Request, handler: Handler) -> web.StreamResponse:
        response = await handler(request)
        assert isinstance(response, web.Response)
        counted[kind(request)] += 1
        lost = kind(request) == "create" and counted["create"] <= 3
        return cut(request) if lost else moved(response, minutes)

    world.misbehave = misbehave
    assert (await world.submit()).exit_code is ExitCode.DONE
    assert world.seen["create"] == 3
    await world.assert_published_once()


async def test_a_search_index_that_is_late_makes_no_second_draft(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """30 s against the 60 s that the program waits; here both are a twentieth."""
    async with hostile(tmp_path, monkeypatch, index_delay=1.5) as world:

        async def lost(request: web.Request, handler: Handler) -> web.StreamResponse:
            response = await handler(request)
            return cut(request) if kind(request) == "create" else response

        world.misbehave = lost
        timing = Timing(running=2.0, late=9.0, storing=0.5, index=3.0, looks=(0.1,))
        assert (await world.submit(timing=timing)).exit_code is ExitCode.DONE
        assert world.seen["create"] == 3
        await asyncio.sleep(1.5)  # the account is looked at through the same index
        await world.assert_published_once()


async def test_an_effect_that_comes_long_after_a_504_comes_once(tmp_path: Path) -> None:
    batch = make_batch(tmp_path / "data", datasets=3, files=1, size=2_000)
    async with running_local(tmp_path, traps={"504-late": 0.6}, late=0.7, seed=4) as server:
        found = await submit(job(batch.manifest, server.url, tmp_path))
        assert found.exit_code is ExitCode.DONE
    entries = read_journal(tmp_path / "journal.jsonl")
    late = [entry for entry in entries if entry.effect]
    assert {entry.method for entry in late} == {"PUT", "POST"}
    assert Counter(entry.method for entry in entries)["POST"] == 6, "three creations, three publications"
    assert writes_to_published(entries) == []
    async with running_local(tmp_path) as server:
        await asyncio.to_thread(assert_holds_exactly, server.url, batch)


# -- somebody else's address -------------------------------------------------------------------------------------


async def test_a_bucket_at_another_host_gets_nothing_and_stops_the_batch(world: World) -> None:
    async with raw_server(always(answer(201, {}))) as elsewhere:

        async def misbehave(request: web.Request, handler: Handler) -> web.StreamResponse:
            response = await handler(request)
            assert isinstance(response, web.Response)
            if kind(request) != "create":
                return response
            document = json.loads(cast(bytes, response.body))
            document["links"]["bucket"] = f"{elsewhere.url}/api/files/abc"
            return web.json_response(document, status=response.status)

        world.misbehave = misbehave
        found = await world.submit(concurrency=1)
    assert found.stopped is not None
    assert found.stopped.code == "repository_untrusted"
    assert elsewhere.connections == 0
    assert world.seen["create"] == 1


@pytest.mark.parametrize("status", [301, 302, 307, 308])
async def test_a_redirect_to_another_host_is_not_followed_and_changes_nothing(world: World, status: int) -> None:
    async with raw_server(always(answer(201, {}))) as elsewhere:

        async def misbehave(request: web.Request, handler: Handler) -> web.StreamResponse:
            await request.read()
            return web.Response(status=status, headers={"Location": f"{elsewhere.url}{request.path}"})

        world.misbehave = misbehave
        found = await world.submit()
    assert found.exit_code is not ExitCode.DONE
    assert elsewhere.connections == 0
    world.misbehave = serve
    assert (await world.submit()).exit_code is ExitCode.DONE
    await world.assert_published_once()


async def test_a_certificate_for_another_name_ends_the_run_before_anything_is_sent(tmp_path: Path) -> None:
    batch = make_batch(tmp_path / "data", datasets=2, files=1, size=10)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(TLS / "elsewhere.crt", TLS / "elsewhere.key")
    async with raw_server(always(answer(200, [])), tls=context) as server:
        found = await submit(job(batch.manifest, server.url, tmp_path))
    assert found.stopped is not None
    assert found.stopped.code == "repository_untrusted"
    assert found.exit_code is ExitCode.ACCESS
    assert server.requests == []


# -- everything at once ------------------------------------------------------------------------------------------


@pytest.mark.slow
async def test_every_trap_at_once(tmp_path: Path) -> None:
    batch = make_batch(tmp_path / "data", datasets=8, files=2, size=2_000)
    traps = dict.fromkeys((name for name in TRAPS if name != "hostile"), 0.04)
    async with running_local(tmp_path, traps=traps, late=0.5, index_delay=0.2, seed=11) as server:
        for _ in range(10):
            found = await submit(job(batch.manifest, server.url, tmp_path))
            if found.exit_code is ExitCode.DONE:
                break
    entries = read_journal(tmp_path / "journal.jsonl")
    assert len({entry.trap for entry in entries if entry.trap}) > len(traps) // 2
    assert writes_to_published(entries) == []
    async with running_local(tmp_path) as server:
        await asyncio.to_thread(assert_holds_exactly, server.url, batch)
