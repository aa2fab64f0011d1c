"""Other works in a citation file: by identifier where they have one, otherwise as a line of a list of references."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from batchdep.metadata.formats.base import Reading, mappings, shortened, text_of, texts
from batchdep.metadata.formats.cff_people import name_of
from batchdep.metadata.formats.convert import fund, reference_line, relate, where_in
from batchdep.metadata.identifiers import address_instead, is_address, is_doi, is_isbn
from batchdep.problems import ValuePath

_TYPES = {
    **dict.fromkeys(("article", "magazine-article", "newspaper-article"), "publication-article"),
    **dict.fromkeys(("book", "dictionary", "edited-work", "encyclopedia", "proceedings"), "publication-book"),
    **dict.fromkeys(("conference-paper",), "publication-conferencepaper"),
    **dict.fromkeys(("data", "database", "dataset"), "dataset"),
    **dict.fromkeys(
        ("software", "software-code", "software-container", "software-executable", "software-virtual-machine"),
        "software",
    ),
    **dict.fromkeys(("video", "film-broadcast", "audiovisual", "sound-recording", "music"), "video"),
    "manual": "publication-softwaredocumentation",
    "patent": "publication-patent",
    "report": "publication-report",
    "serial": "publication-journal",
    "slides": "presentation",
    "standard": "publication-standard",
    "thesis": "publication-thesis",
    "map": "image",
    "art": "image",
}
"""Type of a reference -> ``resource_type``; none for those that say too little, such as generic and website."""

_ITSELF = frozenset({"software", "software-code", "data", "dataset"})
_ADDRESSES = ("url", "repository-code", "repository", "repository-artifact")
_IDENTIFYING = ("type", "doi", "identifiers", "isbn", "pmcid", *_ADDRESSES)
_CITED = (
    *("authors", "editors", "title", "year", "month", "date-released", "date-published", "issue-date", "edition"),
    *("version", "journal", "collection-title", "conference", "volume", "issue", "number", "pages", "start", "end"),
    *("publisher", "institution", "issn"),
)


def is_work_itself(work: Mapping[str, Any]) -> bool:
    """Whether a preferred citation is of the software or dataset, rather than of a paper about it."""
    return text_of(work.get("type")).lower() in _ITSELF


def put_reference(reading: Reading, work: Mapping[str, Any], relation: str, at: ValuePath) -> None:
    """Enters another work as related by ``relation``, in ``references``, or, if it is a grant, as such.

    What is entered by its identifier is described there; what else the file says of it is noted once.
    """
    kind = text_of(work.get("type")).lower()
    if kind == "grant":
        _grant(reading, work, at)
        return
    identifier = identifier_of(work)
    shown = reference_of(work)
    if identifier:
        if all(each["identifier"] != identifier for each in reading.metadata.get("related_identifiers", ())):
            relate(reading, identifier, relation, *at, resource_type=_TYPES.get(kind))
    elif shown:
        reading.add("references", shown, *at)
        if relation != "references":
            reading.note(f"{shortened(shown)} is taken over into `references`: it has no identifier", *at)
    elif work:
        reading.note("a reference is not taken over: it has neither an identifier nor a title", *at)
    if (identifier or shown) and any(key not in (*_IDENTIFYING, *_CITED) for key, value in work.items() if value):
        message = "of other works only the identifier is taken over, or else who made it, when, the title and where"
        reading.note_once(message, *at)


def identifier_of(work: Mapping[str, Any]) -> str:
    """The identifier that says best which work it is, as the file writes it; empty where there is none."""
    found = list(_identifiers(work))
    return next((each for each in found if is_doi(each)), found[0] if found else "")


def _identifiers(work: Mapping[str, Any]) -> Iterator[str]:
    """All that the repository takes: a local number alone is no identifier."""
    if is_doi(doi := text_of(work.get("doi"))):
        yield doi
    for _, entry in mappings(work.get("identifiers")):
        value = text_of(entry.get("value"))
        if is_doi(value) or is_address(value):
            yield value
        elif instead := address_instead(value):
            yield instead
    if is_isbn(isbn := text_of(work.get("isbn"))):
        yield isbn
    if pmcid := address_instead(text_of(work.get("pmcid"))):
        yield pmcid
    yield from (text for key in _ADDRESSES if is_address(text := text_of(work.get(key))))


def reference_of(work: Mapping[str, Any]) -> str:
    """A line as a list of references has it: who (when). What. Where."""
    title = text_of(work.get("title"))
    if not title:
        return ""
    people = "; ".join(_names(work.get("authors")) or _names(work.get("editors")))
    when = next((text for key in _DATES if (text := text_of(work.get(key)))), "")[:4]
    edition = text_of(work.get("edition"))
    version = text_of(work.get("version"))
    numbered = f"Version {version}" if version else ""
    makers = ", ".join(filter(None, (_named(work, "institution"), _named(work, "publisher"))))
    return reference_line(people, when, title, edition, numbered, _container(work), makers)


_DATES = ("year", "date-published", "date-released", "issue-date")


def _names(value: Any) -> list[str]:
    people = [name for _, entry in mappings(value) if (name := name_of(entry))]
    return people or (texts(value) if not isinstance(value, dict) else [])


def _named(work: Mapping[str, Any], key: str) -> str:
    """The name of an entity, or a text in its place."""
    value = work.get(key)
    return name_of(value) if isinstance(value, dict) else text_of(value)


def _container(work: Mapping[str, Any]) -> str:
    title = text_of(work.get("journal")) or text_of(work.get("collection-title")) or _named(work, "conference")
    volume, issue = text_of(work.get("volume")), text_of(work.get("issue")) or text_of(work.get("number"))
    pages = "-".join(filter(None, (text_of(work.get("start")), text_of(work.get("end"))))) or text_of(work.get("pages"))
    return where_in(title, volume, issue, pages)


def _grant(reading: Reading, work: Mapping[str, Any], at: ValuePath) -> None:
    """A grant is a reference of its own type, with the funder as institution (guide: references)."""
    institution = work.get("institution")
    website = institution.get("website") if isinstance(institution, dict) else None
    number, name = text_of(work.get("number")), _named(work, "institution")
    fund(reading, website, number, *at, award_address=text_of(work.get("url")), name=name)
    if not (number or name or text_of(website) or text_of(work.get("url"))):
        reading.note("a grant is not taken over: the file says neither its number nor who gave it", *at)
