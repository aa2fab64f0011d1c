"""Gathers what is known of the depositions that could be a batch's datasets, and judges it. Only reads."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from batchdep.events import DatasetStarted, Observer
from batchdep.findings import Candidate, Decisions, Finding, Found
from batchdep.looking import Looker, read_md5, side_by_side
from batchdep.manifest.filling import filled
from batchdep.manifest.model import LocalFile
from batchdep.matching import Files, Fit, Verdict, judge
from batchdep.metadata.canonical import text as canonical_text
from batchdep.metadata.compare import differences, same_metadata
from batchdep.metadata.references import DoiOf, blurred
from batchdep.plan import DatasetPlan
from batchdep.repository.model import Deposition, RemoteFile
from batchdep.state.steps import SentFile
from batchdep.workers import current_dataset

SIDE_BY_SIDE = 8
"""Depositions read, and files hashed, at the same time."""


class Search:
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
            self._by_title[_title(plan.metadata, blur=bool(plan.describes_with))].append(plan.id)
            if not plan.fills_with:  # else the sizes are not known yet
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
        titles = dict.fromkeys(_title(entry.metadata, blur=blur) for blur in (False, True))
        titled = [key for title in titles for key in self._by_title.get(title, [])]
        filled = self._by_files.get(_sizes(entry.files), []) if entry.files else []
        described = [key for key in titled if _describes(self.plans[key], entry)]
        return list(dict.fromkeys([*described, *filled]))

    async def compare(self, key: str, deposition: Deposition) -> None:
        """How well the deposition fits the dataset; reads those local files whose size does not tell."""
        if (key, deposition.id) in self._fits:
            return
        plan = self.plans[key]
        self._observer(DatasetStarted(key, plan.title, plan.amount.bytes))
        local = {file.name: file for file in plan.files}
        equal = [local[there.name] for there in deposition.files if await self._is_equal(key, local, there)]
        self.depositions[deposition.id] = deposition
        self._equal[key, deposition.id] = equal
        described = _describes(plan, deposition)
        self._fits[key, deposition.id] = Fit(key, deposition.id, described, _files(plan, deposition, equal))

    async def _is_equal(self, key: str, local: Mapping[str, LocalFile], there: RemoteFile) -> bool:
        file = local.get(there.name)
        if file is not None and file.fill is not None:
            return True  # presumed: which DOIs were filled in is known once all is matched
        if file is None or file.size != there.size:
            return False
        if (key, file.name) not in self._md5s:
            self._md5s[key, file.name] = await read_md5(key, file, self._observer)
        return self._md5s[key, file.name] == there.md5

    async def compare_filled(self, matches: Mapping[str, int], doi_of: DoiOf) -> None:
        """Reads the files with DOIs filled in, whose bytes were presumed, of each dataset and its deposition."""
        for key, number in matches.items():
            there = {file.name: file for file in self.depositions[number].files}
            equal = []
            for file in self._equal[key, number]:
                whole = filled(file, doi_of)
                if file.fill is None or await self._holds(key, whole, there[file.name]):
                    equal.append(whole)
            self._equal[key, number] = equal

    async def _holds(self, key: str, file: LocalFile, there: RemoteFile) -> bool:
        return file.size == there.size and await read_md5(key, file, self._observer) == there.md5

    def lacking(self) -> bool:
        """Whether there is a dataset of which nothing was found yet, though it may be there."""
        found = self.findings(whole=True)
        return any(each.finding is Finding.MISSING and key not in self.decisions.anew for key, each in found.items())

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


def _title(metadata: Mapping[str, Any], *, blur: bool) -> Any:
    return canonical_text((blurred({"title": metadata.get("title")}) if blur else metadata).get("title"))


def _describes(plan: DatasetPlan, deposition: Deposition) -> bool:
    """Whether the deposition has the dataset's metadata; of references the DOIs are not known yet."""
    if plan.describes_with:
        return same_metadata(blurred(plan.metadata), blurred(deposition.metadata))
    return same_metadata(plan.metadata, deposition.metadata)


def _sizes(files: Iterable[LocalFile] | Iterable[RemoteFile]) -> frozenset[tuple[str, int]]:
    return frozenset((file.name, file.size) for file in files)


def _files(plan: DatasetPlan, deposition: Deposition, equal: Sequence[LocalFile]) -> Files:
    if not deposition.files:
        return Files.NONE
    if len(equal) < len(deposition.files):
        return Files.OTHER
    return Files.ALL if len(equal) == len(plan.files) else Files.SOME
