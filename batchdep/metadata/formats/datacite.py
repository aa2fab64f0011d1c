"""DataCite's metadata in the deposit API's words: one mapping for all formats that speak DataCite's language.

The *kernel* is a record in DataCite's JSON (schema 4.0 to 4.6, and what its REST API adds). DataCite XML, Dublin Core
and InvenioRDM's records are brought into that form (:mod:`batchdep.metadata.formats.kernel`), so each rule stands once.

What the repository has one field for and the kernel several, such as translated titles, goes into ``notes``, labelled
with DataCite's own word; a note of the reading says so. What it makes itself (sizes, formats) or cannot hold is noted.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, NamedTuple

from batchdep.metadata import canonical, dates
from batchdep.metadata.datacite_words import access_named, deposit_type
from batchdep.metadata.formats.base import Note, Reading, is_blank, shortened, text_of
from batchdep.metadata.formats.convert import put_licence, put_term
from batchdep.metadata.formats.datacite_links import put_funding, put_identifiers, put_items, put_related
from batchdep.metadata.formats.datacite_people import put_people_of
from batchdep.metadata.formats.datacite_places import put_places
from batchdep.metadata.formats.shapes import note_no_texts, objects_at, text_at
from batchdep.metadata.formats.unsaid import first_said, said
from batchdep.metadata.html import cleaned
from batchdep.metadata.languages import language_code
from batchdep.metadata.licence_names import licence_named
from batchdep.metadata.vocabulary import DATE_TYPES, spelling
from batchdep.problems import ValuePath

_TAKEN = (
    *("doi", "id", "identifier", "identifiers", "types", "resourceType", "creators", "titles", "publisher"),
    *("publicationYear", "subjects", "contributors", "dates", "language", "alternateIdentifiers"),
    *("relatedIdentifiers", "relatedItems", "container", "version", "rightsList", "descriptions", "geoLocations"),
    *("fundingReferences", "url"),
)
_SINGLE_TEXTS = ("doi", "publicationYear", "language", "version")
_TEXTS = frozenset(
    {
        *("title", "titleType", "description", "descriptionType", "lang", "resourceType", "resourceTypeGeneral"),
        *("name", "nameType", "givenName", "familyName", "creatorName", "contributorName", "contributorType"),
        *("nameIdentifier", "nameIdentifierScheme", "affiliationIdentifier", "date", "dateType", "dateInformation"),
        *("subject", "subjectScheme", "valueUri", "classificationCode", "rights", "rightsUri", "rightsIdentifier"),
        *("identifierType", "alternateIdentifier", "alternateIdentifierType", "relatedIdentifier", "relationType"),
        *("relatedIdentifierType", "relatedItemType", "relatedItemIdentifierType", "volume", "issue", "firstPage"),
        *("lastPage", "funderName", "funderIdentifier", "awardNumber", "awardUri", "pointLatitude", "pointLongitude"),
        *("southBoundLatitude", "westBoundLongitude", "northBoundLatitude", "eastBoundLongitude"),
    }
)
"""Properties that are texts or numbers: at the top, and inside of others."""

_OF_THE_FILES = ("sizes", "formats", "contentUrl")
_OF_THE_REGISTRY = (
    *("prefix", "suffix", "schemaVersion", "agency", "state", "source", "reason", "xml", "isActive", "landingPage"),
    *("created", "registered", "updated", "published", "metadataVersion", "clientId", "providerId", "$schema"),
    *("viewCount", "viewsOverTime", "downloadCount", "downloadsOverTime", "referenceCount", "citationCount"),
    *("citationsOverTime", "partCount", "partOfCount", "versionCount", "versionOfCount"),
)
"""What DataCite's REST API tells about its entry in the register: nothing about the work."""

_LABELS = {
    **{"Subtitle": "Subtitle", "AlternativeTitle": "Alternative title", "TranslatedTitle": "Translated title"},
    **{"SeriesInformation": "Series", "TableOfContents": "Table of contents", "TechnicalInfo": "Technical information"},
}
"""titleType or descriptionType -> what it is called in the notes."""


class _Text(NamedTuple):
    """A title or description: its type, its language where it says one, and where it stands."""

    text: str
    kind: str
    language: str
    path: ValuePath


def read_kernel(content: Mapping[str, Any], place: Callable[[ValuePath], ValuePath]) -> Reading:
    """What a kernel says; ``place`` leads from a path in it to the path in the file. Raises nothing."""
    reading = Reading()
    for_notes: list[str] = []
    _put_types(reading, content)
    _put_titles(reading, content, for_notes)
    put_people_of(reading, content)
    _put_publisher(reading, content)
    _put_descriptions(reading, content, for_notes)
    _put_rights(reading, content)
    _put_dates(reading, content)
    _put_subjects(reading, content)
    _put_language(reading, content)
    reading.put("version", said(content.get("version")), "version")
    put_identifiers(reading, content)
    put_related(reading, content)
    put_items(reading, content)
    put_places(reading, content)
    put_funding(reading, content)
    reading.put("notes", "\n".join(for_notes), *reading.origins.pop(("notes",), ()))
    _note_the_rest(reading, content)
    reading.origins = {path: place(source) for path, source in reading.origins.items()}
    reading.notes = [Note(place(note.path), note.message) for note in reading.notes]
    return reading


def _note_the_rest(reading: Reading, content: Mapping[str, Any]) -> None:
    for key, value in content.items():
        if key in _SINGLE_TEXTS:
            text_at(reading, content, key)
        elif key in _TAKEN:
            note_no_texts(reading, value, _TEXTS, key)
    for key in _OF_THE_FILES:
        if not is_blank(content.get(key)):
            reading.note(f"`{key}` is not taken over: the repository tells it of the files themselves", key)
    if not is_blank(content.get("url")):
        reading.note("`url` is not taken over: it is the page of another record", "url")
    reading.left_out(content, (*_TAKEN, *_OF_THE_FILES, *_OF_THE_REGISTRY))


# -- what it is ----------------------------------------------------------------------------------------------------


def _put_types(reading: Reading, content: Mapping[str, Any]) -> None:
    """``types``; up to schema 4.2 ``resourceType`` was the object."""
    for key in ("types", "resourceType"):
        for types, path in objects_at(reading, content, key, text_is="resourceType"):
            general, specific = text_of(types.get("resourceTypeGeneral")), said(types.get("resourceType"))
            if not general and not specific:
                continue
            upload_type, finer = deposit_type(general, specific)
            if "upload_type" in reading.metadata:
                reading.note(f"the type {specific or general} is not taken over: a deposition has one", *path)
                continue
            reading.put("upload_type", upload_type, *path)
            reading.put(f"{upload_type}_type", finer, *path)
            if specific and not _says_the_same(specific, general, upload_type, finer):
                taken = f"{upload_type} {finer}".strip()
                message = f"the resource type {specific} is not taken over: the repository knows types of its own"
                reading.note(f"{message}; it is {taken}", *path)
            elif upload_type == "other" and general.lower() != "other":
                reading.note(f"the resource type {general} is taken over as other: the repository has no such", *path)


def _says_the_same(specific: str, general: str, upload_type: str, finer: str) -> bool:
    """Whether the free text of a type adds nothing to what is taken over."""
    word = re.sub("[^a-z]+", "", specific.lower())
    alone = deposit_type("", specific)
    return word in (upload_type, finer, general.lower()) or (alone == (upload_type, finer) and alone[0] != "other")


def _put_publisher(reading: Reading, content: Mapping[str, Any]) -> None:
    """A name, or since 4.5 an object. The repository's own name is what it writes by itself."""
    value = content.get("publisher")
    if isinstance(value, dict):
        name = said(value.get("name"))
        reading.left_out(value, ("name", "lang", "schemeUri", "publisherIdentifierScheme"), "publisher")
    else:
        name = said(value)
    if name.lower() != "zenodo":
        reading.put("imprint_publisher", name, "publisher")


def _put_language(reading: Reading, content: Mapping[str, Any]) -> None:
    """A code, a tag with a region or a name; what is none of them stays as it is, for ``check`` to correct."""
    written = said(content.get("language"))
    reading.put("language", language_code(written) or written, "language")


# -- texts ---------------------------------------------------------------------------------------------------------


def _texts(reading: Reading, content: Mapping[str, Any], key: str, word: str) -> list[_Text]:
    found = []
    for entry, path in objects_at(reading, content, key, text_is=word):
        text = said(entry.get(word))
        kind = text_of(entry.get(f"{word}Type")) or text_of(entry.get("type"))
        if text:
            found.append(_Text(text, kind, text_of(entry.get("lang")), path))
    return found


def _put_titles(reading: Reading, content: Mapping[str, Any], for_notes: list[str]) -> None:
    """The first title without a type is the main one (4.6, property 3)."""
    found = _texts(reading, content, "titles", "title")
    main = next((each for each in found if not each.kind), found[0] if found else None)
    if main is None:
        return
    title = " ".join(canonical.HTML_TAG.sub("", main.text).split())
    if title != " ".join(main.text.split()):
        reading.note("the title is taken over without its HTML tags: the repository shows them as text", *main.path)
    reading.put("title", title, *main.path)
    for each in found:
        if each is not main:
            _into_notes(reading, for_notes, each, _LABELS.get(each.kind, "Other title"))


def _put_descriptions(reading: Reading, content: Mapping[str, Any], for_notes: list[str]) -> None:
    """Abstracts, in all languages, are the description; where there is none, what has no type or the type Other."""
    found = _texts(reading, content, "descriptions", "description")
    abstract = next((kind for kind in ("Abstract", "", "Other") if any(each.kind == kind for each in found)), None)
    _put_html(reading, "description", [each for each in found if each.kind == abstract])
    _put_html(reading, "method", [each for each in found if each.kind == "Methods"])
    for each in found:
        if each.kind not in (abstract, "Methods"):
            label = "" if each.kind in ("", "Other") else _LABELS.get(each.kind, each.kind)
            _into_notes(reading, for_notes, each, label)


def _put_html(reading: Reading, key: str, found: list[_Text]) -> None:
    if len(found) == 1:
        reading.put(key, cleaned(found[0].text), *found[0].path)
    elif found:
        reading.put(key, "\n".join(_paragraph(each.text) for each in found), *found[0].path)


def _into_notes(reading: Reading, for_notes: list[str], text: _Text, label: str) -> None:
    """A text that has no field of its own, with what it is and its language before it."""
    reading.origins.setdefault(("notes",), text.path)
    if label:
        reading.note(f"the {label.lower()} {shortened(text.text)} is taken over into `notes`", *text.path)
        shown = f"{label} ({text.language})" if text.language else label
        separate = canonical.HTML_TAG.search(text.text)
        for_notes.append(f"<p>{shown}:</p>{cleaned(text.text)}" if separate else _paragraph(f"{shown}: {text.text}"))
    else:
        for_notes.append(_paragraph(text.text))


def _paragraph(text: str) -> str:
    html = cleaned(text)
    return html if html.startswith("<") else f"<p>{html}</p>"


def _put_subjects(reading: Reading, content: Mapping[str, Any]) -> None:
    for entry, path in objects_at(reading, content, "subjects", text_is="subject"):
        term = said(entry.get("subject"))
        identifier = first_said(entry, "valueUri", "valueURI", "classificationCode")
        scheme = text_of(entry.get("subjectScheme"))
        if term:
            put_term(reading, term, identifier, scheme, *path)
        elif identifier:
            reading.note(f"the subject {identifier} is not taken over: it has no term", *path)


# -- dates ---------------------------------------------------------------------------------------------------------


def _put_dates(reading: Reading, content: Mapping[str, Any]) -> None:
    """Issued, or else the year of publication; Collected, Valid and Withdrawn; Available as the end of an embargo."""
    found = [
        (text, text_of(entry.get("dateType")), entry, path)
        for entry, path in objects_at(reading, content, "dates", text_is="date")
        if (text := _days(said(entry.get("date"))))
    ]
    for text, kind, _, path in found:
        if kind == "Issued" and dates.interval_fault(text) is None:
            reading.put("publication_date", text, *path)
    reading.put("publication_date", said(content.get("publicationYear")), "publicationYear")
    for text, kind, entry, path in found:
        if (known := spelling(kind, DATE_TYPES)) is not None:
            reading.add("dates", _interval(text, known, entry), *path)
        elif kind == "Available" and _ends_embargo(reading, text):
            _put_embargo(reading, text, path)
        elif text != reading.metadata.get("publication_date") or kind not in ("Issued", "Available"):
            shown = f"{kind} {text}" if kind else text
            reading.note(f"the date {shown} is not taken over: the deposit API has no such date", *path)


def _days(text: str) -> str:
    """Dates without the times of day that they may have; RKMS-ISO8601 writes intervals with a slash."""
    return "/".join(map(dates.day_of, text.split("/")))


def _interval(text: str, kind: str, entry: Mapping[str, Any]) -> dict[str, str]:
    start, slash, end = (part.strip() for part in text.partition("/"))
    interval = {
        "start": start,
        "end": end if slash else start,
        "type": kind,
        "description": text_of(entry.get("dateInformation")),
    }
    return {key: value for key, value in interval.items() if value}


def _ends_embargo(reading: Reading, text: str) -> bool:
    """Available is the end of an embargo (4.6, property 8) where one is said, or where the day is still to come: files
    that were opened too early cannot be closed again."""
    access = reading.metadata.get("access_right")
    day = dates.first_day(text) if len(text) == len("2026-11-24") else None
    return access == "embargoed" or (access in (None, "open") and day is not None and day > datetime.now(UTC).date())


def _put_embargo(reading: Reading, day: str, path: ValuePath) -> None:
    if reading.metadata.get("access_right") != "embargoed":
        reading.metadata["access_right"] = "embargoed"
        reading.origins["access_right",] = path
        reading.note(f"the files will be under embargo until {day}: the file says that they are available then", *path)
    reading.put("embargo_date", day, *path)


# -- rights --------------------------------------------------------------------------------------------------------


def _put_rights(reading: Reading, content: Mapping[str, Any]) -> None:
    """Access rights by their names or addresses; of licences the first one that is known, or the first."""
    licences: list[tuple[bool, str, ValuePath]] = []
    for entry, path in objects_at(reading, content, "rightsList", text_is="rights"):
        words = [
            word for key in ("rightsIdentifier", "rightsUri", "rightsURI", "rights") if (word := said(entry.get(key)))
        ]
        access = next((right for word in words if (right := access_named(word))), None)
        known = next((word for word in words if licence_named(word)), None)
        if access and access != reading.metadata.get("access_right", access):
            reading.note(f"the access right {access} is not taken over: the file says another one before", *path)
        elif access:
            reading.put("access_right", access, *path)
        elif words:
            licences.append((known is None, known or words[-1], path))
    for _, licence, path in sorted(licences, key=lambda each: each[0]):
        put_licence(reading, licence, *path)
