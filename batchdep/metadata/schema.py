"""The deposit metadata as JSON Schema, for editors that complete and explain keys while one types.

It says what :mod:`batchdep.metadata.rules` says as far as a schema can; what only a program sees (check digits, days
in the future, schemes of identifiers) is left to ``batchdep check``.
"""

from __future__ import annotations

from typing import Any

from batchdep.metadata.html import FROM, MARKDOWN
from batchdep.metadata.licences import COMMON, licence_ids
from batchdep.metadata.rules import REQUIRED
from batchdep.metadata.rules_base import MIN_LENGTH
from batchdep.metadata.vocabulary import (
    ACCESS_RIGHTS,
    CONTRIBUTOR_TYPES,
    DATE_TYPES,
    FUNDERS,
    RELATIONS,
    RESOURCE_TYPES,
    SUBTYPES,
    UPLOAD_TYPES,
)

DIALECT = "https://json-schema.org/draft/2020-12/schema"

_DATE = r"^\d{4}(-\d{2}(-\d{2})?)?$"
_PUBLICATION_DATE = r"^\d{4}(-\d{2}(-\d{2})?)?(/\d{4}(-\d{2}(-\d{2})?)?)?$"
_DAY = r"^\d{4}-\d{2}-\d{2}$"
_ORCID = r"^(https?://orcid\.org/)?\d{4}-?\d{4}-?\d{4}-?\d{3}[\dXx]$"


_ROR = r"^(https?://ror\.org/)?0[a-hj-km-np-tv-z0-9]{6}\d{2}$"


def metadata_schema() -> dict[str, Any]:
    """JSON Schema 2020-12 of the metadata of one deposition."""
    return {
        "$schema": DIALECT,
        "title": "Deposit metadata",
        "description": "Metadata of a deposition under the keys of Zenodo's deposit API.",
        "type": "object",
        "additionalProperties": False,
        "required": list(REQUIRED),
        "properties": _what() | _who() | _access() | _about() | _links() | _published_in(),
        "patternProperties": {r"^(_|\$|@|#|//)": {"description": "A comment: not sent."}},
        "allOf": [
            _needs("upload_type", "publication", "publication_type"),
            _needs("upload_type", "image", "image_type"),
            _needs("access_right", "embargoed", "embargo_date"),
        ],
    }


def _what() -> dict[str, Any]:
    return {
        "title": _text("Title of the dataset.", minLength=MIN_LENGTH),
        "upload_type": _one_of(UPLOAD_TYPES, "What kind of thing it is; for data: dataset."),
        "publication_type": _one_of(
            SUBTYPES["publication"], "Kind of publication; needed for upload_type publication."
        ),
        "image_type": _one_of(SUBTYPES["image"], "Kind of image; needed for upload_type image."),
        "software_type": _one_of(SUBTYPES["software"], "Kind of software, for upload_type software."),
        "description": _html("Abstract or description."),
        "publication_date": _label("Date of publication, as 2026-11-24; default today.", pattern=_PUBLICATION_DATE),
        "version": _label("Version of the dataset, such as 1.2.0."),
        "language": _text("Main language: ISO 639-3 (eng), two letters (en), or its English name.", examples=["eng"]),
        "doi": _text("A DOI that the work already has from elsewhere. Leave it out to get one."),
        "prereserve_doi": {"type": ["boolean", "object"], "description": "Ignored: a DOI is reserved for each draft."},
    }


def _who() -> dict[str, Any]:
    return {
        "creators": _list(_person("A creator."), "Creators in the order of citation.", minItems=1),
        "contributors": _list(
            _person("A contributor.", type=_one_of(CONTRIBUTOR_TYPES, "The contributor's role.")),
            "People and organisations who contributed in other roles.",
        ),
        "thesis_supervisors": _list(_person("A supervisor."), "Supervisors of a thesis."),
    }


def _access() -> dict[str, Any]:
    licences = {
        "anyOf": [{"enum": list(COMMON)}, {"enum": list(licence_ids())}, {"type": "string"}],
        "description": "Licence: an SPDX id, a name or an address. Default cc-zero for datasets, cc-by-4.0 for others.",
        "examples": ["cc-by-4.0"],
    }
    return {
        "access_right": _one_of(ACCESS_RIGHTS, "Who may open the files; default open. closed is stored as restricted."),
        "license": {
            "description": licences["description"],
            "anyOf": [licences, _object({"id": licences}, "A licence by its id.", ["id"])],
        },
        "embargo_date": _text("Day in the future on which an embargo ends, as 2030-01-31.", pattern=_DAY),
        "access_conditions": _text("Conditions of restricted access. The repository drops them."),
    }


def _about() -> dict[str, Any]:
    return {
        "keywords": _list(_text("A keyword."), "Free keywords."),
        "subjects": _list(
            _object(
                {
                    "term": _text("The term."),
                    "identifier": _text("Its identifier, such as an address."),
                    "scheme": _text("The identifier's scheme, such as url."),
                },
                "A subject of a controlled vocabulary.",
                ["term"],
            ),
            "Subjects of a controlled vocabulary.",
        ),
        "notes": _html("Additional notes."),
        "method": _html("How the data were made."),
        "references": _list(_text("A reference."), "Literature references as text."),
        "locations": _list(_location(), "Places that the data are about."),
        "dates": _list(_dates(), "Dates of collection, validity or withdrawal."),
        "custom": {"type": "object", "description": "Custom fields of the repository, such as dwc:genus."},
    }


def _links() -> dict[str, Any]:
    related = _object(
        {
            "identifier": {
                "description": "DOI, address, arXiv, ISBN, ISSN, PMID, URN, Handle, ARK, ADS or ISNI; or {doi: ID} for"
                " the DOI of the dataset ID of the same batch.",
                "anyOf": [{"type": "string"}, _object({"doi": _text("The id of a dataset.")}, "A dataset.", ["doi"])],
            },
            "relation": _one_of(RELATIONS, "How this dataset relates to the identified thing."),
            "resource_type": _one_of(tuple(sorted(RESOURCE_TYPES)), "What kind of thing is identified."),
            "scheme": _text("Ignored: the scheme is detected."),
        },
        "A related publication, dataset or page.",
        ["identifier", "relation"],
    )
    funders = ", ".join(f"{name} {doi}" for doi, name in FUNDERS.items())
    grant = _text(
        f"Funder's DOI or short name, '::', award number; a bare number is a grant of the EC. Funders: {funders}.",
        examples=["10.13039/501100000780::654241", "NSF::1234567"],
    )
    return {
        "related_identifiers": _list(related, "Related publications and datasets."),
        "communities": _list(
            _object({"identifier": _text("Last part of the community's address.")}, "A community.", ["identifier"]),
            "Communities that the record is offered to.",
        ),
        "grants": _list(_object({"id": grant}, "A grant.", ["id"]), "Grants that paid for the work."),
    }


def _published_in() -> dict[str, Any]:
    texts = {
        "journal_title": "Journal in which an article appeared.",
        "journal_volume": "Volume of the journal.",
        "journal_issue": "Issue of the journal.",
        "journal_pages": "Pages in the journal.",
        "conference_title": "Title of the conference.",
        "conference_acronym": "Acronym of the conference.",
        "conference_dates": "Dates of the conference, as text.",
        "conference_place": "Place of the conference.",
        "conference_url": "Web address of the conference.",
        "conference_session": "Number of the session.",
        "conference_session_part": "Number of the part in the session.",
        "imprint_publisher": "Publisher; default Zenodo.",
        "imprint_isbn": "ISBN of the book.",
        "imprint_place": "Place of the publisher.",
        "partof_title": "Title of the book of which this is a part.",
        "partof_pages": "Pages in that book.",
        "thesis_university": "University that awards the degree.",
    }
    return {key: _label(description) for key, description in texts.items()}


def _text(description: str, **more: Any) -> dict[str, Any]:
    return {"type": "string", "description": description, "minLength": 1} | more


def _html(description: str) -> dict[str, Any]:
    """Text that is HTML or plain, or in a manifest one of two other forms."""
    described = f"{description} HTML, of which a small set of tags is kept, or plain text."
    markdown = _object({MARKDOWN: _text("Markdown: CommonMark, with tables.")}, "The text in Markdown.", [MARKDOWN])
    path = _text("Path of a .md, .html or .txt file.", examples=["README.md"])
    file = _object({FROM: path}, "The text of a file.", [FROM])
    return {"description": described, "anyOf": [{"type": "string", "minLength": MIN_LENGTH}, markdown, file]}


def _label(description: str, **more: Any) -> dict[str, Any]:
    """Text that may look like a number; a manifest's numbers become the text that was written."""
    return _text(description, **more) | {"type": ["string", "number"]}


def _one_of(words: tuple[str, ...], description: str) -> dict[str, Any]:
    return {"enum": list(words), "description": description}


def _list(item: dict[str, Any], description: str, **more: Any) -> dict[str, Any]:
    return {"type": "array", "items": item, "description": description} | more


def _object(properties: dict[str, Any], description: str, required: list[str]) -> dict[str, Any]:
    return {
        "type": "object",
        "description": description,
        "properties": properties,
        "required": required,
        "additionalProperties": False,
    }


def _person(description: str, **more: Any) -> dict[str, Any]:
    properties = {
        "name": _text("'Family, Given', or the name of an organisation.", examples=["Curie, Marie"]),
        "family": _text("Family name, in the place of `name`.", examples=["Curie"]),
        "given": _text("Given names, beside `family`.", examples=["Marie"]),
        "affiliation": {"type": ["string", "null"], "description": "Organisation of the person."},
        "orcid": _text("ORCID.", pattern=_ORCID, examples=["0000-0002-1825-0097"]),
        "gnd": _text("Number in the Gemeinsame Normdatei."),
        "ror": _text("ROR id of the affiliation. It is checked, but not sent: the API holds none.", pattern=_ROR),
    }
    named = {"anyOf": [{"required": ["name"]}, {"required": ["family"]}]}
    return _object(properties | more, description, [*more]) | named


def _location() -> dict[str, Any]:
    properties = {
        "place": _text("Name of the place."),
        "lat": {"type": ["number", "string"], "minimum": -90, "maximum": 90, "description": "Latitude in degrees."},
        "lon": {"type": ["number", "string"], "minimum": -180, "maximum": 180, "description": "Longitude in degrees."},
        "description": _text("Description of the place."),
    }
    return _object(properties, "A place.", ["place"])


def _dates() -> dict[str, Any]:
    properties = {
        "start": _text("First day, as 2018-05-01.", pattern=_DATE),
        "end": _text("Last day.", pattern=_DATE),
        "type": _one_of(DATE_TYPES, "What happened then."),
        "description": _text("Description of the date."),
    }
    return _object(properties, "A period; start or end may be missing.", ["type"])


def _needs(key: str, value: str, other: str) -> dict[str, Any]:
    return {"if": {"required": [key], "properties": {key: {"const": value}}}, "then": {"required": [other]}}
