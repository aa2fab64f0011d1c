"""The ``datasets`` of a manifest: a list of them, or folders of which each is one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from msgspec import Struct
from msgspec.structs import replace

from batchdep.manifest.deposited import HINT, NOTHING, Deposited, read_deposited
from batchdep.manifest.deposited import KEY as DEPOSITED
from batchdep.manifest.globbing import find
from batchdep.manifest.metadata import Origins, merged, read_own_metadata
from batchdep.manifest.metadata_texts import read_texts
from batchdep.manifest.model import DatasetSpec, FileSpec, FillSpec, Metadata
from batchdep.manifest.ordinary_entries import ordinary_dataset
from batchdep.manifest.patterns import leads_outside, lies_inside
from batchdep.manifest.shelved import ShelvedDatasets
from batchdep.manifest.suggest import nearest, shown
from batchdep.manifest.surroundings import Surroundings
from batchdep.manifest.table_cells import METADATA_COLUMNS
from batchdep.manifest.value import Value
from batchdep.problems import Place

if TYPE_CHECKING:
    from batchdep.manifest.metadata_file import Read

DATASET_KEYS = ("id", "metadata", "files", "fill", DEPOSITED)
_DATASET_KEY_SET = frozenset(DATASET_KEYS)
FOLDERS_KEYS = ("folders", "metadata", "files", "fill", DEPOSITED)
FILE_KEYS = ("path", "name", "archive")
DEFAULT_METADATA_FILE = ".zenodo.json"
DEFAULT_FILES = "**"
FROM = "from"
"""The key under ``metadata`` that names a metadata file, beside keys that override it."""

_DATASET_EXAMPLE = "A dataset is `{id: ..., metadata: {title: ...}, files: [...]}`."
_FILES_EXAMPLE = "Write `files: [data/*.csv]`; ** crosses folders."
_FILL_EXAMPLE = "Write `fill: [README.md]` to have {{doi:ID}} in that file replaced by a DOI."
_ALL_SHARED = ("batch", "target", "publish", "limits", "defaults")

Shared = tuple[Metadata, Origins]


class _Setting(Struct, frozen=True):
    """What reading one dataset needs to know of the manifest around it."""

    folder: Path
    shared: Shared
    allow_outside: bool


def read_datasets(datasets: Value, folder: Path, shared: Shared, allow_outside: bool) -> tuple[DatasetSpec, ...]:
    """Every dataset that can be told apart; ids are unique in what is returned.

    ``folder`` is the manifest's, ``shared`` the defaults with their places.
    """
    setting = _Setting(folder, shared, allow_outside)
    if isinstance(datasets.content, dict):
        return _discovered(datasets, setting)
    if not datasets.is_list("`datasets`", _DATASET_EXAMPLE):
        return ()
    if not datasets.content:
        datasets.problem("datasets_missing", "`datasets` has no dataset", _DATASET_EXAMPLE)
    specs: list[DatasetSpec] = []
    known: dict[str, int] = {}
    for number, entry in enumerate(datasets.children()):
        spec = _dataset(entry, setting, known)
        if spec is not None and known.setdefault(spec.id, number) == number:
            specs.append(spec)
    return tuple(specs)


def read_stream(
    entries: Iterable[Any], root: Value, folder: Path, shared: Shared, allow_outside: bool
) -> Sequence[DatasetSpec]:
    """The same of entries that come one after the other, which stand under ``datasets`` in ``root``."""
    setting = _Setting(folder, shared, allow_outside)
    at = root.place.at("datasets")

    def make(number: int, content: Any) -> DatasetSpec:
        spec = _dataset(Value(content, at.at(number), []), setting, {})
        assert spec is not None  # noqa: S101 - it was one when it was read
        return spec

    datasets = ShelvedDatasets(make)
    known: dict[str, int] = {}
    number = -1
    for number, content in enumerate(entries):
        spec = _dataset(Value(content, at.at(number), root.problems), setting, known)
        if spec is None or known.setdefault(spec.id, number) != number:
            continue
        if _has_other_files(content):
            datasets.keep(number, spec)
        else:
            datasets.add(number, content, spec.id)
    if number < 0:
        Value([], at, root.problems).problem("datasets_missing", "`datasets` has no dataset", _DATASET_EXAMPLE)
    return datasets


def _has_other_files(entry: Mapping[str, Any]) -> bool:
    """Whether metadata of a dataset are in files beside the manifest."""
    metadata = entry.get("metadata")
    if not isinstance(metadata, dict):
        return isinstance(metadata, str)
    return FROM in metadata or any(isinstance(value, dict) and FROM in value for value in metadata.values())


def _dataset(entry: Value, setting: _Setting, known: Mapping[str, int]) -> DatasetSpec | None:
    """``known``: the numbers of earlier entries by their ids."""
    if ordinary := ordinary_dataset(entry.content, entry.place, setting.folder, setting.shared, known):
        return ordinary
    entry = Value(entry.content, entry.place, entry.problems, entry.dataset, len(entry.place.path))
    if not entry.is_mapping("a dataset", _DATASET_EXAMPLE):
        return None
    dataset_id = _id(entry, known)
    entry = Value(entry.content, entry.place, entry.problems, dataset_id, entry.outside)
    _check_keys(entry)
    files = _files(entry, setting.folder)
    around = Surroundings(setting.folder, setting.folder, setting.allow_outside, files)
    metadata, origins, metadata_file = _metadata(entry, setting, around)
    if dataset_id is None:
        return None
    fill = fill_specs(entry, setting.folder)
    deposited = read_deposited(entry)
    return DatasetSpec(dataset_id, metadata, files, entry.place, origins, metadata_file, fill, deposited)


def _id(entry: Value, known: Mapping[str, int]) -> str | None:
    value = entry.get("id")
    if value is None:
        hint = "Give each dataset an id that stays the same: a rerun resumes by it."
        entry.problem("id_missing", "the dataset has no `id`", hint)
        return None
    dataset_id = value.name("`id`")
    if dataset_id is not None and dataset_id in known:
        first = Place(entry.place.source, (*entry.place.path[:-1], known[dataset_id], "id")).locate()
        message = f"the id {shown(dataset_id)} is taken by another dataset ({first})"
        replace(value, dataset=dataset_id).problem("id_duplicate", message, "Ids must be unique.")
    return dataset_id


def _check_keys(entry: Value) -> None:
    if entry.content.keys() <= _DATASET_KEY_SET:
        return
    hints = {key: f"`{key}` stands at the top of the manifest, beside `datasets`." for key in _ALL_SHARED}
    hints["datasets"] = "This is a manifest of its own: give it a file of its own."
    for key in entry.content:
        if (
            key not in DATASET_KEYS
            and (near := nearest(key, (*DATASET_KEYS, *_ALL_SHARED, *METADATA_COLUMNS))) in METADATA_COLUMNS
        ):
            hints[key] = f"`{near}` goes under `metadata:`."
    entry.only_keys(DATASET_KEYS, hints)


def _metadata(entry: Value, setting: _Setting, around: Surroundings) -> tuple[Metadata, Origins, Path | None]:
    value = entry.get("metadata")
    if value is None:
        if not setting.shared[0]:
            entry.problem("metadata_missing", "the dataset has no `metadata`", _DATASET_EXAMPLE)
        return *setting.shared, None
    return _described(value, setting.shared, around)


def _described(value: Value, shared: Shared, around: Surroundings) -> tuple[Metadata, Origins, Path | None]:
    """Metadata as keys and values, as a file, or as a file with some keys of their own."""
    if isinstance(value.content, str):
        own = _read_file(value, around)
        return *merged(shared, (own.metadata, own.origins)), own.path
    if not isinstance(value.content, dict):
        value.is_mapping("`metadata`", "Give keys and values, or the path of a metadata file.")
        return *shared, None
    path = None
    if FROM in value.content:
        from_file = _read_file(value.child(FROM), around)
        shared, path = merged(shared, (from_file.metadata, from_file.origins)), from_file.path
        value = replace(value, content={key: content for key, content in value.content.items() if key != FROM})
    return *merged(shared, read_texts(read_own_metadata(value), value, around)), path


def _read_file(named: Value, around: Surroundings) -> Read:
    from batchdep.manifest.metadata_file import read_metadata_file  # with all formats, for those who have such a file

    return read_metadata_file(named, around)


def _files(entry: Value, base: Path) -> tuple[FileSpec, ...]:
    value = entry.get("files")
    if value is None:
        entry.problem("files_missing", "the dataset has no `files`", _FILES_EXAMPLE)
        return ()
    return file_specs(value, base)


def file_specs(value: Value, base: Path) -> tuple[FileSpec, ...]:
    """The entries of ``files``: one text, one mapping, or a list of both."""
    if isinstance(value.content, str | dict):
        entries = [value]
    elif value.is_list("`files`", _FILES_EXAMPLE):
        entries = value.children()
    else:
        return ()
    if not entries:
        value.problem("files_missing", "`files` is empty", _FILES_EXAMPLE)
    return tuple(spec for entry in entries if (spec := _file_spec(entry, base)) is not None)


def fill_specs(entry: Value, base: Path) -> tuple[FillSpec, ...]:
    """The entries of a dataset's ``fill``: one text, or a list of texts."""
    value = entry.get("fill")
    if value is None:
        return ()
    if isinstance(value.content, str):
        texts = [value]
    elif value.is_list("`fill`", _FILL_EXAMPLE):
        texts = value.children()
    else:
        return ()
    return tuple(FillSpec(path, base, text.place) for text in texts if (path := _path(text)) is not None)


def _file_spec(entry: Value, base: Path) -> FileSpec | None:
    if not isinstance(entry.content, dict):
        path = _path(entry)
        return FileSpec(path, base, entry.place) if path is not None else None
    entry.only_keys(FILE_KEYS, {"rename": "A new name is given with `name`."})
    path_value = entry.get("path")
    if path_value is None:
        entry.problem("path_missing", "the entry has no `path`", "Write {path: data/a b.csv, name: a_b.csv}.")
        return None
    path = _path(path_value)
    name, archive = (value.text(f"`{key}`") if (value := entry.get(key)) else None for key in ("name", "archive"))
    if "name" in entry.content and "archive" in entry.content:
        entry.problem(
            "name_twice", "`name` and `archive` both name the file", "Keep `archive` for a folder as one zip."
        )
    if path is None or (name is None and "name" in entry.content) or (archive is None and "archive" in entry.content):
        return None
    if archive is not None:
        return FileSpec(path, base, entry.place, archive, archive=True)
    return FileSpec(path, base, entry.place, name)


def _path(value: Value) -> str | None:
    path = value.text("a path")
    if path is None:
        return None
    if not path.strip():
        value.problem("path_missing", "the path is empty", _FILES_EXAMPLE)
        return None
    return path


def _discovered(datasets: Value, setting: _Setting) -> tuple[DatasetSpec, ...]:
    datasets.only_keys(
        FOLDERS_KEYS, {"id": "The id of each dataset is its folder's name.", "folder": "Did you mean 'folders'?"}
    )
    pattern_value = datasets.get("folders")
    if pattern_value is None:
        hint = 'Write {folders: "studies/*", metadata: .zenodo.json, files: "**"}, or a list of datasets.'
        datasets.problem("datasets_missing", "`datasets` has no `folders`", hint)
        return ()
    pattern = pattern_value.text("`folders`")
    if not pattern:
        return ()
    if not setting.allow_outside and leads_outside(pattern, setting.folder, setting.folder):
        hint = "Move them there, or use --allow-outside if you trust this manifest."
        pattern_value.problem("outside", f"{shown(pattern)} leads outside the manifest's folder", hint)
        return ()
    folders = _folders_matching(pattern, setting.folder)
    if not folders:
        hint = f"The path is relative to {setting.folder}; folders whose name starts with a dot are not matched."
        pattern_value.problem("no_match", f"no folder matches {shown(pattern)}", hint)
    if (deposited := datasets.get(DEPOSITED)) is not None:
        deposited.is_mapping(f"`{DEPOSITED}`", HINT)
    specs: dict[str, DatasetSpec] = {}
    for folder in folders:
        spec = _folder_dataset(datasets, pattern_value, folder, setting, specs)
        if spec is not None:
            specs[spec.id] = spec
    return tuple(specs.values())


def _folders_matching(pattern: str, base: Path) -> list[str]:
    if "\0" in pattern:
        return []
    if (base / pattern).is_dir():  # a name with brackets is a name first
        return [pattern.rstrip("/")]
    return find(pattern, base).folders


def _folder_dataset(
    datasets: Value, pattern: Value, relative: str, setting: _Setting, known: dict[str, DatasetSpec]
) -> DatasetSpec | None:
    folder = setting.folder / relative
    dataset_id = replace(pattern, content=folder.name).name(f"the folder's name {shown(folder.name)}")
    if dataset_id is None:
        return None
    if dataset_id in known:
        message = f"two folders have the name {shown(dataset_id)}; the second is {folder}"
        pattern.problem("id_duplicate", message, "The folder's name is the dataset's id: rename one of them.")
        return None
    inside = replace(datasets, dataset=dataset_id, outside=1)
    if not setting.allow_outside and not lies_inside(folder, setting.folder):
        message = f"the folder {shown(relative)} is a link that leads outside the manifest's folder"
        replace(pattern, dataset=dataset_id, outside=1).problem(
            "outside", message, "Use --allow-outside if you trust this manifest."
        )
        return None
    files_value = inside.get("files")
    files = (
        file_specs(files_value, folder)
        if files_value is not None
        else (FileSpec(DEFAULT_FILES, folder, datasets.place),)
    )
    metadata, origins, metadata_file = _folder_metadata(inside, folder, setting, files)
    fill = fill_specs(inside, folder)
    deposited = _folder_deposited(inside, dataset_id)
    return DatasetSpec(dataset_id, metadata, files, datasets.place, origins, metadata_file, fill, deposited)


def _folder_deposited(inside: Value, dataset_id: str) -> Deposited:
    """The entry of that id under ``deposited``, which folders have in common."""
    entries = inside.get(DEPOSITED)
    if entries is None or not isinstance(entries.content, dict):
        return NOTHING
    return read_deposited(entries, dataset_id)


def _folder_metadata(
    inside: Value, folder: Path, setting: _Setting, files: tuple[FileSpec, ...]
) -> tuple[Metadata, Origins, Path | None]:
    """As :func:`_described`, but a file's name is looked for in each folder, and ``auto`` in the folder itself."""
    around = Surroundings(folder, setting.folder, setting.allow_outside, (FileSpec("**", folder, inside.place), *files))
    value = inside.get("metadata") or replace(inside, content=DEFAULT_METADATA_FILE)
    return _described(value, setting.shared, around)
