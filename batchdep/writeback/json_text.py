"""JSON and JSON Lines: new members go behind a dataset's ``id``, on lines of their own where the others are."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Final

from batchdep.regexes import regex
from batchdep.writeback.edits import Changes, Edit, Entry, Node, Scalar, applied, edits

_BLANKS: Final = regex(r"[ \t\r\n]*")
_LINE_END: Final = regex(r"\r\n|\n|\r")
_DECODER: Final = json.JSONDecoder()
_STEP: Final = "  "


def changed_json(text: str, changes: Changes) -> str:
    """The manifest ``text``, which was read without errors before, with ``changes``."""
    return applied(text, _edits(text, changes))


def changed_json_lines(text: str, changes: Changes) -> str:
    """As :func:`changed_json`, for ``{"datasets": {i: ...}}`` with the ``i``-th line that is not blank."""
    datasets = changes["datasets"]
    lines = text.split("\n")
    filled = [number for number, line in enumerate(lines) if line.strip(" \t\r\n")]
    for index, inside in datasets.items():
        lines[filled[index]] = changed_json(lines[filled[index]], inside)
    return "\n".join(lines)


def _edits(text: str, changes: Changes) -> Iterator[Edit]:
    return edits(text, _node(text, _after_blanks(text, 0), changes), changes, _Json())


class _Json:
    def scalar(self, value: Scalar, instead_of: str) -> str:
        return json.dumps(value, ensure_ascii=False)

    def insertion(self, text: str, node: Node, values: Changes) -> Edit:
        after = node.anchor()
        style = _Style(text, node, after)
        members = style.members(values, style.line_start)
        if after is None:
            return Edit(node.start + 1, node.start + 1, style.comma.join(members))
        return Edit(after.node.end, after.node.end, "".join(f"{style.comma}{member}" for member in members))


class _Style:
    """How an object is set: ``line_start`` is what stands before a member on its own line, None where members share
    a line."""

    def __init__(self, text: str, node: Node, after: Entry | None) -> None:
        before = text[node.start + 1 : _after_blanks(text, node.start + 1)]
        lines = _LINE_END.findall(before)
        self.line_start = lines[-1] + _LINE_END.split(before)[-1] if lines and after is not None else None
        self.step = _STEP
        if self.line_start is not None:
            closing = text[node.start : node.end - 1]
            last_line = _LINE_END.split(closing[len(closing.rstrip(" \t\r\n")) :])[-1]
            own = _LINE_END.sub("", self.line_start)
            if own.startswith(last_line) and own != last_line:
                self.step = own[len(last_line) :]
        between = text[after.key_end : after.node.start] if after is not None else ": "
        self.colon = between if _LINE_END.search(between) is None else ": "
        self.comma = ", " if self.colon.endswith((" ", "\t")) else ","
        if self.line_start is not None:
            self.comma = f",{self.line_start}"

    def members(self, values: Changes, line_start: str | None) -> list[str]:
        return [
            f"{json.dumps(key, ensure_ascii=False)}{self.colon}{self._value(value, line_start)}"
            for key, value in values.items()
        ]

    def _value(self, value: Scalar | Changes, line_start: str | None) -> str:
        if not isinstance(value, Mapping):
            return json.dumps(value, ensure_ascii=False)
        if line_start is None:
            return "{" + self.comma.join(self.members(value, None)) + "}"
        inner = line_start + self.step
        return "{" + inner + f",{inner}".join(self.members(value, inner)) + line_start + "}"


def _node(text: str, start: int, changes: Changes | None) -> Node:
    """The value at ``start``, with the entries of those collections that ``changes`` lead to."""
    end = _DECODER.raw_decode(text, start)[1]
    opening = text[start]
    if opening not in "{[":
        return Node(start, end, "scalar")
    node = Node(start, end, "mapping" if opening == "{" else "list", in_braces=True)
    if changes is not None:
        entries = _members(text, start, changes) if opening == "{" else _items(text, start, changes)
        node.entries.update(entries)
    return node


def _members(text: str, start: int, changes: Changes) -> Iterator[tuple[str, Entry]]:
    offset = _after_blanks(text, start + 1)
    while text[offset] != "}":
        key, key_end = _DECODER.raw_decode(text, offset)
        value = _after_blanks(text, _after_blanks(text, key_end) + 1)
        node = _node(text, value, _inside(changes, key))
        yield key, Entry(offset, key_end, node)
        offset = _after_comma(text, node.end)


def _items(text: str, start: int, changes: Changes) -> Iterator[tuple[int, Entry]]:
    offset = _after_blanks(text, start + 1)
    index = 0
    while text[offset] != "]":
        node = _node(text, offset, _inside(changes, index))
        yield index, Entry(offset, offset, node)
        offset = _after_comma(text, node.end)
        index += 1


def _inside(changes: Changes, key: str | int) -> Changes | None:
    inside = changes.get(key)
    return inside if isinstance(inside, Mapping) else None


def _after_comma(text: str, offset: int) -> int:
    """The next member or item, or the closing bracket."""
    offset = _after_blanks(text, offset)
    return _after_blanks(text, offset + 1) if text[offset] == "," else offset


def _after_blanks(text: str, offset: int) -> int:
    found = _BLANKS.match(text, offset)
    return found.end() if found is not None else offset
