"""Text for people: made safe, measured and put into words."""

from __future__ import annotations

import itertools
import unicodedata
from collections.abc import Sequence
from typing import Final

from batchdep.regexes import regex

_UNITS: Final = ("B", "kB", "MB", "GB", "TB", "PB")
_ESTIMATE_GRAINS: Final = ((20, 1), (120, 5), (600, 10), (7200, 60), (36000, 300))
_UNSAFE: Final = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
_SUSPECT: Final = regex(r"[^\n\r\t -~]")


def safe(text: str) -> str:
    """``text`` on one line, with whatever could steer a terminal or reorder what it shows written as an escape.

    Titles, file names and a server's messages are other people's.
    """
    line = " ".join(text.split()) if any(char in text for char in "\r\n\t") else text
    if line.isascii() and line.isprintable():
        return line
    return "".join(_escaped(char) if unicodedata.category(char) in _UNSAFE else char for char in line)


def disarmed(document: str) -> str:
    """A document of many lines with whatever could steer a terminal as a ``\\u`` escape: JSON stays the same JSON."""
    return _SUSPECT.sub(lambda found: _as_in_json(found[0]), document)


def _as_in_json(char: str) -> str:
    if unicodedata.category(char) not in _UNSAFE:
        return char
    units = char.encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{units[at]:02x}{units[at + 1]:02x}" for at in range(0, len(units), 2))


def _escaped(char: str) -> str:
    return char.encode("unicode_escape", "surrogatepass").decode("ascii")


def human_bytes(count: float) -> str:
    """Bytes in decimal units, as repositories count them: ``1.2 GB``."""
    amount, unit = float(count), 0
    while amount >= 999.5 and unit < len(_UNITS) - 1:
        amount /= 1000
        unit += 1
    return f"{amount:.0f} {_UNITS[unit]}" if unit == 0 or amount >= 99.95 else f"{amount:.1f} {_UNITS[unit]}"


def human_seconds(seconds: float) -> str:
    """A time span with its two greatest units: ``38 s``, ``2 min 5 s``, ``3 h 20 min``, ``4 d 2 h``."""
    whole = max(round(seconds), 0)
    units = (("d", 86400), ("h", 3600), ("min", 60), ("s", 1))
    for (name, size), (smaller, small) in itertools.pairwise(units):
        if whole >= size:
            rest = whole % size // small
            return f"{whole // size} {name} {rest} {smaller}" if rest else f"{whole // size} {name}"
    return f"{whole} s"


def each_time(seconds: float) -> str:
    """How often something is: ``a minute``, ``in 6 s``."""
    names = {1: "a second", 60: "a minute", 3600: "an hour", 86400: "a day"}
    return names.get(round(seconds), f"in {human_seconds(seconds)}")


def human_estimate(seconds: float) -> str:
    """A time span no finer than one can foresee it, and so that it does not change with every look: ``2 min 10 s``,
    ``14 min``, ``3 h 20 min``."""
    grain = next((grain for most, grain in _ESTIMATE_GRAINS if seconds < most), 3600)
    return human_seconds(max(round(seconds / grain), 1) * grain)


def counted(number: int, noun: str) -> str:
    """``1 file``, ``2 files``."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def width(text: str) -> int:
    """Columns that ``text`` takes on a terminal."""
    if text.isascii():
        return len(text)
    return sum(_char_width(char) for char in text)


def _char_width(char: str) -> int:
    if unicodedata.combining(char):
        return 0
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1


def shortened(text: str, columns: int) -> str:
    """``text``, cut with an ellipsis to at most ``columns``."""
    if width(text) <= columns:
        return text
    kept, used = [], 1
    for char in text:
        used += _char_width(char)
        if used > columns:
            break
        kept.append(char)
    return "".join(kept) + "…" if columns > 0 else ""


def padded(text: str, columns: int) -> str:
    """``text`` filled up with blanks to ``columns``."""
    return text + " " * (columns - width(text))


def aligned(rows: Sequence[Sequence[str]]) -> list[str]:
    """Rows of cells as lines with aligned columns. Nothing is cut: what is shown can be copied."""
    if not rows:
        return []
    columns = [max(width(cell) for cell in column) for column in zip(*rows, strict=True)]
    return ["  ".join(map(padded, row, columns)).rstrip() for row in rows]
