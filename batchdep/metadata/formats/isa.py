"""The ISA model (investigation, studies, assays), and what of it a deposition says: one mapping for both its forms.

Sources: ISA model and serialisations 2.0 (isa-specs.readthedocs.io). Samples, processes and files of measurements are
the data themselves; they stay in the files.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from itertools import cycle, zip_longest

from msgspec import Struct, field

from batchdep.metadata.dates import first_day
from batchdep.metadata.formats.base import Reading
from batchdep.metadata.formats.convert import (
    fund,
    orcid_of,
    person,
    person_name,
    put_licence,
    put_own_identifier,
    relate,
)
from batchdep.metadata.formats.roles import NOBODY, Credit, put_people
from batchdep.metadata.html import cleaned as html_of
from batchdep.metadata.identifiers import is_address, is_doi
from batchdep.problems import ValuePath
from batchdep.regexes import regex


class Text(Struct, frozen=True):
    """A text and its place in the file; empty where the file says nothing."""

    text: str = ""
    path: ValuePath = ()

    def __bool__(self) -> bool:
        return bool(self.text)


class Term(Struct, frozen=True):
    """A term of an ontology, or free text; ``accession`` is its address there, or its number."""

    name: Text = Text()
    accession: str = ""


class Comment(Struct, frozen=True):
    name: str
    value: Text


class Person(Struct, frozen=True):
    last: Text
    first: str
    initials: str
    affiliation: str
    roles: list[Term]
    comments: list[Comment]
    path: ValuePath
    private: bool = False
    """Whether the file has an e-mail address, telephone or fax number, or postal address."""


class Publication(Struct, frozen=True):
    doi: Text
    pubmed: Text
    authors: str
    title: Text
    status: str
    path: ValuePath


class Protocol(Struct, frozen=True):
    name: Text
    kind: str
    description: str
    uri: Text
    version: str
    parameters: list[str]
    components: list[str]


class Part(Struct):
    """The investigation, or a study; ``word`` is how notes call it."""

    word: str
    identifier: Text = Text()
    title: Text = Text()
    description: Text = Text()
    submitted: Text = Text()
    released: Text = Text()
    people: list[Person] = field(default_factory=list)
    publications: list[Publication] = field(default_factory=list)
    comments: list[Comment] = field(default_factory=list)
    terms: list[Term] = field(default_factory=list)
    """Design descriptors, factors, measurements, technologies."""
    protocols: list[Protocol] = field(default_factory=list)


_ORCID = regex(r"orcid", re.IGNORECASE)
_FUNDER = regex(r"\bfund(?:er|ing)\b|\bsponsor", re.IGNORECASE)
_GRANT = regex(r"\bgrant|\baward", re.IGNORECASE)
_LICENCE = regex(r"\blicen[cs]e", re.IGNORECASE)
_KEYWORDS = regex(r"\bkeywords?\b", re.IGNORECASE)
_TERMS_OF_USE = regex(r"\bconsent\b|\bdata use\b|\b(?:DUO|ICO)[:_]|\bterms of use\b|\baccess (?:right|cond)", re.I)


def described(investigation: Part, studies: Sequence[Part], reading: Reading) -> Reading:
    """Enters what the investigation and its studies say.

    Of a single study its own words are the dataset's: the investigation's are then to be empty (ISA-Tab), and are no
    more than what a program filled in. Several studies are described by the investigation, and one after the other.
    """
    parts = [*studies, investigation] if len(studies) == 1 else [investigation, *studies]
    reading.put("upload_type", "dataset")
    _heads(reading, parts, single=len(studies) <= 1)
    put_people(reading, _credits(reading, parts))
    identifiers = {part.identifier.text: part for part in reversed(parts)}
    for part in identifiers.values():
        put_own_identifier(reading, part.identifier.text, f"{part.word} identifier", *part.identifier.path)
    for part in parts:
        for publication in part.publications:
            _publication(reading, publication)
        _terms(reading, part.terms)
        _comments(reading, part)
    _protocols(reading, [protocol for part in parts for protocol in part.protocols])
    return reading


# -- title, description, dates -----------------------------------------------------------------------------------


def _heads(reading: Reading, parts: Sequence[Part], *, single: bool) -> None:
    """Title, description and dates; ``single``: they are the first part's that has them, and others' are noted."""
    if single:
        _first(reading, "title", "title", [(part, part.title) for part in parts])
        _first(reading, "description", "description", [(part, part.description) for part in parts])
    else:
        reading.put("title", parts[0].title.text, *parts[0].title.path)
        _together(reading, parts)
    _first(reading, "publication_date", "public release date", [(part, part.released) for part in parts])
    released = first_day(str(reading.metadata.get("publication_date")))
    if released is not None and released > datetime.now(UTC).date():
        message = f"the public release date {released} is to come: files of an open record would be public at once"
        path = reading.origins["publication_date",]
        reading.note(f"{message}; set access_right: embargoed and embargo_date: {released}", *path)
    for part in parts:
        if part.submitted:
            message = f"{part.word} submission date {part.submitted.text} is not taken over: a deposition has none"
            reading.note(message, *part.submitted.path)


def _first(reading: Reading, key: str, name: str, said: Sequence[tuple[Part, Text]]) -> None:
    given = [(part, text) for part, text in said if text]
    for index, (part, text) in enumerate(given):
        if index == 0:
            reading.put(key, text.text, *text.path)
        elif text.text != given[0][1].text:
            reading.note(f"{part.word} {name} is not taken over: the {given[0][0].word}'s is", *text.path)


def _together(reading: Reading, parts: Sequence[Part]) -> None:
    """The investigation's description, then each study's under its title."""
    investigation, *studies = parts
    pieces = [_block(investigation.description.text)]
    for study in studies:
        if study.title:
            pieces.append(f"<h3>{html.escape(study.title.text, quote=False)}</h3>")
        pieces.append(_block(study.description.text))
    said = [part.description for part in parts if part.description] + [study.title for study in studies if study.title]
    if said:
        reading.put("description", "".join(pieces), *said[0].path)


def _block(text: str) -> str:
    """A text, plain or HTML, as HTML that can stand after another."""
    cleaned = html_of(text)
    return f"<p>{cleaned}</p>" if cleaned and not cleaned.startswith("<") else cleaned


# -- people ------------------------------------------------------------------------------------------------------


def _credits(reading: Reading, parts: Sequence[Part]) -> list[Credit]:
    """Each person once, with the roles in all parts: studies repeat the investigation's contacts."""
    known: dict[str, Credit] = {}
    for each in (one for part in parts for one in part.people):
        if each.private:
            message = "e-mail, telephone, fax and postal addresses of people are not taken over: a record is public"
            reading.note_once(message, *each.path)
        credit = _credit(reading, each)
        if not credit.person:
            reading.note(NOBODY, *each.path)
            continue
        first = known.setdefault(credit.person["name"].casefold(), credit)
        first.person = {**credit.person, **first.person}
        first.roles += [role for role in credit.roles if role not in first.roles]
    return list(known.values())


def _credit(reading: Reading, each: Person) -> Credit:
    name = person_name(each.last.text, " ".join(part for part in (each.first, each.initials) if part))
    orcid = None
    for comment in each.comments:
        if _ORCID.search(comment.name):
            orcid = orcid or orcid_of(comment.value.text)
        else:
            _left(reading, comment)
    roles = [role.name.text for role in each.roles if role.name]
    return Credit(person(name, affiliation=each.affiliation, orcid=orcid), each.path, roles)


# -- publications, terms, protocols, comments --------------------------------------------------------------------


def _publication(reading: Reading, publication: Publication) -> None:
    """The data are the supplement of a paper; its authors and title go into the references."""
    for identifier in (publication.doi, publication.pubmed):
        if identifier:
            given = identifier.text if identifier is publication.doi else _pubmed(identifier.text)
            relate(reading, given, "isSupplementTo", *identifier.path, resource_type="publication-article")
    if publication.title or publication.authors:
        status = f"({publication.status})" if publication.status and publication.status.lower() != "published" else ""
        title = " ".join(part for part in (publication.title.text, status) if part)
        named = publication.doi.text if is_doi(publication.doi.text) else _pubmed(publication.pubmed.text)
        parts = (publication.authors.rstrip("."), title.rstrip("."), named)
        reading.add("references", ". ".join(part for part in parts if part), *publication.path)


def _pubmed(number: str) -> str:
    return f"pmid:{number}" if number.isdecimal() else number


def _terms(reading: Reading, terms: Sequence[Term]) -> None:
    """A term with an address becomes a subject, any other a keyword; each once."""
    for term in terms:
        word = term.name.text
        if not word or word.casefold() in _words(reading):
            continue
        if is_address(term.accession):
            subject = {"term": word, "identifier": term.accession, "scheme": "url"}
            reading.add("subjects", subject, *term.name.path)
            continue
        reading.add("keywords", word, *term.name.path)
        if term.accession:
            message = f"the accession number {term.accession} of {word} is not taken over: a subject needs an address"
            reading.note(message, *term.name.path)


def _words(reading: Reading) -> set[str]:
    subjects = [subject["term"] for subject in reading.metadata.get("subjects", ())]
    return {word.casefold() for word in (*subjects, *reading.metadata.get("keywords", ()))}


def _protocols(reading: Reading, protocols: Sequence[Protocol]) -> None:
    """Protocols are the method; those with an address are related too."""
    said = [protocol for protocol in protocols if protocol.name or protocol.description]
    if said:
        method = "".join(dict.fromkeys(f"<p>{_protocol(protocol)}</p>" for protocol in said))
        reading.put("method", method, *said[0].name.path)
    for protocol in protocols:
        if protocol.uri:
            relate(reading, protocol.uri.text, "isDocumentedBy", *protocol.uri.path)


def _protocol(protocol: Protocol) -> str:
    name, kind = html.escape(protocol.name.text, quote=False), html.escape(protocol.kind, quote=False)
    version = protocol.version and f"version {html.escape(protocol.version, quote=False)}"
    also = ", ".join(part for part in (kind if kind.casefold() != name.casefold() else "", version) if part)
    head = f"<strong>{name}</strong>{also and f' ({also})'}" if name else also
    described = html.escape(" ".join(protocol.description.split()), quote=False)
    sentences = [f"{head}: {described}" if head and described else head or described]
    for word, items in (("Parameters", protocol.parameters), ("Components", protocol.components)):
        if items:
            sentences.append(f"{word}: {html.escape(', '.join(items), quote=False)}")
    return "".join(f"{each if each.endswith('.') else f'{each}.'} " for each in sentences).strip()


def _comments(reading: Reading, part: Part) -> None:
    funders = [comment for comment in part.comments if _FUNDER.search(comment.name) and not _GRANT.search(comment.name)]
    grants = [comment for comment in part.comments if _GRANT.search(comment.name)]
    _funding(reading, list(_split(funders)), list(_split(grants)))
    for comment in part.comments:
        said, path = comment.value.text, comment.value.path
        if not said or comment in funders or comment in grants:
            continue
        if _LICENCE.search(comment.name):
            put_licence(reading, said, *path)
        elif _KEYWORDS.search(comment.name):
            _terms(reading, [Term(text) for text in _split([comment])])
        elif _TERMS_OF_USE.search(f"{comment.name} {said}"):
            line = html.escape(f"{comment.name}: {said}", quote=False)
            reading.metadata["notes"] = reading.metadata.get("notes", "") + f"<p>{line}</p>"
            reading.origins.setdefault(("notes",), path)
        else:
            _left(reading, comment)


def _funding(reading: Reading, funders: Sequence[Text], grants: Sequence[Text]) -> None:
    """One funder gives all grants; of several each gives the one at its place."""
    pairs = zip(cycle(funders), grants, strict=False) if len(funders) == 1 and grants else zip_longest(funders, grants)
    for funder, grant in pairs:
        path = (grant or funder or Text()).path
        fund(reading, funder and funder.text, grant and grant.text, *path, name=funder and funder.text)


def _split(comments: Sequence[Comment]) -> Iterator[Text]:
    for comment in comments:
        for part in comment.value.text.split(";"):
            if part.strip():
                yield Text(part.strip(), comment.value.path)


def _left(reading: Reading, comment: Comment) -> None:
    if comment.value:
        reading.note(f"the comment {comment.name} is not taken over: {comment.value.text}", *comment.value.path)
