from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from batchdep.manifest.globbing import find
from batchdep.manifest.load import load_manifest
from batchdep.manifest.model import Manifest
from batchdep.writeback.takers import Takers, matches_path


def manifest(folder: Path, *files: str) -> Manifest:
    entries = "".join(f"  - {{id: d{number}, metadata: {{}}, files: [{each}]}}\n" for number, each in enumerate(files))
    path = folder / "batch.yaml"
    path.write_text(f"version: 1\ndatasets:\n{entries}")
    loaded = load_manifest(path)
    assert loaded.manifest is not None, loaded.problems
    return loaded.manifest


@pytest.mark.parametrize(
    ("files", "path", "taken"),
    [
        ("'*'", "new.cff", True),
        ("'*'", ".new", False),
        ("'.*'", ".new", True),
        ("'*'", "data/new", False),
        ("'**'", "data/deep/new", True),
        ("'**'", "data/.hidden/new", False),
        ("'**'", "data/.new", False),
        ("'data/**'", "data/new", True),
        ("'data/**'", "new", False),
        ("'data/**'", "database/new", False),
        ("'data/**/*.cff'", "data/new.cff", True),
        ("'data/**/x/*.cff'", "data/a/x/new.cff", True),
        ("'data/**/x/*.cff'", "data/a/new.cff", False),
        ("'./data//*.cff'", "data/new.cff", True),
        ("'data/../*.cff'", "new.cff", True),
        ("data/new.cff", "data/new.cff", True),
        ("data/new.cff", "data/new.cf", False),
        ("{path: data/, archive: d.zip}", "data/.deep/.new", True),
        ("{path: data/, archive: d.zip}", "new", False),
        ("'linked/*'", "data/new", True),
        ("{path: linked, archive: d.zip}", "data/new", True),
    ],
)
def test_what_would_be_taken(tmp_path: Path, files: str, path: str, taken: bool) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "linked").symlink_to("data")
    assert Takers(manifest(tmp_path, "other.csv", files)).of(tmp_path / path) == ("d1" if taken else None)


NAMES = st.sampled_from(["a", "b.csv", ".c", "ab"])
SEGMENTS = st.sampled_from(["a", "*", "**", "?", "*.csv", ".*", "[ab]*", "ab", "a*"])


@settings(max_examples=150, deadline=None)
@given(pattern=st.lists(SEGMENTS, min_size=1, max_size=4), names=st.lists(NAMES, min_size=1, max_size=4))
def test_a_path_matches_where_the_file_would_be_found(
    tmp_path_factory: pytest.TempPathFactory, pattern: list[str], names: list[str]
) -> None:
    folder = tmp_path_factory.mktemp("tree")
    path = folder.joinpath(*names)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("x")
    found = "/".join(names) in find("/".join(pattern), folder).files
    assert matches_path(tuple(pattern), tuple(names)) == found
