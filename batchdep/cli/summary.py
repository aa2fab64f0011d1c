"""The table at the end of a run and of ``status``, and what to do next."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from batchdep.cli.program import command
from batchdep.cli.text import aligned, counted, human_bytes, safe
from batchdep.errors import ExitCode, Failure
from batchdep.report.status import UNDER_WAY, BatchStatus, DatasetState, DatasetStatus

Style = Callable[[str, str], str]

_STATE_STYLES: Final = {
    DatasetState.PUBLISHED: "green",
    DatasetState.DRAFT: "cyan",
    DatasetState.FAILED: "red",
    DatasetState.DISCARDED: "dim",
}


MOST_ROWS: Final = 1000
"""Datasets in a table: nobody reads more of them in a terminal."""


def summary(status: BatchStatus, style: Style, *, only_failed: bool = False) -> str:
    """The whole batch: a table, the failures and warnings, and a line that sums it up. ``style`` colours a text.

    Of a large batch those with an error, those under way, and the first of the others.
    """
    datasets = _shown([each for each in status.datasets if each.error is not None or not only_failed])
    failed = [each for each in datasets if each.error is not None and not _is_told(each.error, status)]
    table = "\n".join(part for part in (_table(datasets, style), _left_out(datasets, status, only_failed)) if part)
    parts = [table, _failures(failed, style), _warnings(datasets, style), _totals(status, style)]
    if only_failed and not datasets:
        return f"{style(safe(status.batch), 'bold')} on {status.target}: no dataset failed."
    return "\n\n".join(part for part in parts if part)


def _shown(datasets: Sequence[DatasetStatus]) -> Sequence[DatasetStatus]:
    if len(datasets) <= MOST_ROWS:
        return datasets
    urgent = sorted(range(len(datasets)), key=lambda index: _urgency(datasets[index]))[:MOST_ROWS]
    return [datasets[index] for index in sorted(urgent)]


def _urgency(dataset: DatasetStatus) -> int:
    if dataset.error is not None:
        return 0
    return 1 if dataset.state in UNDER_WAY else 2


def _left_out(shown: Sequence[DatasetStatus], status: BatchStatus, only_failed: bool) -> str:
    total = status.failures() if only_failed else sum(status.counts().values())
    if total <= len(shown):
        return ""
    report = command("report", _as_typed(status.manifest), "--to", status.target)
    return f"... and {counted(total - len(shown), 'dataset')} more: all are in {report}"


def next_step(status: BatchStatus, ran: str, target: str) -> str | None:
    """How to go on after a run: ``ran``, the command that did, to resume; or how to publish drafts on ``target``."""
    if status.exit_code is not ExitCode.DONE:
        if (first := first_step(status, target)) is not None:
            return first
        return f"{'To resume' if _may_go_on(status) else 'To resume once that is put right'}, run: {ran}"
    drafts = status.counts()[DatasetState.DRAFT]
    if drafts and status.manifest:
        publish = command("publish", _as_typed(status.manifest), "--to", target)
        return f"{counted(drafts, 'draft')} to review; to publish, run: {publish}"
    return None


def first_step(status: BatchStatus, target: str) -> str | None:
    """How to deposit what nobody ever asked for, where nothing else is left to do; else None."""
    new = [each for each in status.datasets if each.state is DatasetState.PENDING and each.in_manifest]
    waits = status.stopped is None and all(each.deposition_id is None and each.error is None for each in new)
    if not new or not waits or status.failures():
        return None
    were = "was" if len(new) == 1 else "were"
    submit = command("submit", _as_typed(status.manifest), "--to", target)
    return f"{counted(len(new), 'dataset')} {were} not submitted yet; to deposit, run: {submit}"


def resuming(status: BatchStatus, database: str | None) -> str:
    """The command that worked on the batch last, as far as it is known; ``database`` as it was given."""
    last = str(status.runs[-1]["command"]) if status.runs else "submit"
    given = ("--database", _without_password(database)) if database else ()
    return command(last, _as_typed(status.manifest), "--to", status.target, *given)


def _may_go_on(status: BatchStatus) -> bool:
    """Whether running it again does some good without anything being changed."""
    if status.stopped is not None:
        return status.stopped.retryable
    errors = [each.error for each in status.failed()]
    return not errors or any(error is not None and error.retryable for error in errors)


def typed_command() -> str:
    """The command line of this process, to be run again. A password in a database's URL is not repeated."""
    return command(*(_without_password(word) for word in sys.argv[1:]))


def _table(datasets: Sequence[DatasetStatus], style: Style) -> str:
    if not datasets:
        return ""
    rows = [("DATASET", "STATE", "DOI", "ADDRESS"), *(_row(each) for each in datasets)]
    heading, *lines = aligned(rows)
    return "\n".join([style(heading, "bold"), *map(lambda line, each: _coloured(line, each, style), lines, datasets)])


def _row(each: DatasetStatus) -> tuple[str, str, str, str]:
    reserved = f"{safe(each.reserved_doi)} (reserved)" if each.reserved_doi else "-"
    return safe(each.id), str(each.state), safe(each.doi) if each.doi else reserved, safe(each.url or "-")


def _coloured(line: str, each: DatasetStatus, style: Style) -> str:
    colour = "red" if each.error is not None else _STATE_STYLES.get(each.state)
    if colour is None:
        return line
    start = line.index(f"  {each.state}", len(safe(each.id))) + 2
    end = start + len(each.state)
    return line[:start] + style(line[start:end], colour) + line[end:]


def _is_told(error: Failure, status: BatchStatus) -> bool:
    """Whether it is what ended the whole run, which the sums tell."""
    return status.stopped is not None and status.stopped.message == error.message


def _failures(datasets: Sequence[DatasetStatus], style: Style) -> str:
    lines = []
    for each in datasets:
        if each.error is not None:
            lines.append(f"{style('error', 'red')} {safe(each.id)}: {safe(each.error.message)}")
            if each.error.hint:
                lines.append(f"    {safe(each.error.hint)}")
    return "\n".join(lines)


def _warnings(datasets: Sequence[DatasetStatus], style: Style) -> str:
    lines = [
        f"{style('warning', 'yellow')} {safe(each.id)}: {safe(text)}" for each in datasets for text in each.warnings
    ]
    lines += [
        f"{style('warning', 'yellow')} {safe(each.id)}: the manifest no longer names it; it is left as it is"
        for each in datasets
        if not each.in_manifest
    ]
    return "\n".join(lines)


def _totals(status: BatchStatus, style: Style) -> str:
    counts = ", ".join(f"{number:,} {state}" for state, number in status.counts().items() if number)
    size = status.bytes()
    lines = [
        f"{style(safe(status.batch), 'bold')} on {status.target}: {counts or 'no datasets'};"
        f" {human_bytes(size['uploaded'])} of {human_bytes(size['total'])} uploaded"
        + (f"; {counted(status.requests, 'request')}" if status.requests else "")
    ]
    if status.stopped is not None:
        lines.append(f"{style('stopped', 'red')}: {safe(status.stopped.message)}")
        if status.stopped.hint:
            lines.append(f"    {safe(status.stopped.hint)}")
    return "\n".join(lines)


def _as_typed(manifest: str) -> str:
    """A path as one would type it from here."""
    path = Path(manifest)
    here = Path.cwd()
    return str(path.relative_to(here)) if path.is_relative_to(here) else manifest


def _without_password(word: str) -> str:
    start, equals, url = word.rpartition("=") if word.startswith("--") else ("", "", word)
    try:
        password = urlsplit(url).password if "://" in url else None
    except ValueError:
        return word
    return f"{start}{equals}{url.replace(f':{password}@', ':***@', 1)}" if password else word
