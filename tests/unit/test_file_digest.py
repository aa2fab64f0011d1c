"""What the digest of a dataset's files tells apart."""

from __future__ import annotations

from typing import Any

import pytest

from batchdep.manifest.model import LocalFile
from batchdep.plan import plan_of
from batchdep.problems import Location, Place, ValuePath
from batchdep.report.status import FileState
from batchdep.state.file_digest import files_digest, whole_digest
from batchdep.state.records import FileRecord
from tests.support.replacing import replace

A = FileRecord(1, "a.csv", "data/a.csv", 12, "12:1:1", "0" * 32, FileState.UPLOADED)
B = FileRecord(2, "b.csv", "data/b.csv", 3, "3:1:2", "1" * 32, FileState.UPLOADED)


class Nowhere:
    name = "m.csv"

    def locate(self, path: ValuePath) -> Location:
        return Location("m.csv")


def local(file: FileRecord) -> LocalFile:
    return LocalFile(file.name, file.path, f"/r/{file.path}", file.size, file.fingerprint, 1, Place(Nowhere()))


def test_a_plan_has_the_digest_of_the_rows_that_its_files_will_have() -> None:
    for files in ([A, B], [B, A], []):
        assert plan_of("a", "T", {}, map(local, files)).files_digest == whole_digest(files)


def test_the_order_does_not_matter() -> None:
    assert whole_digest([A, B]) == whole_digest([B, A])


@pytest.mark.parametrize("change", [{"name": "A.csv"}, {"path": "a.csv"}, {"size": 13}, {"fingerprint": "12:1:2"}])
def test_whatever_is_wanted_of_a_file_makes_another_digest(change: dict[str, Any]) -> None:
    assert whole_digest([replace(A, **change), B]) != whole_digest([A, B])


def test_another_number_of_files_makes_another_digest() -> None:
    assert len({whole_digest(files) for files in ([], [A], [B], [A, B])}) == 4


@pytest.mark.parametrize("change", [{"state": FileState.PENDING}, {"in_manifest": False}])
def test_files_of_which_one_is_not_there_as_it_is_wanted_have_none(change: dict[str, Any]) -> None:
    assert whole_digest([A, replace(B, **change)]) is None


def test_what_stands_in_which_column_is_told_apart() -> None:
    assert (
        files_digest([("a", "b", 1, "c")]) != files_digest([("a", "b,1", 1, "c")]) != files_digest([("ab", "", 1, "c")])
    )


def test_it_stays_the_same_from_one_version_to_the_next() -> None:
    """It is kept in databases: another form would only cost time, and should not be chosen unawares."""
    assert whole_digest([A, replace(B, name="ü.csv")]) == "763196b54aea5820ced6fdc689cd367f"
