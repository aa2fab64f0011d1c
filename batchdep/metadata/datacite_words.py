"""The controlled lists of DataCite's metadata schema 4.6 (appendix 1), and what of the deposit API means which."""

from __future__ import annotations

import re
from typing import Final

from batchdep.metadata.vocabulary import SUBTYPES, UPLOAD_TYPES
from batchdep.regexes import regex

GENERAL_TYPES: Final = {
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
"""Upload type -> resourceTypeGeneral."""

FINER_TYPES: Final = {
    "article": "JournalArticle",
    "book": "Book",
    "computationalnotebook": "ComputationalNotebook",
    "conferencepaper": "ConferencePaper",
    "datamanagementplan": "OutputManagementPlan",
    "datapaper": "DataPaper",
    "deliverable": "Report",
    "dissertation": "Dissertation",
    "journal": "Journal",
    "milestone": "Report",
    "peerreview": "PeerReview",
    "preprint": "Preprint",
    "report": "Report",
    "section": "BookChapter",
    "standard": "Standard",
    "technicalnote": "Report",
    "thesis": "Dissertation",
}
"""Finer type of a publication or of software -> resourceTypeGeneral."""

IDENTIFIER_TYPES: Final = {
    "ads": "bibcode",
    "ark": "ARK",
    "arxiv": "arXiv",
    "cstr": "CSTR",
    "doi": "DOI",
    "ean13": "EAN13",
    "eissn": "EISSN",
    "handle": "Handle",
    "igsn": "IGSN",
    "isbn": "ISBN",
    "issn": "ISSN",
    "istc": "ISTC",
    "lissn": "LISSN",
    "lsid": "LSID",
    "pmid": "PMID",
    "purl": "PURL",
    "rrid": "RRID",
    "upc": "UPC",
    "url": "URL",
    "urn": "URN",
    "w3id": "w3id",
}
"""Scheme of an identifier -> relatedIdentifierType. CSTR and RRID came with 4.6."""

RELATION_TYPES: Final = frozenset(
    {
        *("IsCitedBy", "Cites", "IsCollectedBy", "Collects", "IsSupplementTo", "IsSupplementedBy", "IsContinuedBy"),
        *("Continues", "IsDescribedBy", "Describes", "HasMetadata", "IsMetadataFor", "HasVersion", "IsVersionOf"),
        *("IsNewVersionOf", "IsPreviousVersionOf", "IsPartOf", "HasPart", "IsPublishedIn", "IsReferencedBy"),
        *("References", "IsDocumentedBy", "Documents", "IsCompiledBy", "Compiles", "IsVariantFormOf"),
        *("IsOriginalFormOf", "IsIdenticalTo", "IsReviewedBy", "Reviews", "IsDerivedFrom", "IsSourceOf"),
        *("IsRequiredBy", "Requires", "IsObsoletedBy", "Obsoletes", "HasTranslation", "IsTranslationOf"),
    }
)
"""relationType. HasTranslation and IsTranslationOf came with 4.6."""

DATE_TYPES: Final = frozenset(
    {
        *("Accepted", "Available", "Copyrighted", "Collected", "Coverage", "Created", "Issued", "Submitted"),
        *("Updated", "Valid", "Withdrawn", "Other"),
    }
)
"""dateType. Coverage came with 4.6."""

CONTRIBUTOR_TYPES: Final = frozenset(
    {
        *("ContactPerson", "DataCollector", "DataCurator", "DataManager", "Distributor", "Editor"),
        *("HostingInstitution", "Producer", "ProjectLeader", "ProjectManager", "ProjectMember"),
        *("RegistrationAgency", "RegistrationAuthority", "RelatedPerson", "Researcher", "ResearchGroup"),
        *("RightsHolder", "Sponsor", "Supervisor", "Translator", "WorkPackageLeader", "Other"),
    }
)
"""contributorType. Translator came with 4.6."""

RIGHTS: Final = {
    "open": ("Open Access", "info:eu-repo/semantics/openAccess"),
    "embargoed": ("Embargoed Access", "info:eu-repo/semantics/embargoedAccess"),
    "restricted": ("Restricted Access", "info:eu-repo/semantics/restrictedAccess"),
    "closed": ("Closed Access", "info:eu-repo/semantics/closedAccess"),
}
"""Access right -> name and address of the COAR/eu-repo term that DataCite's rights take."""


_COAR = {"c_abf2": "open", "c_f1cf": "embargoed", "c_16ec": "restricted", "c_14cb": "closed"}
"""COAR's vocabulary of access rights, by the end of the address: vocabularies.coar-repositories.org/access_rights."""
_COAR_ADDRESS = regex(r"https?://purl\.org/coar/access_right/(c_\w+)/?", re.IGNORECASE)
_ACCESS = {f"{right}access": right for right in RIGHTS} | {right: right for right in RIGHTS}
_NO_LETTER = regex("[^a-z]+")


def access_named(word: str) -> str | None:
    """The access right of the deposit API that a name or an address (eu-repo, COAR) stands for."""
    if found := _COAR_ADDRESS.fullmatch(word):
        return _COAR.get(found[1].lower())
    return _ACCESS.get(_NO_LETTER.sub("", word.lower().removeprefix("info:eu-repo/semantics/")))


def general_type(upload_type: str, finer: str = "") -> str:
    """The resourceTypeGeneral of an upload type and its finer type; Text for publications that have none."""
    if upload_type == "publication":
        return FINER_TYPES.get(finer, "Text")
    if upload_type == "software" and finer in FINER_TYPES:
        return FINER_TYPES[finer]
    return GENERAL_TYPES.get(upload_type, "Other")


DEPOSIT_TYPES: Final = {
    "Audiovisual": ("video", ""),
    "Book": ("publication", "book"),
    "BookChapter": ("publication", "section"),
    "ComputationalNotebook": ("software", "computationalnotebook"),
    "ConferencePaper": ("publication", "conferencepaper"),
    "ConferenceProceeding": ("publication", "other"),
    "DataPaper": ("publication", "datapaper"),
    "Dataset": ("dataset", ""),
    "Dissertation": ("publication", "thesis"),
    "Event": ("event", ""),
    "Image": ("image", "other"),
    "Instrument": ("physicalobject", ""),
    "Journal": ("publication", "journal"),
    "JournalArticle": ("publication", "article"),
    "Model": ("model", ""),
    "OutputManagementPlan": ("publication", "datamanagementplan"),
    "PeerReview": ("publication", "peerreview"),
    "PhysicalObject": ("physicalobject", ""),
    "Poster": ("poster", ""),
    "Preprint": ("publication", "preprint"),
    "Presentation": ("presentation", ""),
    "Report": ("publication", "report"),
    "Software": ("software", ""),
    "Sound": ("video", ""),
    "Standard": ("publication", "standard"),
    "StudyRegistration": ("publication", "other"),
    "Text": ("publication", "other"),
    "Workflow": ("workflow", ""),
}
"""resourceTypeGeneral -> upload type and its finer type; ("other", "") for all others. The API's video is of sound too,
in the repository's own words Video/Audio. Poster and Presentation came after 4.6."""


def deposit_type(general: str, specific: str) -> tuple[str, str]:
    """Upload type and finer type of a resourceTypeGeneral, in any case, and the free text ``resourceType``.

    The free text counts where it is one of the API's own words and means that general type: it undoes
    :func:`general_type`. Without a general type it is looked up in its place.
    """
    word = _NO_LETTER.sub("", specific.lower())
    known = _GENERAL_BY_LETTERS.get(_NO_LETTER.sub("", general.lower()) if general else word)
    for kind, finer in ((word, ""), *((kind, word) for kind in SUBTYPES)):
        is_own = kind in UPLOAD_TYPES and (not finer or finer in SUBTYPES[kind])
        if is_own and (not general or general_type(kind, finer) == known):
            return kind, finer or ("other" if kind in _FINER_DEMANDED else "")
    return DEPOSIT_TYPES.get(known or "", ("other", ""))


_FINER_DEMANDED = ("publication", "image")
_GENERAL_BY_LETTERS = {general.lower(): general for general in {*DEPOSIT_TYPES, *GENERAL_TYPES.values(), "Other"}}
