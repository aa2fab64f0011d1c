"""Taking values out of content of which nothing is certain: what has another shape than it should is noted."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from batchdep.metadata.formats.base import Reading, is_blank, text_of
from batchdep.metadata.formats.convert import words_in
from batchdep.problems import ValuePath, dotted


def text_at(reading: Reading, content: Mapping[str, Any], key: str, *source: str | int) -> str:
    """The text or number under ``key``; what is neither is noted."""
    value = content.get(key)
    text = text_of(value)
    if not text and not is_blank(value):
        reading.note(f"`{key}` is not taken over: it is no text", *source, key)
    return text


def objects_at(
    reading: Reading, content: Mapping[str, Any], key: str, *source: str | int, text_is: str = ""
) -> Iterator[tuple[dict[str, Any], ValuePath]]:
    """The objects in the list under ``key``, or the one that is there instead of a list, each with its path; what is
    no object is noted. With ``text_is`` a text stands for an object that has it under that key."""
    value = content.get(key)
    path = (*source, key)
    items = [(each, (*path, index)) for index, each in enumerate(value)] if isinstance(value, list) else [(value, path)]
    for item, at in items:
        if isinstance(item, dict):
            yield item, at
        elif text_is and (text := text_of(item)):
            yield {text_is: text}, at
        elif not is_blank(item):
            reading.note(f"`{dotted(at)}` is not taken over: it is no object", *at)


def note_no_texts(reading: Reading, content: Any, keys: Collection[str], *source: str | int) -> None:
    """A note for each value under one of ``keys``, however deep in ``content``, that is neither text nor number."""
    waiting: list[tuple[Any, ValuePath]] = [(content, source)]
    while waiting:
        value, path = waiting.pop()
        if isinstance(value, list):
            waiting += [(each, (*path, index)) for index, each in enumerate(value)]
        elif isinstance(value, dict):
            for key, inner in value.items():
                if key not in keys:
                    waiting.append((inner, (*path, key)))
                elif not is_blank(inner) and not text_of(inner):
                    reading.note(f"`{key}` is not taken over: it is no text", *path, key)


def put_keywords(reading: Reading, content: Mapping[str, Any], *source: str | int) -> None:
    """The list ``keywords``; a text in its place holds several."""
    written = content.get("keywords")
    if not isinstance(written, list):
        for word in words_in(text_at(reading, content, "keywords", *source)):
            reading.add("keywords", word, *source, "keywords")
        return
    for index, each in enumerate(written):
        reading.add("keywords", text_of(each), *source, "keywords", index)
        if not text_of(each) and not is_blank(each):
            reading.note(f"`keywords[{index}]` is not taken over: it is no text", *source, "keywords", index)
