"""What is asked for: a batch, where it goes, and how far."""

from __future__ import annotations

from pathlib import Path

from msgspec import Struct

from batchdep.deposit.reconcile import Timing
from batchdep.deposit.step import Goal
from batchdep.manifest.model import Manifest
from batchdep.plan_shelf import Looked
from batchdep.repository.patient import Patience
from batchdep.reprs import repr_without
from batchdep.state.store import BatchIdentity

__all__ = ["Goal", "Job"]


class Job(Struct, frozen=True):
    """What is asked for.

    ``target`` is the repository's origin, ``database`` a path or SQLAlchemy URL, ``token`` None where the target needs
    none; ``goal`` None for the manifest's; ``only`` ids, empty for all; ``moved`` says that the manifest was moved on
    purpose. ``patience`` and ``timing`` say how long to bear with the repository. ``token_variable`` is the environment
    variable that the token is from, if any. ``looked``: what a check saw of the datasets just now, None where there was
    none. ``outlined``: nobody asks for files and metadata in the status at the end of the run, of which the sums are.
    """

    manifest: Manifest
    target: str
    database: str
    token: str | None = None
    goal: Goal | None = None
    only: tuple[str, ...] = ()
    concurrency: int = 16
    allow_outside: bool = False
    moved: bool = False
    patience: Patience | None = None
    timing: Timing | None = None
    token_variable: str | None = None
    looked: Looked | None = None
    outlined: bool = False

    def __repr__(self) -> str:
        return repr_without(self, "token", "looked")

    @property
    def asked_goal(self) -> Goal:
        """The goal asked for, or the manifest's."""
        return self.goal or (Goal.PUBLISHED if self.manifest.publish else Goal.DRAFT)

    @property
    def identity(self) -> BatchIdentity:
        """Which batch the manifest stands for."""
        ids = frozenset(self.manifest.ids)
        path = Path(self.manifest.path).absolute()
        return BatchIdentity(self.target, self.manifest.batch, path, ids, self.moved)
