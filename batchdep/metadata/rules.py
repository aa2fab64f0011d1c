"""Every rule of the deposit metadata, in one table.

Sources: the documentation of Zenodo's deposit API, and what its server was seen to refuse, drop in silence or answer
with 500 (observed: fields table). All of it is caught before anything is sent, because the server's answers carry no
warnings and some of its errors name neither field nor reason.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from batchdep.metadata import (
    rules_dates,
    rules_links,
    rules_lists,
    rules_people,
    rules_text,
    rules_types,
)
from batchdep.metadata.faultless import Faultless, key_of
from batchdep.metadata.rules_base import Report, Rule, Spot, is_empty, quote, text
from batchdep.metadata.suggestions import nearest
from batchdep.problems import Place, Problem

if TYPE_CHECKING:
    from batchdep.manifest.model import Metadata

RULES: dict[str, Rule] = {
    "title": rules_text.title,
    "upload_type": rules_types.upload_type,
    "publication_type": rules_types.subtype_of("publication"),
    "image_type": rules_types.subtype_of("image"),
    "software_type": rules_types.subtype_of("software"),
    "description": rules_text.html,
    "creators": rules_people.creators,
    "contributors": rules_people.contributors,
    "publication_date": rules_dates.publication_date,
    "access_right": rules_types.access_right,
    "embargo_date": rules_dates.embargo_date,
    "access_conditions": rules_types.access_conditions,
    "license": rules_types.licence,
    "language": rules_types.language,
    "version": text,
    "keywords": rules_lists.keywords,
    "subjects": rules_lists.subjects,
    "notes": rules_text.html,
    "method": rules_text.html,
    "references": rules_lists.references,
    "related_identifiers": rules_links.related_identifiers,
    "communities": rules_links.communities,
    "grants": rules_links.grants,
    "locations": rules_lists.locations,
    "dates": rules_dates.dates_list,
    "doi": rules_links.doi,
    "prereserve_doi": rules_links.prereserve_doi,
    "journal_title": text,
    "journal_volume": text,
    "journal_issue": text,
    "journal_pages": text,
    "conference_title": text,
    "conference_acronym": text,
    "conference_dates": text,
    "conference_place": text,
    "conference_url": rules_links.address,
    "conference_session": text,
    "conference_session_part": text,
    "imprint_publisher": text,
    "imprint_isbn": rules_links.isbn,
    "imprint_place": text,
    "partof_title": text,
    "partof_pages": text,
    "thesis_supervisors": rules_people.supervisors,
    "thesis_university": text,
    "custom": rules_links.custom,
}
"""Every key that the deposit API takes, with its rule."""

REQUIRED: dict[str, str] = {
    "title": "Say in one line what the dataset is.",
    "upload_type": "For data: upload_type: dataset",
    "description": "Say what the data are and how they were made; the repository would publish without it.",
    "creators": 'Write creators: [{name: "Family, Given", affiliation: ..., orcid: ...}]',
}
"""Keys that each dataset needs, with a hint. The server needs no description; this program does."""

_RECURRING = frozenset(
    {"creators", "contributors", "thesis_supervisors", "keywords", "subjects", "references", "related_identifiers"}
    | {"communities", "grants", "locations", "dates"}
)
"""Keys whose values take long to judge, and are often those of other datasets too. Their rules look at the value alone,
neither at the rest of the metadata nor at the day."""

_FAULTLESS = Faultless()

_MEANT: dict[str, str] = {
    "abstract": "description",
    "author": "creators",
    "authors": "creators",
    "creator": "creators",
    "date": "publication_date",
    "date_released": "publication_date",
    "funding": "grants",
    "funder": "grants",
    "isbn": "imprint_isbn",
    "journal": "journal_title",
    "licence": "license",
    "name": "title",
    "publisher": "imprint_publisher",
    "related": "related_identifiers",
    "resource_type": "upload_type",
    "rights": "license",
    "tags": "keywords",
    "type": "upload_type",
    "university": "thesis_university",
}
"""Names of the same thing in other formats."""

_COMMENT_MARKS = ("_", "$", "@", "//", "#")
"""What keys begin with that are notes to people or programs: ``_comment``, ``$schema``, ``@context``."""


def validate_metadata(dataset_id: str, metadata: Metadata, place: Callable[..., Place]) -> list[Problem]:
    """Everything that is wrong with a dataset's metadata; raises nothing, whatever the values are.

    ``place(*path)`` tells where a value stands (:meth:`batchdep.manifest.model.DatasetSpec.metadata_place`).
    Problems' paths begin with ``metadata``. Days are compared with today in UTC.
    """
    report = Report(dataset_id, metadata, place, datetime.now(UTC).date())
    root = Spot(report, ())
    shown = rules_text.as_json(metadata)
    if rules_text.too_deep(metadata, shown, root):
        return report.problems
    for key, hint in REQUIRED.items():
        if is_empty(metadata.get(key)) and (key not in metadata or key != "creators"):
            root.at(key).error("missing", f"{key} is missing", hint)
    for key, value in metadata.items():
        rule = RULES.get(key)
        if rule is None:
            _unknown(key, root.at(key))
        elif key not in REQUIRED or key == "creators" or not is_empty(value):
            _judge(key, value, rule, report)
    rules_text.every_text(metadata, shown, root)
    return report.problems


def _judge(key: str, value: Any, rule: Rule, report: Report) -> None:
    if key not in _RECURRING:
        rule(value, Spot(report, (key,)))
    elif (known := key_of(key, value)) not in _FAULTLESS:
        before = len(report.problems)
        rule(value, Spot(report, (key,)))
        if len(report.problems) == before:
            _FAULTLESS.add(known)


def _unknown(key: object, spot: Spot) -> None:
    """The server drops unknown keys in silence."""
    name = str(key)
    if name.startswith(_COMMENT_MARKS):
        spot.warning("dropped", f"the repository drops the key {quote(name)}", "Fine for a comment; else remove it.")
        return
    near = [_MEANT[name.lower()]] if name.lower() in _MEANT else nearest(name, RULES)
    hint = f"Did you mean '{near[0]}'?" if near else "Remove it, or write it into notes."
    spot.error("unknown_key", f"the repository knows no key {quote(name)} and would drop it", hint)
