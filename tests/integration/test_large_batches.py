"""What keeps a batch of any size small: nothing is looked at twice, and none of it is held."""

from __future__ import annotations

import gc
import tracemalloc
from pathlib import Path

import pytest

from batchdep.check import check_manifest
from batchdep.dois import dois_of
from batchdep.errors import ManifestInvalid
from batchdep.job import Job
from batchdep.manifest import LoadedManifest, load_manifest
from batchdep.plan_shelf import Looked
from batchdep.planning import plan_datasets

HEADER = "id,title,upload_type,description,creators,files\n"


def batch(folder: Path, count: int, pattern: str = "d/*.csv") -> LoadedManifest:
    (folder / "d").mkdir(exist_ok=True)
    for number in range(5):
        (folder / f"d/{number}.csv").write_text("x")
    rows = (f'a{i},Title {i},dataset,{"Measured. " * 20},"Roy, A",{pattern}\n' for i in range(count))
    path = folder / f"m{count}.csv"
    path.write_text(HEADER + "".join(rows))
    return load_manifest(path)


def job(loaded: LoadedManifest, looked: Looked | None = None) -> Job:
    assert loaded.manifest is not None
    return Job(loaded.manifest, "http://127.0.0.1:1", "none.db", looked=looked)


def looking(loaded: LoadedManifest) -> Looked:
    assert loaded.manifest is not None
    return Looked(loaded.manifest)


def test_what_a_check_saw_is_not_looked_at_again(tmp_path: Path) -> None:
    loaded = batch(tmp_path, 3)
    looked = looking(loaded)
    assert check_manifest(loaded, seeing=looked).ok
    expected = plan_datasets(job(loaded))
    for file in (tmp_path / "d").iterdir():
        file.unlink()
    plans = plan_datasets(job(loaded, looked))
    assert [(plan.id, plan.digest, plan.files) for plan in plans.selected] == [
        (plan.id, plan.digest, plan.files) for plan in expected.selected
    ]
    assert [len(list(each.files or ())) for each in plans.wanted] == [5, 5, 5]
    with pytest.raises(ManifestInvalid):
        plan_datasets(job(loaded))


def test_errors_that_a_check_saw_are_those_of_the_plan(tmp_path: Path) -> None:
    loaded = batch(tmp_path, 2, "e/*")
    looked = looking(loaded)
    assert not check_manifest(loaded, seeing=looked).ok
    found = []
    for seen in (None, looked):
        with pytest.raises(ManifestInvalid) as error:
            plan_datasets(job(loaded, seen))
        found.append(error.value.problems)
    assert found[0] == found[1]
    assert [problem.code for problem in found[0]] == ["no_match", "no_match"]
    published = plan_datasets(job(loaded, looked), published={"a0", "a1"})
    assert ([each.files for each in published.wanted], list(published.selected)) == ([None, None], [])


def test_dois_that_a_check_saw_are_known(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("x")
    path = tmp_path / "m.csv"
    path.write_text(HEADER.replace("id,", "id,doi,") + 'a,https://doi.org/10.1234/A,T,dataset,Measured.,"R, A",a.csv\n')
    loaded = load_manifest(path)
    looked = looking(loaded)
    check_manifest(loaded, seeing=looked)
    assert loaded.manifest is not None
    for seen in (None, looked):
        assert dois_of(loaded.manifest, "http://127.0.0.1:1", {}, seen).given == {"a": "10.1234/A"}


def test_it_is_told_how_far_the_looking_is(tmp_path: Path) -> None:
    batch(tmp_path, 250)
    read: list[int] = []
    looked: list[tuple[int, int]] = []
    loaded = load_manifest(tmp_path / "m250.csv", count=read.append)
    assert read == [100, 200]
    check_manifest(loaded, count=lambda number, of: looked.append((number, of)))
    assert looked == [(number, 250) for number in range(1, 251)]


def held(folder: Path, count: int) -> int:
    """Bytes that a batch takes once it is loaded, checked and planned."""
    batch(folder, count)
    tracemalloc.start()
    try:
        loaded = load_manifest(folder / f"m{count}.csv")
        looked = looking(loaded)
        assert check_manifest(loaded, seeing=looked).ok
        plans = plan_datasets(job(loaded, looked))
        assert len(plans.wanted) == count
        gc.collect()
        return tracemalloc.get_traced_memory()[0]
    finally:
        tracemalloc.stop()


def test_a_dataset_with_its_files_takes_little_memory(tmp_path: Path) -> None:
    held(tmp_path, 10)  # what is loaded once
    # whole portions of a shelf, whose last one is not put away yet
    assert (held(tmp_path, 640) - held(tmp_path, 256)) / 384 < 1_000
