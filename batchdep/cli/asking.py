"""Questions to the person at the keyboard, always on stderr; where nobody can answer, a command-line error."""

from __future__ import annotations

import sys
from pathlib import Path

import typer

from batchdep.cli.output import is_terminal
from batchdep.errors import UsageError


def somebody_can_answer() -> bool:
    """Whether there is a keyboard, and a screen to show the question on."""
    return is_terminal(sys.stdin) and is_terminal(sys.stderr)


def confirm(question: str, refusal: str, *, yes: bool) -> bool:
    """Whether the answer is yes. ``refusal`` says what is missing where nobody can answer.

    Raises UsageError then.
    """
    if yes:
        return True
    if not somebody_can_answer():
        raise UsageError(refusal, "Add --yes if you mean it.", code="confirmation_needed")
    return typer.confirm(question, err=True)


def may_write(file: Path, force: bool) -> None:
    """Raises UsageError if the file is there and is not to be replaced."""
    if force or not file.exists():
        return
    if file.is_file() and somebody_can_answer() and typer.confirm(f"Replace {file}?", err=True):
        return
    raise UsageError(
        f"{file} is there already; nothing was written.", "Give another name, or --force.", code="file_exists"
    )


def ask_secretly(question: str) -> str:
    """What is typed, unseen."""
    answer: str = typer.prompt(question, hide_input=True, err=True, prompt_suffix=" (is not shown): ")
    return answer.strip()
