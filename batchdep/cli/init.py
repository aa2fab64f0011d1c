"""``batchdep init``: a manifest to start from."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from batchdep.cli.options import Database, Format, Quiet, Verbose
from batchdep.cli.output import Output, OutputFormat
from batchdep.errors import UsageError

_DEFAULT_NAME = Path("batch.yaml")


def init(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The manifest to write.")] = _DEFAULT_NAME,
    from_dir: Annotated[
        Path | None,
        typer.Option("--from", metavar="DIR", help="One dataset for each subfolder of DIR.", show_default=False),
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace FILE if it is there.")] = False,
    database: Database = None,
    form: Format = OutputFormat.TEXT,
    verbose: Verbose = 0,
    quiet: Quiet = False,
) -> None:
    """Write a commented manifest to fill in.

    With --from, each dataset is described by the metadata file in its folder, if there is one; what only you can say is
    left as commented lines, and files that cannot be deposited as they are, are told with another way.

    \b
    Examples:
      batchdep init
      batchdep init studies.yaml --from studies/
    """
    from batchdep.cli.asking import may_write
    from batchdep.cli.program import command
    from batchdep.cli.text import safe
    from batchdep.manifest.starter import starter_manifest
    from batchdep.report.write import write_atomically

    out = Output(form, verbose, quiet)
    if file.suffix.lower() not in {".yaml", ".yml"}:
        raise UsageError(
            f"A starter manifest is YAML; {safe(str(file))} is named otherwise.",
            f"Run: {safe(_instead(file))}",
            code="not_writable",
        )
    if from_dir is not None and not from_dir.is_dir():
        raise UsageError(f"There is no folder {safe(str(from_dir))}.", "Give the folder with --from.", code="no_folder")
    may_write(file, force)
    try:
        text = starter_manifest(file, from_dir)
    except OSError as error:
        raise UsageError(
            f"{safe(str(from_dir))} cannot be read: {error.strerror}.", "Check its permissions.", code="no_folder"
        ) from None
    write_atomically(file, text)
    if out.json:
        out.document({"schema": "batchdep-written/1", "file": str(file), "as": "manifest"})
    else:
        out.result(f"Wrote {safe(str(file))}. Fill it in, then run: {safe(command('check', str(file)))}")


def _instead(file: Path) -> str:
    """The command that writes something of the kind that the file's name asks for."""
    from batchdep.cli.program import command

    if file.suffix.lower() in {".xlsx", ".csv", ".tsv"}:
        return command("template", "-o", str(file))
    return command("init", str(file.with_suffix(".yaml")))
