"""The kinds of report documents."""

from __future__ import annotations

from enum import StrEnum


class ReportForm(StrEnum):
    """``--as``."""

    CSV = "csv"
    JSON = "json"
    MARKDOWN = "markdown"
    HTML = "html"
    DATACITE = "datacite"
    JSONLD = "jsonld"
    RO_CRATE = "ro-crate"
    BIBTEX = "bibtex"
    CFF = "cff"
