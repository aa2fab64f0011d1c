"""Dates of the metadata: ISO 8601 years, months, days and intervals (EDTF level 0, as the server reads them)."""

from __future__ import annotations

from datetime import date, datetime
from functools import cache

from batchdep.regexes import regex

_DATE = regex(r"(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?")
_MOMENT = regex(r"(\d{4}-\d{2}-\d{2})(?:[Tt]\d{2}| +\d{1,2}:).*")
_DAY_FIRST = regex(r"(\d{1,2})([./-])(\d{1,2})[./-](\d{4})")
_YEAR_FIRST = regex(r"(\d{4})[./-](\d{1,2})[./-](\d{1,2})(?:[T ].*)?")
_COMPACT = regex(r"(\d{4})(\d{2})(\d{2})")
_WORDED = ("%d %B %Y", "%d %b %Y", "%B %d, %Y", "%b %d, %Y", "%B %d %Y", "%d. %B %Y")


@cache
def first_day(text: str) -> date | None:
    """The first day of a year, month or day in ISO form (``2026``, ``2026-11``, ``2026-11-24``), or None."""
    match = _DATE.fullmatch(text)
    if match is None:
        return None
    return _day(int(match[1]), int(match[2] or 1), int(match[3] or 1))


def day_of(text: str) -> str:
    """The day of a moment in ISO form, as it was where the moment was written down; any other text as it is."""
    match = _MOMENT.fullmatch(text)
    return match[1] if match else text


def interval_fault(text: str) -> str | None:
    """What is wrong with a date or an interval ``start/end``, or None."""
    first, slash, last = text.partition("/")
    if "/" in last:  # 24/11/2026
        return f"'{text}' is no date in the form 2026-11-24, 2026-11 or 2026"
    days = [first_day(part) for part in ((first, last) if slash else (first,))]
    for part, day in zip((first, last), days, strict=False):
        if day is None:
            return f"'{part}' is no date in the form 2026-11-24, 2026-11 or 2026"
    start, end = days[0], days[-1]
    return "ends before it begins" if start and end and end < start else None


@cache
def guesses(text: str) -> tuple[str, ...]:
    """What a date written otherwise may be, in ISO form: ``24/11/2026`` is one day, ``03/04/2026`` one of two.

    With full stops between the numbers the day goes before the month.
    """
    stripped = text.strip()
    if match := _YEAR_FIRST.fullmatch(stripped) or _COMPACT.fullmatch(stripped):
        found = [_day(int(match[1]), int(match[2]), int(match[3]))]
    elif match := _DAY_FIRST.fullmatch(stripped):
        year, second, first = int(match[4]), int(match[3]), int(match[1])
        found = [_day(year, second, first)]
        if match[2] != "." or found == [None]:
            found.append(_day(year, first, second))
    else:
        found = [_worded(stripped)]
    return tuple(dict.fromkeys(day.isoformat() for day in found if day))


def _day(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _worded(text: str) -> date | None:
    for form in _WORDED:
        try:
            return datetime.strptime(text, form).date()
        except ValueError:
            continue
    return None
