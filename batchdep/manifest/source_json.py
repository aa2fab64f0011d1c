"""JSON and JSON Lines: parsed by the standard library, positions found by a small scanner when they are wanted."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator
from functools import cached_property
from itertools import chain
from typing import Any, NoReturn

from batchdep.manifest.source_base import (
    MAX_DEPTH,
    Document,
    Lines,
    Mark,
    MarkedSource,
    SourceError,
    depth_exceeds,
)
from batchdep.manifest.source_scalars import number
from batchdep.manifest.suggest import shown
from batchdep.problems import Location, Problem, ValuePath
from batchdep.regexes import regex

_STRING = r'"[^"\\]*+(?:\\.[^"\\]*+)*+"'
_TOKEN = regex(rf'{_STRING}|[{{}}\[\]:,]|[^\s{{}}\[\]:,"]+', re.DOTALL)
_BRACKET = regex(rf"{_STRING}|[{{}}\[\]]", re.DOTALL)
_SURROGATE_ESCAPE = regex(r"\\u[dD][89a-fA-F]")
_BLANKS = " \t\r\n"


def read_json(text: str, name: str, reread: Callable[[], str]) -> Document:
    """The document in ``text``; ``reread`` gives the text again when a position is wanted.

    :raises SourceError: the text is not JSON, or nested too deep.
    """
    if not text.strip(_BLANKS):
        return Document(None, MarkedSource(name, reread, _marks))
    value, problems = _parse(text, name)
    return Document(value, MarkedSource(name, reread, _marks), problems)


def read_json_lines(lines: Iterable[str], name: str, reread: Callable[[], str]) -> Document:
    """One dataset a line; blank lines are skipped. A line that is not JSON is a problem, the others are read."""
    source = _JsonLinesSource(name, reread)
    problems: list[Problem] = []
    datasets = _datasets(lines, source, problems)
    for first in datasets:
        return Document({}, source, problems, has_header=False, stream=chain([first], datasets))
    return Document(None, source, problems, has_header=False)


def _datasets(lines: Iterable[str], source: _JsonLinesSource, problems: list[Problem]) -> Iterator[Any]:
    for line_number, line in _records(lines):
        try:
            value, found = _parse(line, source.name, line_number)
        except SourceError as error:
            problems.append(error.as_problem(source.name))
            source.unread.add(line_number)
            continue
        problems += found
        yield value


def _records(lines: Iterable[str]) -> Iterator[tuple[int, str]]:
    for line_number, line in enumerate(lines, start=1):
        if line.strip(_BLANKS):
            yield line_number, line.removesuffix("\n")


class _JsonLinesSource:
    """The ``i``-th line that could be read is the value at ``("datasets", i)``; ``unread``: numbers of the others."""

    def __init__(self, name: str, read: Callable[[], str]) -> None:
        self._name = name
        self._read = read
        self.unread: set[int] = set()

    @property
    def name(self) -> str:
        return self._name

    def locate(self, path: ValuePath) -> Location:
        match path:
            case ("datasets", int(index), *rest) if 0 <= index < len(self._lines):
                line_number, line = self._lines[index]
                column = self._marks_of(line).find(tuple(rest)) + 1
                return Location(self._name, line_number, column)
            case _:
                return Location(self._name, 1)

    def _marks_of(self, line: str) -> Mark:
        try:
            return _marks(line)
        except SourceError:
            return Mark(0)

    @cached_property
    def _lines(self) -> list[tuple[int, str]]:
        try:
            return [record for record in _records(self._read().split("\n")) if record[0] not in self.unread]
        except SourceError:
            return []


class _Hooks:
    """What the parser calls back; remembers that some object had a key twice."""

    def __init__(self) -> None:
        self.has_duplicates = False
        self.decoder = json.JSONDecoder(
            object_pairs_hook=self._object, parse_float=number, parse_int=number, parse_constant=self._constant
        )

    def _object(self, pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        value = dict(pairs)
        if len(value) != len(pairs):
            self.has_duplicates = True
        return value

    def _constant(self, name: str) -> NoReturn:
        raise _NotANumber(name)


class _NotANumber(Exception):
    """The text has NaN, Infinity or -Infinity, which Python's parser would take."""


def _parse(text: str, name: str, line: int | None = None) -> tuple[Any, list[Problem]]:
    hooks = _Hooks()
    try:
        value = hooks.decoder.decode(text)
    except json.JSONDecodeError as error:
        raise _syntax_error(text, error, line) from None
    except _NotANumber as error:
        raise _not_a_number(text, str(error), line) from None
    except RecursionError:
        raise _too_deep(text, line) from None
    if depth_exceeds(value):
        raise _too_deep(text, line)
    if _SURROGATE_ESCAPE.search(text):
        _refuse_lone_surrogates(text, line)
    return value, _duplicates(text, name, line) if hooks.has_duplicates else []


def _position(text: str, offset: int, line: int | None) -> tuple[int, int]:
    """Line and column of an offset; ``line`` is given where the text is itself a line of a file."""
    return Lines(text).at(offset) if line is None else (line, offset + 1)


def _error(text: str, offset: int, line: int | None, code: str, message: str, hint: str = "") -> SourceError:
    at_line, column = _position(text, offset, line)
    return SourceError(code, message, hint, line=at_line, column=column)


def _syntax_error(text: str, error: json.JSONDecodeError, line: int | None) -> SourceError:
    before = text[: error.pos].rstrip(_BLANKS)
    after = text[error.pos :].lstrip(_BLANKS)[:2]
    comma = len(before) - 1 if before.endswith(",") else error.pos
    if text[comma : comma + 1] == "," and text[comma + 1 :].lstrip(_BLANKS)[:1] in ("]", "}"):
        closing = text[comma + 1 :].lstrip(_BLANKS)[0]
        message = f"this is not valid JSON: a comma stands before the closing {closing}"
        return _error(text, comma, line, "json_syntax", message, "Remove the comma.")
    hint = "Check commas and quotation marks around this place."
    if after in ("//", "/*") or after[:1] == "#":
        hint = "JSON has no comments; write the manifest as YAML (.yaml) to have some."
    elif after[:1] == "'":
        hint = 'JSON puts text in double quotation marks: "text".'
    elif "control character" in error.msg:
        hint = r"Write a line break inside text as \n and a tab as \t."
    elif "Extra data" in error.msg:
        hint = "One document a file; for one dataset a line name the file .jsonl."
    return _error(text, error.pos, line, "json_syntax", f"this is not valid JSON: {_lower(error.msg)}", hint)


def _lower(message: str) -> str:
    return message[:1].lower() + message[1:]


def _not_a_number(text: str, word: str, line: int | None) -> SourceError:
    offset = next((match.start() for match in _TOKEN.finditer(text) if match.group() == word), 0)
    return _error(text, offset, line, "json_syntax", f"{word} is not a JSON value", "Leave the key out, or use null.")


def _too_deep(text: str, line: int | None) -> SourceError:
    depth = 0
    offset = 0
    for match in _BRACKET.finditer(text):
        depth += {"{": 1, "[": 1, "}": -1, "]": -1}.get(match.group(), 0)
        if depth > MAX_DEPTH:
            offset = match.start()
            break
    return _error(text, offset, line, "too_deep", f"lists and objects are nested more than {MAX_DEPTH} deep")


def _refuse_lone_surrogates(text: str, line: int | None) -> None:
    for match in _TOKEN.finditer(text):
        token = match.group()
        if token.startswith('"') and any("\ud800" <= char <= "\udfff" for char in json.loads(token, strict=False)):
            message = "this text has half of a character (a lone \\uD800-\\uDFFF escape)"
            raise _error(text, match.start(), line, "json_syntax", message, "Write the character itself, in UTF-8.")


def _duplicates(text: str, name: str, line: int | None) -> list[Problem]:
    scanner = _Scanner()
    scanner.scan(text)
    lines = Lines(text)
    problems = []
    for key, *offsets in scanner.duplicates:
        first, second = (lines.at(offset) if line is None else (line, offset + 1) for offset in offsets)
        message = (
            f"the key {shown(key)} is given twice "
            f"(first in line {first[0]}, column {first[1]}, again in line {second[0]}, column {second[1]})"
        )
        location = Location(name, *second)
        problems.append(Problem("duplicate_key", message, "Keep one of the two.", location=location))
    return problems


def _marks(text: str) -> Mark:
    return _Scanner().scan(text)


class _Scanner:
    """Finds the positions in JSON that was found valid before; keeps its own stack, so no depth overflows."""

    def __init__(self) -> None:
        self.duplicates: list[tuple[str, int, int]] = []
        self._root = Mark(0)
        self._stack: list[tuple[Mark, bool]] = []
        self._key: tuple[str, int] | None = None

    def scan(self, text: str) -> Mark:
        for match in _TOKEN.finditer(text):
            self._take(match.group(), match.start())
        return self._root

    def _take(self, token: str, offset: int) -> None:
        if token in ("{", "["):
            self._stack.append((self._add(offset), token == "{"))  # noqa: S105 - not a password
        elif token in ("}", "]"):
            if self._stack:
                self._stack.pop()
        elif token in (":", ","):
            return
        elif self._stack and self._stack[-1][1] and self._key is None and token.startswith('"'):
            self._key = (json.loads(token, strict=False), offset)
        else:
            self._add(offset)

    def _add(self, offset: int) -> Mark:
        if not self._stack:
            self._root = Mark(offset)
            return self._root
        parent, is_object = self._stack[-1]
        if not is_object:
            return parent.children.setdefault(len(parent.children), Mark(offset))
        key, key_offset = self._key or ("", offset)
        self._key = None
        if key in parent.children:
            self.duplicates.append((key, parent.children[key].offset, key_offset))
        parent.children[key] = Mark(key_offset)
        return parent.children[key]
