"""Somebody who has folders of data, some of them described, gets from them to records."""

from __future__ import annotations

from batchdep.metadata import placeholders
from tests.support.citing import stored
from tests.support.cli import CommandLine
from tests.support.local_server import LocalProcess

WHOLE = (
    '{"title": "Dataset north", "description": "What it is", "creators": [{"name": "Roy, Asha"}],'
    ' "upload_type": "image", "image_type": "photo"}'
)


def test_from_folders_to_records(batchdep: CommandLine, server: LocalProcess) -> None:
    for name in ("sites/north/a.csv", "sites/dataset_south/a.csv"):
        batchdep.settled(name, f"the content of {name}")
    batchdep.write("sites/north/.zenodo.json", WHOLE)
    assert batchdep("init", "b.yaml", "--from", "sites").code == 0
    checked = batchdep("check", "b.yaml", "--format", "json").json
    errors = [(each["dataset"], each["path"]) for each in checked["problems"] if each["severity"] == "error"]
    person = "metadata.creators[0]"
    assert errors == [("dataset_south", f"{person}.{key}") for key in ("name", "affiliation")] + [
        ("dataset_south", "metadata.description")
    ]
    assert batchdep("submit", "b.yaml", "--to", server.url).code == 2
    path = batchdep.folder / "b.yaml"
    text = path.read_text()
    for old, new in (
        ("# description", "description"),
        (placeholders.DESCRIPTION, "What it is"),
        (placeholders.NAME, "Li, Bo"),
        (placeholders.AFFILIATION, "Oxford"),
    ):
        assert old in text
        text = text.replace(old, new)
    path.write_text(text)
    assert batchdep("submit", "b.yaml", "--to", server.url, "--publish").code == 0
    records = stored(server.url)
    assert {key: record.state for key, record in records.items()} == {"north": "done", "south": "done"}
    assert [set(records[key].md5s) for key in ("north", "south")] == [{"a.csv"}, {"a.csv"}]
    assert records["north"].metadata["upload_type"] == "image"
    assert records["south"].metadata["creators"][0]["name"] == "Li, Bo"


def test_a_name_of_a_table_leads_to_the_template(batchdep: CommandLine) -> None:
    result = batchdep("init", "batch.xlsx")
    assert (result.code, "template -o batch.xlsx" in result.err) == (2, True)
    assert "init batch.yaml" in batchdep("init", "batch.txt").err
