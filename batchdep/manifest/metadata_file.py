"""Metadata that stands in a file of its own: for now ``.zenodo.json``, as Zenodo's GitHub integration reads it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from batchdep.manifest.metadata import Origins, read_own_metadata
from batchdep.manifest.model import Metadata
from batchdep.manifest.patterns import lies_inside
from batchdep.manifest.source_base import SourceError
from batchdep.manifest.source_json import read_json
from batchdep.manifest.source_text import read_text
from batchdep.manifest.suggest import shown
from batchdep.manifest.value import Value
from batchdep.problems import Place

_NOT_YET = {
    "citation.cff": "CITATION.cff",
    "codemeta.json": "CodeMeta",
    "datapackage.json": "a Frictionless data package",
    "ro-crate-metadata.json": "RO-Crate",
}
_BY_ENDING = {".cff": "CITATION.cff", ".xml": "DataCite XML"}
_COPY = "Copy the fields into the manifest's `metadata:`, or into a .zenodo.json."


def read_metadata_file(
    written: Value, base: Path, manifest_folder: Path, *, allow_outside: bool
) -> tuple[Metadata, Origins]:
    """The metadata in the file that ``written`` names, relative to ``base``; empty where there are problems.

    Problems inside the file are located in it, problems with the file itself at ``written``.
    """
    text = written.text("`metadata`")
    if not text:
        if text is not None:
            written.problem("metadata_missing", "`metadata` is empty", "Give keys and values, or a metadata file.")
        return {}, {}
    path = base / text
    if foreign := _foreign_name(path):
        written.problem("metadata_format", f"{shown(text)}: {foreign} is not yet read", _COPY)
        return {}, {}
    if not allow_outside and not lies_inside(path, manifest_folder):
        message = f"the metadata file {shown(text)} lies outside the manifest's folder"
        written.problem("outside", message, "Move it there, or use --allow-outside if you trust this manifest.")
        return {}, {}
    return _read(written, text, path)


def _read(written: Value, text: str, path: Path) -> tuple[Metadata, Origins]:
    try:
        content = read_text(path)
    except SourceError as error:
        _report(written, text, path, error)
        return {}, {}
    try:
        document = read_json(content, str(path), lambda: read_text(path))
    except SourceError as error:
        _report(written, text, path, error)
        return {}, {}
    written.problems.extend(replace(problem, dataset=written.dataset) for problem in document.problems)
    root = Value(document.value, Place(document.source), written.problems, written.dataset)
    return _metadata_in(root, written, text)


def _metadata_in(root: Value, written: Value, text: str) -> tuple[Metadata, Origins]:
    if root.content is None:
        written.problem("metadata_missing", f"the metadata file {shown(text)} is empty", _COPY)
        return {}, {}
    if not root.is_mapping("the metadata file"):
        return {}, {}
    if foreign := _foreign_content(root.content):
        written.problem("metadata_format", f"{shown(text)}: {foreign} is not yet read", _COPY)
        return {}, {}
    inner = root.get("metadata")
    if inner is not None and len(root.content) == 1:
        return read_own_metadata(inner) if inner.is_mapping("`metadata`") else ({}, {})
    return read_own_metadata(root)


def _report(written: Value, text: str, path: Path, error: SourceError) -> None:
    if error.line is None:  # the file as a whole: what names it is to be corrected
        code = "metadata_file_missing" if error.code == "file_missing" else "metadata_file_unreadable"
        written.problem(code, f"the metadata file {shown(text)}: {error.message}", error.hint)
    else:
        written.problems.append(replace(error.as_problem(str(path)), dataset=written.dataset))


def _foreign_name(path: Path) -> str | None:
    if foreign := _NOT_YET.get(path.name.lower()) or _BY_ENDING.get(path.suffix.lower()):
        return foreign
    if path.suffix.lower() != ".json" and path.name:
        return f"a metadata file that ends in {path.suffix or 'nothing'}"
    return None


def _foreign_content(content: dict[str, object]) -> str | None:
    context = str(content.get("@context", "")).lower()
    if "ro/crate" in context or "@graph" in content:
        return "RO-Crate"
    if "@context" in content:
        return "CodeMeta" if "codemeta" in context else "JSON-LD"
    if isinstance(content.get("resources"), list):
        return "a Frictionless data package"
    if "titles" in content and ("types" in content or "schemaVersion" in content):
        return "DataCite JSON"
    return None
