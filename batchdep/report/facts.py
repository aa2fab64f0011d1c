"""What the standards ask about a deposition, read from its metadata as the repository answered them.

Every value is text that was made harmless (:mod:`batchdep.report.texts`). Nothing here raises, whatever JSON it gets:
metadata are what somebody wrote and a server rewrote.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote, urlsplit

from msgspec import Struct

from batchdep.metadata.canonical import EC_FUNDER, bare_doi, bare_gnd, bare_orcid
from batchdep.metadata.identifiers import is_doi, is_gnd
from batchdep.metadata.vocabulary import FUNDERS
from batchdep.regexes import regex
from batchdep.report.status import BatchStatus, DatasetStatus, FileStatus
from batchdep.report.texts import address, encoded, line
from batchdep.targets import SANDBOX, ZENODO

if TYPE_CHECKING:
    from mimetypes import MimeTypes

Metadata = Mapping[str, Any]

_RESOLVERS: Final = {
    "ads": ("ads:", "https://ui.adsabs.harvard.edu/abs/"),
    "ark": ("", "https://n2t.net/"),
    "arxiv": ("arxiv:", "https://arxiv.org/abs/"),
    "doi": ("doi:", "https://doi.org/"),
    "handle": ("hdl:", "https://hdl.handle.net/"),
    "pmid": ("pmid:", "https://pubmed.ncbi.nlm.nih.gov/"),
}
"""Schemes of identifiers: a prefix that may be left out, and where the rest resolves."""

_COMPRESSED: Final = {"gzip": "application/gzip", "bzip2": "application/x-bzip2", "xz": "application/x-xz"}
_CREATIVE_COMMONS: Final = regex(r"CC-(BY(?:-NC)?(?:-ND|-SA)?)-(\d\.\d)")
_ORCID: Final = regex(r"\d{4}-\d{4}-\d{4}-\d{3}[\dX]")


class Person(Struct, frozen=True):
    """Somebody, or an organisation: only a name with exactly one comma has ``family`` and ``given`` (deposit API)."""

    name: str
    family: str = ""
    given: str = ""
    orcid: str = ""
    gnd: str = ""
    affiliation: str = ""
    role: str = ""

    @property
    def orcid_url(self) -> str:
        return f"https://orcid.org/{self.orcid}" if self.orcid else ""


class Licence(Struct, frozen=True):
    """``id`` as the repository has it; ``spdx`` and ``url`` where SPDX has the licence."""

    id: str
    spdx: str | None
    url: str | None


class Related(Struct, frozen=True):
    """A related identifier; ``url`` where it leads somewhere, ``scheme`` None where it is not recognised."""

    identifier: str
    scheme: str | None
    relation: str
    resource_type: str
    url: str | None


class Grant(Struct, frozen=True):
    """An award of a funder; ``funder`` is a DOI, ``name`` its short name, or the DOI again."""

    funder: str
    name: str
    award: str


class Interval(Struct, frozen=True):
    """A date or an interval of them; ``text`` as ISO 8601 and RKMS-ISO8601 write it."""

    text: str
    kind: str
    note: str


class Place(Struct, frozen=True):
    """A named place, a point in degrees (WGS 84), or both."""

    name: str
    latitude: float | None
    longitude: float | None
    note: str


def published(status: BatchStatus) -> Iterator[DatasetStatus]:
    """The datasets that have a DOI: only these can be cited."""
    return (dataset for dataset in status.datasets if dataset.doi and is_doi(dataset.doi))


def repository_name(target: str) -> str:
    """What the repository at that address is called; its host where it has no name."""
    return "Zenodo" if target in {ZENODO, SANDBOX} else line(urlsplit(target).netloc)


def title(dataset: DatasetStatus) -> str:
    return line(dataset.metadata.get("title")) or line(dataset.title) or dataset.id


def doi_url(doi: str) -> str:
    """The address of a DOI (DOI handbook: https://doi.org/ and the DOI, reserved characters encoded)."""
    return f"https://doi.org/{encoded(doi)}"


def kind(metadata: Metadata) -> tuple[str, str]:
    """Upload type and, where there is one, its finer type."""
    upload_type = line(metadata.get("upload_type")) or "other"
    return upload_type, line(metadata.get(f"{upload_type}_type"))


def type_in(metadata: Metadata, types: Mapping[str, str], publications: Mapping[str, str], otherwise: str) -> str:
    """A standard's word for what is deposited: publications go by their finer type, all else by its upload type."""
    upload_type, finer = kind(metadata)
    known = publications.get(finer) if upload_type == "publication" else types.get(upload_type)
    return known or otherwise


def people(metadata: Metadata, key: str = "creators", role: str = "") -> list[Person]:
    """The people of a list of the metadata, in order; those without a name are left out."""
    found = (_person(each, role) for each in mappings(metadata.get(key)))
    return [person for person in found if person.name]


def contributors(metadata: Metadata) -> list[Person]:
    """Contributors with their roles, then the supervisors of a thesis."""
    return people(metadata, "contributors", "Other") + people(metadata, "thesis_supervisors", "Supervisor")


def _person(entry: Metadata, role: str) -> Person:
    name = line(entry.get("name"))
    family, comma, given = (part.strip() for part in name.partition(","))
    personal = bool(comma and family and given and "," not in given)
    orcid, gnd = line(bare_orcid(entry.get("orcid"))), line(bare_gnd(entry.get("gnd")))
    return Person(
        name=name,
        family=family if personal else "",
        given=given if personal else "",
        orcid=orcid if _ORCID.fullmatch(orcid) else "",
        gnd=gnd if is_gnd(gnd) else "",
        affiliation=line(entry.get("affiliation")),
        role=line(entry.get("type")) if role == "Other" and entry.get("type") else role,
    )


def date(dataset: DatasetStatus) -> str:
    """Day, month or year of publication; of an interval its begin; where none is given, the day it was published."""
    found = re.match(r"\d{4}(-\d{2}){0,2}(?!\d)", line(dataset.metadata.get("publication_date")))
    if found:
        return found[0]
    return (dataset.published_at or dataset.updated).strftime("%Y-%m-%d")


def keywords(metadata: Metadata) -> list[str]:
    """The keywords, each once."""
    return list(dict.fromkeys(word for word in map(line, items(metadata.get("keywords"))) if word))


def licence(metadata: Metadata) -> Licence | None:
    from batchdep.metadata.licences import licence_answered

    given = metadata.get("license")
    identifier = line(given.get("id") if isinstance(given, Mapping) else given)
    if not identifier:
        return None
    spdx = licence_answered(identifier)
    return Licence(identifier, spdx, _licence_url(spdx) if spdx else None)


def _licence_url(spdx: str) -> str:
    if spdx == "CC0-1.0":
        return "https://creativecommons.org/publicdomain/zero/1.0/"
    if found := _CREATIVE_COMMONS.fullmatch(spdx):
        return f"https://creativecommons.org/licenses/{found[1].lower()}/{found[2]}/"
    return f"https://spdx.org/licenses/{quote(spdx)}.html"


def related(metadata: Metadata) -> Iterator[Related]:
    """The related identifiers in their order, those without identifier or relation left out."""
    from batchdep.metadata.identifiers import scheme_of

    for entry in mappings(metadata.get("related_identifiers")):
        identifier, relation = line(entry.get("identifier")), line(entry.get("relation"))
        if identifier and relation:
            scheme = line(entry.get("scheme")) or scheme_of(identifier)
            kind_of_it = line(entry.get("resource_type"))
            yield Related(identifier, scheme, relation, kind_of_it, _resolved(identifier, scheme))


def _resolved(identifier: str, scheme: str | None) -> str | None:
    if found := address(identifier):
        return found
    if scheme not in _RESOLVERS:
        return None
    prefix, resolver = _RESOLVERS[scheme]
    bare = bare_doi(identifier) if scheme == "doi" else identifier
    if prefix and bare.lower().startswith(prefix):
        bare = bare[len(prefix) :].strip()
    return encoded(f"{resolver}{bare}")


def grants(metadata: Metadata) -> Iterator[Grant]:
    """A grant is ``funder DOI::award``; a bare number is one of the European Commission (deposit API: grants)."""
    for entry in items(metadata.get("grants")):
        text = line(entry.get("id")) if isinstance(entry, Mapping) else line(entry)
        funder, _, award = (part.strip() for part in text.rpartition("::"))
        funder = funder or EC_FUNDER
        if award:
            yield Grant(funder, FUNDERS.get(funder, funder), award)


def intervals(metadata: Metadata) -> Iterator[Interval]:
    """``dates``; an open end is left empty, as in ``2017-01-01/`` (DataCite: RKMS-ISO8601)."""
    for entry in mappings(metadata.get("dates")):
        start, end = line(entry.get("start")), line(entry.get("end"))
        if start or end:
            text = start if start == end else f"{start}/{end}"
            yield Interval(text, line(entry.get("type")), line(entry.get("description")))


def places(metadata: Metadata) -> Iterator[Place]:
    for entry in mappings(metadata.get("locations")):
        point = (_degrees(entry.get("lat"), 90), _degrees(entry.get("lon"), 180))
        latitude, longitude = point if None not in point else (None, None)
        place = Place(line(entry.get("place")), latitude, longitude, line(entry.get("description")))
        if place.name or latitude is not None:
            yield place


def _degrees(value: Any, limit: int) -> float | None:
    try:
        number = float(value) if not isinstance(value, bool) else None
    except (TypeError, ValueError, OverflowError):
        return None
    return number if number is not None and abs(number) <= limit else None


def language(metadata: Metadata) -> str:
    """The language's tag: two letters where there are (BCP 47, 2.2.1: the shortest code); empty where unknown."""
    code = line(metadata.get("language")).lower()
    if not re.fullmatch(r"[a-z]{3}", code):
        return code if re.fullmatch(r"[a-z]{2}", code) else ""
    import iso639

    try:
        return iso639.Language.from_part3(code).part1 or code
    except iso639.LanguageNotFoundError:
        return ""


def landing_page(dataset: DatasetStatus) -> str | None:
    return address(dataset.url)


def file_url(dataset: DatasetStatus, file: FileStatus) -> str | None:
    """Where a file of a published record is downloaded: below the record's page, as the page itself links it."""
    page = landing_page(dataset)
    name = file.name.encode("utf-8", "replace")
    return f"{page.rstrip('/')}/files/{quote(name, safe='')}" if page else None


def media_type(name: str) -> str | None:
    """The media type by the name's ending, by the standard library's own table: the same on every machine."""
    kind_of_it, compression = _media_types().guess_type(name)
    return _COMPRESSED.get(compression) if compression else kind_of_it


@cache
def _media_types() -> MimeTypes:
    from mimetypes import MimeTypes

    return MimeTypes()


def with_values(entry: Mapping[str, Any]) -> dict[str, Any]:
    """The keys that say something."""
    return {key: value for key, value in entry.items() if value not in (None, "", [])}


def items(value: Any) -> Sequence[Any]:
    return value if isinstance(value, list) else []


def mappings(value: Any) -> list[Mapping[str, Any]]:
    return [item for item in items(value) if isinstance(item, Mapping)]
