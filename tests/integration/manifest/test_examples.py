"""The manifests that are shipped as examples are without any problem."""

from __future__ import annotations

from pathlib import Path

import pytest

from batchdep.manifest import load_manifest, resolve_files
from tests.integration.manifest.conftest import loaded

ROOT = Path(__file__).parents[3]
ROSE = ROOT.parent / "shared" / "data" / "rose2018"


EXAMPLE = [
    ["plot-A.csv", "plot-B.csv", "plot-C.csv", "README.txt"],
    ["flower_visits.csv", "species.tsv"],
    ["figures.zip"],
]
CITING = [["README.md"], ["hedgerows.csv"], ["shrubs.csv"]]
TABLE = [["north.csv", "method.txt"], ["south.csv", "method.txt"], ["streams.zip"]]


@pytest.mark.parametrize(
    ("name", "publish", "files"),
    [
        ("example/batch.yaml", True, EXAMPLE),
        ("citing/batch.yaml", True, CITING),
        ("table/batch.csv", False, TABLE),
    ],
)
def test_examples(name: str, publish: bool, files: list[list[str]]) -> None:
    manifest = loaded(load_manifest(ROOT / "manifests" / name))
    assert (manifest.target, manifest.publish) == ("local", publish)
    found = [resolve_files(manifest, dataset) for dataset in manifest.datasets]
    # a fresh checkout may be seconds old
    assert {problem.code for _, problems in found for problem in problems} <= {"file_growing"}
    assert [[file.name for file in resolved] for resolved, _ in found] == files


@pytest.mark.skipif(not ROSE.is_dir(), reason="the rose scent data are not beside the repository")
def test_real_file_names() -> None:
    """Names with blanks and ampersands, as researchers have them."""
    from batchdep.manifest import DatasetSpec, FileSpec, Limits, Manifest
    from batchdep.problems import Location, Place, ValuePath

    class Nowhere:
        name = "m.yaml"

        def locate(self, path: ValuePath) -> Location:
            return Location(self.name)

    place = Place(Nowhere())
    dataset = DatasetSpec("rose", {}, (FileSpec("data/**", ROSE, place),), place)
    limits = Limits(files=10_000)
    manifest = Manifest(ROSE / "m.yaml", "m", False, "local", False, limits, (dataset,), place)
    files, problems = resolve_files(manifest, dataset)
    on_disk = [path for path in (ROSE / "data").rglob("*") if path.is_file() and not path.name.startswith(".")]
    assert {file.path for file in files} == {path for path in on_disk if path.stat().st_size}
    assert {problem.code for problem in problems} <= {"empty_file", "name_taken", "file_growing"}
