"""Markdown as the HTML that the repository keeps: CommonMark, with tables and ``~~struck out~~``.

What HTML has no kept tag for is told in another way: an image becomes a link to it under its alternative text, the
head of a table its first row. Addresses that are relative lead nowhere from a record's page, so their text is left.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from batchdep.metadata.html import around_references, cleaned, is_html
from batchdep.regexes import regex

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.token import Token

LONGEST: Final = 100_000
"""Characters; a longer text is taken as plain, since some texts cost the parser the square of their length."""

_FRONT_MATTER: Final = regex(r"\A---[ \t]*\n.*?\n(?:---|\.\.\.)[ \t]*(?:\n|\Z)", re.DOTALL)
_ABSOLUTE: Final = regex(r"(?:https?|ftp)://|mailto:", re.IGNORECASE)


def html_of_markdown(text: str) -> str:
    """The HTML of a Markdown text, cleaned; empty where it says nothing. Settings between ``---`` lines at its
    beginning are left out. A text of more than :data:`LONGEST` characters is taken as plain."""
    if len(text) > LONGEST:
        return cleaned(text)
    html = raw_html_of_markdown(text).strip()
    return cleaned(html) if is_html(html) else html


def raw_html_of_markdown(text: str) -> str:
    """The same before it is cleaned: with the HTML that was written into it."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    return around_references(_FRONT_MATTER.sub("", lines), lambda each: str(_parser().render(each)))


@cache
def _parser() -> MarkdownIt:
    from markdown_it import MarkdownIt

    parser = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
    rules: dict[str, str] = {
        "s_open": "<strike>", "s_close": "</strike>", "hr": "",
        # the head is no tag that is kept: its row is the first of the body
        "thead_open": "<tbody>\n", "thead_close": "", "tbody_open": "", "tbody_close": "",
        "table_close": "</tbody></table>\n",
    }  # fmt: skip
    for name, html in rules.items():
        parser.add_render_rule(name, _always(html))
    parser.add_render_rule("image", _image)
    parser.add_render_rule("link_open", _link)
    return parser


def _always(html: str) -> Any:
    return lambda _self, _tokens, _index, _options, _env: html


def _image(self: Any, tokens: Sequence[Token], index: int, options: Any, env: Any) -> str:
    from html import escape

    token = tokens[index]
    source = str(token.attrGet("src") or "")
    words = escape(self.renderInlineAsText(token.children or [], options, env), quote=False)
    if not _ABSOLUTE.match(source) or _inside_link(tokens, index):
        return words
    return f'<a href="{escape(source)}">{words or escape(source, quote=False)}</a>'


def _inside_link(tokens: Sequence[Token], index: int) -> bool:
    return sum(token.nesting for token in tokens[:index] if token.type in ("link_open", "link_close")) > 0


def _link(self: Any, tokens: Sequence[Token], index: int, _options: Any, _env: Any) -> str:
    from html import escape

    address = str(tokens[index].attrGet("href") or "")
    return f'<a href="{escape(address)}">' if _ABSOLUTE.match(address) else "<a>"
