"""Which template a file of that name is."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

KINDS = {
    ".xlsx": "workbook",
    ".csv": "table",
    ".tsv": "table",
    ".yaml": "manifest",
    ".yml": "manifest",
    ".md": "columns",
}
"""The endings that a template may have, and what it then is; ``.md`` explains the columns of a table."""


def made_for(path: Path) -> str | bytes:
    """What is written to ``path``, whose ending is one of :data:`KINDS`; CSV text begins with a byte-order mark."""
    kind = KINDS[path.suffix.lower()]
    if kind == "workbook":
        from batchdep.manifest.template.workbook import template_workbook

        return template_workbook(path.name, datetime.now(UTC).date())
    if kind == "manifest":
        from batchdep.manifest.starter import starter_manifest

        return starter_manifest(path)
    from batchdep.manifest.template.texts import columns_explained, table_header

    return columns_explained() if kind == "columns" else table_header("\t" if path.suffix.lower() == ".tsv" else ",")
