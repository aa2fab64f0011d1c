"""XML files as documents: the value is an :class:`~batchdep.metadata.formats.markup.Element`."""

from __future__ import annotations

from msgspec import Struct

from batchdep.manifest.source_base import Document, SourceError
from batchdep.metadata.formats.markup import Element, MarkupError, parse_xml
from batchdep.problems import Location, ValuePath


class MarkupSource(Struct, frozen=True):
    """Paths are the indices of children from the root on."""

    name: str
    root: Element

    def locate(self, path: ValuePath) -> Location:
        element = self.root.at(path)
        return Location(self.name, element.line, element.column)


def read_markup(data: bytes, name: str) -> Document:
    """The document in ``data``.

    :raises SourceError: it is no XML, or XML with entities.
    """
    if not data.strip():
        raise SourceError("metadata_missing", "it is empty")
    try:
        root = parse_xml(data)
    except MarkupError as error:
        message = f"this is not XML that is read: {error}"
        raise SourceError("xml_syntax", message, line=error.line, column=error.column) from None
    return Document(root, MarkupSource(name, root))
