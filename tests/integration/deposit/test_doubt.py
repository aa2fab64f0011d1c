"""What is not known yet is not taken for settled, whatever changes meanwhile: manifest, clocks, people, commands."""

from __future__ import annotations

from datetime import timedelta

import pytest

from batchdep.deposit.refusals import StopBatch
from batchdep.state.store import Store
from tests.integration.deposit.conftest import World
from tests.support.fake_repository import REFUSED_TOKEN, Killed, Lost, ProcessKilled

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


async def test_an_index_that_is_fresh_up_to_the_doubt_proves_nothing_of_what_ends_after_it(world: World) -> None:
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
