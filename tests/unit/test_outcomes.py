"""What a run comes to: asyncio makes the ``repr`` of it when the run ends, and a batch may have a million files."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from batchdep.findings import Recovery
from batchdep.planning import BatchPlan
from batchdep.report.status import BatchStatus
from batchdep.verify import Verification


class Large:
    def __repr__(self) -> str:
        raise AssertionError("nobody wants to see that")


DATASETS: Any = (Large(),)
OUTCOMES = [
    BatchPlan("b", "t", DATASETS, 1, 1, 0.0, {}),
    BatchStatus("b", "t", "d", "m", DATASETS),
    Verification("b", "t", "d", "m", datetime(2026, 1, 1, tzinfo=UTC), 1, DATASETS),
    Recovery("b", "t", "d", "m", 1, whole=True, requests=1, datasets=DATASETS),
]


@pytest.mark.parametrize("outcome", OUTCOMES, ids=lambda outcome: type(outcome).__name__)
def test_its_repr_is_short(outcome: object) -> None:
    assert len(repr(outcome)) < 300
