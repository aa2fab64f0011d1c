"""What the library is asked about a package, with nothing in it that leads anywhere else, and its answers in words."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from msgspec import Struct

from batchdep.data_packages.package import MAX_BYTES, Package, is_remote
from batchdep.data_packages.resources import parts_of, resources_of
from batchdep.manifest.source_base import SourceError
from batchdep.manifest.source_json import read_json
from batchdep.manifest.source_text import decode, read_bytes
from batchdep.manifest.suggest import shown
from batchdep.problems import Location, Problem, Severity, ValuePath, dotted, printable
from batchdep.regexes import regex

ROWS = 10_000
"""Rows of a table that are looked at."""

ERRORS = 2_000
"""Cells that do not fit, after which a table is looked at no further."""

GROUPS = 8
"""Kinds of faults of a table that are told."""

_KNOWN_PROFILES = regex(
    r"(?:tabular-|fiscal-)?data-(?:package|resource)|https://datapackage\.org/profiles/[12]\.0/\w+\.json"
)
_TABLES = {".csv": "csv", ".tsv": "tsv", ".tab": "tsv"}
_DELIMITERS = {"csv": ",", "tsv": "\t"}
_NAMED = regex(r'"(\w+)"')
_HEADER = frozenset(
    {"missing-label", "extra-label", "incorrect-label", "blank-label", "duplicate-label", "blank-header"}
)


class Table(Struct, frozen=True):
    """A table that can be judged: what is asked of it, where it stands in the descriptor, and its file for people."""

    package: Package
    question: dict[str, Any]
    path: ValuePath
    file: str


def descriptor_of(package: Package) -> dict[str, Any]:
    """The descriptor without what the library would load: profiles, schemas and dialects that are elsewhere."""
    resources = [_inlined(package, resource, path)[0] for resource, path in resources_of(package)]
    written = package.content.get("resources")
    whole = isinstance(written, list) and len(resources) == len(written)
    return {**_without_profile(package.content), **({"resources": resources} if whole else {})}


def tables_of(package: Package) -> Iterator[Table | Problem]:
    """The tables of a package that can be judged; notes of those that cannot."""
    for resource, path in resources_of(package):
        inlined, notes = _inlined(package, resource, path)
        yield from notes
        if not isinstance(inlined.get("schema"), dict):
            continue
        parts = parts_of(resource, path)
        present = [(part, real) for part, _ in parts if (real := _present(package, part))]
        if not present:
            continue
        part, real = present[0]
        form = _form(resource, real)
        if form is None or len(parts) > 1:
            why = "are not in a CSV file" if form is None else "are in several files"
            yield package.note(f"the rows of {shown(part)} are not looked at: they {why}", "", *path)
        else:
            file = os.path.normpath(package.path.parent / part)
            yield Table(package, _question(inlined, form, real), path, file)


def _present(package: Package, part: str) -> str | None:
    """The real path of a file that is there and may be read."""
    real = package.real(part)
    return real if real is not None and os.path.isfile(real) else None  # noqa: PTH113 - a real path is a text


def _form(resource: Mapping[str, Any], real: str) -> str | None:
    """``csv`` or ``tsv``; None for other formats and for what is compressed."""
    said = resource.get("format")
    form = said.lower() if isinstance(said, str) and said else _TABLES.get(Path(real).suffix.lower(), "")
    return form if form in _DELIMITERS and not resource.get("compression") else None


def _question(resource: Mapping[str, Any], form: str, real: str) -> dict[str, Any]:
    """Foreign keys are left out: they would have the library read other tables as a whole."""
    schema = {key: value for key, value in resource["schema"].items() if key not in ("foreignKeys", "$schema")}
    dialect = resource.get("dialect")
    encoding = resource.get("encoding")
    folder, name = os.path.split(real)
    table = {
        "name": "table",
        "type": "table",
        "scheme": "file",
        "path": name,
        "format": form,
        "encoding": encoding if isinstance(encoding, str) and encoding else "utf-8",
        "dialect": dialect if isinstance(dialect, dict) else {"csv": {"delimiter": _DELIMITERS[form]}},
        "schema": schema,
    }
    return {"table": table, "folder": folder, "rows": ROWS, "errors": ERRORS}


def _inlined(package: Package, resource: dict[str, Any], path: ValuePath) -> tuple[dict[str, Any], list[Problem]]:
    """A resource with the schema and dialect that it names in it; notes of those that cannot be had."""
    inlined = _without_profile(resource)
    notes = []
    for key in ("schema", "dialect"):
        value = resource.get(key)
        if isinstance(value, str):
            content = _json_at(package.real(value))
            inlined.pop(key)
            if content is None:
                why = "it is on the network" if is_remote(value) else "it cannot be read"
                notes.append(package.note(f"the {key} {shown(value)} is not looked at: {why}", "", *path, key))
            else:
                inlined[key] = content
    return inlined, notes


def _json_at(real: str | None) -> dict[str, Any] | None:
    if real is None:
        return None
    try:
        content = read_json(decode(read_bytes(Path(real), MAX_BYTES)), real, lambda: "").value
    except SourceError:
        return None
    return content if isinstance(content, dict) else None


def _without_profile(content: Mapping[str, Any]) -> dict[str, Any]:
    """Profiles of others would be fetched; those of the standard come with the library."""
    return {
        key: value
        for key, value in content.items()
        if key not in ("profile", "$schema") or (isinstance(value, str) and _KNOWN_PROFILES.fullmatch(value))
    }


# -- answers -----------------------------------------------------------------------------------------------------


def told_of_descriptor(package: Package, answer: Mapping[str, Any]) -> Iterator[Problem]:
    """The library's own words for what is wrong with a descriptor."""
    if "failed" in answer:
        yield package.note(f"the descriptor was not judged: {printable(answer['failed'])}", "")
        return
    for error in list(dict.fromkeys(answer["errors"]))[:GROUPS]:
        message = f"the data package does not follow its standard: {printable(error)}"
        named = _NAMED.match(error)
        path = (named[1],) if named and named[1] in package.content else ()
        yield package.warning("data_package_invalid", message, "See datapackage.org/standard/data-package.", *path)


def told_of_table(table: Table, answer: Mapping[str, Any]) -> Iterator[Problem]:
    """A warning for each kind of fault, at its first line, with how often it is there."""
    if "failed" in answer:
        yield unjudged(table, printable(answer["failed"]))
        return
    groups = answer["groups"]
    header = [group for group in groups if group["type"] in _HEADER]
    at_least = "at least " if answer["cut_errors"] else ""
    if header:
        yield _problem(table, 1, _columns(table, header), "Name the columns as the schema does, in its order.")
        return
    for group in groups[:GROUPS]:
        line = group["rows"][0][0] if group["rows"] else None
        hint = "Correct the file, or its schema in the descriptor."
        yield _problem(table, line, _rows(group, at_least), hint)
    if len(groups) > GROUPS:
        yield _problem(table, None, f"rows do not fit in {len(groups) - GROUPS:,} more ways", "Correct these first.")
    if answer["cut_rows"] or answer["cut_errors"]:
        seen = f"only the first {answer['rows']:,} rows of {shown(Path(table.file).name)} were looked at"
        yield table.package.note(seen, "", *table.path)


def unjudged(table: Table, why: str) -> Problem:
    """That a table was not looked at."""
    message = f"the rows of {shown(Path(table.file).name)} were not judged: {why}"
    return table.package.note(message, "", *table.path)


def _columns(table: Table, header: list[dict[str, Any]]) -> str:
    labels = header[0]["labels"]
    fields = table.question["table"]["schema"].get("fields")
    names = [str(each.get("name")) for each in fields if isinstance(each, dict)] if isinstance(fields, list) else []
    missing, more = ([each for each in a if each not in b] for a, b in ((names, labels), (labels, names)))
    parts = [
        f"{word} {', '.join(shown(each) for each in some[:GROUPS])}"
        for word, some in (("without", missing), ("with", more))
        if some
    ]
    return f"the columns are not those of the schema: {'; '.join(parts) or 'they stand in another order'}"


_TYPE = regex(r'type is "(\w+)/(.*)"')
_CONSTRAINT = regex(r'constraint "(\w+)" is "(.*)"', re.DOTALL)


def _rows(group: Mapping[str, Any], at_least: str) -> str:
    """``'08-Dec' in the column 'sample_size' is no integer; in 97 rows, such as lines 3, 4``."""
    said = group["note"] or group["type"].replace("-", " ")
    if not group["rows"]:
        return printable(said)
    cell = group["rows"][0][1]
    if group["field"]:
        said = f"{shown(cell) if cell else 'a value'} in the column {shown(group['field'])} {_fault(said)}"
    lines = [str(line) for line, _ in group["rows"][1:]]
    also = f", such as line{'s' if len(lines) > 1 else ''} {', '.join(lines)}" if lines else ""
    count = group["count"]
    return f"{printable(said)}; in {at_least}{count:,} row{'s' if count != 1 else ''}{also}"


def _fault(note: str) -> str:
    """The library's note on a cell as the end of a sentence."""
    if found := _TYPE.fullmatch(note):
        return f"is no {found[1]}" if found[2] == "default" else f"is no {found[1]} of the format {found[2]}"
    if found := _CONSTRAINT.fullmatch(note):
        return "is required and missing" if found[1] == "required" else f"breaks the constraint {found[1]}: {found[2]}"
    return f"does not fit: {note}"


def _problem(table: Table, line: int | None, message: str, hint: str) -> Problem:
    where = Location(printable(table.file), line)
    path = dotted(table.path)
    return Problem("data_package_rows", message, hint, Severity.WARNING, table.package.dataset, path, where)
