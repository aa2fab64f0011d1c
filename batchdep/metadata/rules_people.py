"""Rules of creators, contributors and supervisors."""

from __future__ import annotations

import re
from typing import Any

from batchdep.metadata import canonical
from batchdep.metadata.identifiers import bare_ror, is_gnd, orcid_fault
from batchdep.metadata.rules_base import Spot, is_empty, is_text, objects, one_of, optional_text, quote, required
from batchdep.metadata.rules_text import placeholder
from batchdep.metadata.sending import NAME_PARTS, NOT_SENT, sent_person
from batchdep.metadata.vocabulary import CONTRIBUTOR_TYPES
from batchdep.regexes import regex

_PERSON_KEYS = ("name", *NAME_PARTS, "affiliation", "orcid", "gnd", *NOT_SENT)
_CONTRIBUTOR_KEYS = (*_PERSON_KEYS, "type")
_EXAMPLE = '{name: "Family, Given", affiliation: ..., orcid: ...}'

_ORGANISATION = regex(
    r"\b(?:universit|institut|consorti|collaborati|team|group|project|cent(?:er|re|rum|ro)\b|laborator|lab\b|society"
    r"|association|foundation|council|network|department|agency|ministry|compan|inc\b|gmbh|ltd\b|museum|librar"
    r"|initiative|committee|program|college|school|hospital|academy|commission|organi[sz]ation|office|service|unit\b"
    r"|community|contributors|developers|partnership|alliance|facility|observatory|the\b)|[\d&]",
    re.IGNORECASE,
)
_ACRONYM = regex(r"[A-Z][A-Za-z-]*[A-Z][A-Za-z-]*")
_SEVERAL = regex(r"[;/]|\s(?:and|und|et|with)\s", re.IGNORECASE)
_WITH_COMMA = 'Write people as "Family, Given"; an organisation\'s name is fine as it is.'
_SHOWN = 3  # names that one warning quotes


def creators(value: Any, spot: Spot) -> None:
    if value == [] or value is None:
        spot.error("missing", "there is no creator; a deposition needs at least one", f"Write creators: [{_EXAMPLE}]")
        return
    _people(value, spot, _PERSON_KEYS)


def supervisors(value: Any, spot: Spot) -> None:
    """They come back as contributors of the type Supervisor."""
    _people(value, spot, _PERSON_KEYS)


def contributors(value: Any, spot: Spot) -> None:
    for person, at in _people(value, spot, _CONTRIBUTOR_KEYS):
        known = ", ".join(CONTRIBUTOR_TYPES)
        if (role := required(person, at, "type", f"Known types: {known}.")) is not None:
            one_of(role, at.at("type"), CONTRIBUTOR_TYPES, any_case=True)


def _people(value: Any, spot: Spot, keys: tuple[str, ...]) -> list[tuple[dict[str, Any], Spot]]:
    people = list(objects(value, spot, f"[{_EXAMPLE}]", keys))
    for person, at in people:
        _person(person, at)
    _stored_whole(people, spot)
    if len(people) > 1:
        _doubled(people)
    return people


def _doubled(people: list[tuple[dict[str, Any], Spot]]) -> None:
    seen: set[str] = set()
    for person, at in people:
        sent = sent_person(person)
        key = canonical.key(canonical.person(sent))
        if key in seen and sent.get("name"):
            at.warning("doubled", f"{at.name} {quote(sent['name'])} is listed twice", "Remove one of them.")
        seen.add(key)


def _person(person: dict[str, Any], spot: Spot) -> None:
    if any(key in person for key in NAME_PARTS):
        _parts(person, spot)
    else:
        name = required(person, spot, "name", 'Write name: "Family, Given"')
        if name is not None and is_text(name, spot.at("name")):
            _name(name, spot.at("name"))
    optional_text(person, spot, "affiliation", "orcid", "gnd", "ror")
    if isinstance(affiliation := person.get("affiliation"), str):
        _affiliation(affiliation, spot.at("affiliation"))
    if isinstance(ror := person.get("ror"), str) and ror.strip():
        _ror(ror, spot.at("ror"))
    if isinstance(orcid := person.get("orcid"), str) and orcid.strip() and (fault := orcid_fault(orcid)):
        message = f"{spot.at('orcid').name} {quote(orcid)} {fault}"
        spot.at("orcid").error("bad_orcid", message, "Copy it from the person's page at orcid.org, or remove it.")
    if isinstance(gnd := person.get("gnd"), str) and gnd.strip() and not is_gnd(gnd):
        message = f"{spot.at('gnd').name} {quote(gnd)} is no GND number: the server fails on it"
        spot.at("gnd").error("bad_gnd", message, "It looks like 118540238 or 4079163-4; see d-nb.info/gnd.")


def _parts(person: dict[str, Any], spot: Spot) -> None:
    """``family`` and ``given``, which make ``name``."""
    if "name" in person:
        message = f"{spot.name} has a name and its parts as well"
        spot.error("name_form", message, "Keep either name, or family and given.")
        return
    optional_text(person, spot, *NAME_PARTS)
    if is_empty(person.get("family")):
        message = f"{spot.name} has no family name"
        spot.error("name_form", message, "Add family; of who has one name only, or of an organisation, write name.")
        return
    for key in NAME_PARTS:
        if isinstance(part := person.get(key), str):
            placeholder(part, spot.at(key))
            if "," in part:
                message = f"{spot.at(key).name} {quote(part)} has a comma, which is left out: one splits the whole name"
                spot.at(key).warning("name_form", message, "Write it without the comma.")


def _affiliation(affiliation: str, spot: Spot) -> None:
    placeholder(affiliation, spot)
    if bare_ror(affiliation) is not None:
        message = f"{spot.name} {quote(affiliation)} is a ROR id, which the repository would show as the name"
        spot.warning("ror_as_name", message, "Write the organisation's name, and the id as ror.")


def _ror(ror: str, spot: Spot) -> None:
    if bare_ror(ror) is None:
        message = f"{spot.name} {quote(ror)} is no ROR id: a character or its check digits are wrong"
        spot.error("bad_ror", message, "Copy it from ror.org; it looks like https://ror.org/05gq02987.")
    else:
        spot.remark("not_sent", f"{spot.name} is not sent: the deposit API has a place for the affiliation only")


def _name(name: str, spot: Spot) -> None:
    """The server splits a name at its comma if there is exactly one; the family name must not be empty."""
    if name.count(",") == 1:
        family, given = (part.strip() for part in name.split(","))
        if not family:
            message = f"{spot.name} {quote(name)} has no family name before the comma"
            spot.error("name_form", message, 'Write "Family, Given".')
            return
        if not given:
            message = f"{spot.name} {quote(name)} has nothing after the comma"
            spot.warning("name_form", message, 'Write "Family, Given"; an organisation has no comma.')
    elif not name.replace(",", "").strip():
        spot.error("name_form", f"{spot.name} {quote(name)} is no name", 'Write "Family, Given".')
        return
    elif "," in name:
        message = f"{spot.name} {quote(name)} has several commas, so the whole of it is stored as the family name"
        spot.warning("name_form", message, 'Write "Family, Given" with one comma, one person an entry.')
    placeholder(name, spot)


def _stored_whole(people: list[tuple[dict[str, Any], Spot]], spot: Spot) -> None:
    """Names of people without a comma. Formats that write "Given Family" have them all so, and which word begins the
    family name only a person knows: they are told once a list, so that the output of a large batch stays readable."""
    found = [(name, at.at("name")) for person, at in people if (name := _name_without_comma(person))]
    if len(found) == 1:
        name, at = found[0]
        message = f"{at.name} {quote(name)} has no comma, so the whole of it is stored as the family name"
        at.warning("name_form", message, _instead(name))
    elif found:
        shown = ", ".join(quote(name) for name, _ in found[:_SHOWN])
        more = f" and {len(found) - _SHOWN:,} more" if len(found) > _SHOWN else ""
        message = f"{spot.name}: {len(found):,} names have no comma, so the whole of each is stored as the family name"
        found[0][1].warning("name_form", f"{message}: {shown}{more}", _WITH_COMMA)


def _name_without_comma(person: dict[str, Any]) -> str:
    """The name of who is not known to be an organisation; empty where it has a comma or is none."""
    name = person.get("name")
    if not isinstance(name, str) or any(key in person for key in NAME_PARTS) or "," in name:
        return ""
    stripped = name.strip()
    return "" if _ORGANISATION.search(stripped) or _ACRONYM.fullmatch(stripped) else stripped


def _instead(name: str) -> str:
    if _SEVERAL.search(name):
        return 'If these are several people, write an entry for each: "Family, Given".'
    given, _, family = name.rpartition(" ")
    example = f'"{family}, {given}"' if given else '"Family, Given"'
    return f"If it is a person, write {example}; an organisation's name is fine as it is."
