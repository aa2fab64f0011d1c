"""What becomes of one dataset, whatever the repository answers."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from sqlalchemy import Update

from batchdep.deposit import Goal, Interrupted, filling
from batchdep.deposit.body import ReadAhead
from batchdep.deposit.refusals import StopBatch
from batchdep.errors import DatasetFailure
from batchdep.events import FileDone
from batchdep.report.status import DatasetState
from batchdep.repository.model import (
    Answer,
    Body,
    Deposition,
    FieldError,
    Reason,
    Rejected,
    RemoteFile,
    Unavailable,
)
from batchdep.state.tables import datasets
from batchdep.state.updates import RowStatement
from batchdep.state.writer import GroupWriter, Statement
from tests.integration.deposit.conftest import World
from tests.support.fake_repository import GONE, REFUSED_TOKEN, Killed, Lost, ProcessKilled
from tests.support.replacing import replace


async def test_a_good_dataset_costs_its_files_and_two_requests(world: World) -> None:
    work = await world.run()
    assert [name for name, _ in world.repository.calls] == ["create", "upload", "upload", "publish"]
    assert work.record.state == "published"
    assert work.record.doi == "10.5072/zenodo.1000"
    world.assert_published_once()


async def test_a_second_run_sends_nothing(world: World) -> None:
    await world.run()
    world.repository.calls.clear()
    await world.run()
    assert world.repository.calls == []


async def test_a_finished_draft_is_left_alone(world: World) -> None:
    await world.run(Goal.DRAFT)
    world.repository.calls.clear()
    work = await world.run(Goal.DRAFT)
    assert world.repository.calls == []
    assert work.record.state == "draft"


async def test_a_draft_is_looked_at_and_published_later(world: World) -> None:
    await world.run(Goal.DRAFT)
    world.repository.calls.clear()
    await world.run(Goal.PUBLISHED)
    assert [name for name, _ in world.repository.calls] == ["get", "publish"]
    world.assert_published_once()


# -- create ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("index_delay", [0.0, 2.0, 30.0])
async def test_a_create_whose_answer_was_lost_is_found(world: World, index_delay: float) -> None:
    world.repository.index_delay = index_delay
    world.repository.fail("create", Lost(done=True))
    await world.run()
    assert world.repository.count("create") == 1
    world.assert_published_once()


async def test_a_create_that_never_happened_is_sent_again(world: World) -> None:
    world.repository.fail("create", Lost(done=False))
    await world.run()
    assert world.repository.count("create") == 2
    world.assert_published_once()


async def test_a_create_that_happens_minutes_after_a_504_is_found(world: World) -> None:
    world.repository.fail("create", Lost(done=True, after=100.0, late=True))
    await world.run()
    assert world.repository.count("create") == 1
    world.assert_published_once()


async def test_a_draft_of_equal_metadata_made_before_is_not_touched(world: World) -> None:
    foreign = world.repository.make(world.metadata).value
    world.clock.advance(60)
    world.repository.fail("create", Lost(done=True))
    await world.run()
    assert world.repository.depositions[foreign.id] == foreign
    assert len(world.repository.published) == 1


async def test_a_draft_of_equal_metadata_that_holds_files_is_not_touched(world: World) -> None:
    world.repository.fail("create", Lost(done=False))
    foreign = world.repository.make(world.metadata, [RemoteFile("x", 1, "0" * 32, "x")]).value
    await world.run()
    assert world.repository.depositions[foreign.id] == foreign
    assert len(world.repository.depositions) == 2


async def test_two_datasets_of_equal_metadata_get_a_draft_each(world: World) -> None:
    world.repository.fail("create", Lost(done=True), Lost(done=True))
    first = await world.run(Goal.DRAFT, plan=world.plan("d1"))
    second = await world.run(Goal.DRAFT, plan=world.plan("d2"))
    assert first.record.deposition_id != second.record.deposition_id
    assert len(world.repository.depositions) == 2


async def test_a_create_that_fails_each_time_ends_in_words(world: World) -> None:
    world.repository.fail("create", *[Lost(done=False)] * 3)
    with pytest.raises(DatasetFailure, match="failed 3 times to make a draft"):
        await world.run()
    assert world.repository.depositions == {}


async def test_refused_metadata_name_the_fields(world: World) -> None:
    refusal = Rejected(Reason.INVALID, 400, "A validation error occurred.", (FieldError("license", ("Unknown.",)),))
    world.repository.fail("create", refusal)
    with pytest.raises(DatasetFailure, match=r"license: Unknown\.") as raised:
        await world.run()
    assert raised.value.failure.code == "metadata_rejected"
    assert not raised.value.failure.retryable


@pytest.mark.parametrize("method", ["create", "upload", "publish"])
async def test_a_refused_token_stops_the_batch_and_nothing_is_lost(world: World, method: str) -> None:
    world.repository.fail(method, REFUSED_TOKEN)
    with pytest.raises(StopBatch, match="refuses the token"):
        await world.run()
    await world.run()
    world.assert_published_once()


@pytest.mark.parametrize("method", ["create", "upload", "publish"])
async def test_a_repository_that_is_away_stops_the_batch_and_nothing_is_lost(world: World, method: str) -> None:
    world.repository.fail(method, GONE)
    with pytest.raises(StopBatch, match="does not answer"):
        await world.run()
    await world.run()
    world.assert_published_once()


# -- upload ------------------------------------------------------------------------------------------------------


async def test_an_upload_whose_answer_was_lost_is_found_and_not_sent_again(world: World) -> None:
    world.repository.fail("upload", Lost(done=True))
    await world.run()
    assert world.repository.count("upload") == 2
    world.assert_published_once()


async def test_an_upload_that_arrives_late_is_waited_for(world: World) -> None:
    world.repository.fail("upload", Lost(done=True, after=90.0, late=True))
    await world.run()
    assert world.repository.count("upload") == 2
    world.assert_published_once()


async def test_an_upload_that_never_arrived_is_sent_again(world: World) -> None:
    world.repository.fail("upload", Lost(done=False))
    await world.run()
    assert world.repository.count("upload") == 3
    world.assert_published_once()


async def test_a_damaged_file_is_sent_again(world: World) -> None:
    world.repository.damage = 2
    await world.run()
    world.assert_published_once()


async def test_a_file_damaged_each_time_is_never_published(world: World) -> None:
    world.repository.damage = 99
    with pytest.raises(DatasetFailure) as raised:
        await world.run()
    assert raised.value.failure.code == "checksum_mismatch"
    assert world.repository.published == []


async def test_a_file_that_changes_after_the_plan_is_not_sent(world: World) -> None:
    plan = world.plan()
    world.write("b.csv", "other content")
    with pytest.raises(DatasetFailure) as raised:
        await world.run(plan=plan)
    assert raised.value.failure.code == "file_changed"
    assert world.repository.published == []
    await world.run()
    world.assert_published_once()


async def test_a_file_that_vanishes_is_named(world: World) -> None:
    plan = world.plan()
    (world.folder / "b.csv").unlink()
    with pytest.raises(DatasetFailure, match=r"b\.csv is no longer there") as raised:
        await world.run(plan=plan)
    assert raised.value.failure.code == "file_missing"


# -- a draft that changed between runs ---------------------------------------------------------------------------


async def test_a_changed_file_of_a_draft_is_sent_again(world: World) -> None:
    await world.run(Goal.DRAFT)
    world.write("a.csv", "new content")
    await world.run(Goal.DRAFT)
    assert world.repository.count("upload") == 3
    assert world.remote_md5s(1000)["a.csv"] == world.md5("a.csv")


async def test_a_touched_file_is_read_and_not_sent(world: World) -> None:
    await world.run(Goal.DRAFT)
    content = (world.folder / "a.csv").read_bytes()
    (world.folder / "a.csv").unlink()
    (world.folder / "a.csv").write_bytes(content)
    world.repository.calls.clear()
    await world.run(Goal.DRAFT)
    assert world.repository.calls == []


async def test_changed_metadata_of_a_draft_are_sent_again(world: World) -> None:
    await world.run(Goal.DRAFT)
    world.metadata["title"] = "Scent of roses, revised"
    await world.run(Goal.DRAFT)
    assert world.repository.depositions[1000].metadata["title"] == "Scent of roses, revised"
    assert world.repository.count("create") == 1


async def test_a_file_taken_out_of_the_manifest_is_taken_out_of_the_draft(world: World) -> None:
    await world.run(Goal.DRAFT)
    world.names = ("a.csv",)
    await world.run(Goal.PUBLISHED)
    assert list(world.remote_md5s(1000)) == ["a.csv"]


async def test_a_file_that_somebody_removed_from_the_draft_is_sent_again(world: World) -> None:
    await world.run(Goal.DRAFT)
    draft = world.repository.depositions[1000]
    await world.repository.delete_file(1000, draft.files[0])
    await world.run(Goal.PUBLISHED)
    world.assert_published_once()


async def test_a_foreign_file_in_the_draft_stops_publishing(world: World) -> None:
    await world.run(Goal.DRAFT)
    draft = world.repository.depositions[1000]
    stranger = RemoteFile("notes.txt", 3, "1" * 32, "x")
    world.repository.depositions[1000] = replace(draft, files=(*draft.files, stranger))
    with pytest.raises(DatasetFailure, match=r"does not name: notes\.txt"):
        await world.run(Goal.PUBLISHED)
    assert world.repository.published == []


async def test_edits_of_a_reviewer_are_published_as_they_are(world: World) -> None:
    await world.run(Goal.DRAFT)
    await world.repository.update(1000, {**world.metadata, "title": "A better title"})
    work = await world.publish()
    assert world.repository.depositions[1000].metadata["title"] == "A better title"
    assert any("title" in warning for warning in work.record.warnings)


async def test_edits_of_a_reviewer_are_not_overwritten_by_a_changed_manifest(world: World) -> None:
    await world.run(Goal.DRAFT)
    await world.repository.update(1000, {**world.metadata, "title": "A better title"})
    world.metadata["version"] = "2"
    with pytest.raises(DatasetFailure, match="would undo those edits") as raised:
        await world.run(Goal.DRAFT)
    assert raised.value.failure.code == "edited_elsewhere"
    assert world.repository.depositions[1000].metadata["title"] == "A better title"


async def test_a_metadata_update_whose_answer_was_lost_is_not_taken_for_somebody_elses(world: World) -> None:
    await world.run(Goal.DRAFT)
    world.metadata["version"] = "2"
    world.repository.fail("update", Lost(done=True))
    world.repository.fail("get", None, GONE)
    with pytest.raises(StopBatch):
        await world.run(Goal.DRAFT)
    world.metadata["version"] = "3"
    await world.run(Goal.DRAFT)
    assert world.repository.depositions[1000].metadata["version"] == "3"


async def test_a_draft_that_somebody_deleted_is_reported_and_not_made_anew(world: World) -> None:
    await world.run(Goal.DRAFT)
    world.repository.depositions.clear()
    with pytest.raises(DatasetFailure, match="somebody deleted it"):
        await world.run(Goal.PUBLISHED)
    await world.discard()
    await world.run(Goal.PUBLISHED)
    world.assert_published_once()


async def test_a_draft_that_somebody_published_is_taken_as_published(world: World) -> None:
    await world.run(Goal.DRAFT)
    await world.repository.publish(1000)
    world.repository.calls.clear()
    work = await world.run(Goal.PUBLISHED)
    assert work.record.state == "published"
    assert [name for name, _ in world.repository.calls] == ["get"]


async def test_what_is_confirmed_is_noted_with_the_end_of_the_uploads(world: World) -> None:
    world.repository.fail("upload", None, Killed(after=999.0))
    with pytest.raises(ProcessKilled):
        await world.run()
    assert not (await world.record()).files["a.csv"].uploaded
    work = await world.run()
    assert world.repository.count("upload") == 3, "it is recognised, and not sent again"
    assert FileDone("d1", "a.csv", work.record.files["a.csv"].size, sent=False) in world.events
    world.assert_published_once()


@pytest.mark.parametrize("limit", ["NOTED_BYTES", "NOTED_SECONDS"])
async def test_what_is_confirmed_is_noted_before_it_becomes_much(
    world: World, limit: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(filling, limit, 0)
    world.repository.fail("upload", None, Killed())
    with pytest.raises(ProcessKilled):
        await world.run()
    assert (await world.record()).files["a.csv"].uploaded


async def test_what_is_confirmed_is_noted_when_the_uploads_end_early(world: World) -> None:
    world.repository.fail("upload", None, Rejected(Reason.INVALID, 400, "No."))
    with pytest.raises(DatasetFailure):
        await world.run()
    assert (await world.record()).files["a.csv"].uploaded


@pytest.mark.parametrize(("refers_to", "commits", "ahead"), [(frozenset[str](), 4, 1), (frozenset({"d1"}), 6, 0)])
async def test_a_good_dataset_takes_few_commits_and_is_read_while_its_draft_is_made(
    world: World, refers_to: frozenset[str], commits: int, ahead: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One that refers to others may have to wait for them: its uploads are noted, and read, when they begin, and so is
    its publication."""
    monkeypatch.setattr(filling, "NOTED_SECONDS", 1e9)
    seen: list[object] = []
    write, begin = GroupWriter.write, ReadAhead.begin

    def beginning(ahead: ReadAhead) -> None:
        seen.append("ahead")
        begin(ahead)

    async def writing(writer: GroupWriter, statements: Sequence[Statement]) -> None:
        seen.append(_of_dataset(statements))
        await write(writer, statements)

    monkeypatch.setattr(ReadAhead, "begin", beginning)
    monkeypatch.setattr(GroupWriter, "write", writing)
    await world.run(plan=replace(world.plan(), describes_with=refers_to))
    assert (seen.count(True), seen.count("ahead")) == (commits, ahead)
    world.assert_published_once()


def _of_dataset(statements: Sequence[Statement]) -> bool:
    changed = (each.statement for each, _ in statements if isinstance(each, RowStatement))
    return any(isinstance(each, Update) and each.table is datasets for each in changed)


@pytest.mark.parametrize("way", ["changed", "interrupted"])
async def test_what_comes_between_the_last_upload_and_the_publication_leaves_a_complete_draft(
    world: World, way: str
) -> None:
    """It rides on no commit then: nothing is in doubt, and the next run goes on from there."""
    plan, upload = world.plan(), world.repository.upload

    async def uploading(deposition: Deposition, name: str, body: Body) -> Answer[RemoteFile]:
        answer = await upload(deposition, name, body)
        if name == "b.csv" and way == "changed":
            world.write("a.csv", "other content")
        elif name == "b.csv":
            world.stopping = True
        return answer

    world.repository.upload = uploading  # type: ignore[method-assign]
    with pytest.raises(DatasetFailure if way == "changed" else Interrupted):
        await world.run(plan=plan)
    left = await world.record(plan)
    assert left.state is DatasetState.DRAFT
    assert left.intent is None
    assert all(file.uploaded for file in left.files.values())
    assert world.repository.count("publish") == 0
    world.repository.upload, world.stopping = upload, False  # type: ignore[method-assign]
    await world.run()
    world.assert_published_once()


# -- publish -----------------------------------------------------------------------------------------------------


async def test_a_publish_whose_answer_was_lost_is_seen(world: World) -> None:
    world.repository.fail("publish", Lost(done=True))
    await world.run()
    assert world.repository.count("publish") == 1
    world.assert_published_once()


async def test_a_publish_that_happens_minutes_after_a_504_is_waited_for(world: World) -> None:
    world.repository.fail("publish", Lost(done=True, after=150.0, late=True))
    await world.run()
    assert world.repository.count("publish") == 1
    world.assert_published_once()


async def test_a_publish_that_never_happened_is_sent_again(world: World) -> None:
    world.repository.fail("publish", Lost(done=False))
    await world.run()
    assert world.repository.count("publish") == 2
    world.assert_published_once()


async def test_a_publish_refused_for_its_content_fails_the_dataset(world: World) -> None:
    world.repository.fail("publish", Rejected(Reason.INVALID, 400, "x", (FieldError("creators[0].orcid", ("Bad.",)),)))
    with pytest.raises(DatasetFailure, match=r"creators\[0\]\.orcid: Bad\."):
        await world.run()
    assert (await world.record()).intent is None


async def test_a_token_that_may_not_publish_stops_the_batch(world: World) -> None:
    world.repository.fail("publish", Rejected(Reason.FORBIDDEN, 403, "Permission denied."))
    with pytest.raises(StopBatch, match="may not publish") as raised:
        await world.run()
    assert "deposit:actions" in raised.value.failure.hint


async def test_a_published_dataset_that_changed_is_reported_and_nothing_is_sent(world: World) -> None:
    await world.run()
    world.write("a.csv", "other")
    world.metadata["title"] = "Other"
    world.repository.calls.clear()
    with pytest.raises(DatasetFailure, match=r"differs from it in its metadata, the file a\.csv"):
        await world.run()
    assert world.repository.calls == []


async def test_a_new_file_of_a_published_dataset_is_reported(world: World) -> None:
    await world.run()
    world.write("c.csv", "more")
    world.names = ("a.csv", "b.csv", "c.csv")
    with pytest.raises(DatasetFailure, match=r"the file c\.csv"):
        await world.run()


async def test_publish_does_not_publish_what_was_not_reviewed(world: World) -> None:
    await world.run(Goal.DRAFT)
    world.write("a.csv", "other")
    with pytest.raises(DatasetFailure) as raised:
        await world.publish()
    assert raised.value.failure.code == "draft_outdated"
    assert world.repository.published == []


# -- discard -----------------------------------------------------------------------------------------------------


async def test_discard_deletes_the_draft_and_submit_begins_anew(world: World) -> None:
    await world.run(Goal.DRAFT)
    work = await world.discard()
    assert work.record.state == "discarded"
    assert world.repository.depositions == {}
    await world.run()
    world.assert_published_once()


async def test_discard_leaves_a_published_record_alone(world: World) -> None:
    await world.run()
    world.repository.calls.clear()
    await world.discard()
    assert world.repository.calls == []
    world.assert_published_once()


@pytest.mark.parametrize("fault", [Lost(done=True), Lost(done=False), Unavailable("busy")])
async def test_discard_finds_out_what_became_of_a_deletion(world: World, fault: object) -> None:
    await world.run(Goal.DRAFT)
    world.repository.fail("delete", fault)
    if isinstance(fault, Unavailable):
        with pytest.raises(StopBatch):
            await world.discard()
    await world.discard()
    assert world.repository.depositions == {}


async def test_discard_finds_a_draft_whose_creation_was_never_answered(world: World) -> None:
    world.repository.fail("create", Lost(done=True))
    world.repository.fail("recent", GONE)
    with pytest.raises(StopBatch):
        await world.run(Goal.DRAFT)
    await world.discard()
    assert world.repository.depositions == {}
