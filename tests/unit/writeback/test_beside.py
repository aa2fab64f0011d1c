from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from batchdep.errors import UsageError
from batchdep.manifest.load import load_manifest
from batchdep.manifest.model import Manifest
from batchdep.report.status import BatchStatus, DatasetState, DatasetStatus
from batchdep.writeback.beside import BesideKind, write_beside
from batchdep.writeback.outcome import FileOutcome, Written
from tests.support.replacing import replace

ZENODO, CITATION = BesideKind.ZENODO, BesideKind.CITATION
NOW = datetime(2026, 1, 1, tzinfo=UTC)
METADATA = {
    "title": "T",
    "upload_type": "dataset",
    "creators": [{"name": "Roy, Asha"}],
    "publication_date": "2024-05-01",
}


def manifest(folder: Path, **files: str) -> Manifest:
    """A manifest of datasets whose metadata are its own, or as ``files`` say: ``metadata; files``."""
    entries = "".join(
        f"  - {{id: {key}, metadata: {value.partition('; ')[0] if '; ' in value else '{title: T}'},"
        f" files: [{value.rpartition('; ')[2]}]}}\n"
        for key, value in files.items()
    )
    path = folder / "batch.yaml"
    path.write_text(f"version: 1\ndatasets:\n{entries}")
    loaded = load_manifest(path, allow_outside=True)
    assert loaded.manifest is not None
    assert loaded.ok, loaded.problems
    return loaded.manifest


def status(*ids: str, state: DatasetState = DatasetState.PUBLISHED) -> BatchStatus:
    datasets = [
        DatasetStatus(each, state, "T", 7, None, "10.5072/zenodo.7", None, 1, NOW, (), None, metadata=dict(METADATA))
        for each in ids
    ]
    return BatchStatus("b", "https://sandbox.zenodo.org", "", "", datasets)


def write(batch: Manifest, *kinds: BesideKind, only: tuple[str, ...] = (), force: bool = False) -> list[FileOutcome]:
    known = status(*(each.id for each in batch.datasets))
    return write_beside(batch, known, kinds or (ZENODO,), only, force=force)


def put(folder: Path, *names: str, text: str = "x") -> None:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)


def test_the_common_folder_gets_them(tmp_path: Path) -> None:
    put(tmp_path, "s/data/a.csv", "s/code/a.py")
    batch = manifest(tmp_path, a="s/data/a.csv, s/code/*.py")
    assert [(each.path, each.written) for each in write(batch, CITATION, ZENODO)] == [
        (str(tmp_path / "s" / "CITATION.cff"), Written.WRITTEN),
        (str(tmp_path / "s" / ".zenodo.json"), Written.WRITTEN),
    ]
    assert json.loads((tmp_path / "s" / ".zenodo.json").read_text())["title"] == "T"
    assert "doi: 10.5072/zenodo.7" in (tmp_path / "s" / "CITATION.cff").read_text().replace('"', "")
    assert {each.written for each in write(batch, CITATION, ZENODO)} == {Written.UNCHANGED}


@pytest.mark.parametrize(
    ("files", "kind", "why"),
    [
        ({"a": "'s/**'"}, CITATION, "a file of the dataset 'a'"),
        ({"a": "{path: s/, archive: s.zip}"}, ZENODO, "a file of the dataset 'a'"),
        ({"a": "s/a.csv", "b": "'s/*'"}, CITATION, "several datasets"),
        ({"a": "s/a.csv", "b": "'*/*.cff'"}, CITATION, "a file of the dataset 'b'"),
        ({"a": "s/.zenodo.json; s/a.csv"}, ZENODO, "has its metadata from"),
        ({"a": "s/a.csv", "b": "s/.zenodo.json; t/b.csv"}, ZENODO, "'b' has its metadata from"),
        ({"a": "../outside/a.csv"}, ZENODO, "outside"),
    ],
)
def test_what_would_change_a_deposition_is_refused_with_force_too(
    tmp_path: Path, files: dict[str, str], kind: BesideKind, why: str
) -> None:
    folder = tmp_path / "batch"
    put(folder, "s/a.csv", "t/b.csv", "../outside/a.csv")
    if "metadata" in why:
        put(folder, "s/.zenodo.json", text=json.dumps(METADATA))
    before = sorted(tmp_path.rglob("*"))
    (outcome,) = write(manifest(folder, **files), kind, only=("a",), force=True)
    assert outcome.written is Written.REFUSED
    assert why in outcome.reason
    assert sorted(set(tmp_path.rglob("*")) - {folder / "batch.yaml"}) == before


@pytest.mark.parametrize(
    ("source", "written"),
    [
        ("s/datapackage.json", Written.REFUSED),  # .zenodo.json in the same folder is preferred
        ("s/deep/datapackage.json", Written.WRITTEN),  # it would be farther away
        ("datapackage.json", Written.REFUSED),  # it would be nearer
        ("elsewhere/datapackage.json", Written.WRITTEN),
    ],
)
def test_metadata_come_from_where_they_came_from(tmp_path: Path, source: str, written: Written) -> None:
    put(tmp_path, "s/deep/a.csv", "s/b.csv")
    package = {"name": "p", "title": "T", "resources": [{"name": "a", "path": "a.csv"}]}
    put(tmp_path, source, text=json.dumps(package))
    batch = manifest(tmp_path, a=f"{source}; s/deep/a.csv", b="s/b.csv")
    assert write(batch)[1].written is written


def test_what_somebody_else_wrote_is_replaced_with_force_only(tmp_path: Path) -> None:
    put(tmp_path, "s/a.csv")
    put(tmp_path, "s/CITATION.cff", text="mine")
    batch = manifest(tmp_path, a="s/a.csv")
    (outcome,) = write(batch, CITATION)
    assert (outcome.written, outcome.original) == (Written.REFUSED, None)
    assert "--force" in outcome.reason
    assert (tmp_path / "s" / "CITATION.cff").read_text() == "mine"
    (outcome,) = write(batch, CITATION, force=True)
    assert outcome.original is not None
    assert Path(outcome.original).read_text() == "mine"
    assert (tmp_path / "s" / "CITATION.cff").read_text().startswith("cff-version")


def test_neither_links_nor_folders_are_replaced(tmp_path: Path) -> None:
    put(tmp_path, "s/a.csv", "t/a.csv", "other")
    (tmp_path / "s" / ".zenodo.json").symlink_to(tmp_path / "other")
    (tmp_path / "t" / ".zenodo.json").mkdir()
    outcomes = write(manifest(tmp_path, a="s/a.csv", b="t/a.csv"), force=True)
    assert [each.written for each in outcomes] == [Written.REFUSED] * 2
    assert (tmp_path / "other").read_text() == "x"


def test_an_original_that_would_be_deposited_is_not_made(tmp_path: Path) -> None:
    put(tmp_path, "s/a.csv")
    put(tmp_path, "s/CITATION.cff", text="mine")
    batch = manifest(tmp_path, a="s/a.csv", b="'**/*.before*', batch.yaml")
    outcome = write(batch, CITATION, force=True)[0]
    assert outcome.written is Written.REFUSED
    assert "before-write-back would be a file of the dataset 'b'" in outcome.reason


def test_drafts_have_no_citation_and_unknown_datasets_nothing(tmp_path: Path) -> None:
    put(tmp_path, "s/a.csv", "t/a.csv")
    batch = manifest(tmp_path, a="s/a.csv", b="t/a.csv")
    drafts = status("a", state=DatasetState.DRAFT)
    outcomes = write_beside(batch, drafts, (CITATION, ZENODO))
    assert [each.written for each in outcomes] == [Written.NOTHING, Written.WRITTEN, Written.NOTHING, Written.NOTHING]
    nothing = replace(drafts, datasets=[replace(drafts.datasets[0], metadata={})])
    assert write_beside(batch, nothing, (ZENODO,), only=("a",))[0].written is Written.NOTHING
    with pytest.raises(UsageError):
        write_beside(batch, drafts, (ZENODO,), only=("c",))
