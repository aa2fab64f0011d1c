"""Strangers' texts as plain text: no markup, nothing that a terminal, a page or an editor would obey."""

from __future__ import annotations

import re
import unicodedata
from html.parser import HTMLParser
from typing import Any, Final

_BREAKING: Final = frozenset(
    {*("p", "div", "br", "li", "ul", "ol", "pre", "blockquote", "table", "tr", "h1", "h2", "h3", "h4", "h5", "h6")}
)
_UNSEEN: Final = frozenset({"script", "style", "template"})
_UNWANTED: Final = frozenset({"Cc", "Cs", "Co", "Cn"})
_REORDERING: Final = frozenset("\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u2028\u2029\ufeff")


def line(value: Any) -> str:
    """``value`` as one line of printable text; no text for None and for what is no single value."""
    if value is None or isinstance(value, (dict, list, bool)):
        return ""
    return " ".join(_printable(str(value)).split())


def plain(value: Any) -> str:
    """The words of an HTML text, a line a paragraph, without tags, comments and scripts."""
    if not isinstance(value, str):
        return line(value)
    reader = _Words()
    reader.feed(value)
    reader.close()
    lines = (" ".join(each.split()) for each in _printable("".join(reader.words)).split("\n"))
    return "\n".join(each for each in lines if each)


def address(value: Any) -> str | None:
    """``value`` if it is a web address, with what may not stand in one percent-encoded (RFC 3986, 2.1); else None."""
    text = line(value)
    if not re.match(r"https?://[^/\s]", text, re.IGNORECASE):
        return None
    return encoded(text)


def encoded(text: str) -> str:
    """``text`` with all that RFC 3986 allows nowhere in an address percent-encoded; what is encoded already stays."""
    return re.sub(
        r"[^A-Za-z0-9\-._~:/?#\[\]@!$&'()*+,;=%]|%(?![0-9A-Fa-f]{2})",
        lambda found: "".join(f"%{byte:02X}" for byte in found[0].encode("utf-8", "replace")),
        text,
    )


def _printable(text: str) -> str:
    if text.isascii() and text.isprintable():
        return text
    return "".join(
        char
        for char in text
        if char in "\n\t\r" or (char not in _REORDERING and unicodedata.category(char) not in _UNWANTED)
    )


class _Words(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.words: list[str] = []
        self._hidden = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._hidden += tag in _UNSEEN
        if tag in _BREAKING:
            self.words.append("\n")

    def handle_endtag(self, tag: str) -> None:
        self._hidden -= tag in _UNSEEN and self._hidden > 0
        if tag in _BREAKING:
            self.words.append("\n")

    def handle_data(self, data: str) -> None:
        if not self._hidden:
            self.words.append(data)
