"""Identifiers that are checked here rather than by the library."""

from __future__ import annotations

import idutils
import pytest
from hypothesis import given
from hypothesis import strategies as st

from batchdep.local.identifiers import bare_doi, find_scheme, is_address, is_orcid, normal_orcid
from batchdep.metadata.identifiers import scheme_of


@given(st.integers(0, 10**15 - 1), st.sampled_from("0123456789X"))
def test_orcid_agrees_with_the_library(number: int, check: str) -> None:
    sent = normal_orcid(f"{number:015d}{check}")
    in_range = bool(idutils.is_orcid(sent))
    assert is_orcid(sent) or not in_range
    if is_orcid(sent):
        assert not is_orcid(sent[:-1] + ("0" if check != "0" else "1"))


@pytest.mark.parametrize(
    ("sent", "bare"),
    [
        ("10.1234/x", "10.1234/x"),
        (" doi:10.1234/x ", "10.1234/x"),
        ("https://doi.org/10.1234/x", "10.1234/x"),
        ("http://dx.doi.org/10.1234/x", "10.1234/x"),
        ("https://example.org/10.1234/x", "https://example.org/10.1234/x"),
        ("nonsense", "nonsense"),
        ("", ""),
    ],
)
def test_bare_doi(sent: str, bare: str) -> None:
    assert bare_doi(sent) == bare


@pytest.mark.parametrize(
    ("text", "fine"), [("https://a.org/x", True), ("ftp://a", True), ("a.org", False), ("http://", False)]
)
def test_addresses(text: str, fine: bool) -> None:
    assert is_address(text) is fine


@pytest.mark.parametrize(
    ("identifier", "scheme"),
    [
        ("10.1234/abc", "doi"),
        ("978-3-16-148410-0", "isbn"),
        ("9783161484100", "isbn"),
        ("4006381333931", "ean13"),
        ("0A9 2002 12B4A105 7", "istc"),
        ("0000-0002-1825-0097", "isni"),
        ("urn:lsid:a.b:c:1", None),
        ("PMC123", None),
    ],
)
def test_scheme(identifier: str, scheme: str | None) -> None:
    assert find_scheme(identifier) == scheme
    assert scheme_of(identifier) == scheme, "what check lets pass, the repository takes"
