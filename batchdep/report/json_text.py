"""JSON text of documents that are too large to be held: a piece at a time, byte for byte what ``json.dumps`` makes."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

_INDENT: Final = 2

Default = Callable[[Any], Any] | None


def json_pieces(document: Any, default: Default = None) -> Iterator[str]:
    """The text of a document, indented by two, without a line end at its end. ``default`` is that of ``json.dumps``.

    An iterator is an array, whose items are made one after the other as the pieces are asked for. It may be the
    document, a value of a mapping that is, or an item of another iterator, not of a list.
    """
    if isinstance(document, Iterator):
        return _laid_out("[", "]", (json_pieces(item, default) for item in document))
    if isinstance(document, Mapping) and any(isinstance(value, Iterator) for value in document.values()):
        return _laid_out("{", "}", (_member(name, value, default) for name, value in document.items()))
    return iter((_dumped(document, default),))


def _dumped(value: Any, default: Default) -> str:
    return json.dumps(value, ensure_ascii=False, indent=_INDENT, default=default)


def _member(name: str, value: Any, default: Default) -> Iterator[str]:
    yield f"{_dumped(name, default)}: "
    yield from json_pieces(value, default)


def _laid_out(start: str, end: str, items: Iterator[Iterator[str]]) -> Iterator[str]:
    """Items between brackets, each on lines of its own: a line end is never part of a value, there it is ``\\n``."""
    inside = "\n" + " " * _INDENT
    before = start + inside
    for item in items:
        yield before
        yield from (piece.replace("\n", inside) for piece in item)
        before = f",{inside}"
    yield f"\n{end}" if before[0] == "," else start + end
