from __future__ import annotations

import os
from pathlib import Path

import pytest

from batchdep.manifest import patterns
from batchdep.manifest.patterns import RealFolders, real_path


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    (tmp_path / "in/deep/er").mkdir(parents=True)
    (tmp_path / "out/side").mkdir(parents=True)
    (tmp_path / "in/link").symlink_to(tmp_path / "out")
    (tmp_path / "in/loop").symlink_to("loop")
    return tmp_path


PATHS = [
    "in", "in/deep/er", "in/link", "in/link/side", "in/link/../x", "in/./deep", "in//deep", "in/nowhere/at/all",
    "in/loop/x", "out/side", "in/../out", "in/n\0l/x", "in" + "/x" * 1_900,
]  # fmt: skip


@pytest.mark.parametrize("path", PATHS)
def test_a_folder_is_what_the_system_says(tree: Path, path: str) -> None:
    folders = RealFolders(tree / "in")
    for _ in range(2):
        assert folders.real(f"{tree}/{path}") == real_path(Path(f"{tree}/{path}"))
    assert folders.root == real_path(tree / "in")


def test_a_relative_folder_is_where_it_is(tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tree / "in")
    folders = RealFolders(Path())
    for path in (".", "deep", "deep/er", "./deep", "link/side", "..", "../out", "/", "/dev"):
        assert folders.real(path) == real_path(Path(path))


def test_what_is_remembered_is_bounded(tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(patterns, "_REMEMBERED", 10)
    folders = RealFolders(tree / "in")
    looks: list[str] = []
    is_link = os.path.islink

    def looking(path: str) -> bool:
        looks.append(path)
        return is_link(path)

    monkeypatch.setattr(os.path, "islink", looking)
    for _ in range(2):
        folders.real(f"{tree}/in/deep/er")
    assert looks == [f"{tree}/in/deep/er", f"{tree}/in/deep"]
    for number in range(100):
        folders.real(f"{tree}/in/{number}")
    assert len(folders._known) <= 12
