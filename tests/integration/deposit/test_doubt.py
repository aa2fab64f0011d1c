"""What is not known yet is not taken for settled, whatever changes meanwhile: manifest, clocks, people, commands."""

from __future__ import annotations

from datetime import timedelta

import pytest

from batchdep.batch import _is_to_publish
from batchdep.deposit import Goal
from batchdep.deposit.refusals import StopBatch
from batchdep.errors import DatasetFailure, Failure
from batchdep.repository.model import Answer, Deposition, RemoteFile
from batchdep.state.store import Store
from tests.integration.deposit.conftest import World
from tests.support.fake_repository import GONE, REFUSED_TOKEN, Killed, Lost, ProcessKilled
from tests.support.replacing import replace

# -- create ------------------------------------------------------------------------------------------------------


async def test_metadata_edited_while_a_creation_is_in_doubt_make_no_second_draft(world: World) -> None:
    world.repository.fail("create", Killed())
    with pytest.raises(ProcessKilled):
        await world.run()
    world.metadata["title"] = "Scent of roses, revised"
    await world.run()
    world.assert_published_once()
    assert world.repository.depositions[1000].metadata["title"] == "Scent of roses, revised"


async def test_discard_finds_the_draft_of_a_dataset_that_was_edited_while_in_doubt(world: World) -> None:
    world.repository.fail("create", Killed())
    with pytest.raises(ProcessKilled):
        await world.run()
    world.metadata["title"] = "Scent of roses, revised"
    await world.discard()
    assert world.repository.depositions == {}


async def test_a_creation_that_left_long_after_it_was_noted_is_still_in_doubt(world: World) -> None:
    """The rate limit may keep a noted request for an hour."""
    world.repository.index_delay = 30.0
    world.repository.fail("create", Killed())
    with pytest.raises(ProcessKilled):
        await world.run()
    async with Store.open(world.database) as store:
        record = (await store.load(await world._batch(store)))["d1"]
        assert record.intent is not None
        noted = type(record.intent)(record.intent.kind, record.intent.at - timedelta(hours=1))
        await store.intend(record, noted)
    await world.run()
    world.assert_published_once()


@pytest.mark.parametrize("skew", [-600.0, 600.0])
@pytest.mark.parametrize("fault", [Killed(), Lost(done=True)])
async def test_a_clock_that_is_off_does_not_shorten_the_doubt(world: World, skew: float, fault: object) -> None:
    world.repository.index_delay = 30.0
    world.clock.known, world.clock.skew = False, skew
    world.repository.fail("create", fault)
    if isinstance(fault, Killed):
        with pytest.raises(ProcessKilled):
            await world.run()
        world.clock.known = False
    began = world.clock.now
    await world.run()
    world.assert_published_once()
    assert world.clock.now - began < timedelta(minutes=2)


async def test_an_index_that_is_behind_is_given_time_to_show_what_ended_after_the_doubt_began(world: World) -> None:
    world.repository.index_delay = 8.0
    world.repository.fail("create", Lost(done=True, after=9.0))
    world.clock.later(1.0, lambda: (world.repository.make({"title": "Another's"}), None)[1])
    await world.run()
    assert world.repository.count("create") == 1
    assert len(world.repository.depositions) == 2


async def test_a_token_revoked_while_a_draft_is_recognised_leaves_the_doubt(world: World) -> None:
    world.repository.fail("create", Killed())
    with pytest.raises(ProcessKilled):
        await world.run()
    world.clock.advance(3600)
    world.repository.fail("get", *[REFUSED_TOKEN] * 40)
    with pytest.raises(StopBatch, match="refuses the token"):
        await world.run()
    world.repository.faults.clear()
    await world.run()
    world.assert_published_once()


async def test_publish_refuses_a_draft_that_may_not_be_there(world: World) -> None:
    world.repository.fail("create", Killed())
    with pytest.raises(ProcessKilled):
        await world.run(Goal.DRAFT)
    asked = len(world.repository.calls)
    assert _is_to_publish(await world.record())
    with pytest.raises(DatasetFailure, match="not known yet whether there is one"):
        await world.publish()
    assert len(world.repository.calls) == asked
    await world.run()
    world.assert_published_once()


# -- update ------------------------------------------------------------------------------------------------------


async def test_metadata_changed_back_while_their_update_is_in_doubt_are_sent_again(world: World) -> None:
    await world.run(Goal.DRAFT)
    world.metadata["version"] = "2"
    world.repository.fail("update", Killed())
    with pytest.raises(ProcessKilled):
        await world.run(Goal.DRAFT)
    del world.metadata["version"]
    await world.run(Goal.PUBLISHED)
    assert "version" not in world.repository.depositions[1000].metadata
    world.assert_published_once()


async def test_publish_refuses_a_draft_whose_metadata_are_in_doubt(world: World) -> None:
    await world.run(Goal.DRAFT)
    world.metadata["version"] = "2"
    world.repository.fail("update", Killed())
    with pytest.raises(ProcessKilled):
        await world.run(Goal.DRAFT)
    del world.metadata["version"]
    with pytest.raises(DatasetFailure) as raised:
        await world.publish()
    assert raised.value.failure.code == "draft_outdated"
    assert world.repository.published == []


async def test_a_late_update_of_an_earlier_run_is_waited_for_before_another(world: World) -> None:
    await world.run(Goal.DRAFT)
    world.metadata["version"] = "2"
    world.repository.fail("update", Lost(done=True, after=100.0, late=True))
    world.repository.fail("get", None, GONE)
    with pytest.raises(StopBatch):
        await world.run(Goal.DRAFT)
    world.metadata["version"] = "3"
    await world.run(Goal.DRAFT)
    world.clock.advance(600)
    assert world.repository.depositions[1000].metadata["version"] == "3"


async def test_a_file_that_cannot_be_taken_out_leaves_an_update_in_doubt(world: World) -> None:
    await world.run(Goal.DRAFT)
    world.metadata["version"] = "2"
    world.repository.fail("update", Killed())
    with pytest.raises(ProcessKilled):
        await world.run(Goal.DRAFT)
    del world.metadata["version"]
    world.names = ("a.csv",)
    world.repository.fail("delete_file", GONE)
    with pytest.raises(StopBatch):
        await world.run()
    await world.run()
    assert "version" not in world.repository.depositions[1000].metadata


# -- upload ------------------------------------------------------------------------------------------------------


async def test_a_file_withdrawn_while_its_upload_is_in_doubt_is_not_published(world: World) -> None:
    world.repository.fail("upload", None, Lost(done=True, after=100.0, late=True))
    world.repository.fail("get", GONE)
    with pytest.raises(StopBatch):
        await world.run()
    world.write("c.csv", "instead of b")
    world.names = ("a.csv", "c.csv")
    world.repository.fail("upload", Lost(done=True, after=150.0, late=True))  # meanwhile the other one may arrive
    await world.run()
    world.clock.advance(600)
    world.assert_published_once()


async def test_a_file_withdrawn_after_a_kill_is_not_published(world: World) -> None:
    world.repository.fail("upload", None, Killed(after=2.0))
    with pytest.raises(ProcessKilled):
        await world.run()
    world.write("c.csv", "instead of b")
    world.names = ("a.csv", "c.csv")
    world.repository.fail("upload", Lost(done=True, after=2.5))
    await world.run()
    world.clock.advance(600)
    world.assert_published_once()


async def test_an_upload_that_a_kill_broke_is_sent_again_at_once(world: World) -> None:
    world.repository.fail("upload", Killed(after=999.0))
    with pytest.raises(ProcessKilled):
        await world.run()
    began = world.clock.now
    await world.run()
    assert world.clock.now == began


# -- publish -----------------------------------------------------------------------------------------------------


async def test_a_file_added_while_a_publication_is_in_doubt_is_a_change_and_nothing_is_lacking(world: World) -> None:
    world.repository.fail("publish", Killed())
    with pytest.raises(ProcessKilled):
        await world.run()
    world.write("c.csv", "more")
    world.names = ("a.csv", "b.csv", "c.csv")
    with pytest.raises(DatasetFailure, match=r"differs from it in the file c\.csv"):
        await world.run()


async def test_a_draft_published_by_somebody_before_the_manifest_changed_is_reported_at_once(world: World) -> None:
    await world.run(Goal.DRAFT)
    await world.repository.publish(1000)
    world.write("a.csv", "other")
    world.repository.writes_to_published.clear()
    with pytest.raises(DatasetFailure) as raised:
        await world.run()
    assert raised.value.failure.code == "published_changed"
    assert world.repository.writes_to_published == []


async def test_a_record_that_lacks_a_file_is_known_for_it_whenever_the_run_dies(world: World) -> None:
    await world.run(Goal.DRAFT)
    draft = world.repository.depositions[1000]
    world.repository.depositions[1000] = type(draft)(
        draft.id, draft.state, draft.metadata, draft.files[:1], draft.bucket, draft.url, draft.reserved_doi
    )
    await world.repository.publish(1000)
    with pytest.raises(DatasetFailure, match=r"lacks or alters: b\.csv"):
        await world.run()
    failure = (await world.record()).failure  # nobody noted what was raised: the run died
    assert failure is not None
    assert failure.code == "published_incomplete"
    world.metadata["title"] = "Other"
    work = await world.run()
    assert work.record.failure == failure


@pytest.mark.parametrize("code", ["file_unreadable", "internal_error", "published_changed"])
async def test_a_published_dataset_that_is_in_order_again_has_no_failure(world: World, code: str) -> None:
    work = await world.run()
    async with Store.open(world.database) as store:
        await store.failed(work.record, Failure(code, "It could not be read."))
    work = await world.run()
    assert work.record.failure is None
    assert work.record.state == "published"


# -- discard -----------------------------------------------------------------------------------------------------


async def test_submit_after_a_discard_that_died_begins_anew(world: World) -> None:
    await world.run(Goal.DRAFT)
    world.repository.fail("delete", Killed())
    with pytest.raises(ProcessKilled):
        await world.discard()
    await world.run()
    world.assert_published_once()


async def test_a_file_withdrawn_before_a_discard_is_forgotten_with_the_draft(world: World) -> None:
    await world.run(Goal.DRAFT)
    world.names = ("a.csv",)
    await world.record()  # another dataset's run took note of the manifest
    async with Store.open(world.database) as store:
        record = (await store.load(await world._batch(store)))["d1"]
        world.repository.depositions.clear()
        await store.discarded(record)
    await world.run()
    world.assert_published_once()
    world.repository.calls.clear()
    await world.run()
    assert world.repository.calls == []


async def test_a_publication_that_may_come_late_is_waited_for_before_the_draft_is_changed(world: World) -> None:
    world.repository.fail("publish", Killed(after=100.0))
    with pytest.raises(ProcessKilled):
        await world.run()
    published = world.md5("a.csv")
    world.write("a.csv", "other")
    with pytest.raises(DatasetFailure) as raised:
        await world.run()
    assert raised.value.failure.code == "published_changed"
    assert world.repository.count("upload") == 2
    assert world.remote_md5s(1000)["a.csv"] == published


async def test_a_file_that_came_into_the_record_unasked_is_told(world: World) -> None:
    original = world.repository.publish

    async def with_a_stranger(deposition_id: int) -> Answer[Deposition]:
        draft = world.repository.depositions[deposition_id]
        files = (*draft.files, RemoteFile("notes.txt", 3, "1" * 32, "x"))
        world.repository.depositions[deposition_id] = replace(draft, files=files)
        return await original(deposition_id)

    world.repository.publish = with_a_stranger  # type: ignore[method-assign]
    work = await world.run()
    assert any("notes.txt" in warning for warning in work.record.warnings)
