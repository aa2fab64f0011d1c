"""``batchdep log``: what was asked of the repository and what it answered; asks the database only."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from batchdep.cli.completion import complete_dataset
from batchdep.cli.options import Database, Format, ManifestPath, Quiet, To, Verbose
from batchdep.cli.output import Output, OutputFormat
from batchdep.errors import UsageError

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

    from batchdep.config import database_location, is_unused, load_config

    out = Output(form, verbose, quiet)
    config = load_config()
    place = database_location(database, config)
    target = _target(manifest, to, config)
    found = None
    if not is_unused(place):
        from batchdep.history import history

        found = asyncio.run(history(place, manifest.absolute(), target, dataset, elsewhere=not to))
    if found is None:
        raise UsageError(
            f"Nothing is known of {manifest}{f' on {target}' if target else ''}.",
            "It was not submitted there, or the state is kept elsewhere: see --to and --database.",
            code="unknown_batch",
        )
    if out.json:
        out.document(found.as_dict())
    else:
        out.result("\n".join(_lines(found)))


def _target(manifest: Path, to: str | None, config: Config) -> str | None:
    """The target that was asked for, or the manifest's own; None where that cannot be told: where it went last."""
    from batchdep.manifest.load import load_manifest
    from batchdep.targets import resolve_target

    if to:
        return resolve_target(to, config).url
    with suppress(UsageError):
        loaded = load_manifest(manifest, allow_outside=True)
        return resolve_target(loaded.manifest.target, config).url if loaded.manifest is not None else None
    return None


def _lines(found: History) -> list[str]:
    """Runs and events in one sequence of time."""
    begins = [(run.started, _begin(run)) for run in found.runs]
    ends = [(run.ended, _end(run)) for run in found.runs if run.ended is not None]
    events = [(event.at, _event(event)) for event in found.events]
    lines = sorted([*begins, *events, *ends], key=lambda line: line[0])
    return [f"{at:%Y-%m-%d %H:%M:%S}.{at.microsecond // 1000:03} {text}" for at, text in lines]


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
