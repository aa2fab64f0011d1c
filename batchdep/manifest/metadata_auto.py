"""``metadata: auto``: which file in a dataset's folder describes it."""

from __future__ import annotations

import os
from pathlib import Path

from batchdep.manifest.model import FileSpec
from batchdep.manifest.patterns import is_pattern, searched_folder
from batchdep.manifest.suggest import shown
from batchdep.metadata.formats.registry import FORMATS, rank_of

_NAMES = ", ".join(each.names[0] for each in FORMATS if each.names)
_NAME_IT = "Name the file: `metadata: FILE`."


class NotOne(Exception):
    """There is no metadata file, or more than one that is as good."""

    def __init__(self, code: str, message: str, hint: str) -> None:
        super().__init__(message)
        self.code = code
        self.hint = hint


def find_metadata_file(files: tuple[FileSpec, ...], top: Path) -> Path:
    """The best metadata file of a dataset.

    A metadata file that ``files`` name comes first, then those in the folder that all files have in common, then in the
    folders above it; ``top`` itself, the manifest's folder, only where it is the common one: what lies there describes
    the batch rather than one of its datasets.

    :raises NotOne: there is none, or two that are equally good.
    """
    named = [spec.base / spec.path for spec in files if not spec.archive and not is_pattern(spec.path)]
    if (found := _best_of(named)) is not None:
        return found
    folders = _folders(files, top)
    for folder in folders:
        if (found := _best_of(_entries(folder))) is not None:
            return found
    looked = ", ".join(shown(os.path.relpath(folder, top)) for folder in folders) or "no folder"
    raise NotOne("metadata_missing", f"`metadata: auto` found no metadata file in {looked}", f"Looked for: {_NAMES}.")


def _best_of(paths: list[Path]) -> Path | None:
    ranked = [(rank, path) for path in paths if (rank := rank_of(path.name)) is not None and path.is_file()]
    if not ranked:
        return None
    least = min(rank for rank, _ in ranked)
    equal = sorted(path for rank, path in ranked if rank == least)
    if len(equal) > 1:
        names = ", ".join(shown(path.name) for path in equal[:4]) + (", …" if len(equal) > 4 else "")
        raise NotOne("metadata_ambiguous", f"`metadata: auto` found {len(equal)} files: {names}", _NAME_IT)
    return equal[0]


def common_folder(files: tuple[FileSpec, ...]) -> Path | None:
    """The folder that all files of a dataset have in common; None where it has none."""
    return Path(os.path.commonpath([_folder_of(spec) for spec in files])) if files else None


def _folders(files: tuple[FileSpec, ...], top: Path) -> list[Path]:
    common = common_folder(files)
    if common is None:
        return []
    above = [folder for folder in common.parents if folder != top and folder.is_relative_to(top)]
    return [common, *above]


def _folder_of(spec: FileSpec) -> str:
    path = spec.base.absolute() / (searched_folder(spec.path) if is_pattern(spec.path) else spec.path)
    return os.path.normpath(path if path.is_dir() else path.parent)


def _entries(folder: Path) -> list[Path]:
    try:
        return [folder / name for name in os.listdir(folder)]  # noqa: PTH208 - names alone, of folders with many files
    except OSError:
        return []
