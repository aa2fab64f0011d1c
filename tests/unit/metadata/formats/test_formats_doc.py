"""docs/metadata.md lists the formats that are read, in the order of `auto`, with the names that it looks for."""

from __future__ import annotations

import re

from batchdep.metadata.formats.registry import FORMATS
from tests.support.cli import ROOT


def section(title: str) -> str:
    text = (ROOT / "docs" / "metadata.md").read_text(encoding="utf-8")
    return text.partition(f"\n## {title}\n")[2].partition("\n## ")[0]


def test_each_format_is_listed_with_its_names() -> None:
    rows = [line.strip("| ").split(" | ") for line in section("Formats that are read").splitlines() if "|" in line][2:]
    listed = [
        (name.partition(" (")[0], tuple(re.findall(r"`([^`]+)`", names))) for name, _, names in rows[: len(FORMATS)]
    ]
    assert listed == [(each.name, each.names or ("metadata: FILE",)) for each in FORMATS]
