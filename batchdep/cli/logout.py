"""``batchdep logout``: removes a token from the system keyring."""

from __future__ import annotations

from typing import Annotated

import typer

from batchdep.cli.completion import complete_target
from batchdep.cli.options import Database, Format, Quiet, Verbose
from batchdep.cli.output import Output, OutputFormat


def logout(
    target: Annotated[
        str,
        typer.Argument(
            metavar="TARGET", help="zenodo, sandbox, or an address.", show_default=False, autocompletion=complete_target
        ),
    ],
    database: Database = None,
    form: Format = OutputFormat.TEXT,
    verbose: Verbose = 0,
    quiet: Quiet = False,
) -> None:
    """Remove the token of a target from the system keyring.

    \b
    Example:
      batchdep logout sandbox
    """
    from batchdep.auth import forget_token
    from batchdep.config import load_config
    from batchdep.targets import resolve_target

    out = Output(form, verbose, quiet)
    chosen = resolve_target(target, load_config())
    removed = forget_token(chosen)
    if out.json:
        out.document({"schema": "batchdep-logout/1", "target": chosen.url, "removed": removed})
    else:
        out.result(
            f"The token of {chosen.url} is no longer in the system keyring."
            if removed
            else f"The system keyring holds no token of {chosen.url}."
        )
