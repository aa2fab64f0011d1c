"""Batches to deposit: manifests with files of random bytes."""

from __future__ import annotations

import hashlib
import json
import random
from dataclasses import dataclass
from pathlib import Path
from typing import Any

METADATA: dict[str, Any] = {
    "upload_type": "dataset",
    "description": "<p>Numbers, for a test.</p>",
    "creators": [{"name": "Doe, Jane"}],
    "license": "cc-by-4.0",
}


@dataclass(frozen=True)
class Batch:
    """A manifest and, by dataset and name, the MD5 of each of its files."""

    manifest: Path
    md5s: dict[str, dict[str, str]]


def make_batch(
    folder: Path,
    datasets: int,
    files: int,
    size: int,
    *,
    name: str = "part {} & more.bin",
    seed: int = 1,
    **extra: Any,
) -> Batch:
    """``datasets`` of ``files`` files of ``size`` bytes, to be published; ``extra`` are more keys of the manifest."""
    dice = random.Random(seed)
    md5s: dict[str, dict[str, str]] = {}
    entries = []
    for number in range(datasets):
        key = f"set-{number:03}"
        home = folder / key
        home.mkdir(parents=True)
        md5s[key] = {}
        for position in range(files):
            content = dice.randbytes(size)
            (home / name.format(position)).write_bytes(content)
            md5s[key][name.format(position)] = hashlib.md5(content, usedforsecurity=False).hexdigest()
        entries.append({"id": key, "metadata": {"title": f"Dataset {key}"}, "files": [f"{key}/*"]})
    document = {"version": 1, "batch": "test-batch", "publish": True, "defaults": METADATA, **extra}
    manifest = folder / "batch.json"
    manifest.write_text(json.dumps({**document, "datasets": entries}, indent=1))
    return Batch(manifest, md5s)
