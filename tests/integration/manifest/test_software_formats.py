"""What software says of itself, as people have it, by the path that a manifest takes."""

from __future__ import annotations

from pathlib import Path

import pytest

from batchdep.check import CheckReport, check_manifest
from batchdep.manifest import load_manifest
from batchdep.problems import Problem
from tests.support.metadata_files import checked

CORPUS = Path(__file__).resolve().parents[3].parent / "shared" / "data" / "metadata-corpus"
CFF = CORPUS / "cff"
CODEMETA = CORPUS / "codemeta"

needs_cff = pytest.mark.skipif(not CFF.is_dir(), reason="the collection of real CITATION.cff files is not here")
needs_codemeta = pytest.mark.skipif(
    not CODEMETA.is_dir(), reason="the collection of real codemeta.json files is not here"
)


def faults(report: CheckReport, name: str) -> set[tuple[str, str]]:
    return {(each.code, each.path) for each in report.problems if each.dataset == name and each.is_error}


NO_DESCRIPTION = ("missing", "metadata.description")
LACKING_IN_CFF: dict[str, set[tuple[str, str]]] = {
    "U-Shift__shademap-download-tool.cff": set(),
    "UA-CALES-SPLS-AGI__HiFi-16S-workflow.cff": set(),
    "UB-LMU__DataCite_BestPracticeGuide.cff": set(),
    "UCL__TLOmodel.cff": set(),
    "UCL-ECHILD__docs.echild.ac.uk-website.cff": {("duplicate_key", "")},
    "UCB-stat-159-f25__final-group08.cff": {
        NO_DESCRIPTION,
        *(("bad_orcid", f"metadata.creators[{index}].orcid") for index in range(3)),
    },
    "UCICaoLab__NKK.cff": {NO_DESCRIPTION, ("missing", "metadata.title")},
    "kermitt2__grobid.cff": {("bad_orcid", "metadata.creators[0].orcid")},
    "UAws__CV-3315-Is-All-You-Need.cff": {NO_DESCRIPTION},
    "UBC-FRESH__ws3.cff": {NO_DESCRIPTION},
    "UC-OSPO-Network__education.cff": {NO_DESCRIPTION},
    "UCAEngineeringPhysics__BearCar.cff": {NO_DESCRIPTION},
    "UCL__PETPVC.cff": {NO_DESCRIPTION},
    "UCSB-AMPLab__zasqua.cff": {NO_DESCRIPTION},
    "UCSB-VRL__bisqueUCSB.cff": {NO_DESCRIPTION},
}
"""What is truly wrong with each file: no abstract, no title (there is no blank behind the colon), wrong ORCID iDs."""


@needs_cff
def test_real_citation_files_are_refused_for_what_they_lack_alone(tmp_path: Path) -> None:
    datasets, report = checked(tmp_path, *sorted(CFF.glob("*.cff")))
    assert {name: faults(report, name) for name in datasets} == LACKING_IN_CFF
    for dataset in datasets.values():
        assert dataset.metadata["upload_type"] == "software"
        assert dataset.metadata["creators"]
        assert "doi" not in dataset.metadata


LACKING_IN_CODEMETA: dict[str, set[tuple[str, str]]] = {
    "02mario__OpenScience.json": {("missing", "metadata.creators")},
    "0f5__siibra-explorer.json": set(),
    "A-Klingenberg__VIPER.json": set(),
    "AI4LAM__awesome-ai4lam.json": {("bad_licence", "metadata.license")},
    "ARGOeu__argo-messaging.json": set(),
    "ARTIST-Association__ARTIST.json": set(),
    "AUSP59__neon-world-os.json": {("missing", "metadata.creators"), NO_DESCRIPTION},
    "AlbanSagouis__stopmotion.json": set(),
    "codemeta.json": set(),
    "examples_codemeta.json": set(),
}
"""What is truly wrong with each file: nobody named, nothing said, a licence that is the address of a text."""


@needs_codemeta
def test_real_codemeta_files_are_refused_for_what_they_lack_alone(tmp_path: Path) -> None:
    files = [CODEMETA / name for name in LACKING_IN_CODEMETA]
    datasets, report = checked(tmp_path, *files)
    assert {name: faults(report, name) for name in datasets} == LACKING_IN_CODEMETA
    read_as = {each.message.partition(":")[0] for each in report.notes}
    assert read_as == {"CodeMeta"}
    for name, dataset in datasets.items():
        assert dataset.metadata["upload_type"] == ("dataset" if name.startswith("AI4LAM") else "software")
        assert dataset.metadata["title"]
        assert dataset.metadata["related_identifiers"]
        assert "doi" not in dataset.metadata


def _line(problem: Problem) -> int | None:
    assert problem.location is not None
    return problem.location.line


def test_a_problem_is_shown_where_it_stands_in_the_citation_file(tmp_path: Path) -> None:
    path = tmp_path / "CITATION.cff"
    path.write_text(
        "cff-version: 1.2.0\nmessage: Cite.\ntitle: Scores\nabstract: Reads scores.\nversion: 1.10\n"
        "authors:\n  - family-names: Doe\n    given-names: Jane\n    orcid: https://orcid.org/0000-0002-1825-0098\n"
        "date-released: 2021-13-01\n"
    )
    datasets, report = checked(tmp_path, path)
    assert [(each.code, _line(each)) for each in report.problems if each.is_error] == [
        ("bad_orcid", 9),
        ("bad_date", 10),
    ]
    assert datasets["CITATION.cff"].metadata["version"] == "1.10"


def test_a_problem_is_shown_where_it_stands_in_codemeta(tmp_path: Path) -> None:
    path = tmp_path / "codemeta.json"
    path.write_text(
        '{"@context": "https://w3id.org/codemeta/3.0", "type": "SoftwareSourceCode",\n"name": "Scores",\n'
        '"description": "Reads scores.",\n"license": "https://example.org/mine",\n'
        '"codeRepository": "git+https://github.com/example/scores",\n'
        '"author": [{"givenName": "Jane", "familyName": "Doe",\n"id": "https://orcid.org/0000-0002-1825-0098"}]}'
    )
    _, report = checked(tmp_path, path)
    assert [(each.code, _line(each)) for each in report.problems if each.is_error] == [
        ("bad_licence", 4),
        ("bad_orcid", 7),
    ]


def test_the_best_file_of_a_folder_is_taken(tmp_path: Path) -> None:
    """A citation file before CodeMeta, which says the same in more words."""
    folder = tmp_path / "scores"
    folder.mkdir()
    (folder / "codemeta.json").write_text('{"@context": "https://w3id.org/codemeta/3.0", "name": "From CodeMeta"}')
    (folder / "CITATION.cff").write_text("cff-version: 1.2.0\ntitle: From the citation file\n")
    manifest = tmp_path / "batch.yaml"
    manifest.write_text("version: 1\ndatasets:\n- {id: a, files: [scores/], metadata: auto}\n")
    loaded = load_manifest(manifest).manifest
    assert loaded is not None
    assert loaded.datasets[0].title == "From the citation file"


def test_what_a_citation_file_lacks_is_given_beside_it(tmp_path: Path) -> None:
    path = tmp_path / "CITATION.cff"
    path.write_text("cff-version: 1.2.0\nmessage: Cite.\ntitle: Scores\nauthors:\n  - name: The Score Team\n")
    _, report = checked(tmp_path, path)
    (error,) = [each for each in report.problems if each.is_error]
    assert error.path == "metadata.description"
    assert error.hint.endswith(
        "Write metadata: {from: FILE, description: ...}, or add it to CITATION.cff in its own words."
    )
    manifest = tmp_path / "batch.yaml"
    manifest.write_text(
        "version: 1\ndatasets:\n- id: scores\n  files: [CITATION.cff]\n"
        "  metadata: {from: CITATION.cff, description: Reads scores.}\n"
    )
    assert check_manifest(load_manifest(manifest)).ok


def test_what_a_file_lacks_goes_into_a_column_of_a_table(tmp_path: Path) -> None:
    (tmp_path / "CITATION.cff").write_text("cff-version: 1.2.0\nmessage: Cite.\ntitle: Scores\n")
    manifest = tmp_path / "batch.csv"
    manifest.write_text("id,metadata,files\nscores,CITATION.cff,CITATION.cff\n")
    report = check_manifest(load_manifest(manifest))
    hints = {each.path: each.hint for each in report.problems if each.is_error}
    assert hints.keys() == {"metadata.description", "metadata.creators"}
    for path, hint in hints.items():
        column = path.removeprefix("metadata.")
        assert hint.endswith(f" Fill in the column {column}, or add it to CITATION.cff in its own words.")
        assert "{" not in hint
    assert "Family, Given | affiliation | orcid" in hints["metadata.creators"]


def test_without_a_metadata_file_nothing_is_said_of_one(tmp_path: Path) -> None:
    manifest = tmp_path / "batch.yaml"
    manifest.write_text("version: 1\ndatasets:\n- id: a\n  files: [batch.yaml]\n  metadata: {title: Scores}\n")
    hints = [each.hint for each in check_manifest(load_manifest(manifest)).problems if each.code == "missing"]
    assert hints
    assert not any("from: FILE" in each for each in hints)
