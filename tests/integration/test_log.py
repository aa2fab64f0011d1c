"""What was asked and answered is told in order, and a token is in none of it."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import AsyncIterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from batchdep import __version__
from batchdep.batch import status
from batchdep.deposit import Goal
from batchdep.errors import UsageError
from batchdep.history import History, tell_history
from batchdep.report.documents import render
from batchdep.report.forms import ReportForm
from batchdep.report.json_text import json_pieces
from batchdep.state import eventlog
from batchdep.state.eventlog import EventRecord, RunRecord
from batchdep.state.store import BatchIdentity, Store
from tests.support.own_account import Account, an_account


@pytest.fixture
async def account(tmp_path: Path) -> AsyncIterator[Account]:
    """Two datasets, published."""
    async with an_account(tmp_path, 2) as each:
        await each.submit(goal=Goal.PUBLISHED, token="a-token-that-must-never-show")
        yield each


@dataclass(frozen=True)
class Told:
    """A history, all of it."""

    target: str
    runs: Sequence[RunRecord]
    events: Sequence[EventRecord]
    by_time: Sequence[EventRecord]
    document: dict[str, Any]


def whole(found: History) -> Told:
    document: dict[str, Any] = json.loads("".join(json_pieces(found.document())))
    return Told(found.batch.target, found.runs, list(found.events()), list(found.events_by_time()), document)


async def known(account: Account, dataset: str | None = None, target: str | None = None) -> Told:
    found = await tell_history(account.database, account.batch.manifest, target or account.server.url, whole, dataset)
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
    assert "must-never-show" not in str((await known(account)).document)


async def test_the_document_has_all_of_it(account: Account) -> None:
    found = await known(account)
    assert found.document["events"] == [event.as_dict() for event in found.events]
    assert found.document["runs"] == [run.as_dict() for run in found.runs]


async def test_by_time_comes_what_was_noted_late_where_it_belongs(account: Account) -> None:
    with closing(sqlite3.connect(account.database)) as state, state:
        state.execute("UPDATE events SET at = '2001-01-01 00:00:00.000000' WHERE id = (SELECT max(id) FROM events)")
    found = await known(account)
    assert found.by_time == [found.events[-1], *found.events[:-1]]


async def test_a_long_history_is_read_in_pages(account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    expected = await known(account)
    monkeypatch.setattr(eventlog, "_PAGE", 3)
    assert await known(account) == expected


async def test_a_batch_elsewhere_is_found_only_where_no_target_is_asked_for(account: Account) -> None:
    manifest, other = account.batch.manifest, "https://sandbox.zenodo.org"
    assert await tell_history(account.database, manifest, other, whole) is None
    found = await tell_history(account.database, manifest, None, whole, preferred=lambda: other)
    assert found is not None
    assert found.target == account.server.url


async def test_of_several_targets_the_preferred_one_is_told_of_and_else_the_last(account: Account) -> None:
    manifest, other = account.batch.manifest, "https://sandbox.zenodo.org"
    async with Store.open(account.database) as store:
        await store.open_batch(BatchIdentity(other, "other", manifest, frozenset()))
    for preferred, target in ((account.server.url, account.server.url), (other, other), (None, other)):
        found = await tell_history(account.database, manifest, None, whole, preferred=lambda: preferred)  # noqa: B023
        assert found is not None
        assert found.target == target


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
