"""``batchdep login``: keeps a token in the system keyring, once the repository took it."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from batchdep.cli.completion import complete_target
from batchdep.cli.options import Database, Format, Quiet, Verbose
from batchdep.cli.output import Output, OutputFormat, write_error_line
from batchdep.errors import UsageError

LONGEST_TOKEN = 4096


def login(
    target: Annotated[
        str,
        typer.Argument(
            metavar="TARGET", help="zenodo, sandbox, or an address.", show_default=False, autocompletion=complete_target
        ),
    ],
    stdin: Annotated[bool, typer.Option("--stdin", help="Read the token from standard input.")] = False,
    database: Database = None,
    form: Format = OutputFormat.TEXT,
    verbose: Verbose = 0,
    quiet: Quiet = False,
) -> None:
    """Keep a token in the system keyring.

    It is asked for unseen, and the repository is asked whether it takes it.

    \b
    Examples:
      batchdep login sandbox
      pass show zenodo | batchdep login zenodo --stdin
    """
    import asyncio

    from batchdep.auth import check_token, checked, store_token
    from batchdep.config import load_config
    from batchdep.targets import resolve_target

    out = Output(form, verbose, quiet)
    chosen = resolve_target(target, load_config())
    if chosen.is_local:
        _tell(out, chosen.url, "The embedded repository needs no token.", stored=False)
        return
    secret = checked(_read_token(chosen.url, stdin), "you gave")
    asyncio.run(check_token(chosen, secret))
    store_token(chosen, secret)
    _tell(out, chosen.url, f"{chosen.url} takes the token; it is in the system keyring now.", stored=True)


def _tell(out: Output, url: str, text: str, *, stored: bool) -> None:
    if out.json:
        out.document({"schema": "batchdep-login/1", "target": url, "stored": stored})
    else:
        out.result(text)


def _read_token(url: str, stdin: bool) -> str:
    from batchdep.cli.asking import ask_secretly, somebody_can_answer

    if stdin or not sys.stdin.isatty():
        return sys.stdin.readline(LONGEST_TOKEN).strip()
    if not somebody_can_answer():
        raise UsageError("Nobody can be asked for the token.", "Pipe it in, with --stdin.", code="usage")
    write_error_line(f"You get a token at {url}/account/settings/applications/tokens/new/")
    return ask_secretly(f"Token for {url}")
