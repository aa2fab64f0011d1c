"""The codes that the program can give, read from its source."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from tests.support.cli import ROOT

GIVERS = {
    *(
        "DatasetFailure",
        "Failure",
        "Difference",
        "Problem",
        "SourceError",
        "Obstacle",
        "_Flaw",
        "Refused",
        "NotOne",
        "NotOne",
    ),
    *("BatchdepError", "UsageError", "AccessError", "BatchLocked", "StateError", "super", "__init__"),
    *("problem", "problem_at", "_problem", "_error", "error", "warning", "remark"),
}
"""What is called to make a problem, a failure or an error, or to report one."""

_WORD = re.compile(r"[a-z]+(_[a-z0-9]+)*")
_NOT_CODES = {"batchdep/metadata/compare.py", "batchdep/local"}
"""Places that call something of the same name: differences of fields, and the embedded repository's own answers."""


def codes_in_source() -> dict[str, set[str]]:
    """Every code, with the files that give it."""
    found: dict[str, set[str]] = {}
    for path in sorted((ROOT / "batchdep").rglob("*.py")):
        name = path.relative_to(ROOT).as_posix()
        if not any(name.startswith(place) for place in _NOT_CODES):
            for code in _codes(path):
                found.setdefault(code, set()).add(name)
    return found


def _codes(path: Path) -> Iterator[str]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    named = _named(tree)
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and _name(node.func) in GIVERS:
            given = [keyword.value for keyword in node.keywords if keyword.arg == "code"] or node.args[:4]
            yield from _first_code(given, named)
        elif isinstance(node, ast.Assign) and any(_name(target) == "_EXPLANATIONS" for target in node.targets):
            for entry in ast.walk(node.value):
                if isinstance(entry, ast.Tuple):
                    yield from _first_code(entry.elts[:1], named)


def _first_code(given: list[ast.expr], named: dict[str, list[str]]) -> list[str]:
    for value in given:
        words = [word for word in _words(value, named) if _WORD.fullmatch(word)]
        if words:
            return words
    return []


def _words(value: ast.expr, named: dict[str, list[str]]) -> list[str]:
    match value:
        case ast.Constant(value=str(word)):
            return [word]
        case ast.IfExp(body=body, orelse=orelse):
            return _words(body, named) + _words(orelse, named)
        case ast.Name(id=name):
            return named.get(name, [])
    return []


def _named(tree: ast.Module) -> dict[str, list[str]]:
    """Words that have a name: constants, wherever they are defined, and variables called ``code``."""
    from batchdep.state import explaining, records

    named = {"HELD": [records.HELD], "DAMAGED": [explaining.DAMAGED], "UNUSABLE": [explaining.UNUSABLE]}
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign) and _name(node.targets[0]) == "code":
            named.setdefault("code", []).extend(_words(node.value, {}))
    return named


def _name(node: ast.expr) -> str:
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""
