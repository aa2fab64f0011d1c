"""Finding out what became of a request whose answer was lost.

A create leaves a trace only in the account's list of depositions, which a search index serves with a delay: a draft
of ours is looked for there by its metadata and age. Everything else is seen by reading the deposition itself.

How long an effect may still be on its way (observed on the server, and reported by its users):

- a request that reached the application ends there within seconds, whether or not its sender still listens;
- behind a proxy that answered 504 the work may be done minutes later;
- a new deposition appears in the list once the index is refreshed, as do all that were made before it.
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any, Protocol

from msgspec import Struct

from batchdep.metadata.compare import same_metadata
from batchdep.repository.model import Answer, Deposition, Done, Repository
from batchdep.state.records import Intent
from batchdep.state.store import Store


class Timing(Struct, frozen=True):
    """How patiently an unknown outcome is looked into; all in seconds.

    ``running``: a request that was sent is surely over. ``late``: so is one that a proxy gave up on. ``storing``: so is
    an upload whose last byte was sent, a second more for each 100 MB: its effect is one transaction at the end, and
    sending it again does no harm but to wait its turn. ``index``: the list surely shows what was made before; where it
    was seen to be less behind, less is enough. ``looks``: waits between looks at a
    deposition.
    """

    running: float = 10.0
    late: float = 180.0
    storing: float = 3.0
    index: float = 60.0
    looks: tuple[float, ...] = (1.0, 2.0, 4.0, 8.0, 15.0, 30.0)

    def request(self, *, late: bool) -> float:
        """Seconds after which the effect of a request that cannot be seen in the deposition will never be."""
        return self.late if late else self.running

    def upload(self, size: int, *, late: bool) -> float:
        """The same of an upload of ``size`` bytes."""
        return self.late if late else self.storing + size / 100_000_000


class Clock(Protocol):
    """The repository's clock, as well as it is known."""

    @property
    def known(self) -> bool:
        """Whether an answer has told it yet; before, it is this machine's."""

    def server_now(self) -> datetime:
        """The best guess."""

    def earliest_now(self) -> datetime:
        """Surely not later than the repository's now."""


_UNSURE = timedelta(minutes=15)
"""How far this machine's clock is believed when it dated an intent before the repository's was known."""


class Look(Struct, frozen=True):
    """One look at the account's list. ``newest`` is the age of its youngest entry: up to there the index is known to
    be fresh."""

    candidates: Sequence[Deposition]
    newest: datetime | None


class OwnDrafts:
    """Looks for drafts of ours whose creation got no answer. Looks that are asked for at the same time share a list."""

    def __init__(self, repository: Repository, store: Store) -> None:
        self._repository = repository
        self._store = store
        self._lock = asyncio.Lock()
        self._taken = -1.0
        self._since: datetime | None = None
        self._answer: Answer[Sequence[Deposition]] | None = None
        self._delay = math.inf

    def index_delay(self, look: Look, now: datetime) -> float:
        """Seconds by which the index is behind at most, as this run has seen: what it showed was that young."""
        if look.newest is not None:
            self._delay = min(self._delay, max(0.0, (now - look.newest).total_seconds()))
        return self._delay

    async def look(self, intent: Intent, metadata: dict[str, Any]) -> Look | Answer[Sequence[Deposition]]:
        """Drafts that may be the one that ``intent`` asked for: with this metadata, made since, without files, and
        belonging to no dataset; oldest first. Any answer but Done is handed on."""
        since = intent.at if intent.sure else intent.at - _UNSURE
        answer = await self._list(since)
        if not isinstance(answer, Done):
            return answer
        listed = answer.value
        fitting = [entry for entry in listed if _fits(entry, metadata, since)]
        owned = await self._store.owned_among(self._repository.target, (entry.id for entry in fitting))
        free = sorted((entry for entry in fitting if entry.id not in owned), key=lambda entry: entry.id)
        return Look(free, _newest(listed))

    async def _list(self, since: datetime) -> Answer[Sequence[Deposition]]:
        asked = asyncio.get_running_loop().time()
        async with self._lock:
            if self._answer is None or self._taken < asked or self._since is None or self._since > since:
                began = asyncio.get_running_loop().time()
                self._answer = await self._repository.recent(since)
                self._taken, self._since = began, since
            return self._answer


def _fits(entry: Deposition, metadata: dict[str, Any], since: datetime) -> bool:
    young = entry.created is None or entry.created >= since - timedelta(seconds=1)
    return not entry.published and not entry.files and young and same_metadata(metadata, entry.metadata)


def _newest(entries: Iterable[Deposition]) -> datetime | None:
    return max((entry.created for entry in entries if entry.created is not None), default=None)


def seconds_of_doubt(intent: Intent, now: datetime, delay: float, timing: Timing) -> float:
    """Seconds until a creation that is not in the list surely did not happen; 0 when that is so by now.

    ``delay``: the index's in seconds, as it was seen to be at most; it may double until the draft is listed.
    """
    doubted = intent.doubted or now
    needed = timing.late if intent.late else min(timing.running + 2 * delay, timing.index)
    return max(0.0, needed - (now - doubted).total_seconds())
