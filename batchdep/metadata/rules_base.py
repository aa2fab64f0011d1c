"""What every rule works with: the spot where a value stands, and the checks of a value's kind.

A rule is a function ``rule(value, spot)`` that reports to ``spot`` what is wrong with ``value`` and raises nothing,
whatever the value is. An *error* is what the server refuses (400), answers with 500, or drops so that publishing
fails; a *warning* is what it drops or alters while all else goes well (observed: "Fields: three ways to fail").
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from typing import TYPE_CHECKING, Any, TypeGuard

from msgspec import Struct, field

from batchdep.metadata.suggestions import did_you_mean, nearest
from batchdep.metadata.vocabulary import spelling
from batchdep.problems import Place, Problem, Severity, ValuePath, dotted, printable, problem_at

if TYPE_CHECKING:
    from batchdep.manifest.model import Metadata

MIN_LENGTH = 3
"""Characters that title, description, notes and method need; shorter ones are dropped (observed: fields)."""

_SHOWN = 60  # characters of a value that a message quotes


class Report(Struct):
    """The problems of one dataset's metadata while they are found; ``place`` finds the place of a value."""

    dataset: str
    metadata: Metadata
    place: Callable[..., Place]
    today: date
    problems: list[Problem] = field(default_factory=list)


class Spot:
    """Where a value stands in the metadata, to report problems with it."""

    __slots__ = ("_report", "path")

    def __init__(self, report: Report, path: ValuePath) -> None:
        self._report = report
        self.path = path

    @property
    def metadata(self) -> Metadata:
        """All metadata of the dataset, for rules that look at two fields."""
        return self._report.metadata

    @property
    def today(self) -> date:
        return self._report.today

    @property
    def name(self) -> str:
        """The value's name as the user would write it: ``creators[0].orcid``."""
        return printable(dotted(self.path))

    def at(self, *steps: str | int) -> Spot:
        return Spot(self._report, (*self.path, *steps))

    def error(self, code: str, message: str, hint: str = "") -> None:
        self._add(code, message, hint, Severity.ERROR)

    def warning(self, code: str, message: str, hint: str = "") -> None:
        self._add(code, message, hint, Severity.WARNING)

    def remark(self, code: str, message: str) -> None:
        self._add(code, message, "", Severity.NOTE)

    def sent_as(self, value: str, sent: str) -> None:
        """What a value is taken for, where the repository needs another word for it than was written."""
        if value.strip() != sent:
            self.remark("sent_as", f"{self.name} {quote(value)} is sent as {sent}")

    def _add(self, code: str, message: str, hint: str, severity: Severity) -> None:
        place = self._report.place(*self.path)
        path = printable(dotted(("metadata", *self.path)))
        self._report.problems.append(
            problem_at(place, code, message, hint, severity=severity, dataset=self._report.dataset, path=path)
        )


Rule = Callable[[Any, Spot], None]


def quote(value: object) -> str:
    """A value as a message shows it: short, printable, in quotes if it is text."""
    shown = f"'{value}'" if isinstance(value, str) else repr(value)
    if len(shown) > _SHOWN:
        shown = f"{shown[: _SHOWN - 4]}...{shown[-1]}"
    return printable(shown)


def kind_of(value: object) -> str:
    """A value's kind in plain words."""
    if isinstance(value, bool):
        return "true or false"
    for kind, word in _KINDS:
        if isinstance(value, kind):
            return word
    return "nothing" if value is None else f"a {type(value).__name__}"


_KINDS = ((str, "text"), (int | float, "a number"), (list, "a list"), (dict, "an object"))


def is_empty(value: object) -> bool:
    """Nothing, or text of blanks alone."""
    return value is None or (isinstance(value, str) and not value.strip())


def is_text(value: object, spot: Spot) -> TypeGuard[str]:
    """Whether ``value`` is text that says something; reports it otherwise."""
    if is_empty(value):
        spot.error("empty_value", f"{spot.name} is empty", "Give it a value, or remove the key.")
        return False
    if isinstance(value, str):
        return True
    hint = f'Put it in quotes: "{value}"' if isinstance(value, int | float) else "Write it as one text."
    spot.error("wrong_kind", f"{spot.name} must be text, not {kind_of(value)}", hint)
    return False


def text(value: Any, spot: Spot) -> None:
    """Any text."""
    is_text(value, spot)


def items(value: object, spot: Spot, example: str) -> Iterator[tuple[Any, Spot]]:
    """The items of a list, each with its spot; reports a value that is no list."""
    if not isinstance(value, list):
        if is_empty(value):
            spot.error("empty_value", f"{spot.name} is empty", "Give it a value, or remove the key.")
        else:
            spot.error("wrong_kind", f"{spot.name} must be a list, not {kind_of(value)}", f"Write {example}")
        return
    for index, item in enumerate(value):
        yield item, spot.at(index)


def objects(value: object, spot: Spot, example: str, keys: tuple[str, ...]) -> Iterator[tuple[dict[str, Any], Spot]]:
    """The items of a list of objects, each with its spot; reports items that are no objects, and unknown keys."""
    for item, at in items(value, spot, example):
        if isinstance(item, dict):
            unknown_keys(item, at, keys)
            yield item, at
        else:
            at.error("wrong_kind", f"{at.name} must be an object, not {kind_of(item)}", f"Write {example}")


def unknown_keys(item: dict[str, Any], spot: Spot, known: tuple[str, ...]) -> None:
    """The server drops unknown keys in silence."""
    for key in item:
        if key not in known:
            hint = did_you_mean(str(key), known) or f"Known keys: {', '.join(known)}."
            spot.at(key).error("unknown_key", f"{spot.name} has an unknown key {quote(key)}", hint)


def optional_text(item: dict[str, Any], spot: Spot, *keys: str) -> None:
    """Texts inside an object that may be missing or null, as the repository itself answers them."""
    for key in keys:
        if item.get(key) is not None:
            is_text(item[key], spot.at(key))


def required(item: dict[str, Any], spot: Spot, key: str, hint: str) -> Any:
    """The value of ``key`` in an object, or None after reporting that it is missing."""
    if is_empty(item.get(key)):
        (spot.at(key) if key in item else spot).error("missing", f"{spot.name} has no '{key}'", hint)
        return None
    return item[key]


def one_of(value: object, spot: Spot, known: tuple[str, ...], *, any_case: bool = False) -> str | None:
    """``value`` in the spelling of the list of ``known`` words, or None after reporting what is wrong with it."""
    if not is_text(value, spot):
        return None
    right = spelling(value, known)
    if right is not None and (any_case or right == value):
        return right
    spot.error("unknown_value", f"{spot.name} {quote(value)} is not known", suggestion(value, known))
    return None


def suggestion(value: str, known: tuple[str, ...]) -> str:
    """The three nearest of the known words, or all of them."""
    near = nearest(value, known, 3)
    return f"Did you mean {' or '.join(repr(each) for each in near)}?" if near else f"Known: {', '.join(known)}."
