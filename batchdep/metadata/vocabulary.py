"""The closed lists of Zenodo's deposit API: types, roles, relations, access rights, funders.

Sources: the API's documentation, and what the server was seen to take beyond it (observed: types table). Licences and
languages have modules of their own because their lists come from libraries.
"""

from __future__ import annotations

from functools import cache

UPLOAD_TYPES: tuple[str, ...] = (
    *("publication", "poster", "presentation", "dataset", "image", "video", "software", "lesson", "physicalobject"),
    *("other", "workflow", "model", "event"),
)

PUBLICATION_TYPES: tuple[str, ...] = (
    *("annotationcollection", "book", "section", "conferencepaper", "datamanagementplan", "article", "patent"),
    *("preprint", "deliverable", "milestone", "proposal", "report", "softwaredocumentation", "taxonomictreatment"),
    *("technicalnote", "thesis", "workingpaper", "other", "dissertation", "journal", "standard", "peerreview"),
    "datapaper",
)

IMAGE_TYPES: tuple[str, ...] = ("figure", "plot", "drawing", "diagram", "photo", "other")

SOFTWARE_TYPES: tuple[str, ...] = ("computationalnotebook",)

SUBTYPES: dict[str, tuple[str, ...]] = {
    "publication": PUBLICATION_TYPES,
    "image": IMAGE_TYPES,
    "software": SOFTWARE_TYPES,
}
"""Upload types that have finer types, given as ``<upload type>_type``."""

RESOURCE_TYPES: frozenset[str] = frozenset(
    {
        *UPLOAD_TYPES,
        *(f"{kind}-{subtype}" for kind, subtypes in SUBTYPES.items() for subtype in subtypes),
    }
)
"""What ``related_identifiers[].resource_type`` may be."""

ACCESS_RIGHTS: tuple[str, ...] = ("open", "embargoed", "restricted", "closed")

CONTRIBUTOR_TYPES: tuple[str, ...] = (
    *("ContactPerson", "DataCollector", "DataCurator", "DataManager", "Distributor", "Editor", "HostingInstitution"),
    *("Producer", "ProjectLeader", "ProjectManager", "ProjectMember", "RegistrationAgency", "RegistrationAuthority"),
    *("RelatedPerson", "Researcher", "ResearchGroup", "RightsHolder", "Supervisor", "Sponsor", "WorkPackageLeader"),
    "Other",
)

RELATIONS: tuple[str, ...] = (
    *("isCitedBy", "cites", "isSupplementTo", "isSupplementedBy", "isContinuedBy", "continues", "isDescribedBy"),
    *("describes", "hasMetadata", "isMetadataFor", "isNewVersionOf", "isPreviousVersionOf", "isPartOf", "hasPart"),
    *("isReferencedBy", "references", "isDocumentedBy", "documents", "isCompiledBy", "compiles", "isVariantFormOf"),
    *("isOriginalFormOf", "isIdenticalTo", "isAlternateIdentifier", "isReviewedBy", "reviews", "isDerivedFrom"),
    *("isSourceOf", "requires", "isRequiredBy", "isObsoletedBy", "obsoletes"),
    *("hasVersion", "isVersionOf", "isPublishedIn"),
)

RELATIONS_NOT_ANSWERED: tuple[str, ...] = ("isCollectedBy", "collects", "isTranslationOf")
"""Stored, but the deposit API answers them without ``relation``; sending that answer back is a 500."""

DATE_TYPES: tuple[str, ...] = ("Collected", "Valid", "Withdrawn")

FUNDERS: dict[str, str] = {
    "10.13039/501100001665": "ANR",
    "10.13039/501100002341": "AKA",
    "10.13039/501100000923": "ARC",
    "10.13039/100018231": "ASAP",
    "10.13039/501100000024": "CIHR",
    "10.13039/501100000780": "EC",
    "10.13039/501100000806": "EEA",
    "10.13039/501100001871": "FCT",
    "10.13039/501100002428": "FWF",
    "10.13039/501100004488": "HRZZ",
    "10.13039/501100004564": "MESTD",
    "10.13039/501100000925": "NHMRC",
    "10.13039/100000002": "NIH",
    "10.13039/501100000038": "NSERC",
    "10.13039/100000001": "NSF",
    "10.13039/501100003246": "NWO",
    "10.13039/501100000690": "UKRI",
    "10.13039/100014013": "UKRI",
    "10.13039/501100001602": "SFI",
    "10.13039/501100001711": "SNSF",
    "10.13039/100001345": "SSHRC",
    "10.13039/501100004410": "TUBITAK",
    "10.13039/100004440": "Wellcome",
    "10.13039/501100006364": "INCa",
    "10.13039/501100011730": "TWCF",
}
"""Funder DOI -> the funder's short name."""

KEPT_TAGS: frozenset[str] = frozenset(
    {
        *("h1", "h2", "h3", "h4", "h5", "h6", "p", "ul", "ol", "li", "pre", "code", "a", "sub", "sup", "u", "strike"),
        *("div", "span", "br", "blockquote", "table", "tbody", "td", "th", "tr", "b", "strong", "em", "i"),
        *("abbr", "acronym"),
    }
)
"""HTML elements that survive in description, notes and method (observed: round trip)."""


def spelling(word: str, known: tuple[str, ...]) -> str | None:
    """``word`` as the list of ``known`` words spells it, whatever its case; None if it is not among them."""
    return _by_small_letters(known).get(word.strip().lower())


@cache
def _by_small_letters(known: tuple[str, ...]) -> dict[str, str]:
    return {each.lower(): each for each in known}
