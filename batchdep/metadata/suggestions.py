"""'Did you mean': the words nearest to a wrong one."""

from __future__ import annotations

from collections.abc import Iterable


def nearest(word: str, known: Iterable[str], count: int = 1, *, cutoff: float = 0.6) -> list[str]:
    """Up to ``count`` of ``known`` that look like ``word``, best first; upper and lower case do not matter."""
    from difflib import get_close_matches

    # the cost grows with the length of both words, and no known word is this long
    wanted = word.strip().lower()[:100]
    by_small_letters = {each.lower(): each for each in known}
    return [by_small_letters[each] for each in get_close_matches(wanted, by_small_letters, count, cutoff)]


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """``Did you mean 'title'?``, or nothing where no known word is near."""
    found = nearest(word, known)
    return f"Did you mean '{found[0]}'?" if found else ""
