"""Data packages among a batch's files, judged by the real library in its own process."""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from batchdep.check import CheckReport, check_manifest
from batchdep.data_packages import checking, tables
from batchdep.manifest import load_manifest
from batchdep.problems import Problem
from tests.unit.metadata.strategies import JSON

SCHEMA = {
    "fields": [
        {"name": "plot", "type": "string", "constraints": {"required": True}},
        {"name": "height", "type": "number"},
    ]
}
METADATA = {
    "title": "Plots",
    "upload_type": "dataset",
    "description": "Plots of a meadow",
    "creators": [{"name": "Doe, Jane"}],
}
GOOD = "plot,height\na,1.5\nb,2\n"

Check = Callable[..., list[Problem]]


def resource(path: Any = "plots.csv", **more: Any) -> dict[str, Any]:
    return {"name": "plots", "path": path, "schema": SCHEMA, **more}


@pytest.fixture
def check(tmp_path: Path) -> Check:
    """What is told of a data package among ``files`` of a dataset; ``content`` is its descriptor or its text."""

    def found(content: Any, *files: Any, tables: bool = True, name: str = "datapackage.json") -> list[Problem]:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(content if isinstance(content, str) else json.dumps(content))
        report = check_batch(tmp_path, [name, *files], tables=tables)
        assert report.ok
        return [each for each in (*report.problems, *report.notes) if each.code.startswith("data_package")]

    return found


def check_batch(folder: Path, *of_datasets: list[Any], tables: bool = True) -> CheckReport:
    datasets = [
        {"id": f"set-{index}", "metadata": {**METADATA, "title": f"Plots {index}"}, "files": files}
        for index, files in enumerate(of_datasets)
    ]
    (folder / "batch.json").write_text(json.dumps({"version": 1, "datasets": datasets}))
    return check_manifest(load_manifest(folder / "batch.json"), tables=tables)


def codes(problems: list[Problem]) -> list[str]:
    return [problem.code for problem in problems]


def test_a_package_that_keeps_its_word_is_not_mentioned(check: Check, tmp_path: Path) -> None:
    (tmp_path / "plots.csv").write_text(GOOD)
    assert check({"name": "plots", "resources": [resource(bytes=len(GOOD))]}, "plots.csv") == []


def test_files_that_are_not_where_the_package_says(check: Check, tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    for name in ("he:re.csv", "data/deep.csv", "data/also.csv", "left.csv"):
        (tmp_path / name).write_text("x\n")
    paths = ["he:re.csv", "gone.csv", "left.csv", "data/deep.csv", "/etc/hosts", "../up.csv", "data/../he:re.csv"]
    resources: list[dict[str, Any]] = [{"name": f"r{index}", "path": path} for index, path in enumerate(paths)]
    resources.append({"name": "cut", "path": ["data/also.csv", "https://example.org/x.csv"]})
    problems = check({"resources": resources}, "he:re.csv", "data/*.csv", tables=False)
    told = {(problem.code, problem.path) for problem in problems}
    assert told == {
        ("data_package_missing", "resources[1].path"),
        ("data_package_not_deposited", "resources[2].path"),
        ("data_package_renamed", "resources[3].path"),
        ("data_package_outside", "resources[4].path"),
        ("data_package_outside", "resources[5].path"),
        ("data_package_outside", "resources[6].path"),
        ("data_package_unchecked", "resources[7].path[1]"),
    }
    (renamed,) = (problem for problem in problems if problem.code == "data_package_renamed")
    assert "'data/deep.csv' becomes 'deep.csv', 'data/also.csv' becomes 'also.csv'" in renamed.message
    assert all(problem.location and problem.location.line for problem in problems)


def test_of_many_resources_with_one_fault_the_first_are_told(check: Check) -> None:
    resources = [{"name": f"r{index}", "path": f"{index}.csv"} for index in range(25)]
    problems = check({"resources": resources}, tables=False)
    assert [problem.path for problem in problems] == [f"resources[{index}].path" for index in range(11)]
    assert problems[-1].message == "the resource '10.csv' is not there; 15 resources from here on have the same fault"


def test_a_file_under_another_name_is_not_found_in_the_deposition(check: Check, tmp_path: Path) -> None:
    (tmp_path / "plots.csv").write_text(GOOD)
    files = [{"path": "plots.csv", "name": "table.csv"}]
    (problem,) = check({"name": "plots", "resources": [resource()]}, *files)
    assert (problem.code, "'plots.csv' becomes 'table.csv'" in problem.message) == ("data_package_renamed", True)


def test_a_zip_keeps_its_folders(tmp_path: Path) -> None:
    (tmp_path / "package/data").mkdir(parents=True)
    (tmp_path / "package/data/plots.csv").write_text("plot,height\na,tall\n")
    content = {"name": "plots", "resources": [resource("data/plots.csv"), {"name": "none", "path": "data/none.csv"}]}
    (tmp_path / "package/datapackage.json").write_text(json.dumps(content))
    report = check_batch(tmp_path, [{"path": "package", "archive": "package.zip"}])
    found = [problem for problem in report.problems if problem.code.startswith("data_package")]
    assert sorted(codes(found)) == ["data_package_missing", "data_package_rows"]


def test_a_size_that_is_no_longer_true(check: Check, tmp_path: Path) -> None:
    (tmp_path / "plots.csv").write_text(GOOD)
    (problem,) = check({"name": "plots", "resources": [resource(bytes=7)]}, "plots.csv", tables=False)
    assert problem.code == "data_package_size"
    assert f"7 bytes, the file has {len(GOOD)}" in problem.message


def test_rows_that_do_not_fit_are_told_with_their_lines(check: Check, tmp_path: Path) -> None:
    rows = ["plot,height", '"two', 'lines",1', "b,tall", "c,small", "d,3", ",4", "e,5,6", "f,short", "g,none"]
    (tmp_path / "plots.csv").write_text("\n".join(rows) + "\n")
    problems = check({"name": "plots", "resources": [resource()]}, "plots.csv")
    assert {problem.code for problem in problems} == {"data_package_rows"}
    told = {problem.location.line: problem.message for problem in problems if problem.location}
    assert told.keys() == {4, 7, 8}
    assert told[4] == "'tall' in the column 'height' is no number; in 4 rows, such as lines 5, 9"
    assert told[7] == "a value in the column 'plot' is required and missing; in 1 row"
    assert "in 1 row" in told[8]
    assert all(problem.location and problem.location.file.endswith("plots.csv") for problem in problems)
    assert not any(problem.is_error for problem in problems)


def test_columns_that_are_others_stand_for_their_rows(check: Check, tmp_path: Path) -> None:
    (tmp_path / "plots.csv").write_text("height,place\n" + "x,y\n" * 50)
    (problem,) = check({"name": "plots", "resources": [resource()]}, "plots.csv")
    assert problem.message == "the columns are not those of the schema: without 'plot'; with 'place'"
    (tmp_path / "plots.csv").write_text("height,plot\n1,a\n")
    (problem,) = check({"name": "plots", "resources": [resource()]}, "plots.csv")
    assert problem.message.endswith("they stand in another order")


def test_dialects_encodings_and_files_of_schemas(check: Check, tmp_path: Path) -> None:
    (tmp_path / "schema.json").write_text(json.dumps(SCHEMA))
    (tmp_path / "plots.tsv").write_bytes("plot;height\nwürzig;1\nx;y\n".encode("latin-1"))
    written = resource(
        "plots.tsv", schema="schema.json", encoding="iso-8859-1", dialect={"delimiter": ";"}, format="csv"
    )
    (problem,) = check({"name": "plots", "resources": [written]}, "plots.tsv")
    assert problem.message == "'y' in the column 'height' is no number; in 1 row"


def test_only_the_first_rows_are_looked_at_and_that_is_said(
    check: Check, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tables, "ROWS", 20)
    (tmp_path / "plots.csv").write_text("plot,height\n" + "a,1\n" * 30 + "b,wrong\n")
    (note,) = check({"name": "plots", "resources": [resource()]}, "plots.csv")
    assert note.is_note
    assert note.message == "only the first 20 rows of 'plots.csv' were looked at"
    monkeypatch.setattr(tables, "ROWS", 1000)
    monkeypatch.setattr(tables, "ERRORS", 5)
    (tmp_path / "plots.csv").write_text("plot,height\n" + "b,wrong\n" * 30)
    warning, note = check({"name": "plots", "resources": [resource()]}, "plots.csv")
    assert "in at least 5 rows" in warning.message
    assert "only the first 5 rows" in note.message


def test_rows_that_cannot_be_looked_at_are_said_not_to_be(check: Check, tmp_path: Path) -> None:
    for name in ("plots.csv", "more.csv"):
        (tmp_path / name).write_text(GOOD)
    (tmp_path / "plots.xlsx").write_bytes(b"PK")
    (tmp_path / "plots.csv.gz").write_bytes(b"x")
    resources = [
        resource("plots.xlsx", name="a"),
        resource("plots.csv.gz", name="b", format="csv", compression="gz"),
        resource(["plots.csv", "more.csv"], name="c"),
        resource("plots.csv", name="d", schema="https://example.org/schema.json"),
        resource("plots.csv", name="e", schema="gone.json"),
    ]
    notes = check({"resources": resources}, "plots.*", "more.csv")
    assert [note.path for note in notes] == [
        *("resources[0]", "resources[1]", "resources[2]", "resources[3].schema", "resources[4].schema"),
    ]
    assert all(note.is_note for note in notes)


def test_a_descriptor_against_the_standard(check: Check, tmp_path: Path) -> None:
    (tmp_path / "plots.csv").write_text(GOOD)
    content = {"resources": [resource()], "keywords": "not a list", "missingValues": ["-"]}
    problems = check(content, "plots.csv")
    assert set(codes(problems)) == {"data_package_invalid"}
    assert [problem.path for problem in problems if "missingValues" in problem.message] in ([], ["missingValues"])
    (problem,) = check("{", "plots.csv")
    assert (problem.code, problem.location and problem.location.line) == ("data_package_invalid", 1)
    assert codes(check("[]", "plots.csv")) == ["data_package_invalid"]
    assert codes(check({"name": "no-resources"})) == ["data_package_invalid"]


@pytest.mark.parametrize("version", [1, 2])
def test_profiles_of_the_standard_are_known_without_the_network(check: Check, tmp_path: Path, version: int) -> None:
    (tmp_path / "plots.csv").write_text(GOOD)
    content = {"$schema": f"https://datapackage.org/profiles/{version}.0/datapackage.json", "resources": [resource()]}
    assert check(content, "plots.csv") == []


def test_nothing_is_fetched(check: Check, tmp_path: Path) -> None:
    (tmp_path / "plots.csv").write_text(GOOD)
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0)
        address = f"http://127.0.0.1:{server.getsockname()[1]}/x.json"
        content = {
            "$schema": address,
            "profile": address,
            "resources": [
                resource(address, name="a"),
                resource("plots.csv", name="b", schema=address, dialect=address, profile=address),
                resource("plots.csv", name="c", schema={**SCHEMA, "$schema": address}, **{"$schema": address}),
            ],
        }
        problems = check(content, "plots.csv")
        with pytest.raises(BlockingIOError):
            server.accept()
    assert {problem.code for problem in problems} == {"data_package_unchecked"}


def test_no_file_outside_is_read(check: Check, tmp_path: Path) -> None:
    inside = tmp_path / "in"
    inside.mkdir()
    (tmp_path / "secret.csv").write_text("plot,height\nsecret,words\n")
    (inside / "link.csv").symlink_to(tmp_path / "secret.csv")
    content = {"resources": [resource("link.csv"), resource("plots.csv", schema="../secret.csv")]}
    (inside / "datapackage.json").write_text(json.dumps(content))
    (inside / "plots.csv").write_text(GOOD)
    report = check_batch(inside, ["datapackage.json", "plots.csv"])
    told = [*report.problems, *report.notes]
    assert "data_package_outside" in codes(told)
    assert not any("words" in each.message for each in told)


def test_a_pattern_that_never_ends_is_ended(check: Check, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checking, "SECONDS", 1.5)
    (tmp_path / "plots.csv").write_text("plot,height\n" + "a" * 60 + "!,1\n")
    (tmp_path / "good.csv").write_text("plot,height\na,x\n")
    evil = {"fields": [{"name": "plot", "type": "string", "constraints": {"pattern": "(a+)+$"}}, {"name": "height"}]}
    resources = [resource(schema=evil, name="evil"), resource("good.csv", name="good")]
    begin = time.monotonic()
    warning, note = check({"resources": resources}, "*.csv")
    assert note.message == "the rows of 'plots.csv' were not judged: it took more than 1.5 s"
    assert "is no number" in warning.message  # the next is judged all the same
    assert time.monotonic() - begin < 60


def test_time_for_all_packages_is_limited(check: Check, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checking, "TOTAL_SECONDS", 0.0)
    (tmp_path / "plots.csv").write_text("plot,height\na,x\n")
    (note,) = check({"resources": [resource()]}, "plots.csv")
    assert note.is_note
    assert "time was up: 1 of 1 data packages" in note.message


def test_without_the_library_there_is_one_note(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checking, "find_spec", lambda _: None)
    for name in "ab":
        (tmp_path / name).mkdir()
        (tmp_path / name / "datapackage.json").write_text(json.dumps({"resources": [resource()]}))
        (tmp_path / name / "plots.csv").write_text("plot,height\na,x\n")
    report = check_batch(tmp_path, ["a/*"], ["b/*"])
    (note,) = (each for each in (*report.problems, *report.notes) if each.code.startswith("data_package"))
    assert "pip install 'batchdep[data-packages]'" in note.hint


def test_a_library_that_cannot_be_started_is_noted(
    check: Check, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.executable", str(tmp_path / "gone"))
    (tmp_path / "plots.csv").write_text("plot,height\na,x\n")
    of_package, of_rows = check({"resources": [resource()]}, "plots.csv")
    assert of_package.is_note and of_rows.is_note
    assert "gone" in of_rows.message


def test_rows_are_judged_only_where_that_is_asked_for(check: Check, tmp_path: Path) -> None:
    (tmp_path / "plots.csv").write_text("plot,height\na,x\n")
    content = {"resources": [resource()]}
    assert check(content, "plots.csv", tables=False) == []
    assert codes(check(content, "plots.csv")) == ["data_package_rows"]


def test_the_folder_of_the_data_is_no_place_to_import_from(
    check: Check, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("frictionless_evil.py", "jsonschema.py"):
        (tmp_path / name).write_text(f"open({str(tmp_path / 'ran')!r}, 'w')\n")
    (tmp_path / "plots.csv").write_text("plot,height\na,x\n")
    assert codes(check({"resources": [resource()]}, "plots.csv")) == ["data_package_rows"]
    assert not (tmp_path / "ran").exists()


ODD: list[Any] = [
    {"resources": {}},
    {"resources": [None, 7, [], "x", {}, {"path": None}, {"path": [None, 7]}, {"path": ""}]},
    {"resources": [resource(path="plots.csv\0")]},
    {"resources": [resource(schema={"fields": "x"})]},
    {"resources": [resource(schema={"fields": [None, {"name": 7, "type": "no such type"}]})]},
    {"resources": [resource(schema={"fields": [{"name": "plot", "constraints": {"pattern": "("}}]})]},
    {"resources": [resource(dialect={"delimiter": "", "header": 7})]},
    {"resources": [resource(dialect={"delimiter": "long", "quoteChar": ""})]},
    {"resources": [resource(encoding="no such encoding")]},
    {"resources": [resource(encoding=["utf-8"], format="CSV", bytes=True, name=None)]},
    {"resources": [resource(schema={"fields": [{"name": "plot", "type": "datetime", "format": "%Q%"}]})]},
    {"resources": [resource(schema={**SCHEMA, "primaryKey": 7, "foreignKeys": [{"reference": "x"}]})]},
]


def test_no_descriptor_and_no_table_breaks_it(tmp_path: Path) -> None:
    of_datasets = []
    for index, content in enumerate(ODD):
        for kind, table in (("bytes", b"plot,height\n\xff\xfe,\x00\n"), ("quote", b'"')):
            folder = tmp_path / f"{index}-{kind}"
            folder.mkdir()
            (folder / "datapackage.json").write_text(json.dumps(content))
            (folder / "plots.csv").write_bytes(table)
            of_datasets.append([f"{folder.name}/*"])
    report = check_batch(tmp_path, *of_datasets)
    assert report.ok
    assert all(problem.message for problem in (*report.problems, *report.notes))


KEYS = st.sampled_from(["path", "schema", "dialect", "bytes", "format", "encoding", "profile", "$schema", "fields"])
ANY = st.recursive(JSON, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=4))


@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.dictionaries(KEYS, ANY) | st.fixed_dictionaries({"resources": st.lists(st.dictionaries(KEYS, ANY)) | ANY}))
def test_no_descriptor_raises(check: Check, content: dict[str, Any]) -> None:
    check(json.dumps(content), tables=False)
