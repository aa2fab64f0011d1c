"""What became of the datasets goes into the manifest, and changes nothing for a rerun."""

from __future__ import annotations

import csv
import difflib
import io
import json
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook

from batchdep.manifest.load import load_manifest
from tests.support.cli import CommandLine
from tests.support.local_server import LocalProcess, read_journal


def requests(server: LocalProcess) -> int:
    return len(read_journal(server.journal))


def texts() -> dict[str, bytes]:
    """The same batch in every format."""
    person = {"name": "Curie, Marie"}
    described = {
        "upload_type": "dataset",
        "description": "Düfte",
        "license": "cc-by-4.0",
        "publication_date": "2024-05-01",
    }
    datasets: list[dict[str, Any]] = [
        {"id": each, "metadata": {"title": f"The {each}", **described, "creators": [person]}, "files": ["data/a.csv"]}
        for each in ("rose", "tulip")
    ]
    columns = ["id", "files", "creators", "title", *described]
    rows = [[each["id"], "data/a.csv", person["name"], f"The {each['id']}", *described.values()] for each in datasets]
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    for row in (columns, *rows):
        sheet.append(row)
    saved = io.BytesIO()
    book.save(saved)
    entries = "".join(
        f"  - id: {each['id']}   # its id\n    metadata: {json.dumps(each['metadata'])}\n    files: [data/a.csv]\n"
        for each in datasets
    )
    yaml = f"# a comment\nversion: 1\ndatasets:\n{entries}".replace("\n", "\r\n")
    table = io.StringIO()
    csv.writer(table, lineterminator="\n").writerows([columns, *rows])
    return {
        "b.yaml": yaml.encode("utf-8-sig"),
        "b.json": json.dumps({"version": 1, "datasets": datasets}, indent=3).encode(),
        "b.jsonl": "".join(f"{json.dumps(each)}\n" for each in datasets).encode(),
        "b.csv": table.getvalue().encode(),
        "b.tsv": "".join("\t".join(row) + "\r\n" for row in (columns, *rows)).encode("utf-16"),
        "b.xlsx": saved.getvalue(),
    }


@pytest.fixture
def data(batchdep: CommandLine) -> Path:
    return batchdep.settled("data/a.csv", "x,y\n1,2\n")


def said(path: Path) -> dict[str, dict[str, Any]]:
    """What a manifest says of each dataset."""
    loaded = load_manifest(path)
    assert loaded.problems == []
    assert loaded.manifest is not None
    return {dataset.id: dataset.deposited.as_dict() for dataset in loaded.manifest.datasets}


@pytest.mark.parametrize("name", texts())
def test_a_rerun_sends_nothing_whatever_the_format(
    server: LocalProcess, batchdep: CommandLine, data: Path, name: str
) -> None:
    path = batchdep.folder / name
    original = texts()[name]
    path.write_bytes(original)
    first = batchdep("submit", name, "--to", server.url, "--publish", "--write-back", "--format", "json")
    assert first.code == 0, first.err
    wrote = first.json["write_back"]
    assert (wrote["schema"], wrote["changed"]) == ("batchdep-write-back/1", True)
    assert wrote["original"] == f"{path}.before-write-back"
    assert Path(wrote["original"]).read_bytes() == original
    assert said(path) == {
        each["id"]: {
            "deposition_id": each["deposition_id"],
            "doi": each["doi"],
            "url": each["url"],
            "state": "published",
        }
        for each in first.json["datasets"]
    }
    written, sent = path.read_bytes(), requests(server)
    again = batchdep("submit", name, "--to", server.url, "--publish", "--write-back")
    assert again.code == 0, again.err
    assert "was not changed" in again.err
    assert (path.read_bytes(), requests(server)) == (written, sent)
    assert sorted(each.name for each in batchdep.folder.glob("b.*")) == [name, f"{name}.before-write-back"]


def test_a_draft_then_its_record(server: LocalProcess, batchdep: CommandLine) -> None:
    name = batchdep.manifest("rose", "tulip")
    path = batchdep.folder / name
    original = path.read_text(encoding="utf-8")
    drafted = batchdep("submit", name, "--to", server.url, "--draft", "--only", "rose", "--write-back")
    assert drafted.code == 0
    assert f"kept as {name}.before-write-back" in drafted.err
    added = [
        line[2:] for line in difflib.ndiff(original.splitlines(), path.read_text().splitlines()) if line[0] in "+-"
    ]
    assert [line.split(":")[0].strip() for line in added] == ["deposited", "deposition_id", "doi", "url", "state"]
    assert said(path)["rose"]["state"] == "draft"
    assert said(path)["rose"]["doi"].startswith("10.5072/")
    assert said(path)["tulip"]["deposition_id"] is None
    assert batchdep("publish", name, "--to", server.url, "--only", "rose").code == 0
    result = batchdep("write-back", name, "--to", server.url, "--format", "json")
    assert result.code == 0, result.err
    assert [(each["id"], each["written"]) for each in result.json["datasets"]] == [
        ("rose", "written"),
        ("tulip", "nothing"),
    ]
    assert said(path)["rose"]["state"] == "published"
    assert result.json["original"] == f"{path}.before-write-back-2"
    sent = requests(server)
    idle = batchdep("write-back", name, "--to", server.url)
    assert (idle.code, requests(server)) == (0, sent)
    assert "it was not changed" in idle.out


def test_after_a_partial_failure_what_is_known_is_written(tmp_path: Path, batchdep: CommandLine) -> None:
    batchdep.settled("big.bin", "x" * 5000)
    name = batchdep.manifest("rose", "tulip")
    path = batchdep.folder / name
    path.write_text(path.read_text().replace("[data/a b.csv]", "[big.bin]", 1))
    with LocalProcess(tmp_path, "--quota", "4000") as server:
        result = batchdep("submit", name, "--to", server.url, "--publish", "--write-back", "--format", "json")
    assert result.code == 1
    assert [each["state"] for each in result.json["datasets"]] == ["failed", "published"]
    assert {key: each["state"] for key, each in said(path).items()} == {"rose": "draft", "tulip": "published"}
    assert said(path)["rose"]["deposition_id"] == result.json["datasets"][0]["deposition_id"]


def test_a_discarded_draft_is_said_to_be_one(server: LocalProcess, batchdep: CommandLine) -> None:
    name = batchdep.manifest("rose")
    assert batchdep("submit", name, "--to", server.url, "--write-back").code == 0
    before = said(batchdep.folder / name)["rose"]
    assert batchdep("discard", name, "--to", server.url, "--yes").code == 0
    assert batchdep("write-back", name, "--to", server.url).code == 0
    assert said(batchdep.folder / name)["rose"] == before | {"state": "discarded"}


def test_a_manifest_that_was_edited_meanwhile_is_left_alone(server: LocalProcess, batchdep: CommandLine) -> None:
    """An editor saves while the batch runs; the write-back that follows takes the file as it is then."""
    name = batchdep.manifest("rose")
    path = batchdep.folder / name
    edit = f"import pathlib; p = pathlib.Path({str(path)!r}); p.write_text(p.read_text() + '# edited\\n')"
    hook = f"import batchdep.batch as b\nrun = b.submit\nasync def submit(*a):\n    exec({edit!r})\n"
    batchdep.write("hooks/sitecustomize.py", f"{hook}    return await run(*a)\nb.submit = submit\n")
    path_with_hook = f"{batchdep.folder / 'hooks'}:{batchdep.environment()['PYTHONPATH']}"
    result = batchdep("submit", name, "--to", server.url, "--write-back", env={"PYTHONPATH": path_with_hook})
    assert result.code == 1
    assert "was changed since it was read" in result.err
    assert "draft" in result.out
    assert path.read_text().endswith("# edited\n")
    assert not Path(f"{path}.before-write-back").exists()
    assert batchdep("write-back", name, "--to", server.url).code == 0
    assert path.read_text().endswith("# edited\n")
    assert said(path)["rose"]["state"] == "draft"


def test_a_manifest_that_is_deposited_itself_is_left_alone(server: LocalProcess, batchdep: CommandLine) -> None:
    name = batchdep.manifest("rose", files='"*.yaml"')
    before = (batchdep.folder / name).read_bytes()
    result = batchdep("submit", name, "--to", server.url, "--write-back", "--format", "json")
    assert result.code == 1
    assert result.json["datasets"][0]["state"] == "draft"
    assert result.json["write_back"]["error"]["code"] == "write_back_impossible"
    assert result.json["write_back"]["datasets"][0]["written"] == "refused"
    assert (batchdep.folder / name).read_bytes() == before


def test_folders_have_their_entries_in_one_place(server: LocalProcess, batchdep: CommandLine) -> None:
    for each in ("rose", "tulip"):
        batchdep.settled(f"studies/{each}/a.csv", "x\n")
        metadata: dict[str, Any] = {"title": each, "description": "What it is", "upload_type": "dataset"}
        metadata |= {"creators": [{"name": "Curie, Marie"}], "publication_date": "2024-05-01"}
        batchdep.write(f"studies/{each}/.zenodo.json", json.dumps(metadata))
    name = "batch.yaml"
    batchdep.write(name, "version: 1\ndatasets:\n  folders: studies/*  # each\n")
    assert batchdep("submit", name, "--to", server.url, "--publish", "--write-back").code == 0
    assert {key: each["state"] for key, each in said(batchdep.folder / name).items()} == {
        "rose": "published",
        "tulip": "published",
    }
    sent = requests(server)
    assert batchdep("submit", name, "--to", server.url, "--publish").code == 0
    assert requests(server) == sent


def test_files_beside_the_data(server: LocalProcess, batchdep: CommandLine) -> None:
    """They are written where they change nothing of what is deposited, and nowhere else."""
    for each in ("one", "two", "three"):
        batchdep.settled(f"{each}/a.csv", "x\n")
    batchdep.write("three/CITATION.cff", "mine\n")
    name = "batch.yaml"
    head = (
        "version: 1\ndefaults: {upload_type: dataset, description: What it is, license: cc-by-4.0,"
        ' publication_date: "2024-05-01", creators: [{name: "Curie, Marie"}]}\ndatasets:\n'
    )
    files = {"one": "one/*.csv", "two": "two/**", "three": "three/a.csv"}
    entries = "".join(
        f"  - {{id: {key}, metadata: {{title: The {key}}}, files: ['{pattern}']}}\n" for key, pattern in files.items()
    )
    batchdep.write(name, head + entries)
    assert batchdep("submit", name, "--to", server.url, "--publish").code == 0
    result = batchdep("write-back", name, "--to", server.url, "--citation", "--zenodo-json", "--format", "json")
    assert result.code == 1
    files_told = {(each["dataset"], Path(each["path"]).name): each["written"] for each in result.json["files"]}
    assert files_told == {
        ("one", "CITATION.cff"): "written",
        ("one", ".zenodo.json"): "written",
        ("two", "CITATION.cff"): "refused",  # ** would take it
        ("two", ".zenodo.json"): "written",  # which it does not
        ("three", "CITATION.cff"): "refused",  # somebody wrote one
        ("three", ".zenodo.json"): "written",
    }
    assert said(batchdep.folder / name)["one"]["doi"] in (batchdep.folder / "one/CITATION.cff").read_text()
    assert json.loads((batchdep.folder / "two/.zenodo.json").read_text())["title"] == "The two"
    assert (batchdep.folder / "three/CITATION.cff").read_text() == "mine\n"
    sent = requests(server)
    assert batchdep("submit", name, "--to", server.url, "--publish").code == 0
    assert requests(server) == sent
    forced = batchdep("write-back", name, "--to", server.url, "--citation", "--only", "three", "--force")
    assert forced.code == 0, forced.out
    kept = "three/CITATION.cff.before-write-back"
    assert f"Wrote three/CITATION.cff; as it was before, it is kept as {kept}\n" in forced.out
    assert (batchdep.folder / "three/CITATION.cff.before-write-back").read_text() == "mine\n"
    idle = batchdep("write-back", name, "--to", server.url, "--citation", "--only", "three", "--force")
    assert "CITATION.cff" not in idle.out


def test_what_was_never_submitted_is_not_written(server: LocalProcess, batchdep: CommandLine) -> None:
    name = batchdep.manifest("rose")
    result = batchdep("write-back", name, "--to", server.url, "--format", "json")
    assert (result.code, result.json["error"]["code"]) == (2, "unknown_batch")


def test_what_was_never_deposited_is_said_to_be_so(server: LocalProcess, batchdep: CommandLine) -> None:
    name = batchdep.manifest("rose")
    assert batchdep("publish", name, "--to", server.url, "--yes").code == 1  # the batch is known from here on
    result = batchdep("write-back", name, "--to", server.url)
    assert result.out == f"No dataset of {name} has been deposited on {server.url} yet; it was not changed.\n"
