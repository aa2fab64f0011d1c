"""Positions of metadata that a reader took from another format, and of files that are plain text."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct

from batchdep.problems import Location, Source, ValuePath


class Translated(Struct, frozen=True):
    """Leads from the path of a value in the metadata to where it stands in the file they came from."""

    inner: Source
    origins: Mapping[ValuePath, ValuePath]

    @property
    def name(self) -> str:
        return self.inner.name

    def locate(self, path: ValuePath) -> Location:
        """Where the value at ``path``, or what it was made of, stands in the file."""
        for length in range(len(path), -1, -1):
            origin = self.origins.get(path[:length])
            if origin is not None:
                return self.inner.locate((*origin, *path[length:]))
        return self.inner.locate(())


class TextSource(Struct, frozen=True):
    """A file whose readers give lines and columns, counted from 1, as paths: ``(7,)`` or ``(7, 3)``."""

    name: str

    def locate(self, path: ValuePath) -> Location:
        line, column = (*(step for step in path if isinstance(step, int)), None, None)[:2]
        return Location(self.name, line, column)
