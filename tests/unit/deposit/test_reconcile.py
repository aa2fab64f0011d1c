"""For how long an outcome is in doubt."""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta

import pytest

from batchdep.deposit.reconcile import Timing, seconds_of_doubt
from batchdep.state.records import Intent, IntentKind
from tests.support.replacing import replace

NOON = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
INTENT = Intent(IntentKind.CREATE, NOON, doubted=NOON)
TIMING = Timing(running=10, late=180, index=60)


def after(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


@pytest.mark.parametrize(
    ("elapsed", "delay", "left"),
    [
        (0, math.inf, 60),
        (30, 35, 30),  # the list shows nothing young: it may be old
        (4, 1, 8),  # the request may be at work for 10 s, and the list behind by twice what was seen
        (12, 1, 0),
        (12, 8, 14),
        (60, math.inf, 0),
        (1000, math.inf, 0),
    ],
)
def test_a_creation_is_in_doubt_until_the_index_is_surely_fresh(elapsed: float, delay: float, left: float) -> None:
    assert seconds_of_doubt(INTENT, after(elapsed), delay, TIMING) == left


def test_after_a_504_no_proof_of_freshness_shortens_the_doubt() -> None:
    late = replace(INTENT, late=True)
    assert seconds_of_doubt(late, after(100), 1.0, TIMING) == 80
