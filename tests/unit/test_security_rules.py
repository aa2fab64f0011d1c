"""Security rules of the linter are silenced in the program only with a reason on the line."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
_SILENCED = re.compile(r"# noqa(?!: [A-Z])|# noqa: [A-Z0-9, ]*\bS\d+\b(?! - \w)")


def test_none_is_silenced_without_a_reason() -> None:
    lines = [
        f"{path.relative_to(ROOT)}:{number}: {line.strip()}"
        for path in sorted((ROOT / "batchdep").rglob("*.py"))
        for number, line in enumerate(path.read_text("utf-8").splitlines(), 1)
        if _SILENCED.search(line)
    ]
    assert lines == []


def test_they_are_on_for_the_whole_program() -> None:
    lint = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["ruff"]["lint"]
    assert "S" in lint["select"]
    assert not [rule for rule in lint["ignore"] if re.fullmatch(r"S\d*", rule)]
    spared = [folder for folder, rules in lint["per-file-ignores"].items() if any(re.match(r"S\d", r) for r in rules)]
    assert sorted(spared) == ["benchmarks/**", "tests/**"]
