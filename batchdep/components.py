"""What refers to each other in circles: the strongly connected components of a graph."""

from __future__ import annotations

from collections.abc import Collection, Hashable, Iterator, Mapping
from typing import Generic, TypeVar

T = TypeVar("T", bound=Hashable)


def components(graph: Mapping[T, Collection[T]]) -> list[frozenset[T]]:
    """The strongly connected components of ``graph``, each after all that it leads to.

    ``graph`` gives for each node those that it leads to; one that is no key leads nowhere. Two nodes are in one
    component where each can be reached from the other. This is Tarjan's algorithm (SIAM J. Comput. 1, 1972) with a
    stack of its own, as a chain may be longer than Python's.
    """
    return list(_Search(graph).run())


class _Search(Generic[T]):
    def __init__(self, graph: Mapping[T, Collection[T]]) -> None:
        self._graph = graph
        self._number: dict[T, int] = {}
        self._lowest: dict[T, int] = {}
        self._open: dict[T, None] = {}  # nodes whose component is not known yet, in the order of their numbers
        self._path: list[tuple[T, Iterator[T]]] = []

    def run(self) -> Iterator[frozenset[T]]:
        for root in self._graph:
            if root not in self._number:
                self._enter(root)
                yield from self._from_here()

    def _enter(self, node: T) -> None:
        self._number[node] = self._lowest[node] = len(self._number)
        self._open[node] = None
        self._path.append((node, iter(self._graph.get(node, ()))))

    def _from_here(self) -> Iterator[frozenset[T]]:
        while self._path:
            node, following = self._path[-1]
            for found in following:
                if found not in self._number:
                    self._enter(found)
                    break
                if found in self._open:
                    self._lower(node, self._number[found])
            else:
                self._path.pop()
                if self._path:
                    self._lower(self._path[-1][0], self._lowest[node])
                if self._lowest[node] == self._number[node]:
                    yield self._close(node)

    def _lower(self, node: T, number: int) -> None:
        self._lowest[node] = min(self._lowest[node], number)

    def _close(self, root: T) -> frozenset[T]:
        members: set[T] = set()
        while True:
            node, _ = self._open.popitem()
            members.add(node)
            if node == root:
                return frozenset(members)
