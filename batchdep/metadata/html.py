"""Description, notes and method in the HTML that the repository keeps, so that what is sent is what is stored.

The repository keeps :data:`~batchdep.metadata.vocabulary.KEPT_TAGS`, of their attributes only the ``href`` of links,
and the text of whatever else it takes away (observed: "HTML"). nh3 parses as a browser does and does the same here.

Text without a tag is plain text, which a page shows as one paragraph, its line breaks as blanks. People type it into a
spreadsheet's cell and mean what they see: so paragraphs that blank lines separate become ``<p>``, and a line break
becomes ``<br>``, unless the lines are filled to a common width, as an editor breaks them.

References ``{doi:ID}`` come out as they went in, wherever they stand.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import Any, Final, NamedTuple

from batchdep.metadata.canonical import HTML_TAG, TAG_LIKE
from batchdep.metadata.references import TOKEN
from batchdep.metadata.vocabulary import KEPT_TAGS
from batchdep.problems import is_utf8
from batchdep.regexes import regex

FIELDS: Final = ("description", "notes", "method")
"""The metadata that hold HTML."""

MARKDOWN: Final = "markdown"
FROM: Final = "from"
"""The keys under which a manifest has Markdown, or names a file, in the place of HTML or plain text."""

KEPT_HINT: Final = "Use p, ul, ol, li, table, a, b, i, em, strong, code, pre, sub or sup."
SWALLOWED_HINT: Final = "Write &lt; for < and &gt; for >."

_MARKUP: Final = regex(r"</[A-Za-z]|<!|<\?")
_SPECIAL: Final = regex(r"[<>&\n\r]")
_BLANK_LINES: Final = regex(r"\n(?:[ \t]*\n)+")
_AMPERSAND: Final = regex(r"&(#\d{1,7};|#[xX][0-9a-fA-F]{1,6};|[A-Za-z][A-Za-z0-9]{1,30};|)")
_LIST_MARK: Final = regex(r"\s*(?:[-*+•–]|\(?\w{1,3}[.)])\s")
_NARROWEST: Final = 40
"""Characters; lines that are all shorter were not filled by an editor but broken by hand."""

_TAG: Final = regex(r"<(/?)([A-Za-z][A-Za-z0-9]*)")
_CLOSES_ITSELF: Final = frozenset("p li td th tr tbody dd dt br hr img input wbr col".split())  # noqa: SIM905
_MOST_WORK: Final = 1_000_000
"""Tags times depth; beyond it the parser would take seconds (each paragraph opens all that is open around it anew)."""

_SCHEMES: Final = frozenset({"http", "https", "ftp", "mailto"})
"""Of addresses that a link may have (observed: HTML)."""


class Removed(NamedTuple):
    """A tag that the repository does not keep, and the line of the text, from 1, on which it first stands."""

    tag: str
    line: int


def is_html(text: str) -> bool:
    """Whether a text has tags; otherwise it is plain, whatever it has in angle brackets."""
    return HTML_TAG.search(text) is not None or _MARKUP.search(text) is not None


@lru_cache(maxsize=32)
def cleaned(text: str) -> str:
    """The text, HTML or plain, as the repository stores it. What comes out, put in again, stays the same."""
    stripped = text.strip()
    if not _SPECIAL.search(stripped):
        return text
    return around_references(stripped, _kept if is_html(stripped) else _paragraphs)


def has_breaks(text: str) -> bool:
    """Whether a text is plain and has paragraphs or line breaks that a page would not show."""
    return not is_html(text) and HTML_TAG.search(cleaned(text)) is not None


def removed_tags(text: str) -> list[Removed]:
    """The tags of an HTML text that the repository takes away, in the order in which they stand there."""
    found: dict[str, Removed] = {}
    for match in HTML_TAG.finditer(text):
        tag = match[1].lower()
        if tag not in KEPT_TAGS and tag not in found:
            found[tag] = Removed(tag, text.count("\n", 0, match.start()) + 1)
    return list(found.values())


def swallowed(text: str) -> str | None:
    """The first piece of an HTML text that only looks like a tag, and is taken away with the words in it."""
    pieces = (
        (match[0] for match in TAG_LIKE.finditer(text) if not HTML_TAG.fullmatch(match[0])) if is_html(text) else ()
    )
    return next((piece for piece in pieces if not piece.startswith("<!")), None)


def swallowed_words(name: str, piece: str) -> str:
    """What is said of such a piece, as it can be shown, of the value ``name``."""
    return f"{name} has {piece}, which the repository takes for an HTML tag and removes"


def removed_words(name: str, removed: list[Removed]) -> str:
    """What is said of tags that are taken out of the value ``name``; their lines only where there are several."""
    several = any(each.line > 1 for each in removed)
    tags = ", ".join(f"<{each.tag}> (line {each.line} of it)" if several else f"<{each.tag}>" for each in removed)
    return f"the repository keeps none of these HTML tags, so they are taken out of {name}: {tags}"


def cleaned_metadata(metadata: dict[str, Any]) -> dict[str, Any]:
    """The metadata with their HTML as the repository stores it; the same object where nothing changes."""
    changed = {key: new for key in FIELDS if isinstance(old := metadata.get(key), str) and (new := cleaned(old)) != old}
    return {**metadata, **changed} if changed else metadata


def around_references(text: str, change: Callable[[str], str]) -> str:
    """``change(text)``, with a word that nothing changes in the place of each ``{doi:ID}`` meanwhile."""
    tokens = [match[0] for match in TOKEN.finditer(text)]
    if not tokens:
        return change(text)
    word = next(each for each in _words() if each not in text)
    numbers = iter(range(len(tokens)))
    replaced = change(TOKEN.sub(lambda _: f"{word}{next(numbers)}x", text))
    return re.sub(rf"{word}(\d+)x", lambda match: tokens[int(match[1])], replaced)


def _words() -> Iterator[str]:
    word = "DOIREFERENCEx"
    while True:
        yield word
        word += "x"


def _kept(text: str) -> str:
    if not is_utf8(text):  # it can neither be parsed nor sent: the rules refuse it
        return text
    if _takes_too_long(text):
        return _paragraphs(TAG_LIKE.sub(" ", text))
    # what is left when a tag is gone may be completed: a row outside of a table's body gets one around it
    kept = _by_parser(_by_parser(text))
    return kept if is_html(kept) else " ".join(kept.split())


def _by_parser(text: str) -> str:
    import nh3

    kept = nh3.clean(text, tags=set(KEPT_TAGS), attributes={"a": {"href"}}, url_schemes=set(_SCHEMES), link_rel=None)
    return kept.strip()


def _takes_too_long(text: str) -> bool:
    depth = deepest = count = 0
    for match in _TAG.finditer(text):
        count += 1
        if match[2].lower() not in _CLOSES_ITSELF:
            depth = max(depth - 1, 0) if match[1] else depth + 1
            deepest = max(deepest, depth)
    return count * deepest > _MOST_WORK


def _paragraphs(plain: str) -> str:
    blocks = _BLANK_LINES.split(plain.replace("\r\n", "\n").replace("\r", "\n"))
    lines = [_lines(block.strip("\n")) for block in blocks]
    if len(lines) == 1:
        return lines[0]
    return "\n".join(f"<p>{each}</p>" for each in lines)


def _lines(block: str) -> str:
    lines = [_escaped(line.strip()) for line in block.split("\n")]
    return " ".join(lines) if _is_filled([line.rstrip() for line in block.split("\n")]) else "<br>".join(lines)


def _is_filled(lines: list[str]) -> bool:
    """Whether each line ends where the first word of the next would not have fitted."""
    width = max(map(len, lines))
    if width < _NARROWEST or any(_LIST_MARK.match(line) for line in lines[1:]):
        return False
    return all(
        len(line) + 1 + len(following.split(maxsplit=1)[0]) > width for line, following in itertools.pairwise(lines)
    )


def _escaped(plain: str) -> str:
    """As the repository stores plain text; a character reference that somebody wrote stays one."""
    return _AMPERSAND.sub(_reference, plain).replace("<", "&lt;").replace(">", "&gt;")


def _reference(match: re.Match[str]) -> str:
    from html.entities import html5

    return match[0] if match[1].startswith("#") or match[1] in html5 else f"&amp;{match[1]}"
