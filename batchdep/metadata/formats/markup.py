"""XML as a tree whose elements know their line, for the readers of XML formats.

Entities, document types and external references are refused (defusedxml): a metadata file comes from anywhere.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

from msgspec import Struct, field

from batchdep.problems import ValuePath

MAX_DEPTH = 50
"""Elements inside one another; DataCite's kernel needs five."""


class MarkupError(ValueError):
    """The text is no XML that is read; ``line`` and ``column`` count from 1."""

    def __init__(self, message: str, line: int | None = None, column: int | None = None) -> None:
        super().__init__(message)
        self.line = line
        self.column = column


class Element(Struct):
    """An element by its local ``tag`` and its ``namespace``.

    ``attributes`` are by local name (``xml:lang`` is ``lang``), ``text`` is all text directly inside, in order and
    stripped. ``path`` are the indices of children that lead here from the root, ``before`` is how many characters of
    the parent's text stand before this element.
    """

    tag: str
    namespace: str
    attributes: dict[str, str]
    line: int
    column: int
    path: ValuePath = ()
    before: int = 0
    text: str = ""
    children: list[Element] = field(default_factory=list)

    def all(self, *tags: str) -> Iterator[Element]:
        """The elements that ``tags`` lead to, one level each: ``root.all("creators", "creator")``."""
        if not tags:
            yield self
            return
        for child in self.children:
            if child.tag == tags[0]:
                yield from child.all(*tags[1:])

    def first(self, *tags: str) -> Element | None:
        """The first of :meth:`all`."""
        return next(self.all(*tags), None)

    def text_at(self, *tags: str) -> str:
        """The text of :meth:`first`; empty where there is none."""
        found = self.first(*tags)
        return found.text if found is not None else ""

    def parted_by(self, tag: str) -> list[str]:
        """The text, parted where a child of that name stands: ``one<br/>two`` is one and two."""
        cuts = [0, *(child.before for child in self.children if child.tag == tag), len(self.text)]
        return [self.text[start:end].strip() for start, end in pairwise(cuts)]

    def everything(self) -> Iterator[Element]:
        """The element itself, and all that is inside it."""
        yield self
        for child in self.children:
            yield from child.everything()

    def at(self, path: ValuePath) -> Element:
        """The element that indices lead to; of a path that is not there, its nearest ancestor."""
        element = self
        for step in path:
            if not isinstance(step, int) or step >= len(element.children):
                break
            element = element.children[step]
        return element


def flowed(text: str) -> str:
    """Text with its blank lines; all other line breaks and runs of blanks are the file's lay-out."""
    paragraphs = re.split(r"\n\s*\n", text.replace("\r\n", "\n"))
    return "\n\n".join(words for each in paragraphs if (words := " ".join(each.split())))


def parse_xml(data: bytes) -> Element:
    """The root element of an XML document.

    :raises MarkupError: no XML, nested more than :data:`MAX_DEPTH` deep, or with a document type or entities.
    """
    from defusedxml.common import DefusedXmlException
    from defusedxml.expatreader import DefusedExpatParser

    handler = _handler()
    parser: Any = DefusedExpatParser(forbid_dtd=True)
    parser.setFeature("http://xml.org/sax/features/namespaces", True)
    parser.setContentHandler(handler)
    from xml.sax import SAXParseException

    try:
        parser.parse(io.BytesIO(data))
    except DefusedXmlException:
        raise MarkupError("it has a document type or entities, which are refused") from None
    except SAXParseException as error:
        raise MarkupError(str(error.getMessage()), error.getLineNumber(), (error.getColumnNumber() or 0) + 1) from None
    root: Element | None = handler.root
    if root is None:
        raise MarkupError("it has no element")
    return root


def _handler() -> Any:
    from xml.sax.handler import ContentHandler

    class Handler(ContentHandler):
        def __init__(self) -> None:
            super().__init__()
            self.root: Element | None = None
            self._stack: list[Element] = []
            self._locator: Any = None

        def setDocumentLocator(self, locator: Any) -> None:  # noqa: N802 - the interface's name
            self._locator = locator

        def startElementNS(self, name: Any, _qname: Any, attrs: Any) -> None:  # noqa: N802
            namespace, tag = name
            attributes = {key[1]: value for key, value in attrs.items()}
            at = self._locator.getLineNumber(), self._locator.getColumnNumber() + 1
            element = Element(tag, namespace or "", attributes, *at)
            if self._stack:
                parent = self._stack[-1]
                element.path = (*parent.path, len(parent.children))
                element.before = len(parent.text)
                parent.children.append(element)
            else:
                self.root = element
            self._stack.append(element)
            if len(self._stack) > MAX_DEPTH:
                raise MarkupError(f"elements are nested more than {MAX_DEPTH} deep", *at)

        def endElementNS(self, _name: Any, _qname: Any) -> None:  # noqa: N802
            element = self._stack.pop()
            blanks = len(element.text) - len(element.text.lstrip())
            for child in element.children:
                child.before = max(0, child.before - blanks)
            element.text = element.text.strip()

        def characters(self, content: str) -> None:
            if self._stack:
                self._stack[-1].text += content

    return Handler()
