"""A batch with a database and an account of its own, in the test's own event loop."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from batchdep.batch import submit
from batchdep.deposit.reconcile import Timing
from batchdep.job import Job
from batchdep.local import LocalServer
from batchdep.manifest.load import load_manifest
from batchdep.report.status import BatchStatus
from batchdep.repository.model import Deposition, Done
from batchdep.repository.zenodo import ZenodoRepository, connect
from tests.support.batches import Batch, make_batch
from tests.support.local_server import JournalEntry, read_journal, running_local
from tests.support.replacing import replace

PROMPT = Timing(running=0.0, index=0.0, storing=0.0, late=0.0)
"""Of a repository whose list never lags, nothing need be waited for."""


@dataclass
class Account:
    """A batch, its database, and the account that it goes to."""

    folder: Path
    server: LocalServer
    repository: ZenodoRepository
    batch: Batch
    database: str = field(init=False)

    def __post_init__(self) -> None:
        self.database = str(self.folder / "state.db")

    def job(self, **changes: Any) -> Job:
        manifest = load_manifest(self.batch.manifest).manifest
        assert manifest is not None
        job = Job(manifest, self.server.url, self.database, timing=PROMPT)
        return replace(job, **changes)

    async def submit(self, **changes: Any) -> BatchStatus:
        return await submit(self.job(**changes))

    def lose_database(self) -> None:
        for path in self.folder.glob("state.db*"):
            if path.is_file():
                path.unlink()

    def edit_manifest(self, change: Callable[[dict[str, Any]], None]) -> None:
        document = json.loads(self.batch.manifest.read_text())
        change(document)
        self.batch.manifest.write_text(json.dumps(document))

    def requests(self) -> list[JournalEntry]:
        return read_journal(self.folder / "journal.jsonl")

    async def held(self) -> dict[int, Deposition]:
        answer = await self.repository.recent(None)
        assert isinstance(answer, Done)
        return {entry.id: entry for entry in answer.value}

    async def state_of(self, deposition_id: int) -> Deposition:
        answer = await self.repository.get(deposition_id)
        assert isinstance(answer, Done)
        return answer.value

    async def copy_of(self, deposition_id: int) -> int:
        """One more draft with the same metadata, made by somebody."""
        original = await self.state_of(deposition_id)
        names = {"title", "upload_type", "description", "creators", "license", "publication_date"}
        metadata = {name: value for name, value in original.metadata.items() if name in names}
        answer = await self.repository.create(metadata)
        assert isinstance(answer, Done)
        return answer.value.id


@asynccontextmanager
async def an_account(tmp_path: Path, datasets: int, *, files: int = 2, **extra: Any) -> AsyncIterator[Account]:
    """``datasets`` of files of 1,500 bytes each; ``extra`` are keys of the manifest."""
    batch = make_batch(tmp_path / "data", datasets, files, 1500, **extra)
    async with running_local(tmp_path) as server:
        repository = connect(server.url, None)
        yield Account(tmp_path, server, repository, batch)
        await repository.close()


def numbers(status: BatchStatus) -> dict[str, int]:
    """The depositions of the datasets that have one."""
    return {each.id: each.deposition_id for each in status.datasets if each.deposition_id is not None}
