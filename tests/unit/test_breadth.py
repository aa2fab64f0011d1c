"""How many side by side: few long uploads, more as long as it pays, fewer after trouble."""

from __future__ import annotations

import asyncio

import pytest

from batchdep.agenda import BIG, Agenda
from batchdep.breadth import FIRST_LONG, LONG, REST, ROUND, Breadth
from batchdep.events import FileProgress, RequestDone
from batchdep.plan import Amount
from batchdep.repository.model import Exchange


class Line:
    """A line that carries ``most`` bytes a second in all, and ``each`` a second for one upload."""

    def __init__(self, breadth: Breadth, most: float, each: float) -> None:
        self.now = 1000.0
        self.breadth = breadth
        self._most, self._each = most, each
        self._sent: dict[int, float] = {}
        self._next = 0
        breadth.clock = lambda: self.now

    def carry(self, seconds: float) -> None:
        """As many long uploads as allowed, each of the next one begun when it ends."""
        for _ in range(int(seconds * 2)):
            self.now += 0.5
            while len(self._sent) < self.breadth.long:
                self._next += 1
                self._sent[self._next] = 0.0
            rate = min(self._each, self._most / len(self._sent))
            for number in list(self._sent):
                self._sent[number] += rate / 2
                size = 50 * LONG
                self.breadth.see(FileProgress(f"d{number}", "f", min(int(self._sent[number]), size), size))
                if self._sent[number] >= size:
                    del self._sent[number]


def answer(breadth: Breadth, outcome: str, sent: int = 0) -> None:
    breadth.see(RequestDone("d", Exchange("PUT", "/", 201, outcome, 1.0, sent)))


def test_short_requests_are_as_many_as_allowed_and_long_uploads_few() -> None:
    assert (Breadth(16).total, Breadth(16).long) == (16, FIRST_LONG)
    assert (Breadth(2).total, Breadth(2).long) == (2, 2)


def test_long_uploads_become_more_while_that_makes_them_faster_altogether() -> None:
    line = Line(Breadth(16), most=80e6, each=10e6)
    line.carry(20 * ROUND)
    assert 8 <= line.breadth.long <= 9
    line = Line(Breadth(16), most=1e9, each=10e6)
    line.carry(40 * ROUND)
    assert line.breadth.long >= 10  # each brings less than a tenth more from there


def test_on_a_full_line_there_are_never_more_than_one_too_many() -> None:
    line = Line(Breadth(16), most=40e6, each=40e6)
    seen = set()
    for _ in range(20):
        line.carry(ROUND)
        seen.add(line.breadth.long)
    assert max(seen) <= FIRST_LONG + 1
    assert line.breadth.long == FIRST_LONG


def test_a_long_upload_that_broke_halves_them_and_they_do_not_grow_again() -> None:
    line = Line(Breadth(16), most=1e9, each=10e6)
    line.carry(ROUND)
    answer(line.breadth, "unknown", LONG)
    halved = line.breadth.long
    assert halved < FIRST_LONG
    answer(line.breadth, "unavailable", LONG)  # at the same time: the same trouble
    assert line.breadth.long == halved
    line.carry(10 * ROUND)
    assert line.breadth.long == halved
    for _ in range(5):
        line.now += REST
        answer(line.breadth, "unknown", LONG)
    assert line.breadth.long == 1


def test_trouble_halves_what_is_done_side_by_side_and_success_brings_it_back() -> None:
    now, grown = 1000.0, 0
    breadth = Breadth(16, clock=lambda: now)

    def grow() -> None:
        nonlocal grown
        grown += 1

    breadth.on_change = grow
    answer(breadth, "unknown")
    answer(breadth, "unavailable")
    assert (breadth.total, breadth.long) == (8, FIRST_LONG)
    now += 2
    for _ in range(8 + 9):
        answer(breadth, "done")
    assert (breadth.total, grown) == (10, 2)
    for _ in range(1000):
        answer(breadth, "done")
    assert (breadth.total, grown) == (16, 8)


@pytest.mark.parametrize("outcome", ["rejected", "throttled", "abandoned", "cancelled", "done"])
def test_an_answer_is_no_trouble(outcome: str) -> None:
    breadth = Breadth(16)
    answer(breadth, outcome, LONG)
    assert (breadth.total, breadth.long) == (16, FIRST_LONG)


def agenda_of(sizes: dict[str, list[int]], breadth: Breadth | None = None) -> Agenda[str]:
    return Agenda(list(sizes), lambda item: Amount.of(sizes[item]), breadth)


async def order(agenda: Agenda[str]) -> str:
    found = ""
    while (item := await agenda.next()) is not None:
        found += item
        agenda.done(item)
    return found


async def test_big_ones_are_begun_first_the_others_in_their_order() -> None:
    sizes = {"a": [1], "b": [LONG], "c": [BIG // 2] * 2, "d": [], "e": [2 * LONG], "f": [BIG // 2] * 5, "g": [5]}
    assert await order(agenda_of(sizes)) == "ebfcadg"


async def test_small_ones_go_on_while_long_uploads_wait_for_one_another() -> None:
    agenda = agenda_of({"a": [LONG], "b": [LONG], "c": [1], "d": [1]}, Breadth(2))
    agenda._breadth.long = 1
    taken = [await agenda.next(), await agenda.next()]
    assert taken == ["a", "c"]
    waiting = asyncio.create_task(agenda.next())
    await asyncio.sleep(0)
    assert not waiting.done()  # two are under way
    agenda.done("c")
    assert await waiting == "d"
    agenda.done("d")
    waiting = asyncio.create_task(agenda.next())
    await asyncio.sleep(0)
    assert not waiting.done()  # one is long
    agenda.done("a")
    assert await waiting == "b"
    agenda.done("b")
    assert await agenda.next() is None


async def test_who_waits_hears_of_room() -> None:
    breadth = Breadth(3)
    agenda = agenda_of({"a": [LONG], "b": [LONG]}, breadth)
    breadth.long = 1
    assert await agenda.next() == "a"
    waiting = asyncio.create_task(agenda.next())
    await asyncio.sleep(0)
    breadth.long = 2
    breadth.on_change()
    assert await waiting == "b"


async def test_a_deferred_item_waits_for_room_too() -> None:
    breadth = Breadth(1)
    agenda = agenda_of({"a": [1], "b": [1]}, breadth)
    assert await agenda.next() == "a"
    agenda.defer("a", 0.0)
    assert await agenda.next() == "a"
    waiting = asyncio.create_task(agenda.next())
    await asyncio.sleep(0)
    assert not waiting.done()
    agenda.done("a")
    assert await waiting == "b"
