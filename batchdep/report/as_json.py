"""A report as JSON: the status document and all else that is known."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from batchdep import __version__
from batchdep.report.json_text import json_pieces
from batchdep.report.status import BatchStatus, DatasetStatus, utc_text


def json_report(status: BatchStatus, made: datetime) -> Iterator[str]:
    """The JSON document ``batchdep-report/1``: as ``batchdep-status/1``, with the runs that made it so, each with the
    version of batchdep; and of each dataset its metadata, size in bytes and time of publication."""
    document = status.document(()) | {
        "schema": "batchdep-report/1",
        "tool": {"name": "batchdep", "version": __version__},
        "made": utc_text(made),
        "runs": list(status.runs),
        "datasets": (_dataset(dataset) for dataset in status.datasets),
    }
    del document["requests"], document["stopped"]  # these are of a run, and a report is of none
    yield from json_pieces(document, default=str)
    yield "\n"


def _dataset(dataset: DatasetStatus) -> dict[str, object]:
    published = dataset.published_at
    return dataset.as_dict() | {
        "bytes": sum(file.size for file in dataset.files),
        "published": utc_text(published) if published else None,
        "metadata": dataset.metadata,
    }
