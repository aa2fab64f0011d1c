"""The funders whose grants the deposit API takes: by funder DOI, ROR id, name or short name."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final, NamedTuple

from batchdep.metadata.canonical import EC_FUNDER as EC
from batchdep.metadata.vocabulary import FUNDERS
from batchdep.regexes import regex

FUNDER_ROR: Final[Mapping[str, str]] = {
    "00rbzpz17": "10.13039/501100001665",
    "05k73zm37": "10.13039/501100002341",
    "05mmh0f86": "10.13039/501100000923",
    "03zj4c476": "10.13039/100018231",
    "01gavpb45": "10.13039/501100000024",
    "00k4n6c32": EC,
    "0472cxd90": EC,
    "02k4b9v70": "10.13039/501100000806",
    "00snfqn58": "10.13039/501100001871",
    "013tf3c58": "10.13039/501100002428",
    "03n51vw80": "10.13039/501100004488",
    "01znas443": "10.13039/501100004564",
    "011kf5r70": "10.13039/501100000925",
    "01cwqze88": "10.13039/100000002",
    "01h531d29": "10.13039/501100000038",
    "021nxhr62": "10.13039/100000001",
    "04jsz6e67": "10.13039/501100003246",
    "001aqnf71": "10.13039/100014013",
    "00dq2kk65": "10.13039/100014013",
    "0271asj38": "10.13039/501100001602",
    "00yjd3n13": "10.13039/501100001711",
    "006cvnv84": "10.13039/100001345",
    "04w9kkr77": "10.13039/501100004410",
    "029chgv08": "10.13039/100004440",
    "03m8vkq32": "10.13039/501100006364",
    "00x0z1472": "10.13039/501100011730",
}
"""ROR id of a funder -> the funder DOI under which the deposit API takes its grants.

Verified in November 2026, row by row, against the table in Zenodo's own code that turns the one into the other when a
deposition comes in (zenodo/zenodo-rdm, legacy package, vocabularies/funders.py), and against the table by which
InvenioRDM loads the grants (inveniosoftware/invenio-vocabularies, config.py), which has the Templeton World Charity
Foundation (00x0z1472) too. All check digits are right. Two rows are not theirs: 00dq2kk65 is Research Councils UK,
whose grants went over to UKRI (the same code says so), and 0472cxd90 the European Research Council, whose grants are
the Commission's. 006cvnv84 is where Zenodo keeps the grants that OpenAIRE has of Canada's SSHRC.
"""

FUNDER_NAMES: Final[Mapping[str, tuple[str, ...]]] = {
    "ANR": ("Agence Nationale de la Recherche", "French National Research Agency"),
    "AKA": ("Research Council of Finland", "Academy of Finland", "Suomen Akatemia"),
    "ARC": ("Australian Research Council",),
    "ASAP": ("Aligning Science Across Parkinson's",),
    "CIHR": ("Canadian Institutes of Health Research",),
    "EC": (
        "European Commission", "European Commission (EC)", "European Union", "EU", "Horizon 2020", "H2020",
        "Horizon Europe", "European Research Council", "ERC",
    ),
    "EEA": ("European Environment Agency",),
    "FCT": ("Fundação para a Ciência e a Tecnologia", "Fundação para a Ciência e Tecnologia"),
    "FWF": ("Austrian Science Fund", "FWF Austrian Science Fund"),
    "HRZZ": ("Croatian Science Foundation", "Hrvatska zaklada za znanost"),
    "MESTD": (
        "Ministry of Education, Science and Technological Development",
        "Ministarstvo prosvete, nauke i tehnološkog razvoja",
    ),
    "NHMRC": ("National Health and Medical Research Council",),
    "NIH": ("National Institutes of Health",),
    "NSERC": (
        "Natural Sciences and Engineering Research Council of Canada",
        "Natural Sciences and Engineering Research Council",
    ),
    "NSF": ("National Science Foundation", "U.S. National Science Foundation"),
    "NWO": ("Dutch Research Council", "Nederlandse Organisatie voor Wetenschappelijk Onderzoek"),
    "UKRI": ("UK Research and Innovation", "Research Councils UK", "RCUK"),
    "SFI": ("Science Foundation Ireland",),
    "SNSF": ("Swiss National Science Foundation", "Schweizerischer Nationalfonds"),
    "SSHRC": (
        "Social Sciences and Humanities Research Council", "Social Sciences and Humanities Research Council of Canada",
        "Social Science Research Council",
    ),
    "TUBITAK": ("Türkiye Bilimsel ve Teknolojik Araştırma Kurumu", "TÜBİTAK"),
    "Wellcome": ("Wellcome Trust", "WT"),
    "INCa": ("Institut National du Cancer",),
    "TWCF": ("Templeton World Charity Foundation",),
}  # fmt: skip
"""Short name of a funder -> the names under which files and people know it, the usual one first."""

_ROR: Final = regex(r"(?:ror\.org/|^)(0[a-z0-9]{8})/?$")
_FUNDER_DOI: Final = regex(r"10\.13039/\d+")
_EC_GRANT: Final = regex(
    r"(?:(?:https?://)?(?:dx\.)?doi\.org/|doi:)?10\.3030/(\d+)"
    r"|(?:https?://)?cordis\.europa\.eu/project/(?:(?:id|rcn)/)?(\d+)(?:/\w*)?",
    re.IGNORECASE,
)
"""The DOI of a grant of the Commission, or its page."""


class Funder(NamedTuple):
    """A funder as a person looks for it; ``doi`` is that of new grants, where it has two."""

    doi: str
    short: str
    names: tuple[str, ...]


def funders() -> list[Funder]:
    """All of them, each once."""
    return [Funder(doi, FUNDERS[doi], FUNDER_NAMES[FUNDERS[doi]]) for doi in dict.fromkeys(FUNDER_ROR.values())]


def funder_doi(identifier: str, name: str = "") -> str | None:
    """The funder DOI, of those that the repository takes, for a funder DOI, a ROR id, or a name or short name."""
    lowered = identifier.strip().lower()
    if found := _FUNDER_DOI.search(lowered):
        return found[0] if found[0] in FUNDERS else None
    if found := _ROR.search(lowered):
        return FUNDER_ROR.get(found[1])
    wanted = (name or identifier).strip().casefold()
    return next((each.doi for each in funders() if wanted in map(str.casefold, (each.short, *each.names))), None)


def grant_id(written: str) -> str | None:
    """The id under which the deposit API takes a grant, or None where it is not known which is meant.

    Besides that id itself ``EC::654241``, a funder's ROR id or name before the colons, the DOI of a grant of the
    Commission and its page at CORDIS will do. A bare number is an id: it is a grant of the Commission.
    """
    text = written.strip()
    if found := _EC_GRANT.fullmatch(text):
        return f"{EC}::{found[1] or found[2]}"
    funder, colons, award = text.rpartition("::")
    if not colons:
        return text if text.isdecimal() else None
    if not award.strip():
        return None
    doi = funder.strip() if funder.strip() in FUNDERS else funder_doi(funder)
    return f"{doi}::{award.strip()}" if doi else None
