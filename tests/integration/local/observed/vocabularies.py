"""Observed: Types, licences, relations, roles, identifiers."""

from __future__ import annotations

from typing import Any

from tests.integration.local.conftest import MINIMAL
from tests.integration.local.observed.case import Section, World, row_name
from tests.integration.local.test_fields import DOI, related

VOCABULARIES = Section("vocabulary")
MODULE = "test_fields.py"
TYPES = f"{MODULE}::test_types_that_publish"
LICENCES = f"{MODULE}::test_licences"
FOUND = f"{MODULE}::test_identifiers_that_are_found"
NOT_FOUND = f"{MODULE}::test_identifiers_that_are_not_found"
UPLOAD_TYPES = "publication poster presentation dataset image video software lesson physicalobject other"
PUBLICATION_TYPES = (
    "annotationcollection book section conferencepaper datamanagementplan article patent preprint deliverable "
    "milestone proposal report softwaredocumentation taxonomictreatment technicalnote workingpaper other"
)
RELATIONS = (
    "isCitedBy cites isSupplementTo isSupplementedBy isContinuedBy continues isDescribedBy describes hasMetadata "
    "isMetadataFor isNewVersionOf isPreviousVersionOf isPartOf hasPart isReferencedBy references isDocumentedBy "
    "documents isCompiledBy compiles isVariantFormOf isOriginalFormOf isIdenticalTo isAlternateIdentifier isReviewedBy "
    "reviews isDerivedFrom isSourceOf requires isRequiredBy isObsoletedBy obsoletes"
)
SILENT = ("isCollectedBy", "collects", "isTranslationOf")
ROLES = (
    "ContactPerson DataCollector DataCurator DataManager Distributor Editor HostingInstitution Producer ProjectLeader "
    "ProjectManager ProjectMember RegistrationAgency RegistrationAuthority RelatedPerson Researcher ResearchGroup "
    "RightsHolder Supervisor Sponsor WorkPackageLeader Other"
)


async def all_publish(world: World, field: str, values: str, **more: str) -> None:
    """Every one of the words is taken, publishes and comes back."""
    for value in values.split():
        record = await world.api.published({**MINIMAL, **more, field: value})
        assert record["metadata"][field] == value


@VOCABULARIES.case("upload types", "all documented upload types are taken and publish")
async def _(world: World) -> None:
    await all_publish(world, "upload_type", UPLOAD_TYPES)


@VOCABULARIES.case("publication types", "all documented publication types are taken and publish")
async def _(world: World) -> None:
    await all_publish(world, "publication_type", PUBLICATION_TYPES, upload_type="publication")


@VOCABULARIES.case("image types", "all documented image types are taken and publish")
async def _(world: World) -> None:
    await all_publish(world, "image_type", "figure plot drawing diagram photo other", upload_type="image")


@VOCABULARIES.case("more publication types", "dissertation journal standard peerreview datapaper are taken too")
async def _(world: World) -> None:
    more = "dissertation journal standard peerreview datapaper"
    await all_publish(world, "publication_type", more, upload_type="publication")


VOCABULARIES.held(
    "thesis",
    "publication_type thesis comes back as dissertation",
    f"{TYPES}[{row_name({'upload_type': 'publication', 'publication_type': 'thesis'})}]",
)
for kind in ("workflow", "model", "event"):
    VOCABULARIES.held(
        f"upload type {kind}", "is taken too, and publishes", f"{TYPES}[{row_name({'upload_type': kind})}]"
    )


@VOCABULARIES.case("software type", "software computationalnotebook is taken too")
async def _(world: World) -> None:
    await all_publish(world, "software_type", "computationalnotebook", upload_type="software")


VOCABULARIES.held_all(
    f"{MODULE}::test_default_licences",
    {
        "default licence of datasets": "cc-zero for a dataset",
        "default licence": "cc-by-4.0 otherwise, as soon as metadata holds any key",
    },
)
for row in (
    "CC-BY-4.0-cc-by-4.0",
    " cc-by -cc-by-4.0",
    "cc-zero-cc-zero",
    "CC0-1.0-cc-zero",
    "MIT-mit-license",
    "odc-odbl-odc-odbl",
    "gpl-3.0-gpl-3.0",
    "cc-by-nc-4.0-cc-by-nc-4.0",
    "other-open-other-open",
    "other-closed-other-closed",
    "notspecified-notspecified",
    "GPL-3.0-or-later-gpl-3.0-or-later",
):
    VOCABULARIES.held(f"licence {row}", "comes back so", f"{LICENCES}[{row}]")


@VOCABULARIES.case("licence blanks and case", "any case, blanks around")
async def _(world: World) -> None:
    for sent in ("  MIT ", "mit", "Mit"):
        assert (await world.draft(license=sent))["metadata"]["license"] == "mit-license"


async def relations(world: World, names: tuple[str, ...]) -> list[dict[str, Any]]:
    """What comes back of an identifier for each relation."""
    sent = [entry for number, name in enumerate(names) for entry in related(f"10.1234/{number}", name)]
    found: list[dict[str, Any]] = (await world.api.published({**MINIMAL, "related_identifiers": sent}))["metadata"][
        "related_identifiers"
    ]
    return sorted(found, key=lambda entry: int(entry["identifier"].partition("/")[2]))


@VOCABULARIES.case("relations", "all documented relations come back")
async def _(world: World) -> None:
    names = tuple(RELATIONS.split())
    assert [entry["relation"] for entry in await relations(world, names)] == list(names)


@VOCABULARIES.case("more relations", "hasVersion, isVersionOf, isPublishedIn come back")
async def _(world: World) -> None:
    names = ("hasVersion", "isVersionOf", "isPublishedIn")
    assert [entry["relation"] for entry in await relations(world, names)] == list(names)


@VOCABULARIES.case("silent relations", "isCollectedBy, collects, isTranslationOf come back without relation")
async def _(world: World) -> None:
    found = await relations(world, SILENT)
    assert len(found) == len(SILENT)
    assert not any("relation" in entry for entry in found)


@VOCABULARIES.case("silent relations sent back", "sending that back is 500")
async def _(world: World) -> None:
    draft = await world.draft(related_identifiers=related(DOI, SILENT[0]))
    assert (await world.api.change(draft, draft["metadata"])).status == 500


@VOCABULARIES.case("roles", "all documented contributor types are taken, publish and come back")
async def _(world: World) -> None:
    sent = [{"name": f"Doe, {role}", "affiliation": None, "type": role} for role in ROLES.split()]
    assert (await world.api.published({**MINIMAL, "contributors": sent}))["metadata"]["contributors"] == sent


for row in (
    "10.1234/x-doi-10.1234/x",
    "doi:10.1234/x-doi-10.1234/x",
    "https://doi.org/10.1234/x-doi-10.1234/x",
    "arXiv:1501.00001-arxiv-None",
    "https://example.org/x-url-None",
    "ftp://example.org/x-url-None",
    "978-3-16-148410-0-isbn-None",
    "0317-8471-issn-None",
    "12345678-pmid-None",
    "urn:nbn:de:101:1-201102033592-urn-None",
    "20.500.12345/abc-handle-None",
    "w3id.org/x-handle-None",
    "ark:/13030/tqb3kh97gh8w-ark-None",
    "2011ApJS..192...18K-ads-None",
    "0000-0002-1825-0097-isni-None",
):
    VOCABULARIES.held(f"identifier {row}", "is found so", f"{FOUND}[{row}]")


@VOCABULARIES.case("identifier http", "an http address is found")
async def _(world: World) -> None:
    draft = await world.draft(related_identifiers=related("http://example.org/x"))
    assert draft["metadata"]["related_identifiers"][0]["scheme"] == "url"


for row in (
    "www.example.org",
    "PMC1234567",
    "swh:1:cnt:94a9ed024d3859793618152ea559a168bbcbb5e2",
    "igsn:AU1101",
    "lsid:ubio.org:namebank:11815",
    "GSE12345",
    "SAMN12345",
    "free text",
):
    VOCABULARIES.held(f"no identifier {row}", "400, no index", f"{NOT_FOUND}[{row}]")
