"""Normal forms of metadata values: two values with one normal form are the same to the repository.

What the repository rewrites without loss is listed in "Round trip" and "Types" of the observations of the server: it
trims and cleans text, adds ``scheme`` and empty affiliations, makes DOI and ORCID addresses bare, answers with old
licence ids, puts supervisors among the contributors, and so on. None of these functions raises, whatever JSON it gets.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Callable
from typing import Any

from batchdep.metadata.licences import licence_id
from batchdep.metadata.vocabulary import RELATIONS_NOT_ANSWERED
from batchdep.regexes import regex

Canonical = Callable[[Any], Any]

EC_FUNDER = "10.13039/501100000780"
_RENAMED_FUNDERS = {"10.13039/501100000690": "10.13039/100014013"}  # RCUK became UKRI, its grants with it

_NOT_ANSWERED = frozenset(each.lower() for each in RELATIONS_NOT_ANSWERED)

# every HTML element: what is none of them is text that somebody put in angle brackets, and counts as text
_HTML_ELEMENTS = (
    "a|abbr|acronym|address|area|article|aside|audio|b|base|bdi|bdo|big|blockquote|body|br|button|canvas|caption|"
    "center|cite|code|col|colgroup|data|datalist|dd|del|details|dfn|dialog|div|dl|dt|em|embed|fieldset|figcaption|"
    "figure|font|footer|form|frame|frameset|h1|h2|h3|h4|h5|h6|head|header|hgroup|hr|html|i|iframe|img|input|ins|kbd|"
    "label|legend|li|link|main|map|mark|math|menu|meta|meter|nav|noscript|object|ol|optgroup|option|output|p|param|"
    "picture|pre|progress|q|rp|rt|ruby|s|samp|script|section|select|small|source|span|strike|strong|style|sub|summary|"
    "sup|svg|table|tbody|td|template|textarea|tfoot|th|thead|time|title|tr|track|tt|u|ul|var|video|wbr"
)
HTML_TAG = regex(rf"</?({_HTML_ELEMENTS})(?:[\s/][^<>]*)?>", re.IGNORECASE)
"""An opening or closing tag of a known element; group 1 is its name."""

TAG_LIKE = regex(r"<[A-Za-z/!?][^>]*(?:>|$)")
"""What a parser of HTML takes for a tag; the last one may be open."""

_QUOTES = str.maketrans({"\u2018": "'", "\u2019": "'", "\u201a": "'", "\u201c": '"', "\u201d": '"', "\u201e": '"'})
_DOI_PREFIX = regex(r"^(?:doi:\s*|(?:https?://)?(?:dx\.|www\.)?doi\.org/)", re.IGNORECASE)
_IDENTIFIER_PREFIX = regex(
    r"^(?:doi:\s*|(?:https?://)?(?:dx\.|www\.)?doi\.org/|hdl:\s*|https?://hdl\.handle\.net/|arxiv:\s*"
    r"|https?://arxiv\.org/(?:abs|pdf)/|pmid:\s*|https?://pubmed\.ncbi\.nlm\.nih\.gov/|ads:|isbn:?\s*|issn:?\s*"
    r"|isni:?\s*|https?://(?:www\.)?isni\.org/(?:isni/)?|orcid:\s*|https?://orcid\.org/)",
    re.IGNORECASE,
)
_NUMBER_WITH_HYPHENS = regex(r"[\d\s-]+[\dxX]")
_ORCID_PREFIX = regex(r"^(?:orcid:\s*|(?:https?://)?(?:www\.)?orcid\.org/)", re.IGNORECASE)
_GND_PREFIX = regex(r"^(?:gnd:\s*|(?:https?://)?(?:www\.)?d-nb\.info/gnd/)", re.IGNORECASE)


def text(value: Any) -> Any:
    """Text without control and zero-width characters, blanks collapsed, typographic variants made one."""
    if not isinstance(value, str):
        return value
    if value.isascii() and value.isprintable() and "&" not in value:  # most text, in a tenth of the time
        return " ".join(value.split())
    plain = unicodedata.normalize("NFKC", _unescaped(value).translate(_QUOTES))
    visible = "".join(
        char if unicodedata.category(char) not in {"Cc", "Cf"} or char.isspace() else "" for char in plain
    )
    return " ".join(visible.split())


def rich_text(value: Any) -> Any:
    """The words of an HTML text, without tags: the repository drops tags and attributes and keeps their text."""
    if not isinstance(value, str):
        return value
    without_tags = HTML_TAG.sub(" ", _without_comments(value))
    words = text(without_tags)
    # a tag removed in the middle of a word leaves no blank on one side and one on the other
    return words.replace(" ", "") if isinstance(words, str) else words


def words(value: Any) -> Any:
    """The letters and digits of an HTML text outside of whatever could be taken for a tag.

    Text in angle brackets may be lost with the tags or kept: two texts are told apart by what is left.
    """
    if not isinstance(value, str):
        return value
    plain = unicodedata.normalize("NFKC", _unescaped(value))
    return "".join(char for char in TAG_LIKE.sub("", plain) if char.isalnum())


def _unescaped(value: str) -> str:
    if "&" not in value:
        return value
    import html  # all of HTML's entities, which few texts need

    return html.unescape(value)


def _without_comments(value: str) -> str:
    first, *others = value.split("<!--")
    return first + "".join(each.partition("-->")[2] if "-->" in each else f"<!--{each}" for each in others)


def bare_doi(value: Any) -> Any:
    """``https://doi.org/10.1234/X`` -> ``10.1234/x``: DOIs know no upper case (DOI handbook, 2.4)."""
    return _DOI_PREFIX.sub("", value.strip()).lower() if isinstance(value, str) else value


def bare_orcid(value: Any) -> Any:
    """``https://orcid.org/0000-0002-1825-0097`` -> ``0000-0002-1825-0097``."""
    return _ORCID_PREFIX.sub("", value.strip()).rstrip("/").upper() if isinstance(value, str) else value


def bare_gnd(value: Any) -> Any:
    return _GND_PREFIX.sub("", value.strip()).upper() if isinstance(value, str) else value


def identifier(value: Any) -> Any:
    """An identifier without its scheme's prefix or resolver, in small letters; numbers without hyphens."""
    if not isinstance(value, str):
        return value
    bare = _IDENTIFIER_PREFIX.sub("", value.strip()).rstrip("/").lower()
    return re.sub(r"[\s-]", "", bare) if _NUMBER_WITH_HYPHENS.fullmatch(bare) else bare


def person_name(value: Any) -> Any:
    """Blanks around the one comma of 'Family, Given' do not matter."""
    name = text(value)
    if not isinstance(name, str) or name.count(",") != 1:
        return name
    return ", ".join(part.strip() for part in name.split(",") if part.strip())


def _without_empty(item: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in item.items() if value not in (None, "", [], {})}


def person(value: Any) -> Any:
    """A creator, contributor or supervisor; ``affiliation: null`` is no affiliation."""
    if not isinstance(value, dict):
        return value
    return _without_empty(
        {
            "name": person_name(value.get("name")),
            "affiliation": text(value.get("affiliation")),
            "orcid": bare_orcid(value.get("orcid")),
            "gnd": bare_gnd(value.get("gnd")),
            "type": _small(value.get("type")),
        }
    )


def supervisor(value: Any) -> Any:
    """A supervisor as the contributor that it becomes."""
    return person({**value, "type": "Supervisor"}) if isinstance(value, dict) else value


def related_identifier(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    relation = _small(value.get("relation"))
    return _without_empty(
        {
            "identifier": identifier(value.get("identifier")),
            "relation": None if isinstance(relation, str) and relation in _NOT_ANSWERED else relation,
            "resource_type": _small(_renamed_type(value.get("resource_type"))),
        }
    )


def grant(value: Any) -> Any:
    """``{"id": "654241"}`` is a grant of the European Commission."""
    number = value.get("id") if isinstance(value, dict) else value
    if not isinstance(number, str):
        return number
    funder, _, award = number.strip().rpartition("::")
    funder = bare_doi(funder) or EC_FUNDER
    return f"{_RENAMED_FUNDERS.get(funder, funder)}::{award.strip()}"


def location(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    return _without_empty(
        {
            "place": text(value.get("place")),
            "description": text(value.get("description")),
            "lat": _number(value.get("lat")),
            "lon": _number(value.get("lon")),
        }
    )


def dated(value: Any) -> Any:
    """An entry of ``dates``; a single date is stored but does not come back, so it does not count."""
    if not isinstance(value, dict):
        return value
    start, end = text(value.get("start")), text(value.get("end"))
    interval = {"start": start, "end": end} if start and end and start != end else {}
    return {
        **interval,
        **_without_empty({"type": _small(value.get("type")), "description": text(value.get("description"))}),
    }


def subject(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    return _without_empty(
        {
            "term": text(value.get("term")),
            "identifier": identifier(value.get("identifier")),
            "scheme": _small(value.get("scheme")),
        }
    )


def community(value: Any) -> Any:
    return _small(value.get("identifier")) if isinstance(value, dict) else _small(value)


def language(value: Any) -> Any:
    """ISO 639-3: two letters come back as three."""
    code = _small(value)
    if isinstance(code, str) and len(code) == 2:
        from batchdep.metadata.languages import three_letters

        return three_letters(code) or code
    return code


def licence(value: Any) -> Any:
    return licence_id(value) or value


def publication_type(value: Any) -> Any:
    return _renamed_type(_small(value))


def access_right(value: Any) -> Any:
    """``closed`` is stored as ``restricted`` (observed: fields)."""
    return "restricted" if _small(value) == "closed" else _small(value)


def address(value: Any) -> Any:
    return value.strip().rstrip("/") if isinstance(value, str) else value


def _small(value: Any) -> Any:
    return value.strip().lower() if isinstance(value, str) else value


def _number(value: Any) -> Any:
    try:
        return float(value)
    except (TypeError, ValueError, OverflowError):
        return value


def _renamed_type(value: Any) -> Any:
    """``thesis`` comes back as ``dissertation`` (observed: types)."""
    return re.sub(r"\bthesis$", "dissertation", value) if isinstance(value, str) else value


SINGLE: dict[str, Canonical] = {
    "title": text,
    "description": rich_text,
    "notes": rich_text,
    "method": rich_text,
    "access_right": access_right,
    "publication_type": publication_type,
    "license": licence,
    "language": language,
    "doi": bare_doi,
    "conference_url": address,
    "imprint_isbn": identifier,
}
"""Normal forms of fields that hold one value; :func:`text` serves for the others."""

ITEMS: dict[str, Canonical] = {
    "creators": person,
    "contributors": person,
    "keywords": text,
    "references": text,
    "subjects": subject,
    "related_identifiers": related_identifier,
    "grants": grant,
    "communities": community,
    "locations": location,
    "dates": dated,
}
"""Normal forms of the items of list fields."""


def key(value: Any) -> str:
    """A normal form as text, to look it up by."""
    try:
        return json.dumps(value, sort_keys=True)
    except (TypeError, ValueError, RecursionError):  # YAML has keys and values that JSON has not
        return repr(value)
