"""Kinds of identifiers. The library that knows them all takes half a second to import, so only where it is needed."""

from __future__ import annotations

import re

from batchdep.local.vocab import SCHEMES

DOI = re.compile(r"10\.\d{4,9}(?:\.\d+)*/\S+")
_BEFORE_DOI = re.compile(r"(?:https?://(?:dx\.)?doi\.org/|doi:\s*)", re.IGNORECASE)
_BEFORE_ORCID = re.compile(r"(?:https?://orcid\.org/|orcid:\s*)", re.IGNORECASE)
_ORCID = re.compile(r"(?:\d{4}-){3}\d{3}[\dX]")
_ADDRESS = re.compile(r"(?:https?|ftp)://[^\s/?#]+\S*", re.IGNORECASE)


def bare_doi(text: str) -> str:
    """A DOI without the address or ``doi:`` before it; anything else as it is, trimmed."""
    text = text.strip()
    bare = _BEFORE_DOI.sub("", text, count=1) if _BEFORE_DOI.match(text) else text
    return bare if DOI.fullmatch(bare) else text


def normal_orcid(text: str) -> str:
    """The bare number with its hyphens set, whatever was sent: nonsense is altered too (observed: nons-ense--)."""
    digits = _BEFORE_ORCID.sub("", text.strip(), count=1).replace("-", "").replace(" ", "")
    return "-".join((digits[:4], digits[4:8], digits[8:12], digits[12:16]))


def is_orcid(text: str) -> bool:
    """Whether a number with hyphens is an ORCID iD, by its check digit (ISO 7064, MOD 11-2)."""
    if not _ORCID.fullmatch(text):
        return False
    total = 0
    for digit in text[:-1].replace("-", ""):
        total = (total + int(digit)) * 2
    return "0123456789X"[(12 - total % 11) % 11] == text[-1]


def is_address(text: str) -> bool:
    """Whether it is an http, https or ftp address."""
    return _ADDRESS.fullmatch(text) is not None


def is_isbn(text: str) -> bool:
    """Whether it is an ISBN with a right check digit."""
    import idutils

    return bool(idutils.is_isbn(text))


def normal_gnd(text: str) -> str | None:
    """A GND number without what may stand before it; None for a malformed one."""
    import idutils

    return str(idutils.normalize_gnd(text)).removeprefix("gnd:") if idutils.is_gnd(text) else None


def find_scheme(identifier: str) -> str | None:
    """The kind of an identifier, or None for one that the server does not find."""
    import idutils

    found = idutils.detect_identifier_schemes(identifier)
    # observed: an LSID is refused, though it is a URN in form
    return None if "lsid" in found else next((scheme for scheme in found if scheme in SCHEMES), None)
