"""``batchdep log``: what was asked of the repository and what it answered; asks the database only."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from functools import partial
from heapq import merge
from operator import itemgetter
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from batchdep.cli.completion import complete_dataset
from batchdep.cli.options import Database, Format, ManifestPath, Quiet, To, Verbose
from batchdep.cli.output import Output, OutputFormat
from batchdep.errors import UsageError
from batchdep.report.json_text import json_pieces

if TYPE_CHECKING:
    from batchdep.config import Config
    from batchdep.history import History
    from batchdep.state.eventlog import EventRecord, RunRecord


def log(
    manifest: ManifestPath,
    dataset: Annotated[
        str | None,
        typer.Argument(metavar="ID", help="Only this dataset.", show_default=False, autocompletion=complete_dataset),
    ] = None,
    to: To = None,
    database: Database = None,
    form: Format = OutputFormat.TEXT,
    verbose: Verbose = 0,
    quiet: Quiet = False,
) -> None:
    """Show what was asked and answered, when.

    Every run, request and answer of a batch or of one dataset, in order, as the state has noted them. Times are UTC.

    \b
    Examples:
      batchdep log batch.yaml
      batchdep log batch.yaml ng2018-tabular --to zenodo --format json
    """
    import asyncio

    from batchdep.cli.known import target_url
    from batchdep.config import database_location, is_unused, load_config
    from batchdep.report.write import set_aside

    out = Output(form, verbose, quiet)
    config = load_config()
    place = database_location(database, config)
    target = target_url(to, config)
    own_target = partial(_own_target, manifest, config)

    def tell(found: History) -> Iterator[str]:
        return set_aside(json_pieces(found.document()) if out.json else _lines(found))

    text = None
    if not is_unused(place):
        from batchdep.history import tell_history

        told = tell_history(place, manifest.absolute(), target, tell, dataset, preferred=own_target)
        text = asyncio.run(told)
    if text is None:
        target = target or own_target()
        raise UsageError(
            f"Nothing is known of {manifest}{f' on {target}' if target else ''}.",
            "It was not submitted there, or the state is kept elsewhere: see --to and --database.",
            code="unknown_batch",
        )
    if out.json:
        out.pieces(text)
    else:
        out.report(text)


def _own_target(manifest: Path, config: Config) -> str | None:
    """The manifest's own target; None where that cannot be told."""
    from batchdep.cli.known import own_target
    from batchdep.manifest.load import load_manifest

    with suppress(UsageError):
        return own_target(load_manifest(manifest, allow_outside=True).manifest, config)
    return None


def _lines(found: History) -> Iterator[str]:
    """Runs and events in one sequence of time."""
    begins = sorted(((run.started, _begin(run)) for run in found.runs), key=itemgetter(0))
    ends = sorted(((run.ended, _end(run)) for run in found.runs if run.ended is not None), key=itemgetter(0))
    events = ((event.at, _event(event)) for event in found.events_by_time())
    for at, text in merge(begins, events, ends, key=itemgetter(0)):
        yield f"{at:%Y-%m-%d %H:%M:%S}.{at.microsecond // 1000:03} {text}\n"


def _begin(run: RunRecord) -> str:
    return f"-- {run.command} begins (batchdep {run.version}, process {run.pid} on {run.host})"


def _end(run: RunRecord) -> str:
    from batchdep.cli.text import counted

    return f"-- {run.command} ends ({counted(run.requests, 'request')})"


def _event(event: EventRecord) -> str:
    from batchdep.cli.text import human_bytes, safe

    request = [event.method, event.path, str(event.status or "no answer") if event.method else None]
    took = f"{event.seconds:.3f} s" if event.seconds is not None else None
    sent = f"{human_bytes(event.sent)} sent" if event.sent else None
    words = [event.dataset or "-", event.what, *request, took, sent, event.outcome, event.note]
    return " ".join(safe(word) for word in words if word)
