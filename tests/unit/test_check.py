"""The check of a batch that is already loaded; datasets here have no files, so the disk is not asked."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from batchdep.check import CheckReport, check_manifest
from batchdep.manifest import LoadedManifest
from batchdep.manifest.model import DatasetSpec, Limits, Manifest
from batchdep.problems import Location, Place, Problem, Severity, ValuePath
from tests.support.replacing import replace

GOOD: dict[str, Any] = {
    "title": "Scent of roses",
    "upload_type": "dataset",
    "description": "Volatiles of 40 cultivars",
    "creators": [{"name": "Doe, Jane"}],
}


class FakeSource:
    """A file whose lines are numbered by the datasets in it; defaults stand in line 1."""

    def __init__(self, name: str = "batch.yaml") -> None:
        self.name = name

    def locate(self, path: ValuePath) -> Location:
        line = int(path[1]) + 10 if path[:1] == ("datasets",) else 1
        return Location(self.name, line, len(path))


SOURCE = FakeSource()


def dataset(index: int, defaults: dict[str, Any] | None = None, **changed: Any) -> DatasetSpec:
    own = {**GOOD, **changed}
    place = Place(SOURCE, ("datasets", index))
    origins = {key: Place(SOURCE, ("defaults", key)) for key in defaults or {}}
    origins |= {key: place.at("metadata", key) for key in own}
    return DatasetSpec(f"set-{index}", {**(defaults or {}), **own}, (), place, origins)


def check(*datasets: DatasetSpec, problems: tuple[Problem, ...] = ()) -> CheckReport:
    path = Path("batch.yaml")
    manifest = Manifest(path, "batch", False, "local", False, Limits(), datasets, Place(SOURCE))
    return check_manifest(LoadedManifest(manifest, list(problems)))


def test_good_batch() -> None:
    report = check(dataset(0), dataset(1))
    assert report.ok
    assert report.problems == []
    assert (report.datasets, report.files, report.bytes) == (2, 0, 0)


def licences_given(*datasets: DatasetSpec) -> list[str]:
    return [note.message.partition(" no license")[0] for note in check(*datasets).notes if note.code == "licence_given"]


def test_that_the_repository_chooses_the_licence_is_told_once() -> None:
    closed = dataset(1, access_right="closed")
    assert licences_given(dataset(0, license="mit"), dataset(1)) == ["'set-1' names"]
    assert licences_given(*(dataset(index) for index in range(1200))) == ["'set-0' and 1,199 more name"]
    assert licences_given(dataset(0, {"license": "mit"}), closed, dataset(2, access_right="restricted")) == []
    embargoed = dataset(0, access_right="embargoed", embargo_date="2999-01-01")
    assert licences_given(embargoed, closed) == ["'set-0' names"]


def test_problems_are_sorted_by_place() -> None:
    report = check(dataset(0, keywords="x"), dataset(1, title=""), problems=(Problem("late", "m", location=None),))
    assert [each.location.line if each.location else None for each in report.problems] == [None, 10, 11]
    assert not report.ok


def test_warnings_alone_are_no_errors() -> None:
    report = check(dataset(0, creators=[{"name": "Jane Doe"}]))
    assert report.ok
    assert [each.severity for each in report.problems] == [Severity.WARNING]


def test_problem_of_the_defaults_is_told_once() -> None:
    report = check(*(dataset(index, {"license": "freeware"}) for index in range(3)))
    (problem,) = report.problems
    assert problem.code == "bad_licence"
    assert problem.dataset is None
    assert problem.location == Location("batch.yaml", 1, 2)


def test_doi_used_twice() -> None:
    report = check(dataset(0, doi="10.1234/abc"), dataset(1, doi="https://doi.org/10.1234/ABC"), dataset(2))
    (problem,) = report.problems
    assert (problem.code, problem.dataset, problem.path) == ("doi_doubled", "set-1", "metadata.doi")
    assert "set-0" in problem.message


def test_nothing_loaded() -> None:
    report = check_manifest(LoadedManifest(None, [Problem("manifest_missing", "no such file", "Name another.")]))
    assert not report.ok
    assert report.as_dict("batch.yaml") == {
        "schema": "batchdep-check/1",
        "ok": False,
        "datasets": 0,
        "files": 0,
        "bytes": 0,
        "problems": [
            {
                "severity": "error",
                "code": "manifest_missing",
                "message": "no such file",
                "hint": "Name another.",
                "dataset": None,
                "path": "",
                "file": "batch.yaml",
                "line": None,
                "column": None,
            }
        ],
        "notes": [],
    }


def test_metadata_that_could_not_be_read_is_not_called_missing() -> None:
    unread = replace(dataset(0), metadata={}, origins={})
    problem = Problem(
        "metadata_file_missing", "gone", "Look.", dataset="set-0", path="metadata", location=Location("x")
    )
    assert [each.code for each in check(unread, problems=(problem,)).problems] == ["metadata_file_missing"]
    assert {each.code for each in check(unread).problems} == {"missing"}


def test_no_rule_stumbles_over_a_reference() -> None:
    related = [{"identifier": {"doi": "set-1"}, "relation": "cites"}]
    with_reference = dataset(0, related_identifiers=related, notes="See {doi:set-0}.", keywords=["{doi:set-1}"])
    assert check(with_reference, dataset(1, title="Another")).problems == []


def test_doi_itself_is_no_reference() -> None:
    found = check(dataset(0, doi="{doi:set-0}")).problems
    assert "reference_malformed" in [each.code for each in found]


def test_problem_as_json_has_its_place() -> None:
    report = check(dataset(0, license="freeware"))
    (problem,) = report.as_dict(Path("batch.yaml"))["problems"]
    assert problem["file"] == "batch.yaml"
    assert (problem["line"], problem["column"]) == (10, 4)
    assert problem["dataset"] == "set-0"
    assert problem["path"] == "metadata.license"
