"""``batchdep verify``: compares what is here with what the repository holds, byte for byte."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import typer

from batchdep.cli.options import AllowOutside, Database, Format, ManifestPath, Moved, Only, Quiet, To, Verbose
from batchdep.cli.output import Output, OutputFormat
from batchdep.cli.starting import import_http

if TYPE_CHECKING:
    from batchdep.verify import Verification, VerifiedDataset


def verify(
    manifest: ManifestPath,
    to: To = None,
    only: Only = None,
    allow_outside: AllowOutside = False,
    moved: Moved = False,
    database: Database = None,
    form: Format = OutputFormat.TEXT,
    verbose: Verbose = 0,
    quiet: Quiet = False,
) -> None:
    """Compare your files with what the repository holds.

    Reads every file anew and compares names, sizes, MD5s, metadata, DOI and state. Ends with 1 if anything
    differs. Nothing is changed.

    \b
    Examples:
      batchdep verify batch.yaml --to zenodo
      batchdep verify batch.yaml --to zenodo --only ng2018-tabular --format json
    """
    import_http()
    from batchdep.cli.looking import look
    from batchdep.cli.request import load, request, require_ids
    from batchdep.verify import verify as verify_batch

    out = Output(form, verbose, quiet)
    asked = request(load(manifest, out, allow_outside=allow_outside), to, database)
    require_ids(asked.manifest, only or ())
    job = asked.job(token=asked.token(), only=only or (), allow_outside=allow_outside, moved=moved)
    found = look(lambda observer: verify_batch(job, observer), asked.target, out)
    if out.json:
        out.document(found.as_dict())
    else:
        out.result("\n".join(_lines(found, out.styled)))
    raise typer.Exit(int(found.exit_code))


def _lines(found: Verification, style: Callable[[str, str], str]) -> list[str]:
    from batchdep.cli.text import counted, human_bytes, safe

    lines = [line for dataset in found.datasets for line in _dataset(dataset, style)]
    differing = sum(bool(dataset.differences) for dataset in found.datasets)
    verdict = f"{differing:,} of {counted(len(found.datasets), 'dataset')} differ"
    same = f"{counted(len(found.datasets), 'dataset')} as they should be"
    read = f"{counted(sum(len(each.files) for each in found.datasets), 'file')}, {human_bytes(found.bytes)} read"
    told = style(same, "green") if found.ok else style(verdict, "red")
    return [*lines, f"{style(safe(found.batch), 'bold')} on {found.target}: {told} ({read})"]


def _dataset(each: VerifiedDataset, style: Callable[[str, str], str]) -> list[str]:
    from batchdep.cli.text import safe

    doi = f" {safe(each.doi)}" if each.doi else ""
    if not each.differences:
        return [f"{safe(each.id)}: {style('ok', 'green')}, {each.state}{doi}"]
    return [f"{safe(each.id)}: {style('differs', 'red')}", *(f"    {safe(one.message)}" for one in each.differences)]
