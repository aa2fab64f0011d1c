"""Values that point elsewhere: related identifiers, grants, communities, subjects (observed: Fields)."""

from __future__ import annotations

from typing import Any

from batchdep.local.errors import server_fault
from batchdep.local.identifiers import bare_doi, find_scheme
from batchdep.local.model import Json
from batchdep.local.reading import NOT_OBJECT, NOT_STRING, Reading, must_be_list
from batchdep.local.vocab import (
    ALTERNATE,
    DOI_OF_FUNDERS,
    EC,
    FUNDERS,
    RELATIONS,
    SUBTYPES,
    UNSPEAKABLE_RELATIONS,
    UPLOAD_TYPES,
    is_award,
)


def related_identifiers(reading: Reading, key: str, value: Any) -> None:
    """Identifiers with a relation; a scheme that is sent is ignored and found anew. Alternate ones come last."""
    items = must_be_list(reading, key, value)
    if not all(isinstance(item, dict) for item in items):
        reading.refuse(key, NOT_OBJECT)
        return
    found = [entry for item in items if (entry := _related(reading, item)) is not None]
    reading.keep(key, sorted(found, key=lambda entry: entry.get("relation") == ALTERNATE))


def _related(reading: Reading, item: Json) -> Json | None:
    if item.get("relation") is None or item.get("identifier") is None:
        raise server_fault()
    if not isinstance(item["identifier"], str):
        raise server_fault()
    if not isinstance(item["relation"], str):
        reading.refuse("related_identifiers.relation", NOT_STRING)
        return None
    relation = RELATIONS.get(item["relation"].lower())
    if relation is None:
        reading.unknown(item["relation"].lower())
        return None
    identifier = item["identifier"].strip()
    scheme = find_scheme(identifier)
    if scheme is None:
        reading.refuse("related_identifiers.scheme", "No valid scheme found for identifier.")
        return None
    entry: Json = {"identifier": bare_doi(identifier) if scheme == "doi" else identifier}
    if relation not in UNSPEAKABLE_RELATIONS:
        entry["relation"] = relation
    if (kind := item.get("resource_type")) is not None:
        if not _is_resource_type(kind):
            reading.unknown(kind)
        entry["resource_type"] = kind
    return {**entry, "scheme": scheme}


def _is_resource_type(kind: Any) -> bool:
    if not isinstance(kind, str):
        return False
    upload_type, _, subtype = kind.partition("-")
    return upload_type in UPLOAD_TYPES and (not subtype or subtype in SUBTYPES.get(upload_type, ()))


def grants(reading: Reading, key: str, value: Any) -> None:
    """Awards as ``FUNDER_DOI::NUMBER``, or a bare number of the European Commission."""
    found = []
    for item in must_be_list(reading, key, value):
        if not isinstance(item, dict) or not isinstance(item.get("id"), str):
            raise server_fault()
        funder, separator, number = item["id"].strip().rpartition("::")
        funder = funder.removeprefix(DOI_OF_FUNDERS) if separator else EC
        if funder not in FUNDERS:
            reading.unknown(item["id"])
        elif not is_award(funder, number):
            reading.unknown(f"{FUNDERS[funder][0]}::{number}")
        else:
            found.append({"id": f"{DOI_OF_FUNDERS}{funder}::{number}"})
    reading.keep(key, found)


def communities(reading: Reading, key: str, value: Any) -> None:
    """Wished-for communities; whether they exist shows at publication."""
    if value is None:
        return
    items = value if isinstance(value, list) else [value]
    if not all(isinstance(item, dict) and isinstance(item.get("identifier"), str) for item in items):
        reading.refuse_at("communities", NOT_OBJECT)
        return
    reading.keep(key, [{"identifier": item["identifier"]} for item in items])


def subjects(reading: Reading, key: str, value: Any) -> None:
    """Terms of a vocabulary; objects kept as they are."""
    if value is None:
        return
    items = must_be_list(reading, key, value)
    if not all(isinstance(item, dict) for item in items):
        raise server_fault()
    known = ("term", "identifier", "scheme")
    reading.keep(key, [{name: item[name] for name in known if name in item} for item in items])
