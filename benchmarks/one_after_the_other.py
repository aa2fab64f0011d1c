"""``python one_after_the_other.py URL FOLDER ...``: each folder as a dataset, as the FAIR Cookbook's recipe and
Zenodo's documentation show it with requests: create, upload each file, describe, publish; the next one afterwards."""

import sys
from pathlib import Path
from typing import Any

import requests

TOKEN = {"access_token": "a-token"}


def deposit(url: str, folder: Path) -> None:
    made = requests.post(f"{url}/api/deposit/depositions", params=TOKEN, json={}, timeout=600)
    made.raise_for_status()
    bucket, own = made.json()["links"]["bucket"], f"{url}/api/deposit/depositions/{made.json()['id']}"
    for path in sorted(folder.iterdir()):
        with path.open("rb") as file:
            requests.put(f"{bucket}/{path.name}", data=file, params=TOKEN, timeout=600).raise_for_status()
    metadata: dict[str, Any] = {
        "title": folder.name,
        "upload_type": "dataset",
        "description": "Numbers.",
        "creators": [{"name": "Doe, Jane"}],
    }
    requests.put(own, params=TOKEN, json={"metadata": metadata}, timeout=600).raise_for_status()
    requests.post(f"{own}/actions/publish", params=TOKEN, timeout=600).raise_for_status()


if __name__ == "__main__":
    for name in sys.argv[2:]:
        deposit(sys.argv[1], Path(name))
