from __future__ import annotations

import os
import time
from glob import glob
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from batchdep.manifest.globbing import find
from tests.integration.manifest.conftest import Write


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    base = tmp_path_factory.mktemp("tree")
    for name in ("a", "b.csv", "ab/a", "ab/b.csv", "ab/ab/a", "ab/ab/.h", "b/.a/a", ".h/a", "[a]/b", "a b/c", "b/*"):
        (base / name).parent.mkdir(parents=True, exist_ok=True)
        (base / name).write_text("x")
    return base


SEGMENTS = ["**", "*", "a*", "?", "[ab]*", "[!a]*", "*.csv", "a", "ab", ".*", "[[]a]", "b"]


@given(st.lists(st.sampled_from(SEGMENTS), max_size=4))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_it_finds_what_the_standard_library_finds(tree: Path, segments: list[str]) -> None:
    pattern = "/".join(segments)
    matched = glob(pattern, root_dir=tree, recursive=True)  # noqa: PTH207
    # it takes `a/**` to match a file named `a`, as `a/`
    expected = {os.path.normpath(path) for path in matched if path and ((tree / path).is_dir() or path[-1] != "/")}
    found = find(pattern, tree)
    # of folders, the standard library also names those that ** merely crosses
    assert set(found.files) == {path for path in expected if not (tree / path).is_dir()}
    assert set(found.folders) <= expected
    assert found.unreadable == []
    if "**" not in segments:
        assert set(found.folders) == {path for path in expected - {"."} if (tree / path).is_dir()}


def test_links_to_folders_are_not_crossed_by_two_stars(write: Write, tmp_path: Path) -> None:
    write("a/x.csv")
    (tmp_path / "a" / "up").symlink_to("..")
    (tmp_path / "link").symlink_to("a")
    (tmp_path / "loop").symlink_to("loop")
    assert find("**/*.csv", tmp_path).files == ["a/x.csv"]
    assert find("*/*.csv", tmp_path).files == ["a/x.csv", "link/x.csv"]
    found = find("**", tmp_path)
    assert (found.files, found.folders) == (["a/x.csv", "loop"], ["a/up", "link"])


def test_folders_that_cannot_be_listed_are_told_of(
    write: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write("a/x.csv")
    write("locked/y.csv")
    scandir = os.scandir

    def refuse(path: str) -> object:
        if path.endswith("locked/"):
            raise PermissionError
        return scandir(path)

    monkeypatch.setattr(os, "scandir", refuse)
    found = find("**/*.csv", tmp_path)
    assert (found.files, found.unreadable) == (["a/x.csv"], ["locked"])


def test_hostile_patterns_end_soon(write: Write, tmp_path: Path) -> None:
    write("/".join(["aaaa"] * 20) + "/" + "a" * 200)
    started = time.process_time()
    assert find("/".join(["**", "*"] * 15) + "/nothing", tmp_path).files == []
    assert find("**/" + "*a" * 60 + "b", tmp_path).files == []
    assert time.process_time() - started < 5
