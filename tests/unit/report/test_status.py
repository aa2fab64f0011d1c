from __future__ import annotations

from batchdep.report.status import utc_text
from tests.unit.report.samples import BATCH, MADE


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
