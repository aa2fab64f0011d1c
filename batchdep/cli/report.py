"""``batchdep report``: a document about a batch, for a spreadsheet, a web page, a program or a colleague."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Final

import typer

from batchdep.cli.options import Database, Format, ManifestPath, Quiet, To, Verbose
from batchdep.cli.output import Output, OutputFormat
from batchdep.cli.text import safe
from batchdep.errors import UsageError
from batchdep.report.forms import ReportForm

_ENDINGS: Final = {
    "": ReportForm.CSV,
    ".csv": ReportForm.CSV,
    ".json": ReportForm.JSON,
    ".md": ReportForm.MARKDOWN,
    ".markdown": ReportForm.MARKDOWN,
    ".html": ReportForm.HTML,
    ".htm": ReportForm.HTML,
    ".jsonld": ReportForm.JSONLD,
    ".bib": ReportForm.BIBTEX,
    ".cff": ReportForm.CFF,
}
_RO_CRATE_FILE: Final = "ro-crate-metadata.json"
_JSON: Final = frozenset({ReportForm.JSON, ReportForm.DATACITE, ReportForm.JSONLD, ReportForm.RO_CRATE})


def report(
    manifest: ManifestPath,
    to: To = None,
    as_: Annotated[
        ReportForm | None,
        typer.Option("--as", help="The kind of document; by default that of FILE's name, else csv."),
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option(
            "-o", "--output", metavar="FILE", help="Where to write it; by default stdout.", show_default=False
        ),
    ] = None,
    database: Database = None,
    form: Format = OutputFormat.TEXT,
    verbose: Verbose = 0,
    quiet: Quiet = False,
) -> None:
    """Write a report of a batch.

    csv, json, markdown and html have every dataset with its state, DOI, address, files and errors.

    Of what is published: datacite (DataCite 4.6), jsonld (schema.org, for a web page), ro-crate (one crate for the
    batch), bibtex and cff (citations).

    \b
    Examples:
      batchdep report batch.yaml                                a table for a spreadsheet
      batchdep report batch.yaml --as html -o report.html       a page to print or send
      batchdep report batch.yaml --as datacite -o records.json  DataCite metadata
      batchdep report batch.yaml -o ro-crate-metadata.json      an RO-Crate, by its name
      batchdep report batch.yaml -o datasets.bib                citations; also CITATION.cff, page.jsonld
    """
    import asyncio

    from batchdep.cli.known import tell_of_batch
    from batchdep.report.documents import render
    from batchdep.report.write import set_aside, write_atomically

    out = Output(form, verbose, quiet)
    kind = as_ or _kind_of(output, out)
    if out.json and output is None and kind not in _JSON:
        raise UsageError(
            f"A {kind} report on stdout is no JSON.", "Leave out --format json, or give -o FILE.", code="usage"
        )
    if output is None:
        out.report(asyncio.run(tell_of_batch(manifest, to, database, lambda status: set_aside(render(kind, status)))))
        return
    asyncio.run(tell_of_batch(manifest, to, database, lambda status: write_atomically(output, render(kind, status))))
    if out.json:
        out.document({"schema": "batchdep-written/1", "file": str(output), "as": str(kind)})
    else:
        out.note(f"Wrote {output}.")


def _kind_of(output: Path | None, out: Output) -> ReportForm:
    if output is None:
        return ReportForm.JSON if out.json else ReportForm.CSV
    if output.name.endswith(_RO_CRATE_FILE):  # a crate that is not its folder's may have a prefix (RO-Crate 1.2)
        return ReportForm.RO_CRATE
    kind = _ENDINGS.get(output.suffix.lower())
    if kind is None:
        raise UsageError(
            f"No kind of report has a name that ends in {safe(output.suffix)}.",
            "Name the kind with --as, or the file .csv, .json, .md, .html, .bib, .cff or .jsonld.",
            code="usage",
        )
    return kind
