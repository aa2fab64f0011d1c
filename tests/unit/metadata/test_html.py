"""HTML and Markdown as the repository keeps them."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from batchdep.local.cleaning import KEPT, clean_html
from batchdep.metadata.html import Removed, cleaned, cleaned_metadata, has_breaks, removed_tags
from batchdep.metadata.markdown import LONGEST, html_of_markdown
from batchdep.metadata.references import TOKEN
from batchdep.metadata.vocabulary import KEPT_TAGS

_FILLED = (
    "Volatile compounds of roses were measured by gas\n"
    "chromatography in the summer of 2018, at noon and\n"
    "at midnight.\n"
)
_PIECES = st.sampled_from(
    [
        *("<", ">", "&", "&amp;", "&nbsp;", "&bogus;", "<p>", "</p>", "<b>", "</b>", "<i>", "<br>", "<td>", "<tr>"),
        *("<table>", "<thead>", "</table>", "<script>", "</script>", "<!--", "-->", '<a href="https://e.org/?a=1&b">'),
        *(
            "</a>",
            "<ul>",
            "<li>",
            "\n",
            "\n\n",
            " ",
            "word",
            "{doi:a<b&c}",
            "<x@y.org>",
            "ö",
            "# ",
            "* ",
            "_",
            "`",
            "|",
        ),
        *("<math>", "<svg>", "<h1>", "<pre>", "- ", "1. ", "[l](https://e.org)", "![i](x.png)", "---\n"),
    ]
)
_TEXTS = st.lists(_PIECES, max_size=25).map("".join)


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("plain", "plain"),
        (" plain ", " plain "),
        ("p < 0.05 & q > 1", "p &lt; 0.05 &amp; q &gt; 1"),
        ("mail to <me@example.org>", "mail to &lt;me@example.org&gt;"),
        ("AT&amp;T, &#233;, &bogus;", "AT&amp;T, &#233;, &amp;bogus;"),
        ("<p>a<script>bad()</script>b</p>", "<p>ab</p>"),
        ('<p class="x" onclick="y">a</p>', "<p>a</p>"),
        ("<p>a<p>b", "<p>a</p><p>b</p>"),
        ("<!-- note -->a", "a"),
        ("<jats:p>a</jats:p>", "a"),
        ("<section>a\nb</section>", "a b"),  # its text alone would be taken for plain text, with a line break
        ('<a href="https://e.org/?a=1" target="_blank">x</a>', '<a href="https://e.org/?a=1">x</a>'),
        ('<a href="javascript:x()">x</a>', "<a>x</a>"),
        ("<table><thead><tr><th>a</th></tr></thead></table>", "<table><tbody><tr><th>a</th></tr></tbody></table>"),
    ],
)
def test_what_is_kept(written: str, kept: str) -> None:
    assert cleaned(written) == kept


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("one\n\ntwo", "<p>one</p>\n<p>two</p>"),
        ("one\r\n \r\n\r\ntwo", "<p>one</p>\n<p>two</p>"),
        ("Roy, Asha\nCalcutta", "Roy, Asha<br>Calcutta"),
        ("columns:\n- a\n- b", "columns:<br>- a<br>- b"),
        ("one line\n", "one line\n"),
        (_FILLED, _FILLED.strip().replace("\n", " ")),
        (f"{_FILLED}\n{_FILLED}", "\n".join(f"<p>{_FILLED.strip()}</p>".replace("\n", " ") for _ in range(2))),
        ("<p>one</p>\n\n<p>two</p>", "<p>one</p>\n\n<p>two</p>"),
    ],
)
def test_plain_text_keeps_its_paragraphs(written: str, kept: str) -> None:
    assert cleaned(written) == kept


@pytest.mark.parametrize(
    ("written", "breaks"),
    [("one\n\ntwo", True), ("one\ntwo", True), (_FILLED, False), ("one", False), ("<p>a</p>\n\nb", False)],
)
def test_whether_plain_text_has_breaks(written: str, breaks: bool) -> None:
    assert has_breaks(written) is breaks


def test_removed_tags_have_their_line() -> None:
    text = "<p>a</p>\n<img src='x'>\n<IMG src='y'>\n<hr/><b>b</b>"
    assert removed_tags(text) == [Removed("img", 2), Removed("hr", 4)]
    assert removed_tags("a < b, <me@example.org>") == []


@given(_TEXTS)
def test_what_is_sent_is_what_is_stored(written: str) -> None:
    sent = cleaned(written)
    assert cleaned(sent) == sent
    assert clean_html(TOKEN.sub("10.5072/a", sent)) == TOKEN.sub("10.5072/a", sent)


@pytest.mark.parametrize(
    "written",
    [
        "see {doi:a<b&c} & DOIREFERENCEx0x",
        "<p>see {doi:a<b&c}</p>",
        "<a href='https://doi.org/{doi:a<b&c}'>x</a>",
        "one {doi: x }\n\ntwo {{doi:a<b&c}}",
    ],
)
def test_references_come_out_as_they_went_in(written: str) -> None:
    tokens = [match[0] for match in TOKEN.finditer(written)]
    assert [match[0] for match in TOKEN.finditer(cleaned(written))] == tokens
    assert cleaned(written).count("DOIREFERENCE") == written.count("DOIREFERENCE")


@given(_TEXTS)
def test_markdown_becomes_what_is_kept(written: str) -> None:
    html = html_of_markdown(written)
    assert cleaned(html) == html
    assert removed_tags(TOKEN.sub("", html)) == []


def test_the_repository_keeps_all_tags_that_are_left() -> None:
    assert KEPT_TAGS <= KEPT


@pytest.mark.parametrize("piece", ["<div>", "<b>", "<b x=1><p></p>", "<a ", "<!--", "<", "&", "*a", "[", "![a](", "`"])
def test_hostile_text_takes_no_time(piece: str) -> None:
    text = (piece * LONGEST)[:LONGEST]
    began = time.process_time()
    cleaned(text)
    html_of_markdown(text[:20_000])
    html_of_markdown(text + "a")
    assert time.process_time() - began < 4


def test_what_cannot_be_sent_stays_as_it_is() -> None:
    """Half a character: the rules refuse it, in words."""
    assert cleaned("The <i>rose</i> \ud800") == "The <i>rose</i> \ud800"


def test_only_html_fields_are_cleaned_and_the_rest_is_the_same_object() -> None:
    metadata = {"title": "a < b", "description": "a < b", "keywords": ["<"]}
    assert cleaned_metadata(metadata) == {"title": "a < b", "description": "a &lt; b", "keywords": ["<"]}
    fine = {"title": "a < b", "description": "plain", "notes": None}
    assert cleaned_metadata(fine) is fine


@pytest.mark.parametrize(
    ("written", "html"),
    [
        ("# Title\n\nSome *words*.", "<h1>Title</h1>\n<p>Some <em>words</em>.</p>"),
        ("", ""),
        ("a ~~b~~", "<p>a <strike>b</strike></p>"),
        ("---\ntitle: x\n---\nText.", "<p>Text.</p>"),
        ("a\n\n---\n\nb", "<p>a</p>\n<p>b</p>"),
        ("[l](https://e.org)", '<p><a href="https://e.org">l</a></p>'),
        ("[l](docs/a.md)", "<p><a>l</a></p>"),
        ("![A *fig*](https://e.org/a.png)", '<p><a href="https://e.org/a.png">A fig</a></p>'),
        ("![A fig](a.png)", "<p>A fig</p>"),
        ("[![badge](https://e.org/b.svg)](https://e.org)", '<p><a href="https://e.org">badge</a></p>'),
        ("[d](https://doi.org/{doi:my_set})", '<p><a href="https://doi.org/{doi:my_set}">d</a></p>'),
        ("{doi:a*b*c}", "<p>{doi:a*b*c}</p>"),
        ("<p align='center'>x</p>", "<p>x</p>"),
        ("a<script>x</script>", "<p>a</p>"),
        ("```python\na < b\n```", "<pre><code>a &lt; b\n</code></pre>"),
        (
            "| a | b |\n|---|:-:|\n| 1 | 2 |",
            "<table>\n<tbody>\n<tr>\n<th>a</th>\n<th>b</th>\n</tr>\n<tr>\n<td>1</td>\n<td>2</td>\n</tr>\n"
            "</tbody></table>",
        ),
    ],
)
def test_markdown(written: str, html: str) -> None:
    assert html_of_markdown(written) == html


def test_markdown_that_is_too_long_is_taken_as_plain_text() -> None:
    assert html_of_markdown("*a* " * LONGEST).startswith("*a* *a*")
