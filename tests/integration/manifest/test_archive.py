from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import zipfile
from pathlib import Path

import pytest

from batchdep.errors import DatasetFailure
from batchdep.manifest.archive import BLOCK, plan_archive
from tests.integration.manifest.conftest import Write


def make_folder(write: Write, name: str = "f") -> Path:
    write(f"{name}/z.txt", "last")
    write(f"{name}/sub/é ü & [x].csv", b"\0\1" * 1000)
    write(f"{name}/.zgroup", "{}")
    write(f"{name}/empty", "")
    write(f"{name}/big.bin", bytes(range(256)) * 10_000)
    return write(f"{name}/a", "first").parent


def md5(folder: Path) -> str:
    return hashlib.md5(b"".join(plan_archive(folder).chunks()), usedforsecurity=False).hexdigest()


def test_it_is_read_by_others(write: Write, tmp_path: Path) -> None:
    folder = make_folder(write)
    plan = plan_archive(folder)
    path = tmp_path / "f.zip"
    blocks = list(plan.chunks())
    path.write_bytes(b"".join(blocks))
    assert path.stat().st_size == plan.size
    assert [len(block) for block in blocks[:-1]] == [BLOCK] * (len(blocks) - 1)
    with zipfile.ZipFile(path) as archive:
        assert archive.testzip() is None
        assert archive.namelist() == [".zgroup", "a", "big.bin", "empty", "sub/é ü & [x].csv", "z.txt"]
        assert all(archive.read(name) == (folder / name).read_bytes() for name in archive.namelist())
    if unzip := shutil.which("unzip"):
        done = subprocess.run([unzip, "-t", path], capture_output=True, text=True, check=False)
        assert (done.returncode, done.stderr) == (0, "")


def test_it_is_the_same_whatever_the_times_modes_and_places(write: Write, tmp_path: Path) -> None:
    folder = make_folder(write)
    expected = md5(folder)
    # of all that could change between machines and versions, nothing may: this is the zip's identity
    assert expected == "3806b2ef8fbd78fdd67f33c060f8ca6a"
    umask = os.umask(0o077)
    try:
        copy = make_folder(write, "elsewhere/g")
    finally:
        os.umask(umask)
    for path in copy.rglob("*"):
        path.chmod(0o700)
        os.utime(path, (2_000_000_000, 2_000_000_000))
    assert md5(copy) == expected


def test_the_fingerprint_follows_the_members(write: Write) -> None:
    folder = make_folder(write)
    seen = {plan_archive(folder).fingerprint, plan_archive(folder).fingerprint}
    assert len(seen) == 1
    write("f/new", "")
    seen.add(plan_archive(folder).fingerprint)
    (folder / "new").rename(folder / "newer")
    seen.add(plan_archive(folder).fingerprint)
    os.utime(folder / "a", (5, 5))
    seen.add(plan_archive(folder).fingerprint)
    assert len(seen) == 4


@pytest.mark.parametrize("block", [1, 7, 1000, BLOCK])
def test_blocks_of_any_size(write: Write, block: int) -> None:
    write("f/a", "x" * 100)
    write("f/b", "")
    plan = plan_archive(write("f/c", "yy").parent)
    blocks = list(plan.chunks(block))
    assert all(len(part) == block for part in blocks[:-1])
    assert b"".join(blocks) == b"".join(plan.chunks())
    assert sum(map(len, blocks)) == plan.size


def test_a_member_that_grew_since_the_plan(write: Write) -> None:
    plan = plan_archive(write("f/a", "x").parent)
    write("f/a", "xx")
    with pytest.raises(DatasetFailure, match="'a' in the folder changed") as caught:
        list(plan.chunks())
    assert caught.value.failure.code == "file_changed"


@pytest.mark.parametrize("size", [0, 3 * BLOCK])
def test_a_member_that_changes_while_it_is_read(write: Write, size: int) -> None:
    path = write("f/a", b"x" * 2 * BLOCK)
    chunks = plan_archive(path.parent).chunks()
    next(chunks)
    path.write_bytes(b"y" * size)
    with pytest.raises(DatasetFailure) as caught:
        list(chunks)
    assert caught.value.failure.code == "file_changed"


def test_a_member_that_vanishes(write: Write) -> None:
    path = write("f/a", "x")
    plan = plan_archive(path.parent)
    path.unlink()
    with pytest.raises(DatasetFailure) as caught:
        list(plan.chunks())
    assert caught.value.failure.code == "file_missing"


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        plan_archive(tmp_path / "nowhere")


def test_names_that_are_not_utf8(write: Write) -> None:
    folder = write("f/a", "x").parent
    Path(os.fsdecode(os.fsencode(folder) + b"/latin\xe9")).write_text("x")
    plan = plan_archive(folder)
    assert [obstacle.code for obstacle in plan.obstacles] == ["file_name"]
    assert [member.name for member in plan.members] == ["a"]
