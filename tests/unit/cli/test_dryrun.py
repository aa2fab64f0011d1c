from __future__ import annotations

from collections.abc import Mapping

import pytest

from batchdep.batch import BatchPlan, PlannedDataset
from batchdep.cli.dryrun import plan_document, plan_text
from batchdep.repository.windows import DOCUMENTED_LIMITS, least_seconds

ROSES = PlannedDataset("roses", "Roses", "create", "", (("a\x1b.csv", 12_000),), True, 3)


def plan(requests: int, limits: Mapping[int, float] = DOCUMENTED_LIMITS) -> BatchPlan:
    seconds = least_seconds(requests, limits)
    return BatchPlan("b", "https://zenodo.org", (ROSES,), 12_000, requests, seconds, limits)


def last_line(planned: BatchPlan) -> str:
    return plan_text(planned, lambda text, _: text).splitlines()[-1]


@pytest.mark.parametrize(
    ("planned", "words"),
    [
        (
            plan(12_000),
            "12,000 requests, at least 2 h 19 min under the limit of 100 requests a minute and 5,000 an hour.",
        ),
        (plan(3), "3 requests, within the limit of 100 requests a minute and 5,000 an hour."),
        (plan(0), "0 requests."),
        (plan(500, {}), "500 requests."),
        (plan(101, {100: 6.0}), "101 requests, at least 6 s under the limit of 100 requests in 6 s."),
        (plan(2, {1: 1.0, 9: 86400.0}), "2 requests, at least 1 s under the limit of 1 request a second and 9 a day."),
    ],
)
def test_the_sum_says_what_the_requests_take_at_least_and_why(planned: BatchPlan, words: str) -> None:
    assert last_line(planned) == (
        f"b on https://zenodo.org: 1 dataset, 1 file (12.0 kB) to upload, 1 to publish; {words} Nothing was sent."
    )


def test_each_dataset_is_told_with_its_files() -> None:
    assert plan_text(plan(3), lambda text, _: text).splitlines()[:2] == [
        "roses: create and publish",
        "    upload a\\x1b.csv, 12.0 kB",
    ]


def test_the_document_has_the_same() -> None:
    document = plan_document(plan(12_000))
    assert (document["requests"], document["bytes"], document["seconds"]) == (12_000, 12_000, 8340)
    assert document["limits"] == [{"requests": 100, "seconds": 60.0}, {"requests": 5000, "seconds": 3600.0}]
