"""HTML cleaning, whatever is sent."""

from __future__ import annotations

from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from batchdep.local.cleaning import KEPT, clean_html


class Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, list[tuple[str, str | None]]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, attrs))


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("plain", "plain"),
        ("<p>a", "<p>a</p>"),
        ("a</p>b", "ab"),
        ("<b><i>a</b>", "<b><i>a</i></b>"),
        ("a<br/>b", "a<br>b"),
        ("&lt;kept&gt; &eacute; &#233;", "&lt;kept&gt; &eacute; &#233;"),
        ("AT&T", "AT&amp;T"),
        ("<!-- gone --><?gone?>x", "x"),
        ("<style>p{}</style>", "p{}"),
        ('<a href="javascript:x">a</a>', "<a>a</a>"),
        ('<a href=" JavaScript:x">a</a>', "<a>a</a>"),
        ('<a href="mailto:a@b.c">a</a>', '<a href="mailto:a@b.c">a</a>'),
        ("<a href='https://e.org/?a=\"b\"'>a</a>", '<a href="https://e.org/?a=&quot;b&quot;">a</a>'),
    ],
)
def test_what_stays(sent: str, kept: str) -> None:
    assert clean_html(sent) == kept


@given(
    st.lists(st.sampled_from(["<", ">", "/", "script", "a ", "href=", '"', "javascript:", "&", ";", "p", "<!--", "x"]))
)
def test_nothing_harmful_gets_through(parts: list[str]) -> None:
    parsed = Tags()
    parsed.feed(clean_html("".join(parts)))
    for tag, attributes in parsed.found:
        assert tag in KEPT
        assert {name for name, _ in attributes} <= {"href"}
        assert not any((value or "").lower().lstrip().startswith("javascript:") for _, value in attributes)


@given(st.text(alphabet="<>ab&;/p \"'="))
def test_cleaning_twice_changes_nothing(text: str) -> None:
    once = clean_html(text)
    assert clean_html(once) == once
