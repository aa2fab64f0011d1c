"""Sizes as people write them."""

from __future__ import annotations

import re
from decimal import Decimal

from batchdep.regexes import regex

_FORM = regex(r"(?P<amount>\d{1,15}(?:\.\d{1,6})?)\s*(?P<unit>[A-Za-z]*)", re.ASCII)
_POWERS = {"": 0, "k": 1, "m": 2, "g": 3, "t": 4, "p": 5}


def parse_size(text: str) -> int:
    """Bytes in ``5 GB`` (decimal units: 5,000,000,000), ``1 GiB`` (binary: 1,073,741,824) or ``123``.

    :raises ValueError: not a size, or less than one byte.
    """
    match = _FORM.fullmatch(text.strip())
    factor = _unit(match["unit"].lower()) if match else None
    if match is None or factor is None:
        raise ValueError(f"'{text[:40]}' is not a size such as 5 GB, 500 MB, 1 GiB or a number of bytes")
    size = int(Decimal(match["amount"]) * factor)
    if size < 1:
        raise ValueError("a size must be at least one byte")
    return size


def show_size(size: int) -> str:
    """``5 GB`` or ``1.23 MB`` of a number of bytes, in decimal units."""
    for unit, factor in (("TB", 10**12), ("GB", 10**9), ("MB", 10**6), ("kB", 10**3)):
        if size >= factor:
            return f"{size / factor:.2f}".rstrip("0").rstrip(".") + f" {unit}"
    return f"{size} bytes" if size != 1 else "1 byte"


def _unit(unit: str) -> int | None:
    if unit in ("byte", "bytes", "b", ""):
        return 1
    prefix = unit[0]
    if prefix in _POWERS:
        if unit in (prefix, f"{prefix}b"):
            return int(1000 ** _POWERS[prefix])
        if unit in (f"{prefix}i", f"{prefix}ib"):
            return int(1024 ** _POWERS[prefix])
    return None
