"""YAML, read event by event: no Python object is made from a tag, and no depth or alias can exhaust the machine."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import yaml
from msgspec import Struct, field
from yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    Event,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)

from batchdep.manifest.source_base import MAX_DEPTH, Document, Lines, Mark, MarkedSource, SourceError
from batchdep.manifest.source_scalars import plain
from batchdep.manifest.suggest import shown
from batchdep.problems import Location, Problem
from batchdep.regexes import regex

MAX_ALIASED = 20_000_000
"""What all aliases together may stand for, in characters: ten nested lines of a 'billion laughs' file are refused."""

_NODE_COST = 16
_TOO_DEEP = f"lists and mappings are nested more than {MAX_DEPTH} deep"
_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_TAG_PREFIX = "tag:yaml.org,2002:"
_PLAIN_TAGS = {"!", f"{_TAG_PREFIX}str", f"{_TAG_PREFIX}map", f"{_TAG_PREFIX}seq"}


def read_yaml(text: str, name: str, reread: Callable[[], str]) -> Document:
    """The document in ``text``; ``reread`` gives the text again when a position is wanted.

    :raises SourceError: the text is not YAML, or is built to do harm.
    """
    composer = _Composer(text)
    value, _ = composer.compose()
    lines = Lines(text if composer.flaws else "")
    problems = [flaw.as_problem(name, lines) for flaw in composer.flaws]
    return Document(value, MarkedSource(name, reread, _marks), problems)


def _marks(text: str) -> Mark:
    return _Composer(text).compose()[1]


class _Flaw(Struct, frozen=True):
    """Something wrong that does not stop the reading; ``earlier`` is the offset of the value it clashes with."""

    code: str
    message: str
    hint: str
    offset: int
    earlier: int | None = None

    def as_problem(self, file: str, lines: Lines) -> Problem:
        message = self.message
        if self.earlier is not None:
            message += f" (first in line {lines.at(self.earlier)[0]}, again in line {lines.at(self.offset)[0]})"
        return Problem(self.code, message, self.hint, location=Location(file, *lines.at(self.offset)))


class _Node(Struct):
    """A finished value with its mark and its cost when an alias repeats it."""

    value: Any
    mark: Mark
    cost: int


class _Open(Struct):
    """A list or mapping that is being filled."""

    value: dict[str, Any] | list[Any]
    mark: Mark
    anchor: str | None
    cost: int = _NODE_COST
    key: str | None = None
    key_offset: int = 0
    key_offsets: dict[str, int] = field(default_factory=dict)


class _Composer:
    def __init__(self, text: str) -> None:
        self.flaws: list[_Flaw] = []
        self._text = text
        self._open: list[_Open] = []
        self._anchors: dict[str, _Node] = {}
        self._aliased = 0
        self._root: _Node | None = None
        self._documents = 0

    def compose(self) -> tuple[Any, Mark]:
        for event in self._events():
            self._take(event)
        return (self._root.value, self._root.mark) if self._root else (None, Mark(0))

    def _events(self) -> Iterator[Event]:
        try:
            yield from yaml.parse(self._text, Loader=_Loader)
        except yaml.YAMLError as error:
            raise _syntax_error(error, self._text) from None

    def _take(self, event: Event) -> None:
        match event:
            case ScalarEvent():
                self._scalar(event)
            case MappingStartEvent() | SequenceStartEvent():
                self._begin(event)
            case MappingEndEvent() | SequenceEndEvent():
                done = self._open.pop()
                self._add(_Node(done.value, done.mark, done.cost), done.anchor)
            case AliasEvent():
                self._alias(event)
            case DocumentStartEvent():
                self._documents += 1
                if self._documents > 1:
                    raise self._error(
                        event, "yaml_documents", "a second document starts here (---)", "Keep one manifest a file."
                    )

    def _scalar(self, event: ScalarEvent) -> None:
        mark = Mark(_offset(event))
        self._check_tag(event)
        if self._wants_key():
            self._set_key(event, event.value, mark.offset)
            return
        value = plain(event.value) if event.implicit[0] else event.value
        self._add(_Node(value, mark, _NODE_COST + len(event.value)), event.anchor)

    def _begin(self, event: MappingStartEvent | SequenceStartEvent) -> None:
        self._check_tag(event)
        if self._wants_key():
            raise self._error(event, "yaml_key", "a key must be a single text, not a list or a mapping")
        if len(self._open) >= MAX_DEPTH:
            raise self._error(event, "too_deep", _TOO_DEEP)
        value: dict[str, Any] | list[Any] = {} if isinstance(event, MappingStartEvent) else []
        self._open.append(_Open(value, Mark(_offset(event)), event.anchor))

    def _alias(self, event: AliasEvent) -> None:
        if self._wants_key():
            raise self._error(event, "yaml_key", "a key must be a text, not an alias (*name)")
        node = self._anchors.get(event.anchor or "")
        if node is None:
            inside = any(item.anchor == event.anchor for item in self._open)
            reason = "stands inside its own anchor" if inside else f"has no anchor &{event.anchor} before it"
            raise self._error(
                event, "yaml_alias", f"the alias *{event.anchor} {reason}", 'Put a pattern in quotes: "*.csv"'
            )
        self._aliased += node.cost
        if self._aliased > MAX_ALIASED:
            raise self._error(
                event, "yaml_alias", "the aliases (*name) in this file repeat too much", "Use `defaults:` instead."
            )
        self._add(_Node(node.value, Mark(_offset(event), node.mark.children), node.cost), None)

    def _add(self, node: _Node, anchor: str | None) -> None:
        if anchor is not None:
            self._anchors[anchor] = node
        if not self._open:
            self._root = node
            return
        parent = self._open[-1]
        parent.cost += node.cost
        if isinstance(parent.value, list):
            parent.mark.children[len(parent.value)] = node.mark
            parent.value.append(node.value)
            return
        assert parent.key is not None  # noqa: S101 - events of a mapping alternate between keys and values
        parent.mark.children[parent.key] = Mark(parent.key_offset, node.mark.children)
        parent.value[parent.key] = node.value
        parent.key = None

    def _wants_key(self) -> bool:
        return bool(self._open) and isinstance(self._open[-1].value, dict) and self._open[-1].key is None

    def _set_key(self, event: ScalarEvent, key: str, offset: int) -> None:
        parent = self._open[-1]
        if key == "<<" and event.implicit[0]:
            raise self._error(
                event, "yaml_merge", "merge keys (<<) are not taken", "Use `defaults:` for what datasets share."
            )
        if key in parent.key_offsets:
            message = f"the key {shown(key)} is given twice"
            self.flaws.append(_Flaw("duplicate_key", message, "Keep one of the two.", offset, parent.key_offsets[key]))
        parent.key, parent.key_offset = key, offset
        parent.key_offsets.setdefault(key, offset)

    def _check_tag(self, event: ScalarEvent | MappingStartEvent | SequenceStartEvent) -> None:
        tag = event.tag
        if tag is not None and tag not in _PLAIN_TAGS:
            written = shown(tag.replace(_TAG_PREFIX, "!!"))
            hint = "Leave it out; put text that starts with ! in quotes."
            self.flaws.append(_Flaw("yaml_tag", f"the tag {written} is not taken", hint, _offset(event)))

    @staticmethod
    def _error(event: Event, code: str, message: str, hint: str = "") -> SourceError:
        mark = event.start_mark
        line, column = (mark.line + 1, mark.column + 1) if mark else (None, None)
        return SourceError(code, message, hint, line=line, column=column)


def _offset(event: Event) -> int:
    return event.start_mark.index if event.start_mark else 0


_HINTS = (
    ("alias", 'A pattern that starts with * must be in quotes: "*.csv"'),
    (
        "mapping values are not allowed",
        "Put text that contains a colon and a space in quotes, and check the indentation.",
    ),
    ("cannot start any token", "Indent with spaces, not tabs; put text that starts with @, ` or % in quotes."),
    ("anchor", "Put text that starts with & in quotes."),
    ("flow", "A bracket or brace is not closed. Put text that starts with [ or { in quotes."),
    ("tag", "Put text that starts with ! in quotes."),
    ("quoted scalar", "A quotation mark is opened here and not closed."),
    ("simple key", "A colon may be missing after a key, or the indentation is wrong."),
    ("control characters", "Remove the invisible character."),
)


def _syntax_error(error: yaml.YAMLError, text: str) -> SourceError:
    if isinstance(error, yaml.MarkedYAMLError):
        mark = error.problem_mark or error.context_mark
        what = ", ".join(part for part in (error.context, error.problem) if part)
        line, column = (mark.line + 1, mark.column + 1) if mark else (None, None)
    else:
        what = str(getattr(error, "reason", error))
        position = _position(error, text)
        line, column = Lines(text).at(position) if position is not None else (None, None)
    if "nesting depth" in what:
        return SourceError("too_deep", _TOO_DEEP, line=line, column=column)
    hint = next((hint for word, hint in _HINTS if word in what), "Check the indentation, and put odd text in quotes.")
    return SourceError("yaml_syntax", f"this is not valid YAML: {what}", hint, line=line, column=column)


_NOT_PRINTABLE = regex("[^\x09\x0a\x0d\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def _position(error: yaml.YAMLError, text: str) -> int | None:
    """Offset of what the reader refused; libyaml tells it in bytes, so the text is searched instead."""
    match = _NOT_PRINTABLE.search(text)
    return match.start() if match else None
