"""Batches whose datasets are each described by a metadata file."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

from batchdep.check import CheckReport, check_manifest
from batchdep.manifest import load_manifest
from batchdep.manifest.model import DatasetSpec


def checked(folder: Path, *files: Path) -> tuple[dict[str, DatasetSpec], CheckReport]:
    """Each file is a dataset's metadata and its only file, and the dataset's id its name; files from elsewhere are
    copied into the folder."""
    for file in files:
        if file.parent != folder:
            shutil.copy(file, folder / file.name)
    datasets = [{"id": file.name, "metadata": file.name, "files": [file.name]} for file in files]
    path = folder / "batch.json"
    path.write_text(json.dumps({"version": 1, "datasets": datasets}))
    loaded = load_manifest(path)
    assert loaded.manifest is not None
    return {dataset.id: dataset for dataset in loaded.manifest.datasets}, check_manifest(loaded)
