"""A kernel (:mod:`batchdep.metadata.formats.datacite`) while it is made from another format."""

from __future__ import annotations

from typing import Any

from msgspec import Struct, field

from batchdep.metadata.formats.base import Note, Reading, is_blank, text_of
from batchdep.metadata.formats.datacite import read_kernel
from batchdep.problems import ValuePath


class Kernel(Struct):
    """``places`` leads from paths in ``content`` to paths in the file that it is made from, where the ``notes`` on what
    has no place in a kernel are too."""

    content: dict[str, Any] = field(default_factory=dict)
    places: dict[ValuePath, ValuePath] = field(default_factory=dict)
    notes: list[Note] = field(default_factory=list)

    def put(self, key: str, value: Any, source: ValuePath) -> None:
        """Enters what there is one of, unless it says nothing; a second one is noted."""
        if is_blank(value) or self.content.get(key) == value:
            return
        if key in self.content:
            self.leave_out(f"`{key}` {text_of(value)} is not taken over: there is one before it", source)
            return
        self.content[key] = value
        self.places[key,] = source

    def add(self, key: str, item: Any, source: ValuePath, parts: dict[ValuePath, ValuePath] | None = None) -> None:
        """Adds to a list; ``parts`` are the places of values in the item, by their paths in it."""
        if is_blank(item):
            return
        items = self.content.setdefault(key, [])
        self.places.setdefault((key,), source)
        self.places[key, len(items)] = source
        self.places |= {(key, len(items), *inner): at for inner, at in (parts or {}).items()}
        items.append(item)

    def leave_out(self, message: str, source: ValuePath) -> None:
        self.notes.append(Note(source, message))

    def read(self) -> Reading:
        """What the kernel says, located in the file it is made from."""
        reading = read_kernel(self.content, self._place)
        reading.notes += self.notes
        return reading

    def _place(self, path: ValuePath) -> ValuePath:
        """Of a path that has no place, that of what it is part of."""
        return next((self.places[path[:end]] for end in range(len(path), 0, -1) if path[:end] in self.places), ())
