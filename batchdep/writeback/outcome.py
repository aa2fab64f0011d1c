"""What a write-back did, dataset by dataset and file by file."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from typing import Any

from msgspec import Struct
from msgspec.structs import asdict

from batchdep.errors import ExitCode, Failure
from batchdep.manifest.deposited import Deposited


class Written(StrEnum):
    """What became of a value or file that could be written."""

    WRITTEN = "written"
    UNCHANGED = "unchanged"
    """It was there already."""
    NOTHING = "nothing"
    """Nothing is known that could be written."""
    REFUSED = "refused"
    """It was left as it was, for the reason that is given."""


class DatasetOutcome(Struct, frozen=True):
    """``deposited`` is what the manifest says of the dataset now."""

    dataset: str
    written: Written
    deposited: Deposited
    reason: str = ""

    def as_dict(self) -> dict[str, Any]:
        return {"id": self.dataset, "written": str(self.written), **self.deposited.as_dict(), "reason": self.reason}


class FileOutcome(Struct, frozen=True):
    """A file beside the data; ``original`` is where one that it replaced is kept."""

    dataset: str
    path: str
    written: Written
    reason: str = ""
    original: str | None = None

    def as_dict(self) -> dict[str, Any]:
        return asdict(self) | {"written": str(self.written)}


class Outcome(Struct, frozen=True):
    """``changed`` says whether the manifest was; ``original`` is where it is kept as it was before. ``failure`` is what
    kept everything from being written."""

    batch: str
    target: str
    manifest: str
    changed: bool = False
    original: str | None = None
    datasets: Sequence[DatasetOutcome] = ()
    files: Sequence[FileOutcome] = ()
    failure: Failure | None = None

    @property
    def exit_code(self) -> ExitCode:
        written = {*(each.written for each in self.datasets), *(each.written for each in self.files)}
        return ExitCode.UNFINISHED if Written.REFUSED in written or self.failure is not None else ExitCode.DONE

    def as_dict(self) -> dict[str, Any]:
        """The JSON document ``batchdep-write-back/1``."""
        return {
            "schema": "batchdep-write-back/1",
            "batch": self.batch,
            "target": self.target,
            "manifest": self.manifest,
            "changed": self.changed,
            "original": self.original,
            "error": self.failure.as_dict() if self.failure else None,
            "datasets": [each.as_dict() for each in self.datasets],
            "files": [each.as_dict() for each in self.files],
        }
