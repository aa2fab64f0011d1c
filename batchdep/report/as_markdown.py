"""A report as Markdown, for a README or an issue (GitHub Flavored Markdown, tables extension)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from itertools import chain

from batchdep.regexes import regex
from batchdep.report.status import BatchStatus, DatasetStatus, utc_text

_SPECIAL = regex(r"([\\`*_{}\[\]<>()#!|~$&])")


def markdown_report(status: BatchStatus, made: datetime) -> Iterator[str]:
    """A heading, a table with one row a dataset, and the failures with what to do."""
    counts = ", ".join(f"{number} {state}" for state, number in status.counts().items() if number)
    head = (
        f"# {_text(status.batch)}",
        "",
        f"{_text(status.target)}: {counts or 'no datasets'} ({utc_text(made)})",
        "",
        "| Dataset | Title | State | DOI | Files | Bytes |",
        "| --- | --- | --- | --- | ---: | ---: |",
    )
    for line in chain(head, map(_row, status.datasets), _failures(status)):
        yield f"{line}\n"


def _row(dataset: DatasetStatus) -> str:
    size = sum(file.size for file in dataset.files)
    cells = (
        _text(dataset.id),
        _text(dataset.title),
        str(dataset.state),
        _doi(dataset),
        str(len(dataset.files)),
        f"{size:,}",
    )
    return f"| {' | '.join(cells)} |"


def _doi(dataset: DatasetStatus) -> str:
    label = _text(dataset.doi) if dataset.doi else ""
    if not label and dataset.reserved_doi:
        label = f"{_text(dataset.reserved_doi)} (reserved)"
    if dataset.url and dataset.url.startswith(("https://", "http://")):
        return f"[{label or 'record'}](<{_address(dataset.url)}>)"
    return label


def _failures(status: BatchStatus) -> Iterator[str]:
    if status.failures():
        yield from ("", "## What went wrong", "")
    for dataset in status.failed():
        if (error := dataset.error) is not None:
            yield f"- **{_text(dataset.id)}**: {_text(error.message)} {_text(error.hint)}".rstrip()


def _text(text: str) -> str:
    """``text`` on one line, without a meaning in Markdown or HTML."""
    return _SPECIAL.sub(r"\\\1", " ".join(text.split()))


def _address(url: str) -> str:
    return re.sub(r"[<>\s\\|]", lambda found: "".join(f"%{byte:02X}" for byte in found[0].encode()), url)
