"""What a work is tied to in DataCite's metadata: its own identifiers, other works, funding."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from batchdep.metadata import canonical
from batchdep.metadata.datacite_words import IDENTIFIER_TYPES, deposit_type
from batchdep.metadata.formats.base import Reading, mappings, text_of
from batchdep.metadata.formats.convert import fund, put_own_identifier, reference_line, relate, where_in
from batchdep.metadata.formats.shapes import objects_at
from batchdep.metadata.formats.unsaid import first_said, said
from batchdep.metadata.identifiers import address_instead, is_doi, says_its_kind, scheme_of
from batchdep.metadata.vocabulary import RELATIONS, RELATIONS_NOT_ANSWERED, spelling
from batchdep.problems import ValuePath

_SCHEMES = {kind.lower(): scheme for scheme, kind in IDENTIFIER_TYPES.items()} | dict.fromkeys(
    ("eissn", "lissn"), "issn"
)
_PREFIXES = {"handle": "hdl:", "arxiv": "arXiv:", "pmid": "pmid:", "ark": "ark:", "igsn": "igsn:", "ads": "ads:"}
"""Scheme -> prefix under which the repository detects an identifier that says nothing by itself."""

_SAME_NUMBERS = {"isbn", "ean13"}

_RELATIONS = (*RELATIONS, *RELATIONS_NOT_ANSWERED)
_OF_RELATED = ("relatedIdentifier", "relatedIdentifierType", "relationType", "resourceTypeGeneral")
_OF_ITEM = (
    *("relatedItemType", "relationType", "relatedItemIdentifier", "titles", "creators", "publicationYear", "publisher"),
    *("volume", "issue", "firstPage", "lastPage"),
)


# -- its own identifiers -------------------------------------------------------------------------------------------


def put_identifiers(reading: Reading, content: Mapping[str, Any]) -> None:
    """The work's own DOI (``doi``; ``identifier`` up to schema 4.2, then one of ``identifiers``), and its others."""
    own: set[str] = set()
    candidates: list[tuple[str, ValuePath]] = [(said(content.get("doi")), ("doi",))]
    others: list[tuple[str, str, ValuePath]] = []
    for key in ("identifier", "identifiers"):
        for entry, path in objects_at(reading, content, key, text_is="identifier"):
            identifier, kind = first_said(entry, "identifier"), text_of(entry.get("identifierType"))
            if kind.lower() == "doi" or (not kind and is_doi(identifier)):
                candidates.append((identifier, path))
            else:
                others.append((identifier, kind, path))
    if is_doi(text_of(content.get("id"))):
        candidates.append((text_of(content.get("id")), ("id",)))
    for written, path in candidates:
        if (bare := canonical.bare_doi(written)) and bare not in own:
            own.add(bare)
            put_own_identifier(reading, written, "DOI", *path)
    for entry, path in objects_at(reading, content, "alternateIdentifiers", text_is="alternateIdentifier"):
        kind = text_of(entry.get("alternateIdentifierType"))
        others.append((first_said(entry, "alternateIdentifier"), kind, path))
    for identifier, kind, path in others:
        if identifier:
            _alternate(reading, identifier, kind, path)


def _alternate(reading: Reading, identifier: str, kind: str, path: ValuePath) -> None:
    """A local number such as 12345 would be detected as a PMID: only what is said to be of a scheme, or is one without
    doubt, is taken over."""
    if kind.lower() in _SCHEMES or says_its_kind(identifier):
        _relate(reading, identifier, kind, "isAlternateIdentifier", path)
    else:
        shown = f"{kind} {identifier}" if kind else identifier
        reading.note(f"the identifier {shown} is not taken over: it is of no kind that the repository knows", *path)


def identifier_form(identifier: str, kind: str) -> str | None:
    """An identifier of a relatedIdentifierType as the repository detects its scheme; None where it would take it for
    one of another kind (12 digits of a UPC are a PMID to it)."""
    scheme = _SCHEMES.get(kind.lower())
    if scheme is None:
        return identifier
    prefixed = f"{_PREFIXES.get(scheme, '')}{identifier}"
    found = scheme_of(identifier)
    if found in (scheme, "doi", "url") or {found, scheme} == _SAME_NUMBERS:
        return identifier
    if scheme_of(prefixed) == scheme or address_instead(prefixed):
        return prefixed
    return identifier if found is None else None


# -- other works ---------------------------------------------------------------------------------------------------


def put_related(reading: Reading, content: Mapping[str, Any]) -> None:
    for entry, path in objects_at(reading, content, "relatedIdentifiers", text_is="relatedIdentifier"):
        identifier, relation = first_said(entry, "relatedIdentifier"), text_of(entry.get("relationType"))
        kind = text_of(entry.get("relatedIdentifierType"))
        if identifier:
            _relate(reading, identifier, kind, relation, path, text_of(entry.get("resourceTypeGeneral")))
        reading.left_out(entry, (*_OF_RELATED, "lang"), *path)


def _relate(reading: Reading, identifier: str, kind: str, relation: str, path: ValuePath, general: str = "") -> None:
    known, form = spelling(relation, _RELATIONS), identifier_form(identifier, kind)
    if known is None:
        why = f"the deposit API has no relation {relation}" if relation else "it has no relation"
        reading.note(f"the related identifier {identifier} is not taken over: {why}", *path)
    elif form is None:
        reading.note(
            f"{kind} {identifier} is not taken over: the repository takes it for a {scheme_of(identifier)}", *path
        )
    else:
        relate(reading, form, known, *path, resource_type=_resource_type(general))


def _resource_type(general: str) -> str | None:
    """``resourceTypeGeneral`` as the deposit API has it for related works: ``publication-article``. The finer type
    ``other`` stands for one that is not said."""
    upload_type, finer = deposit_type(general, "") if general else ("", "")
    if upload_type == "other" and general.lower() != "other":
        return None
    return (f"{upload_type}-{finer}" if finer not in ("", "other") else upload_type) or None


def put_items(reading: Reading, content: Mapping[str, Any]) -> None:
    """Related items, which need no identifier: the journal or book of a publication, and others by their identifier or
    as references. ``container`` is what DataCite's REST API makes of them and of series."""
    for entry, path in objects_at(reading, content, "relatedItems"):
        relation, kind = text_of(entry.get("relationType")), text_of(entry.get("relatedItemType"))
        title = next((text for _, each in mappings(entry.get("titles")) if (text := first_said(each, "title"))), "")
        reading.left_out(entry, _OF_ITEM, *path)
        holds = relation in ("IsPublishedIn", "IsPartOf") and _put_container(reading, entry, kind, title, path)
        identified = _put_item_identifier(reading, entry, relation, kind, path)
        if not holds and not identified and title:
            _put_reference(reading, entry, relation, title, path)
    for entry, path in objects_at(reading, content, "container"):
        title, kind = first_said(entry, "title"), text_of(entry.get("type"))
        known = {reading.metadata.get(key) for key in ("journal_title", "partof_title")}
        if title and title not in known and not _put_container(reading, entry, kind, title, path):
            reading.note(f"the container {title} is not taken over: the deposit API has journals and books", *path)


def _put_container(reading: Reading, entry: Mapping[str, Any], kind: str, title: str, path: ValuePath) -> bool:
    """The journal or the book that the work is published in; whether there is a place for it."""
    prefix = {"journal": "journal", "book": "partof", "conferenceproceeding": "partof"}.get(kind.lower())
    if prefix is None or not title or f"{prefix}_title" in reading.metadata:
        return False
    reading.put(f"{prefix}_title", title, *path)
    reading.put(f"{prefix}_pages", _pages(entry), *path)
    if prefix == "journal":
        reading.put("journal_volume", first_said(entry, "volume"), *path)
        reading.put("journal_issue", first_said(entry, "issue"), *path)
    return True


def _pages(entry: Mapping[str, Any]) -> str:
    return "-".join(page for key in ("firstPage", "lastPage") if (page := first_said(entry, key)))


def _put_item_identifier(
    reading: Reading, entry: Mapping[str, Any], relation: str, general: str, path: ValuePath
) -> bool:
    """Whether the item had an identifier that is taken over."""
    known = len(reading.metadata.get("related_identifiers", ()))
    for each, at in objects_at(reading, entry, "relatedItemIdentifier", *path, text_is="relatedItemIdentifier"):
        identifier, kind = first_said(each, "relatedItemIdentifier"), text_of(each.get("relatedItemIdentifierType"))
        if identifier:
            _relate(reading, identifier, kind, relation, at, general)
    return len(reading.metadata.get("related_identifiers", ())) > known


def _put_reference(reading: Reading, entry: Mapping[str, Any], relation: str, title: str, path: ValuePath) -> None:
    """An item without an identifier, as a text."""
    creators = "; ".join(name for _, each in mappings(entry.get("creators")) if (name := first_said(each, "name")))
    year, publisher = first_said(entry, "publicationYear"), first_said(entry, "publisher")
    where = where_in("", first_said(entry, "volume"), first_said(entry, "issue"), _pages(entry))
    reading.add("references", reference_line(creators, year, title, publisher, where), *path)
    lost = f"without its relation {relation}" if relation else "as the file does not say how it is related"
    reading.note(f"the related item {title} is taken over into `references`, {lost}", *path)


# -- funding -------------------------------------------------------------------------------------------------------


def put_funding(reading: Reading, content: Mapping[str, Any]) -> None:
    for entry, path in objects_at(reading, content, "fundingReferences", text_is="funderName"):
        award = first_said(entry, "awardNumber")
        address = first_said(entry, "awardUri", "awardURI")
        funder, name = first_said(entry, "funderIdentifier"), first_said(entry, "funderName")
        fund(reading, funder, award, *path, award_address=address, name=name)
