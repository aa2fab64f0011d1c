"""People and entities of the Citation File Format."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from batchdep.metadata.formats.base import Reading, is_blank, text_of, texts
from batchdep.metadata.formats.convert import PRIVATE, note_of_people, note_split, orcid_of, person, person_name
from batchdep.metadata.formats.roles import Credit
from batchdep.metadata.formats.shapes import objects_at

_ROLES = {"authors": "author", "contact": "contact"}
_TAKEN = (
    *("family-names", "given-names", "name-particle", "name-suffix", "name", "affiliation", "orcid", "email", "alias"),
)


def credits_in(reading: Reading, content: Mapping[str, Any], *at: str | int) -> list[Credit]:
    """The authors and contacts of a work; a text instead of a mapping is a name."""
    return [
        Credit(_person(reading, entry, *path), path, [role])
        for key, role in _ROLES.items()
        for entry, path in objects_at(reading, content, key, *at, text_is="name")
    ]


def name_of(entry: Mapping[str, Any]) -> str:
    """``Family, Given`` of a person, the name of an entity, or the alias of who has neither."""
    whole = text_of(entry.get("name")) or text_of(entry.get("alias"))
    parts = (text_of(entry.get(key)) for key in ("family-names", "given-names"))
    particle, suffix = entry.get("name-particle"), entry.get("name-suffix")
    name = person_name(*parts, particle=particle, suffix=suffix, whole=whole)
    return " ".join(name.split())


def _person(reading: Reading, entry: Mapping[str, Any], *at: str | int) -> dict[str, Any]:
    name = name_of(entry)
    for key in ("family-names", "given-names"):
        if "," in text_of(entry.get(key)):
            message = f"`{key}` {text_of(entry[key])} has a comma, which is left out: a person is one entry"
            reading.note(message, *at, key)
    alias = text_of(entry.get("alias"))
    if alias and alias != name:
        reading.note_once(f"the alias {alias} of {name} is not taken over: people have one name", *at, "alias")
    if not is_blank(entry.get("email")):
        reading.note_once(PRIVATE, *at, "email")
    for key, value in entry.items():
        if key not in _TAKEN and not is_blank(value) and not (key == "website" and orcid_of(value)):
            note_of_people(reading, str(key), *at, str(key))
    if "name" in entry and name == " ".join(text_of(entry["name"]).split()):
        note_split(reading, name, *at, "name")
    affiliation = "; ".join(texts(entry.get("affiliation")))
    if not affiliation and not is_blank(entry.get("affiliation")):
        reading.note(f"`affiliation` of {name} is not taken over: it is no text", *at, "affiliation")
    return person(name, affiliation=affiliation, orcid=_orcid(reading, entry, *at))


def _orcid(reading: Reading, entry: Mapping[str, Any], *at: str | int) -> str | None:
    """An ORCID iD; what has no such form stays as it is written, for ``check`` to correct."""
    written = text_of(entry.get("orcid"))
    if not written and not is_blank(entry.get("orcid")):
        reading.note("`orcid` is not taken over: it is no text", *at, "orcid")
    return orcid_of(written, entry.get("website")) or written or None
