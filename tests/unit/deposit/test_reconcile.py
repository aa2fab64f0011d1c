"""For how long an outcome is in doubt."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from batchdep.deposit.reconcile import Timing, seconds_of_doubt
from batchdep.state.records import Intent, IntentKind

NOON = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
INTENT = Intent(IntentKind.CREATE, NOON, doubted=NOON)
TIMING = Timing(running=10, late=180, index=60)


def after(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


@pytest.mark.parametrize(
    ("elapsed", "newest", "left"),
    [
        (0, None, 60),
        (30, after(-5), 30),  # the list shows nothing younger than the doubt: it may be old
        (30, after(15), 0),  # something younger than the request's last moment: what was made before would be there
        (30, after(5), 30),  # the request itself may have ended after that
        (60, None, 0),
        (1000, None, 0),
    ],
)
def test_a_creation_is_in_doubt_until_the_index_is_surely_fresh(
    elapsed: float, newest: datetime | None, left: float
) -> None:
    assert seconds_of_doubt(INTENT, after(elapsed), newest, TIMING) == left


def test_after_a_504_no_proof_of_freshness_shortens_the_doubt() -> None:
    late = replace(INTENT, late=True)
    assert seconds_of_doubt(late, after(100), after(90), TIMING) == 80
