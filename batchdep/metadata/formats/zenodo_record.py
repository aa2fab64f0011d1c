"""Records and depositions as Zenodo and other InvenioRDM repositories answer them, saved as JSON.

Three shapes: a deposition (``GET /api/deposit/depositions/ID``), whose ``metadata`` are the deposit API's own; a record
of Zenodo's record API (``GET /api/records/ID``); and InvenioRDM's own form of a record or draft. Around the metadata
stand files, links, numbers and counts of the old record, which say nothing about the new one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from batchdep.metadata.canonical import EC_FUNDER
from batchdep.metadata.formats.base import Reading, is_blank, mappings, text_of, texts
from batchdep.metadata.formats.convert import fund, put_licence, put_own_identifier, relate
from batchdep.metadata.formats.inveniordm import is_inveniordm, read_inveniordm
from batchdep.metadata.translate import CUSTOM_FIELDS
from batchdep.problems import ValuePath

_DEPOSITION_MARKS = (("links", "conceptrecid"), ("state", "submitted", "record_id"))
"""One key of each is in every answer about a deposition, and in no file that people write."""

_AS_THEY_ARE = (
    *("title", "publication_date", "description", "access_right", "embargo_date", "creators", "contributors"),
    *("keywords", "subjects", "language", "version", "notes", "method", "related_identifiers", "locations", "dates"),
    *("custom", "access_conditions"),
)
"""Keys that a record has in the form of the deposit API. The embedded repository's has those of :data:`_PARTS` too."""

_NOT_ALWAYS_ANSWERED = {"related_identifiers": ("relation",), "dates": ("start", "end")}
"""What an entry needs one of, and what the repository leaves out of some (observed: relations, dates)."""

_PARTS = {"journal": "journal", "meeting": "conference", "imprint": "imprint", "part_of": "partof", "thesis": "thesis"}
"""Objects of a record -> prefix of the deposit API's keys: ``journal.title`` is ``journal_title``."""

_PART_KEYS = {*CUSTOM_FIELDS.values(), "imprint_publisher", "thesis_supervisors"} - {"communities", "subjects"}

_OTHERWISE = ("resource_type", "license", "communities", "grants", "references", "alternate_identifiers", "doi")
_NOT_OF_THE_WORK = ("relations", "prereserve_doi", "access_right_category")


class _Found(NamedTuple):
    """A record, where it begins, and who reads its shape."""

    record: dict[str, Any]
    start: ValuePath
    read: Callable[[dict[str, Any], ValuePath], Reading]


def recognises(content: Any) -> bool:
    """A record or deposition, or a list or search with exactly one."""
    return len(_entries(content)) == records(content) == 1


def records(content: Any) -> int:
    """How many records or depositions there are."""
    return len(_found(content))


def read(content: Any) -> Reading:
    """What it says of the work. Its own DOI never becomes the new record's."""
    if not recognises(content):
        return Reading()
    found = _found(content)[0]
    return found.read(found.record, found.start)


def _found(content: Any) -> list[_Found]:
    return [
        _Found(record, start, reader)
        for record, start in _entries(content)
        if isinstance(record, dict) and (reader := _reader(record)) is not None
    ]


def _entries(content: Any) -> list[tuple[Any, ValuePath]]:
    """What may be a record, with its path: the content, its items, or the hits of a search."""
    start: ValuePath = ()
    if isinstance(content, dict) and isinstance(hits := content.get("hits"), dict):
        content, start = hits.get("hits"), ("hits", "hits")
    if isinstance(content, list):
        return [(each, (*start, index)) for index, each in enumerate(content)]
    return [(content, start)]


def _reader(record: dict[str, Any]) -> Callable[[dict[str, Any], ValuePath], Reading] | None:
    metadata = record.get("metadata")
    if not isinstance(metadata, dict):
        return None
    if is_inveniordm(metadata):
        return read_inveniordm
    kind = metadata.get("resource_type")
    if isinstance(kind, dict) and "type" in kind:
        return _read_record
    if all(any(mark in record for mark in marks) for marks in _DEPOSITION_MARKS):
        return _read_deposition
    return None


# -- depositions ---------------------------------------------------------------------------------------------------


def _read_deposition(record: dict[str, Any], start: ValuePath) -> Reading:
    """The metadata as they are, but for what belongs to this one deposition."""
    path = (*start, "metadata")
    metadata = record["metadata"]
    reading = Reading()
    for key, value in metadata.items():
        if key not in ("doi", *_NOT_OF_THE_WORK):
            _put(reading, key, value, (*path, key))
    put_own_identifier(reading, text_of(metadata.get("doi")), "doi", *path, "doi")
    _tidy(reading)
    return reading


def _put(reading: Reading, key: str, value: Any, path: ValuePath) -> None:
    """Enters a value of the deposit API's form. Nulls say nothing, and neither does the repository's own name as
    publisher; entries of which it does not tell what they need are left out."""
    if key == "imprint_publisher" and value == "Zenodo":
        return
    if key == "related_identifiers" and not isinstance(value, list):  # the work's own DOI is added to them
        if not is_blank(value):
            reading.note(f"`{key}` is not taken over: it is no list", *path)
        return
    if not isinstance(value, list):
        reading.put(key, value, *path)
        return
    for index, each in enumerate(value):
        item = {name: inner for name, inner in each.items() if inner is not None} if isinstance(each, dict) else each
        needed = _NOT_ALWAYS_ANSWERED.get(key)
        if needed and isinstance(item, dict) and all(is_blank(item.get(name)) for name in needed):
            shown = text_of(item.get("identifier")) or text_of(item.get("type"))
            missing = " and ".join(needed)
            reading.note(f"`{key}` {shown} is not taken over: the repository did not tell its {missing}", *path, index)
        else:
            reading.add(key, item, *path, index)


def _tidy(reading: Reading) -> None:
    """An embargo that is over says nothing."""
    metadata = reading.metadata
    if "embargo_date" in metadata and metadata.get("access_right", "open") != "embargoed":
        day = metadata.pop("embargo_date")
        reading.note(f"`embargo_date` {day} is not taken over: there is no embargo", *reading.origins["embargo_date",])
    for _, each in mappings(metadata.get("communities")):
        source = reading.origins["communities",]
        message = f"the community {text_of(each.get('identifier'))} is taken over"
        reading.note(f"{message}: the new record will be offered to it too", *source)


# -- records -------------------------------------------------------------------------------------------------------


def _read_record(record: dict[str, Any], start: ValuePath) -> Reading:
    path = (*start, "metadata")
    metadata: dict[str, Any] = record["metadata"]
    reading = Reading()
    kind = metadata["resource_type"]
    upload_type = text_of(kind.get("type"))
    reading.put("upload_type", upload_type, *path, "resource_type")
    reading.put(f"{upload_type}_type", text_of(kind.get("subtype")), *path, "resource_type")
    for key in (*_AS_THEY_ARE, *sorted(_PART_KEYS)):
        _put(reading, key, metadata.get(key), (*path, key))
    put_licence(reading, metadata.get("license"), *path, "license")
    own = text_of(metadata.get("doi"))
    if own:
        put_own_identifier(reading, own, "doi", *path, "doi")
    else:
        put_own_identifier(reading, text_of(record.get("doi")), "doi", *start, "doi")
    _parts(reading, metadata, path)
    _lists(reading, metadata, path)
    reading.left_out(metadata, (*_AS_THEY_ARE, *_PARTS, *_PART_KEYS, *_OTHERWISE, *_NOT_OF_THE_WORK), *path)
    _tidy(reading)
    return reading


def _parts(reading: Reading, metadata: Mapping[str, Any], path: ValuePath) -> None:
    """Journal, conference, publisher, book, thesis."""
    for part, prefix in _PARTS.items():
        content = metadata.get(part)
        if isinstance(content, dict):
            for key, value in content.items():
                name, source = f"{prefix}_{key}", (*path, part, key)
                if name in _PART_KEYS:
                    _put(reading, name, value, source)
                elif not is_blank(value):
                    reading.note(f"`{part}.{key}` is not taken over: the deposit API has no such field", *source)
        elif not is_blank(content):
            reading.note(f"`{part}` is not taken over: it is no object", *path, part)


def _lists(reading: Reading, metadata: Mapping[str, Any], path: ValuePath) -> None:
    for index, each in mappings(metadata.get("communities")):
        identifier = text_of(each.get("id")) or text_of(each.get("identifier"))
        reading.add("communities", {"identifier": identifier} if identifier else None, *path, "communities", index)
    for index, each in mappings(metadata.get("grants")):
        _grant(reading, each, (*path, "grants", index))
    written = metadata.get("references")
    for index, each in enumerate(written if isinstance(written, list) else []):
        raw = each.get("raw_reference") if isinstance(each, dict) else each
        for text in texts(raw):
            reading.add("references", text, *path, "references", index)
    for index, each in mappings(metadata.get("alternate_identifiers")):
        relate(reading, each.get("identifier"), "isAlternateIdentifier", *path, "alternate_identifiers", index)


def _grant(reading: Reading, grant: Mapping[str, Any], path: ValuePath) -> None:
    """``code`` and ``funder``; of a bare ``id`` the funder is before the colons, or the European Commission."""
    funder = grant.get("funder")
    known: Mapping[str, Any] = funder if isinstance(funder, dict) else {}
    before, colons, after = (text_of(grant.get("internal_id")) or text_of(grant.get("id"))).rpartition("::")
    number = text_of(grant.get("code")) or after
    identifier = text_of(known.get("doi")) or before or ("" if colons or known else EC_FUNDER)
    fund(reading, identifier, number, *path, name=known.get("name"))
