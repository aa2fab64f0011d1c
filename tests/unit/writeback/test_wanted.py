from __future__ import annotations

from datetime import UTC, datetime

import pytest

from batchdep.errors import Failure
from batchdep.manifest.deposited import NOTHING, Deposited
from batchdep.manifest.model import DatasetSpec
from batchdep.manifest.source_json import read_json
from batchdep.problems import Place
from batchdep.report.status import DatasetState, DatasetStatus
from batchdep.writeback.outcome import Written
from batchdep.writeback.wanted import changes_of, decide
from tests.support.replacing import replace

SANDBOX, ZENODO, LOCAL = "https://sandbox.zenodo.org", "https://zenodo.org", "http://127.0.0.1:8765"
NOW = datetime(2026, 1, 1, tzinfo=UTC)
DRAFT = DatasetStatus(
    "a", DatasetState.DRAFT, "T", 7, "10.5072/zenodo.7", None, f"{SANDBOX}/deposit/7", 1, NOW, (), None
)
RECORD = replace(DRAFT, state=DatasetState.PUBLISHED, doi="10.5072/zenodo.7", url=f"{SANDBOX}/records/7")
WRITTEN = Deposited(7, "10.5072/zenodo.7", f"{SANDBOX}/records/7", "published")
REAL = Deposited(9, "10.5281/zenodo.9", f"{ZENODO}/records/9", "published")


def spec(deposited: Deposited = NOTHING, *path: str | int) -> DatasetSpec:
    place = Place(read_json("{}", "b.json", lambda: "{}").source, path or ("datasets", 0))
    return DatasetSpec("a", {}, (), place, deposited=deposited)


@pytest.mark.parametrize(
    ("known", "state", "doi"),
    [
        (DRAFT, "draft", "10.5072/zenodo.7"),
        (RECORD, "published", "10.5072/zenodo.7"),
        (replace(DRAFT, state=DatasetState.FAILED, error=Failure("x", "y")), "draft", "10.5072/zenodo.7"),
        (replace(DRAFT, state=DatasetState.UPLOADING, reserved_doi=None), "draft", None),
        (replace(RECORD, state=DatasetState.FAILED, published_at=NOW), "published", "10.5072/zenodo.7"),
    ],
)
def test_what_is_known_of_a_deposition_is_written(known: DatasetStatus, state: str, doi: str | None) -> None:
    outcome = decide(spec(), known, SANDBOX)
    assert outcome.written is Written.WRITTEN
    assert outcome.deposited == Deposited(7, doi, known.url, state)


@pytest.mark.parametrize("known", [None, replace(DRAFT, state=DatasetState.PENDING, deposition_id=None)])
@pytest.mark.parametrize("there", [NOTHING, WRITTEN, REAL])
def test_of_what_nothing_is_known_nothing_is_written(known: DatasetStatus | None, there: Deposited) -> None:
    outcome = decide(spec(there), known, SANDBOX)
    assert (outcome.written, outcome.deposited) == (Written.NOTHING, there)


def test_what_is_there_already_is_not_written_again() -> None:
    assert decide(spec(WRITTEN), RECORD, SANDBOX).written is Written.UNCHANGED


def test_a_discarded_draft_is_said_to_be_one_where_it_was_named() -> None:
    gone = replace(DRAFT, state=DatasetState.DISCARDED, deposition_id=None, url=None, reserved_doi=None)
    there = replace(WRITTEN, state="draft")
    assert decide(spec(there), gone, SANDBOX).deposited == replace(there, state="discarded")
    assert decide(spec(replace(there, state="discarded")), gone, SANDBOX).written is Written.UNCHANGED
    for other in (NOTHING, REAL, replace(there, url=None), replace(there, url="http://[")):
        assert decide(spec(other), gone, SANDBOX).written is Written.NOTHING


@pytest.mark.parametrize(
    ("there", "target", "written"),
    [
        (REAL, SANDBOX, Written.REFUSED),
        (REAL, LOCAL, Written.REFUSED),
        (REAL, ZENODO, Written.WRITTEN),
        (replace(REAL, url=f"{ZENODO.upper()}/records/9"), SANDBOX, Written.REFUSED),
        (replace(REAL, url=f"{ZENODO.upper()}/records/9"), ZENODO, Written.WRITTEN),
        (replace(REAL, url="https://repository.example.org/records/9"), ZENODO, Written.REFUSED),
        (replace(REAL, state="draft"), SANDBOX, Written.WRITTEN),
        (WRITTEN, ZENODO, Written.WRITTEN),
        (replace(WRITTEN, url=f"{LOCAL}/records/1"), SANDBOX, Written.WRITTEN),
        (replace(REAL, url=None), SANDBOX, Written.WRITTEN),
    ],
)
def test_a_real_record_is_not_replaced_by_a_trial(there: Deposited, target: str, written: Written) -> None:
    known = replace(RECORD, deposition_id=8, url=f"{target}/records/8")
    outcome = decide(spec(there), known, target)
    assert outcome.written is written
    assert (outcome.deposited == there) == (written is Written.REFUSED)
    assert ("--force" in outcome.reason) == (written is Written.REFUSED)
    assert decide(spec(there), known, target, force=True).written is Written.WRITTEN


def test_only_what_differs_is_changed() -> None:
    there = replace(WRITTEN, state="draft", url=f"{SANDBOX}/deposit/7")
    listed, folder = spec(there), spec(there, "datasets")
    outcome = decide(listed, RECORD, SANDBOX)
    new = {"url": f"{SANDBOX}/records/7", "state": "published"}
    assert changes_of([(listed, outcome)]) == {"datasets": {0: {"deposited": new}}}
    assert changes_of([(folder, outcome)]) == {"datasets": {"deposited": {"a": new}}}
    assert changes_of([(listed, decide(spec(WRITTEN), RECORD, SANDBOX))]) == {}
