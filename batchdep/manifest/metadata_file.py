"""Metadata that stands in a file of its own, in any format that is read (:mod:`batchdep.metadata.formats`)."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any, NamedTuple

from msgspec.structs import replace

from batchdep.manifest.metadata import Origins, read_own_metadata
from batchdep.manifest.metadata_auto import NotOne, find_metadata_file
from batchdep.manifest.model import Metadata
from batchdep.manifest.patterns import lies_inside
from batchdep.manifest.source_base import Document, SourceError
from batchdep.manifest.source_json import read_json
from batchdep.manifest.source_markup import read_markup
from batchdep.manifest.source_text import decode, read_bytes, read_text
from batchdep.manifest.suggest import shown
from batchdep.manifest.surroundings import OUTSIDE_HINT, Surroundings
from batchdep.manifest.translated import TextSource, Translated
from batchdep.manifest.value import Value
from batchdep.metadata.formats.base import Note
from batchdep.metadata.formats.registry import FORMATS, Format, Syntax, format_of, format_of_several, syntax_of
from batchdep.problems import Place, Problem, Severity

AUTO = "auto"
MAX_BYTES = 32_000_000
"""Largest metadata file that is read, in bytes."""

_COPY = "Copy the fields into the manifest's `metadata:`, or into a .zenodo.json."
_ONE_EACH = "Save each record as a file of its own, and name in `metadata:` the one that describes this dataset."
_READ = f"Read are: {', '.join(each.name for each in FORMATS)}."


class Read(NamedTuple):
    """What a metadata file gave; ``path`` is that of a ``.zenodo.json``, which is for the repository alone: what
    describes the data in other formats, a data package's or a crate's file, belongs to them."""

    metadata: Metadata
    origins: Origins
    path: Path | None


def read_metadata_file(written: Value, around: Surroundings) -> Read:
    """The metadata in the file that ``written`` names, or, where it is ``auto``, that is found beside the files.

    Problems inside the file are located in it, problems with the file itself at ``written``. What the repository
    cannot hold, and which file ``auto`` found, become notes.
    """
    text = written.text("`metadata`")
    if not text:
        if text is not None:
            written.problem("metadata_missing", "`metadata` is empty", "Give keys and values, or a metadata file.")
        return Read({}, {}, None)
    if text == AUTO:
        return _auto(written, around)
    path = around.base / text
    name = text if around.base == around.inside else os.path.relpath(path, around.inside)
    return _read(written, around, path, name)


def _auto(written: Value, around: Surroundings) -> Read:
    try:
        path = find_metadata_file(around.files, around.inside)
    except NotOne as error:
        written.problem(error.code, str(error), error.hint)
        return Read({}, {}, None)
    return _read(written, around, path, os.path.relpath(path, around.inside), tell=True)


def _read(written: Value, around: Surroundings, path: Path, text: str, *, tell: bool = False) -> Read:
    """``text`` is the path as messages show it; ``tell``: which file it is becomes a note."""
    if not around.allow_outside and not lies_inside(path, around.inside):
        message = f"the metadata file {shown(text)} lies outside the manifest's folder"
        written.problem("outside", message, OUTSIDE_HINT)
        return Read({}, {}, None)
    try:
        document, syntax = _document(path)
        chosen = _format(document, syntax)
    except SourceError as error:
        report_unread(written, f"the metadata file {shown(text)}", path, error)
        return Read({}, {}, None)
    written.problems.extend(replace(problem, dataset=written.dataset) for problem in document.problems)
    if tell:
        written.problem("metadata_from", f"metadata from {shown(text)} ({chosen.name})", severity=Severity.NOTE)
    return Read(*_taken(document, chosen, written), path if chosen.module == "zenodo_json" else None)


def _format(document: Document, syntax: Syntax) -> Format:
    if document.value is None:
        raise SourceError("metadata_missing", "it is empty", _COPY)
    chosen = format_of(document.value, syntax)
    # anything may be Zenodo's metadata, which have no mark of their own
    if chosen is None or chosen.module == "zenodo_json":
        _refuse_several(document, syntax)
    if chosen is not None:
        return chosen
    if isinstance(document.value, list | str | int | float) and syntax in ("json", "yaml"):
        where = document.source.locate(())
        message = "the metadata file must be a mapping of keys to values"
        raise SourceError("wrong_kind", message, _COPY, line=where.line, column=where.column)
    raise SourceError("metadata_format", "it is of no kind that is read", _READ)


def _refuse_several(document: Document, syntax: Syntax) -> None:
    several = format_of_several(document.value, syntax)
    if several is not None:
        kind, number = several
        message = f"it has {number:,} records ({kind.name}), and one describes a dataset"
        raise SourceError("metadata_ambiguous", message, _ONE_EACH)


def _taken(document: Document, chosen: Format, written: Value) -> tuple[Metadata, Origins]:
    reading = chosen.reader.read(document.value)
    source = Translated(document.source, reading.origins)
    root = Value(reading.metadata, Place(source), written.problems, written.dataset)
    written.problems.extend(_note(note, document, chosen, written.dataset) for note in reading.notes)
    return read_own_metadata(root)


def _note(note: Note, document: Document, chosen: Format, dataset: str | None) -> Problem:
    where = document.source.locate(note.path)
    return Problem("not_taken_over", f"{chosen.name}: {note.message}", "", Severity.NOTE, dataset, "metadata", where)


def _document(path: Path) -> tuple[Document, Syntax]:
    """The parsed content of a metadata file.

    :raises SourceError: it cannot be read, or its ending is that of no format.
    """
    syntax = syntax_of(path.name)
    if syntax is None:
        if not path.is_file():
            read_bytes(path)
        ending = path.suffix or "nothing"
        raise SourceError("metadata_format", f"a metadata file that ends in {ending} is not read", _READ)
    return _parsed(path, syntax), syntax


def _parsed(path: Path, syntax: Syntax) -> Document:
    name = str(path)
    if syntax == "xml":
        return read_markup(read_bytes(path, MAX_BYTES), name)
    text = decode(read_bytes(path, MAX_BYTES))
    if syntax == "json":
        return read_json(text, name, lambda: read_text(path))
    if syntax == "yaml":
        from batchdep.manifest.source_yaml import read_yaml

        return read_yaml(text, name, lambda: read_text(path))
    content: Any = text if text.strip() else None
    return Document(content, TextSource(name))


def report_unread(written: Value, what: str, path: Path, error: SourceError) -> None:
    """Tells why ``what``, the file at ``path`` that ``written`` names, cannot be read: at its line if one is known."""
    if error.line is not None:
        written.problems.append(replace(error.as_problem(str(path)), dataset=written.dataset))
        return
    # the file as a whole: what names it is to be corrected
    message = f"{what}: {error.message}"
    if error.code.startswith("metadata_"):
        written.problem(error.code, message, error.hint)
    elif error.code == "file_missing":
        written.problem("metadata_file_missing", message, error.hint)
    else:
        written.problem("metadata_file_unreadable", message, error.hint)
