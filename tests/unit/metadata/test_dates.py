"""Dates in ISO form."""

from __future__ import annotations

import pytest

from batchdep.metadata.dates import day_of


@pytest.mark.parametrize(
    ("written", "day"),
    [
        ("2020-01-31T10:15:00Z", "2020-01-31"),
        ("2020-01-31t101500+0200", "2020-01-31"),
        ("2020-01-31 9:15:00 UTC", "2020-01-31"),
        ("2020-01-31", "2020-01-31"),
        ("2020", "2020"),
        ("2020-01-31 or later", "2020-01-31 or later"),
        ("2020-01-31 2021-01-31", "2020-01-31 2021-01-31"),
        ("31.1.2020 10:15", "31.1.2020 10:15"),
    ],
)
def test_the_day_of_a_moment(written: str, day: str) -> None:
    assert day_of(written) == day
