"""``batchdep template``: a workbook or a table to fill in, for people who work in a spreadsheet."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from batchdep.cli.options import Database, Format, Quiet, Verbose
from batchdep.cli.output import Output, OutputFormat
from batchdep.errors import UsageError

_DEFAULT_NAME = Path("batch.xlsx")


def template(
    output: Annotated[
        Path,
        typer.Option("-o", "--output", metavar="FILE", help="The file to write: .xlsx, .csv, .tsv, .yaml, or .md."),
    ] = _DEFAULT_NAME,
    force: Annotated[bool, typer.Option("--force", help="Replace FILE if it is there.")] = False,
    database: Database = None,
    form: Format = OutputFormat.TEXT,
    verbose: Verbose = 0,
    quiet: Quiet = False,
) -> None:
    """Write a table to fill in, a row for each dataset.

    The workbook has lists to choose from, colours for what is missing, examples, and an explanation of each column. A
    CSV or TSV file has the header alone; FILE.md explains its columns.

    \b
    Examples:
      batchdep template                    batch.xlsx, for a spreadsheet program
      batchdep template -o batch.csv
      batchdep template -o columns.md      what each column means
    """
    from batchdep.cli.asking import may_write
    from batchdep.cli.program import command
    from batchdep.cli.text import safe
    from batchdep.manifest.template.kinds import KINDS, made_for
    from batchdep.report.write import write_atomically

    out = Output(form, verbose, quiet)
    kind = KINDS.get(output.suffix.lower())
    if kind is None:
        raise UsageError(
            f"There is no template whose name ends as that of {safe(str(output))}.",
            f"A template is one of {', '.join(KINDS)}.",
            code="usage",
        )
    may_write(output, force)
    write_atomically(output, made_for(output))
    if out.json:
        out.document({"schema": "batchdep-written/1", "file": str(output), "as": kind})
        return
    out.result(f"Wrote {safe(str(output))}.")
    if kind == "columns":
        return
    if kind == "table":
        out.result(f"What each column means: {safe(command('template', '-o', 'columns.md'))}")
    out.result(f"Fill it in, then run: {safe(command('check', str(output)))}")
