"""What all readers share: the reading they make."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from msgspec import Struct, field

from batchdep.problems import ValuePath

_SHOWN = 80  # characters of a text that a note quotes


class Note(Struct, frozen=True):
    """Something that a file says at ``path`` and that the repository cannot hold, or was taken over in another form."""

    path: ValuePath
    message: str


class Reading(Struct):
    """What a metadata file says, in the repository's words.

    ``metadata`` has keys and forms of the deposit API. ``origins`` leads from a value's path in ``metadata`` to its
    path in the file: of several entries the one with the longest matching beginning holds. Values that say nothing
    (None, blank text, empty lists) are never entered.
    """

    metadata: dict[str, Any] = field(default_factory=dict)
    origins: dict[ValuePath, ValuePath] = field(default_factory=dict)
    notes: list[Note] = field(default_factory=list)
    _added: set[tuple[str, str]] = field(default_factory=set)
    _told: set[str] = field(default_factory=set)

    def put(self, key: str, value: Any, *source: str | int) -> None:
        """Enters ``value``, which stands at ``source`` in the file, unless the key has a value already."""
        if is_blank(value) or key in self.metadata:
            return
        self.metadata[key] = value.strip() if isinstance(value, str) else value
        self.origins[key,] = source

    def add(self, key: str, item: Any, *source: str | int) -> None:
        """Adds ``item`` to the list under ``key``, unless an equal one is there."""
        if is_blank(item):
            return
        item = item.strip() if isinstance(item, str) else item
        mark = (key, repr(sorted(item.items()) if isinstance(item, dict) else item))
        if mark in self._added:  # looking through the list would cost the square of its length
            return
        self._added.add(mark)
        items = self.metadata.setdefault(key, [])
        self.origins[key, len(items)] = source
        self.origins.setdefault((key,), source)
        items.append(item)

    def note(self, message: str, *source: str | int) -> None:
        """Remarks on what stands at ``source``: ``message`` begins with the name that the file has for it."""
        self.notes.append(Note(source, message))

    def note_once(self, message: str, *source: str | int) -> None:
        """A note, unless the same has been said of another place: three roles of one person are three entries."""
        if message not in self._told:
            self._told.add(message)
            self.note(message, *source)

    def left_out(self, content: Mapping[str, Any], taken: Collection[str], *source: str | int, why: str = "") -> None:
        """A note for each key of ``content`` that has a value and is not among ``taken``."""
        for key, value in content.items():
            if key not in taken and not is_blank(value):
                self.note(f"`{key}` is not taken over{why and ': ' + why}", *source, key)


def is_blank(value: Any) -> bool:
    """Whether a value says nothing."""
    return value is None or value in ("", [], {}) or (isinstance(value, str) and not value.strip())


def texts(value: Any) -> list[str]:
    """The texts in a value that is one text or a list of them; numbers as they are written, all else left out."""
    values = value if isinstance(value, list) else [value]
    return [text for each in values if (text := text_of(each))]


def text_of(value: Any) -> str:
    """A value as text without blanks around it; empty for what is neither text nor number."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return ""
    return str(value).strip()


def shortened(text: str) -> str:
    """A text as a note quotes it: on one line, and not all of a long one."""
    one_line = " ".join(text.split())
    return one_line if len(one_line) <= _SHOWN else f"{one_line[: _SHOWN - 3]}..."


def mappings(value: Any) -> list[tuple[int, dict[str, Any]]]:
    """The objects in a value that is one or a list of them, each with its index (0 of a single one)."""
    values = value if isinstance(value, list) else [value]
    return [(index, each) for index, each in enumerate(values) if isinstance(each, dict)]
