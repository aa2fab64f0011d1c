from __future__ import annotations

import os
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


def test_in_the_manifests_own_folder_all_but_the_manifest_is_deposited(write: Write, tmp_path: Path) -> None:
    for name in ("a.csv", "b.csv", "run 2", "settings[1].yaml", ".git/x", ".hidden", ".zenodo.json"):
        write(name, "{}" if name.endswith("json") else "x")
    path = tmp_path / "batch.yaml"
    path.write_text(starter_manifest(path, tmp_path))
    manifest = loaded(load_manifest(path))
    (dataset,) = manifest.datasets
    assert [spec.path for spec in dataset.files] == ["*.csv", "run 2", "settings[1].yaml"]
    files, problems = resolve_files(manifest, dataset)
    assert [file.name for file in files] == ["a.csv", "b.csv", "run 2", "settings[1].yaml"]
    assert not [problem for problem in problems if problem.is_error]


def test_a_name_that_no_manifest_can_have_is_left_to_check(write: Write, tmp_path: Path) -> None:
    write("a.csv")
    (tmp_path / os.fsdecode(b"caf\xe9.txt")).write_text("x")
    path = tmp_path / "batch.yaml"
    path.write_text(starter_manifest(path, tmp_path))
    (dataset,) = loaded(load_manifest(path)).datasets
    assert [spec.path for spec in dataset.files] == ["**"]


def test_what_becomes_no_dataset_is_told(write: Write, tmp_path: Path) -> None:
    for name in ("roses/a.csv", "loose.txt", ".hidden", ".git/x"):
        write(name)
    (tmp_path / "empty one").mkdir()
    (tmp_path / " b").mkdir()
    (tmp_path / "link").symlink_to("roses")
    path = tmp_path / "batch.yaml"
    path.write_text("an old one")
    path.write_text(starter_manifest(path, tmp_path))
    assert [line.strip() for line in path.read_text().splitlines() if "left out" in line] == [
        "# left out:  b (such a name cannot be an id)",
        "# left out: empty one (has no files)",
        "# left out: link (a link)",
        "# left out: loose.txt (lies in no folder of its own)",
    ]
    assert [dataset.id for dataset in loaded(load_manifest(path)).datasets] == ["roses"]
    for number in range(30):
        write(f"{number}.txt")
    told = [line for line in starter_manifest(path, tmp_path).splitlines() if "left out" in line]
    assert (len(told), told[-1].strip()) == (21, "# left out: and 14 more")


def test_no_such_folder(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        starter_manifest(tmp_path / "batch.yaml", tmp_path / "nowhere")


# -- what is found in the folders --------------------------------------------------------------------------------------

WHOLE = '{"title": "Of the file", "description": "What it is", "creators": [{"name": "Roy, Asha"}]}'


def started(tmp_path: Path, name: str = "batch.yaml") -> Path:
    path = tmp_path / name
    path.write_text(starter_manifest(path, tmp_path / "s"), encoding="utf-8")
    return path


def open_questions(path: Path) -> list[tuple[str | None, str, str]]:
    """What check finds, but for the placeholders of the header."""
    report = check_manifest(load_manifest(path))
    return [
        (problem.dataset, problem.code, problem.path) for problem in report.problems if problem.code != "placeholder"
    ]


def test_what_a_metadata_file_says_need_not_be_filled_in(write: Write, tmp_path: Path) -> None:
    write("s/whole/x.csv")
    write("s/whole/.zenodo.json", WHOLE)
    write("s/partly/x.csv")
    write("s/partly/my.zenodo.json", '{"title": "A title", "description": " "}')
    write("s/none/x.csv")
    path = started(tmp_path)
    assert open_questions(path) == [
        ("none", "missing", "metadata.description"), ("partly", "missing", "metadata.description"),
    ]  # fmt: skip
    text = path.read_text()
    assert '    metadata: "s/whole/.zenodo.json"  # Zenodo metadata\n' in text
    assert '      from: "s/partly/my.zenodo.json"  # Zenodo metadata\n' in text
    assert '      title: "None"  # from the folder\'s name\n' in text
    path.write_text(text.replace("      # description", "      description"))
    assert open_questions(path) == [], "nothing but removing the # marks is left to do"
    titles = {dataset.id: dataset.title for dataset in loaded(load_manifest(path)).datasets}
    assert titles == {"none": "None", "partly": "A title", "whole": "Of the file"}


def test_every_format_that_is_read_is_used(write: Write, tmp_path: Path) -> None:
    write("s/package/x.csv")
    package = '{"name": "p", "title": "A package", "resources": [{"name": "x", "path": "x.csv"}]}'
    write("s/package/datapackage.json", package)
    path = started(tmp_path)
    assert '      from: "s/package/datapackage.json"  # Frictionless data package\n' in path.read_text()
    assert open_questions(path) == [("package", "missing", "metadata.description")]
    (dataset,) = loaded(load_manifest(path)).datasets
    assert dataset.title == "A package"


def test_too_many_files_are_told_and_a_zip_is_offered(write: Write, tmp_path: Path) -> None:
    for number in range(101):
        write(f"s/many/{number}.csv")
    write("s/many/.zenodo.json", WHOLE)
    path = started(tmp_path)
    assert open_questions(path) == [("many", "too_many_files", "files")]
    take_the_offer(path)
    assert open_questions(path) == []
    (dataset,) = loaded(load_manifest(path)).datasets
    assert (dataset.files[0].path, dataset.files[0].name) == ("s/many/", "many.zip")


def take_the_offer(path: Path) -> None:
    """Puts the entry that a comment offers in the place of the one that is there."""
    lines = path.read_text().splitlines()
    (offer,) = [line.partition("uploaded: ")[2] for line in lines if "uploaded: files: " in line]
    path.write_text("\n".join(f"    {offer}" if line.startswith("    files:") else line for line in lines))


def test_names_that_are_there_twice_are_told(write: Write, tmp_path: Path) -> None:
    for name in ("a/x.csv", "b/x.csv", "empty.txt"):
        write(f"s/twice/{name}", "" if name == "empty.txt" else "x")
    write("s/twice/.zenodo.json", WHOLE)
    path = started(tmp_path)
    assert {code for _, code, _ in open_questions(path)} == {"name_taken", "empty_file"}
    take_the_offer(path)
    assert open_questions(path) == []


def sparse(path: Path, size: int) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        file.truncate(size)
    os.utime(path, (1_700_000_000, 1_700_000_000))


def test_a_folder_that_is_too_large_for_one_zip(write: Write, tmp_path: Path) -> None:
    for part in ("a", "b"):
        for number in range(60):
            sparse(tmp_path / "s" / "big" / part / f"{part}{number}.bin", 80_000_000)
    write("s/big/readme [1].md")
    write("s/big/.zenodo.json", WHOLE)
    path = started(tmp_path)
    assert open_questions(path) == [("big", "too_many_files", "files")]
    take_the_offer(path)
    assert open_questions(path) == []
    (dataset,) = loaded(load_manifest(path)).datasets
    assert [spec.path for spec in dataset.files] == ["s/big/readme [1].md", "s/big/a/", "s/big/b/"]


def test_what_no_zip_can_help_is_told_with_the_limit(write: Write, tmp_path: Path) -> None:
    for number in range(11):
        sparse(tmp_path / "s" / "huge" / f"{number}.bin", 4_900_000_000)
    write("s/huge/.zenodo.json", WHOLE)
    path = started(tmp_path)
    assert open_questions(path) == [("huge", "dataset_over_limit", "files")]
    comments = [line for line in path.read_text().splitlines() if line.startswith("    # ")]
    assert "the limit for a dataset is 50 GB" in comments[0]
    assert "Make several datasets of it" in comments[1]


def test_two_files_that_are_equally_good_are_for_a_person_to_choose(write: Write, tmp_path: Path) -> None:
    write("s/two/x.csv")
    write("s/two/a.zenodo.json", WHOLE)
    write("s/two/b.zenodo.json", WHOLE)
    path = started(tmp_path)
    assert open_questions(path) == [("two", "metadata_ambiguous", "metadata")]
    assert "a.zenodo.json" in path.read_text()


def test_a_broken_metadata_file_is_told_once(write: Write, tmp_path: Path) -> None:
    write("s/broken/x.csv")
    write("s/broken/.zenodo.json", '{"title": ')
    path = started(tmp_path)
    assert [code for _, code, _ in open_questions(path)] == ["json_syntax"]


def test_what_describes_the_folder_above_gives_no_title(write: Write, tmp_path: Path) -> None:
    write("s/.zenodo.json", WHOLE)
    for name in ("s/run_1/x.csv", "s/run_2/y.csv"):
        write(name)
    path = started(tmp_path)
    assert open_questions(path) == []
    assert [dataset.title for dataset in loaded(load_manifest(path)).datasets] == ["Run 1", "Run 2"]


def test_names_from_anywhere_make_no_other_yaml(write: Write, tmp_path: Path) -> None:
    folder = 's/a: "b" # c \\ {{doi:x}} [*] é'
    write(f"{folder}/x.csv")
    write(f"{folder}/y: # z.zenodo.json", WHOLE)
    (tmp_path / folder / "bad\nname.csv").write_text("")
    (tmp_path / os.fsdecode(b"s/\xff")).mkdir()
    (tmp_path / os.fsdecode(b"s/\xff/x")).write_text("x")
    path = started(tmp_path)
    (dataset,) = loaded(load_manifest(path)).datasets
    assert (dataset.id, dataset.title) == (folder[2:], "Of the file")
    assert {code for _, code, _ in open_questions(path)} == {"empty_file"}
