"""Crates and schema.org's JSON-LD as metadata files of a manifest: found, read, judged, located."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from batchdep.check import CheckReport, check_manifest
from batchdep.manifest.load import load_manifest
from batchdep.problems import Problem

CORPUS = Path("../shared/data/metadata-corpus")
CONTEXT = "https://w3id.org/ro/crate/1.2/context"

LACKING: dict[str, set[str]] = {
    "04199": set(),
    "AhsanNisar1996": set(),
    "AndreasMeier12": {"title", "description", "creators"},
    "Australian-Text": {"title", "description", "creators"},
    "AustralianBioCommons": {"description", "license"},
    "BioDT": set(),
    "workflow-run-crate": set(),
    "wrroc-paper": set(),
}
"""Beginning of a real crate's name -> what it truly lacks; the others name no author."""


def check(folder: Path, metadata: str = "auto") -> CheckReport:
    (folder / "a.csv").write_text("x")
    manifest = {"version": 1, "datasets": [{"id": "x", "metadata": metadata, "files": ["a.csv"]}]}
    (folder / "batch.json").write_text(json.dumps(manifest))
    return check_manifest(load_manifest(folder / "batch.json"))


def errors(report: CheckReport) -> list[Problem]:
    return [each for each in report.problems if each.is_error]


@pytest.mark.skipif(not CORPUS.is_dir(), reason="the collection of real metadata files is not here")
@pytest.mark.parametrize("path", sorted((CORPUS / "rocrate").glob("*.json")), ids=lambda path: path.stem)
def test_real_crates_are_refused_for_what_they_lack_alone(tmp_path: Path, path: Path) -> None:
    (tmp_path / "crate.json").write_bytes(path.read_bytes())
    found = errors(check(tmp_path, "crate.json"))
    lacking = next((each for start, each in LACKING.items() if path.name.startswith(start)), {"creators"})
    assert {each.path.removeprefix("metadata.") for each in found} == lacking


@pytest.mark.skipif(not CORPUS.is_dir(), reason="the collection of real metadata files is not here")
def test_a_real_description_of_software_in_schema_orgs_words(tmp_path: Path) -> None:
    real = (CORPUS / "codemeta" / "examples_schema-org-codemeta.json").read_bytes()
    (tmp_path / "software.jsonld").write_bytes(real)
    assert errors(check(tmp_path)) == []


def test_auto_prefers_the_crate_and_says_which_file_it_took(tmp_path: Path) -> None:
    root = {"@id": "./", "@type": "Dataset", "name": "Roses", "author": "Roe, Ann", "description": "Scents"}
    descriptor = {"@id": "ro-crate-metadata.json", "about": {"@id": "./"}}
    crate = {"@context": CONTEXT, "@graph": [descriptor, root]}
    (tmp_path / "ro-crate-metadata.json").write_text(json.dumps(crate))
    page = {"@context": "https://schema.org", "@type": "Dataset", "name": "Thorns"}
    (tmp_path / "page.jsonld").write_text(json.dumps(page))
    report = check(tmp_path)
    assert errors(report) == []
    told = [each.message for each in load_manifest(tmp_path / "batch.json").problems if each.code == "metadata_from"]
    assert told == ["metadata from 'ro-crate-metadata.json' (RO-Crate)"]


def test_a_problem_shows_the_line_of_the_entity_that_has_it(tmp_path: Path) -> None:
    entities: list[dict[str, Any]] = [
        {"@id": "ro-crate-metadata.json", "about": {"@id": "./"}},
        {"@id": "./", "@type": "Dataset", "name": "Roses", "author": {"@id": "https://orcid.org/0000-0002-1825-0098"}},
        {"@id": "https://orcid.org/0000-0002-1825-0098", "name": "Roe, Ann"},
    ]
    text = json.dumps({"@context": CONTEXT, "@graph": entities}, indent=1)
    (tmp_path / "ro-crate-metadata.json").write_text(text)
    found = {each.code: each.location.line for each in errors(check(tmp_path)) if each.location}
    line = 1 + max(index for index, line in enumerate(text.splitlines()) if '"@id": "https://orcid.org' in line)
    assert found["bad_orcid"] == line
