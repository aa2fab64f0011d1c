"""What outlives the server: restarts, kill -9, a folder in use, a large store."""

from __future__ import annotations

import asyncio
import json
import random
import time
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from batchdep.local import DataInUseError, LocalOptions, create_app, start_local
from tests.integration.local.conftest import MINIMAL, Api, md5
from tests.integration.local.raw import Raw, path_of
from tests.support.local_server import LocalProcess, read_journal, running_local


async def test_everything_survives_a_restart(tmp_path: Path, session: aiohttp.ClientSession) -> None:
    async with running_local(tmp_path) as server:
        api = Api(session, server.url)
        draft = await api.create({**MINIMAL, "notes": "ab"})
        await api.put(draft, "a b.txt")
        record = await api.published()
        await api.act(record, "edit")
        version = (await api.act(record, "newversion")).body
        gone = await api.create()
        await api.ask("DELETE", f"{api.depositions}/{gone['id']}")
        before = [await api.get(each) for each in (draft, record, version)]
    async with running_local(tmp_path, port=int(server.url.rpartition(":")[2])) as server:
        api = Api(session, server.url)
        assert [await api.get(each) for each in (draft, record, version)] == before
        assert await api.files(version) == {"a.txt": md5(b"hello")}
        link = (await api.get(version))["files"][0]["links"]["download"]
        assert (await api.ask("GET", link)).body == "hello"
        assert len((await api.ask("GET", f"{api.depositions}?all_versions=true")).body) == 3
        assert (await api.create())["id"] > gone["id"], "an id is never given twice"
        # Why it may not be published is remembered too.
        assert (await api.act(draft, "publish")).fields == ["metadata.additional_descriptions.0.description"]


async def test_kill_9_in_the_middle_of_an_upload(tmp_path: Path, session: aiohttp.ClientSession) -> None:
    with LocalProcess(tmp_path) as process:
        api = Api(session, process.url)
        draft = await api.create()
        await api.put(draft)
        raw = await Raw.open(process.url)
        await raw.begin(path_of(f"{draft['links']['bucket']}/a.txt"), 200_000, bytes(100_000))
        await api.get(draft)
        process.kill()
        process.start()
        assert await api.files(draft) == {"a.txt": md5(b"hello")}
        assert not list((tmp_path / "repository" / "incoming").iterdir())
        assert (await api.put(draft, content=b"again")).status == 201
    entries = read_journal(process.journal)
    cut = next(entry for entry in entries if entry.ended is None)
    assert (cut.method, cut.deposition, cut.state) == ("PUT", draft["id"], "unsubmitted")


async def test_kill_9_at_random_moments(tmp_path: Path) -> None:
    dice = random.Random(11)
    confirmed: dict[int, dict[str, str]] = {}

    async def work(api: Api) -> None:
        while True:
            draft = await api.create()
            confirmed[draft["id"]] = {}
            for name in ("a", "b"):
                content = dice.randbytes(2500).hex().encode()
                if (await api.put(draft, name, content)).status == 201:
                    confirmed[draft["id"]][name] = md5(content)

    with LocalProcess(tmp_path) as process:
        for _ in range(3):
            async with aiohttp.ClientSession() as session:
                workers = [asyncio.create_task(work(Api(session, process.url))) for _ in range(4)]
                await asyncio.wait(workers, timeout=dice.uniform(0.05, 0.3))
                process.kill()
                await asyncio.gather(*workers, return_exceptions=True)
            process.start()
        assert len(confirmed) > 4
        async with aiohttp.ClientSession() as session:
            api = Api(session, process.url)
            for number, files in confirmed.items():
                found = await api.files({"id": number})
                assert files.items() <= found.items()
                for entry in (await api.get({"id": number}))["files"]:
                    content = await api.ask("GET", entry["links"]["download"])
                    assert md5(content.body.encode()) == found[entry["filename"]]


async def test_killed_between_two_steps_of_a_write(tmp_path: Path, session: aiohttp.ClientSession) -> None:
    async with running_local(tmp_path) as server:
        api = Api(session, server.url)
        swapped, half_new, half_created, half_deleted = [await api.create() for _ in range(4)]
    folder = tmp_path / "repository" / "depositions"
    document = "deposition.json"
    (folder / str(swapped["id"]) / document).rename(folder / str(swapped["id"]) / f"{document}.new")
    (folder / str(half_new["id"]) / f"{document}.new").write_text('{"id": ')
    created = folder / str(half_created["id"]) / document
    created.with_suffix(".json.new").write_text(created.read_text()[:50])
    created.unlink()
    (folder / str(half_deleted["id"]) / document).unlink()
    async with running_local(tmp_path) as server:
        api = Api(session, server.url)
        listed = (await api.ask("GET", api.depositions)).body
        assert {entry["id"] for entry in listed} == {swapped["id"], half_new["id"]}
        assert (await api.change(half_new, MINIMAL)).status == 200
    assert {path.name for path in folder.iterdir()} == {str(swapped["id"]), str(half_new["id"])}


async def test_a_document_that_is_no_document(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    folder = tmp_path / "repository" / "depositions" / "4"
    folder.mkdir(parents=True)
    (folder / "deposition.json").write_text("not json")
    async with running_local(tmp_path):
        assert "cannot be read" in caplog.text
    assert folder.exists(), "nothing is thrown away"


def test_sigterm_ends_it_well(tmp_path: Path) -> None:
    process = LocalProcess(tmp_path)
    process.start()
    assert process.stop() == 0


async def test_one_server_a_folder(tmp_path: Path) -> None:
    async with running_local(tmp_path):
        with pytest.raises(DataInUseError):
            await start_local(LocalOptions(data=tmp_path / "repository"))
    async with running_local(tmp_path):
        pass


async def test_a_taken_port_says_so_and_lets_the_folder_go(tmp_path: Path) -> None:
    async with running_local(tmp_path) as server:
        options = LocalOptions(data=tmp_path / "other", port=int(server.url.rpartition(":")[2]))
        with pytest.raises(OSError, match="in use"):
            await start_local(options)
        again = await start_local(LocalOptions(data=tmp_path / "other"))
        await again.close()


@pytest.mark.parametrize("host", ["192.0.2.1", "::", "example.org", "192.168.1.1"])
def test_other_addresses_are_refused(tmp_path: Path, host: str) -> None:
    with pytest.raises(ValueError, match="this machine only"):
        create_app(LocalOptions(data=tmp_path, host=host))


async def test_a_large_store_is_read_in_a_moment(tmp_path: Path, session: aiohttp.ClientSession) -> None:
    async with running_local(tmp_path) as server:
        draft = await Api(session, server.url).create()
    folder = tmp_path / "repository" / "depositions"
    document: dict[str, Any] = json.loads((folder / str(draft["id"]) / "deposition.json").read_text())
    number = 1000
    for index in range(10, 10 + number):
        (folder / str(index)).mkdir()
        copy = {**document, "id": index, "conceptrecid": -index, "bucket": f"bucket-{index}"}
        (folder / str(index) / "deposition.json").write_text(json.dumps(copy))
    start = time.monotonic()
    async with running_local(tmp_path) as server:
        assert time.monotonic() - start < 1.0, "10,000 in 1 to 2 s"
        api = Api(session, server.url)
        listed = await api.ask("GET", f"{api.depositions}?size=100&page=10")
        assert [entry["id"] for entry in listed.body][-1] == 10
