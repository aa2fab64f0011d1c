"""Which dataset is next."""

from __future__ import annotations

import asyncio

import pytest

from batchdep.agenda import Agenda


async def test_ready_items_come_in_order_and_then_it_ends() -> None:
    agenda = Agenda("ab")
    for expected in "ab":
        item = await agenda.next()
        assert item == expected
        agenda.done(item)
    assert await agenda.next() is None


async def test_a_deferred_item_lets_others_go_first_and_comes_back() -> None:
    agenda = Agenda("ab")
    first = await agenda.next()
    assert first == "a"
    agenda.defer(first, 0.01)
    assert await agenda.next() == "b"
    agenda.done("b")
    assert await agenda.next() == "a"
    agenda.done("a")
    assert await agenda.next() is None


async def test_a_worker_waits_for_what_others_may_still_defer() -> None:
    agenda = Agenda("a")
    assert await agenda.next() == "a"
    waiting = asyncio.create_task(agenda.next())
    await asyncio.sleep(0)
    assert not waiting.done()
    agenda.defer("a", 0.0)
    assert await waiting == "a"
    agenda.done("a")


async def test_all_who_wait_hear_of_the_end() -> None:
    agenda = Agenda("a")
    assert await agenda.next() == "a"
    waiting = [asyncio.create_task(agenda.next()) for _ in range(3)]
    await asyncio.sleep(0)
    agenda.done("a")
    assert await asyncio.gather(*waiting) == [None, None, None]


@pytest.mark.parametrize("defer", [True, False])
async def test_closing_ends_every_wait(defer: bool) -> None:
    agenda = Agenda("ab")
    assert await agenda.next() == "a"
    if defer:
        agenda.defer("a", 3600)
    assert await agenda.next() == "b"
    waiting = asyncio.create_task(agenda.next())
    await asyncio.sleep(0)
    agenda.close()
    assert await waiting is None


async def test_a_parked_item_takes_no_worker_and_comes_first_once_it_is_woken() -> None:
    agenda = Agenda("abc")
    assert await agenda.next() == "a"
    agenda.park("a")
    assert await agenda.next() == "b"
    agenda.wake("a")
    agenda.done("b")
    assert await agenda.next() == "a"
    agenda.done("a")
    assert await agenda.next() == "c"
    agenda.done("c")
    assert await agenda.next() is None
    assert agenda.parked == 0


async def test_a_worker_waits_for_what_others_may_still_wake() -> None:
    agenda = Agenda("ab")
    assert [await agenda.next(), await agenda.next()] == ["a", "b"]
    agenda.park("a")
    waiting = asyncio.create_task(agenda.next())
    await asyncio.sleep(0)
    assert not waiting.done()
    agenda.wake("a")
    assert await waiting == "a"


async def test_it_ends_where_nobody_is_left_to_wake_what_is_parked() -> None:
    agenda = Agenda("a")
    assert await agenda.next() == "a"
    agenda.park("a")
    assert await agenda.next() is None
    assert agenda.parked == 1
