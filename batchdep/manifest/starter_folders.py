"""The datasets of a starter manifest: a folder each, with what is found in it.

What is found is written down, what only a person knows is left as a commented line: ``check`` names it until it is
filled in. Nothing is guessed but a title, from the folder's name, and a comment says so.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from msgspec import Struct, field

from batchdep.manifest.datasets import FROM
from batchdep.manifest.files import resolve_files
from batchdep.manifest.metadata_auto import NotOne, find_metadata_file
from batchdep.manifest.metadata_file import AUTO, read_metadata_file
from batchdep.manifest.model import DatasetSpec, FileSpec, Limits, LocalFile, Manifest
from batchdep.manifest.patterns import escaped, natural_key
from batchdep.manifest.surroundings import Surroundings
from batchdep.manifest.translated import TextSource
from batchdep.manifest.value import Value
from batchdep.metadata import placeholders
from batchdep.metadata.formats.registry import FORMATS, rank_of
from batchdep.metadata.rules import REQUIRED
from batchdep.metadata.rules_base import is_empty
from batchdep.problems import Place, Problem, printable

_TOLD = 5
"""Problems of one folder's files that are written down; ``check`` has all."""

_ZIP_HELPS = {"too_many_files", "name_taken", "empty_file"}
_TO_FILL_IN = "missing: fill it in, and remove the #"


class _Metadata(Struct):
    """What describes a folder: a path as the manifest has it (or ``auto``; None without any), what is remarked on it,
    and what it says; ``shared``: it lies above the folder, and describes others too."""

    path: str | None = None
    remark: str = ""
    content: dict[str, Any] = field(default_factory=dict)
    file: Path | None = None
    shared: bool = False
    is_read: bool = True


def folder_dataset(folder: Path, target_file: Path, defaults: frozenset[str]) -> str:
    """The YAML entry of a dataset whose files are those of ``folder``, in the manifest ``target_file``.

    ``defaults`` are the keys of metadata that the manifest has for all its datasets.
    """
    resolved, base = folder.resolve(), target_file.parent.resolve()
    relative = Path(os.path.relpath(resolved, base)).as_posix()
    prefix = "" if relative == "." else f"{relative}/"
    place = Place(TextSource(str(target_file)))
    name = resolved.name or "dataset"
    files = tuple(FileSpec(path, base, place) for path in _patterns(prefix, resolved, target_file))
    found = _metadata(FileSpec("**", resolved, place), name, base)
    spec = DatasetSpec(name, {}, files, place, metadata_file=found.file)
    manifest = Manifest(base / target_file.name, name, False, "", False, Limits(), (spec,), place)
    local, problems = resolve_files(manifest, spec, allow_outside=True)
    lines = [
        f"- id: {quoted(name)}",
        *(f"  {line}" for line in _metadata_lines(found, name, defaults)),
        *(f"  # {line}" for line in _remarks(prefix or "./", name, resolved, local, problems)),
        f"  files: [{', '.join(quoted(spec.path) for spec in files)}]",
    ]
    return "".join(f"  {line}\n" for line in lines)


def _patterns(prefix: str, folder: Path, target_file: Path) -> list[str]:
    """All that is in the folder, but for the manifest itself: a name where others end as it does."""
    everything = f"{escaped(prefix)}**"
    if target_file.resolve().parent != folder:
        return [everything]
    entries = [path for path in folder.iterdir() if not path.name.startswith(".") and path.name != target_file.name]
    if not all(path.name.isprintable() for path in entries):
        return [everything]  # a manifest is no place for such names; check tells them
    folders = [f"{escaped(path.name)}/**" for path in entries if path.is_dir()]
    files = [path for path in entries if not path.is_dir()]
    named = {path.name if path.suffix in ("", target_file.suffix) else f"*{escaped(path.suffix)}" for path in files}
    return [*sorted(named, key=natural_key), *sorted(folders, key=natural_key)] or [everything]


def quoted(text: str) -> str:
    """A YAML text: JSON's are YAML's too."""
    return json.dumps(text, ensure_ascii=False)


def _metadata(everything: FileSpec, name: str, base: Path) -> _Metadata:
    """What describes the folder in which ``everything`` is."""
    try:
        path = find_metadata_file((everything,), base)
    except NotOne as none:
        if none.code == "metadata_missing":
            return _Metadata()
        return _Metadata(AUTO, f"{none}: name the right one", is_read=False)
    written = Path(os.path.relpath(path, base)).as_posix()
    if not written.isprintable():
        return _Metadata()
    problems: list[Problem] = []
    around = Surroundings(base, base, allow_outside=True)
    read = read_metadata_file(Value(written, Place(TextSource(written)), problems, name), around)
    shared = not path.is_relative_to(everything.base)
    if errors := [problem.message for problem in problems if problem.is_error]:
        return _Metadata(written, printable(errors[0]), read.metadata, read.path, shared, is_read=False)
    rank = rank_of(path.name)
    return _Metadata(written, FORMATS[rank[0]].name if rank else "", read.metadata, read.path, shared)


def _metadata_lines(found: _Metadata, name: str, defaults: frozenset[str]) -> Iterator[str]:
    """The entry ``metadata``, with a commented line for whatever is needed and neither found nor a default."""
    lacking = [key for key in REQUIRED if key not in defaults and is_empty(found.content.get(key))]
    remark = f"  # {found.remark}" if found.remark else ""
    title = f"title: {quoted(_title(name))}"
    if found.path is not None and not found.is_read:
        yield from (remark.strip(), f"metadata: {quoted(found.path)}")
        return
    if found.path is not None and not lacking and not found.shared:
        yield f"metadata: {quoted(found.path)}{remark}"
        return
    yield "metadata:"
    if found.path is not None:
        yield f"  {FROM}: {quoted(found.path)}{remark}"
    if found.path is None or found.shared:
        yield f"  {title}  # from the folder's name"
        lacking = [key for key in lacking if key != "title"]
    for key in lacking:
        text = title if key == "title" else f"{key}: {quoted(placeholders.DESCRIPTION)}"
        yield f"  # {text}  # {_TO_FILL_IN}"


def _title(name: str) -> str:
    words = " ".join(name.replace("_", " ").replace("-", " ").split())
    return words[:1].upper() + words[1:]


def _remarks(path: str, name: str, folder: Path, files: list[LocalFile], problems: list[Problem]) -> Iterator[str]:
    """What is wrong with the folder's files, and how else they could be deposited."""
    errors = [problem for problem in problems if problem.is_error]
    for problem in errors[:_TOLD]:
        yield printable(problem.message)
    if len(errors) > _TOLD:
        yield f"and {len(errors) - _TOLD:,} more: batchdep check names them all"
    codes = {problem.code for problem in errors}
    if codes & _ZIP_HELPS and (entries := _zips(path, name, folder, files)):
        yield f"as zips, made while they are uploaded: files: [{', '.join(entries)}]"
    yield from sorted({problem.hint for problem in errors if problem.code.endswith("_over_limit")})


def _zips(path: str, name: str, folder: Path, files: list[LocalFile]) -> list[str]:
    """Entries of ``files`` that put the folder into one zip, or each of its folders into one where that is too large;
    none where neither is within the limits."""
    limits = Limits()
    if sum(file.size for file in files) < limits.file:
        return [_zip(path, name)]
    sizes: dict[str, int] = {}
    for file in files:
        inside = file.path.relative_to(folder).parts if file.path.is_relative_to(folder) else (file.name,)
        first = inside[0] if len(inside) > 1 else ""
        sizes[first] = sizes.get(first, 0) + file.size
    loose = [quoted(f"{path}{file.path.name}") for file in files if file.path.parent == folder]
    folders = [each for each in sizes if each]
    if not folders or len(loose) + len(folders) > limits.files or any(sizes[each] >= limits.file for each in folders):
        return []
    return [*loose, *(_zip(f"{path}{each}/", each) for each in sorted(folders))]


def _zip(path: str, name: str) -> str:
    return f"{{path: {quoted(path)}, archive: {quoted(f'{name}.zip')}}}"
