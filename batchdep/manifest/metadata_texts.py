"""Description, notes and method that are written in Markdown, or stand in a file of their own.

``{markdown: TEXT}`` and ``{from: FILE}`` become HTML here; of which other forms they may not be, the rules tell
(:mod:`batchdep.metadata.rules_text`). What the repository keeps of a file's HTML is told with the file's own lines.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Final

from msgspec.structs import replace

from batchdep.manifest.metadata import Origins
from batchdep.manifest.model import Metadata
from batchdep.manifest.patterns import lies_inside
from batchdep.manifest.source_base import SourceError
from batchdep.manifest.source_text import decode, read_bytes
from batchdep.manifest.suggest import shown
from batchdep.manifest.surroundings import OUTSIDE_HINT, Surroundings
from batchdep.manifest.translated import TextSource
from batchdep.manifest.value import Value
from batchdep.metadata.html import (
    FIELDS,
    FROM,
    KEPT_HINT,
    MARKDOWN,
    SWALLOWED_HINT,
    Removed,
    cleaned,
    removed_tags,
    removed_words,
    swallowed,
    swallowed_words,
)
from batchdep.problems import Location, Place, Severity, problem_at
from batchdep.regexes import regex

Tell = Callable[[str, str], None]
"""Warns of what the repository takes away of an HTML text; the other is the text as it was written."""

MAX_BYTES: Final = 4_000_000
"""Largest file that is read, in bytes: the longest text that is sent, if each of its characters takes four."""

_HINT: Final = "Read are .md, .html and .txt."
_BODY: Final = regex(r"<body\b[^>]*>(.*?)(?:</body\s*>|\Z)", re.IGNORECASE | re.DOTALL)


def read_texts(own: tuple[Metadata, Origins], value: Value, around: Surroundings) -> tuple[Metadata, Origins]:
    """The metadata ``own`` that stand at ``value``, with HTML or plain text in the place of each such form.

    A text that cannot be read is left out, with a problem; paths are those of ``around``, as of metadata files.
    """
    if not any(isinstance(own[0].get(field), dict) for field in FIELDS):
        return own
    metadata, origins = dict(own[0]), dict(own[1])
    for field in FIELDS:
        form = metadata.get(field)
        if not isinstance(form, dict) or len(form) != 1 or not isinstance(text := next(iter(form.values())), str):
            continue
        at = value.child(field)
        if MARKDOWN in form:
            read = _inside(at, text)
        elif FROM in form:
            read = _from_file(at, text, around)
        else:
            continue
        if read is None:
            del metadata[field]
        else:
            metadata[field], origins[field] = read
    return metadata, origins


def _inside(at: Value, text: str) -> tuple[str, Place] | None:
    try:
        return _of_markdown(text, partial(_tell, at)), at.place
    except SourceError as error:
        at.child(MARKDOWN).problem(error.code, f"{at.place.path[-1]}: {error.message}", error.hint)
        return None


def _from_file(at: Value, written: str, around: Surroundings) -> tuple[str, Place] | None:
    path = around.base / written
    named = at.child(FROM)
    if not around.allow_outside and not lies_inside(path, around.inside):
        named.problem("outside", f"the file {shown(written)} lies outside the manifest's folder", OUTSIDE_HINT)
        return None
    try:
        return _text_of(at, path), Place(TextSource(str(path)))
    except SourceError as error:
        from batchdep.manifest.metadata_file import report_unread

        report_unread(named, f"the file {shown(written)}", path, error)
        return None


def _text_of(at: Value, path: Path) -> str:
    ending = path.suffix.lower()
    reader = _READERS.get(ending)
    if reader is None:
        if not path.is_file():
            read_bytes(path, MAX_BYTES)
        raise SourceError("metadata_format", f"a text that ends in {ending or 'nothing'} is not read", _HINT)
    text = decode(read_bytes(path, MAX_BYTES))
    if not text.strip():
        raise SourceError("metadata_missing", "it is empty", "Write the text, or name another file.")
    return reader(text, partial(_tell, at, path=path))


def _of_markdown(text: str, tell: Tell) -> str:
    """Raw HTML in it is looked for in the HTML that it makes, where code is code, and found again in the text."""
    from batchdep.metadata.markdown import LONGEST, html_of_markdown, raw_html_of_markdown

    if len(text) > LONGEST:
        message = f"it has {len(text):,} characters; of Markdown at most {LONGEST:,} are read"
        raise SourceError("metadata_too_long", message, "Shorten it, and put the long text into a file of the dataset.")
    tell(raw_html_of_markdown(text), text)
    return html_of_markdown(text)


def _of_html(text: str, tell: Tell) -> str:
    """Of a whole page, its body."""
    if (body := _BODY.search(text)) is not None:
        text = "\n" * text.count("\n", 0, body.start(1)) + body[1]
    tell(text, text)
    return cleaned(text)


def _of_text(text: str, _tell: Tell) -> str:
    return text.strip()


_READERS: Final[dict[str, Callable[[str, Tell], str]]] = {
    ".md": _of_markdown,
    ".markdown": _of_markdown,
    ".html": _of_html,
    ".htm": _of_html,
    ".txt": _of_text,
    "": _of_text,
}


def _tell(at: Value, html: str, written: str, path: Path | None = None) -> None:
    """Warns of the tags that the repository takes away, where the text stands: in the manifest, or on a file's line."""
    field = str(at.place.path[-1])
    if removed := [Removed(tag, _line_of(rf"</?{tag}\b", written)) for tag, _ in removed_tags(html)]:
        _warn(at, "html_removed", removed_words(field, removed), KEPT_HINT, path, removed[0].line)
    if (piece := swallowed(html)) is not None:
        line = _line_of(re.escape(piece), written)
        _warn(at, "html_swallowed", swallowed_words(field, shown(piece)), SWALLOWED_HINT, path, line)


def _line_of(pattern: str, text: str) -> int:
    found = re.search(pattern, text, re.IGNORECASE)
    return text.count("\n", 0, found.start()) + 1 if found else 1


def _warn(at: Value, code: str, message: str, hint: str, path: Path | None, line: int) -> None:
    shown_path = f"metadata.{at.place.path[-1]}"
    found = problem_at(at.place, code, message, hint, severity=Severity.WARNING, dataset=at.dataset, path=shown_path)
    at.problems.append(replace(found, location=Location(str(path), line)) if path else found)
