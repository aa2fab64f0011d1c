"""``batchdep local``: the embedded repository, for trying things out."""

from __future__ import annotations

import errno
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from batchdep.cli.options import Database, Format, Quiet, Verbose
from batchdep.cli.output import Output, OutputFormat
from batchdep.cli.text import safe
from batchdep.errors import BatchdepError, UsageError

if TYPE_CHECKING:
    from batchdep.local import LocalOptions, RateLimit


def local(
    port: Annotated[
        int | None,
        typer.Option(
            "--port",
            metavar="N",
            min=0,
            max=65535,
            help="Where to listen; 0 for any free one.  [default: 8205; env: BATCHDEP_LOCAL_PORT]",
            show_default=False,
        ),
    ] = None,
    data: Annotated[
        Path | None,
        typer.Option(
            "--data",
            metavar="DIR",
            help="Where depositions are kept; by default in the user's data folder.",
            show_default=False,
        ),
    ] = None,
    token: Annotated[
        str | None,
        typer.Option(
            "--token",
            metavar="WORD",
            help="Take only this bearer token, a made-up one; by default any, or none.",
            show_default=False,
        ),
    ] = None,
    rate_limit: Annotated[
        list[str] | None,
        typer.Option(
            "--rate-limit",
            metavar="N/SECONDS",
            help="At most N requests in each window, such as 100/60; may be given several times.",
            show_default=False,
        ),
    ] = None,
    index_delay: Annotated[
        float, typer.Option("--index-delay", metavar="SECONDS", min=0, help="Until a change shows in the list.")
    ] = 0.0,
    answer_delay: Annotated[
        float, typer.Option("--answer-delay", metavar="SECONDS", min=0, help="Added to every answer.")
    ] = 0.0,
    trap: Annotated[
        list[str] | None,
        typer.Option(
            "--trap",
            metavar="NAME=PROBABILITY",
            help="Misbehave now and then, to see how a client bears it; may be given several times.",
            show_default=False,
        ),
    ] = None,
    seed: Annotated[
        int | None,
        typer.Option("--seed", metavar="N", help="Makes traps spring the same way again.", show_default=False),
    ] = None,
    journal: Annotated[
        Path | None,
        typer.Option("--journal", metavar="FILE", help="Write down every request.", show_default=False),
    ] = None,
    database: Database = None,
    form: Format = OutputFormat.TEXT,
    verbose: Verbose = 0,
    quiet: Quiet = False,
) -> None:
    """Run a repository on this machine.

    It behaves as Zenodo does, for trying things out, and can be looked at with a browser. Ctrl-C ends it.

    \b
    Examples:
      batchdep local
      batchdep local --port 8300 --data trial/ --rate-limit 100/60
      batchdep submit batch.yaml --to http://127.0.0.1:8300

    `--to local` uses the repository at the default port, or runs one itself if there is none.
    """
    from batchdep.config import data_folder, load_config
    from batchdep.local import LocalOptions

    out = Output(form, verbose, quiet)
    config = load_config()
    try:
        options = LocalOptions(
            data=(data or data_folder() / "local").absolute(),
            port=config.local_port if port is None else port,
            token=token,
            rate_limits=tuple(_rate_limit(text) for text in rate_limit or ()),
            index_delay=index_delay,
            answer_delay=answer_delay,
            traps=dict(_trap(text) for text in trap or ()),
            journal=journal,
            seed=seed,
        )
    except ValueError as error:
        raise UsageError(f"The embedded repository cannot run like this: {error}.", code="usage") from None
    _serve(options, out)


def _serve(options: LocalOptions, out: Output) -> None:
    from batchdep.local import DataInUseError, run_local

    try:
        run_local(options, lambda url: _announce(url, options, out))
    except DataInUseError:
        raise BatchdepError(
            f"Another repository works on {options.data}.",
            "End it, or choose another folder with --data.",
            code="data_in_use",
        ) from None
    except OSError as error:
        raise _cannot_start(error, options) from None


def _cannot_start(error: OSError, options: LocalOptions) -> UsageError:
    if error.errno == errno.EADDRINUSE:
        return UsageError(
            f"Something listens at port {options.port} already, perhaps another batchdep local.",
            "Use that one, end it, or choose another port with --port.",
            code="port_in_use",
        )
    if error.filename is not None:
        return UsageError(
            f"The folder {safe(str(options.data))} cannot be used: {error.strerror}.",
            "Choose another with --data.",
            code="not_writable",
        )
    return UsageError(
        f"The embedded repository cannot listen at port {options.port}: {error.strerror or error}.",
        "Choose another port with --port, from 1024 on.",
        code="port_in_use",
    )


def _announce(url: str, options: LocalOptions, out: Output) -> None:
    if out.json:
        out.document({"schema": "batchdep-local/1", "url": url, "data": str(options.data)})
        return
    out.result(f"The embedded repository answers at {url}")
    out.note(f"It keeps its data in {options.data}. Deposit with: batchdep submit MANIFEST --to {url}")
    out.note("Ctrl-C ends it.")


def _rate_limit(text: str) -> RateLimit:
    from batchdep.local import RateLimit

    requests, slash, seconds = text.partition("/")
    try:
        return RateLimit(int(requests), float(seconds if slash else 60))
    except ValueError:
        raise UsageError(f"'{text}' is no rate limit.", "Write it like 100/60.", code="usage") from None


def _trap(text: str) -> tuple[str, float]:
    name, _, probability = text.partition("=")
    try:
        return name.strip(), float(probability)
    except ValueError:
        raise UsageError(f"'{text}' is no trap.", "Write it like drop-after=0.05.", code="usage") from None
