"""What differs between the disk and the repository is found, whatever it is, and nothing else is."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from batchdep.batch import submit
from batchdep.deposit import Goal
from batchdep.errors import AccessError, ExitCode, UsageError
from batchdep.events import Event, FileProgress
from batchdep.repository.model import Done
from batchdep.repository.patient import Patience
from batchdep.verify import Verification, verify
from tests.support.local_server import running_local
from tests.support.own_account import Account, an_account, numbers


@pytest.fixture
async def account(tmp_path: Path) -> AsyncIterator[Account]:
    """Two datasets, submitted as drafts."""
    async with an_account(tmp_path, 2, publish=False) as each:
        await each.submit()
        yield each


async def verified(account: Account, **changes: Any) -> Verification:
    """Verifies, and makes sure that only reads were sent."""
    before = len(account.requests())
    found = await verify(account.job(**changes))
    assert {entry.method for entry in account.requests()[before:]} <= {"GET"}
    assert found.exit_code is (ExitCode.DONE if found.ok else ExitCode.UNFINISHED)
    return found


def told(found: Verification) -> list[tuple[str, str, str | None]]:
    return [(each.id, one.code, one.name) for each in found.datasets for one in each.differences]


def a_file(account: Account, dataset: str, part: int = 0) -> Path:
    (path,) = (account.batch.manifest.parent / dataset).glob(f"part {part}*")
    return path


async def test_drafts_and_records_that_are_as_sent_are_in_order(account: Account) -> None:
    assert (await verified(account)).ok
    await account.submit(goal=Goal.PUBLISHED)
    found = await verified(account)
    assert found.ok
    assert {each.state for each in found.datasets} == {"published"}
    assert all(each.doi for each in found.datasets)
    md5s = {each.id: {file.name: file.stored_md5 for file in each.files} for each in found.datasets}
    assert md5s == account.batch.md5s


async def test_a_byte_changed_locally_is_found_though_size_and_time_are_the_same(account: Account) -> None:
    path = a_file(account, "set-001")
    content, before = bytearray(path.read_bytes()), path.stat()
    content[700] ^= 1
    path.write_bytes(content)
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    found = await verified(account)
    assert told(found) == [("set-001", "file_differs", path.name)]
    assert "MD5" in found.datasets[1].differences[0].message


async def test_a_file_removed_at_the_server_is_found(account: Account) -> None:
    number = numbers(await account.submit())["set-000"]
    gone = (await account.state_of(number)).files[0]
    await account.repository.delete_file(number, gone)
    assert told(await verified(account)) == [("set-000", "file_removed", gone.name)]


async def test_a_file_added_at_the_server_is_found(account: Account) -> None:
    number = numbers(await account.submit())["set-000"]
    bucket = (await account.state_of(number)).bucket
    async with aiohttp.ClientSession() as session, session.put(f"{bucket}/extra.txt", data=b"more") as answer:
        assert answer.ok
    assert told(await verified(account)) == [("set-000", "file_added", "extra.txt")]


async def test_a_title_edited_at_the_server_is_found(account: Account) -> None:
    number = numbers(await account.submit())["set-000"]
    before = (await account.state_of(number)).metadata
    names = ("upload_type", "description", "creators", "license", "publication_date")
    answer = await account.repository.update(number, {**{n: before[n] for n in names}, "title": "Another"})
    assert isinstance(answer, Done)
    found = await verified(account)
    assert told(found) == [("set-000", "metadata_differ", "title")]
    assert "Another" in found.datasets[0].differences[0].message


async def test_a_field_that_the_manifest_does_not_have_is_found(account: Account) -> None:
    number = numbers(await account.submit())["set-000"]
    before = (await account.state_of(number)).metadata
    names = ("title", "upload_type", "description", "creators", "license", "publication_date")
    await account.repository.update(number, {**{n: before[n] for n in names}, "notes": "By somebody."})
    assert told(await verified(account)) == [("set-000", "metadata_differ", "notes")]


async def test_a_record_that_is_a_draft_again_and_one_that_is_gone_are_found(account: Account) -> None:
    before = numbers(await account.submit(goal=Goal.PUBLISHED))
    port = int(account.server.url.rpartition(":")[2])
    await account.server.close()
    other = account.folder / "another repository"
    async with running_local(account.folder, data=other, port=port):
        # another account under the same address: the first id is a draft there, the second is nobody's
        await submit(account.job(database=str(other / "state.db"), goal=Goal.DRAFT, only=("set-000",)))
        found = await verified(account)
    assert min(before.values()) == before["set-000"], "the ids that the test relies on"
    assert [(key, code) for key, code, _ in told(found)] == [("set-000", "not_published"), ("set-001", "record_gone")]


async def test_what_the_repository_dropped_at_once_was_told_then_and_is_no_difference(account: Account) -> None:
    def restrict(document: dict[str, Any]) -> None:
        document["datasets"][0]["metadata"] |= {"access_right": "restricted", "access_conditions": "Ask."}

    account.edit_manifest(restrict)
    status = await account.submit()
    assert "access conditions" in status.datasets[0].warnings[0]
    assert (await verified(account)).ok


async def test_a_draft_that_somebody_published_is_found(account: Account) -> None:
    await account.repository.publish(numbers(await account.submit())["set-001"])
    assert told(await verified(account)) == [("set-001", "published_elsewhere", None)]


async def test_a_draft_that_somebody_deleted_is_found(account: Account) -> None:
    await account.repository.delete(numbers(await account.submit())["set-001"])
    assert told(await verified(account)) == [("set-001", "deposition_gone", None)]


async def test_a_file_that_is_not_here_any_more_is_found(account: Account) -> None:
    path = a_file(account, "set-000")
    path.unlink()
    assert told(await verified(account)) == [("set-000", "file_added", path.name)]


async def test_a_changed_manifest_is_found(account: Account) -> None:
    def retitle(document: dict[str, Any]) -> None:
        document["datasets"][0]["metadata"]["title"] = "A title of later"

    account.edit_manifest(retitle)
    assert told(await verified(account)) == [("set-000", "metadata_differ", "title")]


async def test_what_was_never_deposited_is_told(account: Account) -> None:
    found = await verified(account, database=str(account.folder / "empty.db"))
    assert [code for _, code, _ in told(found)] == ["not_deposited", "not_deposited"]
    assert found.requests == 0


async def test_only_what_was_asked_for(account: Account) -> None:
    a_file(account, "set-000").unlink()
    assert (await verified(account, only=("set-001",))).ok
    with pytest.raises(UsageError):
        await verify(account.job(only=("nobody",)))


async def test_a_repository_that_is_away_is_no_difference(account: Account) -> None:
    await account.server.close()
    with pytest.raises(AccessError):
        await verify(account.job(patience=Patience(unreachable=0.0, unavailable=0.0, at_start=0.0)))


async def test_reading_is_told_of_while_it_goes_on(account: Account) -> None:
    seen: list[Event] = []
    await verify(account.job(), seen.append)
    assert sum(event.sent for event in seen if isinstance(event, FileProgress)) == 4 * 1500


async def test_it_says_what_it_found_as_one_document(account: Account) -> None:
    document = (await verified(account)).as_dict()
    assert document["schema"] == "batchdep-verify/1"
    assert document["ok"] is True
    assert document["tool"]["name"] == "batchdep"
    assert document["bytes"] == 6000
    file = document["datasets"][0]["files"][0]
    assert file["md5"] == file["stored_md5"] == account.batch.md5s["set-000"][file["name"]]
