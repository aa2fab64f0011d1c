"""The time that the benchmarks take for what rate limits make necessary."""

from __future__ import annotations

import pytest

from benchmarks.limits import least_seconds


@pytest.mark.parametrize(
    ("requests", "seconds"),
    [(1, 0), (100, 0), (101, 6), (200, 6), (600, 30), (5000, 294), (5001, 360), (5100, 360), (5101, 366)],
)
def test_the_least_time_is_that_of_the_windows(requests: int, seconds: float) -> None:
    assert least_seconds(requests) == seconds
