"""The options that several commands share, each with its words of help in one place."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, TypeAlias

import typer

from batchdep.cli.completion import complete_dataset, complete_target
from batchdep.cli.output import OutputFormat

ManifestPath: TypeAlias = Annotated[
    Path, typer.Argument(metavar="MANIFEST", help="The file that describes the batch.", show_default=False)
]
OptionalManifestPath: TypeAlias = Annotated[
    Path | None, typer.Argument(metavar="MANIFEST", help="Only the batch of this file.", show_default=False)
]
To: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--to",
        metavar="TARGET",
        help="zenodo, sandbox, local, an https address, or a name of your configuration; instead of the manifest's.",
        show_default=False,
        autocompletion=complete_target,
    ),
]
Only: TypeAlias = Annotated[
    list[str] | None,
    typer.Option(
        "--only",
        metavar="ID",
        help="Only this dataset; may be given several times.",
        show_default=False,
        autocompletion=complete_dataset,
    ),
]
Yes: TypeAlias = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")]
AllowOutside: TypeAlias = Annotated[
    bool, typer.Option("--allow-outside", help="Take files from outside the manifest's folder, too.")
]
Concurrency: TypeAlias = Annotated[
    int | None,
    typer.Option(
        "--concurrency",
        metavar="N",
        min=1,
        help="Depositions worked on side by side, one request each.  [default: 16]",
        show_default=False,
    ),
]
Database: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--database",
        metavar="URL_OR_PATH",
        help="Where the state is kept: an SQLite file or a PostgreSQL URL.  [env: BATCHDEP_DATABASE]",
        show_default=False,
    ),
]
Format: TypeAlias = Annotated[
    OutputFormat, typer.Option("--format", help="Text for people, or one JSON document on stdout.")
]
Verbose: TypeAlias = Annotated[
    int,
    typer.Option("--verbose", "-v", count=True, help="Log each request on stderr; -vv for more.", show_default=False),
]
Quiet: TypeAlias = Annotated[bool, typer.Option("--quiet", "-q", help="The result only, no progress.")]
Moved: TypeAlias = Annotated[
    bool,
    typer.Option("--moved", help="The manifest was copied from elsewhere, and this is where the batch goes on."),
]
