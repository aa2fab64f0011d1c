"""The entry point: the tree of commands, and what becomes of errors."""

from __future__ import annotations

import gc
import itertools
import os
import re
import signal
import sys
from collections.abc import Iterable, Sequence
from importlib import import_module
from typing import Annotated, Final

import typer

from batchdep import __version__
from batchdep.cli.output import prepare_streams, show_error, write_error_line
from batchdep.cli.plain_values import PlainCommand, PlainGroup
from batchdep.errors import BatchdepError, ExitCode, UsageError

COMMANDS: Final = (
    *("init", "template", "check", "submit", "status", "report", "publish", "discard"),
    *("write-back", "verify", "log", "recover"),
    *("local", "schema", "lookup", "login", "logout"),
)
"""In the order of the help. Each is a function in a module of its own, both by its name."""

_COMPLETION: Final = "_BATCHDEP_COMPLETE"
"""Set in the environment where the shell asks for a completion: the words are elsewhere then."""

_VALIDATORS_WORDS: Final = (
    (r"(?<=: )Value error, ", ""),
    (r"(?<=: )Input should be", "it must be"),
    (r"a valid integer, unable to parse .*", "a whole number"),
    (r"a valid number, unable to parse .*", "a number"),
)


def command_line(names: Iterable[str] = COMMANDS) -> typer.Typer:
    """The command line, with these commands."""
    app = typer.Typer(
        name="batchdep",
        invoke_without_command=True,
        pretty_exceptions_enable=False,
        rich_markup_mode=None,  # rich takes longer to import than all the rest of --help
        context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    )
    for name in (name.replace("-", "_") for name in names):
        app.command(cls=PlainCommand)(getattr(import_module(f"batchdep.cli.{name}"), name))
    app.callback(cls=PlainGroup)(root)
    return app


def _show_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"batchdep {__version__}")
        raise typer.Exit


def root(
    context: typer.Context,
    version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version and exit.")
    ] = False,
) -> None:
    """Deposit many datasets in Zenodo and get their DOIs.

    Everything is checked before anything is sent; running a batch again resumes it, whatever happened.

    \b
    Examples:
      batchdep init                              a manifest to fill in
      batchdep template                          a workbook to fill in
      batchdep check batch.yaml                  what is wrong with it
      batchdep submit batch.yaml --to local      try it out on this machine
      batchdep submit batch.yaml --to sandbox
      batchdep status batch.yaml
    """
    if context.invoked_subcommand is None:
        sys.stderr.write(context.get_help() + "\n")
        raise typer.Exit(int(ExitCode.USAGE))


def main(arguments: Sequence[str] | None = None) -> None:
    """Runs the command line and exits with its code; never shows a traceback unless ``-vv`` asks for it."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    prepare_streams()
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # before a run takes care of it: as Ctrl-C
    code = _exit_code(words)
    try:
        sys.stdout.flush()
    except OSError:  # a pipe without a reader, a full disk: told already, where it matters
        _forget_stdout()
    gc.freeze()  # the process ends: looking through all its objects for garbage first takes longer than a small batch
    sys.exit(code)


def _exit_code(words: list[str]) -> int:
    as_json = wants_json(words)
    try:
        return int(_for(words)(words, prog_name="batchdep", standalone_mode=False) or 0)
    except BatchdepError as error:
        show_error(error, as_json=as_json)
        return int(error.exit_code)
    except typer.TyperException as error:
        return _wrong_command_line(error, as_json)
    except (KeyboardInterrupt, typer.Abort):
        write_error_line("Interrupted.")
        return ExitCode.INTERRUPTED
    except BrokenPipeError:
        _forget_stdout()
        return ExitCode.UNFINISHED
    except Exception as error:  # the last resort, so that no user ever sees a traceback
        from batchdep.cli.crash import report_crash

        show_error(report_crash(error, words), as_json=as_json)
        return ExitCode.UNFINISHED


def _for(words: Sequence[str]) -> typer.Typer:
    """The command line as far as these words need it: to make all commands for one takes a twentieth of a start."""
    one_is_enough = words and words[0] in COMMANDS and _COMPLETION not in os.environ
    return command_line(words[:1] if one_is_enough else COMMANDS)


def _wrong_command_line(error: typer.TyperException, as_json: bool) -> int:
    context = getattr(error, "ctx", None)
    hint = f"See: {context.command_path} --help" if context is not None else ""
    show_error(UsageError(_in_plain_words(error.format_message()), hint, code="usage"), as_json=as_json)
    return ExitCode.USAGE


def _in_plain_words(message: str) -> str:
    """A value's fault, without the validator's own words."""
    for words, plain in _VALIDATORS_WORDS:
        message = re.sub(words, plain, message)
    return message


def wants_json(words: Sequence[str]) -> bool:
    """Whether ``--format json`` is on the command line, as far as that can be told of one that may be wrong."""
    return "--format=json" in words or ("--format", "json") in itertools.pairwise(words)


def _forget_stdout() -> None:
    """Whoever read stdout has enough; Python's own flush at exit must not complain about that."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
