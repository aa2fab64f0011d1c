"""A manifest's bytes with some values of batchdep's own in them, whatever the format; and the proof that only these
are new."""

from __future__ import annotations

import codecs
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from batchdep.manifest.source import parse_document
from batchdep.manifest.source_base import Document, SourceError
from batchdep.manifest.source_table import TableSource
from batchdep.manifest.source_text import decode
from batchdep.problems import printable
from batchdep.writeback.edits import CannotBeWritten, Changes

_MARKS = {codecs.BOM_UTF8: "utf-8", codecs.BOM_UTF16_LE: "utf-16-le", codecs.BOM_UTF16_BE: "utf-16-be"}


def changed_document(data: bytes, path: Path, changes: Changes) -> bytes:
    """The bytes of the manifest at ``path`` with ``changes`` in them: keys and indices that lead to scalars.

    :raises CannotBeWritten: it would say something else too, or cannot be read any more.
    """
    before = _parsed(data, path, "cannot be read")
    changed = _changed(data, path.suffix.lower(), before, changes)
    after = _parsed(changed, path, "could not be read any more")
    if after.value != _with(before.value, changes, in_table=isinstance(before.source, TableSource)):
        raise CannotBeWritten("something else in the manifest would say otherwise afterwards")
    return changed


def _parsed(data: bytes, path: Path, otherwise: str) -> Document:
    try:
        document = parse_document(data, path, printable(str(path)))
    except SourceError as error:
        raise CannotBeWritten(f"the manifest {otherwise} ({error.message})") from None
    if any(problem.is_error for problem in document.problems):
        raise CannotBeWritten(f"the manifest {otherwise} ({document.problems[0].message})")
    return document


def _changed(data: bytes, ending: str, before: Document, changes: Changes) -> bytes:
    if ending == ".xlsx":
        from batchdep.writeback.workbook import changed_workbook

        assert isinstance(before.source, TableSource)  # noqa: S101 - which is how workbooks are read
        return changed_workbook(data, before.source, changes)
    mark = next((mark for mark in _MARKS if data.startswith(mark)), b"")
    text = _changed_text(decode(data), ending, before, changes)
    return mark + text.encode(_MARKS.get(mark, "utf-8"))


def _changed_text(text: str, ending: str, before: Document, changes: Changes) -> str:
    if isinstance(before.source, TableSource):
        from batchdep.writeback.csv_text import changed_csv

        return changed_csv(text, before.source, "\t" if ending == ".tsv" else None, changes)
    if ending in {".yaml", ".yml"}:
        from batchdep.writeback.yaml_text import changed_yaml

        return changed_yaml(text, changes)
    from batchdep.writeback.json_text import changed_json, changed_json_lines

    return changed_json(text, changes) if ending == ".json" else changed_json_lines(text, changes)


def _with(value: Any, changes: Changes, *, in_table: bool) -> Any:
    """What is read of a document that says ``value`` once it has ``changes``; in a table all are texts, and what is
    empty is not there.

    What is on the way to the changes is copied, since aliases share it.
    """
    copy: Any = list(value) if isinstance(value, list) else dict(value)
    for key, wanted in changes.items():
        if isinstance(wanted, Mapping):
            inside = copy[key] if isinstance(copy, list) or key in copy else {}
            copy[key] = _with(inside, wanted, in_table=in_table)
        elif not in_table:
            copy[key] = wanted
        elif wanted is not None:
            copy[key] = str(wanted)
        else:
            copy.pop(key, None)
    return copy
