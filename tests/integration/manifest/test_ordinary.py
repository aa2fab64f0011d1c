"""What :mod:`batchdep.manifest.ordinary` finds quickly is what is found the long way."""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from batchdep.manifest import LocalFile, files
from batchdep.manifest.files import Resolver
from batchdep.manifest.model import DatasetSpec, FileSpec, FillSpec, Limits, Manifest
from batchdep.problems import Location, Place, Problem, ValuePath

NOW = 1_700_000_000_000_000_000
SECOND = 1_000_000_000
LOCKED = "locked.csv"

CALM = ("file", 3600 * SECOND)
ORDINARY = [
    "a.csv", "d/a.csv", "d/b.csv", "d/run2.csv", "d/run10.csv", "d/run02.csv", "d/run03.csv", "d/e/a.csv",
    "d e/a b.csv",
]  # fmt: skip
NAMES = [
    "a.csv", "A.csv", LOCKED, "meta.json", "x" * 120, ".h.csv", "*.csv", "b[1].csv", "ü.csv", "tab\t.csv", "\udcff.csv",
]  # fmt: skip
FOLDERS = ["", "d/", "d/", "d/", "d/e/", "d e/", ".h/", "closed/"]
KINDS = ["file", "file", "file", "empty", "folder", "pipe", "inside", "outside", "nowhere", "loop"]
AGES = [3600 * SECOND, 3600 * SECOND, 5 * SECOND, 5 * SECOND - 1, 0, -1, -60 * SECOND]
LAST = [
    "*",
    "*.csv",
    "run*.csv",
    "run?.csv",
    "a*",
    "**",
    "[ab].csv",
    "[*].csv",
    ".*",
    "a.csv",
    "locked.csv",
    "*.csv/",
    "",
]
WAYS = [
    "",
    "d/",
    "d/e/",
    "d e/",
    ".h/",
    "link/",
    "away/",
    "closed/",
    "nowhere/",
    "./",
    "d//",
    "d/../",
    "../batch/",
    "*/",
    "**/",
]

Entry = tuple[str, "str | None", bool]
Content = dict[str, tuple[str, int]]


class _Source:
    name = "batch.yaml"

    def locate(self, path: ValuePath) -> Location:
        return Location(self.name)


PLACE = Place(_Source(), ("datasets", 0, "files"))


@contextmanager
def tree(content: Content) -> Iterator[Path]:
    """A folder with what ``content`` names: of each path its kind, and how many nanoseconds ago it was changed."""
    with tempfile.TemporaryDirectory() as home:
        folder, outside = Path(home, "batch"), Path(home, "outside")
        for name in ("batch/d", "batch/closed", "outside"):
            Path(home, name).mkdir(parents=True)
        (folder / "link").symlink_to("d")
        (folder / "away").symlink_to(outside)
        (outside / "a.csv").write_text("x")
        os.utime(outside / "a.csv", ns=(NOW, NOW - 3600 * SECOND))
        for name, (kind, age) in content.items():
            _make(folder / name, kind, outside / "a.csv")
            os.utime(folder / name, ns=(NOW, NOW - age), follow_symlinks=False)
        yield folder


def _make(path: Path, kind: str, outside: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    match kind:
        case "file" | "empty":
            path.write_text("x" if kind == "file" else "")
        case "folder":
            path.mkdir()
        case "pipe":
            os.mkfifo(path)
        case _:
            targets: dict[str, str | Path] = {
                "inside": f"{path.parent}/a.csv",
                "outside": outside,
                "nowhere": "gone",
                "loop": path.name,
            }
            path.symlink_to(targets[kind])


def look(folder: Path, entries: list[Entry], **more: Any) -> tuple[list[LocalFile], list[Problem]]:
    """What is found of one dataset with these entries: of each its path, its name, and whether it is an archive."""
    specs = [
        FileSpec(path, folder, PLACE.at(index), name, archive) for index, (path, name, archive) in enumerate(entries)
    ]
    dataset = DatasetSpec("d", {"title": "T"}, tuple(specs), PLACE, **more)
    limits = Limits(files=4)
    manifest = Manifest(folder / "batch.yaml", "b", False, "sandbox", False, limits, [dataset], PLACE)
    return Resolver(manifest).files_of(dataset)


@pytest.fixture
def steady(monkeypatch: pytest.MonkeyPatch) -> None:
    """The time stands still, and some files and folders cannot be read, whoever looks."""
    monkeypatch.setattr(time, "time_ns", lambda: NOW)
    monkeypatch.setattr(os, "access", lambda path, mode: not str(path).endswith(LOCKED))
    for listing in ("scandir", "listdir"):
        monkeypatch.setattr(os, listing, _refusing(getattr(os, listing)))


def _refusing(listing: Any) -> Any:
    def listed(path: Any = ".") -> Any:
        if str(path).rstrip("/").endswith("/batch/closed"):
            raise PermissionError(13, "Permission denied")
        return listing(path)

    return listed


def differences(content: Content, entries: list[Entry], metadata_file: str | None = None, fill: str = "") -> list[Any]:
    """What is found the short way and the long way, where that is not the same."""
    with tree(content) as folder, pytest.MonkeyPatch.context() as patch:
        more = {
            "metadata_file": folder / metadata_file if metadata_file else None,
            "fill": (FillSpec(fill, folder, PLACE),) if fill else (),
        }
        quickly = look(folder, entries, **more)
        patch.setattr(files, "ordinary_files", lambda candidates, dataset: None)
        slowly = look(folder, entries, **more)
        return [] if quickly == slowly else [quickly, slowly]


paths = st.builds(str.__add__, st.sampled_from(FOLDERS), st.sampled_from(NAMES))
ordinary = st.dictionaries(st.sampled_from(ORDINARY), st.just(CALM), max_size=6)
odd = st.dictionaries(paths, st.tuples(st.sampled_from(KINDS), st.sampled_from(AGES)), max_size=2)
patterns = st.builds(str.__add__, st.sampled_from(WAYS), st.sampled_from(LAST))
entries = st.tuples(
    st.one_of(st.sampled_from(["d/*", "d/*.csv", "link/*", "*.csv", "d/a.csv"]), patterns),
    st.sampled_from([*[None] * 5, "n.csv", "n.zip"]),
    st.sampled_from([*[False] * 5, True]),
)


@pytest.mark.usefixtures("steady")
@given(
    st.builds(lambda ordinary, odd: ordinary | odd, ordinary, odd),
    st.lists(entries, min_size=1, max_size=2),
    st.sampled_from([None, None, "d/meta.json", "d/a.csv", "meta.json"]),
    st.sampled_from(["", "", "*.csv"]),
)
@settings(max_examples=150, deadline=None)
def test_both_ways_find_the_same(content: Content, entries: list[Entry], metadata_file: str | None, fill: str) -> None:
    assert differences(content, entries, metadata_file, fill) == []


@pytest.mark.usefixtures("steady")
@pytest.mark.parametrize("age", [3600 * SECOND, 5 * SECOND, 5 * SECOND - 1, 0, -1])
@pytest.mark.parametrize("kind", KINDS[2:])
@pytest.mark.parametrize("name", ["d/b.csv", f"d/{LOCKED}"])
def test_one_odd_file_is_found_either_way(name: str, kind: str, age: int) -> None:
    for path in ("d/*", name):
        assert differences({"d/a.csv": CALM, name: (kind, age)}, [(path, None, False)]) == []


@pytest.mark.usefixtures("steady")
@pytest.mark.parametrize("name", NAMES)
def test_one_odd_name_is_found_either_way(name: str) -> None:
    metadata_file = "d/meta.json" if name == "meta.json" else None
    content = {"d/a.csv": CALM, "d/b1.csv": CALM, ".h/a.csv": CALM, f"d/{name}": CALM}
    for path in (*LAST, name):
        for way in ("d/", "./d/", ".h/../d/", "link/"):
            assert differences(content, [(way + path, None, False)], metadata_file) == []


@pytest.mark.usefixtures("steady")
@pytest.mark.parametrize(
    "entries",
    [
        [("d/run*.csv", None, False)],
        [("d/**", None, False)],
        [("d/a.csv", "n.csv", False)],
        [("d/b.cs?", "n.csv", False)],
        [("d/*.csv", "n.csv", False)],
        [("d", "n.zip", True)],
        [("d/a.csv", "n.zip", True)],
        [("d/a.csv", None, True)],
        [("d/a.csv", None, False), ("d/*.csv", None, False)],
        [("d/*.csv", None, False), ("a.csv", None, False)],
        [("d/*.csv", None, False), ("link/*.csv", None, False)],
        [("away/a.csv", None, False)],
        [("away/*", None, False)],
        [("../outside/*", None, False)],
        [("closed/*", None, False)],
        [("nowhere/*", None, False)],
        [("d/nothing*", None, False)],
        [("d/..", None, False)],
        [("d/\0", None, False)],
    ],
)
def test_odd_entries_are_found_either_way(entries: list[Entry]) -> None:
    assert differences(dict.fromkeys(ORDINARY[:8], CALM), entries) == []


@pytest.mark.parametrize(
    "paths", [["d e/*"], ["./d e/**"], ["d/*.csv"], ["d/e/a b.csv"], ["*.csv"], ["link/*.csv", "a.csv", "d/e/*"]]
)
def test_what_is_ordinary_is_found_quickly(paths: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    def search(search: object) -> None:
        raise AssertionError("the long way was taken")

    monkeypatch.setattr(files._Search, "run", search)
    names = ("a.csv", "d/run2.csv", "d/run10.csv", "d/.h", "d/e/a b.csv", "d e/_x (1).tar.gz")
    with tree(dict.fromkeys(names, CALM)) as folder:
        found, problems = look(folder, [(path, None, False) for path in paths])
    assert found
    assert problems == []
