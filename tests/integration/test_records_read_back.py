"""What the embedded repository answers about a deposition and a record is metadata for another deposition."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import aiohttp

from batchdep.metadata.compare import differences
from batchdep.metadata.formats.registry import format_of
from batchdep.metadata.rules import validate_metadata
from batchdep.problems import Place
from tests.integration.test_metadata_round_trip import EVERY_FIELD, KNOWN_LOSSES
from tests.support.local_server import running_local
from tests.unit.metadata.test_rules import FakeSource

SENT = {
    key: value
    for key, value in EVERY_FIELD.items()
    if key not in ("doi", "prereserve_doi", "communities", *KNOWN_LOSSES)
}
TOKEN = {"Authorization": "Bearer local"}


async def published(session: aiohttp.ClientSession, base: str) -> list[dict[str, Any]]:
    """The draft, the deposition of the published record, and the record."""
    url = f"{base}/api/deposit/depositions"
    async with session.post(url, json={"metadata": SENT}, headers=TOKEN) as answer:
        draft: dict[str, Any] = await answer.json()
    upload = TOKEN | {"Content-Type": "application/octet-stream"}
    async with session.put(f"{draft['links']['bucket']}/a.txt", data=b"x", headers=upload) as answer:
        assert answer.status == 201
    async with session.post(f"{url}/{draft['id']}/actions/publish", headers=TOKEN) as answer:
        assert answer.status == 202
    found = [draft]
    for address in (f"{url}/{draft['id']}", f"{base}/api/records/{draft['id']}"):
        async with session.get(address, headers=TOKEN) as answer:
            found.append(await answer.json())
    return found


async def test_every_field_comes_back(tmp_path: Path) -> None:
    async with running_local(tmp_path) as server, aiohttp.ClientSession() as session:
        documents = await published(session, server.url)
    for document in documents:
        chosen = format_of(document, "json")
        assert chosen is not None
        assert chosen.module == "zenodo_record"
        metadata = chosen.reader.read(document).metadata
        assert [each.field for each in differences(SENT, metadata)] == []
        problems = validate_metadata("x", metadata, lambda *path: Place(FakeSource(), path))
        assert [each for each in problems if each.is_error] == []
