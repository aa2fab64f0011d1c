"""Server field names become the names that the user wrote."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from batchdep.metadata.translate import user_field
from tests.unit.metadata.strategies import patient


@pytest.mark.parametrize(
    ("server", "user"),
    [
        ("metadata.resource_type", "upload_type"),
        ("metadata.title", "title"),
        ("metadata.creators", "creators"),
        ("metadata.publication_date", "publication_date"),
        ("metadata.subjects.0.subjects", "keywords[0]"),
        ("metadata.subjects", "keywords"),
        ("metadata.additional_descriptions.0.description", "notes or method"),
        ("metadata.publisher", "imprint_publisher"),
        ("metadata.creators.0.person_or_org.identifiers.0.identifier", "creators[0].orcid"),
        ("metadata.creators.0.person_or_org.family_name", "creators[0].name"),
        ("metadata.creators.12.affiliations.0.name", "creators[12].affiliation"),
        ("metadata.contributors.3.role", "contributors[3].type"),
        ("metadata.contributors.0.person_or_org.name", "contributors[0].name"),
        ("metadata.related_identifiers.scheme", "related_identifiers.identifier"),
        ("metadata.related_identifiers.1.relation_type", "related_identifiers[1].relation"),
        ("metadata.identifiers.0.identifier", "related_identifiers[0].identifier"),
        ("metadata.dates.0.date", "dates[0]"),
        ("metadata.locations.features.0.place", "locations[0].place"),
        ("metadata.locations.features.1.geometry.coordinates", "locations[1].lat"),
        ("metadata.languages.0.id", "language"),
        ("metadata.rights.0.id", "license"),
        ("metadata.funding.0.award.id", "grants[0]"),
        ("metadata.references.2.reference", "references[2]"),
        ("metadata._schema", "access_right"),
        ("_schema", "access_right"),
        ("communities", "communities"),
        ("metadata.communities", "communities"),
        ("pids.doi", "doi"),
        ("access.embargo.until", "embargo_date"),
        ("access.files", "access_right"),
        ("files.enabled", "files"),
        ("files", "files"),
        ("custom_fields.journal:journal.pages", "journal_pages"),
        ("custom_fields.meeting:meeting", "conference_title"),
        ("custom_fields.imprint:imprint.isbn", "imprint_isbn"),
        ("custom_fields.thesis:university", "thesis_university"),
        ("custom_fields.dwc:genus", "custom.dwc:genus"),
        ("metadata.version", "version"),
        ("metadata", "metadata"),
        ("", "metadata"),
        ("something.new.0.here", "something.new[0].here"),
    ],
)
def test_field(server: str, user: str) -> None:
    assert user_field(server) == user


@patient
@given(st.text(max_size=40))
def test_any_name_gives_a_name(server: str) -> None:
    assert user_field(server)
