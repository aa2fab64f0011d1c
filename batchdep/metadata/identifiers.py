"""Persistent identifiers: what the repository recognises, and why it does not recognise the rest.

Checks that every dataset needs (DOI, ORCID, address) are done here without a library; the rest is left to idutils,
which the server uses too and which takes half a second to import.
"""

from __future__ import annotations

import re
from functools import cache

from batchdep.metadata import canonical
from batchdep.regexes import regex

ACCEPTED_SCHEMES = frozenset(
    {*("doi", "arxiv", "url", "isbn", "issn", "pmid", "urn", "handle", "ark", "ads", "isni", "purl", "ean13", "istc")}
)
"""Schemes that the repository keeps for a related identifier (observed: "Identifiers found")."""

_DOI = regex(r"10\.\d{4,9}(?:\.\d+)*/\S+")
_ADDRESS = regex(r"(?:https?|ftp)://[^\s/?#]\S*", re.IGNORECASE)
_ORCID = regex(
    r"(?:orcid:\s*|(?:https?://)?(?:www\.)?orcid\.org/)?(\d{4})-?(\d{4})-?(\d{4})-?(\d{3}[\dXx])/?", re.IGNORECASE
)
_ORCID_INSIDE = regex(r"\d{4}-?\d{4}-?\d{4}-?\d{3}[\dXx]")
_GND = regex(
    r"(?:gnd:|(?:https?://)?d-nb\.info/gnd/)?(?:1[012]?\d{7}[\dX]|[47]\d{6}-\d|[1-9]\d{0,7}-[\dX]|3\d{7}[\dX])",
    re.IGNORECASE,
)
_ORCID_RANGES = ((15_000_000, 35_000_000), (900_000_000_000, 900_100_000_000))
"""Blocks of ISNI numbers that ORCID hands out, without check digit (ORCID: structure of the identifier)."""

OWN_DOI = regex(r"10\.(?:5281|5072)/", re.IGNORECASE)
"""Prefixes under which Zenodo and its sandbox mint DOIs themselves."""

OWN_PAGE = regex(r"https?://(?:sandbox\.)?zenodo\.org/(?:records?|deposit|uploads|doi)/\S+", re.IGNORECASE)
"""Pages of records and depositions at Zenodo and its sandbox."""

_BASE_32 = "0123456789abcdefghjkmnpqrstvwxyz"
_ROR = regex(r"(?:ror:\s*|(?:https?://)?(?:www\.)?ror\.org/)?(0[a-hj-km-np-tv-z0-9]{6}\d{2})/?", re.IGNORECASE)

_LONGEST = 2_000  # characters; none of the schemes but addresses and DOIs has longer ones

_ELSEWHERE = (
    (regex(r"www\.\S+", re.I), "https://{0}"),
    (regex(r"PMC\d+", re.I), "https://pmc.ncbi.nlm.nih.gov/articles/{0}/"),
    (regex(r"swh:\d:\S+", re.I), "https://archive.softwareheritage.org/{0}"),
    (regex(r"G(?:SE|SM|PL|DS)\d+", re.I), "https://www.ncbi.nlm.nih.gov/geo/query/acc.cgi?acc={0}"),
    (regex(r"SAM(?:N|D|EA)\d+", re.I), "https://identifiers.org/biosample:{0}"),
    (regex(r"PRJ(?:NA|EA|EB|DB)\d+", re.I), "https://identifiers.org/bioproject:{0}"),
    (regex(r"[SED]R[APRSXZ]\d+", re.I), "https://identifiers.org/insdc.sra:{0}"),
    (regex(r"MTBLS\d+", re.I), "https://www.ebi.ac.uk/metabolights/{0}"),
    (regex(r"igsn:(?P<id>\S+)", re.I), "https://hdl.handle.net/10273/{id}"),
    (regex(r"[\w-]+(?:\.[\w-]+)*\.[a-z]{2,}(?:/\S*)?", re.I), "https://{0}"),
)
"""Identifiers of repositories that Zenodo does not recognise, and the address to give instead."""


_PREFIXED = regex(r"(?:arxiv|hdl|urn|isbn|issn|ark|pmid|ads|igsn|swh):", re.IGNORECASE)
_ACCESSION = regex(r"[A-Za-z]+\d+")


@cache
def scheme_of(identifier: str) -> str | None:
    """The scheme under which the repository would keep a related identifier, or None where it finds none."""
    stripped = identifier.strip()
    if is_doi(stripped):
        return "doi"
    if is_address(stripped):
        return "url"
    return _scheme_by_library(stripped)


def _scheme_by_library(identifier: str) -> str | None:
    if len(identifier) > _LONGEST:
        return None
    import idutils

    try:
        found = idutils.detect_identifier_schemes(identifier)
    except (ValueError, IndexError, TypeError):  # idutils parses addresses with the standard library, which raises
        return None
    # an LSID is a URN in form, yet the server was seen to refuse it
    return None if "lsid" in found else next((each for each in found if each in ACCEPTED_SCHEMES), None)


def address_instead(identifier: str) -> str | None:
    """The web address to give in place of an identifier that the repository does not recognise."""
    for pattern, template in _ELSEWHERE:
        if match := pattern.fullmatch(identifier.strip()):
            return template.format(match[0], **match.groupdict())
    return None


def says_its_kind(written: str) -> bool:
    """Whether a text is an identifier without doubt: the repository would detect a PMID in a local number."""
    if is_doi(written) or is_address(written):
        return True
    if _PREFIXED.match(written):
        return (scheme_of(written) or address_instead(written)) is not None
    return _ACCESSION.fullmatch(written) is not None and address_instead(written) is not None


def is_doi(value: str) -> bool:
    """A DOI: bare, with ``doi:``, or as an address at doi.org."""
    bare = canonical.bare_doi(value)
    return isinstance(bare, str) and _DOI.fullmatch(bare) is not None


def is_address(value: str) -> bool:
    """A web or FTP address with its scheme."""
    return _ADDRESS.fullmatch(value.strip()) is not None


@cache
def orcid_fault(orcid: str) -> str | None:
    """What is wrong with an ORCID, or None.

    Taken are the number with or without hyphens and its address at orcid.org; the check digit is that of
    ISO 7064 MOD 11-2, and the number must lie in the blocks that ORCID hands out.
    """
    match = _ORCID.fullmatch(orcid.strip())
    if match is None:
        inside = _ORCID_INSIDE.search(orcid)
        return f"is not written as an ORCID; the number alone would do: {inside[0]}" if inside else "is not an ORCID"
    digits = "".join(match.groups()).upper()
    if not digits.strip("0"):
        return "stands in for one that is not known yet"
    expected = _check_digit(digits[:15])
    if digits[15] != expected:
        return (
            f"has a wrong check digit: there is a typing error somewhere in it ('{digits[15]}' should be '{expected}')"
        )
    if not any(first <= int(digits[:15]) <= last for first, last in _ORCID_RANGES):
        return "is a number that ORCID has not handed out"
    return None


def bare_orcid(orcid: str) -> str:
    """``https://orcid.org/000000021825009x`` -> ``0000-0002-1825-009X``; what is no ORCID stays as it is."""
    match = _ORCID.fullmatch(orcid.strip())
    return "-".join(match.groups()).upper() if match else orcid


def _check_digit(digits: str) -> str:
    total = 0
    for digit in digits:
        total = (total + int(digit)) * 2
    remainder = (12 - total % 11) % 11
    return "X" if remainder == 10 else str(remainder)


def bare_ror(value: str) -> str | None:
    """``https://ror.org/05gq02987`` -> ``05gq02987``: the id of an organisation, or None where the text is none.

    Its last two digits are the check digits of ISO 7064 MOD 97-10 over the six before, which are Crockford's base 32
    (ROR: "ROR identifier pattern").
    """
    match = _ROR.fullmatch(value.strip())
    if match is None:
        return None
    digits = match[1].lower()
    number = 0
    for letter in digits[:-2]:
        number = number * 32 + _BASE_32.index(letter)
    return digits if int(digits[-2:]) == 98 - number * 100 % 97 else None


def is_gnd(value: str) -> bool:
    """An identifier of the Gemeinsame Normdatei: bare, with ``gnd:``, or as an address at d-nb.info."""
    return _GND.fullmatch(value.strip()) is not None


@cache
def is_isbn(value: str) -> bool:
    """An ISBN of 10 or 13 digits with a right check digit."""
    digits = re.sub(r"[\s-]", "", value).upper()
    if re.fullmatch(r"\d{9}[\dX]", digits):
        values = [10 if digit == "X" else int(digit) for digit in digits]
        return sum((10 - place) * each for place, each in enumerate(values)) % 11 == 0
    if re.fullmatch(r"97[89]\d{10}", digits):
        return sum(int(digit) * (3 if place % 2 else 1) for place, digit in enumerate(digits)) % 10 == 0
    return False
