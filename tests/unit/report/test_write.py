from __future__ import annotations

import os
import stat
import tracemalloc
from collections.abc import Iterator
from pathlib import Path

import pytest

from batchdep.errors import BatchdepError, UsageError
from batchdep.report import write
from batchdep.report.write import set_aside, write_atomically


def test_a_new_file_is_readable_as_any_other(tmp_path: Path) -> None:
    path = tmp_path / "report.csv"
    old = os.umask(0o022)
    try:
        write_atomically(path, "é\r\n")
    finally:
        os.umask(old)
    assert path.read_bytes() == b"\xc3\xa9\r\n"
    assert stat.S_IMODE(path.stat().st_mode) == 0o644


def test_a_replaced_file_keeps_its_rights_and_its_links(tmp_path: Path) -> None:
    path, link = tmp_path / "real", tmp_path / "link"
    path.write_text("old")
    path.chmod(0o600)
    link.symlink_to(path)
    write_atomically(link, "new")
    assert link.is_symlink()
    assert path.read_text() == "new"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_failed_write_leaves_the_old_file_and_nothing_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "report"
    path.write_text("old")

    def full(handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(BatchdepError, match="No space left"):
        write_atomically(path, "new")
    assert path.read_text() == "old"
    assert [each.name for each in tmp_path.iterdir()] == ["report"]


def test_places_that_cannot_be_written_are_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    for path in (tmp_path, tmp_path / "none" / "report", tmp_path / "file" / "report"):
        with pytest.raises(UsageError):
            write_atomically(path, "new")


def test_a_pipe_is_written_to_and_not_replaced(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    try:
        write_atomically(pipe, "text")
        assert os.read(reader, 100) == b"text"
    finally:
        os.close(reader)
    assert pipe.is_fifo()


def failing() -> Iterator[str]:
    yield "new"
    raise ZeroDivisionError


def test_a_text_in_pieces_replaces_a_file_once_the_last_is_there(tmp_path: Path) -> None:
    path = tmp_path / "report"
    path.write_text("old")
    with pytest.raises(ZeroDivisionError):
        write_atomically(path, failing())
    assert path.read_text() == "old"
    assert [each.name for each in tmp_path.iterdir()] == ["report"]
    write_atomically(path, iter(("\u00e9\r\n", "\ud800")))
    assert path.read_bytes() == b"\xc3\xa9\r\n\\ud800"


@pytest.mark.parametrize("held", [1, 1000])
def test_a_text_that_is_set_aside_comes_back_as_it_was(monkeypatch: pytest.MonkeyPatch, held: int) -> None:
    monkeypatch.setattr(write, "_IN_MEMORY", held)
    pieces = ["\u00e9\r\n", "a\n\r", "\ud800\u2028", "end"]
    monkeypatch.setattr(write, "_CHUNK", 3)
    assert "".join(set_aside(iter(pieces))) == "".join(pieces)


def test_a_text_that_cannot_be_set_aside_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError):
        set_aside(failing())
    monkeypatch.setattr(write, "_IN_MEMORY", 1)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "none"))
    with pytest.raises(BatchdepError) as error:
        set_aside(["text"])
    assert "TMPDIR" in error.value.hint


def test_a_large_text_that_is_set_aside_takes_no_memory() -> None:
    tracemalloc.start()
    try:
        assert sum(map(len, set_aside("x" * 1_000_000 for _ in range(30)))) == 30_000_000
        assert tracemalloc.get_traced_memory()[1] < 15_000_000
    finally:
        tracemalloc.stop()
