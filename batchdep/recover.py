"""Rebuilds the state of a batch whose database was lost, from what the repository holds.

Nothing but reads is sent. What belongs to which dataset is judged by :mod:`batchdep.matching`; what is sure is noted
such that ``submit`` resumes, and a dataset that more than one deposition could be is held until a person has said
which: submitting it would deposit it a second time.
"""

from __future__ import annotations

import asyncio
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Any
from urllib.parse import urlsplit

from batchdep.deposit.reconcile import Timing
from batchdep.errors import BatchLocked, ExitCode, Failure, UsageError
from batchdep.events import BatchStarted, DatasetStarted, Observer, Waiting, ignore
from batchdep.job import Job
from batchdep.looking import MOST_LISTED, Looker, View, looking_at, read_md5, side_by_side
from batchdep.manifest.model import LocalFile
from batchdep.matching import Files, Fit, Verdict, judge
from batchdep.metadata.canonical import text as canonical_text
from batchdep.metadata.compare import differences, same_metadata
from batchdep.plan import DatasetPlan
from batchdep.planning import plan_datasets
from batchdep.report.status import DatasetState
from batchdep.repository.model import Deposition, Exchange, RemoteFile
from batchdep.repository.target import is_loopback
from batchdep.state.records import HELD, BatchRecord, DatasetRecord
from batchdep.state.steps import AlreadyOwnedError, SentFile
from batchdep.state.store import Store
from batchdep.workers import current_dataset

SIDE_BY_SIDE = 8
"""Depositions read, and files hashed, at the same time."""


class Finding(StrEnum):
    """What became of a dataset."""

    MATCHED = "matched"  # its deposition was found and noted
    MISSING = "missing"  # the account surely has none of it: submit makes it
    AMBIGUOUS = "ambiguous"  # more than one could be it, or one that differs: held until a person decides
    KNOWN = "known"  # the state knew it already: left alone


@dataclass(frozen=True, slots=True)
class Candidate:
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


@dataclass(frozen=True, slots=True)
class Found:
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


@dataclass(frozen=True, slots=True)
class Recovery:
    """The outcome. ``listed``: depositions that the list showed; ``whole`` is False where the account may have more."""

    batch: str
    target: str
    database: str
    manifest: str
    listed: int
    whole: bool
    requests: int
    datasets: tuple[Found, ...]

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


@dataclass(frozen=True, slots=True)
class Decisions:
    """What a person has decided: ``take`` names the deposition of a dataset, ``anew`` datasets that have none."""

    take: Mapping[str, int]
    anew: frozenset[str] = frozenset()


UNDECIDED = Decisions({})


async def recover(job: Job, decisions: Decisions = UNDECIDED, observer: Observer = ignore) -> Recovery:
    """Looks for the datasets of the manifest in the account and notes what is sure.

    Raises UsageError for a decision that cannot be, ManifestInvalid for files that are not there, AccessError when
    the repository does not answer, BatchLocked when another process works on the batch. The state is written at the
    very end: until then, an interrupt leaves it as it was.
    """
    async with Store.open(job.database) as store:
        batch = await store.open_batch(job.identity)
        session = _Session(job, store, batch, observer)
        async with store.lock(batch, session.lose), store.run(batch, "recover"):
            return await session.recover(decisions)


class _Session:
    def __init__(self, job: Job, store: Store, batch: BatchRecord, observer: Observer) -> None:
        self._job = job
        self._store = store
        self._batch = batch
        self._observer = observer
        self._timing = job.timing or Timing()
        self._requests = 0
        self._lost = False

    def lose(self) -> None:
        """The lock is lost: another process may have begun."""
        self._lost = True

    async def recover(self, decisions: Decisions) -> Recovery:
        known = await self._store.load(self._batch)
        left_alone = {key for key, record in known.items() if _is_known(record)}
        plans = await asyncio.to_thread(plan_datasets, self._job, left_alone)
        _require_open(decisions, [plan.id for plan in plans.selected], left_alone)
        sought = {plan.id: plan for plan in plans.selected if plan.id not in left_alone}
        size = sum(plan.bytes for plan in sought.values())
        self._observer(BatchStarted(self._batch.name, self._job.target, len(sought), size, 0))
        search = _Search(sought, decisions, self._observer)
        listed = await self._search(search) if sought else 0
        records = await self._store.sync(self._batch, plans.wanted)
        whole = listed < MOST_LISTED
        found = search.findings(whole=whole)
        await self._write(records, search, found)
        known_too = {plan.id: Found(plan.id, Finding.KNOWN, len(plan.files)) for plan in plans.selected}
        return Recovery(
            self._batch.name,
            self._batch.target,
            self._store.shown,
            str(self._job.identity.manifest),
            listed,
            whole,
            self._requests,
            tuple(found.get(plan.id, known_too[plan.id]) for plan in plans.selected),
        )

    async def _search(self, search: _Search) -> int:
        """Reads what the account holds; returns how many depositions it listed."""
        async with looking_at(self._job, self._observer, self._heard) as view:
            listed = await view.looker.own()
            await self._look(search, view.looker, listed)
            if (wait := self._seconds_until_sure(search, view, listed)) > 0:
                self._observer(Waiting("the repository's list may lag behind what was made just now", wait))
                await asyncio.sleep(wait)
                listed = await view.looker.own()
                await self._look(search, view.looker, listed)
            await self._take(search, view.looker)
            return len(listed)

    async def _look(self, search: _Search, looker: Looker, listed: Sequence[Deposition]) -> None:
        owned = await self._store.owned_among(self._job.target, [entry.id for entry in listed])
        await search.look(looker, [entry for entry in listed if entry.id not in owned])

    def _seconds_until_sure(self, search: _Search, view: View, listed: Sequence[Deposition]) -> float:
        """Until the list shows all that was made up to now, where the account was at work a moment ago."""
        made = [entry.created for entry in listed if entry.created is not None]
        if not made or not search.lacking():
            return 0.0
        here = is_loopback(urlsplit(self._job.target).hostname or "")
        sure = max(made) + timedelta(seconds=self._timing.running if here else self._timing.index)
        return max(0.0, (sure - view.zenodo.clock.server_now()).total_seconds())

    async def _take(self, search: _Search, looker: Looker) -> None:
        decisions = search.decisions
        owned = await self._store.owned_among(self._job.target, decisions.take.values())
        for key, number in decisions.take.items():
            if number in owned:
                raise _cannot_take(key, number, "belongs to another dataset in this database")
            deposition = await looker.get(number)
            if deposition is None:
                raise _cannot_take(key, number, "is not there")
            await search.compare(key, deposition)

    async def _write(self, records: Mapping[str, DatasetRecord], search: _Search, found: Mapping[str, Found]) -> None:
        """Notes all findings, in as few transactions as they fit in."""
        if self._lost:
            raise BatchLocked("The lock on the batch was lost.", "Run the same command again.", code="batch_locked")
        await asyncio.gather(*(self._note(records[key], search, each) for key, each in found.items()))

    async def _note(self, record: DatasetRecord, search: _Search, found: Found) -> None:
        match found.finding:
            case Finding.MATCHED:
                await self._own(record, search, found.candidates[0].deposition_id)
            case Finding.AMBIGUOUS:
                await self._store.failed(record, _undecided(found))
            case Finding.MISSING if record.held or record.key in search.decisions.anew:
                await self._store.discarded(record)
            case _:
                pass

    async def _own(self, record: DatasetRecord, search: _Search, number: int) -> None:
        plan, deposition = search.plans[record.key], search.depositions[number]
        published = deposition.published
        found = differences(plan.metadata, deposition.metadata, published=published)
        # what a draft has otherwise was edited there: those edits win, as they do for a draft that was never lost
        sent = not published or same_metadata(plan.metadata, deposition.metadata)
        try:
            await self._store.recovered(
                record,
                deposition,
                held=search.held(record.key, number),
                digest=plan.digest if sent else None,
                metadata=plan.metadata,
                warnings=[difference.message for difference in found],
            )
        except AlreadyOwnedError:
            raise _cannot_take(record.key, number, "belongs to another dataset in this database") from None

    def _heard(self, exchange: Exchange) -> None:
        self._requests += 1
        self._store.log_exchange(self._batch, current_dataset.get(), exchange)


class _Search:
    """What is known of the depositions that could be the datasets', gathered while looking."""

    def __init__(self, plans: Mapping[str, DatasetPlan], decisions: Decisions, observer: Observer) -> None:
        self.plans = plans
        self.decisions = decisions
        self.depositions: dict[int, Deposition] = {}
        self._fits: dict[tuple[str, int], Fit] = {}
        self._equal: dict[tuple[str, int], list[LocalFile]] = {}
        self._md5s: dict[tuple[str, str], str] = {}
        self._observer = observer
        self._by_title: dict[Any, list[str]] = defaultdict(list)
        self._by_files: dict[frozenset[tuple[str, int]], list[str]] = defaultdict(list)
        for plan in plans.values():
            self._by_title[canonical_text(plan.title)].append(plan.id)
            self._by_files[_sizes(plan.files)].append(plan.id)

    async def look(self, looker: Looker, listed: Sequence[Deposition]) -> None:
        """Reads every deposition that could be one of the datasets, and those local files whose size does not tell."""
        fresh = [entry for entry in listed if entry.id not in self.depositions and self._alike(entry)]
        await side_by_side((self._read(looker, entry) for entry in fresh), SIDE_BY_SIDE)

    async def _read(self, looker: Looker, entry: Deposition) -> None:
        current_dataset.set(self._alike(entry)[0])
        # a list may be behind: only what is published has become what it will be
        deposition = entry if entry.published and entry.files else await looker.get(entry.id)
        if deposition is not None:
            for key in self._alike(deposition):
                await self.compare(key, deposition)

    def _alike(self, entry: Deposition) -> list[str]:
        titled = self._by_title.get(canonical_text(entry.metadata.get("title")), [])
        filled = self._by_files.get(_sizes(entry.files), []) if entry.files else []
        described = [key for key in titled if same_metadata(self.plans[key].metadata, entry.metadata)]
        return list(dict.fromkeys([*described, *filled]))

    async def compare(self, key: str, deposition: Deposition) -> None:
        """How well the deposition fits the dataset; reads those local files whose size does not tell."""
        if (key, deposition.id) in self._fits:
            return
        plan = self.plans[key]
        self._observer(DatasetStarted(key, plan.title, plan.bytes))
        local = {file.name: file for file in plan.files}
        equal = [local[there.name] for there in deposition.files if await self._is_equal(key, local, there)]
        self.depositions[deposition.id] = deposition
        self._equal[key, deposition.id] = equal
        described = same_metadata(plan.metadata, deposition.metadata)
        self._fits[key, deposition.id] = Fit(key, deposition.id, described, _files(plan, deposition, equal))

    async def _is_equal(self, key: str, local: Mapping[str, LocalFile], there: RemoteFile) -> bool:
        file = local.get(there.name)
        if file is None or file.size != there.size:
            return False
        if (key, file.name) not in self._md5s:
            self._md5s[key, file.name] = await read_md5(key, file, self._observer)
        return self._md5s[key, file.name] == there.md5

    def lacking(self) -> bool:
        """Whether there is a dataset of which nothing was found yet."""
        return any(found.finding is Finding.MISSING for found in self.findings(whole=True).values())

    def findings(self, *, whole: bool) -> dict[str, Found]:
        """The finding for each dataset: what a person decided, and what follows from the rest. ``whole``: all
        depositions of the account were listed."""
        take, anew = self.decisions.take, self.decisions.anew
        taken = set(take.values())
        left = [fit for fit in self._fits.values() if fit.deposition not in taken and fit.dataset not in {*take, *anew}]
        verdicts = judge(left)
        decided = {key: Verdict(self._fits.get((key, number))) for key, number in take.items()}
        return {
            key: self._found(key, decided.get(key) or verdicts.get(key, Verdict()), whole=whole or key in anew)
            for key in self.plans
        }

    def _found(self, key: str, verdict: Verdict, *, whole: bool) -> Found:
        files = len(self.plans[key].files)
        if verdict.match is not None:
            return Found(key, Finding.MATCHED, files, (self._candidate(verdict.match),))
        candidates = tuple(map(self._candidate, verdict.rivals))
        twice = sum(fit.proven for fit in verdict.rivals) > 1
        return Found(key, Finding.AMBIGUOUS if candidates or not whole else Finding.MISSING, files, candidates, twice)

    def held(self, key: str, number: int) -> dict[str, SentFile]:
        """The dataset's files that need not be sent, by name, with their proof.

        Of a record nothing can be sent: what it has otherwise under a file's name counts, as bytes that are not those
        on the disk.
        """
        equal = {file.name: file for file in self._equal[key, number]}
        proofs = {}
        for there in self.depositions[number].files:
            if (file := equal.get(there.name)) is not None:
                proofs[there.name] = SentFile(there.size, there.md5, file.fingerprint)
            elif self.depositions[number].published:
                proofs[there.name] = SentFile(there.size, there.md5, "")
        return proofs

    def _candidate(self, fit: Fit) -> Candidate:
        deposition, plan = self.depositions[fit.deposition], self.plans[fit.dataset]
        found = differences(plan.metadata, deposition.metadata, published=deposition.published)
        return Candidate(
            fit.deposition,
            deposition.published,
            deposition.url,
            deposition.doi if deposition.published else None,
            len(deposition.files),
            len(self._equal[fit.dataset, fit.deposition]),
            fit.metadata,
            () if fit.metadata else tuple(difference.field for difference in found),
        )


def _sizes(files: Iterable[LocalFile] | Iterable[RemoteFile]) -> frozenset[tuple[str, int]]:
    return frozenset((file.name, file.size) for file in files)


def _files(plan: DatasetPlan, deposition: Deposition, equal: Sequence[LocalFile]) -> Files:
    if not deposition.files:
        return Files.NONE
    if len(equal) < len(deposition.files):
        return Files.OTHER
    return Files.ALL if len(equal) == len(plan.files) else Files.SOME


def _is_known(record: DatasetRecord) -> bool:
    """Whether anything was ever done with the dataset, as far as this state remembers."""
    touched = record.attempts > 0 or record.state is DatasetState.DISCARDED
    return record.deposition_id is not None or record.intent is not None or (touched and not record.held)


def _require_open(decisions: Decisions, ids: Sequence[str], left_alone: set[str]) -> None:
    for key in (*decisions.take, *decisions.anew):
        if key not in ids:
            raise UsageError(f"The manifest has no dataset '{key}'.", "", code="unknown_dataset")
        if key in left_alone:
            raise UsageError(
                f"The state knows the deposition of '{key}' already.",
                "To forget it, run `batchdep discard MANIFEST --only ID`, which deletes its draft.",
                code="usage",
            )
    if len(set(decisions.take.values())) < len(decisions.take) or decisions.take.keys() & decisions.anew:
        raise UsageError("A deposition can be one dataset's only.", "Look at what --take and --anew say.", code="usage")


def _cannot_take(key: str, number: int, why: str) -> UsageError:
    return UsageError(f"Deposition {number} cannot be that of '{key}': it {why}.", "", code="usage")


def _undecided(found: Found) -> Failure:
    ids = " and ".join(str(candidate.deposition_id) for candidate in found.candidates)
    what = f"It is not sure which deposition is its: {ids}." if ids else "The account has more than its list shows."
    return Failure(
        HELD,
        f"{what} Nothing is sent for it.",
        f"Say which with: batchdep recover MANIFEST --take {found.dataset}=DEPOSITION; or that none is, with --anew"
        f" {found.dataset}; or delete what is not wanted at the repository, then recover again.",
    )
