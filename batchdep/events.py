"""What a batch tells while it is worked off: small facts, for a progress display or a log.

An observer is any callable that takes an :class:`Event`; it must return at once. What it raises is logged, once.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import TypeAlias

from msgspec import Struct

from batchdep.errors import Failure
from batchdep.repository.model import Exchange
from batchdep.repository.windows import Outlook

log = logging.getLogger(__name__)


class BatchStarted(Struct, frozen=True):
    """``datasets`` and ``bytes_total`` (bytes still to send) of this run; ``requests`` it needs if all goes well."""

    batch: str
    target: str
    datasets: int
    bytes_total: int
    requests: int


class DatasetStarted(Struct, frozen=True):
    """``bytes_total``: bytes of this dataset still to send; ``requests`` it still needs if all goes well."""

    dataset: str
    title: str
    bytes_total: int
    requests: int = 0


class FileStarted(Struct, frozen=True):
    """An attempt to send a file begins; bytes that an earlier attempt of it had sent do not count any more."""

    dataset: str
    name: str
    size: int


class FileProgress(Struct, frozen=True):
    """``sent``: bytes of this attempt handed to the connection so far. Of small files nothing is told in between."""

    dataset: str
    name: str
    sent: int
    size: int


class FileDone(Struct, frozen=True):
    """The repository's checksum is right; ``sent`` is False where the file was already there."""

    dataset: str
    name: str
    size: int
    sent: bool = True


class DatasetDone(Struct, frozen=True):
    """The work on a dataset ended, well or not; ``state`` is its state as in the status document."""

    dataset: str
    title: str
    state: str
    doi: str | None
    reserved_doi: str | None
    url: str | None
    failure: Failure | None
    warnings: tuple[str, ...] = ()


class DatasetWaiting(Struct, frozen=True):
    """A dataset waits ``seconds`` before the repository is asked again what became of a request."""

    dataset: str
    reason: str
    seconds: float


class DatasetParked(Struct, frozen=True):
    """A dataset is put aside until others have come further; it is started again then."""

    dataset: str
    reason: str


class Waiting(Struct, frozen=True):
    """Everything waits ``seconds``: for the rate limit's next window, or for a repository that does not answer."""

    reason: str
    seconds: float


class Foreseen(Struct, frozen=True):
    """Told once a second: how the rate limit will hold up the requests that are to come."""

    outlook: Outlook


class RequestDone(Struct, frozen=True):
    """One request was answered, or not."""

    dataset: str | None
    exchange: Exchange


class Stopping(Struct, frozen=True):
    """The batch ends before its end: interrupted, token refused, repository away, database not writable."""

    reason: str
    hint: str = ""


Event: TypeAlias = (
    BatchStarted
    | DatasetStarted
    | FileStarted
    | FileProgress
    | FileDone
    | DatasetDone
    | DatasetWaiting
    | DatasetParked
    | Waiting
    | Foreseen
    | RequestDone
    | Stopping
)

Observer: TypeAlias = Callable[[Event], None]


def ignore(event: Event) -> None:
    """The observer of those who do not look."""


def harmless(observer: Observer) -> Observer:
    """``observer`` as a run calls it: a display that fails (a closed terminal, a bug) must not stop a deposit."""
    told = False

    def observe(event: Event) -> None:
        nonlocal told
        try:
            observer(event)
        except Exception:
            if not told:
                log.exception("the display failed")
            told = True

    return observe
