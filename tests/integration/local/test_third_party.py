"""Clients written for Zenodo work against it unchanged."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest
import requests
from zenodo_client import Creator, Metadata, Zenodo

from batchdep.local import LocalServer
from tests.integration.local.conftest import ALICE
from tests.support.local_server import read_journal


def zenodo(origin: str) -> Zenodo:
    """zenodo-client, sent here."""
    client = Zenodo(access_token=ALICE)
    client.base = origin
    client.api_base = f"{origin}/api"
    client.depositions_base = f"{client.api_base}/deposit/depositions"
    return client


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """zenodo-client's downloads and settings go to the test's folder, and it does not pause before publishing."""
    monkeypatch.setenv("PYSTOW_HOME", str(tmp_path / "pystow"))
    monkeypatch.setattr("zenodo_client.api.time.sleep", lambda _seconds: None)


async def test_zenodo_client(server: LocalServer, tmp_path: Path) -> None:
    path = tmp_path / "data.txt"
    path.write_text("first\n")
    metadata = Metadata(
        title="Test upload",
        upload_type="dataset",
        description="test description",
        version="2020-01-01",
        creators=[Creator(name="Hoyt, Charles Tapley", affiliation="Harvard", orcid="0000-0003-4423-4370")],
    )

    def run() -> tuple[Any, Any, Any, str]:
        client = zenodo(server.url)
        first = client.create(metadata, path).json()
        path.write_text("second\n")
        second = client.update(str(first["id"]), path).json()
        latest = client.get_latest_record(first["id"])
        downloaded = client.download(latest, "data.txt").read_text()
        return first, second, latest, downloaded

    first, second, latest, downloaded = await asyncio.to_thread(run)
    assert (first["state"], second["state"]) == ("done", "done")
    assert first["id"] != second["id"]
    assert first["conceptrecid"] == second["conceptrecid"]
    assert latest == str(second["id"])
    assert downloaded == "second\n"
    assert all(f"access_token={ALICE}" in entry.path for entry in read_journal(tmp_path / "journal.jsonl")[:4])


@pytest.mark.parametrize("way", ["bucket", "multipart"])
async def test_the_recipe_of_the_fair_cookbook(server: LocalServer, tmp_path: Path, way: str) -> None:
    path = tmp_path / "my data.csv"
    path.write_bytes(b"a,b\n1,2\n")

    def run() -> Any:
        base, params = f"{server.url}/api/deposit/depositions", {"access_token": ALICE}
        headers = {"Content-Type": "application/json"}
        created = requests.post(base, params=params, json={}, headers=headers, timeout=10)
        assert created.status_code == 201
        number, bucket = created.json()["id"], created.json()["links"]["bucket"]
        with path.open("rb") as file:
            if way == "bucket":
                put = requests.put(f"{bucket}/{path.name}", data=file, params=params, timeout=10)
            else:
                data = {"name": path.name}
                put = requests.post(
                    f"{base}/{number}/files", params=params, data=data, files={"file": file}, timeout=10
                )
        assert put.status_code == 201
        metadata = {
            "metadata": {
                "title": "My first upload",
                "upload_type": "poster",
                "description": "This is my first upload",
                "creators": [{"name": "Doe, John", "affiliation": "Zenodo"}],
            }
        }
        changed = requests.put(
            f"{base}/{number}", params=params, data=json.dumps(metadata), headers=headers, timeout=10
        )
        assert changed.status_code == 200
        published = requests.post(f"{base}/{number}/actions/publish", params=params, timeout=10)
        assert published.status_code == 202
        return published.json()

    record = await asyncio.to_thread(run)
    assert record["state"] == "done"
    assert record["files"][0]["filename"] == ("my data.csv" if way == "bucket" else "my_data.csv")
