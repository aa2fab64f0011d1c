"""Creators and contributors of DataCite's metadata."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from batchdep.metadata import canonical
from batchdep.metadata.formats.base import Reading, text_of
from batchdep.metadata.formats.convert import note_split, orcid_of, person, person_name
from batchdep.metadata.formats.roles import Credit, put_people
from batchdep.metadata.formats.shapes import objects_at
from batchdep.metadata.formats.unsaid import first_said
from batchdep.problems import ValuePath

_NAMES = ("name", "creatorName", "contributorName")
"""``creatorName`` and ``contributorName`` are those of the JSON of schema 4.0 to 4.2."""

Parts = dict[str, ValuePath]
"""Key of a person of the deposit API -> where in the kernel its value stands."""


def put_people_of(reading: Reading, content: Mapping[str, Any]) -> None:
    """Enters the people of a kernel."""
    credits: list[Credit] = []
    for key in ("creators", "contributors"):
        for entry, path in objects_at(reading, content, key, text_is="name"):
            role = "creator" if key == "creators" else text_of(entry.get("contributorType"))
            found, parts = _person(reading, entry, path)
            credits.append(Credit(found, path, [role] if role else [], parts))
    put_people(reading, credits)


def _person(reading: Reading, entry: Mapping[str, Any], path: ValuePath) -> tuple[dict[str, Any], Parts]:
    name = _name(reading, entry, path)
    if not name:
        return {}, {}
    parts: Parts = {}
    affiliation = _affiliation(reading, entry, path, parts)
    identifiers = _identifiers(reading, entry, path, name, parts)
    return person(name, affiliation=affiliation, orcid=identifiers.pop("orcid", None)) | identifiers, parts


def _name(reading: Reading, entry: Mapping[str, Any], path: ValuePath) -> str:
    """Family and given name where there are both; otherwise the name as it is written."""
    whole = " ".join(first_said(entry, *_NAMES).split())
    if text_of(entry.get("nameType")) == "Organizational":
        note_split(reading, whole, *path)
        return whole
    family, given = first_said(entry, "familyName"), first_said(entry, "givenName")
    return person_name(family, given) if (family and given) or not whole else whole


def _affiliation(reading: Reading, entry: Mapping[str, Any], path: ValuePath, parts: Parts) -> str:
    """The names of all affiliations: the deposit API has one text."""
    names: list[str] = []
    for key in ("affiliation", "affiliations"):
        for each, at in objects_at(reading, entry, key, *path, text_is="name"):
            if name := first_said(each, "name"):
                names.append(name)
                parts.setdefault("affiliation", at)
            if identifier := first_said(each, "affiliationIdentifier"):
                message = f"the identifier {identifier} of an affiliation is not taken over: the deposit API has none"
                reading.note_once(message, *at)
    return "; ".join(dict.fromkeys(names))


def _identifiers(
    reading: Reading, entry: Mapping[str, Any], path: ValuePath, name: str, parts: Parts
) -> dict[str, str]:
    """ORCID and GND; what is no ORCID though it is said to be stays as it is written, for ``check`` to refuse."""
    found: dict[str, str] = {}
    for each, at in objects_at(reading, entry, "nameIdentifiers", *path, text_is="nameIdentifier"):
        written = first_said(each, "nameIdentifier")
        scheme = _scheme(text_of(each.get("nameIdentifierScheme")), written)
        bare = orcid_of(written) or written if scheme == "orcid" else canonical.bare_gnd(written)
        if not written or found.get(scheme) == bare:
            continue
        if scheme in ("orcid", "gnd") and scheme not in found:
            found[scheme] = bare
            parts[scheme] = at
        else:
            message = f"the identifier {written} of {name} is not taken over: the deposit API has one ORCID and one GND"
            reading.note_once(message, *at)
    return found


def _scheme(said: str, written: str) -> str:
    letters = re.sub("[^a-z]+", "", said.lower())
    if "orcid" in letters or "orcid.org/" in written.lower():
        return "orcid"
    return "gnd" if letters == "gnd" or "d-nb.info/gnd/" in written.lower() else letters
