"""Whatever is done in whatever order, the account holds what a plain model says: no more, no less, and nothing else.

Commands, kills, faults, edits and other people meet in random order; a virtual clock makes hours pass at once. The
repository is the one in memory, the database a real one.
"""

from __future__ import annotations

import asyncio
import hashlib
import os
import shutil
import tempfile
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from batchdep.batch import _is_reviewable, _may_have_draft
from batchdep.deposit import Context, Deferred, Goal, Work, deposit_dataset, discard_dataset, publish_dataset
from batchdep.deposit.body import file_fingerprint
from batchdep.deposit.flow import is_at_goal
from batchdep.deposit.reconcile import OwnDrafts
from batchdep.deposit.refusals import StopBatch
from batchdep.errors import DatasetFailure
from batchdep.manifest.model import LocalFile
from batchdep.plan import DatasetPlan, metadata_digest
from batchdep.problems import Location, Place, ValuePath
from batchdep.repository.model import Deposition, Reason, Rejected, RemoteFile, Unavailable
from batchdep.state.records import DatasetRecord
from batchdep.state.store import BatchIdentity, Store
from tests.support.fake_repository import Lost, VirtualClock
from tests.support.mortal import Died, Life, MortalRepository, MortalStore, mortal_store

KEYS = ("d1", "d2")
NAMES = ("a.csv", "b.csv", "c.csv")
TORTURE = os.environ.get("BATCHDEP_TORTURE") == "1"

Do = Callable[[Context, Work], Awaitable[None]]
Snapshot = tuple[str, frozenset[tuple[str, bytes]]]
"""A dataset as it was deposited: its description and its files."""

REFUSALS = (
    Rejected(Reason.INVALID, 400, "Invalid value dataset."),
    Rejected(Reason.QUOTA, 400, "Bucket quota exceeded."),
    Unavailable("503", status=503),
)
LOSSES = (
    Lost(done=True),
    Lost(done=False),
    Lost(done=True, after=100.0, late=True),
    Lost(done=False, late=True),
)
METHODS = ("create", "update", "upload", "delete_file", "publish", "delete")


class _NoSource:
    name = "manifest.yaml"

    def locate(self, path: ValuePath) -> Location:
        return Location(self.name)


@dataclass
class Dataset:
    """What the manifest says of a dataset now, and all that it was when a run began that might publish it."""

    key: str
    version: int = 1
    files: dict[str, bytes] = field(default_factory=dict)
    publishable: set[Snapshot] = field(default_factory=set)

    @property
    def metadata(self) -> dict[str, Any]:
        return metadata_of(self.key, self.version)

    @property
    def snapshot(self) -> Snapshot:
        return self.metadata["description"], frozenset(self.files.items())


def metadata_of(key: str, version: int) -> dict[str, Any]:
    """All datasets and other people's drafts have one title; the description tells them apart."""
    return {
        "title": "Scent of roses",
        "upload_type": "dataset",
        "description": f"<p>{key}, version {version}</p>",
        "creators": [{"name": "Rocca-Serra, Philippe"}],
    }


class World:
    """The disk, the database and the repository; runs are processes that may die."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.database = str(folder / "state.db")
        self.clock = VirtualClock()
        self.repository = MortalRepository(self.clock)
        self.datasets = {key: Dataset(key) for key in KEYS}
        self.foreign: dict[int, Deposition] = {}
        self.contents: dict[str, bytes] = {}
        for key in KEYS:
            (folder / key).mkdir()
            for name in NAMES[:2]:
                self.write(key, name, f"{key} {name}")

    # -- the disk and the manifest

    def write(self, key: str, name: str, text: str) -> None:
        content = text.encode()
        (self.folder / key / name).write_bytes(content)
        self.datasets[key].files[name] = content
        self.contents[_md5(content)] = content

    def plan(self, key: str) -> DatasetPlan:
        dataset = self.datasets[key]
        files = tuple(self._local(key, name) for name in sorted(dataset.files))
        metadata = dataset.metadata
        return DatasetPlan(key, metadata["title"], metadata, metadata_digest(metadata), files)

    def _local(self, key: str, name: str) -> LocalFile:
        path = self.folder / key / name
        status = path.stat()
        place = Place(_NoSource())
        return LocalFile(name, name, path, status.st_size, file_fingerprint(status), status.st_mtime_ns, place)

    # -- runs

    def run(self, do: Do, goal: Goal, keys: Sequence[str], life: Life | None = None) -> dict[str, DatasetRecord]:
        """A process from its start to its end, or its death; the records as it left them."""
        life = life or Life()
        self.repository.life = life
        if do is publish_dataset or (do is deposit_dataset and goal is Goal.PUBLISHED):
            for key in keys:
                self.datasets[key].publishable.add(self.datasets[key].snapshot)
        with suppress(Died):
            asyncio.run(self._run(do, goal, keys, life))
        self.repository.faults.clear()
        self.repository.life = Life()
        return self.records()

    async def _run(self, do: Do, goal: Goal, keys: Sequence[str], life: Life) -> None:
        async with mortal_store(self.database, life) as store:
            plans = {key: self.plan(key) for key in KEYS}
            batch = await store.open_batch(self._identity())
            records = await store.sync(batch, [plan.wanted for plan in plans.values()])
            context = self._context(store)
            with suppress(StopBatch):
                for key in keys:
                    await self._work(context, do, Work(plans[key], records[key], goal))

    async def _work(self, context: Context, do: Do, work: Work) -> None:
        """As the workers do it, one dataset after another."""
        if not _is_asked(do, work):
            return
        for _ in range(400):
            try:
                await do(context, work)
            except Deferred as wait:
                self.clock.advance(wait.seconds)
            except StopBatch as stop:
                await context.store.failed(work.record, stop.failure, state=work.record.state)
                raise
            except DatasetFailure as error:
                keeps = work.record.state if error.failure.code == "draft_outdated" else None
                await context.store.failed(work.record, error.failure, state=keeps)
                return
            else:
                return
        raise AssertionError("deferred for ever")

    def _context(self, store: MortalStore) -> Context:
        drafts = OwnDrafts(self.repository, store)
        return Context(self.repository, store, self.clock, drafts, lambda _: None, sleep=self.clock.sleep)

    def _identity(self) -> BatchIdentity:
        return BatchIdentity(self.repository.target, "batch", self.folder / "m.yaml", frozenset(KEYS))

    def records(self) -> dict[str, DatasetRecord]:
        """As the next process would read them."""

        async def load() -> dict[str, DatasetRecord]:
            async with Store.open(self.database) as store:
                batch = await store.find_batch(self._identity())
                return await store.load(batch) if batch else {}

        return asyncio.run(load())

    # -- the account

    def own(self, key: str) -> list[Deposition]:
        """The depositions that are the dataset's, drafts and records."""
        return [
            entry
            for entry in self.repository.depositions.values()
            if entry.id not in self.foreign and entry.metadata["description"].startswith(f"<p>{key},")
        ]

    def snapshot(self, entry: Deposition) -> Snapshot:
        files = frozenset((file.name, self.contents[file.md5]) for file in entry.files)
        return entry.metadata["description"], files


def _is_asked(do: Do, work: Work) -> bool:
    if do is discard_dataset:
        return _may_have_draft(work.record)
    if do is publish_dataset and not (_is_reviewable(work.record) or work.record.is_published):
        return False
    return not is_at_goal(work)


def _md5(content: bytes) -> str:
    return hashlib.md5(content, usedforsecurity=False).hexdigest()


lives = st.one_of(
    st.just(None),
    st.builds(Life, st.integers(1, 40), st.sampled_from([0.0, 4.0, None])),
)
faults = st.lists(st.tuples(st.sampled_from(METHODS), st.sampled_from([*LOSSES, *REFUSALS])), max_size=3)
some_keys = st.sampled_from([KEYS, KEYS[:1], KEYS[1:]])
one_key = st.sampled_from(KEYS)


class Account(RuleBasedStateMachine):
    """Random histories of one account."""

    @initialize(index_delay=st.sampled_from([0.0, 2.0, 30.0]))
    def begin(self, index_delay: float) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="batchdep-model-"))
        self.world = World(self.folder)
        self.world.repository.index_delay = index_delay
        self.edits = 0

    def _run(self, do: Do, goal: Goal, keys: Sequence[str], life: Life | None, faults: list[tuple[str, Any]]) -> None:
        for method, fault in faults:
            self.world.repository.fail(method, fault)
        self.world.run(do, goal, keys, replace(life) if life else None)

    @rule(goal=st.sampled_from(Goal), keys=some_keys, life=lives, faults=faults)
    def submit(self, goal: Goal, keys: Sequence[str], life: Life | None, faults: list[tuple[str, Any]]) -> None:
        self._run(deposit_dataset, goal, keys, life, faults)

    @rule(keys=some_keys, life=lives, faults=faults)
    def publish(self, keys: Sequence[str], life: Life | None, faults: list[tuple[str, Any]]) -> None:
        self._run(publish_dataset, Goal.PUBLISHED, keys, life, faults)

    @rule(keys=some_keys, life=lives, faults=faults)
    def discard(self, keys: Sequence[str], life: Life | None, faults: list[tuple[str, Any]]) -> None:
        self._run(discard_dataset, Goal.DRAFT, keys, life, faults)

    @rule(seconds=st.sampled_from([1.0, 20.0, 400.0]))
    def wait(self, seconds: float) -> None:
        self.world.clock.advance(seconds)

    @rule(key=one_key)
    def edit_metadata(self, key: str) -> None:
        self.world.datasets[key].version += 1

    @rule(key=one_key, name=st.sampled_from(NAMES))
    def edit_file(self, key: str, name: str) -> None:
        self.edits += 1
        self.world.write(key, name, f"{key} {name}, edit {self.edits}")

    @rule(key=one_key)
    def drop_file(self, key: str) -> None:
        files = self.world.datasets[key].files
        if len(files) > 1:
            del files[max(files)]

    @rule(key=one_key, filled=st.booleans())
    def somebody_makes_a_draft(self, key: str, filled: bool) -> None:
        """Somebody else's: of the same title; with a file even of the same description. One of equal metadata and
        without files, made while a creation of ours is in doubt, cannot be told from ours (and none is made here)."""
        world = self.world
        metadata = metadata_of(key, world.datasets[key].version if filled else 0)
        made = world.repository.make(metadata, [RemoteFile("theirs.csv", 3, "0" * 32, "x")] if filled else []).value
        world.foreign[made.id] = made

    @rule(key=one_key)
    def somebody_makes_the_very_same_draft(self, key: str) -> None:
        world = self.world
        if any(record.intent is not None for record in world.records().values()):
            return
        made = world.repository.make(world.datasets[key].metadata).value
        world.foreign[made.id] = made
        world.clock.advance(2.0)

    @invariant()
    def others_are_left_alone(self) -> None:
        for number, entry in self.world.foreign.items():
            assert self.world.repository.depositions[number] == entry

    @invariant()
    def records_are_only_read(self) -> None:
        assert self.world.repository.writes_to_published == []

    @invariant()
    def published_once_and_as_it_was_asked_for(self) -> None:
        for key, dataset in self.world.datasets.items():
            records = [entry for entry in self.world.own(key) if entry.published]
            assert len(records) <= 1
            for record in records:
                assert self.world.snapshot(record) in dataset.publishable

    def teardown(self) -> None:
        if hasattr(self, "world"):
            try:
                self.everything_ends_well()
            finally:
                shutil.rmtree(self.folder)

    def everything_ends_well(self) -> None:
        """Once nobody interferes, one run deposits everything: each dataset once, and as the manifest has it, unless
        it was published before; then the difference is reported and the record left alone."""
        world = self.world
        published = {key for key in KEYS if any(entry.published for entry in world.own(key))}
        records = world.run(deposit_dataset, Goal.PUBLISHED, KEYS)
        for key, record in records.items():
            (held,) = world.own(key)
            assert held.published
            assert record.deposition_id == held.id
            assert record.is_published
            same = world.snapshot(held) == world.datasets[key].snapshot
            code = record.failure.code if record.failure else None
            assert code == (None if same else "published_changed"), record.failure
            assert same or key in published or record.attempts > 1
        self.others_are_left_alone()
        self.records_are_only_read()
        self.published_once_and_as_it_was_asked_for()


@pytest.mark.slow
@pytest.mark.timeout(7200 if TORTURE else 120)
def test_the_account_holds_what_the_model_says() -> None:
    run_state_machine_as_test(
        Account,
        settings=settings(
            max_examples=2000 if TORTURE else 45,
            stateful_step_count=20 if TORTURE else 8,
            derandomize=not TORTURE,
            deadline=None,
            database=None,
            print_blob=True,
            suppress_health_check=list(HealthCheck),
        ),
    )
