"""Which nodes of a graph lead to each other."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from batchdep.components import components

NODES = st.integers(min_value=0, max_value=7)
GRAPHS = st.dictionaries(NODES, st.lists(NODES, max_size=4, unique=True), max_size=8)


def reachable(graph: dict[int, list[int]], start: int) -> set[int]:
    """The nodes that ``start`` leads to, itself included: step by step, as slowly as one likes."""
    found = {start}
    while more := {node for each in found for node in graph.get(each, [])} - found:
        found |= more
    return found


@given(GRAPHS)
def test_nodes_are_together_just_where_each_reaches_the_other(graph: dict[int, list[int]]) -> None:
    found = components(graph)
    nodes = graph.keys() | {node for following in graph.values() for node in following}
    assert sorted(node for members in found for node in members) == sorted(nodes)
    where = {node: members for members in found for node in members}
    for one in nodes:
        for other in nodes:
            both = other in reachable(graph, one) and one in reachable(graph, other)
            assert (where[one] is where[other]) == both


@given(GRAPHS)
def test_each_component_comes_after_all_that_it_leads_to(graph: dict[int, list[int]]) -> None:
    found = components(graph)
    place = {node: number for number, members in enumerate(found) for node in members}
    for node, following in graph.items():
        assert all(place[other] <= place[node] for other in following)


def test_a_long_chain_and_a_long_circle() -> None:
    length = 100_000
    chain = {number: [number + 1] for number in range(length)}
    assert len(components(chain)) == length + 1
    (circle,) = components({number: [(number + 1) % length] for number in range(length)})
    assert len(circle) == length
