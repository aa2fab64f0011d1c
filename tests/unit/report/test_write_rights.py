"""A file that is written anew keeps what its owner set."""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path

import pytest

from batchdep.report.write import replace_file


def test_the_rights_stay_and_a_file_that_cannot_be_given_away_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(b"old")
    path.chmod(0o604)
    given: list[tuple[int, int]] = []

    def refuse(_: int, user: int, group: int) -> None:
        given.append((user, group))
        raise PermissionError(errno.EPERM, "Operation not permitted")

    monkeypatch.setattr(os, "fchown", refuse)
    replace_file(path, (b"new",))
    assert (path.read_bytes(), stat.S_IMODE(path.stat().st_mode)) == (b"new", 0o604)
    assert given == [(path.stat().st_uid, path.stat().st_gid)]
    assert list(tmp_path.iterdir()) == [path]


def test_the_new_name_is_on_the_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    synced: list[bool] = []
    fsync = os.fsync

    def note(handle: int) -> None:
        synced.append(stat.S_ISDIR(os.fstat(handle).st_mode))
        fsync(handle)

    monkeypatch.setattr(os, "fsync", note)
    replace_file(tmp_path / "new.csv", (b"x",))
    assert synced == [False, True]  # the file before it gets its name, the folder after
