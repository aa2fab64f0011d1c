"""A report as DataCite metadata (schema 4.6, in the JSON form of DataCite's REST API): one entry a published dataset.

``schemaVersion`` is that of the kernel, as the REST API wants it; it names no minor version. Values that the schema
requires and the deposition lacks get DataCite's code for unknown, ``:unkn`` (appendix 3). Descriptions are plain text.

What DataCite has no place for is left out: conditions of access, communities, references as text, a file's name and
checksum, the descriptions of places, conferences, ISBN and place of a publisher, related identifiers without a scheme
that DataCite knows. The deposit API has no identifiers of publishers, affiliations and awards, so there are none here.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, TypeAlias

from batchdep.metadata.datacite_words import (
    CONTRIBUTOR_TYPES,
    DATE_TYPES,
    IDENTIFIER_TYPES,
    RELATION_TYPES,
    RIGHTS,
    general_type,
)
from batchdep.report import facts
from batchdep.report.facts import Metadata, Person, Related
from batchdep.report.json_text import json_pieces
from batchdep.report.status import BatchStatus, DatasetStatus
from batchdep.report.texts import address, line, plain

Json: TypeAlias = dict[str, Any]

SCHEMA_VERSION = "http://datacite.org/schema/kernel-4"
UNKNOWN = ":unkn"


def datacite_report(status: BatchStatus) -> Iterator[str]:
    """A JSON array with the DataCite metadata of each dataset that is published."""
    publisher = facts.repository_name(status.target)
    yield from json_pieces(datacite_record(each, publisher) for each in facts.published(status))
    yield "\n"


def datacite_record(dataset: DatasetStatus, publisher: str) -> Json:
    """The metadata of one published dataset; keys without a value are left out, and no list has an item twice."""
    metadata = dataset.metadata
    record = {
        "doi": dataset.doi,
        "url": facts.landing_page(dataset),
        "types": _types(metadata),
        "creators": [_person(person) for person in facts.people(metadata)] or [{"name": UNKNOWN}],
        "titles": [{"title": facts.title(dataset)}],
        "publisher": {"name": line(metadata.get("imprint_publisher")) or publisher or UNKNOWN},
        "publicationYear": facts.date(dataset)[:4],
        "subjects": list(_subjects(metadata)),
        "contributors": list(_contributors(metadata)),
        "dates": list(_dates(metadata)),
        "language": facts.language(metadata),
        "alternateIdentifiers": list(_alternate_identifiers(metadata)),
        "relatedIdentifiers": list(_related_identifiers(metadata)),
        "relatedItems": list(_containers(metadata)),
        "sizes": [f"{file.size} bytes" for file in dataset.files],
        "formats": [kind for file in dataset.files if (kind := facts.media_type(file.name))],
        "version": line(metadata.get("version")),
        "rightsList": list(_rights(metadata)),
        "descriptions": list(_descriptions(metadata)),
        "geoLocations": list(_places(metadata)),
        "fundingReferences": list(_funding(metadata)),
        "schemaVersion": SCHEMA_VERSION,
    }
    return {key: _once(value) for key, value in facts.with_values(record).items()}


def _once(value: Any) -> Any:
    if not isinstance(value, list):
        return value
    return list({json.dumps(item, sort_keys=True): item for item in value}.values())


def _types(metadata: Metadata) -> Json:
    kind, finer = facts.kind(metadata)
    return {"resourceTypeGeneral": general_type(kind, finer), "resourceType": finer or kind}


def _person(person: Person) -> Json:
    described: Json = {"name": person.name}
    if person.family:
        described |= {"nameType": "Personal", "givenName": person.given, "familyName": person.family}
    if person.affiliation:
        described["affiliation"] = [{"name": person.affiliation}]
    if identifiers := list(_name_identifiers(person)):
        described["nameIdentifiers"] = identifiers
    return described


def _name_identifiers(person: Person) -> Iterator[Json]:
    for value, scheme, home in (
        (person.orcid, "ORCID", "https://orcid.org"),
        (person.gnd, "GND", "https://d-nb.info/gnd"),
    ):
        if value:
            yield {"nameIdentifier": f"{home}/{value}", "nameIdentifierScheme": scheme, "schemeUri": home}


def _contributors(metadata: Metadata) -> Iterator[Json]:
    for person in facts.contributors(metadata):
        yield _person(person) | {"contributorType": person.role if person.role in CONTRIBUTOR_TYPES else "Other"}


def _subjects(metadata: Metadata) -> Iterator[Json]:
    for keyword in facts.keywords(metadata):
        yield {"subject": keyword}
    for subject in facts.mappings(metadata.get("subjects")):
        described = {"subject": line(subject.get("term"))}
        if identifier := address(subject.get("identifier")):
            described["valueUri"] = identifier
        if scheme := line(subject.get("scheme")):
            described["subjectScheme"] = scheme
        if described["subject"]:
            yield described


def _dates(metadata: Metadata) -> Iterator[Json]:
    for key, kind in (("publication_date", "Issued"), ("embargo_date", "Available")):
        if (day := line(metadata.get(key)))[:4].isdecimal():
            yield {"date": day, "dateType": kind}
    for interval in facts.intervals(metadata):
        described = {"date": interval.text, "dateType": interval.kind if interval.kind in DATE_TYPES else "Other"}
        if interval.note:
            described["dateInformation"] = interval.note
        yield described


def _related_identifiers(metadata: Metadata) -> Iterator[Json]:
    for related in facts.related(metadata):
        relation = related.relation[:1].upper() + related.relation[1:]
        kind = _identifier_type(related)
        if kind is None or relation not in RELATION_TYPES:
            continue
        described = {"relatedIdentifier": related.identifier, "relatedIdentifierType": kind, "relationType": relation}
        if related.resource_type:
            upload_type, _, finer = related.resource_type.partition("-")
            described["resourceTypeGeneral"] = general_type(upload_type, finer)
        yield described


def _alternate_identifiers(metadata: Metadata) -> Iterator[Json]:
    for related in facts.related(metadata):
        if related.relation == "isAlternateIdentifier":
            kind = _identifier_type(related) or "Other"
            yield {"alternateIdentifier": related.identifier, "alternateIdentifierType": kind}


def _identifier_type(related: Related) -> str | None:
    return IDENTIFIER_TYPES.get(related.scheme or "")


def _containers(metadata: Metadata) -> Iterator[Json]:
    """The journal or the book that a publication appeared in (4.6, property 20)."""
    for prefix, kind in (("journal", "Journal"), ("partof", "Book")):
        if name := line(metadata.get(f"{prefix}_title")):
            found: Json = {"relatedItemType": kind, "relationType": "IsPublishedIn", "titles": [{"title": name}]}
            first, _, last = line(metadata.get(f"{prefix}_pages")).replace("–", "-").partition("-")
            parts = {
                "volume": line(metadata.get(f"{prefix}_volume")),
                "issue": line(metadata.get(f"{prefix}_issue")),
                "firstPage": first.strip(),
                "lastPage": last.strip(" -"),
            }
            yield found | {key: value for key, value in parts.items() if value}


def _rights(metadata: Metadata) -> Iterator[Json]:
    licence = facts.licence(metadata)
    if licence is not None and licence.spdx is None:
        yield {"rights": licence.id}
    elif licence is not None and licence.spdx is not None:
        yield {
            "rights": licence.spdx,
            "rightsUri": licence.url,
            "rightsIdentifier": licence.spdx.lower(),
            "rightsIdentifierScheme": "SPDX",
            "schemeUri": "https://spdx.org/licenses/",
        }
    if access := RIGHTS.get(line(metadata.get("access_right"))):
        yield {"rights": access[0], "rightsUri": access[1]}


def _descriptions(metadata: Metadata) -> Iterator[Json]:
    for key, kind in (("description", "Abstract"), ("method", "Methods"), ("notes", "Other")):
        if text := plain(metadata.get(key)):
            yield {"description": text, "descriptionType": kind}


def _places(metadata: Metadata) -> Iterator[Json]:
    for place in facts.places(metadata):
        described: Json = {"geoLocationPlace": place.name} if place.name else {}
        if place.latitude is not None:
            described["geoLocationPoint"] = {"pointLatitude": place.latitude, "pointLongitude": place.longitude}
        yield described


def _funding(metadata: Metadata) -> Iterator[Json]:
    for grant in facts.grants(metadata):
        yield {
            "funderName": grant.name,
            "funderIdentifier": facts.doi_url(grant.funder),
            "funderIdentifierType": "Crossref Funder ID",
            "awardNumber": grant.award,
        }
