"""Datasets that refer to each other's DOIs: the right DOIs in the records, in a sound order, at no needless request."""

from __future__ import annotations

import asyncio
import hashlib
import json
import urllib.request
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from batchdep import batch
from batchdep.batch import Goal, Job
from batchdep.errors import ExitCode, ManifestInvalid, UsageError
from batchdep.events import Event, RequestDone
from batchdep.manifest import load_manifest
from batchdep.recover import recover
from batchdep.report.status import BatchStatus
from batchdep.verify import verify
from tests.support.citing import Stored, citing_batch, stored
from tests.support.local_server import JournalEntry, overlapping, read_journal, running_local, writes_to_published
from tests.support.own_account import PROMPT


@dataclass
class Bench:
    """A repository, a state, and a manifest."""

    folder: Path
    url: str
    manifest: Path = field(default=Path())

    def batch(self, cites: dict[str, list[str]], **extra: Any) -> None:
        self.manifest = citing_batch(self.folder / "data", cites, **extra)

    def edit(self, change: Callable[[dict[str, Any]], None]) -> None:
        """Edits the entries of the manifest's datasets, by id."""
        document = json.loads(self.manifest.read_text())
        change({entry["id"]: entry for entry in document["datasets"]})
        self.manifest.write_text(json.dumps(document))

    def job(self, **changes: Any) -> Job:
        manifest = load_manifest(self.manifest).manifest
        assert manifest is not None
        return Job(manifest, self.url, str(self.folder / "state.db"), **changes)

    async def submit(self, **changes: Any) -> BatchStatus:
        """Submits, after the requests were counted that it should take."""
        planned = await batch.plan(self.job(**changes))
        async with asyncio.timeout(30):
            status = await batch.submit(self.job(**changes))
        if status.exit_code is ExitCode.DONE:
            assert status.requests == planned.requests
        return status

    async def publish(self, **changes: Any) -> BatchStatus:
        async with asyncio.timeout(30):
            return await batch.publish(self.job(**changes))

    async def stored(self) -> dict[str, Stored]:
        return await asyncio.to_thread(stored, self.url)

    async def stopped_after_creating(self, drafts: int) -> None:
        """Submits, one dataset at a time, until so many drafts are made, the last of them without files."""
        created: list[Event] = []

        def stop(event: Event) -> None:
            if isinstance(event, RequestDone) and event.exchange.method == "POST":
                created.append(event)
                if len(created) == drafts:
                    interrupt.request()

        interrupt = batch.Interrupt()
        await batch.submit(self.job(concurrency=1, goal=Goal.DRAFT), stop, interrupt)

    def lose_state(self) -> None:
        for path in self.folder.glob("state.db*"):
            if path.is_file():
                path.unlink()

    def journal(self) -> list[JournalEntry]:
        entries = read_journal(self.folder / "journal.jsonl")
        assert overlapping(entries) == []
        assert writes_to_published(entries) == []
        return entries

    def published_in_order(self) -> list[int]:
        """The depositions as they were published."""
        return [entry.deposition or 0 for entry in self.journal() if entry.path.endswith("/actions/publish")]


@asynccontextmanager
async def a_bench(tmp_path: Path) -> AsyncIterator[Bench]:
    async with running_local(tmp_path) as server:
        yield Bench(tmp_path, server.url)


@pytest.fixture
async def bench(tmp_path: Path) -> AsyncIterator[Bench]:
    async with a_bench(tmp_path) as each:
        yield each


SHAPES: dict[str, tuple[dict[str, list[str]], int]] = {
    "a chain, in the wrong order": ({"a": ["b"], "b": ["c"], "c": []}, 0),
    "a chain, in the right order": ({"c": [], "b": ["c"], "a": ["b"]}, 0),
    "a diamond": ({"top": ["left", "right"], "left": ["bottom"], "bottom": [], "right": ["bottom"]}, 0),
    "itself, in a text": ({"a": ["a"]}, 1),
    "a circle of three, and one that it needs": ({"a": ["b"], "b": ["c", "d"], "c": ["a"], "d": []}, 3),
    "two circles, one needs the other": ({"a": ["b", "c"], "b": ["a"], "c": ["d"], "d": ["c"]}, 4),
}
"""Who refers to whom, and how many updates of metadata that takes."""


def assert_right(found: dict[str, Stored], cites: dict[str, list[str]]) -> None:
    """Every record names the DOIs of those that it refers to."""
    assert set(found) == set(cites)
    for key, others in cites.items():
        assert found[key].state == "done"
        assert found[key].cited == [found[other].doi for other in others if other != key]
        if key in others:
            assert f"https://doi.org/{found[key].doi}." in found[key].metadata["notes"]


def assert_sound_order(order: list[int], found: dict[str, Stored], cites: dict[str, list[str]]) -> None:
    """What a dataset refers to is published before it, unless it refers back, over others or not."""
    place = {key: order.index(each.id) for key, each in found.items()}

    def leads_to(key: str, seen: frozenset[str] = frozenset()) -> set[str]:
        near = set(cites[key]) - seen
        return near | {far for each in near for far in leads_to(each, seen | near)}

    for key, others in cites.items():
        for other in others:
            assert key in leads_to(other) or place[other] < place[key], f"{key} before {other}"


@pytest.mark.parametrize("concurrency", [1, 16])
@pytest.mark.parametrize("shape", SHAPES)
async def test_records_have_the_dois_of_those_that_they_refer_to(bench: Bench, shape: str, concurrency: int) -> None:
    cites, updates = SHAPES[shape]
    bench.batch(cites)
    status = await bench.submit(concurrency=concurrency)
    assert status.exit_code is ExitCode.DONE
    assert status.requests == 3 * len(cites) + updates
    found = await bench.stored()
    assert_right(found, cites)
    assert_sound_order(bench.published_in_order(), found, cites)
    again = await bench.submit(concurrency=concurrency)
    assert (again.requests, again.exit_code) == (0, ExitCode.DONE)


async def test_those_of_a_circle_are_published_one_right_after_the_other(bench: Bench) -> None:
    cites = {"a": ["b"], "b": ["a"], "x": [], "y": []}
    bench.batch(cites)
    await bench.submit(concurrency=1)
    circle = {each.id for key, each in (await bench.stored()).items() if key in "ab"}
    journal = [entry for entry in bench.journal() if entry.method != "GET"]
    first = next(
        at for at, entry in enumerate(journal) if entry.path.endswith("publish") and entry.deposition in circle
    )
    assert {entry.deposition for entry in journal[first : first + 2]} == circle
    assert all(entry.path.endswith("publish") for entry in journal[first : first + 2])


@pytest.mark.parametrize("do", ["submit", "publish"])
async def test_drafts_that_were_reviewed_are_published_in_order(bench: Bench, do: str) -> None:
    cites = {"a": ["b"], "b": ["c"], "c": ["b", "d"], "d": []}
    bench.batch(cites)
    assert (await bench.submit(goal=Goal.DRAFT)).exit_code is ExitCode.DONE
    drafts = await bench.stored()
    assert {each.state for each in drafts.values()} == {"unsubmitted"}
    assert (await bench.submit(goal=Goal.DRAFT)).requests == 0
    before = len(bench.journal())
    status = await (bench.publish() if do == "publish" else bench.submit())
    assert (status.exit_code, status.requests) == (ExitCode.DONE, 8)
    assert {entry.method for entry in bench.journal()[before:]} == {"GET", "POST"}
    found = await bench.stored()
    assert_right(found, cites)
    assert_sound_order(bench.published_in_order(), found, cites)


async def test_a_reference_to_what_an_earlier_run_published_costs_nothing(bench: Bench) -> None:
    bench.batch({"a": [], "b": []})
    await bench.submit()
    folder = bench.manifest.parent / "c"
    folder.mkdir()
    (folder / "data.csv").write_text("more")
    document = json.loads(bench.manifest.read_text())
    related = [{"relation": "cites", "identifier": {"doi": key}} for key in "ab"]
    metadata = {"title": "Dataset c", "related_identifiers": related}
    document["datasets"].insert(0, {"id": "c", "metadata": metadata, "files": ["c/*"]})
    bench.manifest.write_text(json.dumps(document))
    assert (await bench.submit()).requests == 3
    assert_right(await bench.stored(), {"a": [], "b": [], "c": ["a", "b"]})


# -- files that are filled


async def test_dois_are_filled_into_a_copy_of_a_text_file(bench: Bench) -> None:
    text = "# Dataset a\nIts DOI is {{doi:a}}, and it builds on {{ doi: b }} and again {{doi:b}}.\nNot {doi:b}.\n"
    bench.batch({"a": [], "b": []}, texts={"a": text})
    status = await bench.submit(concurrency=1)
    assert (status.exit_code, status.requests) == (ExitCode.DONE, 7)
    found = await bench.stored()
    a, b = found["a"].doi, found["b"].doi
    content = f"# Dataset a\nIts DOI is {a}, and it builds on {b} and again {b}.\nNot {{doi:b}}.\n".encode()
    assert found["a"].md5s["README.md"] == hashlib.md5(content, usedforsecurity=False).hexdigest()
    readme = next(file for each in status.datasets if each.id == "a" for file in each.files if file.name == "README.md")
    assert readme.size == len(content)
    assert (bench.manifest.parent / "a/README.md").read_text() == text
    order = bench.published_in_order()
    assert order.index(found["b"].id) < order.index(found["a"].id)
    assert (await bench.submit()).requests == 0


async def test_a_filled_file_that_changed_is_sent_again(bench: Bench) -> None:
    bench.batch({"a": [], "b": []}, texts={"a": "See {{doi:b}}.\n"})
    await bench.submit(goal=Goal.DRAFT)
    (bench.manifest.parent / "a/README.md").write_text("See {{doi:b}}, really.\n")
    status = await bench.submit()
    assert (status.exit_code, status.requests) == (ExitCode.DONE, 5)
    found = await bench.stored()
    content = f"See {found['b'].doi}, really.\n".encode()
    assert found["a"].md5s["README.md"] == hashlib.md5(content, usedforsecurity=False).hexdigest()


async def test_a_filled_file_that_was_merely_touched_is_not_sent_again(bench: Bench) -> None:
    bench.batch({"a": [], "b": []}, texts={"a": "See {{doi:b}}.\n"})
    await bench.submit()
    readme = bench.manifest.parent / "a/README.md"
    readme.write_text(readme.read_text())
    status = await bench.submit()
    assert (status.exit_code, status.requests) == (ExitCode.DONE, 0)


# -- what goes wrong


def reject_metadata_of(*keys: str) -> Callable[[dict[str, Any]], None]:
    """Metadata that the repository refuses; nothing is checked before, as the command line does."""

    def change(entries: dict[str, Any]) -> None:
        for key in keys:
            entries[key]["metadata"]["upload_type"] = "nonsense"

    return change


def failures(status: BatchStatus) -> dict[str, str]:
    return {each.id: each.error.code for each in status.datasets if each.error is not None}


async def test_those_that_refer_to_what_fails_fail_too_and_a_rerun_mends_all(bench: Bench) -> None:
    cites = {"a": ["b"], "b": ["bad"], "bad": [], "good": []}
    bench.batch(cites)
    bench.edit(reject_metadata_of("bad"))
    status = await bench.submit()
    assert status.exit_code is ExitCode.UNFINISHED
    codes = failures(status)
    assert codes.keys() == {"a", "b", "bad"}
    assert codes["a"] == codes["b"] == "reference_unavailable"
    first = next(each.error for each in status.datasets if each.id == "a")
    assert first is not None
    assert first.retryable
    assert "'b'" in first.message
    assert "'bad'" in first.message
    bench.edit(lambda entries: entries["bad"]["metadata"].pop("upload_type"))
    status = await bench.submit()
    assert status.exit_code is ExitCode.DONE
    assert_right(await bench.stored(), cites)


@pytest.mark.parametrize("concurrency", [1, 16])
async def test_nothing_of_a_circle_is_published_unless_all_of_it_can_be(bench: Bench, concurrency: int) -> None:
    cites = {"a": ["b"], "b": ["c"], "c": ["a"]}
    bench.batch(cites)
    missing = bench.manifest.parent / "b/data.csv"
    content = missing.read_text()
    job = bench.job(concurrency=concurrency)

    def lose(event: Event) -> None:
        missing.unlink(missing_ok=True)

    async with asyncio.timeout(30):
        status = await batch.submit(job, lose)
    assert failures(status) == {"a": "reference_unavailable", "b": "file_missing", "c": "reference_unavailable"}
    assert {each.state for each in (await bench.stored()).values()} == {"unsubmitted"}
    missing.write_text(content)
    status = await bench.submit(concurrency=concurrency)
    assert status.exit_code is ExitCode.DONE
    assert_right(await bench.stored(), cites)


async def test_what_is_left_out_by_only_is_told_before_anything_is_sent(bench: Bench) -> None:
    bench.batch({"a": ["b"], "b": []})
    with pytest.raises(UsageError, match=r"'a' refers to 'b'.*no draft"):
        await bench.submit(only=("a",))
    assert bench.journal() == []
    assert (await bench.submit(only=("b",), goal=Goal.DRAFT)).exit_code is ExitCode.DONE
    with pytest.raises(UsageError, match=r"'a' refers to 'b'.*not published"):
        await bench.submit(only=("a",))
    status = await bench.submit(only=("a",), goal=Goal.DRAFT)
    assert (status.exit_code, status.requests) == (ExitCode.DONE, 2)
    with pytest.raises(UsageError, match=r"'a' refers to 'b'.*not published"):
        await bench.publish(only=("a",))
    assert (await bench.publish(only=("a", "b"))).exit_code is ExitCode.DONE
    assert_right(await bench.stored(), {"a": ["b"], "b": []})


async def test_publishing_stops_at_what_is_no_complete_draft(bench: Bench) -> None:
    bench.batch({"a": ["b"], "b": [], "c": []})
    await bench.submit(goal=Goal.DRAFT)
    (bench.manifest.parent / "b/data.csv").write_text("changed since")
    status = await bench.publish()
    assert failures(status) == {"a": "reference_unavailable", "b": "draft_outdated"}
    assert {key: each.state for key, each in (await bench.stored()).items()} == {
        "a": "unsubmitted",
        "b": "unsubmitted",
        "c": "done",
    }


async def test_an_unknown_id_is_refused_without_a_check_too(bench: Bench) -> None:
    bench.batch({"a": ["nobody"]})
    with pytest.raises(ManifestInvalid) as caught:
        await batch.submit(bench.job())
    assert [problem.code for problem in caught.value.problems] == ["reference_unknown"]
    assert bench.journal() == []


# -- a DOI that is not the one that was expected


@pytest.fixture
def wrong_guess(monkeypatch: pytest.MonkeyPatch) -> None:
    """A repository that reserves DOIs under one prefix and mints them under another, which nobody knows of."""
    monkeypatch.setattr("batchdep.dois.minted_doi", lambda target, reserved: reserved)


@pytest.mark.usefixtures("wrong_guess")
@pytest.mark.parametrize("review", [False, True])
async def test_a_doi_that_turns_out_another_one_is_sent_before_publication(bench: Bench, review: bool) -> None:
    cites: dict[str, list[str]] = {"a": ["b"], "b": []}
    bench.batch(cites, texts={"a": "See {{doi:b}}.\n"})
    if review:
        assert (await bench.submit(goal=Goal.DRAFT)).exit_code is ExitCode.DONE
        assert (await bench.stored())["a"].cited[0].startswith("10.5281/")
        status = await bench.publish()
    else:
        status = await batch.submit(bench.job())
    assert status.exit_code is ExitCode.DONE, failures(status)
    found = await bench.stored()
    assert found["b"].doi is not None
    assert found["b"].doi.startswith("10.5072/")
    assert_right(found, cites)
    content = f"See {found['b'].doi}.\n".encode()
    assert found["a"].md5s["README.md"] == hashlib.md5(content, usedforsecurity=False).hexdigest()
    assert (await bench.submit()).requests == 0


@pytest.mark.usefixtures("wrong_guess")
async def test_a_reviewer_s_edits_are_not_undone_by_a_doi_that_turns_out_another_one(bench: Bench) -> None:
    bench.batch({"a": ["b"], "b": []})
    await bench.submit(goal=Goal.DRAFT)
    draft = (await bench.stored())["a"]
    await asyncio.to_thread(edit_title, bench.url, draft, "Dataset a")
    assert failures(await bench.publish()) == {"a": "edited_elsewhere"}


def edit_title(url: str, draft: Stored, title: str) -> None:
    """As a person does at the repository."""
    metadata = {key: value for key, value in draft.metadata.items() if key != "prereserve_doi"}
    body = json.dumps({"metadata": {**metadata, "title": title, "version": "2, by the reviewer"}}).encode()
    address = f"{url}/api/deposit/depositions/{draft.id}"
    request = urllib.request.Request(  # noqa: S310 - loopback
        address, body, {"Content-Type": "application/json"}, method="PUT"
    )
    urllib.request.urlopen(request, timeout=30).close()  # noqa: S310


# -- looking at it later


LINKED: dict[str, list[str]] = {"a": ["b"], "b": ["c"], "c": ["b", "c", "d"], "d": []}
FILLED = {"a": "See {{doi:b}} and {{doi:a}}.\n", "d": "This is {{doi:d}}.\n"}


@pytest.mark.parametrize("goal", [Goal.DRAFT, Goal.PUBLISHED])
async def test_verify_compares_with_what_was_filled_in(bench: Bench, goal: Goal) -> None:
    bench.batch(LINKED, texts=FILLED)
    await bench.submit(goal=goal)
    found = await verify(bench.job())
    assert [each.differences for each in found.datasets] == [(), (), (), ()]
    (bench.manifest.parent / "a/README.md").write_text("See {{doi:c}} and {{doi:a}}.\n")
    bench.edit(lambda entries: entries["b"]["metadata"].update(notes="It is not {doi:c}."))
    found = await verify(bench.job())
    told = {(each.id, one.code) for each in found.datasets for one in each.differences}
    assert told == {("a", "file_differs"), ("b", "metadata_differ")}


@pytest.mark.parametrize("goal", [Goal.DRAFT, Goal.PUBLISHED])
async def test_a_lost_state_is_rebuilt_and_nothing_is_sent_again(bench: Bench, goal: Goal) -> None:
    bench.batch(LINKED, texts=FILLED)
    await bench.submit(goal=goal)
    bench.lose_state()
    found = await recover(bench.job(timing=PROMPT))
    assert {each.dataset: str(each.finding) for each in found.datasets} == dict.fromkeys(LINKED, "matched")
    status = await bench.submit(goal=goal)
    assert (status.exit_code, status.requests) == (ExitCode.DONE, 0)
    assert (await bench.submit()).exit_code is ExitCode.DONE
    assert_right(await bench.stored(), LINKED)


async def test_after_a_lost_state_a_draft_without_files_is_known_by_a_text_with_a_doi_in_it(bench: Bench) -> None:
    bench.batch({"a": ["b"], "b": []})
    bench.edit(lambda entries: entries["a"]["metadata"].update(description="It builds on {doi:b}, of 2018."))
    await bench.stopped_after_creating(2)
    assert [each.md5s for each in (await bench.stored()).values()].count({}) == 1
    bench.lose_state()
    found = await recover(bench.job(timing=PROMPT))
    assert {each.dataset: str(each.finding) for each in found.datasets} == {"a": "matched", "b": "matched"}
    assert (await bench.submit()).exit_code is ExitCode.DONE
    assert_right(await bench.stored(), {"a": ["b"], "b": []})


@pytest.mark.parametrize("made", [1, 2])
async def test_a_draft_of_a_circle_that_lacks_its_references_is_completed_after_recovery(
    bench: Bench, made: int
) -> None:
    bench.batch({"a": ["b"], "b": ["a"]})
    await bench.stopped_after_creating(made)
    held = await bench.stored()
    assert (len(held), [each.cited for each in held.values()]) == (made, [[]] * made)
    bench.lose_state()
    await recover(bench.job(timing=PROMPT))
    assert (await bench.submit()).exit_code is ExitCode.DONE
    assert_right(await bench.stored(), {"a": ["b"], "b": ["a"]})
