"""From a manifest file to a :class:`Manifest`, with everything that is wrong with it at once.

Only the manifest's form is judged here: keys, kinds, ids, paths of metadata files. What the metadata says is judged
by ``batchdep.check``, what the disk holds by ``manifest.files``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TypeVar

from msgspec import Struct

from batchdep.manifest.datasets import Shared, read_datasets, read_stream
from batchdep.manifest.metadata import read_own_metadata
from batchdep.manifest.metadata_texts import read_texts
from batchdep.manifest.model import DatasetSpec, Limits, Manifest
from batchdep.manifest.sizes import parse_size
from batchdep.manifest.source import read_document
from batchdep.manifest.source_base import Document, SourceError
from batchdep.manifest.surroundings import Surroundings
from batchdep.manifest.value import Value
from batchdep.problems import Place, Problem, printable

T = TypeVar("T")
Count = Callable[[int], None]
COUNTED_TOGETHER = 100
"""Datasets after which it is told how many there were so far."""

VERSION = 1
DEFAULT_TARGET = "local"
MANIFEST_KEYS = ("version", "batch", "target", "publish", "limits", "defaults", "datasets")
_LIMITS = ("file", "dataset", "files")
_EXAMPLE = "A manifest begins with `version: 1` and has `datasets:`; `batchdep init` writes one to start from."
_ELSEWHERE = {
    "metadata": "Metadata that all datasets share goes under `defaults:`.",
    "files": "Files belong to a dataset: `datasets: [{id: ..., metadata: ..., files: [...]}]`.",
    "id": "An id belongs to a dataset: `datasets: [{id: ..., metadata: ..., files: [...]}]`.",
}


def ignore(number: int) -> None:
    """Nobody wants to know how many there are."""


class LoadedManifest(Struct, frozen=True):
    """``manifest`` is as much as could be read, None if nothing could; ``problems`` has all that were found."""

    manifest: Manifest | None
    problems: list[Problem]

    @property
    def ok(self) -> bool:
        """Whether there is a manifest, and no error (warnings may be there)."""
        return self.manifest is not None and not any(problem.is_error for problem in self.problems)


def load_manifest(path: Path, *, allow_outside: bool = False, count: Count = ignore) -> LoadedManifest:
    """The batch that the file at ``path`` describes.

    Metadata files must lie inside the manifest's folder unless ``allow_outside``. Metadata values may be shared
    between datasets (defaults, YAML aliases): they are not to be changed in place. ``count`` is told now and then how
    many datasets were read, where these are read one after the other. Never raises for what is in, or wrong with, the
    file.
    """
    name = printable(str(path))
    try:
        document = read_document(path, name)
    except SourceError as error:
        return LoadedManifest(None, [error.as_problem(name)])
    problems = document.problems
    root = Value(document.value, Place(document.source), problems)
    if not _is_manifest(root):
        return LoadedManifest(None, problems)
    return LoadedManifest(_read(root, path, document, allow_outside, count), problems)


def counted(entries: Iterator[T], count: Count) -> Iterator[T]:
    """The same entries; ``count`` is told now and then how many they were so far."""
    for number, entry in enumerate(entries):
        yield entry
        if number % COUNTED_TOGETHER == COUNTED_TOGETHER - 1:
            count(number + 1)


def _is_manifest(root: Value) -> bool:
    if root.content is None:
        if not root.problems:
            root.problem("manifest_empty", "the manifest is empty", _EXAMPLE)
        return False
    if isinstance(root.content, list):
        root.problem("wrong_kind", "the manifest is a list; the datasets go under `datasets:`", _EXAMPLE)
        return False
    return root.is_mapping("the manifest", _EXAMPLE)


def _read(root: Value, path: Path, document: Document, allow_outside: bool, count: Count) -> Manifest:
    if document.has_header:
        root.only_keys(MANIFEST_KEYS, _ELSEWHERE)
        _check_version(root)
    batch = root.get("batch")
    defaults = root.get("defaults")
    is_shared = defaults is not None and defaults.is_mapping("`defaults`", "Write `defaults: {license: cc-by-4.0}`.")
    around = Surroundings(path.parent, path.parent, allow_outside)
    shared = read_texts(read_own_metadata(defaults), defaults, around) if defaults and is_shared else ({}, {})
    return Manifest(
        path=path,
        batch=(batch.name("`batch`") if batch else None) or path.stem,
        batch_is_named=batch is not None,
        target=_target(root.get("target")),
        publish=_publish(root.get("publish")),
        limits=_limits(root.get("limits")),
        datasets=_datasets(root, document, path, shared, allow_outside, count),
        place=root.place,
        digest=document.digest,
    )


def _datasets(
    root: Value, document: Document, path: Path, shared: Shared, allow_outside: bool, count: Count
) -> Sequence[DatasetSpec]:
    if document.stream is not None:
        return read_stream(counted(document.stream, count), root, path.parent, shared, allow_outside)
    datasets = root.get("datasets")
    if datasets is None:
        root.problem("datasets_missing", "there is no `datasets`", _EXAMPLE)
        return ()
    return read_datasets(datasets, path.parent, shared, allow_outside)


def _check_version(root: Value) -> None:
    version = root.get("version")
    if version is None:
        root.problem("version_missing", "there is no `version`", "Begin the manifest with `version: 1`.")
    elif isinstance(version.content, bool) or str(version.content) != str(VERSION):
        hint = "Write `version: 1`. The version of a dataset is `version` under its `metadata:`."
        version.problem("version_unknown", "the manifest's `version` must be 1", hint)


def _target(target: Value | None) -> str:
    return (target.name("`target`") if target else None) or DEFAULT_TARGET


def _publish(publish: Value | None) -> bool:
    if publish is None:
        return False
    if isinstance(publish.content, bool):
        return publish.content
    publish.problem("wrong_kind", "`publish` must be true or false", "Write `publish: false` to get drafts to review.")
    return False


def _limits(limits: Value | None) -> Limits:
    if limits is None or not limits.is_mapping("`limits`", "Write {file: 5 GB, dataset: 50 GB, files: 100}."):
        return Limits()
    limits.only_keys(_LIMITS)
    given = {key: size for key in _LIMITS if (value := limits.get(key)) and (size := _limit(key, value)) is not None}
    return Limits(**given)


def _limit(key: str, value: Value) -> int | None:
    text = value.text(f"the limit `{key}`")
    if text is None:
        return None
    try:
        if key == "files" and not text.isdecimal():
            raise ValueError("it must be a whole number")
        return parse_size(text)
    except ValueError as error:
        value.problem("limit_invalid", f"the limit `{key}` cannot be read: {error}", "Write 5 GB, 500 MB or 100.")
        return None
