"""A report as DataCite metadata (schema 4.5, in the JSON form of DataCite's REST API): one entry a published dataset.

What the deposit API has and DataCite has not (access conditions, references as text) is left out.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final, TypeAlias
from urllib.parse import urlsplit

from batchdep.metadata.canonical import EC_FUNDER
from batchdep.metadata.vocabulary import FUNDERS
from batchdep.report.status import BatchStatus, DatasetStatus
from batchdep.targets import SANDBOX, ZENODO

Json: TypeAlias = dict[str, Any]

SCHEMA_VERSION: Final = "http://datacite.org/schema/kernel-4"

_GENERAL_TYPES: Final = {
    "dataset": "Dataset",
    "event": "Event",
    "image": "Image",
    "lesson": "InteractiveResource",
    "model": "Model",
    "physicalobject": "PhysicalObject",
    "poster": "Text",
    "presentation": "Text",
    "software": "Software",
    "video": "Audiovisual",
    "workflow": "Workflow",
}
_PUBLICATION_TYPES: Final = {
    "article": "JournalArticle",
    "book": "Book",
    "conferencepaper": "ConferencePaper",
    "datamanagementplan": "OutputManagementPlan",
    "peerreview": "PeerReview",
    "preprint": "Preprint",
    "report": "Report",
    "section": "BookChapter",
    "thesis": "Dissertation",
}
_IDENTIFIER_TYPES: Final = {
    "ads": "bibcode",
    "ark": "ARK",
    "arxiv": "arXiv",
    "doi": "DOI",
    "ean13": "EAN13",
    "handle": "Handle",
    "isbn": "ISBN",
    "issn": "ISSN",
    "istc": "ISTC",
    "pmid": "PMID",
    "purl": "PURL",
    "url": "URL",
    "urn": "URN",
}
_RIGHTS: Final = {
    "open": ("Open Access", "info:eu-repo/semantics/openAccess"),
    "embargoed": ("Embargoed Access", "info:eu-repo/semantics/embargoedAccess"),
    "restricted": ("Restricted Access", "info:eu-repo/semantics/restrictedAccess"),
    "closed": ("Closed Access", "info:eu-repo/semantics/closedAccess"),
}


def datacite_report(status: BatchStatus) -> str:
    """A JSON array with the DataCite metadata of each dataset that is published."""
    publisher = _publisher(status.target)
    records = [datacite_record(each, publisher) for each in status.datasets if each.doi is not None]
    return json.dumps(records, ensure_ascii=False, indent=2) + "\n"


def datacite_record(dataset: DatasetStatus, publisher: str) -> Json:
    """The metadata of one published dataset; keys without a value are left out."""
    metadata = dataset.metadata
    record = {
        "doi": dataset.doi,
        "identifiers": [{"identifier": dataset.doi, "identifierType": "DOI"}],
        "url": dataset.url,
        "types": _types(metadata),
        "creators": [_person(person) for person in _mappings(metadata.get("creators"))],
        "titles": [{"title": metadata.get("title") or dataset.title}],
        "publisher": {"name": str(metadata.get("imprint_publisher") or publisher)},
        "publicationYear": _year(dataset),
        "subjects": list(_subjects(metadata)),
        "contributors": list(_contributors(metadata)),
        "dates": list(_dates(metadata)),
        "language": metadata.get("language"),
        "alternateIdentifiers": list(_alternate_identifiers(metadata)),
        "relatedIdentifiers": list(_related_identifiers(metadata)),
        "sizes": [f"{file.size} bytes" for file in dataset.files],
        "version": metadata.get("version"),
        "rightsList": list(_rights(metadata)),
        "descriptions": list(_descriptions(metadata)),
        "geoLocations": list(_places(metadata)),
        "fundingReferences": list(_funding(metadata)),
        "schemaVersion": SCHEMA_VERSION,
    }
    return {key: value for key, value in record.items() if value not in (None, "", [])}


def _publisher(target: str) -> str:
    return "Zenodo" if target in {ZENODO, SANDBOX} else urlsplit(target).netloc


def _types(metadata: Mapping[str, Any]) -> Json:
    kind = str(metadata.get("upload_type", "other"))
    detail = metadata.get("publication_type") or metadata.get("image_type")
    general = (
        _PUBLICATION_TYPES.get(str(detail), "Text") if kind == "publication" else _GENERAL_TYPES.get(kind, "Other")
    )
    return {"resourceTypeGeneral": general, "resourceType": str(detail or kind)}


def _person(person: Mapping[str, Any]) -> Json:
    name = str(person.get("name", ""))
    family, comma, given = (part.strip() for part in name.partition(","))
    described: Json = {"name": name}
    if comma and "," not in given:
        described |= {"nameType": "Personal", "givenName": given, "familyName": family}
    if affiliation := person.get("affiliation"):
        described["affiliation"] = [{"name": str(affiliation)}]
    if identifiers := list(_name_identifiers(person)):
        described["nameIdentifiers"] = identifiers
    return described


def _name_identifiers(person: Mapping[str, Any]) -> Iterator[Json]:
    for key, scheme, home in (("orcid", "ORCID", "https://orcid.org"), ("gnd", "GND", "https://d-nb.info/gnd")):
        if value := person.get(key):
            identifier = str(value) if str(value).startswith("http") else f"{home}/{str(value).removeprefix('gnd:')}"
            yield {"nameIdentifier": identifier, "nameIdentifierScheme": scheme, "schemeUri": home}


def _contributors(metadata: Mapping[str, Any]) -> Iterator[Json]:
    for person in _mappings(metadata.get("contributors")):
        yield _person(person) | {"contributorType": str(person.get("type", "Other"))}
    for person in _mappings(metadata.get("thesis_supervisors")):
        yield _person(person) | {"contributorType": "Supervisor"}


def _year(dataset: DatasetStatus) -> str | None:
    found = re.match(r"\d{4}", str(dataset.metadata.get("publication_date", "")))
    if found:
        return found[0]
    return str(dataset.published_at.year) if dataset.published_at else None


def _subjects(metadata: Mapping[str, Any]) -> Iterator[Json]:
    for keyword in _items(metadata.get("keywords")):
        yield {"subject": str(keyword)}
    for subject in _mappings(metadata.get("subjects")):
        described = {"subject": str(subject.get("term", ""))}
        if identifier := subject.get("identifier"):
            described["valueUri"] = str(identifier)
        if scheme := subject.get("scheme"):
            described["subjectScheme"] = str(scheme)
        yield described


def _dates(metadata: Mapping[str, Any]) -> Iterator[Json]:
    if issued := metadata.get("publication_date"):
        yield {"date": str(issued), "dateType": "Issued"}
    if available := metadata.get("embargo_date"):
        yield {"date": str(available), "dateType": "Available"}
    for date in _mappings(metadata.get("dates")):
        start, end = date.get("start") or "", date.get("end") or ""
        described = {"date": str(start) if start == end else f"{start}/{end}", "dateType": str(date.get("type"))}
        if note := date.get("description"):
            described["dateInformation"] = str(note)
        yield described


def _related_identifiers(metadata: Mapping[str, Any]) -> Iterator[Json]:
    for related, identifier, kind in _identifiers(metadata):
        relation = str(related.get("relation", ""))
        if relation == "isAlternateIdentifier" or kind is None:
            continue
        described = {
            "relatedIdentifier": identifier,
            "relatedIdentifierType": kind,
            "relationType": relation[:1].upper() + relation[1:],
        }
        if resource_type := str(related.get("resource_type", "")):
            described["resourceTypeGeneral"] = _general_type(resource_type)
        yield described


def _alternate_identifiers(metadata: Mapping[str, Any]) -> Iterator[Json]:
    for related, identifier, kind in _identifiers(metadata):
        if related.get("relation") == "isAlternateIdentifier":
            yield {"alternateIdentifier": identifier, "alternateIdentifierType": kind or "Other"}


def _identifiers(metadata: Mapping[str, Any]) -> Iterator[tuple[Mapping[str, Any], str, str | None]]:
    from batchdep.metadata.identifiers import scheme_of

    for related in _mappings(metadata.get("related_identifiers")):
        identifier = str(related.get("identifier", ""))
        scheme = str(related.get("scheme") or scheme_of(identifier) or "")
        yield related, identifier, _IDENTIFIER_TYPES.get(scheme)


def _general_type(resource_type: str) -> str:
    """Of a type as in ``publication-article`` or ``dataset``."""
    kind, _, detail = resource_type.partition("-")
    return _PUBLICATION_TYPES.get(detail, "Text") if kind == "publication" else _GENERAL_TYPES.get(kind, "Other")


def _rights(metadata: Mapping[str, Any]) -> Iterator[Json]:
    licence = metadata.get("license")
    identifier = licence.get("id") if isinstance(licence, Mapping) else licence
    if identifier:
        yield _licence(str(identifier))
    if access := _RIGHTS.get(str(metadata.get("access_right"))):
        yield {"rights": access[0], "rightsUri": access[1]}


def _licence(identifier: str) -> Json:
    from batchdep.metadata.licences import spdx_ids

    spdx = spdx_ids().get(identifier.lower())
    if spdx is None:
        return {"rights": identifier}
    return {
        "rights": spdx,
        "rightsIdentifier": spdx.lower(),
        "rightsIdentifierScheme": "SPDX",
        "schemeUri": "https://spdx.org/licenses/",
    }


def _descriptions(metadata: Mapping[str, Any]) -> Iterator[Json]:
    for key, kind in (("description", "Abstract"), ("method", "Methods"), ("notes", "Other")):
        if text := metadata.get(key):
            yield {"description": str(text), "descriptionType": kind}


def _places(metadata: Mapping[str, Any]) -> Iterator[Json]:
    for location in _mappings(metadata.get("locations")):
        described: Json = {}
        if place := location.get("place"):
            described["geoLocationPlace"] = str(place)
        if location.get("lat") is not None and location.get("lon") is not None:
            described["geoLocationPoint"] = {"pointLatitude": location["lat"], "pointLongitude": location["lon"]}
        if described:
            yield described


def _funding(metadata: Mapping[str, Any]) -> Iterator[Json]:
    """A grant is ``funder DOI::award``; a bare number is one of the European Commission (deposit API: grants)."""
    for grant in _items(metadata.get("grants")):
        text = str(grant.get("id", "")) if isinstance(grant, Mapping) else str(grant)
        funder, _, award = text.rpartition("::")
        funder = funder or EC_FUNDER
        if award:
            yield {
                "funderName": FUNDERS.get(funder, funder),
                "funderIdentifier": f"https://doi.org/{funder}",
                "funderIdentifierType": "Crossref Funder ID",
                "awardNumber": award,
            }


def _items(value: Any) -> Sequence[Any]:
    return value if isinstance(value, list) else []


def _mappings(value: Any) -> Iterable[Mapping[str, Any]]:
    return [item for item in _items(value) if isinstance(item, Mapping)]
