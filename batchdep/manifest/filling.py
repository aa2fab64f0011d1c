"""Text files into which DOIs of the batch are filled before they are sent; always in a copy, never in the user's file.

In a file that ``fill`` names, ``{{doi:ID}}`` stands for the DOI of the dataset of that id, or of the dataset itself.
Braces are double because single ones are common in text.
"""

from __future__ import annotations

import fnmatch
import hashlib
import os
import re
from collections.abc import Callable, Iterable, Iterator, Mapping

from msgspec.structs import replace

from batchdep.manifest.dataset_problems import DatasetProblems, Refused
from batchdep.manifest.model import Fill, FillSpec, FillToken, LocalFile
from batchdep.manifest.sizes import show_size
from batchdep.manifest.suggest import shown
from batchdep.problems import Location, Problem, Severity
from batchdep.regexes import regex

MAX_BYTES = 16_000_000
"""Largest file that DOIs are filled into: it is held in memory whole while it is sent."""

_TOKEN = regex(rb"\{\{ *doi *:([^{}\r\n]*)\}\}", re.IGNORECASE)
_EXAMPLE = "Write {{doi:ID}} where the DOI of the dataset ID is to stand."


# -- finding -----------------------------------------------------------------------------------------------------


def find_fills(specs: Iterable[FillSpec], files: list[LocalFile], problems: DatasetProblems) -> list[LocalFile]:
    """``files`` with a :class:`Fill` for each that ``specs`` name; reads just those, and reports what is wrong."""
    wanted: dict[int, FillSpec] = {}
    for spec in specs:
        matching = [index for index, file in enumerate(files) if _names(spec, file)]
        if not matching:
            _report_nothing(spec, files, problems)
        for index in matching:
            wanted.setdefault(index, spec)
    return [_with_fill(wanted[index], file, problems) if index in wanted else file for index, file in enumerate(files)]


def _with_fill(spec: FillSpec, file: LocalFile, problems: DatasetProblems) -> LocalFile:
    try:
        content = _read(file)
    except Refused as refused:
        problems.problem(spec.place, refused.code, refused.message, refused.hint)
        return file
    found = list(_TOKEN.finditer(content))
    for match in found:
        if not match[1].strip():
            where = Location(file.where, content.count(b"\n", 0, match.start()) + 1)
            message = f"{shown(match[0].decode())} names no dataset"
            problems.problems.append(
                Problem("reference_malformed", message, _EXAMPLE, dataset=problems.dataset_id, location=where)
            )
    if not found:
        message = f"{shown(file.shown)} has no {{{{doi:ID}}}} to be filled in"
        hint = f"{_EXAMPLE} Or leave it out of `fill`."
        problems.problem(spec.place, "fill_nothing", message, hint, Severity.WARNING)
        return file
    return file._replace(fill=_fill_of(file, content, found))


def _report_nothing(spec: FillSpec, files: list[LocalFile], problems: DatasetProblems) -> None:
    path = os.path.normpath(spec.base / spec.pattern)
    archive = next((file for file in files if file.archive and path.startswith(f"{file.where}{os.sep}")), None)
    if archive is not None:
        message = f"{shown(spec.pattern)} is in the archive {shown(archive.name)}, whose files are sent as they are"
        problems.problem(
            spec.place, "fill_in_archive", message, "Name the file itself under `files`, beside the folder."
        )
        return
    hint = "Name a file that is under `files`, by its name or path; patterns are taken too."
    problems.problem(spec.place, "fill_no_match", f"`fill`: no file of the dataset is {shown(spec.pattern)}", hint)


def _read(file: LocalFile) -> bytes:
    if file.archive:
        message = f"{shown(file.name)} is an archive; DOIs are filled into text files"
        raise Refused("fill_in_archive", message, "Name the text file itself under `files`, beside the folder.")
    if file.size > MAX_BYTES:
        message = f"{shown(file.shown)} has {show_size(file.size)}; `fill` takes files up to {show_size(MAX_BYTES)}"
        raise Refused("fill_too_large", message, "Put the DOIs into a smaller text file.")
    try:
        content = file.path.read_bytes()
        content.decode("utf-8")
    except OSError as error:
        raise Refused("file_unreadable", f"{shown(file.shown)} cannot be read: {error.strerror}") from None
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        message = f"{shown(file.shown)} is not UTF-8 text (line {line}): DOIs cannot be filled in"
        raise Refused("fill_not_text", message, "Save it as UTF-8, or leave it out of `fill`.") from None
    return content


def _fill_of(file: LocalFile, content: bytes, found: list[re.Match[bytes]]) -> Fill:
    counts: dict[str, int] = {}
    lines: dict[str, int] = {}
    line, counted = 1, 0
    for match in found:
        line += content.count(b"\n", counted, match.start())
        counted = match.start()
        key = match[1].decode().strip()
        counts[key] = counts.get(key, 0) + 1
        lines.setdefault(key, line)
    tokens = tuple(FillToken(key, count, lines[key]) for key, count in counts.items())
    return Fill(tokens, sum(len(match[0]) for match in found), file.size, file.fingerprint)


# -- which files -------------------------------------------------------------------------------------------------


def _names(spec: FillSpec, file: LocalFile) -> bool:
    """Whether an entry of ``fill`` names a file: by its name in the deposition, or its path."""
    pattern = _parts(spec.pattern)
    relative = os.path.relpath(file.where, spec.base)
    return (
        file.name == spec.pattern
        or relative == os.path.normpath(spec.pattern)
        or any(_matches(pattern, _parts(path)) for path in (file.name, relative))
    )


def _parts(path: str) -> list[str]:
    return [part for part in path.split("/") if part not in ("", ".")]


def _matches(pattern: list[str], path: list[str]) -> bool:
    """Segment by segment, ``**`` for any number of them; follows all readings at once, so that none takes long."""
    reached = _after_any_depth(pattern, {0})
    for part in path:
        stepped = {at for at in reached if at < len(pattern) and pattern[at] == "**"}
        stepped |= {at + 1 for at in reached - stepped if at < len(pattern) and fnmatch.fnmatchcase(part, pattern[at])}
        reached = _after_any_depth(pattern, stepped)
    return len(pattern) in reached


def _after_any_depth(pattern: list[str], reached: set[int]) -> set[int]:
    found = set(reached)
    for at in sorted(reached):
        end = at
        while end < len(pattern) and pattern[end] == "**":
            end += 1
            found.add(end)
    return found


# -- filling -----------------------------------------------------------------------------------------------------


def filled(file: LocalFile, doi_of: Callable[[str], str | None]) -> LocalFile:
    """The file as it is sent: of a file with tokens the copy with DOIs, if all are known; else the file as it is."""
    fill = file.fill
    if fill is None:
        return file
    dois = [(token.id, doi) for token in fill.tokens if (doi := doi_of(token.id))]
    if len(dois) < len(fill.tokens):
        return unfilled(file)
    length_of = {key: len(doi.encode()) for key, doi in dois}
    size = fill.size - fill.length + sum(token.count * length_of[token.id] for token in fill.tokens)
    pairs = hashlib.sha256("\n".join(f"{key}\0{doi}" for key, doi in sorted(dois)).encode()).hexdigest()
    fingerprint = f"{fill.fingerprint}:{pairs[:32]}"
    return file._replace(size=size, fingerprint=fingerprint, fill=replace(fill, dois=tuple(dois)))


def fill_in(content: bytes, dois: Mapping[str, str]) -> bytes:
    """``content`` with DOIs in the place of tokens; a token whose DOI is not given stays."""

    def one(match: re.Match[bytes]) -> bytes:
        doi = dois.get(match[1].decode().strip())
        return match[0] if doi is None else doi.encode()

    return _TOKEN.sub(one, content)


def unfilled(file: LocalFile) -> LocalFile:
    """The file itself, of which a copy with DOIs may be sent."""
    fill = file.fill
    if fill is None:
        return file
    return file._replace(size=fill.size, fingerprint=fill.fingerprint, fill=replace(fill, dois=()))


def needed_by(files: Iterable[LocalFile]) -> Iterator[str]:
    """The ids whose DOIs the files are filled with."""
    for file in files:
        if file.fill is not None:
            yield from (token.id for token in file.fill.tokens)


def location_of(file: LocalFile, token: FillToken) -> Location:
    """Where the first reference to an id stands in a file."""
    return Location(file.where, token.line)
