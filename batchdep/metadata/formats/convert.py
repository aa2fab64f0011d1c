"""Conversions that several formats need: people, licences, grants, related identifiers."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

from batchdep.metadata.canonical import EC_FUNDER, bare_doi
from batchdep.metadata.dates import first_day
from batchdep.metadata.formats.base import Reading, text_of
from batchdep.metadata.funders import funder_doi
from batchdep.metadata.identifiers import OWN_DOI, OWN_PAGE, address_instead, is_doi, says_its_kind, scheme_of
from batchdep.regexes import regex

PRIVATE = "e-mail addresses are not taken over: a record is public"

_ORCID = regex(r"(?:^|orcid\.org/|orcid:\s*)(\d{4}-?\d{4}-?\d{4}-?\d{3}[\dXx])/?$", re.IGNORECASE)
_GRANT_PAGE_OF_EC = regex(r"cordis\.europa\.eu/project/(?:id|rcn)?/?(\d+)", re.IGNORECASE)


def person_name(family: Any, given: Any, *, particle: Any = None, suffix: Any = None, whole: Any = None) -> str:
    """``Family, Given`` from parts; ``whole`` where there is no family name.

    The deposit API splits a name at its only comma, so a suffix goes with the given names (observed: creators).
    """
    last = " ".join(part for part in (text_of(particle), text_of(family)) if part)
    first = " ".join(part for part in (text_of(given), text_of(suffix)) if part)
    if last and first:
        return f"{last.replace(',', '')}, {first.replace(',', '')}"
    return last or text_of(whole) or first


def orcid_of(*values: Any) -> str | None:
    """The first ORCID iD among ``values``, bare, as ``0000-0002-1825-0097``; its check digit is not judged."""
    for value in values:
        if found := _ORCID.search(text_of(value)):
            digits = found[1].replace("-", "").upper()
            return "-".join(digits[start : start + 4] for start in range(0, 16, 4))
    return None


def person(name: str, *, affiliation: Any = None, orcid: str | None = None, role: str | None = None) -> dict[str, Any]:
    """A creator, or with ``role`` a contributor; empty where there is no name."""
    if not name:
        return {}
    known = {"name": name, "affiliation": text_of(affiliation), "orcid": orcid, "type": role}
    return {key: value for key, value in known.items() if value}


def note_of_people(reading: Reading, key: str, *source: str | int) -> None:
    """What a file says of people under ``key``, and the repository has no place for: once, whoever it is said of."""
    message = f"`{key}` of people and organisations is not taken over: they have a name, an affiliation, an ORCID"
    reading.note_once(message, *source)


def note_split(reading: Reading, name: str, *source: str | int) -> None:
    """The name of an organisation that the deposit API would take for a family name and a given name."""
    if name.count(",") == 1:
        reading.note(f"{name} is an organisation, but the deposit API splits a name at its only comma", *source)


def words_in(text: str) -> list[str]:
    """The keywords in a text where a list should be: commas, semicolons or line breaks are between them."""
    return [word for each in re.split("[,;\n]", text) if (word := each.strip())]


def put_term(reading: Reading, term: str, identifier: str, scheme: str, *source: str | int) -> None:
    """A term with an identifier is a subject; without one it is a keyword, which has no scheme."""
    if identifier:
        subject = {"term": term, "identifier": identifier, "scheme": scheme}
        reading.add("subjects", {key: value for key, value in subject.items() if value}, *source)
        return
    reading.add("keywords", term, *source)
    if scheme:
        reading.note(f"the scheme {scheme} of {term} is not taken over: a keyword has none", *source)


def put_licence(reading: Reading, value: Any, *source: str | int) -> None:
    """Enters a licence given by id, alias, name or address; what is not recognised stays as it is written, for
    ``check`` to refuse with suggestions. A deposition has one licence: a second one is noted."""
    written = (
        text_of(value.get("id") or value.get("name") or value.get("url")) if isinstance(value, dict) else text_of(value)
    )
    if not written:
        return
    from batchdep.metadata.licence_names import licence_named  # who sends metadata needs other parts of this module

    licence = licence_named(written) or written
    if "license" in reading.metadata:
        if reading.metadata["license"] != licence:
            reading.note(f"the licence {written} is not taken over: a deposition has one", *source)
        return
    reading.put("license", licence, *source)


def relate(
    reading: Reading, identifier: Any, relation: str, *source: str | int, resource_type: str | None = None
) -> None:
    """Adds a related identifier in a form whose scheme the repository detects; notes it where there is none."""
    written = text_of(identifier)
    if not written:
        return
    form = written if scheme_of(written) else address_instead(written)
    if form is None:
        reading.note(f"{written} is not taken over: the repository knows no such kind of identifier", *source)
        return
    entry = {"identifier": form, "relation": relation, "resource_type": resource_type}
    reading.add("related_identifiers", {key: value for key, value in entry.items() if value}, *source)


def put_embargo(reading: Reading, day: str, *source: str | int) -> None:
    """An embargo and its end; one that is over says nothing of who may access the files now."""
    end = first_day(day)
    if end is not None and end <= datetime.now(UTC).date():
        reading.note(f"the embargo until {day} is not taken over: it is over", *source)
    else:
        reading.put("access_right", "embargoed", *source)
        reading.put("embargo_date", day, *source)


def reference_line(people: str, year: str, *parts: str) -> str:
    """A work as a list of references has it: who (when). What. Where."""
    made = f"{people} ({year})" if people and year else people or year
    return " ".join(". ".join(part for part in (made, *parts) if part).split())


def where_in(title: str, volume: str, issue: str, pages: str) -> str:
    """``Journal, 5(2), 10-19``."""
    number = f"{volume}({issue})" if volume and issue else volume or issue
    return ", ".join(part for part in (title, number, pages) if part)


def put_own_identifier(reading: Reading, written: str, name: str, *source: str | int) -> None:
    """What a file gives as the identifier of what it describes, under ``name``.

    It never becomes the record's ``doi``: then the repository would mint none, which nobody asked for. A DOI, an
    address or another identifier that says its kind is related as that of the same work elsewhere. The repository's
    own DOIs and pages are of an earlier version or of all versions, which only a person can tell.
    """
    if not written:
        return
    if is_doi(written) and OWN_DOI.match(bare_doi(written)):
        message = f"`{name}` {written} is not taken over: it is a DOI that the repository gave to another record"
        reading.note(f"{message}; say what that is to this one in `related_identifiers`", *source)
    elif OWN_PAGE.match(written):
        reading.note(f"`{name}` {written} is not taken over: it is the page of another record", *source)
    elif says_its_kind(written):
        relate(reading, written, "isIdenticalTo", *source)
        if is_doi(written):
            message = f"`{name}` {written} is taken over as isIdenticalTo: the repository gives the record its own DOI"
            reading.note(f"{message}; to keep this one write it under `doi`", *source)
    else:
        reading.note(f"`{name}` {written} is not taken over: it means nothing outside the file", *source)


def fund(
    reading: Reading, funder: Any, award: Any, *source: str | int, award_address: Any = None, name: Any = None
) -> None:
    """Adds a grant, or a note where the repository cannot hold it.

    ``funder`` is a funder DOI or ROR id in any form, ``name`` the funder's name, ``award`` the number of the grant,
    ``award_address`` its address: a page of CORDIS tells that it is a grant of the EC, and its number.
    """
    number = text_of(award)
    doi = funder_doi(text_of(funder), text_of(name))
    if found := _GRANT_PAGE_OF_EC.search(text_of(award_address)):
        number, doi = number or found[1], doi or EC_FUNDER
    shown = " ".join(part for part in (text_of(name) or text_of(funder), number or text_of(award_address)) if part)
    if not shown:
        return
    if doi is None or not number:
        why = "its funder is not one that the repository knows" if doi is None else "it has no award number"
        reading.note(f"the funding {shown} is not taken over: {why}", *source)
        return
    reading.add("grants", {"id": f"{doi}::{number}"}, *source)
