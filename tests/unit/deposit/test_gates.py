"""Waiting for other datasets: what waits goes on exactly when it can, or is told that it cannot."""

from __future__ import annotations

from dataclasses import dataclass, field

from hypothesis import given
from hypothesis import strategies as st

from batchdep.deposit.gates import Gate, Gates, Level

KEYS = "abc"


@dataclass
class World:
    """How far each dataset is, which are still worked on, and what was woken."""

    levels: dict[str, Level] = field(default_factory=lambda: dict.fromkeys(KEYS, Level.NOTHING))
    running: set[str] = field(default_factory=lambda: set(KEYS))
    woken: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.gates: Gates[str] = Gates(
            self.levels.__getitem__, lambda key, level: key not in self.running, self.woken.append
        )

    def reach(self, key: str, level: Level) -> None:
        self.levels[key] = level
        self.gates.moved(key)

    def end(self, key: str) -> None:
        self.running.discard(key)
        self.gates.moved(key)

    def waiting(self, *needs: tuple[Level, str]) -> Gate[str]:
        gate = self.gates.gate(needs)
        self.gates.park(gate, "waiter")
        return gate


def test_a_gate_opens_when_all_have_come_far_enough() -> None:
    world = World()
    gate = world.waiting((Level.DOI, "a"), (Level.PUBLISHED, "b"))
    world.reach("a", Level.DOI)
    world.reach("b", Level.DOI)
    assert (gate.settled, world.woken) == (False, [])
    world.reach("b", Level.PUBLISHED)
    assert (gate.settled, gate.broken_by, world.woken) == (True, None, ["waiter"])


def test_a_gate_breaks_when_one_ends_before() -> None:
    world = World()
    gate = world.waiting((Level.DOI, "a"), (Level.PUBLISHED, "b"))
    world.reach("b", Level.READY)
    world.end("b")
    assert (gate.broken_by, world.woken) == ("b", ["waiter"])


def test_what_need_not_wait_is_woken_at_once() -> None:
    world = World()
    world.reach("a", Level.PUBLISHED)
    assert world.waiting((Level.DOI, "a")).settled
    assert world.woken == ["waiter"]


def test_what_will_never_come_breaks_a_gate_from_the_start() -> None:
    world = World()
    world.end("a")
    assert world.waiting((Level.DOI, "a")).broken_by == "a"
    assert world.woken == ["waiter"]


def test_a_draft_that_was_ready_and_fails_stops_those_that_are_to_be_published_with_it() -> None:
    world = World()
    gate = world.waiting((Level.READY, "a"), (Level.READY, "b"))
    world.reach("a", Level.READY)
    world.reach("b", Level.READY)
    assert gate.broken_by is None
    world.reach("a", Level.PUBLISHED)
    world.end("a")
    assert gate.broken_by is None
    world.end("b")
    assert gate.broken_by == "b"


STEPS = st.lists(st.tuples(st.sampled_from(KEYS), st.sampled_from([*Level, None])), max_size=12)
NEEDS = st.lists(st.tuples(st.sampled_from(list(Level)[1:]), st.sampled_from(KEYS)), max_size=4)


@given(STEPS, STEPS, NEEDS)
def test_a_gate_is_settled_exactly_when_the_model_says_so(
    before: list[tuple[str, Level | None]],
    after: list[tuple[str, Level | None]],
    needs: list[tuple[Level, str]],
) -> None:
    world = World()
    for key, level in before:
        step(world, key, level)
    gate = world.waiting(*needs)
    for key, level in after:
        step(world, key, level)
        unmet = [(wanted, other) for wanted, other in needs if world.levels[other] < wanted]
        broken = any(other not in world.running for _, other in unmet)
        assert bool(gate.left) == bool(unmet)
        if broken:
            assert gate.broken_by is not None
        elif unmet and all(wanted is not Level.READY for wanted, _ in needs):
            assert gate.broken_by is None
    assert world.woken.count("waiter") == gate.settled


def step(world: World, key: str, level: Level | None) -> None:
    """One dataset goes further, if it is still on its way, or ends."""
    if key not in world.running:
        return
    if level is None:
        world.end(key)
    else:
        world.reach(key, max(world.levels[key], level))
