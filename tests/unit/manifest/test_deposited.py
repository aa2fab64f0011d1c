from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from batchdep.manifest.deposited import NOTHING, Deposited
from batchdep.manifest.load import load_manifest
from batchdep.manifest.schema import manifest_schema

ENTRY = {"deposition_id": 7, "doi": "10.5072/zenodo.7", "url": "https://x.org/records/7", "state": "published"}
WHOLE = Deposited(7, "10.5072/zenodo.7", "https://x.org/records/7", "published")


def load(folder: Path, deposited: Any) -> tuple[Deposited, list[str]]:
    manifest = folder / "batch.json"
    dataset = {"id": "a", "metadata": {"title": "T"}, "files": ["a.csv"], "deposited": deposited}
    manifest.write_text(json.dumps({"version": 1, "datasets": [dataset]}))
    loaded = load_manifest(manifest)
    assert loaded.manifest is not None
    (spec,) = loaded.manifest.datasets
    assert spec.metadata == {"title": "T"}  # nothing of it is metadata
    return spec.deposited, [f"{problem.code} {problem.path}" for problem in loaded.problems]


@pytest.mark.parametrize(
    ("written", "read"),
    [
        (ENTRY, WHOLE),
        ({}, NOTHING),
        ({"deposition_id": "7", "doi": None}, Deposited(7)),
        ({"deposition_id": 0, "state": "draft"}, Deposited(0, state="draft")),
    ],
)
def test_what_is_written_is_read_back(tmp_path: Path, written: Any, read: Deposited) -> None:
    assert load(tmp_path, written) == (read, [])


@pytest.mark.parametrize(
    ("written", "problems"),
    [
        (None, ["wrong_kind deposited"]),
        ([ENTRY], ["wrong_kind deposited"]),
        ({"id": 7}, ["unknown_key deposited.id"]),
        ({"deposition_id": "seven"}, ["wrong_kind deposited.deposition_id"]),
        ({"deposition_id": 7.5}, ["wrong_kind deposited.deposition_id"]),
        ({"deposition_id": -7}, ["wrong_kind deposited.deposition_id"]),
        ({"deposition_id": 10**30}, ["wrong_kind deposited.deposition_id"]),
        ({"deposition_id": True}, ["wrong_kind deposited.deposition_id"]),
        ({"doi": ["10.5072/x"]}, ["wrong_kind deposited.doi"]),
    ],
)
def test_what_nobody_wrote_is_told(tmp_path: Path, written: Any, problems: list[str]) -> None:
    assert load(tmp_path, written) == (NOTHING, problems)


def test_folders_have_one_each_by_name(tmp_path: Path) -> None:
    for name in ("rose", "tulip"):
        (tmp_path / "studies" / name).mkdir(parents=True)
        (tmp_path / "studies" / name / ".zenodo.json").write_text('{"title": "T"}')
    manifest = tmp_path / "batch.json"
    datasets: dict[str, Any] = {"folders": "studies/*", "deposited": {"tulip": ENTRY, "gone": ENTRY}}
    manifest.write_text(json.dumps({"version": 1, "datasets": datasets}))
    loaded = load_manifest(manifest)
    assert loaded.problems == []
    assert loaded.manifest is not None
    assert [spec.deposited for spec in loaded.manifest.datasets] == [NOTHING, WHOLE]
    datasets["deposited"] = []
    manifest.write_text(json.dumps({"version": 1, "datasets": datasets}))
    assert [problem.code for problem in load_manifest(manifest).problems] == ["wrong_kind"]  # once, not for each folder


def test_tables_have_columns_of_their_own(tmp_path: Path) -> None:
    manifest = tmp_path / "batch.csv"
    manifest.write_text(
        "id,title,files,doi,deposited.deposition_id,deposited.doi,deposited.url,deposited.state\n"
        "a,T,a.csv,10.1234/own,7,10.5072/zenodo.7,https://x.org/records/7,published\n"
        "b,T,a.csv,,,,,\n"
        "c,T,a.csv,,x,,,\n"
    )
    loaded = load_manifest(manifest)
    assert loaded.manifest is not None
    assert [spec.deposited for spec in loaded.manifest.datasets] == [WHOLE, NOTHING, NOTHING]
    assert loaded.manifest.datasets[0].metadata == {"title": "T", "doi": "10.1234/own"}
    (problem,) = loaded.problems
    assert problem.code == "wrong_kind"
    assert problem.location is not None
    assert (problem.location.line, problem.location.column) == (4, 5)


def test_the_schema_takes_what_is_written() -> None:
    valid = Draft202012Validator(manifest_schema()).is_valid
    dataset = {"id": "a", "files": ["a.csv"], "deposited": ENTRY}
    assert valid({"version": 1, "datasets": [dataset]})
    assert not valid({"version": 1, "datasets": [dataset | {"deposited": {"id": 7}}]})
    assert valid({"version": 1, "datasets": {"folders": "*", "deposited": {"rose": ENTRY}}})


def test_the_digest_is_that_of_the_file(tmp_path: Path) -> None:
    manifest = tmp_path / "batch.jsonl"
    data = b'{"id": "a", "metadata": {"title": "T"}, "files": "a.csv"}\n'
    manifest.write_bytes(data)
    loaded = load_manifest(manifest)
    assert loaded.manifest is not None
    assert loaded.manifest.digest == hashlib.sha256(data).hexdigest()
