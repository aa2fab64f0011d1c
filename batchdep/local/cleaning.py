"""HTML of descriptions: a small set of tags stays, everything else goes and leaves its text (observed: HTML)."""

from __future__ import annotations

import re
from html import escape
from html.entities import html5
from html.parser import HTMLParser

KEPT = frozenset(
    str.split(
        "h1 h2 h3 h4 h5 h6 p ol ul li pre code a sub sup u strike strong div span br blockquote b em i table "
        "caption tbody td tfoot th tr abbr acronym"
    )
)
VOID = frozenset({"br"})
_SAFE_LINK = re.compile(r"(https?|ftp|mailto):|[^:]*$", re.IGNORECASE)
_SPECIAL = re.compile("[<>&]")
# An ampersand that begins no character reference; the parser is at odds with itself over these.
_BARE_AMPERSAND = re.compile(r"&(?!(?:#\d+|#[xX][0-9a-fA-F]+|[A-Za-z][A-Za-z0-9]*);)")


class _Cleaner(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=False)
        self.parts: list[str] = []
        self._open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in KEPT:
            return
        href = next((value for name, value in attrs if name == "href" and value), None) if tag == "a" else None
        link = f' href="{escape(href)}"' if href and _SAFE_LINK.match(href.strip()) else ""
        self.parts.append(f"<{tag}{link}>")
        if tag not in VOID:
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag not in self._open:
            return
        while self._open:
            closed = self._open.pop()
            self.parts.append(f"</{closed}>")
            if closed == tag:
                break

    def handle_data(self, data: str) -> None:
        self.parts.append(escape(data, quote=False))

    def handle_entityref(self, name: str) -> None:
        self.parts.append(f"&{name};" if f"{name};" in html5 else f"&amp;{name};")

    def handle_charref(self, name: str) -> None:
        self.parts.append(f"&#{name};")

    def finish(self) -> str:
        self.close()
        self.parts += [f"</{tag}>" for tag in reversed(self._open)]
        return "".join(self.parts)


def clean_html(text: str) -> str:
    """Allowed tags balanced and without attributes (links keep a harmless ``href``), all else escaped or gone."""
    if not _SPECIAL.search(text):
        return text
    cleaner = _Cleaner()
    cleaner.feed(_BARE_AMPERSAND.sub("&amp;", text))
    return cleaner.finish()
