"""Every case of the account of what Zenodo's server code answered, section by section."""

from __future__ import annotations

from tests.integration.local.observed import (
    depositions,
    fields,
    files,
    lists,
    metadata,
    names,
    plain,
    publication,
    races,
    vocabularies,
)
from tests.integration.local.observed.case import Case, Section

SECTIONS: tuple[Section, ...] = (
    plain.PLAIN,
    depositions.DEPOSITIONS,
    fields.FIELDS,
    metadata.METADATA,
    vocabularies.VOCABULARIES,
    files.FILES,
    names.NAMES,
    names.OLD_WAY,
    publication.PUBLISH,
    publication.AFTER,
    publication.VERSIONS,
    lists.LIST,
    lists.TOKENS,
    lists.LIMITS,
    lists.LOOK_UPS,
    races.RACES,
    races.PENDING,
)
CASES: tuple[Case, ...] = tuple(case for section in SECTIONS for case in section.cases)
