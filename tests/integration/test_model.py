"""Whatever is done in whatever order, the account holds what a plain model says: no more, no less, and nothing else.

Commands, kills, faults, edits and other people meet in random order; a virtual clock makes hours pass at once. The
repository is the one in memory, the database a real one.
"""

from __future__ import annotations

import asyncio
import hashlib
import shutil
import tempfile
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from batchdep.batch import _is_to_publish, _may_have_draft
from batchdep.deposit import Context, Deferred, Goal, Work, deposit_dataset, discard_dataset, publish_dataset
from batchdep.deposit.flow import is_at_goal
from batchdep.deposit.reconcile import OwnDrafts
from batchdep.deposit.refusals import StopBatch
from batchdep.errors import DatasetFailure
from batchdep.manifest.model import LocalFile, file_fingerprint
from batchdep.plan import DatasetPlan, metadata_digest
from batchdep.problems import Location, Place, ValuePath
from batchdep.repository.model import Deposition, Reason, Rejected, RemoteFile, Unavailable
from batchdep.state.records import DatasetRecord
from batchdep.state.store import BatchIdentity, Store
from tests.support.fake_repository import Lost, VirtualClock
from tests.support.mortal import Died, Life, MortalRepository, MortalStore, mortal_store
from tests.support.torture import TORTURE

NAMES = ("a.csv", "b.csv", "c.csv")

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
METHODS = ("create", "create", "create", "publish", "publish", "upload", "update", "delete", "delete_file")
"""As often as it matters what becomes of them."""


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
        Path(self.database).write_bytes(_empty_database())
        self.clock = VirtualClock()
        self.repository = MortalRepository(self.clock)
        self.datasets: dict[str, Dataset] = {}
        self.foreign: dict[int, Deposition] = {}
        self.contents: dict[str, bytes] = {}
        self.grow()
        self.grow()

    # -- the disk and the manifest

    def grow(self) -> None:
        """One more dataset in the manifest."""
        key = f"d{len(self.datasets) + 1}"
        self.datasets[key] = Dataset(key)
        (self.folder / key).mkdir()
        for name in NAMES[:2]:
            self.write(key, name, f"{key} {name}")

    @property
    def keys(self) -> list[str]:
        """The ids of the manifest."""
        return list(self.datasets)

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
        return LocalFile(name, name, str(path), status.st_size, file_fingerprint(status), status.st_mtime_ns, place)

    # -- runs

    def run(self, do: Do, goal: Goal, keys: Sequence[str], life: Life | None = None) -> None:
        """A process from its start to its end, or its death."""
        life = life or Life()
        self.repository.life = life
        if do is publish_dataset or (do is deposit_dataset and goal is Goal.PUBLISHED):
            for key in keys:
                self.datasets[key].publishable.add(self.datasets[key].snapshot)
        with suppress(Died):
            asyncio.run(self._run(do, goal, keys, life))
        self.repository.faults.clear()
        self.repository.life = Life()

    async def _run(self, do: Do, goal: Goal, keys: Sequence[str], life: Life) -> None:
        async with mortal_store(self.database, life) as store:
            plans = {key: self.plan(key) for key in self.keys}
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
        return BatchIdentity(self.repository.target, "batch", self.folder / "m.yaml", frozenset(self.keys))

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


@cache
def _empty_database() -> bytes:
    """A database with its tables, made once."""

    async def make(path: Path) -> None:
        async with Store.open(str(path)):
            pass

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "state.db"
        asyncio.run(make(path))
        return path.read_bytes()


def _is_asked(do: Do, work: Work) -> bool:
    if do is discard_dataset:
        return _may_have_draft(work.record)
    if do is publish_dataset and not _is_to_publish(work.record):
        return False
    return not is_at_goal(work)


def _md5(content: bytes) -> str:
    return hashlib.md5(content, usedforsecurity=False).hexdigest()


lives = st.one_of(
    st.just(None),
    st.builds(Life, st.integers(1, 40), st.sampled_from([0.0, 4.0, None])),
)
a_fault = st.tuples(st.sampled_from(METHODS), st.sampled_from([*LOSSES, *LOSSES, *REFUSALS]))
faults: st.SearchStrategy[list[tuple[str, Any]]] = st.one_of(st.just([]), st.lists(a_fault, min_size=1, max_size=3))
whiches = st.sampled_from([slice(None), slice(None), slice(1), slice(-1, None)])
"""Which of the datasets: all, the first or the last of those that are not published yet."""


class Account(RuleBasedStateMachine):
    """Random histories of one account."""

    @initialize(index_delay=st.sampled_from([0.0, 2.0, 30.0]))
    def begin(self, index_delay: float) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="batchdep-model-"))
        self.world = World(self.folder)
        self.world.repository.index_delay = index_delay
        self.edits = 0

    @property
    def open_keys(self) -> list[str]:
        """Those not published yet: never none."""
        world = self.world
        found = [key for key in world.keys if not any(entry.published for entry in world.own(key))]
        if not found:
            world.grow()
            found = world.keys[-1:]
        return found

    def _run(self, do: Do, goal: Goal, which: slice, life: Life | None, faults: list[tuple[str, Any]]) -> None:
        for method, fault in faults:
            self.world.repository.fail(method, fault)
        keys = self.world.keys if which == slice(None) and self.open_keys else self.open_keys[which]
        self.world.run(do, goal, keys, replace(life) if life else None)

    @rule(goal=st.sampled_from(Goal), which=whiches, life=lives, faults=faults)
    def submit(self, goal: Goal, which: slice, life: Life | None, faults: list[tuple[str, Any]]) -> None:
        self._run(deposit_dataset, goal, which, life, faults)

    @rule(life=st.builds(Life, st.integers(3, 40), st.sampled_from([0.0, 4.0, None])), faults=faults)
    def submit_in_bad_weather(self, life: Life, faults: list[tuple[str, Any]]) -> None:
        self._run(deposit_dataset, Goal.DRAFT, slice(None), life, faults)
        self._run(deposit_dataset, Goal.DRAFT, slice(None), None, [])

    @rule(
        first=st.sampled_from(LOSSES),
        second=st.sampled_from([*LOSSES, *REFUSALS]),
        method=st.sampled_from(METHODS),
        goal=st.sampled_from(Goal),
    )
    def submit_with_lost_answers(self, first: Lost, second: Any, method: str, goal: Goal) -> None:
        self._run(deposit_dataset, goal, slice(None), None, [("create", first), (method, second)])

    @rule(which=whiches, life=lives, faults=faults)
    def publish(self, which: slice, life: Life | None, faults: list[tuple[str, Any]]) -> None:
        self._run(publish_dataset, Goal.PUBLISHED, which, life, faults)

    @rule(which=whiches, life=lives, faults=faults)
    def discard(self, which: slice, life: Life | None, faults: list[tuple[str, Any]]) -> None:
        self._run(discard_dataset, Goal.DRAFT, which, life, faults)

    @rule(
        seconds=st.sampled_from([1.0, 20.0, 400.0]),
        turn=st.integers(0, 9),
        what=st.sampled_from(["", "text", *NAMES, "-"]),
    )
    def time_passes(self, seconds: float, turn: int, what: str) -> None:
        """Meanwhile somebody may edit the manifest or a file, or take a file out."""
        self.world.clock.advance(seconds)
        key = self.open_keys[turn % len(self.open_keys)]
        dataset = self.world.datasets[key]
        if what == "text":
            dataset.version += 1
        elif what in NAMES:
            self.edits += 1
            self.world.write(key, what, f"{key} {what}, edit {self.edits}")
        elif what and len(dataset.files) > 1:
            del dataset.files[max(dataset.files)]

    @rule(turn=st.integers(0, 9), like_ours=st.sampled_from(["title", "metadata, with a file", "metadata"]))
    def somebody_makes_a_draft(self, turn: int, like_ours: str) -> None:
        """One of equal metadata and without files, made while a creation of ours is in doubt, cannot be told from
        ours: that does not happen here."""
        world, key = self.world, self.open_keys[turn % len(self.open_keys)]
        if like_ours == "metadata" and any(record.intent is not None for record in world.records().values()):
            return
        metadata = metadata_of(key, 0) if like_ours == "title" else world.datasets[key].metadata
        files = [RemoteFile("theirs.csv", 3, "0" * 32, "x")] if "file" in like_ours else []
        made = world.repository.make(metadata, files).value
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
        published = {key for key in world.keys if any(entry.published for entry in world.own(key))}
        world.run(deposit_dataset, Goal.PUBLISHED, world.keys)
        for key, record in world.records().items():
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
            max_examples=400 if TORTURE else 40,
            stateful_step_count=20 if TORTURE else 8,
            derandomize=not TORTURE,
            deadline=None,
            database=None,
            print_blob=True,
            suppress_health_check=list(HealthCheck),
        ),
    )
