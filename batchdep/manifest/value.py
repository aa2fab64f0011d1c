"""A value of a document together with its place, and the questions that reading a manifest asks of it."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from msgspec import Struct

from batchdep.manifest.suggest import did_you_mean, shown
from batchdep.problems import Place, Problem, Severity, dotted, problem_at

MAX_NAME = 200
"""Longest id or batch name, in characters."""


class Value(Struct, frozen=True):
    """``content`` stands at ``place``; what is wrong with it is added to ``problems``.

    ``dataset`` is the id of the dataset that it belongs to, and ``outside`` the number of steps in its path that
    lead to that dataset and are not shown.
    """

    content: Any
    place: Place
    problems: list[Problem]
    dataset: str | None = None
    outside: int = 0

    def child(self, step: str | int) -> Value:
        return Value(self.content[step], self.place.at(step), self.problems, self.dataset, self.outside)

    def inner(self, *steps: str | int) -> Value:
        """The value that ``steps`` lead to."""
        value = self
        for step in steps:
            value = value.child(step)
        return value

    def children(self) -> list[Value]:
        """The items of a list."""
        return [self.child(index) for index in range(len(self.content))]

    def get(self, key: str) -> Value | None:
        """The entry of a mapping, if it is there."""
        return self.child(key) if key in self.content else None

    def problem(self, code: str, message: str, hint: str = "", severity: Severity = Severity.ERROR) -> None:
        path = dotted(self.place.path[self.outside :])
        self.problems.append(
            problem_at(self.place, code, message, hint, severity=severity, dataset=self.dataset, path=path)
        )

    def is_mapping(self, what: str, hint: str = "") -> bool:
        return self._is(dict, f"{what} must be a mapping of keys to values", hint)

    def is_list(self, what: str, hint: str = "") -> bool:
        return self._is(list, f"{what} must be a list", hint)

    def _is(self, kind: type, message: str, hint: str) -> bool:
        if isinstance(self.content, kind):
            return True
        self.problem("wrong_kind", f"{message}, not {kind_of(self.content)}", hint)
        return False

    def only_keys(self, known: Collection[str], hints: dict[str, str] | None = None) -> None:
        """A problem for each key of the mapping that is not in ``known``; ``hints`` for keys that belong elsewhere."""
        for key in self.content:
            if key not in known:
                hint = (hints or {}).get(key) or did_you_mean(key, known)
                self.child(key).problem("unknown_key", f"the key {shown(key)} is not known here", hint)

    def name(self, what: str) -> str | None:
        """A short text that identifies something; a number is taken as it is written."""
        text = self.text(what)
        if text is None:
            return None
        if flaw := flaw_of_name(text):
            self.problem("name_invalid", f"{what} {flaw}", f"Use 1 to {MAX_NAME} visible characters.")
            return None
        return text

    def text(self, what: str) -> str | None:
        """The value as text; a number is taken as it is written."""
        if isinstance(self.content, int | float) and not isinstance(self.content, bool):
            return str(self.content)
        if isinstance(self.content, str):
            return self.content
        hint = "Put it in quotation marks." if isinstance(self.content, bool) else ""
        self.problem("wrong_kind", f"{what} must be a text, not {kind_of(self.content)}", hint)
        return None


def kind_of(content: object) -> str:
    """What a value is, in the words of a person."""
    match content:
        case None:
            return "empty"
        case bool():
            return f"the truth value {str(content).lower()}"
        case int() | float():
            return f"the number {content}"
        case str():
            return f"the text {shown(content)}"
        case list():
            return "a list"
        case _:
            return "a mapping"


def flaw_of_name(text: str) -> str | None:
    """What keeps a text from identifying something, as the rest of a sentence; None where nothing does."""
    if not text.strip():
        return "is empty"
    if text != text.strip():
        return f"{shown(text)} begins or ends with a blank"
    if len(text) > MAX_NAME:
        return f"has {len(text):,} characters"
    if not text.isprintable():
        return f"{shown(text)} has a character that cannot be seen"
    return None
