"""Turns and arrivals, without a server."""

from __future__ import annotations

import asyncio

import pytest

from batchdep.local.errors import TurnTimedOutError
from batchdep.local.turns import Turns


async def test_turns_are_taken_in_order_and_forgotten() -> None:
    turns, order = Turns(60), []

    async def write(name: str) -> None:
        async with turns.turn(1, patient=False):
            order.append(name)
            await asyncio.sleep(0)
            order.append(name)

    await asyncio.gather(*(write(name) for name in "abc"))
    assert order == list("aabbcc")
    assert not turns.busy(1)
    assert not turns._queues


async def test_impatience() -> None:
    turns = Turns(0.01)
    async with turns.turn(1, patient=False):
        with pytest.raises(TurnTimedOutError):
            async with turns.turn(1, patient=False, publish=True):
                raise AssertionError("it was not its turn")
        assert not turns.publish_waits(1)
        async with turns.turn(2, patient=False):
            assert turns.busy(2)


def test_rivals() -> None:
    turns = Turns(60)
    with turns.arrival(1, "publish") as first, turns.arrival(1, "publish") as second:
        with turns.arrival(2, "publish") as elsewhere, turns.arrival(1, "edit") as other:
            assert not elsewhere.rivals
            assert not other.rivals
        assert not second.lost_race
        first.succeeded = True
        assert second.lost_race
        assert not first.lost_race
    with turns.arrival(1, "publish") as later:
        assert not later.rivals
