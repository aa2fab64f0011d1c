"""What a search for a batch's depositions came to, as documents."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from msgspec import Struct

from batchdep.errors import ExitCode
from batchdep.reprs import repr_without


class Finding(StrEnum):
    """What became of a dataset."""

    MATCHED = "matched"  # its deposition was found and noted
    MISSING = "missing"  # the account surely has none of it: submit makes it
    AMBIGUOUS = "ambiguous"  # more than one could be it, or one that differs: held until a person decides
    KNOWN = "known"  # the state knew it already: left alone


class Candidate(Struct, frozen=True):
    """A deposition that is, or could be, a dataset's. ``files_held`` of its ``files`` are the dataset's, byte for byte.

    ``described`` says whether its metadata are the manifest's; ``edited`` names fields that are not.
    """

    deposition_id: int
    published: bool
    url: str
    doi: str | None
    files: int
    files_held: int
    described: bool
    edited: tuple[str, ...]

    def as_dict(self) -> dict[str, Any]:
        return {
            "deposition_id": self.deposition_id,
            "state": "published" if self.published else "draft",
            "url": self.url,
            "doi": self.doi,
            "files": self.files,
            "files_held": self.files_held,
            "metadata_held": self.described,
            "edited": list(self.edited),
        }


class Found(Struct, frozen=True):
    """What was found of one dataset: ``candidates`` is the one that was matched, or those that are to choose from.

    ``twice``: more than one deposition holds all of it. ``files``: how many the manifest names.
    """

    dataset: str
    finding: Finding
    files: int
    candidates: tuple[Candidate, ...] = ()
    twice: bool = False

    def as_dict(self) -> dict[str, Any]:
        return {
            "id": self.dataset,
            "found": str(self.finding),
            "files": self.files,
            "twice": self.twice,
            "candidates": [candidate.as_dict() for candidate in self.candidates],
        }


class Recovery(Struct, frozen=True):
    """The outcome. ``listed``: depositions that the list showed; ``whole`` is False where the account may have more."""

    batch: str
    target: str
    database: str
    manifest: str
    listed: int
    whole: bool
    requests: int
    datasets: tuple[Found, ...]

    def __repr__(self) -> str:
        return repr_without(self, "datasets")

    @property
    def exit_code(self) -> ExitCode:
        unsure = any(found.finding is Finding.AMBIGUOUS for found in self.datasets)
        return ExitCode.UNFINISHED if unsure else ExitCode.DONE

    def counts(self) -> dict[str, int]:
        found = Counter(each.finding for each in self.datasets)
        return {str(finding): found[finding] for finding in Finding}

    def as_dict(self) -> dict[str, Any]:
        """The JSON document ``batchdep-recover/1``."""
        return {
            "schema": "batchdep-recover/1",
            "batch": self.batch,
            "target": self.target,
            "database": self.database,
            "manifest": self.manifest,
            "listed": self.listed,
            "list_is_whole": self.whole,
            "requests": self.requests,
            "counts": self.counts(),
            "datasets": [found.as_dict() for found in self.datasets],
        }


class Decisions(Struct, frozen=True):
    """What a person has decided: ``take`` names the deposition of a dataset, ``anew`` datasets that have none."""

    take: Mapping[str, int]
    anew: frozenset[str] = frozenset()
