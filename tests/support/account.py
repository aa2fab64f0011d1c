"""What an account of the embedded repository holds, as anybody can ask it."""

from __future__ import annotations

import json
import urllib.request
from dataclasses import dataclass
from typing import Any

from tests.support.batches import Batch


@dataclass(frozen=True)
class Held:
    """One deposition: its title, state, and the MD5 of each file."""

    id: int
    title: str
    state: str
    md5s: dict[str, str]


def ask(url: str) -> Any:
    """The JSON document at ``url``."""
    with urllib.request.urlopen(url, timeout=30) as answer:  # noqa: S310 - loopback
        return json.load(answer)


def account(url: str) -> list[Held]:
    """All depositions, drafts and records."""
    held: list[Held] = []
    for page in range(1, 100):
        found = ask(f"{url}/api/deposit/depositions?size=100&page={page}&all_versions=true")
        held += [_held(url, entry) for entry in found]
        if len(found) < 100:
            return held
    raise AssertionError("too many depositions")


def _held(url: str, entry: dict[str, Any]) -> Held:
    files = ask(f"{url}/api/deposit/depositions/{entry['id']}/files")
    md5s = {file["filename"]: file["checksum"] for file in files}
    return Held(entry["id"], entry["title"], entry["state"], md5s)


def assert_holds_exactly(url: str, batch: Batch, *, state: str = "done") -> None:
    """One deposition a dataset, in that state, with the right bytes, and nothing else in the account."""
    held = account(url)
    assert sorted(entry.title for entry in held) == sorted(f"Dataset {key}" for key in batch.md5s)
    assert {entry.state for entry in held} == {state}
    by_title = {entry.title: entry.md5s for entry in held}
    assert by_title == {f"Dataset {key}": md5s for key, md5s in batch.md5s.items()}
