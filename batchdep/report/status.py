"""The status of a batch: the document that ``submit``, ``status``, ``publish`` and ``discard`` give."""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from enum import StrEnum
from itertools import islice
from typing import Any

from msgspec import Struct

from batchdep.errors import ExitCode, Failure
from batchdep.reprs import repr_without
from batchdep.sequences import MadeSequence


class DatasetState(StrEnum):
    """States of a dataset, in the order in which it goes through them."""

    PENDING = "pending"
    UPLOADING = "uploading"
    DRAFT = "draft"
    PUBLISHING = "publishing"
    PUBLISHED = "published"
    FAILED = "failed"
    DISCARDED = "discarded"


UNDER_WAY = (DatasetState.UPLOADING, DatasetState.PUBLISHING)
"""States in which a run leaves a dataset only for a moment, or when it was interrupted."""


class FileState(StrEnum):
    """A file is uploaded once the repository's checksum of it equals ours."""

    PENDING = "pending"
    UPLOADED = "uploaded"


class FileStatus(Struct, frozen=True):
    """``size`` in bytes; ``md5`` is known once the file was read."""

    name: str
    path: str
    size: int
    md5: str | None
    state: FileState

    def as_dict(self) -> dict[str, Any]:
        return {"name": self.name, "path": self.path, "size": self.size, "md5": self.md5, "state": str(self.state)}


@dataclasses.dataclass(frozen=True, slots=True)
class DatasetStatus:
    """One dataset; ``in_manifest`` is False for one that the manifest no longer names: it is kept and reported."""

    id: str
    state: DatasetState
    title: str
    deposition_id: int | None
    reserved_doi: str | None
    doi: str | None
    url: str | None
    attempts: int
    updated: datetime
    files: Sequence[FileStatus]
    error: Failure | None
    warnings: Sequence[str] = ()
    in_manifest: bool = True
    published_at: datetime | None = None
    metadata: dict[str, Any] = dataclasses.field(default_factory=dict)

    def as_dict(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "state": str(self.state),
            "title": self.title,
            "deposition_id": self.deposition_id,
            "reserved_doi": self.reserved_doi,
            "doi": self.doi,
            "url": self.url,
            "attempts": self.attempts,
            "updated": utc_text(self.updated),
            "files": [file.as_dict() for file in self.files],
            "error": self.error.as_dict() if self.error else None,
            "warnings": list(self.warnings),
            "in_manifest": self.in_manifest,
        }


class LazyDatasets(MadeSequence[DatasetStatus]):
    """Datasets that are made anew each time one goes through them: all those of a large batch would take gigabytes.

    ``number`` is how many there are; ``make`` gives them one after the other, those with an error only for ``True``.
    Where they are read from a database, they can be gone through only as long as that is open for it.
    """

    def __init__(self, number: int, make: Callable[[bool], Iterator[DatasetStatus]]) -> None:
        self._number = number
        self._make = make

    def __len__(self) -> int:
        return self._number

    def __iter__(self) -> Iterator[DatasetStatus]:
        return self._make(False)

    def failed(self) -> Iterator[DatasetStatus]:
        """Those with an error."""
        return self._make(True)

    def made(self, index: int) -> DatasetStatus:
        """Found by going through all that are before."""
        return next(islice(self, index, None))


class BatchSums(Struct, frozen=True):
    """Of all datasets of a batch: how many in each state, how many with an error, bytes of their files, and bytes of
    those that are uploaded."""

    counts: Mapping[DatasetState, int]
    failures: int
    bytes: int
    uploaded: int


class BatchStatus(Struct, frozen=True):
    """The whole batch. ``requests`` counts this run's; ``stopped`` says why the run ended before its end.

    ``exit_code`` is what the command that made the document ends with. ``submitted`` is false while the batch is known
    from its manifest only. ``runs``: the commands that worked on the batch, oldest first, each with the version that
    ran, where, from when to when, and the requests it made; only where they were asked for. ``sums``: of all datasets,
    where these are without their files, are not all, or are made anew each time.
    """

    batch: str
    target: str
    database: str
    manifest: str
    datasets: Sequence[DatasetStatus]
    requests: int = 0
    exit_code: ExitCode = ExitCode.DONE
    stopped: Failure | None = None
    submitted: bool = True
    runs: Sequence[dict[str, Any]] = ()
    sums: BatchSums | None = None

    def __repr__(self) -> str:
        return repr_without(self, "datasets")

    def counts(self) -> dict[str, int]:
        found = self.sums.counts if self.sums is not None else Counter(dataset.state for dataset in self.datasets)
        return {str(state): found.get(state, 0) for state in DatasetState}

    def failures(self) -> int:
        """Datasets with an error."""
        if self.sums is not None:
            return self.sums.failures
        return sum(dataset.error is not None for dataset in self.datasets)

    def failed(self) -> Iterator[DatasetStatus]:
        """The datasets with an error."""
        if isinstance(self.datasets, LazyDatasets):
            return self.datasets.failed()
        return (dataset for dataset in self.datasets if dataset.error is not None)

    def bytes(self) -> dict[str, int]:
        total, uploaded = self._sizes() if self.sums is None else (self.sums.bytes, self.sums.uploaded)
        return {"total": total, "uploaded": uploaded}

    def _sizes(self) -> tuple[int, int]:
        total = uploaded = 0
        for dataset in self.datasets:
            for file in dataset.files:
                total += file.size
                uploaded += file.size if file.state is FileState.UPLOADED else 0
        return total, uploaded

    def as_dict(self) -> dict[str, Any]:
        """The JSON document ``batchdep-status/1``."""
        document = self.document(self.datasets)
        return document | {"datasets": list(document["datasets"])}

    def document(self, datasets: Iterable[DatasetStatus]) -> dict[str, Any]:
        """The same with the datasets that are given, which are an iterator: for :mod:`batchdep.report.json_text`."""
        return {
            "schema": "batchdep-status/1",
            "batch": self.batch,
            "target": self.target,
            "database": self.database,
            "manifest": self.manifest,
            "counts": self.counts(),
            "bytes": self.bytes(),
            "requests": self.requests,
            "stopped": self.stopped.as_dict() if self.stopped else None,
            "datasets": (dataset.as_dict() for dataset in datasets),
        }


def utc_text(moment: datetime) -> str:
    """``2026-11-24T20:00:00Z``."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
