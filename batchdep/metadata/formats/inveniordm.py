"""InvenioRDM's form of a record: brought into DataCite's form, which it is modelled on; the rest key by key."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from batchdep.metadata.datacite_words import IDENTIFIER_TYPES, general_type
from batchdep.metadata.formats.base import Reading, is_blank, mappings, shortened, text_of, texts
from batchdep.metadata.formats.convert import put_embargo, relate
from batchdep.metadata.formats.datacite_links import identifier_form
from batchdep.metadata.formats.kernel import Kernel
from batchdep.metadata.formats.places import put_place
from batchdep.metadata.translate import CUSTOM_FIELDS
from batchdep.metadata.vocabulary import RELATIONS, RELATIONS_NOT_ANSWERED, RESOURCE_TYPES, spelling
from batchdep.problems import ValuePath

_TAKEN = (
    *("resource_type", "title", "additional_titles", "creators", "contributors", "description", "publisher"),
    *("additional_descriptions", "publication_date", "dates", "rights", "languages", "version", "subjects"),
    *("identifiers", "related_identifiers", "sizes", "formats", "locations", "funding", "references"),
)
_DESCRIPTIONS = {
    "abstract": "Abstract",
    "methods": "Methods",
    "notes": "Other",
    "series-information": "SeriesInformation",
    "table-of-contents": "TableOfContents",
    "technical-info": "TechnicalInfo",
}
_TITLES = {"alternative-title": "AlternativeTitle", "subtitle": "Subtitle", "translated-title": "TranslatedTitle"}


def is_inveniordm(metadata: Mapping[str, Any]) -> bool:
    """Whether a record's metadata have InvenioRDM's form."""
    kind = metadata.get("resource_type")
    if isinstance(kind, dict) and "id" in kind:
        return "type" not in kind  # which Zenodo's own shape has
    return any("person_or_org" in each for _, each in mappings(metadata.get("creators")))


def read_inveniordm(record: dict[str, Any], start: ValuePath) -> Reading:
    """A record or draft, with its access, its DOI, its communities and its custom fields."""
    metadata, path = record["metadata"], (*start, "metadata")
    kernel = Kernel()
    _put_basics(kernel, metadata, path)
    _add_texts(kernel, metadata, path)
    for key in ("creators", "contributors"):
        _add_people(kernel, metadata, key, path)
    _add_lists(kernel, metadata, path)
    kernel.put("doi", _of(record.get("pids"), "doi", "identifier"), (*start, "pids", "doi", "identifier"))
    reading = kernel.read()
    _put_access(reading, record.get("access"), (*start, "access"))
    _put_related(reading, metadata, path)
    _put_locations(reading, metadata, path)
    for index, each in mappings(metadata.get("references")):
        reading.add("references", text_of(each.get("reference")), *path, "references", index)
    _put_custom(reading, record.get("custom_fields"), (*start, "custom_fields"))
    _put_communities(reading, _of(record.get("parent"), "communities"), (*start, "parent", "communities"))
    reading.left_out(metadata, _TAKEN, *path)
    return reading


def _of(value: Any, *keys: str) -> Any:
    """What is inside objects; None where there is none."""
    for key in keys:
        value = value.get(key) if isinstance(value, dict) else None
    return value


def _id(value: Any) -> str:
    """The id of an entry of a vocabulary."""
    return text_of(_of(value, "id"))


# -- what goes by way of DataCite's form ---------------------------------------------------------------------------


def _put_basics(kernel: Kernel, metadata: Mapping[str, Any], path: ValuePath) -> None:
    kind, _, finer = _id(metadata.get("resource_type")).partition("-")
    if kind:
        types = {"resourceTypeGeneral": general_type(kind, finer), "resourceType": finer or kind}
        kernel.put("types", types, (*path, "resource_type"))
    kernel.put("publisher", text_of(metadata.get("publisher")), (*path, "publisher"))
    kernel.put("version", text_of(metadata.get("version")), (*path, "version"))
    for index, each in mappings(metadata.get("languages")):
        kernel.put("language", _id(each), (*path, "languages", index))
    if day := text_of(metadata.get("publication_date")):
        kernel.add("dates", {"date": day, "dateType": "Issued"}, (*path, "publication_date"))
    for key in ("sizes", "formats"):
        kernel.put(key, metadata.get(key), (*path, key))


def _add_texts(kernel: Kernel, metadata: Mapping[str, Any], path: ValuePath) -> None:
    if title := text_of(metadata.get("title")):
        kernel.add("titles", {"title": title}, (*path, "title"))
    if description := text_of(metadata.get("description")):
        kernel.add("descriptions", {"description": description, "descriptionType": "Abstract"}, (*path, "description"))
    for key, word, kinds in (("titles", "title", _TITLES), ("descriptions", "description", _DESCRIPTIONS)):
        for index, each in mappings(metadata.get(f"additional_{key}")):
            text = {
                word: each.get(word),
                f"{word}Type": kinds.get(_id(each.get("type")), "Other"),
                "lang": _id(each.get("lang")),
            }
            kernel.add(key, text, (*path, f"additional_{key}", index))


def _add_people(kernel: Kernel, metadata: Mapping[str, Any], key: str, path: ValuePath) -> None:
    for index, each in mappings(metadata.get(key)):
        person, source = _of(each, "person_or_org"), (*path, key, index)
        parts: dict[ValuePath, ValuePath] = {}
        identifiers: list[dict[str, Any]] = []
        for number, identifier in mappings(_of(person, "identifiers")):
            parts["nameIdentifiers", len(identifiers)] = (*source, "person_or_org", "identifiers", number)
            identifiers.append(
                {"nameIdentifier": identifier.get("identifier"), "nameIdentifierScheme": identifier.get("scheme")}
            )
        role = _id(each.get("role"))
        described = {
            "name": _of(person, "name"),
            "givenName": _of(person, "given_name"),
            "familyName": _of(person, "family_name"),
            "nameType": text_of(_of(person, "type")).capitalize(),
            "nameIdentifiers": identifiers,
            "affiliation": [
                {"name": entry.get("name"), "affiliationIdentifier": entry.get("id")}
                for _, entry in mappings(each.get("affiliations"))
            ],
        }
        if key == "contributors":
            described["contributorType"] = role
        elif role:
            kernel.leave_out(f"the role {role} of a creator is not taken over: creators have none", (*source, "role"))
        kernel.add(key, described, source, parts)


def _add_lists(kernel: Kernel, metadata: Mapping[str, Any], path: ValuePath) -> None:
    for index, each in mappings(metadata.get("rights")):
        link = text_of(each.get("link")) or _of(each, "props", "url")
        title = next(iter(texts(_of(each, "title", "en"))), "")
        rights = {"rightsIdentifier": each.get("id"), "rightsUri": link, "rights": title}
        kernel.add("rightsList", rights, (*path, "rights", index))
    for index, each in mappings(metadata.get("dates")):
        date = {
            "date": each.get("date"),
            "dateType": _id(each.get("type")).capitalize(),
            "dateInformation": each.get("description"),
        }
        kernel.add("dates", date, (*path, "dates", index))
    for index, each in mappings(metadata.get("subjects")):
        subject = {"subject": each.get("subject"), "valueUri": each.get("id"), "subjectScheme": each.get("scheme")}
        kernel.add("subjects", subject, (*path, "subjects", index))
    for index, each in mappings(metadata.get("identifiers")):
        scheme = text_of(each.get("scheme"))
        alternate = {
            "alternateIdentifier": each.get("identifier"),
            "alternateIdentifierType": IDENTIFIER_TYPES.get(scheme, scheme),
        }
        kernel.add("alternateIdentifiers", alternate, (*path, "identifiers", index))
    for index, each in mappings(metadata.get("funding")):
        kernel.add("fundingReferences", _funding(each), (*path, "funding", index))


def _funding(entry: Mapping[str, Any]) -> dict[str, Any]:
    """The id of an award is ``funder's ROR::number``."""
    award = _of(entry, "award")
    addresses = [text_of(each.get("identifier")) for _, each in mappings(_of(award, "identifiers"))]
    return {
        "funderName": _of(entry, "funder", "name"),
        "funderIdentifier": _id(_of(entry, "funder")) or _id(award).rpartition("::")[0],
        "awardNumber": text_of(_of(award, "number")) or _id(award).rpartition("::")[2],
        "awardUri": next((each for each in addresses if each.startswith("http")), ""),
    }


# -- what DataCite's form has otherwise ----------------------------------------------------------------------------


def _put_access(reading: Reading, access: Any, path: ValuePath) -> None:
    embargo = _of(access, "embargo")
    if _of(embargo, "active") is True and text_of(_of(embargo, "until")):
        reading.metadata.pop("access_right", None)
        put_embargo(reading, text_of(_of(embargo, "until")), *path, "embargo", "until")
    elif "restricted" in (_of(access, "files"), _of(access, "record")):
        reading.put("access_right", "restricted", *path)
    elif _of(access, "files") == "public":
        reading.put("access_right", "open", *path)
    if reason := text_of(_of(embargo, "reason")):
        reading.note(f"`reason` {reason} is not taken over: an embargo has none", *path, "embargo", "reason")
    if _of(access, "record") == "restricted":
        reading.note("`record` restricted is not taken over: the metadata of a deposition are public", *path, "record")


def _put_related(reading: Reading, metadata: Mapping[str, Any], path: ValuePath) -> None:
    """Relations and types are the deposit API's, in small letters."""
    for index, each in mappings(metadata.get("related_identifiers")):
        source = (*path, "related_identifiers", index)
        identifier, written = text_of(each.get("identifier")), _id(each.get("relation_type"))
        kind = IDENTIFIER_TYPES.get(text_of(each.get("scheme")), "")
        relation, form = spelling(written, (*RELATIONS, *RELATIONS_NOT_ANSWERED)), identifier_form(identifier, kind)
        resource_type = _id(each.get("resource_type"))
        if relation is None or form is None:
            reading.note(f"{written} {identifier} is not taken over: the deposit API has no such", *source)
        else:
            known = resource_type if resource_type in RESOURCE_TYPES else None
            relate(reading, form, relation, *source, resource_type=known)


def _put_locations(reading: Reading, metadata: Mapping[str, Any], path: ValuePath) -> None:
    for index, each in mappings(_of(metadata.get("locations"), "features")):
        source = (*path, "locations", "features", index)
        coordinates = _of(each, "geometry", "coordinates")
        is_point = _of(each, "geometry", "type") == "Point" and isinstance(coordinates, list) and len(coordinates) > 1
        point = (coordinates[1], coordinates[0]) if is_point else None
        if point is None and not is_blank(_of(each, "geometry")):
            reading.note("`geometry` is not taken over: the deposit API has points alone", *source, "geometry")
        about = text_of(each.get("description"))
        if not put_place(reading, text_of(each.get("place")), *source, point=point, about=about) and about:
            reading.note(f"the place {shortened(about)} is not taken over: it has no name", *source)


def _put_communities(reading: Reading, communities: Any, path: ValuePath) -> None:
    """The deposit API has them by name; a draft's answer may tell their numbers alone."""
    for index, each in mappings(_of(communities, "entries")):
        if slug := text_of(each.get("slug")):
            source = (*path, "entries", index)
            reading.add("communities", {"identifier": slug}, *source)
            reading.note(f"the community {slug} is taken over: the new record will be offered to it too", *source)
    numbers = texts(_of(communities, "ids"))
    if numbers and "communities" not in reading.metadata:
        message = (
            f"the communities {shortened(', '.join(numbers))} are not taken over: the file does not tell their names"
        )
        reading.note(message, *path, "ids")


def _put_custom(reading: Reading, fields: Any, path: ValuePath) -> None:
    """Journal, conference, imprint and thesis; of others those that are texts."""
    if not isinstance(fields, dict):
        return
    for name, value in fields.items():
        inner = value if isinstance(value, dict) else {None: value}
        for key, each in inner.items():
            steps, source = ((name, key), (*path, name, key)) if key is not None else ((name,), (*path, name))
            known = CUSTOM_FIELDS.get(steps)
            if known in ("communities", "subjects") or known is None:
                _put_other_custom(reading, name, key, each, source)
            else:
                reading.put(known, text_of(each), *source)


def _put_other_custom(reading: Reading, name: str, key: str | None, value: Any, source: ValuePath) -> None:
    if name == "legacy:subjects":
        for index, each in mappings(value):
            reading.add("subjects", each, *source, index)
    elif key is None and ":" in name and not name.startswith("legacy:") and texts(value):
        custom = reading.metadata.setdefault("custom", {})
        reading.origins.setdefault(("custom",), source[:-1])
        custom[name] = value
    elif not is_blank(value):
        shown = f"{name}.{key}" if key is not None else name
        reading.note(f"`{shown}` is not taken over: the deposit API has no such field", *source)
