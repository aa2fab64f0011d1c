"""Changes to a text at places that a parser found."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final, Literal, Protocol, TypeAlias

from msgspec import Struct, field

from batchdep.errors import BatchdepError
from batchdep.regexes import regex

Scalar: TypeAlias = str | int | None
Changes: TypeAlias = Mapping[Any, Any]
"""Keys and indices that lead to new scalars: ``{"datasets": {3: {"deposited": {"doi": "10.5072/zenodo.7"}}}}``."""

ANCHORS: Final = ("id", "folders")
"""The keys after which new ones are put: what identifies a dataset stands before what became of it."""

_LINE_END: Final = regex(r"\r\n|\n|\r")


class Edit(Struct, frozen=True):
    """``text`` replaces what stands from ``start`` to ``end``."""

    start: int
    end: int
    text: str


class Entry(Struct):
    """What a key or an index leads to; of a list ``key_start`` and ``key_end`` are where the item starts."""

    key_start: int
    key_end: int
    node: Node


class Node(Struct):
    """A value of a text from ``start`` to ``end``; of collections that are of interest, with their entries."""

    start: int
    end: int
    kind: Literal["mapping", "list", "scalar", "alias"]
    in_braces: bool = False
    entries: dict[str | int, Entry] = field(default_factory=dict)

    def anchor(self) -> Entry | None:
        """The entry after which new ones are put; None where the mapping is empty."""
        named = next((entry for key in ANCHORS if (entry := self.entries.get(key)) is not None), None)
        return named or next(reversed(self.entries.values()), None)


class Form(Protocol):
    """How a format writes values."""

    def scalar(self, value: Scalar, instead_of: str) -> str:
        """The text of a value in the place of another, in its style."""

    def insertion(self, text: str, node: Node, values: Changes) -> Edit:
        """Puts new entries into a mapping."""


class CannotBeWritten(BatchdepError):
    """The manifest has a form into which nothing can be written without changing more than that."""

    def __init__(self, why: str) -> None:
        super().__init__(
            f"Nothing was written: {why}.",
            "The same values are in: batchdep report MANIFEST -o results.csv",
            code="write_back_impossible",
        )


def edits(text: str, node: Node, changes: Changes, form: Form) -> Iterator[Edit]:
    """The edits that make ``changes`` in the collection ``node``.

    :raises CannotBeWritten: a key of the changes leads into what is no collection, or is repeated by an alias.
    """
    if node.kind not in {"mapping", "list"}:
        raise CannotBeWritten("an entry of the manifest is an alias (*name) or no mapping of keys")
    new: dict[Any, Any] = {}
    for key, wanted in changes.items():
        entry = node.entries.get(key)
        if entry is None:
            new[key] = wanted
        elif isinstance(wanted, Mapping):
            yield from edits(text, entry.node, wanted, form)
        else:
            start, end = entry.node.start, entry.node.end
            yield Edit(start, end, form.scalar(wanted, text[start:end]))
    if new:
        yield form.insertion(text, node, new)


def applied(text: str, changes: Iterable[Edit]) -> str:
    """``text`` with edits that do not overlap."""
    parts = []
    done = 0
    for edit in sorted(changes, key=lambda each: each.start):
        parts += [text[done : edit.start], edit.text]
        done = edit.end
    return "".join([*parts, text[done:]])


def line_end_at(text: str, offset: int) -> tuple[int, str]:
    """Where the line that has ``offset`` in it ends, and with which characters; those of the first line where it is
    the last one and has none."""
    found = _LINE_END.search(text, offset)
    if found is not None:
        return found.start(), found.group()
    first = _LINE_END.search(text)
    return len(text), first.group() if first is not None else "\n"
