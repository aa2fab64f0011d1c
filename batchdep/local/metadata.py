"""What becomes of sent metadata (observed: Fields, three ways to fail): a table of fields, and what is filled in."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from msgspec import Struct

from batchdep.local.errors import FieldError, server_fault
from batchdep.local.identifiers import bare_doi, is_address, is_isbn
from batchdep.local.model import Json
from batchdep.local.people import contributors, creators, supervisors
from batchdep.local.reading import (
    NOT_STRING,
    NULL,
    Reader,
    Reading,
    additional_description,
    description,
    ignored,
    keywords,
    loose_text,
    must_be_text,
    references,
    strict_text,
    text_that,
    tidy,
    title,
)
from batchdep.local.relations import communities, grants, related_identifiers, subjects
from batchdep.local.times import dates, locations, publication_date
from batchdep.local.vocab import (
    ACCESS_RIGHTS,
    CUSTOM_FIELDS,
    RENAMED_SUBTYPES,
    SUBTYPES,
    UPLOAD_TYPES,
    licence_id,
    words,
)

ISO_639_1, ISO_639_3 = 2, 3


class Normal(Struct, frozen=True):
    """Metadata as they come back, and what stops a publication without showing."""

    metadata: Json
    defects: tuple[FieldError, ...]


def normalise(sent: Json, kept_doi: str | None = None) -> Normal:
    """What is stored of sent metadata; ``kept_doi`` is a DOI from outside that was set before and stays.

    Raises 400 for values refused at once, 500 for those that the server falls over.
    """
    reading = Reading(sent)
    for key, reader in READERS.items():
        if key in sent:
            reader(reading, key, sent[key])
    if sent:
        _fill_in(reading)
    if kept_doi is not None:
        reading.stored.setdefault("doi", kept_doi)
    reading.finish()
    return Normal(reading.stored, tuple(reading.defects))


def _fill_in(reading: Reading) -> None:
    defaults: Json = {"access_right": "open"}
    if "publication_date" not in reading.sent:
        defaults["publication_date"] = datetime.now(UTC).date().isoformat()
    if "imprint_publisher" not in reading.sent:
        defaults["imprint_publisher"] = "Zenodo"
    if "license" not in reading.sent:
        defaults["license"] = "cc-zero" if reading.stored.get("upload_type") == "dataset" else "cc-by-4.0"
    reading.stored = {**defaults, **reading.stored}


def _upload_type(reading: Reading, key: str, value: Any) -> None:
    if value in UPLOAD_TYPES if isinstance(value, str) else False:
        reading.keep(key, value)
    elif isinstance(value, str):
        reading.unknown(value)


def _subtype(reading: Reading, key: str, value: Any) -> None:
    """publication_type, image_type, software_type: dropped on another upload_type."""
    upload_type = key.removesuffix("_type")
    if reading.stored.get("upload_type") != upload_type or not value:
        return
    if not isinstance(value, str) or value not in SUBTYPES[upload_type]:
        reading.unknown(f"{upload_type}-{value}")
        return
    reading.keep(key, RENAMED_SUBTYPES.get(value, value))


def _license(reading: Reading, key: str, value: Any) -> None:
    if isinstance(value, dict):
        if "id" not in value:
            raise server_fault()
        value = value["id"]
    text = must_be_text(reading, key, value)
    if text is None:
        return
    if (name := licence_id(text)) is None:
        reading.unknown(text)
    else:
        reading.keep(key, name)


def _access_right(reading: Reading, key: str, value: Any) -> None:
    """With the embargo's date, which no other right keeps. Whether it lies ahead shows at publication."""
    if value is None:
        return
    right = ACCESS_RIGHTS.get(value) if isinstance(value, str) else None
    embargo = reading.sent.get("embargo_date")
    if right is None or (right == "embargoed" and not embargo):
        reading.refuse_at("_schema", "Unknown access type.")
        return
    reading.keep(key, right)
    if right == "embargoed":
        reading.keep("embargo_date", embargo)


def _language(reading: Reading, key: str, value: Any) -> None:
    """ISO 639-3, or 639-1 which becomes it; an unknown one of two letters is dropped."""
    if isinstance(value, (int, float)):
        raise server_fault()
    if not isinstance(value, str):
        reading.refuse(key, NULL if value is None else NOT_STRING)
        return
    code = value.strip().lower()
    if len(code) not in {ISO_639_1, ISO_639_3}:
        reading.refuse(key, "Language must be a lower-cased 3-letter ISO 639-3 string.")
        return
    part3 = _part3(code)
    if part3 is None and len(code) == ISO_639_3:
        reading.unknown(value)
    reading.keep(key, part3)


def _part3(code: str) -> str | None:
    from iso639 import Language, LanguageNotFoundError  # its tables take a while to load

    try:
        language = Language.from_part1(code) if len(code) == ISO_639_1 else Language.from_part3(code)
    except LanguageNotFoundError:
        return None
    return str(language.part3)


def _publisher(reading: Reading, key: str, value: Any) -> None:
    text = must_be_text(reading, key, value)
    if text is not None and not text.strip():
        reading.defect("publisher")
    reading.keep(key, tidy(text or ""))


def _doi(reading: Reading, key: str, value: Any) -> None:
    if value is not None and not isinstance(value, str):
        raise server_fault()
    reading.keep(key, bare_doi(value or ""))


def _custom(reading: Reading, key: str, value: Any) -> None:
    if isinstance(value, dict):
        reading.keep(key, {name: item for name, item in value.items() if name in CUSTOM_FIELDS})


# In the order in which they are read: upload_type before its subtypes, supervisors before contributors.
READERS: dict[str, Reader] = {
    "title": title,
    "upload_type": _upload_type,
    "publication_type": _subtype,
    "image_type": _subtype,
    "software_type": _subtype,
    "publication_date": publication_date,
    "description": description,
    "access_right": _access_right,
    "access_conditions": ignored,
    "license": _license,
    "creators": creators,
    "thesis_supervisors": supervisors,
    "contributors": contributors,
    "keywords": keywords,
    "subjects": subjects,
    "related_identifiers": related_identifiers,
    "references": references,
    "communities": communities,
    "grants": grants,
    "language": _language,
    "version": strict_text,
    "notes": additional_description,
    "method": additional_description,
    "locations": locations,
    "dates": dates,
    "doi": _doi,
    "custom": _custom,
    "imprint_publisher": _publisher,
    "imprint_isbn": text_that(is_isbn),
    "imprint_place": loose_text,
    "conference_url": text_that(is_address),
    **dict.fromkeys(
        words(
            "journal_title journal_volume journal_issue journal_pages conference_title conference_acronym "
            "conference_dates conference_place conference_session conference_session_part partof_title partof_pages "
            "thesis_university"
        ),
        loose_text,
    ),
}
