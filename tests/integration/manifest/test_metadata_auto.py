"""``metadata: auto``, and files with some keys of their own."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from batchdep.manifest import LoadedManifest, load_manifest
from tests.integration.manifest.conftest import Write, codes, loaded

Load = Callable[[str], LoadedManifest]


def notes(result: LoadedManifest) -> list[str]:
    return [problem.message for problem in result.problems if problem.is_note]


def test_the_file_beside_the_data_is_found_and_told(write: Write, load: Load) -> None:
    write("study/.zenodo.json", '{"title": "T"}')
    write(".zenodo.json", '{"title": "of the whole"}')
    result = load("version: 1\ndatasets: [{id: a, metadata: auto, files: ['study/data/**', study/data/x.csv]}]")
    assert loaded(result).datasets[0].title == "T"
    assert notes(result) == ["metadata from 'study/.zenodo.json' (Zenodo metadata)"]


def test_brackets_in_a_folders_name_lead_to_its_own_file(write: Write, load: Load) -> None:
    write("study/.zenodo.json", '{"title": "of all studies"}')
    write("study/run [1]/.zenodo.json", '{"title": "T"}')
    result = load("version: 1\ndatasets: [{id: a, metadata: auto, files: 'study/run [[]1]/**'}]")
    assert loaded(result).datasets[0].title == "T"


def test_a_file_that_the_dataset_names_comes_first(write: Write, load: Load) -> None:
    write("study/.zenodo.json", '{"title": "T"}')
    write("study/b.zenodo.json", '{"title": "B"}')
    result = load("version: 1\ndatasets: [{id: a, metadata: auto, files: [study/b.zenodo.json, study/x.csv]}]")
    assert loaded(result).datasets[0].title == "B"


def test_the_manifests_own_folder_counts_where_the_files_are_there(write: Write, load: Load) -> None:
    write(".zenodo.json", '{"title": "T"}')
    assert loaded(load("version: 1\ndatasets: [{id: a, metadata: auto, files: '*.csv'}]")).datasets[0].title == "T"


def test_none_and_several(write: Write, load: Load) -> None:
    write(".zenodo.json", '{"title": "of the whole"}')
    write("s/a.zenodo.json", "{}")
    write("s/b.zenodo.json", "{}")
    write("t/x.csv")
    result = load(
        "version: 1\ndatasets:\n- {id: a, metadata: auto, files: 's/*.csv'}\n- {id: b, metadata: auto, files: t/x.csv}"
    )
    assert codes(result.problems) == ["metadata_ambiguous", "metadata_missing"]
    assert "'a.zenodo.json', 'b.zenodo.json'" in result.problems[0].message
    assert "'t'" in result.problems[1].message


def test_keys_beside_from_override_the_file(write: Write, load: Load) -> None:
    write("s/m.json", '{"title": "T", "version": "1"}')
    result = load(
        "version: 1\ndefaults: {language: eng}\n"
        "datasets:\n- id: a\n  metadata: {from: s/m.json, title: Mine}\n  files: 's/**'\n"
    )
    (dataset,) = loaded(result).datasets
    assert dataset.metadata == {"language": "eng", "title": "Mine", "version": "1"}
    assert dataset.metadata_place("title").locate().file.endswith("batch.yaml")
    assert dataset.metadata_place("version").locate().file.endswith("m.json")


def test_auto_and_from_in_each_folder(write: Write, load: Load) -> None:
    for name in "ab":
        write(f"studies/{name}/.zenodo.json", f'{{"title": "{name}"}}')
    result = load('version: 1\ndatasets: {folders: "studies/*", metadata: {from: auto, license: mit}}')
    assert [d.metadata for d in loaded(result).datasets] == [
        {"title": "a", "license": "mit"},
        {"title": "b", "license": "mit"},
    ]
    assert len(notes(result)) == 2


def test_a_found_file_that_is_a_link_out_of_the_folder_is_refused(write: Write, tmp_path: Path) -> None:
    write("secret.json", '{"title": "T"}')
    write("batch/s/x.csv")
    (tmp_path / "batch" / "s" / ".zenodo.json").symlink_to(tmp_path / "secret.json")
    path = write("batch/b.yaml", "version: 1\ndatasets: [{id: a, metadata: auto, files: s/x.csv}]")
    result = load_manifest(path)
    assert codes(result.problems) == ["outside"]
    assert "T" not in str(result.manifest and result.manifest.datasets[0].metadata)


@pytest.mark.parametrize("metadata", ["{from: []}", "{from: ''}", "{from: {a: b}}"])
def test_from_that_is_no_file(load: Load, metadata: str) -> None:
    result = load(f"version: 1\ndatasets: [{{id: a, metadata: {metadata}, files: x}}]")
    assert set(codes(result.problems)) <= {"wrong_kind", "metadata_missing"}
    assert result.problems
