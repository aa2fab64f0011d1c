"""What a researcher may have meant by a path that matches nothing."""

from __future__ import annotations

import difflib
import os
import re
import unicodedata
from itertools import islice
from pathlib import Path

from batchdep.manifest.model import FileSpec
from batchdep.manifest.patterns import fixed_folder, is_pattern
from batchdep.manifest.suggest import shown

_LOOKED_AT = 2_000
_SHOWN = 4


def nearby_hint(spec: FileSpec, folder: Path) -> str:
    """Names that are there, near to what was written."""
    if "\\" in spec.path:
        return _without_backslashes(spec.path)
    written = fixed_folder(spec.path) if is_pattern(spec.path) else spec.path.rstrip("/").rpartition("/")[0]
    names = _names(spec.base / written)
    if names is None:
        base = "the manifest's folder" if spec.base == folder else shown(str(spec.base))
        return f"There is no folder {shown(written)} in {base}."
    wanted = spec.path.rstrip("/")[len(written) :].lstrip("/")
    if not names:
        return f"The folder {shown(written or str(folder))} is empty."
    if same := _same_but_for_unicode(wanted, names):
        return (
            f"There is {shown(same)}, which looks the same but is written with other Unicode characters: copy its name."
        )
    near = _near(wanted, names)
    there = ", ".join(shown(os.path.join(written, name)) for name in near or names[:_SHOWN])  # noqa: PTH118
    return f"Did you mean {there}?" if near else f"There is: {there}{', …' if len(names) > _SHOWN else ''}."


def _without_backslashes(path: str) -> str:
    """A path as Windows shows it; where it has a drive, nobody can say how the manifest's folder leads there."""
    if re.match(r"[A-Za-z]:|\\\\", path):
        return "Paths begin at the manifest's folder, and have / between folders: data/a.csv"
    with_slashes = path.replace("\\", "/")
    return f"Write / between folders: {shown(with_slashes)}"


def _names(folder: Path) -> list[str] | None:
    try:
        with os.scandir(folder) as entries:
            return sorted(entry.name for entry in islice(entries, _LOOKED_AT))
    except (OSError, ValueError):
        return None


def _same_but_for_unicode(wanted: str, names: list[str]) -> str | None:
    normal = unicodedata.normalize("NFC", wanted)
    return next((name for name in names if unicodedata.normalize("NFC", name) == normal), None)


def _near(wanted: str, names: list[str]) -> list[str]:
    folded = {name.casefold(): name for name in names}
    return [folded[match] for match in difflib.get_close_matches(wanted.casefold()[:255], folded, n=2, cutoff=0.7)]
