"""From a manifest file to datasets and files, every value keeping its place.

What is named here is loaded when it is first used, so that importing the package costs nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from batchdep.manifest.archive import ArchivePlan, plan_archive
    from batchdep.manifest.files import resolve_files
    from batchdep.manifest.load import LoadedManifest, load_manifest
    from batchdep.manifest.model import DatasetSpec, FileSpec, Limits, LocalFile, Manifest
    from batchdep.manifest.schema import manifest_schema
    from batchdep.manifest.starter import starter_manifest

__all__ = [
    "ArchivePlan",
    "DatasetSpec",
    "FileSpec",
    "Limits",
    "LoadedManifest",
    "LocalFile",
    "Manifest",
    "load_manifest",
    "manifest_schema",
    "plan_archive",
    "resolve_files",
    "starter_manifest",
]

_MODULES = {
    "ArchivePlan": "archive",
    "DatasetSpec": "model",
    "FileSpec": "model",
    "Limits": "model",
    "LoadedManifest": "load",
    "LocalFile": "model",
    "Manifest": "model",
    "load_manifest": "load",
    "manifest_schema": "schema",
    "plan_archive": "archive",
    "resolve_files": "files",
    "starter_manifest": "starter",
}


def __getattr__(name: str) -> Any:
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_MODULES[name]}"), name)
