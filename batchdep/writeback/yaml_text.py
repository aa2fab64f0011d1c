"""YAML: new keys get lines of their own below a dataset's ``id``, in braces they go behind it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

import yaml
from msgspec import Struct
from yaml.events import (
    AliasEvent,
    Event,
    MappingEndEvent,
    MappingStartEvent,
    NodeEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)

from batchdep.manifest.source_scalars import plain
from batchdep.regexes import regex
from batchdep.writeback.edits import Changes, Edit, Entry, Node, Scalar, applied, edits, line_end_at

_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_BARE: Final = regex(r"[A-Za-z0-9](?:[A-Za-z0-9._/-]|:(?=[A-Za-z0-9/]))*")
"""Texts that need no quotation marks, in braces or not: DOIs and addresses as a rule."""

_STEP: Final = "  "


def changed_yaml(text: str, changes: Changes) -> str:
    """The manifest ``text``, which was read without errors before, with ``changes``.

    :raises CannotBeWritten: a place is shared by an alias.
    """
    return applied(text, edits(text, _Composer(changes).compose(text), changes, _Yaml()))


class _Yaml:
    def scalar(self, value: Scalar, instead_of: str) -> str:
        if isinstance(value, str) and instead_of.startswith('"'):
            return _quoted(value)
        if isinstance(value, str) and instead_of.startswith("'") and value.isprintable():
            return "'" + value.replace("'", "''") + "'"
        return _scalar(value) if instead_of else f" {_scalar(value)}"  # `key:` without a value has no blank

    def insertion(self, text: str, node: Node, values: Changes) -> Edit:
        after = node.anchor()
        if node.in_braces:
            if after is None:
                offset = text.index("{", node.start) + 1
                return Edit(offset, offset, ", ".join(_pairs(values)))
            return Edit(after.node.end, after.node.end, "".join(f", {pair}" for pair in _pairs(values)))
        assert after is not None  # noqa: S101 - a mapping without braces has at least one key
        indent = " " * _column(text, after)
        lines = list(_lines(values, indent, _step(text, node)))
        end = after.node.end
        if text[end - 1] in "\r\n":  # a text of several lines ends where the next line begins
            _, line_end = line_end_at(text, end)
            return Edit(end, end, "".join(line + line_end for line in lines))
        end, line_end = line_end_at(text, end)
        return Edit(end, end, "".join(line_end + line for line in lines))


def _column(text: str, entry: Entry) -> int:
    """How far the key of an entry is indented."""
    return entry.key_start - _line_start(text, entry.key_start)


def _line_start(text: str, offset: int) -> int:
    after_line_feed = text.rfind("\n", 0, offset) + 1
    return max(text.rfind("\r", after_line_feed, offset) + 1, after_line_feed)


def _step(text: str, node: Node) -> str:
    """How much deeper this mapping's own mappings are, as far as it has any whose first line tells."""
    for entry in node.entries.values():
        inside = entry.node
        deeper = inside.start - _line_start(text, inside.start) - _column(text, entry)
        on_own_lines = not inside.in_braces and _line_start(text, inside.start) > entry.key_end
        if inside.kind == "mapping" and on_own_lines and deeper > 0:
            return " " * deeper
    return _STEP


def _lines(values: Changes, indent: str, step: str) -> Iterator[str]:
    for key, value in values.items():
        if isinstance(value, Mapping):
            yield f"{indent}{_scalar(key)}:"
            yield from _lines(value, indent + step, step)
        else:
            yield f"{indent}{_scalar(key)}: {_scalar(value)}"


def _pairs(values: Changes) -> Iterator[str]:
    for key, value in values.items():
        content = "{" + ", ".join(_pairs(value)) + "}" if isinstance(value, Mapping) else _scalar(value)
        yield f"{_scalar(key)}: {content}"


def _scalar(value: Scalar) -> str:
    if isinstance(value, str):
        return value if _BARE.fullmatch(value) and plain(value) == value else _quoted(value)
    return "null" if value is None else str(value)


def _quoted(text: str) -> str:
    """In double quotation marks, with what is not printable as an escape (YAML 1.1, 5.7)."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return '"' + "".join(char if char.isprintable() else f"\\U{ord(char):08X}" for char in escaped) + '"'


class _Open(Struct):
    """A collection whose end is not yet read; ``changes`` are those inside it, None where there are none."""

    node: Node
    changes: Changes | None
    key: tuple[str, int, int] | None = None


class _Composer:
    """Finds where values stand; keeps those on the way to what is to be changed, and their neighbours."""

    def __init__(self, changes: Changes) -> None:
        self._changes = changes
        self._open: list[_Open] = []
        self._root = Node(0, 0, "scalar")
        self._end = 0

    def compose(self, text: str) -> Node:
        for event in yaml.parse(text, Loader=_Loader):
            match event:
                case ScalarEvent() | AliasEvent():
                    self._leaf(event)
                case MappingStartEvent() | SequenceStartEvent():
                    self._begin(event)
                case MappingEndEvent() | SequenceEndEvent():
                    self._finish(event)
        return self._root

    def _leaf(self, event: NodeEvent) -> None:
        start, self._end = _span(event)
        parent = self._open[-1] if self._open else None
        if parent is not None and parent.node.kind == "mapping" and parent.key is None:
            parent.key = (event.value if isinstance(event, ScalarEvent) else "", start, self._end)
        else:
            self._add(Node(start, self._end, "alias" if isinstance(event, AliasEvent) else "scalar"))

    def _begin(self, event: MappingStartEvent | SequenceStartEvent) -> None:
        changes: Any = self._changes
        if self._open:
            parent = self._open[-1]
            step = len(parent.node.entries) if parent.node.kind == "list" else parent.key and parent.key[0]
            changes = parent.changes.get(step) if parent.changes is not None else None
        kind: Any = "mapping" if isinstance(event, MappingStartEvent) else "list"
        node = Node(_span(event)[0], 0, kind, bool(event.flow_style))
        self._open.append(_Open(node, changes if isinstance(changes, Mapping) else None))

    def _finish(self, event: Event) -> None:
        node = self._open.pop().node
        if node.in_braces:
            self._end = _span(event)[1]
        node.end = self._end  # without braces the parser's own end is where the next token starts
        self._add(node)

    def _add(self, node: Node) -> None:
        if not self._open:
            self._root = node
            return
        parent = self._open[-1]
        if parent.node.kind == "list":
            if parent.changes is not None:
                parent.node.entries[len(parent.node.entries)] = Entry(node.start, node.start, node)
            return
        if parent.changes is not None and parent.key is not None:
            key, start, end = parent.key
            parent.node.entries[key] = Entry(start, end, node)
        parent.key = None


def _span(event: Event) -> tuple[int, int]:
    start, end = event.start_mark, event.end_mark
    return (start.index if start else 0), (end.index if end else 0)
