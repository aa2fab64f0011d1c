from __future__ import annotations

import json
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from batchdep.manifest import LoadedManifest, LocalFile, Manifest, load_manifest, resolve_files
from batchdep.problems import Problem

Write = Callable[..., Path]
Resolve = Callable[..., tuple[list[LocalFile], list[Problem]]]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Writes a file below the test's folder, an hour old unless ``age`` says otherwise."""

    def write_file(name: str, content: str | bytes = "x", age: float = 3600) -> Path:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        os.utime(path, (time.time() - age,) * 2)
        return path

    return write_file


@pytest.fixture
def load(write: Write) -> Callable[[str], LoadedManifest]:
    """Loads a YAML manifest from its text."""
    return lambda text: load_manifest(write("batch.yaml", text))


@pytest.fixture
def resolve(write: Write) -> Resolve:
    """Resolves one dataset whose ``files`` are given."""

    def resolve_entries(
        *files: Any, allow_outside: bool = False, **header: Any
    ) -> tuple[list[LocalFile], list[Problem]]:
        dataset = {"id": "d", "metadata": {"title": "T"}, "files": list(files)}
        path = write("batch.json", json.dumps({"version": 1, "datasets": [dataset], **header}))
        manifest = loaded(load_manifest(path))
        return resolve_files(manifest, manifest.datasets[0], allow_outside=allow_outside)

    return resolve_entries


def loaded(result: LoadedManifest) -> Manifest:
    assert [problem for problem in result.problems if not problem.is_note] == []
    assert result.manifest is not None
    return result.manifest


def codes(problems: list[Problem]) -> list[str]:
    return [problem.code for problem in problems]
