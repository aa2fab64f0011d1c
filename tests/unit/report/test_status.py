from __future__ import annotations

from collections.abc import Iterator

import pytest

from batchdep.report.status import DatasetStatus, LazyDatasets, utc_text
from tests.support.replacing import replace
from tests.unit.report.samples import BATCH, DRAFT, FAILED, MADE, PUBLISHED


def test_the_document_is_that_of_the_contract() -> None:
    document = BATCH.as_dict()
    assert document["schema"] == "batchdep-status/1"
    assert list(document["counts"]) == [
        "pending",
        "uploading",
        "draft",
        "publishing",
        "published",
        "failed",
        "discarded",
    ]
    assert document["counts"]["draft"] == 1
    assert document["bytes"] == {"total": 3600, "uploaded": 2400}
    roses = document["datasets"][0]
    assert roses["updated"] == "2026-11-24T20:00:00Z"
    assert set(roses) >= {
        *(
            "id",
            "state",
            "title",
            "deposition_id",
            "reserved_doi",
            "doi",
            "url",
            "attempts",
            "updated",
            "files",
            "error",
        )
    }
    assert set(roses["files"][0]) == {"name", "path", "size", "md5", "state"}
    assert set(document["datasets"][2]["error"]) == {"code", "message", "hint", "retryable"}


def test_times_are_told_in_utc() -> None:
    assert utc_text(MADE) == "2026-11-24T20:00:00Z"


def test_lazy_datasets_are_made_each_time_and_are_a_sequence() -> None:
    made: list[str] = []

    def make(failed: bool) -> Iterator[DatasetStatus]:
        for dataset in (PUBLISHED, DRAFT, FAILED):
            if dataset.error is not None or not failed:
                made.append(dataset.id)
                yield dataset

    datasets = LazyDatasets(3, make)
    batch = replace(BATCH, datasets=datasets)
    assert len(datasets) == 3
    assert made == []
    assert list(datasets) == list(datasets) == [PUBLISHED, DRAFT, FAILED]
    assert len(made) == 6
    assert (datasets[0], datasets[-1], datasets[1:]) == (PUBLISHED, FAILED, [DRAFT, FAILED])
    with pytest.raises(IndexError):
        _ = datasets[3]
    made.clear()
    assert list(batch.failed()) == list(BATCH.failed()) == [FAILED]
    assert made == [FAILED.id]
    assert batch.as_dict() == BATCH.as_dict()


def test_the_document_has_the_datasets_that_are_given() -> None:
    document = BATCH.document(BATCH.failed())
    assert [each["id"] for each in document["datasets"]] == [FAILED.id]
    assert document["counts"] == BATCH.counts(), "of the whole batch"
