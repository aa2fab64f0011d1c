from __future__ import annotations

import errno
import os
import stat
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from batchdep.errors import BatchdepError, UsageError
from batchdep.writeback.replacing import replace_keeping
from tests.support.cli import ROOT

OLD, NEW = b"old\r\n", b"new\r\n"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "batch.yaml"
    path.write_bytes(OLD)
    path.chmod(0o640)
    return path


def kept(path: Path) -> list[tuple[str, bytes]]:
    names = sorted(each for each in path.parent.iterdir() if each != path)
    return [(each.name.removeprefix(path.name), each.read_bytes()) for each in names]


def test_the_original_is_kept_and_the_rights_stay(path: Path) -> None:
    assert replace_keeping(path, OLD, NEW) == path.with_name("batch.yaml.before-write-back")
    assert path.read_bytes() == NEW
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    assert kept(path) == [(".before-write-back", OLD)]


def test_originals_are_numbered_and_never_written_over(path: Path) -> None:
    replace_keeping(path, OLD, b"1")
    replace_keeping(path, b"1", b"2")
    replace_keeping(path, b"2", b"3")
    assert kept(path) == [
        (".before-write-back", OLD),
        (".before-write-back-2", b"1"),
        (".before-write-back-3", b"2"),
    ]


def test_a_name_that_is_taken_is_left_alone(path: Path) -> None:
    path.with_name("batch.yaml.before-write-back").symlink_to("nowhere")
    assert replace_keeping(path, OLD, NEW).name == "batch.yaml.before-write-back-2"
    assert str(path.with_name("batch.yaml.before-write-back").readlink()) == "nowhere"


def test_an_edit_in_the_last_moment_wins(path: Path) -> None:
    path.write_bytes(b"edited")
    with pytest.raises(UsageError) as caught:
        replace_keeping(path, OLD, NEW)
    assert caught.value.code == "manifest_changed"
    assert path.read_bytes() == b"edited"


def test_without_hard_links_it_is_copied(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def no_links(*_: object) -> None:
        raise OSError(errno.EPERM, "no hard links here")

    monkeypatch.setattr(os, "link", no_links)
    replace_keeping(path, OLD, NEW)
    assert (path.read_bytes(), kept(path)) == (NEW, [(".before-write-back", OLD)])


@pytest.mark.parametrize("step", ["fsync", "fchmod", "fdopen"])
@pytest.mark.parametrize("error", [OSError(errno.ENOSPC, "No space left"), PermissionError(errno.EACCES, "denied")])
def test_a_disk_that_fails_changes_nothing(
    path: Path, monkeypatch: pytest.MonkeyPatch, step: str, error: OSError
) -> None:
    def fails(*_: object, **__: object) -> Any:
        raise error

    with monkeypatch.context() as patched:
        patched.setattr(os, step, fails)
        with pytest.raises(BatchdepError) as caught:
            replace_keeping(path, OLD, NEW)
    assert caught.value.code == "not_writable"
    assert path.read_bytes() == OLD
    assert kept(path) == [(".before-write-back", OLD)]
    replace_keeping(path, OLD, NEW)  # the original that is kept already serves
    assert (path.read_bytes(), kept(path)) == (NEW, [(".before-write-back", OLD)])


def test_a_folder_that_may_not_be_written_to_is_told(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def denied(*_: object, **__: object) -> Any:
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(os, "link", denied)
    monkeypatch.setattr("tempfile.mkstemp", denied)
    with pytest.raises(UsageError, match="cannot be written") as caught:
        replace_keeping(path, OLD, NEW)
    assert caught.value.code == "not_writable"
    assert path.read_bytes() == OLD


KILLED = """
import itertools, os, pathlib, signal, sys
from batchdep.writeback.replacing import replace_keeping

def die(frame, event, argument):
    global left
    if event in ("c_call", "c_return"):
        left -= 1
        if left < 0:
            os.kill(os.getpid(), signal.SIGKILL)

for number in itertools.count():
    path = pathlib.Path(sys.argv[1], str(number), "batch.yaml")
    path.parent.mkdir()
    path.write_bytes(b"o" * 100_000)
    left = number
    if (child := os.fork()) == 0:
        sys.setprofile(die)
        replace_keeping(path, b"o" * 100_000, b"n" * 100_000)
        sys.setprofile(None)
        os._exit(0)
    if os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0:
        break
"""


def test_killed_before_or_after_any_call_the_file_is_the_old_one_or_the_new_one(tmp_path: Path) -> None:
    """Each call that the process makes into the system or the interpreter is a place where it is killed (-9)."""
    old, new = b"o" * 100_000, b"n" * 100_000
    command = [sys.executable, "-c", KILLED, str(tmp_path)]
    subprocess.run(command, env={**os.environ, "PYTHONPATH": str(ROOT)}, check=True)
    contents = []
    for number in range(len(list(tmp_path.iterdir()))):
        path = tmp_path / str(number) / "batch.yaml"
        content = path.read_bytes()
        assert content in (old, new)
        original = path.with_name("batch.yaml.before-write-back")
        assert original.read_bytes() == old if original.exists() else content == old
        contents.append(content)
    assert len(contents) > 50
    assert contents == sorted(contents, reverse=True)  # once it is the new one, it stays so
    assert (contents[0], contents[-1]) == (old, new)
