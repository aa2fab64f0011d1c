"""``datapackage.json`` of Frictionless Data: versions 1 and 2, and the keys that were usual before version 1.

Source: the Data Package standard (datapackage.org). What describes the files (``resources``) belongs to them and is
deposited with them; it says nothing about the deposition but licences and sources.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from batchdep.metadata.dates import day_of
from batchdep.metadata.formats.base import Reading, is_blank, text_of, texts
from batchdep.metadata.formats.convert import (
    PRIVATE,
    note_of_people,
    orcid_of,
    person,
    person_name,
    put_licence,
    put_own_identifier,
    relate,
)
from batchdep.metadata.formats.roles import Credit, put_people
from batchdep.metadata.formats.shapes import objects_at, put_keywords, text_at
from batchdep.metadata.identifiers import OWN_PAGE, is_address, is_doi
from batchdep.metadata.licence_names import licence_named
from batchdep.problems import ValuePath
from batchdep.regexes import regex

_PEOPLE = {"author": "author", "authors": "author", "contributors": "", "maintainers": "maintainer"} | {
    "publishers": "publisher"
}
"""Keys under which people stand, with the role that the key itself gives; version 1 has ``contributors`` only."""

_LICENCES = ("licenses", "license")
_TAKEN = (
    *("title", "description", "version", "created", "homepage", "id", "keywords", "sources", *_LICENCES, *_PEOPLE),
    *("resources", "profile", "$schema"),
)
_OF_LICENCE = ("name", "path", "url", "id", "type", "title")
_AFFILIATIONS = ("organization", "organisation")
_OF_PERSON = (*("title", "name", "givenName", "familyName", "path", "web", "email", "role", "roles", *_AFFILIATIONS),)
_OF_SOURCE = ("title", "name", "path", "web", "uri", "url", "email", "version")
_PLACES = ("path", "web", "uri", "url")

_MAILBOX = regex(r"\s*(?:<[^<>]*>|\([^()]*\))")


def recognises(content: Any) -> bool:
    """An object with a list of ``resources``, each an object that says where its data are.

    ``@context`` marks JSON-LD, ``package_id`` what a CKAN portal answers about a package.
    """
    if not isinstance(content, dict) or "@context" in content:
        return False
    resources = content.get("resources")
    return isinstance(resources, list) and all(_is_resource(each) for each in resources)


def _is_resource(value: Any) -> bool:
    return (
        isinstance(value, dict) and "package_id" not in value and any(key in value for key in ("path", "data", "url"))
    )


def read(content: dict[str, Any]) -> Reading:
    """Each key of the standard; ``name`` stands in for a title that is missing."""
    reading = Reading()
    reading.put("upload_type", "dataset", "resources")
    _title(reading, content)
    reading.put("description", _html(text_at(reading, content, "description")), "description")
    put_people(reading, list(_people(reading, content)))
    reading.put("version", text_at(reading, content, "version"), "version")
    reading.put("publication_date", day_of(text_at(reading, content, "created")), "created")
    put_keywords(reading, content)
    _licences(reading, content)
    put_own_identifier(reading, text_at(reading, content, "id"), "id", "id")
    _homepage(reading, text_at(reading, content, "homepage"))
    for source, path in _sources(reading, content):
        _source(reading, source, path)
    reading.left_out(content, (*_TAKEN, "name"))
    return reading


def _title(reading: Reading, content: Mapping[str, Any]) -> None:
    name = text_at(reading, content, "name")
    reading.put("title", text_at(reading, content, "title"), "title")
    if name and reading.metadata.get("title") not in (None, name):
        reading.note(f"`name` {name} is not taken over: it stays in the file", "name")
    reading.put("title", name, "name")


def _homepage(reading: Reading, written: str) -> None:
    """A DOI, or the page of a record, is the package itself rather than what describes it."""
    if is_doi(written) or OWN_PAGE.match(written):
        put_own_identifier(reading, written, "homepage", "homepage")
    else:
        relate(reading, written, "isDescribedBy", "homepage")


def _html(markdown: str) -> str:
    from batchdep.metadata.markdown import html_of_markdown

    return html_of_markdown(markdown) if markdown else ""


# -- people --------------------------------------------------------------------------------------------------------


def _people(reading: Reading, content: Mapping[str, Any]) -> list[Credit]:
    return [
        _credit(reading, each, role, path)
        for key, role in _PEOPLE.items()
        for each, path in objects_at(reading, content, key, text_is="title")
    ]


def _credit(reading: Reading, entry: dict[str, Any], role: str, path: ValuePath) -> Credit:
    whole = text_at(reading, entry, "title", *path) or text_at(reading, entry, "name", *path)
    family, given = (text_at(reading, entry, key, *path) for key in ("familyName", "givenName"))
    name = person_name(family, given, whole=_MAILBOX.sub("", whole).strip())
    affiliation = next((text for key in _AFFILIATIONS if (text := text_at(reading, entry, key, *path))), "")
    places = [place for key in ("path", "web") if (place := text_at(reading, entry, key, *path))]
    orcid = orcid_of(*places)
    for key, value in entry.items():
        if key not in _OF_PERSON and not is_blank(value):
            note_of_people(reading, key, *path, key)
    if text_of(entry.get("email")) or any("@" in place for place in places):
        reading.note_once(PRIVATE, *path)
    for place in places:
        if name and not orcid and "@" not in place:
            message = f"the address {place} of {name} is not taken over: people have names and ORCID iDs"
            reading.note_once(message, *path)
    return Credit(person(name, affiliation=affiliation, orcid=orcid), path, _roles(reading, entry, role, path))


def _roles(reading: Reading, entry: dict[str, Any], role: str, path: ValuePath) -> list[str]:
    """``roles`` is version 2, ``role`` version 1; the key's own role counts only where there is neither."""
    for key in ("roles", "role"):
        if words := texts(entry.get(key)):
            return words
        if not is_blank(entry.get(key)):
            reading.note(f"`{key}` is not taken over: it is no list of texts", *path, key)
    return [role] if role else []


# -- licences ------------------------------------------------------------------------------------------------------


def _licences(reading: Reading, content: Mapping[str, Any]) -> None:
    """The package's licences, the first of them; where it has none, the one that all resources share."""
    for key in _LICENCES:
        for written, path in _licences_at(reading, content, key):
            put_licence(reading, written, *path)
    own = [
        list(_licences_at(reading, resource, "licenses", *path))
        for resource, path in objects_at(reading, content, "resources")
    ]
    different = {tuple(_id(written) for written, _ in each) for each in own}
    if "license" not in reading.metadata and len(different) == 1:
        for written, path in own[0]:
            put_licence(reading, written, *path)
    for written, path in (licence for each in own for licence in each):
        if _id(written) != _id(text_of(reading.metadata.get("license"))):
            message = f"the licence {written} of a part is not taken over: a deposition has one for all of it"
            reading.note_once(message, *path)


def _licences_at(
    reading: Reading, content: Mapping[str, Any], key: str, *source: str | int
) -> list[tuple[str, ValuePath]]:
    """Each licence in the words that tell best which it is, with its path."""
    found = []
    for licence, path in objects_at(reading, content, key, *source, text_is="name"):
        words = [text for part in _OF_LICENCE if (text := text_of(licence.get(part)))]
        if words:
            found.append((next((word for word in words if licence_named(word)), words[0]), path))
        elif licence:
            reading.note("a licence without a name or an address is not taken over", *path)
    return found


def _id(written: str) -> str:
    return (licence_named(written) or written).lower()


# -- sources -------------------------------------------------------------------------------------------------------


def _sources(reading: Reading, content: Mapping[str, Any]) -> list[tuple[dict[str, Any], ValuePath]]:
    """The package's, and those of its resources: what a part is made from, the whole is."""
    of_parts = [
        source
        for resource, path in objects_at(reading, content, "resources")
        for source in objects_at(reading, resource, "sources", *path, text_is="title")
    ]
    return [*objects_at(reading, content, "sources", text_is="title"), *of_parts]


def _source(reading: Reading, source: dict[str, Any], path: ValuePath) -> None:
    """An address is what the data are derived from; a title goes with it into the references."""
    reading.left_out(source, _OF_SOURCE, *path, why="sources have a title, a version and an address")
    title = text_of(source.get("title")) or text_of(source.get("name"))
    place = next((text for key in _PLACES if (text := text_of(source.get(key)))), "")
    if text_of(source.get("email")):
        reading.note_once(PRIVATE, *path)
    address = f"https://{place}" if place.lower().startswith("www.") else place
    if is_address(address) or is_doi(address):
        relate(reading, address, "isDerivedFrom", *path)
    elif place and not title:
        reading.note(f"the source {place} is not taken over: it is no address", *path)
    if title:
        version = text_of(source.get("version"))
        reference = ". ".join(part for part in (title, version and f"Version {version}", place) if part)
        reading.add("references", reference, *path)
