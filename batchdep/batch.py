"""Works off a batch on this machine: plans it, runs ``deposit_dataset`` over it, reports progress as events."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from enum import StrEnum

from batchdep.events import Observer, ignore
from batchdep.manifest.model import Manifest
from batchdep.report.status import BatchStatus


class Goal(StrEnum):
    """How far a dataset is to go."""

    DRAFT = "draft"
    PUBLISHED = "published"


@dataclass(frozen=True)
class Job:
    """What is asked for. ``target`` is the repository's origin, ``database`` a path or SQLAlchemy URL, ``token`` None
    where the target needs none; ``only`` ids, empty for all; ``moved`` says that the manifest was moved on purpose."""

    manifest: Manifest
    target: str
    database: str
    token: str | None = None
    goal: Goal | None = None
    only: tuple[str, ...] = ()
    concurrency: int = 16
    allow_outside: bool = False
    moved: bool = False
    patience: float | None = None


class Interrupt:
    """Asks a running batch to stop: what is being sent may take ``grace`` seconds more, then it is dropped."""

    def __init__(self, grace: float = 5.0) -> None:
        self.grace = grace
        self.requested = asyncio.Event()

    def request(self) -> None:
        """Stop soon. Safe to call from a signal handler of the event loop."""
        self.requested.set()


@dataclass(frozen=True, slots=True)
class PlannedDataset:
    """What ``submit`` would do with one dataset: ``action`` is create, resume, update, publish, nothing or refuse."""

    id: str
    title: str
    action: str
    note: str
    uploads: tuple[tuple[str, int], ...]
    publishes: bool
    requests: int


@dataclass(frozen=True, slots=True)
class BatchPlan:
    """The plan of a batch: bytes to send, requests, and the seconds these need at least under the rate limit."""

    batch: str
    target: str
    datasets: tuple[PlannedDataset, ...]
    bytes: int
    requests: int
    seconds: float


async def submit(job: Job, observer: Observer = ignore, interrupt: Interrupt | None = None) -> BatchStatus:
    """Brings every selected dataset to the goal; running it again resumes."""
    raise NotImplementedError


async def publish(job: Job, observer: Observer = ignore, interrupt: Interrupt | None = None) -> BatchStatus:
    """Publishes the drafts of the batch that are complete."""
    raise NotImplementedError


async def discard(job: Job, observer: Observer = ignore, interrupt: Interrupt | None = None) -> BatchStatus:
    """Deletes the drafts of the batch; published records stay."""
    raise NotImplementedError


async def plan(job: Job) -> BatchPlan:
    """What ``submit`` would do; sends nothing and changes nothing."""
    raise NotImplementedError


async def status(database: str, manifest: str | None, target: str | None) -> list[BatchStatus]:
    """The batches in a database, of one manifest file or target where given; newest first. Sends nothing."""
    raise NotImplementedError
