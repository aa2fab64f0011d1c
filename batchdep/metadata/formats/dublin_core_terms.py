"""The words of Dublin Core, of DSpace and of OpenAIRE's guidelines, and what they say in DataCite's."""

from __future__ import annotations

import re

from batchdep.metadata.datacite_words import deposit_type
from batchdep.metadata.identifiers import is_address, is_doi
from batchdep.regexes import regex

DATES: dict[str, str] = {
    "issued": "Issued",
    "available": "Available",
    "created": "Created",
    "valid": "Valid",
    "modified": "Updated",
    "dateaccepted": "Accepted",
    "datecopyrighted": "Copyrighted",
    "datesubmitted": "Submitted",
    "dateaccessioned": "Other",
    "otherdate": "Other",
}
"""Term of a date -> dateType."""

RELATIONS: dict[str, str] = {
    "isversionof": "IsVersionOf",
    "hasversion": "HasVersion",
    "isreplacedby": "IsObsoletedBy",
    "replaces": "Obsoletes",
    "isrequiredby": "IsRequiredBy",
    "requires": "Requires",
    "ispartof": "IsPartOf",
    "haspart": "HasPart",
    "isreferencedby": "IsReferencedBy",
    "references": "References",
    "isformatof": "IsVariantFormOf",
    "hasformat": "IsOriginalFormOf",
    "isbasedon": "IsDerivedFrom",
    "isbasisfor": "IsSourceOf",
    "conformsto": "",
}
"""Term of a relation -> relationType; DataCite has no word for a standard that something conforms to."""

ROLES: dict[str, str] = {
    "rightsholder": "RightsHolder",
    "advisor": "Supervisor",
    "editor": "Editor",
}
"""Term of a person -> contributorType; advisor and editor are DSpace's."""

DSPACE: dict[str, str] = {
    "title.alternative": "alternative",
    "contributor.author": "creator",
    "contributor.advisor": "advisor",
    "contributor.editor": "editor",
    "date.accessioned": "dateaccessioned",
    "date.embargo": "available",
    "date.copyright": "datecopyrighted",
    "date.submitted": "datesubmitted",
    "date.updated": "modified",
    "description.abstract": "abstract",
    "description.sponsorship": "sponsorship",
    "description.tableofcontents": "tableofcontents",
    "description.provenance": "provenance",
    "identifier.citation": "bibliographiccitation",
    "coverage.spatial": "spatial",
    "coverage.temporal": "temporal",
    "format.extent": "extent",
    "rights.holder": "rightsholder",
    "rights.accessrights": "accessrights",
    "relation.ispartofseries": "ispartof",
}
"""Element and qualifier of DSpace's registry of metadata -> term."""

_TYPES: dict[str, str] = {
    **dict.fromkeys(("bachelorthesis", "masterthesis", "doctoralthesis", "studentthesis", "phdthesis"), "thesis"),
    **dict.fromkeys(("bookpart", "chapter"), "section"),
    "conferenceobject": "conferencepaper",
    **dict.fromkeys(("review", "bookreview"), "peerreview"),
    **dict.fromkeys(("lecture", "conferencepresentation"), "presentation"),
    "contributiontoperiodical": "article",
    "technicalreport": "report",
    "learningobject": "lesson",
    **dict.fromkeys(("stillimage", "visual"), "image"),
    **dict.fromkeys(("movingimage", "recordingoral"), "video"),
    "datasets": "dataset",
    "cddb1": "dataset",
    "c5ce6": "software",
}
"""Words of eu-repo, DCMI, DSpace and COAR for a type, as letters and digits alone -> word of the deposit API."""

_VERSION = regex(r"(?:draft|(?:submitted|accepted|published|updated)version)", re.IGNORECASE)
_GRANT = regex(r"info:eu-repo/grantAgreement/([^/]+)/[^/]*/([^/]+)(?:/.*)?", re.IGNORECASE)
_SEMANTICS = regex(r"info:eu-repo/semantics/(\w+)/(\w+)/(.+)", re.IGNORECASE)
_ORCID_IN_NAME = regex(
    r"\s*[\[(,]?\s*(?:orcid:?\s*)?(?:https?://orcid\.org/)?(\d{4}-\d{4}-\d{4}-\d{3}[\dXx])/?\s*[\])]?\s*$",
    re.IGNORECASE,
)
_PREFIXED = regex(r"(?:urn:)?(isbn|issn|pmid|hdl|handle|ark|arxiv|doi|urn)(?:\s*:\s*|\s+)(\S.*)", re.IGNORECASE)
_KINDS = {"hdl": "Handle", "handle": "Handle", "arxiv": "arXiv", "ark": "ARK"}
_PARTS = regex(r"\s*(\w+)\s*=\s*([^;]+?)\s*(?:;|$)")
_PERIOD = regex(r"[\d\s./:TZ-]+")
_SIDES = {"southBoundLatitude": "southlimit", "westBoundLongitude": "westlimit"} | {
    "northBoundLatitude": "northlimit",
    "eastBoundLongitude": "eastlimit",
}


def dspace_term(element: str, qualifier: str) -> str:
    """The term of a ``dcvalue``: a date of another kind than the known ones must not pass for the date."""
    if qualifier in ("", "none"):
        return element
    otherwise = "otherdate" if element == "date" else element
    return DSPACE.get(f"{element}.{qualifier}", qualifier if qualifier in RELATIONS | DATES else otherwise)


def type_word(written: str) -> str:
    """The last part of a type's address, or the type as it is, in the deposit API's word where it is known."""
    last = written.rstrip("/").rpartition("/")[2] if "/" in written else written
    return _TYPES.get(re.sub("[^a-z0-9]+", "", last.lower()), last)


def best_type(written: list[str]) -> int | None:
    """Which of several types says most: a finer type of a publication before a mere text; versions such as
    ``info:eu-repo/semantics/publishedVersion`` are none."""
    ranked = [
        (_plainness(*deposit_type("", word)), index)
        for index, each in enumerate(written)
        if not _VERSION.fullmatch(word := type_word(each))
    ]
    return min(ranked)[1] if ranked else None


def _plainness(upload_type: str, finer: str) -> int:
    return 2 if upload_type == "other" else int(finer == "other")


def grant_of(text: str) -> tuple[str, str] | None:
    """Funder and number of a grant as OpenAIRE writes it: ``info:eu-repo/grantAgreement/EC/H2020/654241``."""
    found = _GRANT.fullmatch(text)
    return (found[1], found[2]) if found else None


def identified(text: str) -> tuple[str, str]:
    """An identifier without the name of its kind before it, and its kind in DataCite's word, where it shows one.

    ``AlternateIdentifier`` is OpenAIRE's ``altIdentifier``: the same work under another identifier.
    """
    if found := _SEMANTICS.fullmatch(text):
        scheme, rest = found[2], found[3]
        identifier = rest if scheme.lower() in ("url", "urn", "handle") and ":" in rest else f"{scheme}:{rest}"
        return (identifier, "AlternateIdentifier") if found[1].lower() == "altidentifier" else identified(identifier)
    if is_doi(text):
        return text, "DOI"
    if is_address(text):
        return text, "URL"
    if found := _PREFIXED.fullmatch(text):
        kind = found[1].lower()
        if kind == "urn":
            return text, "URN"
        return found[2], _KINDS.get(kind, kind.upper())
    return text, ""


def split_orcid(text: str) -> tuple[str, str]:
    """A name, and the ORCID iD that some write behind it."""
    found = _ORCID_IN_NAME.search(text)
    return (text[: found.start()].strip(), found[1]) if found else (text.strip(), "")


def place_of(text: str) -> dict[str, object] | None:
    """A place, also in the words of DCMI Point (``east=4.8; north=45.7; name=Lyon``) and DCMI Box; None for a time."""
    parts = {name.lower(): value for name, value in _PARTS.findall(text)}
    if not parts:
        return None if _PERIOD.fullmatch(text) else {"geoLocationPlace": text}
    if "start" in parts or "end" in parts:
        return None
    place: dict[str, object] = {"geoLocationPlace": parts["name"]} if "name" in parts else {}
    if "east" in parts and "north" in parts:
        place["geoLocationPoint"] = {"pointLatitude": parts["north"], "pointLongitude": parts["east"]}
    if all(side in parts for side in _SIDES.values()):
        place["geoLocationBox"] = {key: parts[side] for key, side in _SIDES.items()}
    return place or {"geoLocationPlace": text}
