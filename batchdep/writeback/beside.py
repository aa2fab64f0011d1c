"""CITATION.cff and ``.zenodo.json`` beside the data of a dataset, for whoever gets the folder.

They must not change what is deposited: a file that a pattern of ``files`` would take, that an archive would hold, or
from which ``metadata: auto`` would take metadata at the next run, is not written, whatever is asked for.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from enum import StrEnum
from pathlib import Path
from typing import Final

from batchdep.errors import BatchdepError
from batchdep.manifest.metadata_auto import common_folder
from batchdep.manifest.model import DatasetSpec, Manifest
from batchdep.manifest.patterns import lies_inside, real_path
from batchdep.manifest.source_base import SourceError
from batchdep.manifest.source_text import read_bytes
from batchdep.metadata.formats.registry import rank_of
from batchdep.report.facts import repository_name
from batchdep.report.status import BatchStatus, DatasetState, DatasetStatus
from batchdep.report.write import write_atomically
from batchdep.selection import selected_ids
from batchdep.writeback.outcome import FileOutcome, Written
from batchdep.writeback.replacing import next_original, replace_keeping
from batchdep.writeback.takers import Takers


class BesideKind(StrEnum):
    """The files that can be written; the value is the file's name."""

    CITATION = "CITATION.cff"
    ZENODO = ".zenodo.json"


_PUBLISHED_ONLY: Final = frozenset({BesideKind.CITATION})


def write_beside(
    manifest: Manifest,
    status: BatchStatus,
    kinds: Sequence[BesideKind],
    only: Sequence[str] = (),
    *,
    force: bool = False,
) -> list[FileOutcome]:
    """Writes the files of those kinds into the folders that the files of each dataset have in common.

    A file that is there and says something else is replaced with ``force`` only, and kept aside then.
    """
    asked = selected_ids(only, manifest.ids)
    writer = _Writer(manifest, status.target, force)
    outcomes: dict[str, list[FileOutcome]] = {key: [] for key in asked}
    for dataset in status.datasets:
        if dataset.id in outcomes:
            outcomes[dataset.id] = [writer.write(dataset.id, dataset, kind) for kind in kinds]
    return [each for key in asked for each in outcomes[key] or (writer.write(key, None, kind) for kind in kinds)]


class _Writer:
    def __init__(self, manifest: Manifest, target: str, force: bool) -> None:
        self._manifest = manifest
        self._target = target
        self._force = force
        found = ((dataset.id, common_folder(dataset.files)) for dataset in manifest.datasets)
        self._folders = {key: Path(real_path(folder)) for key, folder in found if folder is not None}
        self._shared = Counter(self._folders.values())
        self._takers = Takers(manifest)
        self._described = _by_folder(manifest.datasets, self._folders)

    def write(self, key: str, known: DatasetStatus | None, kind: BesideKind) -> FileOutcome:
        folder = self._folders.get(key)
        if folder is None or known is None or not known.metadata or known.deposition_id is None:
            return FileOutcome(key, "", Written.NOTHING, "nothing of it was deposited")
        if kind in _PUBLISHED_ONLY and known.state is not DatasetState.PUBLISHED:
            return FileOutcome(key, "", Written.NOTHING, "it is not published")
        path = folder / kind
        try:
            return self._written(key, path, _render(known, kind, self._target))
        except _Refusal as refusal:
            return FileOutcome(key, str(path), Written.REFUSED, str(refusal))
        except BatchdepError as error:
            return FileOutcome(key, str(path), Written.REFUSED, error.message)

    def _written(self, key: str, path: Path, text: str) -> FileOutcome:
        self._require_harmless(path)
        data = text.encode("utf-8", "backslashreplace")
        there = _content(path)
        if there == data:
            return FileOutcome(key, str(path), Written.UNCHANGED)
        if there is None:
            write_atomically(path, text)
            return FileOutcome(key, str(path), Written.WRITTEN)
        if not self._force:
            raise _Refusal("there is one already that says something else; --force replaces it")
        self._require_untaken(next_original(path))
        return FileOutcome(key, str(path), Written.WRITTEN, original=str(replace_keeping(path, there, data)))

    def _require_harmless(self, path: Path) -> None:
        folder = path.parent
        if not lies_inside(folder, self._manifest.folder):
            raise _Refusal("its folder is outside the manifest's")
        if self._shared[folder] > 1:
            raise _Refusal("several datasets have that folder in common")
        self._require_untaken(path)
        for dataset in self._described.get(folder, ()):
            if self._would_describe(path, dataset):
                raise _Refusal(f"the dataset '{dataset.id}' has its metadata from such a file, and might take this one")

    def _require_untaken(self, path: Path) -> None:
        if (taker := self._takers.of(path)) is not None:
            raise _Refusal(f"{path.name} would be a file of the dataset '{taker}' then, which was deposited without")

    def _would_describe(self, path: Path, dataset: DatasetSpec) -> bool:
        """Whether the file is, or with ``metadata: auto`` could become, where the dataset's metadata come from: it is
        nearer to the data than what they come from now, or as near and of a kind that is preferred."""
        folder = self._folders.get(dataset.id)
        rank = rank_of(path.name)
        for source in _sources(dataset):
            if source == path:
                return True
            source_rank = rank_of(source.name)
            if rank is None or source_rank is None or folder is None or not folder.is_relative_to(path.parent):
                continue
            if rank <= source_rank if path.parent == source.parent else path.parent.is_relative_to(source.parent):
                return True
        return False


def _by_folder(datasets: Sequence[DatasetSpec], folders: Mapping[str, Path]) -> dict[Path, list[DatasetSpec]]:
    """The datasets with metadata from files that a file in a folder could concern: their data are in it or below, or
    their metadata come from there."""
    found: dict[Path, dict[str, DatasetSpec]] = {}
    for dataset in datasets:
        sources = _sources(dataset)
        data = folders.get(dataset.id)
        near = [] if data is None or not sources else [data, *data.parents]
        for folder in (*near, *(source.parent for source in sources)):
            found.setdefault(folder, {})[dataset.id] = dataset
    return {folder: list(near.values()) for folder, near in found.items()}


def _sources(dataset: DatasetSpec) -> set[Path]:
    """The files, other than the manifest, from which the dataset's metadata come."""
    own = dataset.place.source.name
    named = {place.source.name for place in dataset.origins.values()} - {own}
    files = {Path(real_path(Path(name))) for name in named}
    return files | ({Path(real_path(dataset.metadata_file))} if dataset.metadata_file is not None else set())


class _Refusal(Exception):
    """The file is not written; the text says why."""


def _content(path: Path) -> bytes | None:
    """What the file holds, None where there is none."""
    if path.is_symlink():
        raise _Refusal("it is a link")
    if not path.exists():
        return None
    try:
        return read_bytes(path)
    except SourceError as error:
        raise _Refusal(error.message) from None


def _render(dataset: DatasetStatus, kind: BesideKind, target: str) -> str:
    if kind is BesideKind.ZENODO:
        from batchdep.report.zenodo_json import zenodo_json

        return zenodo_json(dataset)
    from batchdep.report.as_cff import render_cff

    return render_cff(dataset, repository_name(target))
