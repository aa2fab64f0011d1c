"""A kernel (:mod:`batchdep.metadata.formats.datacite`) while it is made from another format."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from batchdep.metadata.formats.base import Reading, is_blank
from batchdep.metadata.formats.datacite import read_kernel
from batchdep.problems import ValuePath


@dataclass(slots=True)
class Kernel:
    """``places`` leads from paths in ``content`` to paths in the file that it is made from."""

    content: dict[str, Any] = field(default_factory=dict)
    places: dict[ValuePath, ValuePath] = field(default_factory=dict)

    def put(self, key: str, value: Any, source: ValuePath) -> None:
        """Enters what there is one of, unless it says nothing or there is one already."""
        if not is_blank(value) and key not in self.content:
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

    def read(self) -> Reading:
        """What the kernel says, located in the file it is made from."""
        return read_kernel(self.content, self._place)

    def _place(self, path: ValuePath) -> ValuePath:
        """Of a path that has no place, that of what it is part of."""
        return next((self.places[path[:end]] for end in range(len(path), 0, -1) if path[:end] in self.places), ())
