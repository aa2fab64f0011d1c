"""A repository in memory, with a virtual clock and faults on demand: for tests of what a deposit does about answers."""

from __future__ import annotations

import hashlib
from collections import defaultdict, deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

from batchdep.repository.model import (
    Answer,
    Body,
    Deposition,
    DepositionState,
    Done,
    Reason,
    Rejected,
    RemoteFile,
    Unavailable,
    Unknown,
)
from tests.support.replacing import replace

T = TypeVar("T")
NOT_FOUND = Rejected(Reason.NOT_FOUND, 404, "Not found.")


class VirtualClock:
    """Time that passes only when somebody sleeps; what is due meanwhile happens on the way.

    ``now`` is the repository's; while ``known`` is False, this machine's is believed, which is ``skew`` seconds ahead.
    """

    def __init__(self) -> None:
        self.now = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
        self.known = True
        self.skew = 0.0
        self._due: list[tuple[datetime, Callable[[], None]]] = []

    def server_now(self) -> datetime:
        return self.now if self.known else self.now + timedelta(seconds=self.skew)

    def earliest_now(self) -> datetime:
        return self.server_now()

    def later(self, seconds: float, action: Callable[[], None]) -> None:
        self._due.append((self.now + timedelta(seconds=seconds), action))

    async def sleep(self, seconds: float) -> None:
        self.advance(seconds)

    def advance(self, seconds: float) -> None:
        end = self.now + timedelta(seconds=seconds)
        for moment, action in sorted(self._due, key=lambda entry: entry[0]):
            if moment <= end:
                self.now = max(self.now, moment)
                action()
        self._due = [entry for entry in self._due if entry[0] > end]
        self.now = end


@dataclass(frozen=True)
class Lost:
    """The answer is lost. ``done``: the work was done all the same; ``after`` seconds where it is done later."""

    done: bool
    after: float = 0.0
    late: bool = False


class ProcessKilled(Exception):
    """The depositing process died while it waited for an answer."""


@dataclass(frozen=True)
class Killed:
    """The process dies once the request has left; the work is done ``after`` seconds."""

    after: float = 0.0


@dataclass
class FakeRepository:
    """``faults[method]`` are used up one a call: an answer to give without doing anything, or a :class:`Lost`.

    ``index_delay``: seconds until a new deposition is listed. ``calls`` are (method, deposition id or None).
    ``on_kill`` is to see to it that a killed process does nothing more.
    """

    clock: VirtualClock
    target: str = "https://repository.example"
    index_delay: float = 0.0
    depositions: dict[int, Deposition] = field(default_factory=dict)
    faults: dict[str, deque[Any]] = field(default_factory=lambda: defaultdict(deque))
    calls: list[tuple[str, int | None]] = field(default_factory=list)
    writes_to_published: list[str] = field(default_factory=list)
    damage: int = 0
    on_kill: Callable[[], None] = lambda: None
    _next: int = 1000

    def fail(self, method: str, *faults: Any) -> None:
        self.faults[method].extend(faults)

    def count(self, method: str) -> int:
        return sum(1 for name, _ in self.calls if name == method)

    @property
    def published(self) -> list[Deposition]:
        return [entry for entry in self.depositions.values() if entry.published]

    async def check_access(self) -> Answer[None]:
        return Done(None)

    async def create(self, metadata: dict[str, Any]) -> Answer[Deposition]:
        return await self._call("create", None, lambda: self.make(metadata))

    def make(self, metadata: dict[str, Any], files: Sequence[RemoteFile] = ()) -> Done[Deposition]:
        number, self._next = self._next, self._next + 1
        made = Deposition(
            id=number,
            state=DepositionState.UNSUBMITTED,
            metadata=dict(metadata),
            files=tuple(files),
            bucket=f"{self.target}/bucket/{number}",
            url=f"{self.target}/deposit/{number}",
            reserved_doi=f"10.5281/zenodo.{number}",
            created=self.clock.now,
        )
        self.depositions[number] = made
        return Done(made)

    async def get(self, deposition_id: int) -> Answer[Deposition]:
        return await self._call("get", deposition_id, lambda: self._found(deposition_id, Done))

    async def update(self, deposition_id: int, metadata: dict[str, Any]) -> Answer[Deposition]:
        return await self._call(
            "update", deposition_id, lambda: self._change(deposition_id, lambda d: replace(d, metadata=dict(metadata)))
        )

    async def upload(self, deposition: Deposition, name: str, body: Body) -> Answer[RemoteFile]:
        digest, size = hashlib.md5(usedforsecurity=False), 0
        async with body.chunks() as chunks:
            async for chunk in chunks:
                digest.update(chunk)
                size += len(chunk)
        md5 = digest.hexdigest()
        if self.damage:
            self.damage -= 1
            md5 = "0" * 32
        stored = RemoteFile(name, size, md5, f"id-{name}-{len(self.calls)}")

        def put(entry: Deposition) -> Deposition:
            return replace(entry, files=(*(f for f in entry.files if f.name != name), stored))

        def work() -> Answer[RemoteFile]:
            done = self._change(deposition.id, put)
            return Done(stored) if isinstance(done, Done) else done

        return await self._call("upload", deposition.id, work)

    async def delete_file(self, deposition_id: int, file: RemoteFile) -> Answer[None]:
        def drop(entry: Deposition) -> Deposition:
            return replace(entry, files=tuple(f for f in entry.files if f.id != file.id))

        return await self._call("delete_file", deposition_id, lambda: _nothing(self._change(deposition_id, drop)))

    async def publish(self, deposition_id: int) -> Answer[Deposition]:
        def release(entry: Deposition) -> Deposition:
            return replace(entry, state=DepositionState.DONE, doi=f"10.5072/zenodo.{entry.id}")

        return await self._call("publish", deposition_id, lambda: self._change(deposition_id, release))

    async def delete(self, deposition_id: int) -> Answer[None]:
        def remove() -> Answer[None]:
            return Done(None) if self.depositions.pop(deposition_id, None) else NOT_FOUND

        return await self._call("delete", deposition_id, remove)

    async def recent(self, since: datetime | None) -> Answer[Sequence[Deposition]]:
        def listed() -> Answer[Sequence[Deposition]]:
            shown = self.clock.now - timedelta(seconds=self.index_delay)
            entries = [d for d in self.depositions.values() if d.created and d.created <= shown]
            young = [replace(d, bucket=None) for d in entries if since is None or (d.created and d.created >= since)]
            return Done(sorted(young, key=lambda d: d.id, reverse=True))

        return await self._call("recent", None, listed)

    def stop(self) -> None:
        return None

    async def close(self) -> None:
        return None

    async def _call(self, method: str, deposition_id: int | None, work: Callable[[], Answer[T]]) -> Answer[T]:
        self.calls.append((method, deposition_id))
        known = self.depositions.get(deposition_id or 0)
        if known is not None and known.published and method not in ("get",):
            self.writes_to_published.append(method)
        fault = self.faults[method].popleft() if self.faults[method] else None
        self.clock.known = self.clock.known or not isinstance(fault, Lost | Killed)
        match fault:
            case None:
                return work()
            case Lost(done=True, after=0.0):
                work()
                return Unknown("the connection was lost", late=fault.late)
            case Lost(done=True):
                self.clock.later(fault.after, lambda: (work(), None)[1])
                return Unknown("504", late=fault.late)
            case Killed():
                self.clock.later(fault.after, lambda: (work(), None)[1])
                self.clock.advance(0.0)
                self.on_kill()
                raise ProcessKilled
            case Lost():
                return Unknown("the connection was lost", late=fault.late)
            case _:
                answer: Answer[T] = fault
                return answer

    def _found(self, deposition_id: int, wrap: Callable[[Deposition], Done[Deposition]]) -> Answer[Deposition]:
        entry = self.depositions.get(deposition_id)
        return wrap(entry) if entry is not None else NOT_FOUND

    def _change(self, deposition_id: int, change: Callable[[Deposition], Deposition]) -> Answer[Deposition]:
        entry = self.depositions.get(deposition_id)
        if entry is None or entry.published:
            return NOT_FOUND
        self.depositions[deposition_id] = change(entry)
        return Done(self.depositions[deposition_id])


def _nothing(answer: Answer[Deposition]) -> Answer[None]:
    return Done(None) if isinstance(answer, Done) else answer


GONE = Unavailable("nobody there", connected=False)
REFUSED_TOKEN = Rejected(Reason.UNAUTHORIZED, 403, "Permission denied.")
