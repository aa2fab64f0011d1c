"""One dataset, a repository in memory, a virtual clock, and a real database."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from batchdep.deposit import (
    Context,
    Deferred,
    Goal,
    Interrupted,
    Work,
    deposit_dataset,
    discard_dataset,
    publish_dataset,
)
from batchdep.deposit.reconcile import OwnDrafts
from batchdep.events import Event
from batchdep.manifest.model import LocalFile, file_fingerprint
from batchdep.plan import DatasetPlan, metadata_digest
from batchdep.problems import Location, Place, ValuePath
from batchdep.state.records import BatchRecord, DatasetRecord
from batchdep.state.store import BatchIdentity, Store
from tests.support.fake_repository import FakeRepository, ProcessKilled, VirtualClock

METADATA: dict[str, Any] = {
    "title": "Scent of roses",
    "upload_type": "dataset",
    "description": "<p>Volatile compounds.</p>",
    "creators": [{"name": "Rocca-Serra, Philippe"}],
}


class NoSource:
    name = "manifest.yaml"

    def locate(self, path: ValuePath) -> Location:
        return Location(self.name)


@dataclass
class World:
    """What a test needs to tell a story: files on the disk, runs, and what the repository holds in the end."""

    folder: Path
    database: str
    clock: VirtualClock = field(default_factory=VirtualClock)
    metadata: dict[str, Any] = field(default_factory=lambda: dict(METADATA))
    events: list[Event] = field(default_factory=list)
    names: tuple[str, ...] = ("a.csv", "b.csv")
    stopping: bool = False

    def __post_init__(self) -> None:
        self.repository = FakeRepository(self.clock)
        for name in self.names:
            self.write(name, f"content of {name}")

    def write(self, name: str, text: str) -> None:
        (self.folder / name).write_text(text)

    def md5(self, name: str) -> str:
        return hashlib.md5((self.folder / name).read_bytes(), usedforsecurity=False).hexdigest()

    def plan(self, key: str = "d1") -> DatasetPlan:
        files = tuple(self._local(name) for name in self.names)
        title = str(self.metadata.get("title", ""))
        return DatasetPlan(key, title, dict(self.metadata), metadata_digest(self.metadata), files)

    def _local(self, name: str) -> LocalFile:
        path = self.folder / name
        status = path.stat()
        return LocalFile(
            name, name, str(path), status.st_size, file_fingerprint(status), status.st_mtime_ns, Place(NoSource())
        )

    async def record(self, plan: DatasetPlan | None = None) -> DatasetRecord:
        """The dataset as a new process would read it."""
        async with Store.open(self.database) as store:
            batch = await self._batch(store)
            return (await store.sync(batch, [(plan or self.plan()).wanted]))[(plan or self.plan()).id]

    async def _batch(self, store: Store) -> BatchRecord:
        identity = BatchIdentity(self.repository.target, "batch", self.folder / "m.yaml", frozenset(["d1", "d2"]))
        return await store.open_batch(identity)

    def context(self, store: Store) -> Context:
        drafts = OwnDrafts(self.repository, store)
        told = self.events.append
        return Context(self.repository, store, self.clock, drafts, told, self._proceed, sleep=self.clock.sleep)

    def _proceed(self) -> None:
        if self.stopping:
            raise Interrupted

    async def run(
        self, goal: Goal = Goal.PUBLISHED, do: Any = deposit_dataset, plan: DatasetPlan | None = None
    ) -> Work:
        """One run from a fresh process to the end, waiting as long as it asks to."""
        plan = plan or self.plan()
        async with Store.open(self.database) as store:
            records = await store.sync(await self._batch(store), [plan.wanted])
            self.repository.on_kill = lambda: _silence(store)
            work = Work(plan, records[plan.id], goal)
            context = self.context(store)
            for _ in range(200):
                try:
                    await do(context, work)
                except Deferred as wait:
                    self.clock.advance(wait.seconds)
                else:
                    return work
            raise AssertionError("deferred for ever")

    async def publish(self) -> Work:
        return await self.run(do=publish_dataset)

    async def discard(self) -> Work:
        return await self.run(do=discard_dataset)

    def remote_md5s(self, deposition_id: int) -> dict[str, str]:
        return {file.name: file.md5 for file in self.repository.depositions[deposition_id].files}

    def assert_published_once(self) -> None:
        assert len(self.repository.depositions) == 1, "one deposition, no stray draft"
        (record,) = self.repository.published
        assert self.remote_md5s(record.id) == {name: self.md5(name) for name in self.names}
        assert self.repository.writes_to_published == []


def _silence(store: Store) -> None:
    """A killed process writes nothing any more, whatever its code would do."""

    async def nothing(*_: Any) -> None:
        raise ProcessKilled

    store._writer.write = nothing  # type: ignore[assignment, method-assign]


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    async with AsyncExitStack():
        folder = tmp_path / "data"
        folder.mkdir()
        yield World(folder, str(tmp_path / "state.db"))
