"""'Did you mean ...?' for names that are not known."""

from __future__ import annotations

import difflib
from collections.abc import Collection


def did_you_mean(word: str, known: Collection[str]) -> str:
    """``Did you mean 'title'?``, or the names that are taken where none is near."""
    folded = {name.casefold().replace("-", "_").replace(" ", "_"): name for name in known}
    near = difflib.get_close_matches(word.casefold().replace("-", "_").replace(" ", "_")[:100], folded, n=1, cutoff=0.6)
    if near:
        return f"Did you mean '{folded[near[0]]}'?"
    return f"Known are: {', '.join(sorted(known))}."


def shown(text: str, limit: int = 60) -> str:
    """A text as it can be printed in a message: quoted, short, without control characters or broken encoding."""
    cut = text if len(text) <= limit else text[: limit - 1] + "…"
    return f"'{visible(cut)}'"


def visible(text: str) -> str:
    """``text`` with what a terminal must not get (control characters, undecodable bytes) as escapes."""
    if text.isprintable():
        return text
    return "".join(char if char.isprintable() else char.encode("unicode_escape").decode("ascii") for char in text)
