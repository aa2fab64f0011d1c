"""From a path to a parsed document, by the file's ending."""

from __future__ import annotations

import hashlib
from pathlib import Path

from msgspec.structs import replace

from batchdep.manifest.source_base import Document, SourceError
from batchdep.manifest.source_text import decode, read_bytes, read_text, text_lines

ENDINGS = (".yaml", ".yml", ".json", ".jsonl", ".ndjson", ".csv", ".tsv", ".xlsx")
"""The endings of files that can be a manifest."""

_SAVE_AS = {
    ".xls": "Save the workbook as .xlsx.",
    ".xlsm": "Save the workbook as .xlsx, without macros.",
    ".ods": "Save the sheet as .xlsx or CSV.",
    ".txt": "If it is YAML, rename it to end in .yaml; a table to end in .csv or .tsv.",
}


def read_document(path: Path, name: str) -> Document:
    """The document in the file at ``path``; ``name`` is its path as the user gave it.

    The datasets of a table, and of JSON Lines, are its ``stream``.

    :raises SourceError: the file cannot be read, or is not what its ending says.
    """
    ending = path.suffix.lower()
    if ending not in ENDINGS:
        raise _unknown_ending(path)
    data = read_bytes(path)
    return replace(_opened(data, path, name), digest=digest_of(data))


def digest_of(data: bytes) -> str:
    """The SHA-256 of a file's bytes, in hexadecimal."""
    return hashlib.sha256(data).hexdigest()


def parse_document(data: bytes, path: Path, name: str) -> Document:
    """The document in ``data``, the bytes of the file at ``path``, whose ending is one of :data:`ENDINGS`.

    :raises SourceError: it is not what the file's ending says.
    """
    return _opened(data, path, name).whole()


def _opened(data: bytes, path: Path, name: str) -> Document:
    def reread() -> str:
        return read_text(path)

    match ending := path.suffix.lower():
        case ".xlsx":
            from batchdep.manifest.source_xlsx import read_xlsx

            return read_xlsx(data, name)
        case ".yaml" | ".yml":
            from batchdep.manifest.source_yaml import read_yaml

            return read_yaml(decode(data), name, reread)
        case ".json":
            from batchdep.manifest.source_json import read_json

            return read_json(decode(data), name, reread)
        case ".jsonl" | ".ndjson":
            from batchdep.manifest.source_json import read_json_lines

            return read_json_lines(text_lines(data, newline="\n"), name, reread)
        case _:
            from batchdep.manifest.source_table import read_csv

            return read_csv(text_lines(data), name, delimiter="\t" if ending == ".tsv" else None)


def _unknown_ending(path: Path) -> SourceError:
    # a folder, or no such file, is the better thing to say than that its ending is unknown
    if not path.is_file():
        read_bytes(path)
    ending = path.suffix.lower()
    what = f"the ending {path.suffix}" if ending else "a file without an ending"
    hint = _SAVE_AS.get(ending, "A manifest is one of " + ", ".join(ENDINGS) + ".")
    return SourceError("manifest_format", f"{what} is not that of a manifest", hint)
