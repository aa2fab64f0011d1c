"""What the tests of write-back have in common."""

from __future__ import annotations

import difflib
from pathlib import Path
from typing import Any

from batchdep.manifest.source import parse_document
from batchdep.writeback.document import changed_document

ENTRY = {
    "deposition_id": 1000,
    "doi": "10.5072/zenodo.1000",
    "url": "https://sandbox.zenodo.org/records/1000",
    "state": "published",
}


def written(name: str, text: str, *indices: int, entry: dict[str, Any] = ENTRY, encoding: str = "utf-8") -> str:
    """The text of a manifest after ``entry`` was written into datasets of it."""
    changes = {"datasets": {index: {"deposited": entry} for index in indices}}
    return changed_document(text.encode(encoding), Path(name), changes).decode(encoding)


def deposited(name: str, text: str) -> list[Any]:
    """What a manifest says of each dataset."""
    document = parse_document(text.encode(), Path(name), name)
    assert document.problems == []
    return [dataset.get("deposited") for dataset in document.value["datasets"]]


def added_lines(old: str, new: str) -> list[str]:
    """The lines that are new; all others are there as they were, in their order, and none is gone."""
    before, after = old.splitlines(keepends=True), new.splitlines(keepends=True)
    added: list[str] = []
    for what, *_, start, end in difflib.SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        assert what in {"equal", "insert"}, f"{what}: {after[start:end]}"
        added += after[start:end] if what == "insert" else []
    return added
