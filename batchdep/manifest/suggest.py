"""'Did you mean ...?' for names that are not known."""

from __future__ import annotations

import difflib
from collections.abc import Collection

from batchdep.problems import printable


def nearest(word: str, known: Collection[str]) -> str | None:
    """The known name that ``word`` is a slip of, if there is one."""
    folded = {_folded(name): name for name in known}
    near = difflib.get_close_matches(_folded(word[:100]), folded, n=1, cutoff=0.6)
    return folded[near[0]] if near else None


def did_you_mean(word: str, known: Collection[str]) -> str:
    """``Did you mean 'title'?``, or the names that are taken where none is near."""
    near = nearest(word, known)
    return f"Did you mean '{near}'?" if near else f"Known are: {', '.join(sorted(known))}."


def _folded(word: str) -> str:
    return word.casefold().replace("-", "_").replace(" ", "_")


def shown(text: str, limit: int = 60) -> str:
    """A text as it can be printed in a message: quoted, short, without control characters or broken encoding."""
    cut = text if len(text) <= limit else text[: limit - 1] + "…"
    return f"'{printable(cut)}'"
