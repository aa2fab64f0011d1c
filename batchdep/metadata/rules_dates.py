"""Rules of dates: of publication, of the end of an embargo, of collection and validity."""

from __future__ import annotations

from datetime import date
from typing import Any

from batchdep.metadata import dates
from batchdep.metadata.rules_base import (
    Spot,
    is_empty,
    is_text,
    objects,
    one_of,
    optional_text,
    quote,
    required,
)
from batchdep.metadata.vocabulary import DATE_TYPES
from batchdep.problems import printable

_DATE_KEYS = ("start", "end", "type", "description")
_EXAMPLE = "[{start: 2018-05-01, end: 2018-06-30, type: Collected}]"


def publication_date(value: Any, spot: Spot) -> None:
    """A year, month, day or interval; anything else is dropped and publishing fails."""
    if is_text(value, spot) and (fault := dates.interval_fault(value)):
        _bad_date(value, spot, fault)


def embargo_date(value: Any, spot: Spot) -> None:
    """A day in the future, with ``access_right: embargoed``; otherwise publishing fails."""
    access = spot.metadata.get("access_right")
    if access != "embargoed":
        message = f"the repository drops embargo_date, because access_right is {quote(access or 'open')}"
        spot.warning("dropped", message, "Set access_right: embargoed, or remove embargo_date.")
        return
    if not is_text(value, spot):
        return
    day = dates.first_day(value) if len(value) == len("2026-11-24") else None
    if day is None:
        _bad_date(value, spot, f"{quote(value)} is no day in the form 2026-11-24")
    elif day <= spot.today:
        message = f"embargo_date {value} is not in the future: publishing would fail"
        spot.error("not_in_future", message, "Choose a later day, or set access_right: open.")


def dates_list(value: Any, spot: Spot) -> None:
    for item, at in objects(value, spot, _EXAMPLE, _DATE_KEYS):
        if (kind := required(item, at, "type", f"Known types: {', '.join(DATE_TYPES)}.")) is not None:
            one_of(kind, at.at("type"), DATE_TYPES, any_case=True)
        optional_text(item, at, "description")
        _start_and_end(item, at)


def _start_and_end(item: dict[str, Any], spot: Spot) -> None:
    given = {key: item[key] for key in ("start", "end") if not is_empty(item.get(key))}
    if not given:
        spot.error("missing", f"{spot.name} has neither 'start' nor 'end'", f"Write {_EXAMPLE}")
    days: list[date] = []
    for key, value in given.items():
        at = spot.at(key)
        if not is_text(value, at):
            continue
        if (day := dates.first_day(value)) is None:
            _bad_date(value, at, f"{quote(value)} is no date in the form 2026-11-24, 2026-11 or 2026")
        else:
            days.append(day)
    if len(days) == len(("start", "end")) and days[1] < days[0]:
        message = f"{spot.name} ends ({given['end']}) before it begins ({given['start']}): publishing would fail"
        spot.error("bad_date", message, "Exchange start and end.")


def _bad_date(value: str, spot: Spot, fault: str) -> None:
    meant = dates.guesses(value)
    hint = f"Write {' or '.join(meant)}" if meant else "Write year, month and day as 2026-11-24."
    spot.error("bad_date", f"{spot.name}: {printable(fault)}", hint)
