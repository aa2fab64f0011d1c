"""Rebuilds the state of a batch whose database was lost, from what the repository holds.

Nothing but reads is sent. What belongs to which dataset is judged by :mod:`batchdep.matching`; what is sure is noted
such that ``submit`` resumes, and a dataset that more than one deposition could be is held until a person has said
which: submitting it would deposit it a second time.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping, Sequence
from datetime import timedelta
from urllib.parse import urlsplit

from batchdep.deposit.reconcile import Timing
from batchdep.dois import dois_of
from batchdep.errors import BatchdepError, BatchLocked, DatasetFailure, Failure, UsageError
from batchdep.events import BatchStarted, Observer, Waiting, ignore
from batchdep.findings import Decisions, Finding, Found, Recovery
from batchdep.job import Job
from batchdep.looking import MOST_LISTED, Looker, View, looking_at
from batchdep.metadata.compare import differences, same_metadata
from batchdep.metadata.references import TO_COME, DoiOf
from batchdep.plan import DatasetPlan, resolved_plan
from batchdep.planning import plan_datasets
from batchdep.report.status import DatasetState
from batchdep.repository.model import Deposition, Exchange
from batchdep.repository.target import is_loopback
from batchdep.searching import Search
from batchdep.selection import selected_ids
from batchdep.state.records import HELD, BatchRecord, DatasetRecord
from batchdep.state.steps import AlreadyOwnedError
from batchdep.state.store import Store
from batchdep.targets import minted_doi
from batchdep.workers import current_dataset

UNDECIDED = Decisions({})


async def recover(job: Job, decisions: Decisions = UNDECIDED, observer: Observer = ignore) -> Recovery:
    """Looks for the datasets of the manifest in the account and notes what is sure.

    Raises UsageError for a decision that cannot be, ManifestInvalid for files that are not there, AccessError when
    the repository does not answer, BatchLocked when another process works on the batch, another BatchdepError for a
    file that cannot be read. The state is written at the very end: until then, an interrupt leaves it as it was.
    """
    async with Store.open(job.database) as store:
        batch = await store.open_batch(job.identity)
        session = _Session(job, store, batch, observer)
        async with store.lock(batch, session.lose), store.run(batch, "recover"):
            try:
                return await session.recover(decisions)
            except DatasetFailure as error:
                failure = error.failure
                raise BatchdepError(failure.message, failure.hint, code=failure.code) from error


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
        asked = selected_ids(self._job.only, self._job.manifest.ids)
        _require_open(decisions, asked, left_alone)
        sought = {plan.id: plan for plan in plans.selected if plan.id not in left_alone}
        size = sum(plan.amount.bytes for plan in sought.values())
        self._observer(BatchStarted(self._batch.name, self._job.target, len(sought), size, 0))
        search = Search(sought, decisions, self._observer)
        listed = await self._search(search) if sought else 0
        records = await self._store.sync(self._batch, plans.wanted, known)
        whole = listed < MOST_LISTED
        matched = {
            key: each.candidates[0].deposition_id
            for key, each in search.findings(whole=whole).items()
            if each.finding is Finding.MATCHED
        }
        doi_of = self._dois(records, {key: search.depositions[number] for key, number in matched.items()})
        await search.compare_filled(matched, doi_of)
        search.plans = {key: resolved_plan(plan, doi_of) for key, plan in search.plans.items()}
        found = search.findings(whole=whole)
        await self._write(records, search, found, doi_of)
        found |= {key: Found(key, Finding.KNOWN, len(records[key].wanted_files)) for key in asked if key in left_alone}
        return Recovery(
            self._batch.name,
            self._batch.target,
            self._store.shown,
            str(self._job.identity.manifest),
            listed,
            whole,
            self._requests,
            tuple(found[key] for key in asked),
        )

    def _dois(self, records: Mapping[str, DatasetRecord], matched: Mapping[str, Deposition]) -> DoiOf:
        """The DOIs that datasets have, or will have, by the depositions that were found."""
        known = dois_of(self._job.manifest, self._job.target, records)

        def doi_of(key: str) -> str | None:
            found = matched.get(key)
            if found is None or key in known.given:
                return known.of(key)
            if found.published and found.doi:
                return found.doi
            return minted_doi(self._job.target, found.reserved_doi)

        return doi_of

    async def _search(self, search: Search) -> int:
        """Reads what the account holds; returns how many depositions it listed."""
        async with looking_at(self._job, self._observer, self._heard) as view:
            await self._take(search, view.looker)
            listed = await view.looker.own()
            await self._look(search, view.looker, listed)
            if (wait := self._seconds_until_sure(search, view, listed)) > 0:
                self._observer(Waiting("the repository's list may lag behind what was made just now", wait))
                await asyncio.sleep(wait)
                listed = await view.looker.own()
                await self._look(search, view.looker, listed)
            return len(listed)

    async def _look(self, search: Search, looker: Looker, listed: Sequence[Deposition]) -> None:
        owned = await self._store.owned_among(self._job.target, [entry.id for entry in listed])
        await search.look(looker, [entry for entry in listed if entry.id not in owned])

    def _seconds_until_sure(self, search: Search, view: View, listed: Sequence[Deposition]) -> float:
        """Until the list shows all that was made up to now, where the account was at work a moment ago."""
        made = [entry.created for entry in listed if entry.created is not None]
        if not made or not search.lacking():
            return 0.0
        here = is_loopback(urlsplit(self._job.target).hostname or "")
        sure = max(made) + timedelta(seconds=self._timing.running if here else self._timing.index)
        return max(0.0, (sure - view.zenodo.clock.server_now()).total_seconds())

    async def _take(self, search: Search, looker: Looker) -> None:
        decisions = search.decisions
        owned = await self._store.owned_among(self._job.target, decisions.take.values())
        for key, number in decisions.take.items():
            if number in owned:
                raise _cannot_take(key, number, "belongs to another dataset in this database")
            deposition = await looker.get(number)
            if deposition is None:
                raise _cannot_take(key, number, "is not there")
            await search.compare(key, deposition)

    async def _write(
        self, records: Mapping[str, DatasetRecord], search: Search, found: Mapping[str, Found], doi_of: DoiOf
    ) -> None:
        """Notes all findings, in as few transactions as they fit in."""
        if self._lost:
            raise BatchLocked("The lock on the batch was lost.", "Run the same command again.", code="batch_locked")
        await asyncio.gather(*(self._note(records[key], search, each, doi_of) for key, each in found.items()))

    async def _note(self, record: DatasetRecord, search: Search, found: Found, doi_of: DoiOf) -> None:
        match found.finding:
            case Finding.MATCHED:
                await self._own(record, search, found.candidates[0].deposition_id, doi_of)
            case Finding.AMBIGUOUS:
                await self._store.failed(record, _undecided(found))
            case Finding.MISSING if record.held or record.key in search.decisions.anew:
                await self._store.discarded(record)
            case _:
                pass

    async def _own(self, record: DatasetRecord, search: Search, number: int, doi_of: DoiOf) -> None:
        plan, deposition = search.plans[record.key], search.depositions[number]
        published = deposition.published
        found = differences(plan.metadata, deposition.metadata, published=published)
        # what a draft has otherwise was edited there: those edits win, as they do for a draft that was never lost
        sent = same_metadata(plan.metadata, deposition.metadata) if published else _names_all(plan, deposition, doi_of)
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


def _names_all(plan: DatasetPlan, deposition: Deposition, doi_of: DoiOf) -> bool:
    """Whether a draft has all DOIs that it refers to: those of a circle come with an update, which may not have been.
    Where it has, its metadata stay, whatever a person made of them."""
    text = json.dumps(deposition.metadata, ensure_ascii=False).casefold()
    dois = [doi_of(key) for key in plan.describes_with]
    return TO_COME.casefold() not in text and all(doi is not None and doi.casefold() in text for doi in dois)


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
        f"Say which with: batchdep recover MANIFEST --to TARGET --take {found.dataset}=DEPOSITION; or that none is,"
        f" with --anew {found.dataset}; or delete what is not wanted at the repository, then recover again.",
    )
