"""The check of manifests and files on the disk."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from batchdep.check import CheckReport, check_manifest
from batchdep.manifest import load_manifest

MANIFEST = """\
version: 1
limits: {file: 1 KB}
defaults:
  upload_type: dataset
  license: cc-by-4.0
  creators: [{name: "Doe, Jane"}]
datasets:
  - id: one
    metadata: {title: Scent of roses, description: Volatiles}
    files: [data/a.csv]
  - id: two
    metadata:
      title: Scent of roses
      description: The same again
    files: [data/*.csv]
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "data").mkdir()
    (tmp_path / "data/a.csv").write_text("x" * 10)
    (tmp_path / "batch.yaml").write_text(MANIFEST)
    return tmp_path


def check(folder: Path, name: str = "batch.yaml") -> CheckReport:
    return check_manifest(load_manifest(folder / name))


def codes(report: CheckReport) -> list[str]:
    return [each.code for each in report.problems if each.code != "file_growing"]


def test_counts_and_files(folder: Path) -> None:
    (folder / "data/b.csv").write_text("y" * 5)
    report = check(folder)
    assert report.ok
    assert codes(report) == []
    assert (report.datasets, report.files, report.bytes) == (2, 3, 25)


def test_two_datasets_that_are_one(folder: Path) -> None:
    report = check(folder)
    assert report.ok
    assert codes(report) == ["dataset_doubled"]
    (problem,) = [each for each in report.problems if each.code == "dataset_doubled"]
    assert problem.dataset == "two"
    assert problem.location is not None
    assert problem.location.line == 11


def test_creators_with_names_in_parts_tell_datasets_apart(folder: Path) -> None:
    mine = MANIFEST.replace("{title: Scent of roses,", "{title: Scent of roses, creators: [{family: Doe, given: J}],")
    (folder / "batch.yaml").write_text(f"{mine}    ")
    assert codes(check(folder)) == []
    both = mine.replace("description: The same", "creators: [{name: 'Doe, J'}]\n      description: The same")
    (folder / "batch.yaml").write_text(both)
    assert codes(check(folder)) == ["dataset_doubled"]


def test_metadata_and_file_problems_together_each_with_its_line(folder: Path) -> None:
    (folder / "data/b.csv").write_bytes(b"")
    text = MANIFEST.replace("license: cc-by-4.0", "license: freeware").replace("Scent of roses\n", "ab\n")
    (folder / "batch.yaml").write_text(text)
    report = check(folder)
    found = {(each.code, each.location.line) for each in report.problems if each.is_error and each.location}
    assert found == {("bad_licence", 5), ("too_short", 13), ("empty_file", 15)}
    lines = [each["line"] for each in report.as_dict(folder / "batch.yaml")["problems"]]
    assert lines == sorted(lines)


def test_file_one_byte_over_the_limit(folder: Path) -> None:
    (folder / "data/a.csv").write_text("x" * 1001)
    report = check(folder)
    assert not report.ok
    assert "file_over_limit" in codes(report)


def test_metadata_from_a_file_has_its_own_lines(folder: Path) -> None:
    (folder / ".zenodo.json").write_text(
        '{\n "title": "Scent of roses",\n "description": "Volatiles",\n "upload_type": "data set"\n}\n'
    )
    text = MANIFEST.replace("metadata: {title: Scent of roses, description: Volatiles}", "metadata: .zenodo.json")
    (folder / "batch.yaml").write_text(text)
    (problem,) = [each for each in check(folder).problems if each.is_error]
    assert problem.code == "unknown_value"
    assert problem.location is not None
    assert problem.location.file.endswith(".zenodo.json")
    assert problem.location.line == 4


def test_unreadable_metadata_file_is_the_only_problem(folder: Path) -> None:
    (folder / "batch.yaml").write_text(MANIFEST.replace("{title: Scent of roses, description: Volatiles}", "gone.json"))
    assert [each for each in codes(check(folder)) if each != "dataset_doubled"] == ["metadata_file_missing"]


def with_reference(folder: Path, reference: str) -> None:
    related = f"related_identifiers: [{{relation: cites, identifier: {reference}}}]"
    text = MANIFEST.replace(
        "      description: The same again\n", f"      description: The same again\n      {related}\n"
    )
    assert text != MANIFEST
    (folder / "batch.yaml").write_text(text)


@pytest.mark.parametrize(
    ("reference", "expected"),
    [
        ("{doi: one}", []),
        ("{doi:one}", []),
        ("'{doi: one}'", []),
        ("{doi: onne}", ["reference_unknown"]),
        ("{doi: }", ["reference_malformed"]),
        ("{doi: [one]}", ["reference_malformed"]),
        ("{doi: two}", ["reference_itself"]),
    ],
)
def test_reference_to_another_dataset(folder: Path, reference: str, expected: list[str]) -> None:
    with_reference(folder, reference)
    problems = [each for each in check(folder).problems if each.is_error]
    assert [each.code for each in problems] == expected
    assert all(each.path == "metadata.related_identifiers[0].identifier" for each in problems)
    assert all(each.location is not None and each.location.line for each in problems)


def test_a_slip_in_a_reference_gets_the_id_that_was_meant(folder: Path) -> None:
    with_reference(folder, "{doi: onne}")
    assert next(each.hint for each in check(folder).problems if each.is_error) == "Did you mean 'one'?"


def test_table(folder: Path) -> None:
    (folder / "batch.csv").write_text(
        "id,title,description,upload_type,creators,files,publication_date\n"
        'one,Scent of roses,Volatiles,dataset,"Doe, Jane | CERN | 0000-0002-1825-0098",data/a.csv,24/11/2026\n'
    )
    report = check(folder, "batch.csv")
    assert {each.code for each in report.problems if each.is_error} == {"bad_orcid", "bad_date"}
    assert {each.location.line for each in report.problems if each.is_error and each.location} == {2}


def test_document_is_json(folder: Path) -> None:
    document = check(folder).as_dict(folder / "batch.yaml")
    assert json.loads(json.dumps(document)) == document
    assert document["schema"] == "batchdep-check/1"
    assert document["ok"] is True


CORPUS = Path("../shared/data/metadata-corpus/zenodo-json")


@pytest.mark.skipif(not CORPUS.is_dir(), reason="the collection of real .zenodo.json files is not here")
def test_real_metadata_files_are_judged_without_failing(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("x")
    files = sorted(CORPUS.glob("*.json"))
    for index, file in enumerate(files):
        (tmp_path / f"{index}.json").write_bytes(file.read_bytes())
    datasets = [{"id": str(index), "metadata": f"{index}.json", "files": ["a.csv"]} for index in range(len(files))]
    (tmp_path / "batch.json").write_text(json.dumps({"version": 1, "datasets": datasets}))
    report = check(tmp_path, "batch.json")
    assert report.datasets == len(files) > 0
    assert all(each.message and each.hint for each in report.problems if each.path.startswith("metadata."))


def test_a_table_is_hinted_at_in_the_words_of_a_table(folder: Path) -> None:
    (folder / "data/b").mkdir()
    (folder / "data/b/a.csv").write_text("x")
    (folder / "batch.csv").write_text(
        "id,title,upload_type,description,creators,files\n"
        "one,Roses,dataset,Scents,,\n"
        'two,Roses,dataset,Scents,"Doe, Jane",data/a.csv;data/b/a.csv\n'
    )
    hints = {problem.code: problem.hint for problem in check(folder, "batch.csv").problems if problem.is_error}
    assert hints == {
        "files_missing": "Write into the column files: data/*.csv; figures/ > figures.zip",
        "missing": "Write into the column creators: Family, Given | affiliation | orcid (several are separated by ;)",
        "name_taken": "Rename one of them: only YAML and JSON can give a file another name. "
        "Put folders into one zip each: folder/ > folder.zip.",
    }
