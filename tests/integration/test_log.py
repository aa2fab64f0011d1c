"""What was asked and answered is told in order, and a token is in none of it."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from itertools import pairwise
from pathlib import Path

import pytest

from batchdep import __version__
from batchdep.batch import status
from batchdep.deposit import Goal
from batchdep.errors import UsageError
from batchdep.history import History, history
from batchdep.report.documents import render
from batchdep.report.forms import ReportForm
from tests.support.own_account import Account, an_account


@pytest.fixture
async def account(tmp_path: Path) -> AsyncIterator[Account]:
    """Two datasets, published."""
    async with an_account(tmp_path, 2) as each:
        await each.submit(goal=Goal.PUBLISHED, token="a-token-that-must-never-show")
        yield each


async def known(account: Account, dataset: str | None = None, target: str | None = None) -> History:
    found = await history(account.database, account.batch.manifest, target or account.server.url, dataset)
    assert found is not None
    return found


async def test_every_request_is_there_with_its_intent_before_it(account: Account) -> None:
    found = await known(account, "set-000")
    told = [(event.what, event.method or event.note or "") for event in found.events]
    assert told == [
        ("asked", "create"),
        ("answered", "POST"),
        ("created", found.events[2].note or ""),
        ("asked", "upload part 0 & more.bin"),
        ("answered", "PUT"),
        ("asked", "upload part 1 & more.bin"),
        ("answered", "PUT"),
        ("asked", "publish"),
        ("answered", "POST"),
        ("published", found.events[-1].note or ""),
    ]
    assert {event.dataset for event in found.events} == {"set-000"}
    assert all(before.at <= after.at for before, after in pairwise(found.events))
    assert [event.status for event in found.events if event.what == "answered"] == [201, 201, 201, 202]


async def test_all_requests_that_the_server_saw_are_told_of(account: Account) -> None:
    found = await known(account)
    answered = [(event.method, event.status) for event in found.events if event.what == "answered"]
    assert sorted(map(str, answered)) == sorted(str((entry.method, entry.status)) for entry in account.requests())
    (run,) = found.runs
    assert (run.command, run.requests, run.ended is not None) == ("submit", len(answered), True)


async def test_no_token_is_in_it(account: Account) -> None:
    assert "must-never-show" not in str((await known(account)).as_dict())


async def test_a_batch_elsewhere_is_found_only_if_that_is_wanted(account: Account) -> None:
    other = "https://sandbox.zenodo.org"
    assert await history(account.database, account.batch.manifest, other) is None
    found = await history(account.database, account.batch.manifest, other, elsewhere=True)
    assert found is not None
    assert found.batch.target == account.server.url


async def test_a_dataset_that_never_was_is_refused(account: Account) -> None:
    with pytest.raises(UsageError, match="no dataset 'set-9'"):
        await known(account, "set-9")


async def test_the_report_has_what_an_auditor_asks_for(account: Account) -> None:
    (known,) = await status(account.database, str(account.batch.manifest))
    document = json.loads("".join(render(ReportForm.JSON, known)))
    assert document["tool"] == {"name": "batchdep", "version": __version__}
    (run,) = document["runs"]
    assert (run["command"], run["version"]) == ("submit", __version__)
    assert run["started"] < run["ended"]
    for dataset in document["datasets"]:
        assert dataset["doi"]
        assert dataset["published"]
        assert {file["name"]: file["md5"] for file in dataset["files"]} == account.batch.md5s[dataset["id"]]
