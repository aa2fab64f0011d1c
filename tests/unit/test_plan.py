"""What is left to send is the same whether files are compared one by one or by their digest."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from batchdep.manifest.model import LocalFile
from batchdep.plan import (
    Amount,
    DatasetPlan,
    amount_to_send,
    files_decide,
    files_to_send,
    nothing_else_to_do,
    plan_of,
)
from batchdep.problems import Location, Place, ValuePath
from batchdep.report.status import DatasetState, FileState
from batchdep.state.file_digest import whole_digest
from batchdep.state.records import DatasetRecord, FileRecord
from tests.support.replacing import replace


class Nowhere:
    name = "m.csv"

    def locate(self, path: ValuePath) -> Location:
        return Location(self.name)


def local(name: str, size: int, time: int = 1) -> LocalFile:
    return LocalFile(name, name, f"/r/{name}", size, f"{size}:{time}:1", time, Place(Nowhere()))


A, B = local("a", 5), local("b", 12)


def plan(*files: LocalFile) -> DatasetPlan:
    return plan_of("d", "D", {"title": "D"}, files)


def record(*files: LocalFile, state: FileState = FileState.UPLOADED, deposition: int | None = 7) -> DatasetRecord:
    rows = [
        FileRecord(i, file.name, file.shown, file.size, file.fingerprint, None, state) for i, file in enumerate(files)
    ]
    return DatasetRecord(
        *(1, 1, "d", 0, "t", DatasetState.DRAFT, datetime(2026, 1, 1, tzinfo=UTC)),
        deposition_id=deposition,
        sent_digest=plan().digest,
        files={row.name: row for row in rows},
        files_digest=whole_digest(rows),
    )


CASES = {
    "no record": (plan(A, B), None, [A, B]),
    "no draft": (plan(A, B), record(A, B, state=FileState.PENDING, deposition=None), [A, B]),
    "all there": (plan(A, B), record(B, A), []),
    "one pending": (plan(A), record(A, state=FileState.PENDING), [A]),
    "one more": (plan(A, B), record(A), [B]),
    "one less": (plan(A), record(A, B), []),
    "one changed": (plan(A, local("b", 12, time=2)), record(A, B), [local("b", 12, time=2)]),
    "none": (plan(), record(), []),
}


@pytest.mark.parametrize("case", CASES)
def test_what_is_left_to_send(case: str) -> None:
    wanted, known, left = CASES[case]
    assert [file.name for file in files_to_send(wanted, known)] == [file.name for file in left]
    assert amount_to_send(wanted, known) == Amount.of([file.size for file in left])


@pytest.mark.parametrize("case", CASES)
def test_a_digest_changes_nothing_but_what_is_looked_at(case: str) -> None:
    wanted, known, _ = CASES[case]
    if known is None:
        return
    unknown = replace(known, files_digest=None)
    assert files_to_send(wanted, unknown) == files_to_send(wanted, known)
    assert amount_to_send(wanted, unknown) == amount_to_send(wanted, known)
    if known.deposition_id is not None:
        assert nothing_else_to_do(wanted, unknown) == nothing_else_to_do(wanted, known)
    if not files_decide(wanted, known):
        unknown.files_digest = known.files_digest
        unknown.make_outline()
        assert amount_to_send(wanted, unknown) == amount_to_send(wanted, known)
        assert files_to_send(wanted, unknown) == files_to_send(wanted, known)


def test_an_amount_has_its_longest_file() -> None:
    assert plan(A, B).amount == Amount(files=2, bytes=17, longest=12)
    assert plan().amount == Amount()
