"""The end of a run: its document or table, how to go on, and the exit code."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from batchdep.cli.output import Output
from batchdep.cli.summary import next_step, summary, typed_command
from batchdep.errors import ExitCode
from batchdep.report.status import BatchStatus
from batchdep.targets import Target

if TYPE_CHECKING:
    from batchdep.writeback.outcome import Outcome


def finish(status: BatchStatus, target: Target, out: Output, written: Outcome | None = None) -> None:
    """Prints the result and ends the command with its exit code; ``written`` is what was written into the manifest."""
    if out.json:
        out.document(
            status.document(status.datasets) | ({"write_back": written.as_dict()} if written is not None else {})
        )
    else:
        out.result(summary(status, out.styled))
    if step := next_step(status, typed_command(), target.name):
        out.note(step)
    if target.is_local and status.exit_code is ExitCode.ACCESS:
        out.note(f"If it is not batchdep that listens at {target.url}, set BATCHDEP_LOCAL_PORT to another port.")
    if written is not None and not out.json:
        from batchdep.cli.write_back import tell

        tell(written, out.note)
    raise typer.Exit(int(status.exit_code or (written.exit_code if written is not None else 0)))
