"""Batches whose datasets refer to each other, and what the repository has of them in the end."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.support.account import ask
from tests.support.batches import METADATA


@dataclass(frozen=True)
class Stored:
    """A deposition: its id, state, DOI where it is published, metadata, and MD5 of each file."""

    id: int
    state: str
    doi: str | None
    metadata: dict[str, Any]
    md5s: dict[str, str]

    @property
    def cited(self) -> list[str]:
        """The identifiers of its related identifiers."""
        return [item["identifier"] for item in self.metadata.get("related_identifiers", [])]


def citing_batch(
    folder: Path, cites: Mapping[str, Sequence[str]], *, texts: Mapping[str, str] | None = None, **extra: Any
) -> Path:
    """A manifest of datasets of one file each, in the order of ``cites``, which says whose DOIs each one's metadata
    refer to; ``texts`` are READMEs into which DOIs are filled. ``extra``: more keys of the manifest."""
    entries = []
    for key, others in cites.items():
        home = folder / key
        home.mkdir(parents=True)
        (home / "data.csv").write_text(f"the numbers of {key}\n" * 40)
        metadata: dict[str, Any] = {"title": f"Dataset {key}"}
        related = [{"relation": "cites", "identifier": {"doi": other}} for other in others if other != key]
        if related:
            metadata["related_identifiers"] = related
        if key in others:
            metadata["notes"] = f"Cite this as https://doi.org/{{doi:{key}}}."
        entry: dict[str, Any] = {"id": key, "metadata": metadata, "files": [f"{key}/**"]}
        if texts and key in texts:
            (home / "README.md").write_text(texts[key])
            entry["fill"] = ["README.md"]
        entries.append(entry)
    document = {"version": 1, "batch": "citing", "publish": True, "defaults": METADATA, **extra, "datasets": entries}
    manifest = folder / "batch.json"
    manifest.write_text(json.dumps(document, indent=1))
    return manifest


def stored(url: str) -> dict[str, Stored]:
    """What the account holds, by dataset; fails where two depositions have one title."""
    found: dict[str, Stored] = {}
    for entry in ask(f"{url}/api/deposit/depositions?size=100&all_versions=true"):
        files = ask(f"{url}/api/deposit/depositions/{entry['id']}/files")
        whole = ask(f"{url}/api/deposit/depositions/{entry['id']}")
        key = entry["title"].removeprefix("Dataset ")
        assert key not in found, f"{key} was deposited twice"
        md5s = {file["filename"]: file["checksum"] for file in files}
        found[key] = Stored(entry["id"], whole["state"], whole.get("doi"), whole["metadata"], md5s)
    return found
