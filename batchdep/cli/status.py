"""``batchdep status``: what is known of the batches; asks the database only."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from msgspec import Struct

from batchdep.cli.options import Database, Format, OptionalManifestPath, Quiet, To, Verbose
from batchdep.cli.output import Output, OutputFormat
from batchdep.cli.text import counted, safe
from batchdep.errors import ExitCode, UsageError

if TYPE_CHECKING:
    from batchdep.report.status import BatchStatus

_REFRESH_SECONDS = 1.0
_UNFINISHED = ("pending", "uploading", "publishing")


def status(
    manifest: OptionalManifestPath = None,
    to: To = None,
    failed: Annotated[bool, typer.Option("--failed", help="Only the datasets that failed.")] = False,
    watch: Annotated[bool, typer.Option("--watch", help="Keep showing it until nobody works on it.")] = False,
    database: Database = None,
    form: Format = OutputFormat.TEXT,
    verbose: Verbose = 0,
    quiet: Quiet = False,
) -> None:
    """Show how far a batch is, or all batches.

    For each dataset its state, DOI and address, and what went wrong. Nothing is sent.

    \b
    Examples:
      batchdep status
      batchdep status batch.yaml --failed
      batchdep status batch.yaml --watch
      batchdep status batch.yaml --format json
    """
    import asyncio

    from batchdep.cli.known import known_batch, known_batches, worked_on
    from batchdep.cli.summary import MOST_ROWS, first_step

    out = Output(form, verbose, quiet)
    if out.json:
        if watch:
            raise UsageError("--watch is for people.", "Leave out --watch, or --format json.", code="usage")
        out.pieces(_text_of_document(manifest, to, database, failed))
        return

    def look() -> list[BatchStatus]:
        if manifest is None:
            return asyncio.run(known_batches(to, database, MOST_ROWS))
        return [asyncio.run(known_batch(manifest, to, database, MOST_ROWS))]

    def is_worked_on(batches: Sequence[BatchStatus]) -> bool:
        return any(asyncio.run(worked_on(batches, database)))

    found = _watch(look, is_worked_on, failed, out) if watch else look()
    out.result(_text(found, failed, out.styled))
    for each in found:
        if not each.submitted and (step := first_step(each, to or each.target)) is not None:
            out.note(step)
    if watch:
        _tell_of_abandoned([each for each in found if _under_way(each) and not is_worked_on([each])], database, out)


def _tell_of_abandoned(batches: Sequence[BatchStatus], database: str | None, out: Output) -> None:
    """How to go on with what nobody works on any more; ends the command then."""
    from batchdep.cli.summary import resuming

    for each in batches:
        unfinished = sum(each.counts()[state] for state in _UNFINISHED)
        out.note(
            f"No process works on {safe(each.batch)} any more, and {counted(unfinished, 'dataset')} of it"
            f" {'is' if unfinished == 1 else 'are'} unfinished. To resume, run: {resuming(each, database)}"
        )
    if batches:
        raise typer.Exit(int(ExitCode.UNFINISHED))


def _text_of_document(manifest: Path | None, to: str | None, database: str | None, only_failed: bool) -> Iterator[str]:
    """The JSON document as text, set aside: it may be large. With ``--failed`` the counts are still those of the whole
    batch."""
    import asyncio

    from batchdep.cli.known import tell_of_batch, tell_of_batches
    from batchdep.report.json_text import json_pieces
    from batchdep.report.write import set_aside

    def document(status: BatchStatus) -> dict[str, Any]:
        return status.document(status.failed() if only_failed else status.datasets)

    def all_of_them(found: Sequence[BatchStatus]) -> Iterator[str]:
        return set_aside(json_pieces({"schema": "batchdep-status-list/1", "batches": map(document, found)}))

    if manifest is None:
        return asyncio.run(tell_of_batches(to, database, all_of_them))
    return asyncio.run(tell_of_batch(manifest, to, database, lambda status: set_aside(json_pieces(document(status)))))


def _text(found: Sequence[BatchStatus], only_failed: bool, style: Callable[[str, str], str]) -> str:
    from batchdep.cli.summary import summary

    if not found:
        return "No batch was submitted yet."
    return "\n\n".join(summary(each, style, only_failed=only_failed) for each in found)


def _watch(
    look: Callable[[], list[BatchStatus]],
    is_worked_on: Callable[[Sequence[BatchStatus]], bool],
    only_failed: bool,
    out: Output,
) -> list[BatchStatus]:
    """Shows the status every second until nothing is under way, nobody works on what is, or Ctrl-C; the last one is the
    result."""
    found = look()
    if not any(map(_under_way, found)):
        return found
    from rich.console import Console
    from rich.live import Live

    console = Console(stderr=True, highlight=False, markup=False, emoji=False)
    picture = _Picture(found, only_failed, out.styled)
    with Live(picture, console=console, transient=True, auto_refresh=False) as live:
        try:
            while is_worked_on([each for each in picture.found if _under_way(each)]):
                live.refresh()
                time.sleep(_REFRESH_SECONDS)
                picture.found = look()
            return look()  # what was done last before the process ended
        except KeyboardInterrupt:
            pass
    return picture.found


def _under_way(status: BatchStatus) -> bool:
    counts = status.counts()
    return status.submitted and any(counts[state] for state in _UNFINISHED)


class _Picture(Struct):
    """The status as rich draws it: cut to the screen, the end with the sums kept."""

    found: list[BatchStatus]
    only_failed: bool
    style: Callable[[str, str], str]

    def __rich_console__(self, console: Any, options: Any) -> Any:
        from rich.text import Text

        lines = _text(self.found, self.only_failed, self.style).splitlines()
        room = max(console.height - 2, 3)
        if len(lines) > room:
            lines = [*lines[: room - 2], "...", lines[-1]]
        yield Text("\n").join(Text.from_ansi(line, no_wrap=True, overflow="ellipsis") for line in lines)
