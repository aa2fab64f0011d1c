"""The entities of a JSON-LD graph, laid flat; in a temporary file, since a large batch has millions of them."""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from typing import Any, Final

from msgspec import Struct

from batchdep.errors import BatchdepError
from batchdep.report.schema_org import Node

_TABLE: Final = """
    CREATE TABLE entities (id TEXT PRIMARY KEY, described INTEGER, part INTEGER, place INTEGER, node TEXT) WITHOUT ROWID
"""
_DESCRIBE: Final = "INSERT OR IGNORE INTO entities (id, described) VALUES (?, 1)"
_FIND: Final = "SELECT described, part, place, node FROM entities WHERE id = ?"
_KEEP: Final = "INSERT OR REPLACE INTO entities (id, described, part, place, node) VALUES (?, ?, ?, ?, ?)"
_AT_HAND: Final = 10_000
"""Entities that are held, new ones and those that are mentioned often, before they are written."""

_IN_ORDER: Final = "SELECT node FROM entities WHERE node IS NOT NULL ORDER BY part, place"


@contextmanager
def flat_graph() -> Iterator[FlatGraph]:
    """A graph that is gone, with its file, at the end of the block.

    Raises BatchdepError where there is no room for it.
    """
    try:
        # No name: a file that is deleted already, of which only what exceeds the cache is written.
        with closing(sqlite3.connect("", isolation_level=None)) as kept:
            for statement in ("PRAGMA journal_mode=OFF", "PRAGMA synchronous=OFF", _TABLE, "BEGIN"):
                kept.execute(statement).close()
            yield FlatGraph(kept)
    except sqlite3.OperationalError as error:
        raise BatchdepError(
            f"The report cannot be made: {error}.",
            "Make room in the folder for temporary files, or name another with TMPDIR.",
            code="not_writable",
        ) from error


class _Entity(Struct):
    described: bool
    part: int | None = None
    place: int | None = None
    node: Node | None = None
    changed: bool = False


class FlatGraph:
    """Nested nodes laid flat: each entity once, others refer to it (RO-Crate 1.2: flattened, compacted JSON-LD).

    Entities that are *described* are put in whole: what others say of them in passing does not count, as when one
    dataset of the batch cites another. Of all else the first mention is kept and later ones add to it.
    """

    def __init__(self, kept: sqlite3.Connection) -> None:
        self._kept = kept
        self._at_hand: dict[str, _Entity] = {}
        self._places = 0

    def describe(self, identifiers: Iterable[str]) -> None:
        """Says which entities will be put in whole; to be called before any is."""
        self._kept.executemany(_DESCRIBE, ((each,) for each in identifiers))

    def put(self, node: Node, part: int) -> None:
        """Puts the node in, and all that is nested in it; what is new comes at the end of that part of the graph."""
        self._put(node, part)
        if len(self._at_hand) >= _AT_HAND:
            self._write()

    def entities(self) -> Iterator[Node]:
        """The entities, part after part, in each in the order in which they were first mentioned."""
        self._write()
        for (node,) in self._kept.execute(_IN_ORDER):
            yield json.loads(node)

    def _write(self) -> None:
        self._kept.executemany(_KEEP, (_row(*each) for each in self._at_hand.items() if each[1].changed))
        self._at_hand.clear()

    def _put(self, node: Node, part: int) -> None:
        entity = self._entity(node["@id"])
        if entity.node is None:
            self._places += 1
            entity.part, entity.place, entity.node = part, self._places, {"@id": node["@id"]}
            entity.changed = True
        for key, value in node.items():
            flat = self._flat(value, part)
            if key not in entity.node:
                entity.node[key] = flat
                entity.changed = True

    def _entity(self, identifier: str) -> _Entity:
        known = self._at_hand.get(identifier)
        if known is None:
            row = self._kept.execute(_FIND, (identifier,)).fetchone()
            known = self._at_hand[identifier] = _Entity(described=False) if row is None else _of_row(*row)
        return known

    def _flat(self, value: Any, part: int) -> Any:
        if isinstance(value, list):
            flat = [self._flat(each, part) for each in value]
            return list({json.dumps(each, sort_keys=True): each for each in flat}.values())
        if not isinstance(value, dict) or value.keys() == {"@id"}:
            return value
        identifier = value.get("@id") or _local_name(value)
        if not self._entity(identifier).described:
            self._put({**value, "@id": identifier}, part)
        return {"@id": identifier}


def _row(identifier: str, entity: _Entity) -> tuple[Any, ...]:
    return identifier, entity.described, entity.part, entity.place, json.dumps(entity.node)


def _of_row(described: int | None, part: int | None, place: int | None, node: str | None) -> _Entity:
    return _Entity(bool(described), part, place, None if node is None else json.loads(node))


def _local_name(node: Node) -> str:
    """The same for the same content, whatever else is in the graph."""
    content = json.dumps(node, sort_keys=True, default=str)
    return f"#{str(node['@type']).lower()}-{hashlib.sha256(content.encode()).hexdigest()[:16]}"
