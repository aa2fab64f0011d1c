"""What the cells of a table mean, column by column.

A list's items are separated by ``;`` or a line break, the parts of one item by ``|``; none of these can be part of a
value: such a value needs a YAML or JSON manifest. A part may be left empty: ``Roy, Asha || 0000-0002-1825-0097``.

========================================  ============================================================
column                                    an item
========================================  ============================================================
``creators``, ``thesis_supervisors``      ``Family, Given | affiliation | orcid``
``contributors``                          ``Family, Given | affiliation | orcid | type``
``related_identifiers``                   ``relation identifier`` or ``relation identifier resource_type``;
                                          ``cites {doi:ID}`` for a dataset of the same batch
``keywords``, ``references``              the text
``communities``                           the community's identifier
``grants``                                the grant's id: ``10.13039/501100000780::654241``
``subjects``                              ``term | identifier | scheme``
``dates``                                 ``start | end | type | description``
``locations``                             ``place | latitude | longitude | description``
``files``                                 a path or pattern; a folder as one zip: ``figures/ > figures.zip``
``fill``                                  a text file of the dataset into which DOIs are filled
``description``, ``notes``, ``method``    no list: HTML or plain text; ``markdown: TEXT``; a file: ``from: README.md``
``metadata``                              no list: one metadata file, or ``auto``; other columns replace its keys
``deposited.doi`` and the like            what write-back wrote (:mod:`batchdep.manifest.deposited`)
========================================  ============================================================
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from batchdep.manifest.deposited import COLUMNS as DEPOSITED_COLUMNS
from batchdep.metadata.html import FIELDS as HTML_COLUMNS
from batchdep.metadata.html import FROM, MARKDOWN
from batchdep.regexes import regex


class CellError(ValueError):
    """A cell does not have the form of its column; the text says what is wrong."""


TEXT_COLUMNS = (
    "title", "description", "upload_type", "publication_type", "image_type", "software_type", "publication_date",
    "access_right", "embargo_date", "access_conditions", "license", "doi", "notes", "method", "version", "language",
    "journal_title", "journal_volume", "journal_issue", "journal_pages",
    "conference_title", "conference_acronym", "conference_dates", "conference_place", "conference_url",
    "conference_session", "conference_session_part",
    "imprint_publisher", "imprint_isbn", "imprint_place", "partof_title", "partof_pages", "thesis_university",
)  # fmt: skip

_SEPARATOR = regex(r"[;\n\r]")
CELL_HINT = "Items are separated by ; or a line break, and parts by |."

_ARCHIVE = regex(r"(?P<path>.*/)\s*>\s*(?P<archive>.+)")
_WORDS = regex(r"\{[^{}]*\}|[^\s{}]\S*|\S+")
"""What blanks separate, but for those inside the braces of ``cites {doi: my set}``."""

_MARKDOWN = regex(rf"{MARKDOWN}:\s*(?P<{MARKDOWN}>.+)", re.DOTALL)
_TEXT_FILE = regex(rf"{FROM}:\s*(?P<{FROM}>\S.*\.(?:md|markdown|html?|txt))", re.IGNORECASE)
"""Its ending tells it from a text that happens to begin so."""

_PERSON = ("name", "affiliation", "orcid")


def key_of(text: str) -> str:
    """The key that a header means: ``Access right`` and ``ACCESS-RIGHT`` are ``access_right``."""
    return "_".join(text.casefold().replace("-", " ").replace("_", " ").split())


def read_cell(column: str, text: str) -> Any:
    """The value of a cell that is not empty.

    :raises CellError: the text has not the form of the column.
    """
    reader = _READERS.get(column)
    return text if reader is None else reader(text)


def _items(text: str) -> list[str]:
    return [item for part in _SEPARATOR.split(text) if (item := part.strip())]


def _each(read: Callable[[str], Any]) -> Callable[[str], list[Any]]:
    return lambda text: [read(item) for item in _items(text)]


def _record(*keys: str) -> Callable[[str], dict[str, Any]]:
    def read(text: str) -> dict[str, Any]:
        parts = [part.strip() for part in text.split("|")]
        if len(parts) > len(keys):
            raise CellError(f"'{text}' has {len(parts)} parts between | signs; expected is {' | '.join(keys)}")
        return {key: part for key, part in zip(keys, parts, strict=False) if part}

    return read


def _related_identifier(text: str) -> dict[str, str]:
    words = _WORDS.findall(text)
    if len(words) not in (2, 3):
        raise CellError(f"'{text}' is not 'relation identifier', such as 'isSupplementTo 10.1234/abc'")
    return dict(zip(("relation", "identifier", "resource_type"), words, strict=False))


def _html(text: str) -> str | dict[str, str]:
    form = _MARKDOWN.fullmatch(text) or _TEXT_FILE.fullmatch(text)
    return form.groupdict() if form else text


def _file(text: str) -> str | dict[str, str]:
    archive = _ARCHIVE.fullmatch(text)
    return archive.groupdict() if archive else text


_READERS: dict[str, Callable[[str], Any]] = {
    "files": _each(_file),
    "fill": _items,
    "creators": _each(_record(*_PERSON)),
    "thesis_supervisors": _each(_record(*_PERSON)),
    "contributors": _each(_record(*_PERSON, "type")),
    "related_identifiers": _each(_related_identifier),
    "keywords": _items,
    "references": _items,
    "communities": _each(lambda item: {"identifier": item}),
    "grants": _each(lambda item: {"id": item}),
    "subjects": _each(_record("term", "identifier", "scheme")),
    "dates": _each(_record("start", "end", "type", "description")),
    "locations": _each(_record("place", "lat", "lon", "description")),
    **dict.fromkeys(HTML_COLUMNS, _html),
}

FORMS: dict[str, str] = {
    "files": "data/*.csv; figures/ > figures.zip",
    "fill": "README.md; docs/*.md",
    "creators": "Family, Given | affiliation | orcid",
    "thesis_supervisors": "Family, Given | affiliation | orcid",
    "contributors": "Family, Given | affiliation | orcid | type",
    "related_identifiers": "relation identifier",
    "keywords": "first; second",
    "references": "first; second",
    "subjects": "term | identifier | scheme",
    "dates": "start | end | type | description",
    "locations": "place | latitude | longitude | description",
    "grants": "10.13039/501100000780::654241",
    "communities": "the community's identifier",
}
"""How each column of more than a text is written, for hints."""

METADATA_COLUMNS = (*(column for column in _READERS if column not in ("files", "fill", *TEXT_COLUMNS)), *TEXT_COLUMNS)
"""The metadata keys that can be written in a cell."""

METADATA_FILE = "metadata"
"""The column that names a metadata file."""

COLUMNS = ("id", METADATA_FILE, "files", "fill", *METADATA_COLUMNS, *DEPOSITED_COLUMNS)
"""Every column that a table may have."""
