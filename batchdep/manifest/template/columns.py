"""What each column of a table means, in the words of somebody who knows no API.

What a key is, is said by the metadata's schema; how a cell is written, by ``table_cells``. Here is what a table adds.
"""

from __future__ import annotations

from msgspec import Struct

from batchdep.manifest.table_cells import COLUMNS, FORMS, METADATA_COLUMNS, METADATA_FILE
from batchdep.metadata.rules import REQUIRED
from batchdep.metadata.schema import metadata_schema

ALWAYS = "always"
_FIRST = (
    *("id", "files", "title", "description", "creators", "upload_type", "publication_type", "image_type", "license"),
    *("access_right", "embargo_date", "access_conditions", "publication_date", "keywords", "related_identifiers"),
    *("grants", "communities", "language", "version", "contributors", "notes", METADATA_FILE),
)
"""What most people fill in, in the order in which they think of it."""

_WHAT = {
    "id": "Your own name for the dataset. It is not published, must be unique, and must never change: running the batch"
    " again knows the dataset by it.",
    "files": "The files of the dataset. Paths start at the folder of this file; * stands for any name, ** crosses"
    " folders. A folder as one zip: figures/ > figures.zip",
    METADATA_FILE: "A file that describes the dataset already (.zenodo.json, CITATION.cff, ...), or auto for the one"
    " beside the files. What other columns say replaces what it says.",
    "fill": "Text files of the dataset in which {{doi:ID}} becomes the DOI of the dataset ID, in the copy that is"
    " sent.",
    "related_identifiers": "What this dataset cites, supplements, is part of, ...: a relation, a blank, a DOI or"
    " address. {doi:ID} is the DOI that another dataset of this table will get.",
    "grants": "The grants that paid for it. Of the European Commission the number alone will do: 654241. Of others: the"
    " funder's short name (sheet Lists) or DOI, two colons, the number.",
    "embargo_date": "The day on which the files become open; needed if access_right is embargoed.",
    "access_conditions": "Who gets access to restricted files, and how. Zenodo does not keep it today: write it into"
    " the description instead.",
    "communities": "Zenodo communities that the record is offered to: the last part of the community's address.",
    "doi": "A DOI that the work already has from elsewhere. Leave it empty to get one.",
    "publication_date": "The day of publication (or the month, or the year); today if empty.",
}
_EXAMPLES = {
    "id": "roses-2018",
    "files": "roses/data/*.csv\nroses/figures/ > figures.zip",
    METADATA_FILE: "auto",
    "fill": "README.md",
    "title": "Scent of garden roses, measured in 2018",
    "description": "Volatile compounds of 32 rose cultivars, by gas chromatography. README.md explains the columns.",
    "upload_type": "dataset",
    "publication_type": "article",
    "image_type": "photo",
    "software_type": "computationalnotebook",
    "creators": "Curie, Marie | Sorbonne | 0000-0002-1825-0097\nRoy, Asha",
    "thesis_supervisors": "Curie, Marie | Sorbonne",
    "contributors": "Roy, Asha | Sorbonne || DataCollector",
    "license": "cc-by-4.0",
    "access_right": "open",
    "embargo_date": "2030-01-31",
    "access_conditions": "For research on roses; ask the first author.",
    "publication_date": "2026-11-24",
    "keywords": "roses; scent",
    "related_identifiers": "isSupplementTo 10.1234/article\ncites {doi:roses-2017}",
    "grants": "654241\nNSF::1265383",
    "communities": "rose-research",
    "language": "eng",
    "version": "1.10",
    "references": "Roy A. et al. (2017): Roses. Journal of Scents 3, 1-9.",
    "subjects": "Rosa | http://id.loc.gov/authorities/subjects/sh85115432 | url",
    "dates": "2018-05-01 | 2018-06-30 | Collected",
    "locations": "Botanical garden | 46.2276 | 6.1472",
    "doi": "10.1234/abc",
    "conference_url": "https://example.org/conference",
    "imprint_isbn": "978-3-16-148410-0",
    "journal_pages": "15-23",
    "partof_pages": "15-23",
}


class Column(Struct, frozen=True):
    """A column of a table: ``need`` says when it must be filled in (empty: never), ``form`` how a cell is written where
    that is more than a text."""

    name: str
    what: str
    need: str
    form: str
    example: str

    @property
    def is_common(self) -> bool:
        """Whether most people look at it."""
        return self.name in _FIRST


def columns() -> list[Column]:
    """Every column that somebody may fill in, the usual ones first."""
    described = metadata_schema()["properties"]
    known = [name for name in COLUMNS if name in METADATA_COLUMNS or name in ("id", METADATA_FILE, "files", "fill")]
    ordered = [*_FIRST, *(name for name in known if name not in _FIRST)]
    return [
        Column(
            name, _WHAT.get(name) or described[name]["description"], _need(name), _form(name), _EXAMPLES.get(name, "")
        )
        for name in ordered
    ]


def _need(name: str) -> str:
    if name in ("id", "files", *REQUIRED):
        return ALWAYS
    for needed, key, value in CONDITIONS:
        if needed == name:
            return f"if {key} is {value}"
    return ""


def _form(name: str) -> str:
    form = FORMS.get(name)
    return f"{form} (several: one a line, or separated by ;)" if form else ""


CONDITIONS = tuple(
    (
        rule["then"]["required"][0],
        rule["if"]["required"][0],
        rule["if"]["properties"][rule["if"]["required"][0]]["const"],
    )
    for rule in metadata_schema()["allOf"]
)
"""Columns that are needed where another has a certain word: ``(needed, key, word)``."""
