"""Work that is shared by processes comes to what one process makes of it, whatever becomes of the others."""

from __future__ import annotations

import multiprocessing
import os
import signal
import subprocess
import sys
import threading
from multiprocessing.context import ForkProcess
from pathlib import Path

import pytest

from batchdep import side_by_side
from batchdep.check import CheckReport, check_manifest
from batchdep.manifest import LoadedManifest, load_manifest
from batchdep.plan_shelf import Looked
from batchdep.side_by_side import can_fork, done_in_order

FIRST = os.getpid()


@pytest.fixture(autouse=True)
def forks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever threads other tests left behind."""
    monkeypatch.setattr(side_by_side, "can_fork", lambda: True)


def where(number: int) -> tuple[int, int]:
    return number, os.getpid()


def test_results_come_in_order_from_other_processes() -> None:
    found = list(done_in_order(100, where, 3))
    assert [number for number, _ in found] == list(range(100))
    assert len({process for _, process in found} - {os.getpid()}) == 3


@pytest.mark.parametrize(("count", "processes"), [(100, 1), (1, 4), (0, 4)])
def test_one_process_does_all_itself(count: int, processes: int) -> None:
    assert list(done_in_order(count, where, processes)) == [(number, os.getpid()) for number in range(count)]


def test_nothing_is_forked_beside_a_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(side_by_side, "can_fork", can_fork)
    over = threading.Event()
    thread = threading.Thread(target=over.wait)
    thread.start()
    try:
        assert list(done_in_order(10, where, 2)) == [(number, os.getpid()) for number in range(10)]
    finally:
        over.set()
        thread.join()


def test_what_a_killed_process_leaves_is_done_here() -> None:
    def deadly(number: int) -> tuple[int, int]:
        if number == 31 and os.getpid() != here:
            os.kill(os.getpid(), signal.SIGKILL)
        return where(number)

    here = os.getpid()
    found = list(done_in_order(60, deadly, 2))
    assert [number for number, _ in found] == list(range(60))
    assert [number for number, process in found if process == here] == list(range(31, 60, 2))


def test_what_a_process_that_cannot_begin_would_do_is_done_here(monkeypatch: pytest.MonkeyPatch) -> None:
    start, begun = ForkProcess.start, []

    def refused(process: ForkProcess) -> None:
        begun.append(process)
        if len(begun) == 2:
            raise BlockingIOError("the system has no room for another process")
        start(process)

    here = os.getpid()
    monkeypatch.setattr(ForkProcess, "start", refused)
    found = list(done_in_order(30, where, 3))
    assert [number for number, _ in found] == list(range(30))
    assert [number for number, process in found if process == here] == list(range(1, 30, 3))
    assert multiprocessing.active_children() == []


def test_what_is_raised_is_raised_here() -> None:
    def fails(number: int) -> int:
        if number == 7:
            raise LookupError(number)
        return number

    found: list[int] = []
    with pytest.raises(LookupError):
        found.extend(done_in_order(20, fails, 2))
    begun = done_in_order(20, fails, 2)
    assert [next(begun) for _ in range(7)] == list(range(7))
    begun.close()  # type: ignore[attr-defined]


def test_large_results_of_which_nobody_wants_more_hold_up_nothing() -> None:
    begun = done_in_order(1000, lambda number: b"x" * 10_000_000, 2)
    assert len(next(iter(begun))) == 10_000_000
    begun.close()  # type: ignore[attr-defined]
    assert multiprocessing.active_children() == []


ENDLESS = """
import os, sys
from batchdep.side_by_side import done_in_order
listening = int(sys.argv[1])
for number, found in enumerate(done_in_order(10**9, lambda number: number, 3)):
    if number == 1000:
        os.write(listening, b"!")
"""


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_no_process_outlives_the_first(number: signal.Signals) -> None:
    listening, told = os.pipe()
    words = [sys.executable, "-c", ENDLESS, str(told)]
    with subprocess.Popen(words, pass_fds=[told], stderr=subprocess.PIPE, start_new_session=True) as process:
        os.close(told)
        with open(listening, "rb", buffering=0) as heard:  # noqa: PTH123 - of a pipe
            assert heard.read(1) == b"!"
            process.send_signal(number)
            assert heard.read(1) == b""  # the end: none of them has it open any more
        process.communicate()
    assert process.returncode in (-number, 1)


def awkward(folder: Path) -> LoadedManifest:
    """Something of everything that is told of datasets."""
    (folder / "d").mkdir()
    for name in ("a.csv", "b.csv", "empty.csv"):
        (folder / "d" / name).write_text("" if name == "empty.csv" else "1,2\n")
    (folder / "p").mkdir()
    (folder / "p/datapackage.json").write_text('{"name": "x", "resources": [{"name": "r", "path": "gone.csv"}]}')
    shown = 'dataset,Measured.,"Roy, A"'
    rows = [
        f"a0,,One,{shown},d/a.csv,cc-by-4.0",
        f"a1,,One,{shown},d/a.csv,cc-by-4.0",
        f"a2,10.1234/x,Two,{shown},d/b.csv,",
        f"a3,10.1234/X,Three,{shown},d/b.csv,cc-by-4.0",
        f"a4,,Four,{shown},d/*.csv,cc-by-4.0",
        f"a5,,Five,{shown},nothing/*,no-licence",
        f"a6,,Six,{shown},p/*,",
        'a7,,Seven,dataset,Measured.,"Roy, A||not-an-orcid",d/b.csv,cc-by-4.0',
        f"a8,,Eight,{shown},d/a.csv;d/b.csv,cc-by-4.0",
    ]
    path = folder / "m.csv"
    path.write_text("\n".join(["id,doi,title,upload_type,description,creators,files,license", *rows]))
    return load_manifest(path)


def checked(loaded: LoadedManifest) -> tuple[CheckReport, Looked]:
    assert loaded.manifest is not None
    looked = Looked(loaded.manifest)
    return check_manifest(loaded, seeing=looked, tables=True), looked


def test_a_check_finds_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    loaded = awkward(tmp_path)
    alone, looked = checked(loaded)
    monkeypatch.setattr("batchdep.check.SIDE_BY_SIDE", 1)
    monkeypatch.setattr("batchdep.check._PORTION", 2)
    monkeypatch.setattr(side_by_side, "processors", lambda: 3)
    together, looked_together = checked(loaded)
    assert alone == together
    codes = {problem.code for problem in (*alone.problems, *alone.notes)}
    assert codes >= {"dataset_doubled", "doi_doubled", "empty_file", "no_match", "licence_given"}
    assert any(code.startswith("data_package") for code in codes)
    assert (looked.dois, looked.errors) == (looked_together.dois, looked_together.errors)
    for plan, other in zip(looked.plans, looked_together.plans, strict=True):
        names = ("id", "title", "metadata", "digest", "files", "files_digest", "amount", "refers_to")
        assert [getattr(plan, name) for name in names] == [getattr(other, name) for name in names]
