"""A deposition as a node of schema.org, which both the JSON-LD report and the RO-Crate are made of.

Rules: schema.org 30 for types and properties, Google's "Dataset structured data" for what a search engine wants, the
ESIP guide science-on-schema.org 1.3 (Dataset) for identifiers, files and time.

Only datasets have ``distribution`` in schema.org, so other works name their files by ``encoding``. A name without
exactly one comma is a person's if it has an ORCID, else an organisation's: the deposit API does not tell them apart.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Final, TypeAlias

from batchdep.report import facts
from batchdep.report.facts import Metadata, Person, Related
from batchdep.report.status import DatasetStatus, FileStatus
from batchdep.report.texts import address, line, plain

Node: TypeAlias = dict[str, Any]

DOI_SCHEME: Final = "https://registry.identifiers.org/registry/doi"

_TYPES: Final = {
    "dataset": "Dataset",
    "image": "ImageObject",
    "lesson": "LearningResource",
    "poster": "Poster",
    "presentation": "PresentationDigitalDocument",
    "software": "SoftwareSourceCode",
    "video": "VideoObject",
}
_PUBLICATION_TYPES: Final = {
    "article": "ScholarlyArticle",
    "book": "Book",
    "conferencepaper": "ScholarlyArticle",
    "datapaper": "ScholarlyArticle",
    "deliverable": "Report",
    "dissertation": "Thesis",
    "journal": "Periodical",
    "milestone": "Report",
    "peerreview": "Review",
    "preprint": "ScholarlyArticle",
    "report": "Report",
    "section": "Chapter",
    "softwaredocumentation": "TechArticle",
    "technicalnote": "Report",
    "thesis": "Thesis",
    "workingpaper": "ScholarlyArticle",
}
_LINKS: Final = {
    "cites": "citation",
    "references": "citation",
    "isSupplementTo": "citation",
    "isDerivedFrom": "isBasedOn",
    "isPartOf": "isPartOf",
    "hasPart": "hasPart",
    "isDescribedBy": "subjectOf",
    "isDocumentedBy": "subjectOf",
    "describes": "about",
    "documents": "about",
    "isVersionOf": "exampleOfWork",
    "hasVersion": "workExample",
    "isTranslationOf": "translationOfWork",
}
"""Relations that schema.org has. The article that data supplement is one to cite with them (Google: ``citation``)."""

_SAME: Final = frozenset({"isIdenticalTo", "isAlternateIdentifier"})
_ACCESS: Final = {
    "embargoed": "The files are open from {0} on.",
    "restricted": "Access to the files is given on request.",
    "closed": "The files are not accessible.",
}

Checksum: TypeAlias = Callable[[str], Node]
"""How a document writes an MD5, given in hex, into a file's node."""


def work(dataset: DatasetStatus, target: str, checksum: Checksum) -> Node:
    """The node of one published dataset; ``@id`` is its DOI's address. Properties without a value are left out."""
    metadata, doi = dataset.metadata, dataset.doi or ""
    kind = type_of(metadata)
    publisher = facts.repository_name(target)
    licence = facts.licence(metadata)
    page = facts.landing_page(dataset)
    node: Node = {
        "@id": facts.doi_url(doi),
        "@type": kind,
        "name": facts.title(dataset),
        "description": plain(metadata.get("description")),
        "url": page or facts.doi_url(doi),
        "identifier": [_doi(doi)],
        "sameAs": [each.url for each in facts.related(metadata) if each.relation in _SAME and each.url],
        "creator": [_agent(person) for person in facts.people(metadata)],
        "contributor": [_agent(person) for person in facts.contributors(metadata)],
        "publisher": _publisher(line(metadata.get("imprint_publisher")), publisher, target),
        "datePublished": facts.date(dataset),
        "version": line(metadata.get("version")),
        "inLanguage": facts.language(metadata),
        "license": licence and (licence.url or licence.id),
        "isAccessibleForFree": line(metadata.get("access_right")) in {"", "open"},
        "conditionsOfAccess": _conditions(metadata),
        "keywords": [*facts.keywords(metadata), *_subjects(metadata)],
        "temporalCoverage": [_period(each.text) for each in facts.intervals(metadata) if each.kind == "Collected"],
        "spatialCoverage": list(_places(metadata)),
        "funding": list(_funding(metadata)),
        **_links(metadata),
        "distribution" if kind == "Dataset" else "encoding": list(_files(dataset, kind, checksum)),
    }
    if kind == "Dataset":
        node["measurementTechnique"] = plain(metadata.get("method"))
        node["includedInDataCatalog"] = {"@type": "DataCatalog", "name": publisher, "url": address(target)}
    return facts.with_values(node)


def type_of(metadata: Metadata) -> str:
    """The type of schema.org; CreativeWork where it has none nearer."""
    return facts.type_in(metadata, _TYPES, _PUBLICATION_TYPES, "CreativeWork")


def _doi(doi: str) -> Node:
    return {"@type": "PropertyValue", "propertyID": DOI_SCHEME, "value": f"doi:{doi}", "url": facts.doi_url(doi)}


def _agent(person: Person) -> Node:
    personal = bool(person.family or person.orcid)
    node: Node = {
        "@id": person.orcid_url or (f"https://d-nb.info/gnd/{person.gnd}" if person.gnd else ""),
        "@type": "Person" if personal else "Organization",
        "name": f"{person.given} {person.family}" if person.family else person.name,
        "givenName": person.given,
        "familyName": person.family,
    }
    if person.affiliation:
        node["affiliation" if personal else "parentOrganization"] = _organization(person.affiliation)
    return facts.with_values(node)


def _publisher(given: str, repository: str, target: str) -> Node | None:
    own = _organization(given or repository)
    return {"@id": address(target), **own} if own and given in {"", repository} else own


def _organization(name: str) -> Node | None:
    return {"@type": "Organization", "name": name} if name else None


def _conditions(metadata: Metadata) -> str:
    own = plain(metadata.get("access_conditions"))
    return own or _ACCESS.get(line(metadata.get("access_right")), "").format(line(metadata.get("embargo_date")))


def _subjects(metadata: Metadata) -> Iterator[Node]:
    for subject in facts.mappings(metadata.get("subjects")):
        if term := line(subject.get("term")):
            identifier = address(subject.get("identifier"))
            scheme = line(subject.get("scheme"))
            yield facts.with_values(
                {"@id": identifier, "@type": "DefinedTerm", "name": term, "inDefinedTermSet": scheme}
            )


def _period(text: str) -> str:
    """An open end is two dots (schema.org: temporalCoverage)."""
    start, slash, end = text.partition("/")
    return f"{start or '..'}/{end or '..'}" if slash else text


def _places(metadata: Metadata) -> Iterator[Node]:
    for place in facts.places(metadata):
        geo = {"@type": "GeoCoordinates", "latitude": place.latitude, "longitude": place.longitude}
        yield facts.with_values(
            {
                "@type": "Place",
                "name": place.name,
                "description": place.note,
                "geo": geo if place.latitude is not None else None,
            }
        )


def _funding(metadata: Metadata) -> Iterator[Node]:
    for grant in facts.grants(metadata):
        funder = {"@id": facts.doi_url(grant.funder), "@type": "Organization", "name": grant.name}
        yield {"@type": "MonetaryGrant", "identifier": grant.award, "funder": funder}


def _links(metadata: Metadata) -> Node:
    found: Node = {}
    for related in facts.related(metadata):
        if name := _LINKS.get(related.relation):
            found.setdefault(name, []).append(_linked(related))
    texts = [text for each in facts.items(metadata.get("references")) if (text := line(each))]
    if texts:
        found.setdefault("citation", []).extend({"@type": "CreativeWork", "name": text} for text in texts)
    return found


def _linked(related: Related) -> Node:
    upload_type, _, finer = related.resource_type.partition("-")
    kind = type_of({"upload_type": upload_type, f"{upload_type}_type": finer}) if upload_type else "CreativeWork"
    return facts.with_values({"@id": related.url, "@type": kind, "identifier": related.identifier})


def _files(dataset: DatasetStatus, kind: str, checksum: Checksum) -> Iterator[Node]:
    access = line(dataset.metadata.get("access_right"))
    for file in dataset.files:
        node = {
            "@type": "DataDownload" if kind == "Dataset" else "MediaObject",
            "name": line(file.name),
            "contentUrl": facts.file_url(dataset, file) if access not in {"restricted", "closed"} else None,
            "contentSize": f"{file.size} B",
            "encodingFormat": facts.media_type(file.name),
            **_md5(file, checksum),
        }
        yield facts.with_values(node)


def _md5(file: FileStatus, checksum: Checksum) -> Node:
    return checksum(file.md5) if file.md5 else {}
