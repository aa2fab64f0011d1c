from __future__ import annotations

from collections.abc import Sequence

import pytest

from batchdep.cli import status as command
from batchdep.cli.output import Output
from batchdep.report.status import BatchStatus, DatasetState
from tests.support.replacing import replace
from tests.unit.report.samples import BATCH


def batch(state: DatasetState) -> BatchStatus:
    return replace(BATCH, datasets=[replace(BATCH.datasets[0], state=state)])


@pytest.mark.parametrize(
    ("worked_on", "looks", "last"),
    [
        ([True, True, True], ["uploading", "publishing", "published", "published"], "published"),
        ([True, False], ["uploading", "uploading", "published"], "published"),
        ([False], ["pending", "pending"], "pending"),
    ],
    ids=["to the end", "ended between two looks", "nobody is there"],
)
def test_watching_goes_on_while_somebody_works(
    monkeypatch: pytest.MonkeyPatch, worked_on: list[bool], looks: list[str], last: str
) -> None:
    monkeypatch.setattr(command, "_REFRESH_SECONDS", 0.0)
    found, held = iter(looks), iter(worked_on)

    def is_worked_on(batches: Sequence[BatchStatus]) -> bool:
        return bool(batches) and next(held)

    shown = command._watch(lambda: [batch(DatasetState(next(found)))], is_worked_on, False, Output())
    assert [str(each.datasets[0].state) for each in shown] == [last]
    assert list(found) == []
