"""The process in which frictionless judges: it may take any time and any memory, and is ended if it does.

A program of its own that imports nothing else of this package. Each line of its input is a question, each line of its
output the answer, both JSON. The first line says that it is ready.
"""

from __future__ import annotations

import contextlib
import csv
import json
import sys
from typing import Any

MEMORY = 2_000_000_000
"""Bytes of address space: a line of gigabytes ends in a MemoryError."""

_EXAMPLES = 3


def main() -> None:
    """Answers questions until there are no more."""
    output = sys.stdout
    sys.stdout = sys.stderr  # the library's own words are not answers
    _restrict()
    import frictionless  # noqa: F401 - before the first question, whose time is limited

    print("ready", file=output, flush=True)
    for line in sys.stdin:
        print(json.dumps(_answer(json.loads(line))), file=output, flush=True)


def _restrict() -> None:
    import resource

    with contextlib.suppress(OSError, ValueError):  # not every system knows the limit
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    sys.addaudithook(_no_network)


def _no_network(event: str, _arguments: object) -> None:
    if event in ("socket.connect", "socket.getaddrinfo", "urllib.Request"):
        raise PermissionError("no network here")


def _answer(question: dict[str, Any]) -> dict[str, Any]:
    try:
        return _table(question) if "table" in question else _descriptor(question)
    except (Exception, RecursionError, MemoryError) as error:  # whatever it trips over, it says nothing of the package
        note = getattr(getattr(error, "error", None), "note", "") or str(error) or type(error).__name__
        return {"failed": str(note)[:200]}


def _descriptor(question: dict[str, Any]) -> dict[str, Any]:
    from frictionless import Package

    report = Package.validate_descriptor(question["descriptor"])
    return {"errors": [error.note or error.message for error in report.errors]}


def _table(question: dict[str, Any]) -> dict[str, Any]:
    """Errors of a table in groups of one kind and column, with the first few rows of each, and the lines of these."""
    from frictionless import Resource

    resource = Resource.from_descriptor(question["table"], basepath=question["folder"])
    report = resource.validate(limit_rows=question["rows"], limit_errors=question["errors"])
    errors = [*report.errors, *(error for task in report.tasks for error in task.errors)]
    groups: dict[tuple[str, str, str], dict[str, Any]] = {}
    for error in errors:
        group = _group(error)
        known = groups.setdefault((group["type"], group["field"], group["note"]), group)
        known["count"] += 1
        if len(known["rows"]) < _EXAMPLES and (row := getattr(error, "row_number", None)) is not None:
            known["rows"].append([row, str(getattr(error, "cell", ""))[:100]])
    wanted = {row for group in groups.values() for row, _ in group["rows"]}
    lines = _lines(question, resource, wanted)
    for group in groups.values():
        group["rows"] = [[lines.get(row, row), cell] for row, cell in group["rows"]]
    rows = max((task.stats.get("rows") or 0 for task in report.tasks), default=0)
    return {
        "groups": list(groups.values()),
        "rows": rows,
        "cut_rows": rows >= question["rows"],
        "cut_errors": len(errors) >= question["errors"],
    }


def _group(error: Any) -> dict[str, Any]:
    return {
        "type": error.type,
        "field": str(getattr(error, "field_name", "")),
        "note": (error.note or ("" if getattr(error, "row_number", None) else error.message))[:300],
        "labels": [str(label) for label in getattr(error, "labels", [])][:1000],
        "count": 0,
        "rows": [],
    }


def _lines(question: dict[str, Any], resource: Any, rows: set[int]) -> dict[int, int]:
    """Row -> the line on which it begins: a quoted value may go over several lines."""
    found: dict[int, int] = {}
    if not rows:
        return found
    dialect = resource.dialect.get_control("csv").to_python()
    with open(f"{question['folder']}/{question['table']['path']}", encoding=resource.encoding, newline="") as file:  # noqa: PTH123
        reader = csv.reader(file, dialect)
        begin = 1
        for number, _ in enumerate(reader, start=1):
            if number in rows:
                found[number] = begin
            if number >= max(rows):
                break
            begin = reader.line_num + 1
    return found


if __name__ == "__main__":
    main()
