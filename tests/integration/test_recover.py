"""A state that was lost is rebuilt from the account, and what is not sure is left alone."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from batchdep.batch import Interrupt, discard, plan, submit
from batchdep.errors import AccessError, BatchdepError, BatchLocked, ExitCode, UsageError
from batchdep.events import DatasetDone, DatasetStarted, Event, FileDone, FileProgress
from batchdep.findings import Decisions, Finding, Recovery
from batchdep.recover import recover
from batchdep.report.status import DatasetState
from batchdep.repository.model import Done
from batchdep.repository.patient import Patience
from batchdep.repository.zenodo import connect
from batchdep.state.store import Store
from tests.support.local_server import running_local, writes_to_published
from tests.support.own_account import PROMPT, Account, an_account, numbers
from tests.support.replacing import replace


@pytest.fixture
async def account(tmp_path: Path) -> AsyncIterator[Account]:
    """Three datasets, to be left as drafts."""
    async with an_account(tmp_path, 3, publish=False) as each:
        yield each


@pytest.fixture
async def hundred(tmp_path: Path) -> AsyncIterator[Account]:
    async with an_account(tmp_path, 100, files=1) as each:
        yield each


async def recovering(account: Account, take: dict[str, int] | None = None, anew: tuple[str, ...] = ()) -> Recovery:
    """Recovers, and makes sure that only reads were sent."""
    before = len(account.requests())
    found = await recover(account.job(), Decisions(take or {}, frozenset(anew)))
    assert {entry.method for entry in account.requests()[before:]} <= {"GET"}
    return found


def findings(found: Recovery) -> dict[str, str]:
    return {each.dataset: str(each.finding) for each in found.datasets}


async def test_a_database_deleted_in_the_middle_of_a_hundred(hundred: Account) -> None:
    interrupt, done = Interrupt(grace=0.0), []

    def stop_in_the_middle(event: Event) -> None:
        """Forty are published, and one has just been given a file."""
        if isinstance(event, DatasetDone):
            done.append(event.dataset)
        elif isinstance(event, FileDone) and len(done) >= 40:
            interrupt.request()

    await submit(hundred.job(), stop_in_the_middle, interrupt)
    before = await hundred.held()
    assert 40 <= len(before) < 100
    assert any(not entry.published for entry in before.values()), "some were under way"
    hundred.lose_database()

    found = await recovering(hundred)
    assert found.exit_code is ExitCode.DONE
    assert found.counts() == {"matched": len(before), "missing": 100 - len(before), "ambiguous": 0, "known": 0}

    status = await hundred.submit()
    assert status.exit_code is ExitCode.DONE
    after = await hundred.held()
    assert len(after) == 100
    assert set(after) >= set(before)
    assert all(entry.published for entry in after.values())
    md5s = {entry.metadata["title"]: {file.name: file.md5 for file in entry.files} for entry in after.values()}
    assert md5s == {f"Dataset {key}": files for key, files in hundred.batch.md5s.items()}
    assert writes_to_published(hundred.requests()) == []


async def test_a_finished_batch_needs_nothing_afterwards(account: Account) -> None:
    before = await account.submit()
    account.lose_database()
    found = await recovering(account)
    assert findings(found) == dict.fromkeys(account.batch.md5s, "matched")
    asked = len(account.requests())
    status = await account.submit()
    assert status.exit_code is ExitCode.DONE
    assert len(account.requests()) == asked, "complete drafts are known to be complete"
    assert numbers(status) == numbers(before)
    assert {file.md5 for each in status.datasets for file in each.files} == {
        md5 for md5s in account.batch.md5s.values() for md5 in md5s.values()
    }


async def test_half_a_draft_is_filled_up(account: Account) -> None:
    before = numbers(await account.submit())
    draft = await account.state_of(before["set-000"])
    await account.repository.delete_file(draft.id, draft.files[0])
    account.lose_database()
    found = await recovering(account)
    assert found.datasets[0].candidates[0].files_held == 1
    assert numbers(await account.submit()) == before
    assert len((await account.state_of(draft.id)).files) == 2


async def test_two_drafts_of_equal_metadata_are_told_and_neither_is_touched(account: Account) -> None:
    first = numbers(await account.submit())["set-001"]
    second = await account.copy_of(first)
    account.lose_database()
    before = {number: await account.state_of(number) for number in (first, second)}

    found = await recovering(account)
    assert found.exit_code is ExitCode.UNFINISHED
    assert findings(found) == {"set-000": "matched", "set-001": "ambiguous", "set-002": "matched"}
    assert [candidate.deposition_id for candidate in found.datasets[1].candidates] == [first, second]

    assert [each.action for each in (await plan(account.job())).datasets] == ["nothing", "refuse", "nothing"]
    status = await account.submit()
    error = status.datasets[1].error
    assert status.exit_code is ExitCode.UNFINISHED
    assert error is not None
    assert error.code == "deposition_ambiguous"
    assert str(first) in error.message
    assert str(second) in error.message
    assert {number: await account.state_of(number) for number in (first, second)} == before
    assert len(await account.held()) == 4, "and no third one is made"


async def test_what_is_ambiguous_is_decided_by_a_person(account: Account) -> None:
    first = numbers(await account.submit())["set-001"]
    second = await account.copy_of(first)
    account.lose_database()
    await recovering(account)
    found = await recovering(account, take={"set-001": second})
    assert findings(found) == {"set-000": "known", "set-001": "matched", "set-002": "known"}
    status = await account.submit()
    assert (status.exit_code, numbers(status)["set-001"]) == (ExitCode.DONE, second)
    assert len((await account.state_of(second)).files) == 2


async def test_what_is_ambiguous_may_be_none_of_them(account: Account) -> None:
    first = numbers(await account.submit())["set-001"]
    second = await account.copy_of(first)
    account.lose_database()
    await recovering(account)
    found = await recovering(account, anew=("set-001",))
    assert findings(found)["set-001"] == "missing"
    assert numbers(await account.submit())["set-001"] not in {first, second}


async def test_once_the_other_one_is_deleted_it_is_clear(account: Account) -> None:
    first = numbers(await account.submit())["set-001"]
    second = await account.copy_of(first)
    account.lose_database()
    await recovering(account)
    await account.repository.delete(second)
    assert findings(await recovering(account))["set-001"] == "matched"
    assert (await account.submit()).exit_code is ExitCode.DONE
    assert len(await account.held()) == 3


async def test_what_was_deposited_twice_is_told(account: Account) -> None:
    await account.submit(goal=None, database=str(account.folder / "other.db"), only=("set-000",))
    await account.submit()
    account.lose_database()
    found = await recovering(account)
    assert findings(found)["set-000"] == "ambiguous"
    assert found.datasets[0].twice


async def test_a_draft_with_other_bytes_is_not_taken_for_ours(account: Account) -> None:
    first = numbers(await account.submit())["set-000"]
    before = await account.state_of(first)
    account.lose_database()
    (path,) = list((account.batch.manifest.parent / "set-000").glob("part 0*"))
    path.write_bytes(bytes(reversed(path.read_bytes())))
    found = await recovering(account)
    assert findings(found)["set-000"] == "ambiguous"
    assert await account.state_of(first) == before
    await recovering(account, take={"set-000": first})
    assert (await account.submit()).exit_code is ExitCode.DONE
    assert (await account.state_of(first)).files != before.files, "the person has said that it is ours"


async def test_a_record_with_other_bytes_is_never_written_to(account: Account) -> None:
    account.edit_manifest(lambda document: document.update(publish=True))
    first = numbers(await account.submit())["set-000"]
    account.lose_database()
    (path,) = list((account.batch.manifest.parent / "set-000").glob("part 0*"))
    path.write_bytes(bytes(reversed(path.read_bytes())))
    await recovering(account)
    await recovering(account, take={"set-000": first})
    status = await account.submit()
    assert [each.error.code for each in status.datasets if each.error] == ["published_changed"]
    assert writes_to_published(account.requests()) == []
    assert len(await account.held()) == 3


async def test_a_draft_that_was_edited_is_known_by_its_files_and_its_edits_stay(account: Account) -> None:
    first = numbers(await account.submit())["set-000"]
    draft = await account.state_of(first)
    names = ("upload_type", "description", "creators", "license")
    edited = {**{name: draft.metadata[name] for name in names}, "title": "A better title"}
    await account.repository.update(first, edited)
    account.lose_database()
    found = await recovering(account)
    assert findings(found)["set-000"] == "matched"
    assert found.datasets[0].candidates[0].edited == ("title",)
    status = await account.submit()
    assert status.exit_code is ExitCode.DONE
    assert any("A better title" in warning for warning in status.datasets[0].warnings)
    assert (await account.state_of(first)).metadata["title"] == "A better title"


async def test_datasets_of_equal_metadata_are_told_apart_by_their_files(account: Account) -> None:
    def same_titles(document: dict[str, Any]) -> None:
        for entry in document["datasets"]:
            entry["metadata"]["title"] = "The same"

    account.edit_manifest(same_titles)
    before = numbers(await account.submit())
    account.lose_database()
    assert findings(await recovering(account)) == dict.fromkeys(before, "matched")
    assert numbers(await account.submit()) == before


async def test_a_state_that_knows_the_datasets_is_left_alone(account: Account) -> None:
    before = await account.submit()
    asked = len(account.requests())
    found = await recovering(account)
    assert findings(found) == dict.fromkeys(account.batch.md5s, "known")
    assert len(account.requests()) == asked
    async with Store.open(account.database) as store:
        (batch,) = await store.all_batches()
        records = await store.load(batch)
    assert {key: record.deposition_id for key, record in records.items()} == numbers(before)
    with pytest.raises(UsageError, match="knows the deposition"):
        await recovering(account, take={"set-000": 1})


async def test_what_was_discarded_on_purpose_is_not_looked_for(account: Account) -> None:
    await account.submit()
    await discard(account.job())
    assert findings(await recovering(account)) == dict.fromkeys(account.batch.md5s, "known")


async def test_depositions_of_another_batch_in_the_same_database_are_theirs(account: Account) -> None:
    await account.submit()
    account.edit_manifest(lambda document: document.update(batch="another"))
    found = await recovering(account)
    assert findings(found) == dict.fromkeys(account.batch.md5s, "missing")
    with pytest.raises(UsageError, match="another dataset"):
        await recovering(account, take={"set-000": next(iter(await account.held()))})


async def test_a_list_that_lags_is_waited_for(tmp_path: Path) -> None:
    async with an_account(tmp_path, 2, publish=False) as account:
        await account.submit()
    async with running_local(tmp_path, index_delay=0.4) as server:
        repository = connect(server.url, None)
        account = Account(tmp_path, server, repository, account.batch)
        answer = await repository.create({**json.loads(account.batch.manifest.read_text())["defaults"], "title": "New"})
        assert isinstance(answer, Done)

        def one_more(document: dict[str, Any]) -> None:
            document["datasets"].append({"id": "new", "metadata": {"title": "New"}, "files": ["set-000/*"]})

        account.edit_manifest(one_more)
        account.lose_database()
        found = await recover(account.job(timing=replace(PROMPT, running=2.0)))
        await repository.close()
    assert findings(found) == {"set-000": "matched", "set-001": "matched", "new": "matched"}


async def test_a_target_that_does_not_answer_leaves_no_trace(account: Account) -> None:
    await account.submit()
    account.lose_database()
    await account.server.close()
    with pytest.raises(AccessError):
        await recover(account.job(patience=Patience(unreachable=0.0, unavailable=0.0, at_start=0.0)))
    async with Store.open(account.database) as store:
        (batch,) = await store.all_batches()
        assert await store.load(batch) == {}


async def test_an_interrupt_while_files_are_read_leaves_no_trace(account: Account) -> None:
    await account.submit()
    account.lose_database()

    def interrupt(event: Event) -> None:
        if isinstance(event, FileProgress):
            running.cancel()

    running = asyncio.create_task(recover(account.job(), observer=interrupt))
    with pytest.raises(asyncio.CancelledError):
        await running
    async with Store.open(account.database) as store:
        (batch,) = await store.all_batches()
        assert await store.load(batch) == {}
    assert findings(await recovering(account)) == dict.fromkeys(account.batch.md5s, "matched")


async def test_a_file_that_cannot_be_read_is_told_in_words(account: Account) -> None:
    await account.submit()
    account.lose_database()

    def lose_files(event: Event) -> None:
        if isinstance(event, DatasetStarted):
            for path in (account.batch.manifest.parent / event.dataset).iterdir():
                path.unlink()

    with pytest.raises(BatchdepError, match="no longer there") as raised:
        await recover(account.job(), observer=lose_files)
    assert raised.value.code == "file_missing"


async def test_what_the_list_does_not_show_is_not_taken_for_missing(
    account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    await account.submit(only=("set-000", "set-001"))
    account.lose_database()
    monkeypatch.setattr("batchdep.recover.MOST_LISTED", 2)
    found = await recovering(account)
    assert findings(found) == {"set-000": "matched", "set-001": "matched", "set-002": "ambiguous"}
    assert (await account.submit()).exit_code is ExitCode.UNFINISHED
    assert len(await account.held()) == 2
    assert findings(await recovering(account, anew=("set-002",)))["set-002"] == "missing"
    assert (await account.submit()).exit_code is ExitCode.DONE


async def test_it_takes_the_batchs_lock(account: Account) -> None:
    async with Store.open(account.database) as store:
        batch = await store.open_batch(account.job().identity)
        async with store.lock(batch, lambda: None):
            with pytest.raises(BatchLocked):
                await recovering(account)


async def test_it_says_what_it_found_as_one_document(account: Account) -> None:
    await account.submit()
    account.lose_database()
    document = (await recovering(account)).as_dict()
    assert document["schema"] == "batchdep-recover/1"
    assert document["counts"]["matched"] == 3
    assert {each["candidates"][0]["state"] for each in document["datasets"]} == {str(DatasetState.DRAFT)}
    assert Finding(document["datasets"][0]["found"]) is Finding.MATCHED
