"""What a job comes to: each dataset's plan from manifest and disk, and what that means where it stands."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from itertools import chain
from urllib.parse import urlsplit

from msgspec import Struct
from msgspec.structs import replace

from batchdep.config import limits_file
from batchdep.deposit.flow import is_at_goal
from batchdep.deposit.links import Links
from batchdep.deposit.step import Goal, Work
from batchdep.dois import Dois
from batchdep.errors import ManifestInvalid, UsageError
from batchdep.job import Job
from batchdep.manifest.files import Resolver
from batchdep.manifest.referring import reference_problems
from batchdep.metadata.references import DoiOf
from batchdep.metadata.sending import sent_form
from batchdep.plan import DatasetPlan, amount_to_send, files_to_send, plan_of, resolved_plan
from batchdep.plan_shelf import Looked
from batchdep.repository.sharing import known_limits
from batchdep.repository.target import is_loopback
from batchdep.repository.windows import COMPANIONS, DOCUMENTED_LIMITS, least_seconds
from batchdep.reprs import repr_without
from batchdep.selection import selected_ids
from batchdep.sequences import MadeSequence
from batchdep.state.records import DatasetRecord, WantedDataset


class PlannedDataset(Struct, frozen=True):
    """What ``submit`` would do with one dataset: ``action`` is create, resume, publish, nothing or refuse.

    ``uploads`` are names and sizes in bytes of the files to send, made as they are gone through; ``bytes``: of all.
    """

    id: str
    title: str
    action: str
    note: str
    uploads: Collection[tuple[str, int]]
    publishes: bool
    requests: int
    bytes: int = 0


class _Uploads(Struct, frozen=True):
    """Names and sizes of the files that a dataset has to send: a batch may have a million, of which none is held."""

    plan: DatasetPlan
    record: DatasetRecord | None
    number: int

    def __len__(self) -> int:
        return self.number

    def __iter__(self) -> Iterator[tuple[str, int]]:
        return ((file.name, file.size) for file in files_to_send(self.plan, self.record))

    def __contains__(self, item: object) -> bool:
        return item in tuple(self)


class BatchPlan(Struct, frozen=True):
    """The plan of a batch: bytes to send, requests, and the ``seconds`` these need at least under the rate limit:
    ``limits``, requests a window -> its seconds; none where none is known.

    ``datasets`` are not part of its ``repr``: asyncio has one made of what a coroutine returns, at the end of each run,
    and that of a million files takes a gigabyte.
    """

    batch: str
    target: str
    datasets: tuple[PlannedDataset, ...]
    bytes: int
    requests: int
    seconds: float
    limits: Mapping[int, float]

    def __repr__(self) -> str:
        return repr_without(self, "datasets")


class Plans(Struct, frozen=True):
    """``wanted``: all datasets of the manifest; ``selected``: the plans of those that were asked for, with references
    as they are written."""

    wanted: Sequence[WantedDataset]
    selected: Sequence[DatasetPlan]


def plan_datasets(job: Job, published: Collection[str] = frozenset(), doi_of: DoiOf = lambda _: None) -> Plans:
    """Looks at the disk for the files of every dataset, unless the job says what was seen of them.

    ``published``: ids that are finished; their files need not be there any more. ``doi_of``: DOIs that are known, for
    what is wanted. Raises ManifestInvalid where a dataset that was asked for cannot be sent, UsageError for an id that
    the manifest does not have.
    """
    ids = dict.fromkeys(job.manifest.ids)
    asked = set(selected_ids(job.only, ids))
    looked = job.looked or _looked(job, ids)
    told = (found for key, found in looked.errors.items() if key in asked and key not in published)
    if problems := list(chain.from_iterable(told)):
        message = "The manifest cannot be used with the files that are there now; nothing was sent."
        raise ManifestInvalid(message, problems, "Correct what is listed above, then run this again.")
    selected = [plan for plan in looked.plans if plan.id in asked and plan.id not in looked.errors]
    return Plans(_Wanted(looked, doi_of), selected)


class _Wanted(MadeSequence[WantedDataset]):
    """What is wanted of each dataset, made when it is asked for; but held where it takes DOIs, which takes long."""

    def __init__(self, looked: Looked, doi_of: DoiOf) -> None:
        self._looked = looked
        self._resolved = {
            number: resolved_plan(plan, doi_of).wanted for number, plan in enumerate(looked.plans) if plan.refers_to
        }

    def __len__(self) -> int:
        return len(self._looked.plans)

    def made(self, index: int) -> WantedDataset:
        """What is wanted of the dataset of that index."""
        plan = self._looked.plans[index]
        wanted = self._resolved.get(index) or plan.wanted
        if plan.id in self._looked.errors:  # what is known of its files stands
            return replace(wanted, files=None)
        return wanted


def _looked(job: Job, ids: Collection[str]) -> Looked:
    looked = Looked(job.manifest)
    resolver = Resolver(job.manifest, allow_outside=job.allow_outside)
    for spec in job.manifest.datasets:
        files, found = resolver.files_of(spec)
        errors = [problem for problem in (*found, *reference_problems(spec, files, ids)) if problem.is_error]
        looked.take(looked.seen(spec, files, errors))
    return looked


def require_references(job: Job, plans: Plans, dois: Dois, goal: Goal) -> None:
    """Nothing that was left out by ``--only`` is needed first.

    Raises UsageError: what is said before anything is sent need not be found out in the middle.
    """
    chosen = {plan.id for plan in plans.selected}
    if not job.only or chosen.issuperset(job.identity.ids):
        return
    for plan in plans.selected:
        if (record := dois.records.get(plan.id)) is not None and record.is_published:
            continue
        for other in sorted(plan.refers_to - chosen):
            if (lacks := _lacks(other, dois, goal)) is not None:
                raise UsageError(
                    f"'{plan.id}' refers to '{other}', which {lacks} and is left out by --only.",
                    f"Add --only {other}.",
                    code="reference_unavailable",
                )


def _lacks(key: str, dois: Dois, goal: Goal) -> str | None:
    record = dois.records.get(key)
    if record is not None and record.is_published:
        return None
    if dois.of(key) is None:
        return "has no draft, and so no DOI yet,"
    return "is not published" if goal is Goal.PUBLISHED else None


def plan_of_record(record: DatasetRecord, metadata: dict[str, object] | None) -> DatasetPlan:
    """A plan for a dataset of which only the metadata matter, or which the manifest no longer names."""
    described = sent_form(metadata) if metadata is not None else record.sent_metadata or {}
    return plan_of(record.key, record.title, described)


def planned(plan: DatasetPlan, record: DatasetRecord | None, goal: Goal, links: Links) -> PlannedDataset:
    """What bringing a dataset to its goal takes, as far as state and disk tell.

    A file into which DOIs are filled counts with its own size until they are known.
    """
    entry = links.resolved(plan)
    if record is not None and record.held:
        note = "it is not sure which deposition is its: nothing is sent"
        return PlannedDataset(entry.id, entry.title, "refuse", note, (), False, 0)
    if record is None or record.deposition_id is None:
        return _expected(entry, record, "create", "", goal, extra=1 + links.updates_after_creation(plan))
    if record.is_published:
        same = is_at_goal(Work(entry, record, goal))
        note = f"published as {record.doi}"
        if not same:
            note += "; the manifest or the files differ from it: nothing is sent"
        return PlannedDataset(entry.id, entry.title, "nothing" if same else "refuse", note, (), False, 0)
    if is_at_goal(Work(entry, record, goal)):
        return PlannedDataset(entry.id, entry.title, "nothing", f"draft {record.deposition_id}", (), False, 0)
    described = 0 if record.sent_digest == entry.digest and links.knows_all(plan) else 1
    note = f"draft {record.deposition_id}"
    whole = not described and not amount_to_send(entry, record).files
    action = "publish" if goal is Goal.PUBLISHED and whole else "resume"
    return _expected(entry, record, action, note, goal, extra=1 + described)


def _expected(
    entry: DatasetPlan, record: DatasetRecord | None, action: str, note: str, goal: Goal, extra: int
) -> PlannedDataset:
    amount = amount_to_send(entry, record)
    uploads = _Uploads(entry, record, amount.files)
    publishes = goal is Goal.PUBLISHED
    requests = extra + amount.files + publishes
    return PlannedDataset(entry.id, entry.title, action, note, uploads, publishes, requests, amount.bytes)


def still_planned(work: Work, links: Links) -> PlannedDataset:
    """The same for a dataset in the middle of a run."""
    entry = planned(work.plan, work.record, work.goal, links)
    if work.looked and entry.action in {"resume", "publish"}:  # a draft is looked at once in a run
        return replace(entry, requests=entry.requests - 1)
    return entry


def planned_discard(work: Work) -> PlannedDataset:
    """What deleting a draft takes: it is looked at before."""
    return PlannedDataset(work.record.key, work.record.title, "discard", "", (), False, 2)


def expected_limits(target: str) -> Mapping[int, float]:
    """The rate limits of a target (requests a window -> its seconds), before it is asked.

    Those that it was last heard to have, with the hour's that goes with the minute's where answers did not tell of it
    yet; else those of Zenodo's documentation. Of a repository of this machine only what was heard counts.
    """
    known = known_limits(limits_file(target))
    if is_loopback(urlsplit(target).hostname or ""):
        return known
    return {**dict(COMPANIONS[limit] for limit in known if limit in COMPANIONS), **known} or DOCUMENTED_LIMITS


def summed_up(job: Job, entries: Sequence[PlannedDataset]) -> BatchPlan:
    """The plan of the whole batch."""
    limits = expected_limits(job.target)
    requests = sum(entry.requests for entry in entries)
    size = sum(entry.bytes for entry in entries)
    seconds = least_seconds(requests, limits)
    return BatchPlan(job.manifest.batch, job.target, tuple(entries), size, requests, seconds, limits)
