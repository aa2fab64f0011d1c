"""``batchdep check``: everything that is wrong with a manifest, all at once; sends nothing."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

import typer

from batchdep.cli.options import AllowOutside, Database, Format, ManifestPath, Quiet, Verbose
from batchdep.cli.output import Output, OutputFormat
from batchdep.errors import ExitCode

if TYPE_CHECKING:
    from batchdep.manifest.model import Manifest
    from batchdep.problems import Problem

NOTES_SHOWN: Final = 20
"""So many notes are printed unless ``-v`` asks for all: ten thousand folders have ten thousand metadata files."""


def check(
    manifest: ManifestPath,
    allow_outside: AllowOutside = False,
    database: Database = None,
    form: Format = OutputFormat.TEXT,
    verbose: Verbose = 0,
    quiet: Quiet = False,
) -> None:
    """Find everything that is wrong with a manifest.

    Each problem is told with its place and what to do about it. Nothing is sent.

    \b
    Examples:
      batchdep check batch.yaml
      batchdep check batch.yaml --format json
    """
    from batchdep.check import check_manifest
    from batchdep.cli.counting import Counting
    from batchdep.cli.problems import problem_lines, summary_of
    from batchdep.cli.text import counted, human_bytes, safe
    from batchdep.manifest.load import load_manifest

    out = Output(form, verbose, quiet)
    with Counting(out) as counting:
        loaded = load_manifest(manifest, allow_outside=allow_outside, count=counting.read)
    with Counting(out) as counting:
        report = check_manifest(loaded, allow_outside=allow_outside, tables=True, count=counting.looked)
    report.problems.extend(_of_target(loaded.manifest))
    if out.json:
        out.document(report.as_dict(str(manifest)))
    else:
        notes = _notes(report.notes, verbose=verbose > 0, quiet=quiet)
        for line in [*problem_lines(report.problems, sys.stdout), *notes]:
            out.result(line)
        found = f"{counted(report.datasets, 'dataset')}, {counted(report.files, 'file')}, {human_bytes(report.bytes)}"
        out.result(f"{safe(str(manifest))}: {summary_of(report.problems) or out.styled('ok', 'green')} ({found})")
    raise typer.Exit(int(ExitCode.DONE if report.ok else ExitCode.USAGE))


def _of_target(manifest: Manifest | None) -> list[Problem]:
    """A target that nobody knows: no error, as ``submit --to`` may name another. A configuration that cannot be read is
    not the manifest's fault, and the business of the commands that need it."""
    from batchdep.config import load_config
    from batchdep.errors import UsageError
    from batchdep.problems import Severity, problem_at
    from batchdep.targets import resolve_target

    if manifest is None:
        return []
    try:
        config = load_config()
    except UsageError:
        return []
    try:
        resolve_target(manifest.target, config)
    except UsageError as error:
        place = manifest.place.at("target")
        return [problem_at(place, error.code, error.message, error.hint, severity=Severity.WARNING)]
    return []


def _notes(notes: Sequence[Problem], *, verbose: bool, quiet: bool) -> list[str]:
    """The notes as lines: none with ``-q``, all with ``-v``."""
    from batchdep.cli.problems import problem_lines

    if quiet:
        return []
    shown = notes if verbose else notes[:NOTES_SHOWN]
    lines = problem_lines(shown, sys.stdout)
    if len(notes) > len(shown):
        lines.append(f"and {len(notes) - len(shown):,} more notes: -v shows them all")
    return lines
