"""A report as CSV (RFC 4180): one row a dataset."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from typing import Final

from batchdep.report.status import BatchStatus, DatasetStatus, FileState, utc_text

COLUMNS: Final = (
    "id",
    "state",
    "title",
    "doi",
    "reserved_doi",
    "url",
    "deposition_id",
    "files",
    "bytes",
    "files_uploaded",
    "attempts",
    "updated",
    "error_code",
    "error",
    "hint",
    "warnings",
)

_FORMULA_STARTS: Final = ("=", "+", "-", "@", "\t", "\r")


def csv_report(status: BatchStatus) -> Iterator[str]:
    """A header and one row a dataset; ``bytes`` in bytes, ``updated`` in UTC."""
    yield _line(COLUMNS)
    for dataset in status.datasets:
        yield _line([_harmless(cell) for cell in _row(dataset)])


def _line(cells: Sequence[str | int | None]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\r\n").writerow(cells)
    return text.getvalue()


def _row(dataset: DatasetStatus) -> tuple[str | int | None, ...]:
    error = dataset.error
    return (
        dataset.id,
        str(dataset.state),
        dataset.title,
        dataset.doi,
        dataset.reserved_doi,
        dataset.url,
        dataset.deposition_id,
        len(dataset.files),
        sum(file.size for file in dataset.files),
        sum(file.state is FileState.UPLOADED for file in dataset.files),
        dataset.attempts,
        utc_text(dataset.updated),
        error.code if error else None,
        error.message if error else None,
        error.hint if error else None,
        "; ".join(dataset.warnings),
    )


def _harmless(cell: str | int | None) -> str | int | None:
    """A text that a spreadsheet would run as a formula gets a quote before it."""
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(_FORMULA_STARTS) else cell
