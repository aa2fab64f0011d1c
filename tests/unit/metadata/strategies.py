"""Arbitrary JSON, for the tests that nothing raises."""

from __future__ import annotations

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from tests.support.torture import TORTURE

FIELDS = [
    *("title", "description", "upload_type", "publication_type", "image_type", "creators", "contributors", "keywords"),
    *("subjects", "references", "license", "doi", "related_identifiers", "grants", "communities", "locations", "dates"),
    *("language", "version", "custom", "thesis_supervisors", "access_right", "embargo_date", "notes", "method"),
    *("publication_date", "access_conditions", "imprint_isbn", "conference_url", "journal_volume", "prereserve_doi"),
]

KEYS = st.sampled_from(
    [
        *("name", "affiliation", "orcid", "gnd", "type", "id", "identifier", "relation", "resource_type", "scheme"),
        *("place", "lat", "lon", "start", "end", "term", "description"),
    ]
)

TEXTS = st.text(max_size=12) | st.sampled_from(["Doe, Jane", "10.1234/x", "2026-02-31", "0/0", "::", "\ud800", "<p>"])

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS | st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)

DOCUMENTS = st.dictionaries(st.sampled_from(FIELDS) | st.text(max_size=8), JSON, max_size=6)

# To make an example takes longer than to judge it; and a shared machine makes single ones slow, which says nothing
# about the code.
patient = settings(max_examples=1000 if TORTURE else 40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
