from __future__ import annotations

from pathlib import Path

import pytest

from batchdep.check import check_manifest
from batchdep.manifest import load_manifest, resolve_files, starter_manifest
from tests.integration.manifest.conftest import Write, loaded


def test_a_starter(tmp_path: Path) -> None:
    path = tmp_path / "my batch.yaml"
    path.write_text(starter_manifest(path))
    manifest = loaded(load_manifest(path))
    assert (manifest.batch, manifest.target, manifest.publish) == ("my batch", "local", False)
    assert [(dataset.id, len(dataset.files)) for dataset in manifest.datasets] == [("first-dataset", 1)]
    assert {"title", "description", "upload_type", "license", "creators", "publication_date"} <= set(
        manifest.datasets[0].metadata
    )


def test_whatever_of_a_starter_is_not_filled_in_is_told(tmp_path: Path) -> None:
    path = tmp_path / "batch.yaml"
    path.write_text(starter_manifest(path))
    left = {problem.path for problem in check_manifest(load_manifest(path)).problems if problem.code == "placeholder"}
    person = "metadata.creators[0]"
    assert left == {f"{person}.name", f"{person}.affiliation", "metadata.title", "metadata.description"}


@pytest.mark.parametrize("name", ["batch.yaml", "sub/batch.yaml"])
def test_from_a_folder(write: Write, tmp_path: Path, name: str) -> None:
    for file in (
        "s/run_10-b/x.csv",
        "s/run_2/x.csv",
        "s/run_2/.zenodo.json",
        's/o"dd [1] *: é/x.csv',
        "s/.git/x",
        "s/top",
    ):
        write(file, '{"title": "Two"}' if file.endswith("json") else "x")
    (tmp_path / "s" / "empty").mkdir()
    path = write(name, "")
    path.write_text(starter_manifest(path, tmp_path / "s"))
    result = load_manifest(path, allow_outside=True)
    manifest = loaded(result)
    assert [(dataset.id, dataset.title) for dataset in manifest.datasets] == [
        ('o"dd [1] *: é', 'O"dd [1] *: é'), ("run_2", "Two"), ("run_10-b", "Run 10 b"),
    ]  # fmt: skip
    for dataset in manifest.datasets:
        files, problems = resolve_files(manifest, dataset, allow_outside=True)
        assert ([file.name for file in files], problems) == (["x.csv"], [])


def test_a_folder_without_subfolders_is_one_dataset(write: Write, tmp_path: Path) -> None:
    write("data/a.csv")
    path = tmp_path / "batch.yaml"
    path.write_text(starter_manifest(path, tmp_path / "data"))
    (dataset,) = loaded(load_manifest(path)).datasets
    assert (dataset.id, dataset.title, dataset.files[0].path) == ("data", "Data", "data/**")


def test_no_such_folder(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        starter_manifest(tmp_path / "batch.yaml", tmp_path / "nowhere")
