"""XML from anywhere."""

from __future__ import annotations

import pytest

from batchdep.metadata.formats.markup import MAX_DEPTH, MarkupError, parse_xml


def test_elements_know_names_texts_and_lines() -> None:
    root = parse_xml(b'<r xmlns="urn:x">\n <a xml:lang="en"> one <b/> two </a>\n <c><a>three</a></c>\n</r>')
    assert (root.tag, root.namespace, root.line) == ("r", "urn:x", 1)
    first = root.first("a")
    assert first is not None
    assert (first.text, first.attributes, first.line, first.column) == ("one  two", {"lang": "en"}, 2, 2)
    assert [each.text for each in root.all("c", "a")] == ["three"]
    assert root.text_at("c", "a") == "three"
    assert root.text_at("d") == ""
    assert root.first("c", "d") is None
    assert root.at((1, 0)).text == "three"
    assert root.at((1, 7, "x")).tag == "c"
    assert root.at((1, 0)).path == (1, 0)


@pytest.mark.parametrize(
    ("data", "words", "line"),
    [
        (b'<!DOCTYPE a [<!ENTITY x "y">]><a>&x;</a>', "document type", None),
        (b'<!DOCTYPE a SYSTEM "file:///etc/passwd"><a/>', "document type", None),
        (b"<a>\n<b></a>", "mismatched tag", 2),
        (b"not xml", "syntax error", 1),
        (b"<a>" * (MAX_DEPTH + 1), "nested", 1),
    ],
)
def test_what_is_refused(data: bytes, words: str, line: int | None) -> None:
    with pytest.raises(MarkupError, match=words) as caught:
        parse_xml(data)
    assert caught.value.line == line


def test_text_is_parted_where_an_element_stands() -> None:
    root = parse_xml(b"<r>\n  one <br/>two<b>bold</b> three<br/>\n</r>")
    assert root.text == "one two three"
    assert root.parted_by("br") == ["one", "two three", ""]
    assert root.parted_by("hr") == ["one two three"]
