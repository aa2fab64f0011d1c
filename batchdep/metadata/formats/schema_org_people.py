"""People and organisations of schema.org."""

from __future__ import annotations

import re
from collections.abc import Iterator

from batchdep.metadata import canonical
from batchdep.metadata.formats.base import Reading
from batchdep.metadata.formats.convert import PRIVATE, note_of_people, note_split, orcid_of, person, person_name
from batchdep.metadata.formats.jsonld import Node
from batchdep.metadata.formats.roles import Credit, put_people
from batchdep.metadata.identifiers import is_address, is_gnd
from batchdep.problems import ValuePath
from batchdep.regexes import regex

AUTHORS = ("creator", "author")
_ROLES = dict.fromkeys(AUTHORS, "creator") | {
    **{"contributor": "contributor", "editor": "editor", "maintainer": "maintainer", "producer": "producer"},
    **{"provider": "distributor", "copyrightHolder": "copyrightHolder", "sponsor": "sponsor"},
    **{"contactPoint": "contact", "accountablePerson": "accountablePerson", "translator": "translator"},
    **{"illustrator": "illustrator", "sourceOrganization": "sourceOrganization"},
}
"""Key of a work -> role of :mod:`batchdep.metadata.formats.roles`; those that it does not know are Other."""

KEYS = tuple(_ROLES)
_AFFILIATION = ("affiliation", "worksFor", "parentOrganization")
_TAKEN = (
    *("name", "alternateName", "givenName", "familyName", "additionalName", "honorificPrefix", "honorificSuffix"),
    *("identifier", "sameAs", "url", "email", "roleName", *AUTHORS, "contributor", *_AFFILIATION),
)
_ORGANISATIONS = regex(r"(?:Organization|Corporation|Project|Consortium|Institution|University)$")
_GND = regex(r"d-nb\.info/gnd/([\dX-]+)/?$", re.IGNORECASE)

Parts = dict[str, ValuePath]
"""Key of a person of the deposit API -> where its value stands."""


def put_people_of(reading: Reading, work: Node, sponsors: list[Node]) -> None:
    """Enters the people of a work, and those who paid without a grant that could be entered."""
    credits: list[Credit] = []
    mentioned = [(node, role) for key, role in _ROLES.items() for node in work.nodes(key)]
    for mention, key_role in (*mentioned, *((node, "funder") for node in sponsors)):
        for node, roles in _persons(mention, key_role):
            found, parts = _person(reading, node)
            if found:
                credits.append(Credit(found, node.place, roles, parts))
    put_people(reading, credits)


def _persons(mention: Node, role: str) -> Iterator[tuple[Node, list[str]]]:
    """Whom a mention stands for: a ``Role`` has the person under the key that it stands at (schema.org: Role)."""
    if not any(each.endswith("Role") for each in mention.types):
        yield mention, [role]
        return
    names = [each.text for each in mention.texts("roleName")]
    roles = [*(["creator"] if role == "creator" else []), *names] or [role]
    for node in mention.nodes(*AUTHORS, "contributor"):
        yield node, roles


def _person(reading: Reading, node: Node) -> tuple[dict[str, str], Parts]:
    orcid = _orcid(node)
    name, at = _name(reading, node, orcid)
    if not name:
        shown = node.id or "somebody"
        reading.note(f"{shown} is not taken over: there is no name in the file", *node.place)
        return {}, {}
    affiliation, affiliated = affiliation_of(reading, node)
    parts = {"name": at, "affiliation": affiliated, "orcid": orcid[1], "gnd": node.place}
    found = person(name, affiliation=affiliation, orcid=orcid[0])
    if gnd := next((bare for each, _ in _identifiers(node) if (bare := _gnd(each))), ""):
        found["gnd"] = gnd
    _note_the_rest(reading, node)
    return found, {key: path for key, path in parts.items() if key in found}


def _name(reading: Reading, node: Node, orcid: tuple[str | None, ValuePath]) -> tuple[str, ValuePath]:
    if node.text:
        return node.text, node.path
    family, given = node.texts("familyName"), node.texts("givenName")
    whole = node.texts("name") or node.texts("alternateName")
    if family and given:
        suffix = node.first("honorificSuffix")
        first = " ".join((given[0].text, *(each.text for each in node.texts("additionalName"))))
        return person_name(family[0].text, first, suffix=suffix), family[0].path
    found = next(iter((*whole, *family, *given)), None)
    if found is None:
        return "", node.place
    name = " ".join(found.text.split())
    if any(_ORGANISATIONS.search(each) for each in node.types) and not orcid[0]:
        note_split(reading, name, *found.path)
    return name, found.path


def affiliation_of(reading: Reading, node: Node) -> tuple[str, ValuePath]:
    """The names of all affiliations, since the deposit API has one text, and where the first stands."""
    names: dict[str, ValuePath] = {}
    for each in node.nodes(*_AFFILIATION):
        if name := each.text or each.first("name", "legalName", "alternateName"):
            names.setdefault(name, each.place)
        else:
            reading.note(f"the affiliation {each.id} is not taken over: there is no name in the file", *each.path)
    return "; ".join(names), next(iter(names.values()), node.place)


def _orcid(node: Node) -> tuple[str | None, ValuePath]:
    """An ORCID iD; what is written as one stays as it is, for ``check`` to judge its digits."""
    written = list(_identifiers(node))
    found = next(((orcid, at) for each, at in written if (orcid := orcid_of(each))), None)
    return found or next(((each, at) for each, at in written if "orcid.org/" in each.lower()), (None, node.place))


def _gnd(written: str) -> str:
    found = _GND.search(written)
    if found:
        return found[1]
    return canonical.bare_gnd(written) if written.lower().startswith("gnd:") and is_gnd(written) else ""


def _identifiers(node: Node) -> Iterator[tuple[str, ValuePath]]:
    """What may be the person's identifier, with where it stands; an ISNI has an ORCID iD's form."""
    if node.id:
        yield node.id, node.id_place
    for key in ("identifier", "sameAs", "url"):
        for each in node.nodes(key):
            if "isni" in each.first("propertyID").lower():
                continue
            for text in (each.text, each.id, *(other.text for other in each.texts("value", "url", "identifier"))):
                if text:
                    yield text, each.path


def _note_the_rest(reading: Reading, node: Node) -> None:
    """One note for each kind of thing, not for each person."""
    for written, path in node.left(_TAKEN):
        note_of_people(reading, written, *path)
    for written, path in _identifiers(node):
        if path != node.id_place and not (orcid_of(written) or _gnd(written) or "orcid.org/" in written.lower()):
            message = "identifiers and addresses of people and organisations are not taken over"
            reading.note_once(f"{message}, but for ORCID and GND", *path)
    if len({each.text for each in node.texts("name", "alternateName")}) > 1:
        message = "of people and organisations with several names one is taken over"
        reading.note_once(message, *node.texts("name", "alternateName")[1].path)
    for email in node.texts("email")[:1]:
        reading.note_once(PRIVATE, *email.path)
    for each in node.nodes(*_AFFILIATION):
        if is_address(each.id) and each.first("name"):
            message = "identifiers of affiliations are not taken over: the deposit API has their names"
            reading.note_once(message, *each.path)
