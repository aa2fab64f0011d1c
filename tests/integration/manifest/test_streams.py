"""Datasets that are read one after the other, and made anew when they are asked for."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from batchdep.manifest import load_manifest
from batchdep.manifest.model import Manifest
from batchdep.manifest.source_base import SourceError
from batchdep.manifest.source_text import decode, read_bytes, text_lines


def loaded(path: Path, text: str) -> Manifest:
    path.write_text(text, encoding="utf-8")
    found = load_manifest(path)
    assert (found.manifest is not None, found.problems) == (True, [])
    assert found.manifest is not None
    return found.manifest


def table(count: int) -> str:
    return "id,title,creators,files\n" + "".join(f'a{i},"T {i}","Roy, A | Ox",{i}.csv\n' for i in range(count))


def test_a_dataset_is_the_same_each_time(tmp_path: Path) -> None:
    manifest = loaded(tmp_path / "m.csv", table(300))
    assert manifest.ids == [f"a{i}" for i in range(300)]
    assert list(manifest.datasets) == list(manifest.datasets)
    spec = manifest.datasets[299]
    assert (spec.id, spec.title, spec.files[0].path) == ("a299", "T 299", "299.csv")
    assert spec.metadata == {"title": "T 299", "creators": [{"name": "Roy, A", "affiliation": "Ox"}]}
    assert spec.metadata_place("title").locate().line == 301


def test_a_table_and_json_lines_are_read_alike(tmp_path: Path) -> None:
    entry = {
        "id": "a",
        "metadata": {"title": "T", "version": 2, "locations": [{"lat": 1.5}]},
        "files": ["x", {"path": "y"}],
    }
    lines = loaded(tmp_path / "m.jsonl", json.dumps(entry) + "\n")
    whole = loaded(tmp_path / "m.json", json.dumps({"version": 1, "datasets": [entry]}))
    (one,), (other,) = lines.datasets, whole.datasets
    assert (one.metadata, one.files[1].path) == (other.metadata, other.files[1].path)
    assert lines.ids == whole.ids == ["a"]


def test_metadata_files_are_read_once(tmp_path: Path) -> None:
    (tmp_path / "z.json").write_text('{"title": "First"}')
    manifest = loaded(tmp_path / "m.csv", "id,metadata,files\na,z.json,x\n")
    (tmp_path / "z.json").write_text('{"title": "Second"}')
    assert manifest.datasets[0].title == "First"


def test_an_id_is_taken_by_the_first_that_has_it(tmp_path: Path) -> None:
    path = tmp_path / "m.csv"
    path.write_text("id,title,files\na,First,x\nb,B,x\na,Second,x\n,No id,x\n")
    found = load_manifest(path)
    assert found.manifest is not None
    assert [(each.id, each.title) for each in found.manifest.datasets] == [("a", "First"), ("b", "B")]
    assert [(each.code, str(each.location)) for each in found.problems] == [
        ("id_duplicate", f"{path}:4"),
        ("id_missing", f"{path}:5"),
    ]
    assert f"({path}:2)" in found.problems[0].message


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_lines_are_those_of_the_text(encoding: str) -> None:
    text = "a\r\nb\rc\n\n\u2028é𝄞" + "x" * 3_000_000 + "\nlast"
    data = text.encode(encoding)
    assert "".join(text_lines(data)) == decode(data) == text
    assert [line[:3] for line in text_lines(data)] == ["a\r\n", "b\r", "c\n", "\n", "\u2028é𝄞", "las"]
    assert [line[:3] for line in text_lines(data, newline="\n")] == ["a\r\n", "b\rc", "\n", "\u2028é𝄞", "las"]


@pytest.mark.parametrize("data", [b"a\n" * 900_000 + b"\xff", b"a\n" * 900_000 + b"\0", b"\xc3", "x".encode("utf-32")])
def test_what_is_no_text_has_no_lines(data: bytes) -> None:
    with pytest.raises(SourceError) as expected:
        decode(data)
    with pytest.raises(SourceError) as error:
        text_lines(data)
    assert (error.value.code, error.value.line) == (expected.value.code, expected.value.line)


def test_a_file_that_is_longer_than_it_says_is_read_whole() -> None:
    path = Path("/proc/self/limits")
    if not path.is_file():
        pytest.skip("a system without /proc")
    assert path.stat().st_size == 0
    assert len(read_bytes(path)) > 1_000
    with pytest.raises(SourceError, match="at most 100"):
        read_bytes(path, 100)
