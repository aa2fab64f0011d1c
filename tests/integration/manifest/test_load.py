from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from batchdep.manifest import LoadedManifest, load_manifest
from batchdep.metadata.references import references_in
from batchdep.problems import Problem
from tests.integration.manifest.conftest import Write, codes, loaded

Load = Callable[[str], LoadedManifest]
MINIMAL = "version: 1\ndatasets: [{id: a, metadata: {title: T}, files: x.csv}]\n"


def lines(problems: list[Problem]) -> list[tuple[str, int | None]]:
    return [(problem.code, problem.location.line if problem.location else None) for problem in problems]


def test_a_whole_manifest(load: Load) -> None:
    manifest = loaded(
        load("""\
version: 1
batch: rose-scent-2018
target: sandbox
publish: true
limits: {file: 1 GiB, dataset: 50GB, files: 7}
defaults:
  upload_type: dataset
  license: cc-by-4.0
  creators: [{name: "Rocca-Serra, Philippe", orcid: 0000-0001-9853-5668}]
datasets:
  - id: ng2018-tabular
    metadata:
      title: Tables
      license: cc-zero
      version: 1.10
      publication_date: 2018-07-01
      language: no
      journal_volume: 50
      locations: [{place: Wytham, lat: 51.70, lon: -1.33}]
    files:
      - data/*.csv
      - {path: data/a b.csv, name: a_b.csv}
      - {path: figures/, archive: figures.zip}
  - id: 2018
    files: "**"
""")
    )
    assert (manifest.batch, manifest.batch_is_named, manifest.target, manifest.publish) == (
        "rose-scent-2018", True, "sandbox", True,
    )  # fmt: skip
    assert (manifest.limits.file, manifest.limits.dataset, manifest.limits.files) == (1 << 30, 50_000_000_000, 7)
    tabular, plain = manifest.datasets
    assert tabular.metadata == {
        "upload_type": "dataset",
        "license": "cc-zero",
        "creators": [{"name": "Rocca-Serra, Philippe", "orcid": "0000-0001-9853-5668"}],
        "title": "Tables",
        "version": "1.10",
        "publication_date": "2018-07-01",
        "language": "no",
        "journal_volume": "50",
        "locations": [{"place": "Wytham", "lat": 51.7, "lon": -1.33}],
    }
    assert [(spec.path, spec.name, spec.archive) for spec in tabular.files] == [
        ("data/*.csv", None, False), ("data/a b.csv", "a_b.csv", False), ("figures/", "figures.zip", True),
    ]  # fmt: skip
    assert tabular.metadata_place("creators", 0, "orcid").locate().line == 9
    assert tabular.metadata_place("license").locate().line == 14
    assert tabular.metadata_place("description").locate().line == 12
    assert (plain.id, plain.metadata["license"], plain.files[0].path) == ("2018", "cc-by-4.0", "**")


def test_the_defaults_of_a_manifest(load: Load) -> None:
    manifest = loaded(load(MINIMAL))
    assert (manifest.batch, manifest.batch_is_named, manifest.target, manifest.publish) == (
        "batch",
        False,
        "local",
        False,
    )
    assert (manifest.limits.file, manifest.limits.dataset, manifest.limits.files) == (5 * 10**9, 50 * 10**9, 100)


def test_every_problem_at_once(load: Load) -> None:
    result = load("""\
version: 2
batch: "a\\tb"
traget: sandbox
publish: "yes"
limits: {file: big, files: 1.5, fils: 3}
datasets:
  - id: a
    metadata: {title: T}
    files: []
  - id: a
    title: T
    files: [{name: x}, {path: a, nane: b}, 3, [], {path: a, name: b, archive: c.zip}]
  - metadata: []
    files: {path: ""}
  - just text
""")
    assert lines(result.problems) == [
        ("unknown_key", 3), ("version_unknown", 1), ("name_invalid", 2), ("wrong_kind", 4),
        ("unknown_key", 5), ("limit_invalid", 5), ("limit_invalid", 5),
        ("files_missing", 9),
        ("id_duplicate", 10), ("unknown_key", 11),
        ("path_missing", 12), ("unknown_key", 12), ("wrong_kind", 12), ("name_twice", 12), ("metadata_missing", 10),
        ("id_missing", 13), ("path_missing", 14), ("wrong_kind", 13),
        ("wrong_kind", 15),
    ]  # fmt: skip
    assert result.manifest is not None
    assert not result.ok
    hints = [problem.hint for problem in result.problems]
    assert "Did you mean 'target'?" in hints
    assert "`title` goes under `metadata:`." in hints
    duplicate = result.problems[8]
    assert (duplicate.dataset, duplicate.path) == ("a", "id")
    assert "batch.yaml:7" in duplicate.message


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "manifest_empty"),
        ("# only a comment\n", "manifest_empty"),
        ("- a\n", "wrong_kind"),
        ("hello", "wrong_kind"),
        ("version: 1", "datasets_missing"),
        ("version: 1\ndatasets: []", "datasets_missing"),
        ("version: 1\ndatasets: hello", "wrong_kind"),
        ("datasets: [{id: a, metadata: {title: T}, files: x}]", "version_missing"),
        ("version: true\ndatasets: [{id: a, metadata: {title: T}, files: x}]", "version_unknown"),
        ("version: 1\ndatasets: [{id: a, metadata: {title: T}}]", "files_missing"),
        ("version: 1\ndefaults: []\ndatasets: [{id: a, metadata: {title: T}, files: x}]", "wrong_kind"),
        ("version: 1\ndatasets: [{id: '', metadata: {title: T}, files: x}]", "name_invalid"),
        ("version: 1\ndatasets: [{id: ' a', metadata: {title: T}, files: x}]", "name_invalid"),
        ('version: 1\ndatasets: [{id: "a\\0", metadata: {title: T}, files: x}]', "name_invalid"),
        (f"version: 1\ndatasets: [{{id: {'a' * 201}, metadata: {{title: T}}, files: x}}]", "name_invalid"),
        ("version: 1\ndatasets: [{id: true, metadata: {title: T}, files: x}]", "wrong_kind"),
    ],
)
def test_one_problem(load: Load, text: str, code: str) -> None:
    result = load(text)
    assert codes(result.problems) == [code]
    assert result.problems[0].hint
    assert result.problems[0].location is not None


def test_references_to_dois_stay_as_they_are_written(load: Load) -> None:
    manifest = loaded(
        load("""\
version: 1
defaults: {notes: "See {doi:b}."}
datasets:
  - id: a
    metadata:
      title: T
      description: "about {doi: b}"
      related_identifiers:
        - {relation: cites, identifier: {doi: b}}
        - {relation: cites, identifier: {doi:b}}
        - {relation: cites, identifier: "{doi:b}"}
        - {relation: cites, identifier: {doi: 2018}}
    files: x
""")
    )
    metadata = manifest.datasets[0].metadata
    assert (metadata["notes"], metadata["description"]) == ("See {doi:b}.", "about {doi: b}")
    identifiers = [item["identifier"] for item in metadata["related_identifiers"]]
    assert identifiers == [{"doi": "b"}, {"doi": "b"}, "{doi:b}", {"doi": "2018"}]
    assert references_in(metadata) == {"b", "2018"}


def test_metadata_from_a_file(write: Write, load: Load) -> None:
    write("s/.zenodo.json", '{"title": "T", "version": 2,\n "creators": [\n  {"name": "A"}]}')
    write("t/meta.json", '{"metadata": {\n"title": "U"}}')
    manifest = loaded(
        load("version: 1\ndefaults: {license: x, title: D}\ndatasets:\n"
             "- {id: a, metadata: s/.zenodo.json, files: x}\n- {id: b, metadata: t/meta.json, files: x}\n")
    )  # fmt: skip
    first, second = manifest.datasets
    assert first.metadata == {"license": "x", "title": "T", "version": "2", "creators": [{"name": "A"}]}
    assert second.metadata == {"license": "x", "title": "U"}
    where = first.metadata_place("creators", 0).locate()
    assert (Path(where.file).name, where.line) == (".zenodo.json", 3)
    assert second.metadata_place("title").locate().line == 2
    assert first.metadata_place("license").locate().file.endswith("batch.yaml")


def test_problems_inside_a_metadata_file_are_located_there(write: Write, load: Load) -> None:
    write("m.json", '{"title": "T",\n "title": "U",\n}')
    write("n.json", '{"title": "T",\n "title": "U"}')
    write("o.json", "[]")
    write("p.json", "")
    result = load(
        "version: 1\ndatasets:\n" + "".join(f"- {{id: {n}, metadata: {n}.json, files: x}}\n" for n in "mnopq")
    )
    found = [(p.code, Path(p.location.file).name, p.location.line, p.dataset) for p in result.problems if p.location]
    assert found == [
        ("json_syntax", "m.json", 2, "m"),
        ("duplicate_key", "n.json", 2, "n"),
        ("wrong_kind", "o.json", 1, "o"),
        ("metadata_missing", "batch.yaml", 6, "p"),
        ("metadata_file_missing", "batch.yaml", 7, "q"),
    ]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("meta.docx", "title: x"),
        ("meta", "title: x"),
        ("datacite.xml", "<x/>"),
        ("meta.yaml", "title: x"),
        ("i_notes.txt", "title: x"),
    ],
)
def test_what_is_of_no_format_that_is_read_is_refused(write: Write, load: Load, name: str, content: str) -> None:
    write(name, content)
    (problem,) = load(f"version: 1\ndatasets: [{{id: a, metadata: {name}, files: x}}]").problems
    assert problem.code == "metadata_format"
    assert "Zenodo metadata" in problem.hint


def test_metadata_files_stay_inside_the_folder(write: Write, tmp_path: Path) -> None:
    write("secret.json", '{"title": "T"}')
    (tmp_path / "batch").mkdir()
    (tmp_path / "batch" / "link.json").symlink_to(tmp_path / "secret.json")
    for metadata in ("../secret.json", "link.json", str(tmp_path / "secret.json")):
        path = write("batch/b.yaml", f"version: 1\ndatasets: [{{id: a, metadata: {metadata}, files: x}}]")
        result = load_manifest(path)
        assert codes(result.problems) == ["outside"]
        assert "T" not in str(result.manifest and result.manifest.datasets[0].metadata)
        assert loaded(load_manifest(path, allow_outside=True)).datasets[0].title == "T"


def test_folders(write: Write, load: Load) -> None:
    for name in ("s10", "s2", ".hidden"):
        write(f"studies/{name}/.zenodo.json", f'{{"title": "{name}"}}')
    write("studies/readme.txt")
    manifest = loaded(
        load('version: 1\ndatasets: {folders: "studies/*", metadata: .zenodo.json, files: ["**", "a.csv"]}')
    )
    assert [(d.id, d.title, d.files[0].base.name, len(d.files)) for d in manifest.datasets] == [
        ("s2", "s2", "s2", 2), ("s10", "s10", "s10", 2),
    ]  # fmt: skip
    assert loaded(load('version: 1\ndatasets: {folders: "studies/s*/"}')).datasets[1].files[0].path == "**"


def test_problems_of_folders(write: Write, load: Load, tmp_path: Path) -> None:
    write("studies/a/x.csv")
    write("others/a/.zenodo.json", '{"title": "T"}')
    result = load('version: 1\ndatasets: {folders: "*/*", metadata: .zenodo.json, fils: "**"}')
    assert codes(result.problems) == ["unknown_key", "id_duplicate"]
    result = load('version: 1\ndatasets: {folders: "studies/*", metadata: .zenodo.json, files: "**"}')
    (problem,) = result.problems
    assert (problem.code, problem.dataset, problem.path) == ("metadata_file_missing", "a", "metadata")
    assert "studies/a/.zenodo.json" in problem.message
    for folders, code in (("nothing/*", "no_match"), ("../*", "outside"), ("/*", "outside"), ("a/../../*", "outside")):
        assert codes(load(f'version: 1\ndatasets: {{folders: "{folders}"}}').problems) == [code]
    assert codes(load("version: 1\ndatasets: {files: x}").problems) == ["datasets_missing"]


def test_json_and_json_lines(write: Write) -> None:
    dataset = {"id": "a", "metadata": {"title": "T", "version": 1.5}, "files": "x"}
    for name, text in (("m.json", json.dumps({"version": 1, "datasets": [dataset]})), ("m.jsonl", json.dumps(dataset))):
        (found,) = loaded(load_manifest(write(name, text))).datasets
        assert (found.id, found.metadata, found.metadata_place("title").locate().line) == (
            "a", {"title": "T", "version": "1.5"}, 1,
        )  # fmt: skip
    result = load_manifest(write("m.jsonl", json.dumps(dataset) + "\n{}\nnull\n"))
    assert lines(result.problems) == [
        ("id_missing", 2), ("files_missing", 2), ("metadata_missing", 2), ("wrong_kind", 3),
    ]  # fmt: skip


@pytest.mark.parametrize(("name", "mark"), [("t.csv", ","), ("t.csv", ";"), ("t.tsv", "\t")])
def test_tables(write: Write, name: str, mark: str) -> None:
    path = write(name, f"id{mark}title{mark}files\nb{mark}T{mark}x.csv\n{mark}U{mark}\n")
    result = load_manifest(path)
    assert [(p.code, p.location and (p.location.line, p.location.column)) for p in result.problems] == [
        ("id_missing", (3, None)), ("files_missing", (3, None)),
    ]  # fmt: skip
    assert result.manifest is not None
    assert (result.manifest.batch, result.manifest.target, result.manifest.publish) == ("t", "local", False)
    assert result.manifest.datasets[0].metadata == {"title": "T"}


def test_an_empty_table(write: Write) -> None:
    assert codes(load_manifest(write("t.csv", "id,title,files\n")).problems) == ["datasets_missing"]
    assert codes(load_manifest(write("t.csv", "")).problems) == ["manifest_empty"]


def test_ten_thousand_datasets_load_in_seconds(write: Write) -> None:
    row = '{},"A title, long enough",dataset,"Roy, Asha | Oxford | 0000-0002-1825-0097",data/*.csv\n'
    table = write("t.csv", "id,title,upload_type,creators,files\n" + "".join(row.format(n) for n in range(10_000)))
    dataset = {"metadata": {"title": "T", "creators": [{"name": "Roy, Asha"}] * 3}, "files": ["data/*.csv"]}
    records = write("t.jsonl", "".join(json.dumps({"id": str(n), **dataset}) + "\n" for n in range(10_000)))
    for path in (table, records):
        started = time.process_time()
        assert len(loaded(load_manifest(path)).datasets) == 10_000
        assert time.process_time() - started < 6  # some 1.2 s on one core of 2024


def test_ten_thousand_problems_are_located_without_reading_the_file_again(write: Write) -> None:
    path = write("b.yaml", "version: 1\ndatasets:\n" + "".join(f"- {{id: a{n}, titel: x}}\n" for n in range(10_000)))
    started = time.process_time()
    problems = load_manifest(path).problems
    assert len(problems) == 30_000
    assert problems[-1].location is not None
    assert problems[-1].location.line == 10_002
    assert time.process_time() - started < 20


def test_the_package_is_light_until_it_is_used() -> None:
    heavy = "{'yaml', 'openpyxl', 'wcmatch', 'csv', 'zipfile'}"
    code = f"import sys, batchdep.manifest as m; m.Manifest; sys.exit(str({heavy} & set(sys.modules) or ''))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr.strip()) in {(0, ""), (1, "")}
