"""``batchdep write-back``: deposition ids, DOIs and addresses go into the manifest, and files beside the data."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from msgspec.structs import replace

from batchdep.cli.options import Database, Format, ManifestPath, Only, Quiet, To, Verbose
from batchdep.cli.output import Output, OutputFormat, show_error
from batchdep.cli.text import counted, safe
from batchdep.errors import BatchdepError, UsageError

if TYPE_CHECKING:
    from batchdep.report.status import BatchStatus
    from batchdep.writeback.outcome import FileOutcome, Outcome


def write_back(
    manifest: ManifestPath,
    to: To = None,
    only: Only = None,
    citation: Annotated[
        bool, typer.Option("--citation", help="Write a CITATION.cff into the folder of each published dataset, too.")
    ] = False,
    zenodo_json: Annotated[
        bool, typer.Option("--zenodo-json", help="Write a .zenodo.json into the folder of each dataset, too.")
    ] = False,
    force: Annotated[
        bool,
        typer.Option("--force", help="Replace what names a real record elsewhere, and files that are there already."),
    ] = False,
    database: Database = None,
    form: Format = OutputFormat.TEXT,
    verbose: Verbose = 0,
    quiet: Quiet = False,
) -> None:
    """Write deposition ids, DOIs and addresses into the manifest.

    Only these are added, under `deposited`; all else stays as it is, byte for byte. What the file was before is kept
    beside it as MANIFEST.before-write-back. Nobody is asked: it writes what the last run was told.

    \b
    Examples:
      batchdep write-back batch.yaml --to zenodo
      batchdep write-back batch.yaml --to zenodo --citation
    """
    import asyncio

    from batchdep.cli.known import known_batch, tell_of_batch
    from batchdep.cli.request import invalid, load, require_ids
    from batchdep.writeback.beside import BesideKind, write_beside
    from batchdep.writeback.manifest_file import write_back as write

    out = Output(form, verbose, quiet)
    loaded = load(manifest, out, allow_outside=True)
    if loaded.manifest is None or not loaded.ok:
        raise invalid(manifest, loaded.problems)
    require_ids(loaded.manifest, only or ())
    described = loaded.manifest
    status = asyncio.run(known_batch(manifest, to, database))
    if not status.submitted:
        raise UsageError(
            f"Nothing is known of {safe(str(manifest))} on {status.target}.",
            "Submit it first, or name the target or the database that has it.",
            code="unknown_batch",
        )
    outcome = write(described, status, only or (), force=force)
    kinds = [kind for kind, asked in ((BesideKind.CITATION, citation), (BesideKind.ZENODO, zenodo_json)) if asked]
    if kinds:

        def beside(whole: BatchStatus) -> list[FileOutcome]:
            return write_beside(described, whole, kinds, only or (), force=force)

        outcome = replace(outcome, files=asyncio.run(tell_of_batch(manifest, to, database, beside)))
    if out.json:
        out.document(outcome.as_dict())
    else:
        tell(outcome, out.result)
    raise typer.Exit(int(outcome.exit_code))


def tell(outcome: Outcome, say: Callable[[str], None]) -> None:
    """Says what was written, where the original is, and what was not written and why."""
    from batchdep.writeback.outcome import Written

    if outcome.failure is not None:
        show_error(BatchdepError(outcome.failure.message, outcome.failure.hint), as_json=False)
    refused = [each for each in outcome.datasets if each.written is Written.REFUSED]
    name = safe(outcome.manifest)
    if outcome.changed:
        count = sum(each.written is Written.WRITTEN for each in outcome.datasets)
        what = f"Wrote the DOIs and addresses of {counted(count, 'dataset')} on {outcome.target} into {name}"
        say(f"{what}; as it was before, it is kept as {_from_here(outcome.original or '')}")
    elif all(each.written is Written.NOTHING for each in outcome.datasets):
        say(f"No dataset of {name} has been deposited on {outcome.target} yet; it was not changed.")
    elif not refused:
        say(f"{name} says all that is known of {outcome.target} already; it was not changed.")
    for each in refused if outcome.failure is None else ():
        say(f"{safe(each.dataset)}: left as it is; {safe(each.reason)}")
    for file in outcome.files:
        if file.written is Written.WRITTEN:
            kept = f"; as it was before, it is kept as {_from_here(file.original)}" if file.original else ""
            say(f"Wrote {_from_here(file.path)}{kept}")
        elif file.written is Written.REFUSED:
            say(f"{safe(file.dataset)}: {_from_here(file.path)} was not written: {safe(file.reason)}")
    lacking = Counter(file.reason for file in outcome.files if file.written is Written.NOTHING)
    for reason, count in lacking.items():
        say(f"No file was written for {counted(count, 'dataset')}: {reason}")


def _from_here(path: str) -> str:
    """A path as it is typed in the folder where the command runs; the whole of it where it lies elsewhere."""
    here = Path.cwd()
    return safe(str(Path(path).relative_to(here)) if Path(path).is_relative_to(here) else path)
