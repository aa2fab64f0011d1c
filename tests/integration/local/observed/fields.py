"""Observed: Fields, three ways to fail. A case a cell and value; the tables in test_fields.py say what is asserted."""

from __future__ import annotations

from typing import Any

from tests.integration.local.observed.case import Section, row_name
from tests.integration.local.test_fields import DOI, EC, PAST, TODAY, TOMORROW, related

FIELDS = Section("field")
MODULE = "test_fields.py"
REFUSED = "test_refused_at_once_with_its_field"
ELSEWHERE = "test_refused_under_another_name"
UNKNOWN = "test_words_that_no_vocabulary_has"
FAULT = "test_more_than_the_server_can_bear"
TAKEN = "test_taken_changed_or_dropped"
WAYS = {
    REFUSED: "400 with the field",
    ELSEWHERE: "400 under another field's name",
    UNKNOWN: "400 that names the value and no field",
    FAULT: "500, at every attempt",
    TAKEN: "taken, changed or dropped, and publish goes as it went",
}

ROWS: tuple[tuple[str, str, Any], ...] = (
    ("title null", REFUSED, None),
    ("title number", REFUSED, 5),
    ("title list", REFUSED, ["x"]),
    ("title empty", TAKEN, ""),
    ("title 1 character", TAKEN, "T"),
    ("title 2 characters", TAKEN, "Ti"),
    ("title blanks", TAKEN, "   "),
    ("title trimmed, zero-width, tags kept", TAKEN, "  a <b>title</b>\u200b "),
    ("title control character", TAKEN, "a\u0007 title"),
    ("description null", REFUSED, None),
    ("description number", REFUSED, 5),
    ("description empty", TAKEN, ""),
    ("description 1 character", TAKEN, "a"),
    ("description 2 characters", TAKEN, "ab"),
    ("creators null", REFUSED, None),
    ("creators object", REFUSED, {"name": "Doe"}),
    ("creators []", TAKEN, []),
    ("creators twice the same", TAKEN, [{"name": "Doe, J"}, {"name": "Doe, J"}]),
    ("creators affiliation a list", TAKEN, [{"name": "Doe", "affiliation": ["x"]}]),
    ("creators strings", FAULT, ["Doe, Jane"]),
    ("creators name a number", FAULT, [{"name": 5}]),
    ("creators orcid a number", FAULT, [{"name": "Doe", "orcid": 5}]),
    ("creators gnd malformed", FAULT, [{"name": "Doe", "gnd": "nonsense"}]),
    ("contributors null", REFUSED, None),
    ("contributors strings", REFUSED, ["Doe"]),
    ("contributors unknown type", UNKNOWN, [{"name": "Doe", "type": "boss"}]),
    ("contributors type missing", TAKEN, [{"name": "Doe"}]),
    ("contributors type in small letters", TAKEN, [{"name": "Doe", "type": "supervisor"}]),
    ("contributors type a number", FAULT, [{"name": "Doe", "type": 5}]),
    ("upload_type unknown", UNKNOWN, "bogus"),
    ("upload_type capitals", UNKNOWN, "Dataset"),
    ("upload_type null", TAKEN, None),
    ("upload_type number", TAKEN, 5),
    ("publication_type on another upload_type", TAKEN, "article"),
    ("publication_date null", REFUSED, None),
    ("publication_date number", REFUSED, 2026),
    ("publication_date 24/11/2026", TAKEN, "24/11/2026"),
    ("publication_date 2026-02-31", TAKEN, "2026-02-31"),
    ("publication_date empty", TAKEN, ""),
    ("publication_date with a time", TAKEN, "2026-01-01T10:00:00"),
    ("publication_date 2026", TAKEN, "2026"),
    ("publication_date 2020/2021", TAKEN, "2020/2021"),
    ("publication_date 2099-01-01", TAKEN, "2099-01-01"),
    ("license number", REFUSED, 5),
    ("license list", REFUSED, ["cc-by-4.0"]),
    ("license null", REFUSED, None),
    ("license empty", UNKNOWN, ""),
    ("license unknown", UNKNOWN, "nope"),
    ("license address", UNKNOWN, "https://creativecommons.org/licenses/by/4.0/"),
    ("license object without id", FAULT, {"title": "x"}),
    ("access_right unknown", ELSEWHERE, "secret"),
    ("access_right number", ELSEWHERE, 5),
    ("access_right embargoed without date", ELSEWHERE, "embargoed"),
    ("access_right null", TAKEN, None),
    ("access_right closed", TAKEN, "closed"),
    ("access_right restricted without conditions", TAKEN, "restricted"),
    ("embargo_date when open", TAKEN, TOMORROW),
    ("related_identifiers not a list", REFUSED, "x"),
    ("related_identifiers null", REFUSED, None),
    ("related_identifiers items not objects", REFUSED, ["x"]),
    ("related_identifiers relation a number", ELSEWHERE, related(relation=5)),
    ("related_identifiers unknown relation", UNKNOWN, related(relation="xCites")),
    ("related_identifiers bad resource_type", UNKNOWN, related(resource_type="nope")),
    ("related_identifiers undetectable", ELSEWHERE, related("free text")),
    ("related_identifiers []", TAKEN, []),
    ("related_identifiers doubles kept", TAKEN, related() * 2),
    (
        "related_identifiers address made bare, relation in any case, scheme ignored",
        TAKEN,
        related(f"https://doi.org/{DOI}", "CITES", scheme="url"),
    ),
    ("related_identifiers relation missing", FAULT, [{"identifier": DOI}]),
    ("related_identifiers identifier missing", FAULT, [{"relation": "cites"}]),
    ("communities a string", ELSEWHERE, "zenodo"),
    ("communities strings", ELSEWHERE, ["zenodo"]),
    ("communities null", TAKEN, None),
    ("communities unknown, in the draft", TAKEN, [{"identifier": "unknown"}]),
    ("grants null", REFUSED, None),
    ("grants unknown award", UNKNOWN, [{"id": f"{EC}::999999999"}]),
    ("grants unknown funder", UNKNOWN, [{"id": "10.13039/5::1"}]),
    ("grants bare EC number", TAKEN, [{"id": "654241"}]),
    ("grants []", TAKEN, []),
    ("grants id missing", FAULT, [{"x": 1}]),
    ("grants id a number", FAULT, [{"id": 5}]),
    ("grants strings", FAULT, ["654241"]),
    ("language 1 letter", REFUSED, "e"),
    ("language 4 letters", REFUSED, "engl"),
    ("language empty", REFUSED, ""),
    ("language null", REFUSED, None),
    ("language list", REFUSED, ["eng"]),
    ("language ger", UNKNOWN, "ger"),
    ("language 2 letters", TAKEN, "de"),
    ("language 2 capitals", TAKEN, "DE"),
    ("language 2 unknown letters", TAKEN, "xx"),
    ("language number", FAULT, 5),
    ("keywords null", REFUSED, None),
    ("keywords a string", TAKEN, "ab"),
    ("keywords empty one", TAKEN, [""]),
    ("keywords numbers, objects", TAKEN, [5, {"a": 1}, "kept"]),
    ("keywords trimmed", TAKEN, [" a "]),
    ("subjects null", TAKEN, None),
    ("subjects kept", TAKEN, [{"term": "a", "identifier": "b", "scheme": "url"}]),
    ("subjects strings", FAULT, ["x"]),
    ("notes 1 character", TAKEN, "a"),
    ("notes 2 characters", TAKEN, "ab"),
    ("notes number", TAKEN, 5),
    ("method 2 characters", TAKEN, "ab"),
    ("method number", TAKEN, 5),
    ("references a string", TAKEN, "ab"),
    ("references objects", TAKEN, [{"x": 1}]),
    ("version null", REFUSED, None),
    ("version number", REFUSED, 1),
    ("locations null", REFUSED, None),
    ("locations lat 0", TAKEN, [{"place": "Null Island", "lat": 0, "lon": 7}]),
    ("locations lon 0", TAKEN, [{"place": "Greenwich", "lat": 51.5, "lon": 0}]),
    ("locations lat 200", TAKEN, [{"place": "Nowhere", "lat": 200, "lon": 12.5}]),
    ("locations numbers as strings", TAKEN, [{"place": "Rome", "lat": "41.9", "lon": 200}]),
    ("locations without place", FAULT, [{"lat": 1, "lon": 2}]),
    ("dates unknown type", UNKNOWN, [{"type": "nope", "start": "2020-01-01"}]),
    ("dates neither start nor end", ELSEWHERE, [{"type": "Collected"}]),
    (
        "dates type in small letters",
        TAKEN,
        [{"type": "Collected", "start": "2020-01-01", "end": "2020-02-01", "description": "x"}],
    ),
    ("dates start alone", TAKEN, [{"type": "Valid", "start": "2020"}]),
    ("dates start = end", TAKEN, [{"type": "Valid", "start": "2020", "end": "2020"}]),
    ("dates bad", TAKEN, [{"type": "valid", "start": "then"}]),
    ("dates backwards", TAKEN, [{"type": "Valid", "start": "2020-02-01", "end": "2020-01-01"}]),
    ("dates without type", FAULT, [{"start": "2020-01-01"}]),
    ("doi address", TAKEN, "https://doi.org/10.1234/Abc"),
    ("doi nonsense", TAKEN, "nonsense"),
    ("doi number", FAULT, 5),
    ("imprint_publisher null", REFUSED, None),
    ("imprint_publisher empty", TAKEN, ""),
    ("imprint_isbn bad", TAKEN, "123"),
    ("conference_url not an address", TAKEN, "not an address"),
    ("journal_volume number", TAKEN, 5),
    ("custom known and unknown", TAKEN, {"dwc:kingdom": "Plantae", "x:y": 1}),
)
"""The field and what is sent for it, how it ends, the value."""

TOGETHER: tuple[tuple[str, str, dict[str, Any]], ...] = (
    ("publication_type unknown", UNKNOWN, {"upload_type": "publication", "publication_type": "xx"}),
    ("image_type unknown", UNKNOWN, {"upload_type": "image", "image_type": "xx"}),
    ("embargo_date past", TAKEN, {"access_right": "embargoed", "embargo_date": PAST}),
    ("embargo_date today", TAKEN, {"access_right": "embargoed", "embargo_date": TODAY}),
    ("embargo_date nonsense", TAKEN, {"access_right": "embargoed", "embargo_date": "soon"}),
    ("access_conditions dropped", TAKEN, {"access_right": "restricted", "access_conditions": "Ask me"}),
)
"""The same for what takes two fields."""

for what, way, value in ROWS:
    FIELDS.held(what, WAYS[way], f"{MODULE}::{way}[{row_name({what.split()[0]: value})}]")
for what, way, sent in TOGETHER:
    FIELDS.held(what, WAYS[way], f"{MODULE}::{way}[{row_name(sent)}]")

NAMES = f"{MODULE}::test_names"
for what, row in (
    ("missing", "None-None"),
    ("empty", "-None"),
    (",", ",-None"),
    (", John", ", John-None"),
    ("CERN", "CERN-CERN"),
    ("Doe, John, Jr.", "Doe, John, Jr.-Doe, John, Jr."),
):
    FIELDS.held(f"creators name {what}", "comes back and publishes, or fails, as it did", f"{NAMES}[{row}]")
ORCID = f"{MODULE}::test_orcid"
for what, row in (
    ("wrong check digit", "0000-0002-1825-0098-0000-0002-1825-0098-False"),
    ("nonsense is altered", "nonsense-nons-ense---False"),
    ("address made bare", "https://orcid.org/0000-0002-1825-0097-0000-0002-1825-0097-True"),
):
    FIELDS.held(f"creators orcid {what}", "comes back and publishes, or fails, as it did", f"{ORCID}[{row}]")
FIELDS.held_all(
    f"{MODULE}::test_dois",
    {
        "doi outside": "an outside DOI is kept and is the record's",
        "doi in use": 'publish: 400 pids.doi "doi:10.1234/x already exists."',
        "doi reserved, on a sandbox": 'publish: 400 pids.doi "Wrong DOI prefix: ..."',
        "doi of the server's prefix": "publish: 400, the prefix is managed by Zenodo",
        "doi outside, no conceptdoi": "a record with an outside DOI has no conceptdoi",
    },
)
PRODUCTION = f"{MODULE}::test_the_reserved_doi_sent_back_under_the_production_prefix"
FIELDS.held("doi reserved, in production", "sent back: fine where its prefix is the server's own", PRODUCTION)
FIELDS.held(
    "doi of the production prefix",
    "10.5281/zenodo.ANYTHING is accepted too",
    f"{MODULE}::test_any_number_of_the_production_prefix",
)
