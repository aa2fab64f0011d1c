"""Problems of a manifest as a compiler would print them, and as JSON."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import IO, Any

from batchdep.cli.output import styled
from batchdep.cli.text import counted, safe
from batchdep.problems import Problem, Severity, sorted_by_place

_STYLES = {Severity.ERROR: "red", Severity.WARNING: "yellow", Severity.NOTE: "cyan"}


def problem_lines(problems: Iterable[Problem], stream: IO[str]) -> list[str]:
    """``file:line:column: error: message`` for each problem, in the order of their places.

    The hint stands below it, once for problems in a row that share it.
    """
    lines: list[str] = []
    told = ""
    for problem in sorted_by_place(problems):
        lines.append(f"{_place(problem)}{_severity(problem, stream)}: {_subject(problem)}{safe(problem.message)}")
        if problem.hint and problem.hint != told:
            lines.append(f"    {safe(problem.hint)}")
        told = problem.hint
    return lines


def summary_of(problems: Sequence[Problem]) -> str:
    """``2 errors, 1 warning``; empty where nothing is wrong."""
    errors = sum(problem.is_error for problem in problems)
    warnings = sum(problem.severity is Severity.WARNING for problem in problems)
    return ", ".join(counted(number, noun) for number, noun in ((errors, "error"), (warnings, "warning")) if number)


def problem_dict(problem: Problem) -> dict[str, Any]:
    """A problem as an entry of ``problems`` in JSON."""
    where = problem.location
    return {
        "severity": str(problem.severity),
        "code": problem.code,
        "message": problem.message,
        "hint": problem.hint,
        "dataset": problem.dataset,
        "path": problem.path,
        "file": where.file if where else None,
        "line": where.line if where else None,
        "column": where.column if where else None,
    }


def _place(problem: Problem) -> str:
    where = problem.location
    if where is None:
        return ""
    column = f":{where.column}" if where.column is not None and where.cell is None else ""
    return f"{safe(str(where))}{column}: "


def _severity(problem: Problem, stream: IO[str]) -> str:
    return styled(str(problem.severity), _STYLES[problem.severity], stream)


def _subject(problem: Problem) -> str:
    """The dataset, where the message does not name it."""
    if problem.dataset is None or f"'{problem.dataset}'" in problem.message:
        return ""
    return f"{safe(problem.dataset)}: "
