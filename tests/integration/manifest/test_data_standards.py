"""Data packages and ISA files as people have them, by the path that a manifest takes."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.metadata_files import checked

SHARED = Path(__file__).resolve().parents[3].parent / "shared" / "data"
CORPUS = SHARED / "metadata-corpus" / "datapackage"
ROSES = SHARED / "rose2018"

needs_corpus = pytest.mark.skipif(
    not CORPUS.is_dir(), reason="the collection of real datapackage.json files is not here"
)
needs_roses = pytest.mark.skipif(not ROSES.is_dir(), reason="the rose-scent data are not beside this checkout")


NOBODY = frozenset({("missing", "metadata.creators")})
LACKING: dict[str, frozenset[tuple[str, str]]] = {
    "5219rayhsu__open-book-is-good-platform.json": frozenset(),
    "Ashurali__BPM-Data.json": frozenset(),
    "BrokerCatalogueDev__prop-firm-data.json": frozenset(),
    "CT-Data-Collaborative__bullying.json": frozenset(),
    "AMT-Autoridade__taxis.json": frozenset({("json_syntax", "")}),
    "AFoletti__test_frictionless.json": frozenset({("bad_licence", "metadata.license")}),
    **dict.fromkeys(
        (
            *("7THSYMBOL__data-science-courses-in-europe-2016.json", "Ayush-G__METARWX.json"),
            "BobHarper1__uk-government-cats-training-set.json",
        ),
        NOBODY,
    ),
    **dict.fromkeys(
        (
            *("Abeelha__co2-fossil-global.json", "Branko-Dj__eia-gas-price.json", "compression_datapackage.json"),
            *("geopoint_datapackage.json", "infer_datapackage.json", "package_datapackage.json"),
        ),
        NOBODY | {("missing", "metadata.description")},
    ),
}
"""What is truly wrong with each file: its syntax, a licence that is none of the lists', nobody named, nothing said."""


@needs_corpus
def test_real_data_packages_are_refused_for_what_they_lack_alone(tmp_path: Path) -> None:
    files = sorted(CORPUS.glob("*.json"))
    datasets, report = checked(tmp_path, *files)
    found = {name: {(e.code, e.path) for e in report.problems if e.dataset == name and e.is_error} for name in datasets}
    assert found == LACKING
    assert all(problem.hint for problem in report.problems if problem.is_error)
    assert all(dataset.metadata["title"] for name, dataset in datasets.items() if name[:4] != "AMT-")


@needs_roses
def test_the_rose_scent_packages_lack_a_description_alone(tmp_path: Path) -> None:
    files = sorted(ROSES.rglob("*datapackage.json"))
    names = {file.name: file for file in files}  # some are there twice
    datasets, report = checked(tmp_path, *names.values())
    assert len(datasets) == 4
    assert {(each.code, each.path) for each in report.problems if each.is_error} == {
        ("missing", "metadata.description")
    }
    for dataset in datasets.values():
        assert dataset.metadata["creators"] == [{"name": "Philippe Rocca-Serra"}]
        assert dataset.metadata["license"] == "CC0-1.0"
        assert dataset.metadata["keywords"][0] == "metabolite"
        assert dataset.metadata["version"] == "1.0"


@needs_roses
def test_the_rose_scent_investigation_needs_nothing_typed(tmp_path: Path) -> None:
    (file,) = ROSES.rglob("*i_investigation.tsv")
    datasets, report = checked(tmp_path, file)
    assert report.ok
    metadata = datasets[file.name].metadata
    assert metadata["title"] == "The Rosa genome provides new insights into the domestication of modern roses."
    assert metadata["creators"] == [
        {"name": "Bendahmane, Mohammed", "affiliation": "ENS Lyon, UniversitXX de Lyon, France"}
    ]
    assert metadata["keywords"] == ["organism part", "genotype", "metabolite profiling", "mass spectrometry"]
    assert "DUO:0000020" in metadata["notes"]
