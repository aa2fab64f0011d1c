"""What the references between datasets mean for the order in which they are deposited.

- A dataset is created once those that its metadata refer to have DOIs, so that its first metadata are its last. Where
  metadata refer to each other in a circle, drafts are made without these references, which are sent once all have DOIs.
- Files into which DOIs are filled are sent once all DOIs are known.
- It is published once those that it refers to are. Those that refer to each other in a circle are published one right
  after the other, once all of them are complete drafts and all others that they refer to are published.

Nothing waits for something that waits for it: a create waits for creates outside its circle only, all that follows
until a complete draft for creates only, a publication for complete drafts and for publications outside its circle.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING

from batchdep.components import components
from batchdep.deposit.gates import Gate, Gates, Level, Need
from batchdep.errors import DatasetFailure
from batchdep.metadata.references import DoiOf, without
from batchdep.plan import DatasetPlan, resolved_plan
from batchdep.state.records import DatasetRecord

if TYPE_CHECKING:
    from batchdep.deposit.step import Work


class Parked(Exception):
    """The dataset waits at ``gate`` for others, for however long these take."""

    def __init__(self, gate: Gate[Work]) -> None:
        super().__init__("it waits for datasets to which it refers")
        self.gate = gate


def _no_doi(key: str) -> str | None:
    return None


class Links:
    """The references of a run's datasets. ``wake`` is called with a parked dataset once its gate is settled.

    ``plans`` are those of the datasets that take part in the command, with references as they are written; ``doi_of``
    tells the DOI as it is known now, ``expected`` as it was before anything was published.
    """

    def __init__(
        self,
        plans: Iterable[DatasetPlan] = (),
        records: Mapping[str, DatasetRecord] | None = None,
        doi_of: DoiOf = _no_doi,
        expected: DoiOf = _no_doi,
    ) -> None:
        self._plans = {plan.id: plan for plan in plans if plan.refers_to}
        self._records = records or {}
        self._doi_of = doi_of
        self._expected = expected
        self._described_together = _members({key: plan.describes_with for key, plan in self._plans.items()})
        self._published_together = _members({key: plan.refers_to for key, plan in self._plans.items()})
        self._late = {key: self._without_doi(plan) for key, plan in self._plans.items()}
        self._running: set[str] = set()
        self._ready: set[str] = set()
        self._gates: Gates[Work] = Gates(self._level, self._never, self._tell)
        self._made: dict[tuple[str, str | frozenset[str]], Gate[Work]] = {}
        self._causes: dict[str, str] = {}
        self.wake: Callable[[Work], None] = lambda work: None

    # -- what is sent

    def resolved(self, plan: DatasetPlan) -> DatasetPlan:
        """The plan with all DOIs that are known by now."""
        return resolved_plan(plan, self._doi_of)

    def at_creation(self, plan: DatasetPlan) -> DatasetPlan:
        """What the draft is made with: without references in a circle to what had no DOI when the run began."""
        late = self._late.get(plan.id, frozenset())
        if not late:
            return self.resolved(plan)
        metadata = without(plan.metadata, late)
        return self.resolved(plan.saying(metadata))

    def as_expected(self, plan: DatasetPlan) -> DatasetPlan:
        """The plan with the DOIs that were expected before those that it refers to were published."""
        return resolved_plan(plan, self._expected)

    def updates_after_creation(self, plan: DatasetPlan) -> bool:
        """Whether the metadata have to be sent a second time once all drafts of a circle are made."""
        return bool(self._late.get(plan.id))

    def knows_all(self, plan: DatasetPlan) -> bool:
        """Whether the DOIs are known that the metadata refer to."""
        return all(self._doi_of(key) is not None for key in plan.describes_with)

    # -- what happens in a run

    def begin(self, keys: Iterable[str]) -> None:
        """These datasets are worked on in this run."""
        self._running = set(keys)

    def moved(self, key: str) -> None:
        """The dataset has a draft, or is published: others may go on."""
        self._gates.moved(key)

    def ready(self, key: str) -> None:
        """The dataset's draft is complete and was verified in this run."""
        self._ready.add(key)
        self._gates.moved(key)

    def ended(self, key: str) -> None:
        """The work on the dataset is over in this run, well or not."""
        self._running.discard(key)
        self._gates.moved(key)

    def park(self, parked: Parked, work: Work) -> None:
        """Puts a dataset aside until its gate is settled."""
        self._gates.park(parked.gate, work)

    def _tell(self, work: Work) -> None:
        self.wake(work)

    # -- gates: raise Parked, or DatasetFailure where one that it waits for fails

    def require_dois_for_creation(self, key: str) -> None:
        """Those that the metadata refer to have DOIs, but for those in a circle with the dataset."""
        if (plan := self._plans.get(key)) is not None:
            outside = plan.describes_with - self._described_together[key]
            self._pass(key, "create", lambda: [(Level.DOI, other) for other in outside])

    def require_dois(self, key: str) -> None:
        """All that the dataset refers to have DOIs; so has it itself."""
        if (plan := self._plans.get(key)) is None:
            return
        others = plan.refers_to - {key}
        self._pass(key, "fill", lambda: [(Level.DOI, other) for other in others])
        for needed in plan.refers_to:
            if self._doi_of(needed) is None:
                raise self._unavailable(key, needed)

    def require_publishable(self, key: str) -> None:
        """All that the dataset refers to is published, or as ready to be as it is itself."""
        if key in self._plans:
            members = self._published_together[key]
            self._pass(key, "publish", lambda: self._before_publication(members), circle=members)

    def _before_publication(self, members: frozenset[str]) -> list[Need]:
        outside = {other for member in members for other in self._plans[member].refers_to} - members
        together = [(Level.READY, member) for member in members] if len(members) > 1 else []
        return [*together, *((Level.PUBLISHED, other) for other in outside)]

    def _pass(
        self, key: str, stage: str, needs: Callable[[], list[Need]], circle: frozenset[str] | None = None
    ) -> None:
        name = (stage, circle or key)
        gate = self._made.get(name)
        if gate is None:
            gate = self._made[name] = self._gates.gate(needs())
        if gate.broken_by is not None:
            raise self._unavailable(key, gate.broken_by)
        if gate.left:
            raise Parked(gate)

    # -- where the others are

    def _level(self, key: str) -> Level:
        record = self._records.get(key)
        if record is not None and record.is_published:
            return Level.PUBLISHED
        if key in self._ready:
            return Level.READY
        return Level.DOI if self._doi_of(key) else Level.NOTHING

    def _never(self, key: str, level: Level) -> bool:
        record = self._records.get(key)
        has_draft = record is not None and record.deposition_id is not None
        return key not in self._running or (level is Level.DOI and has_draft)

    def _without_doi(self, plan: DatasetPlan) -> frozenset[str]:
        circle = self._described_together[plan.id] & plan.describes_with
        return frozenset(key for key in circle if self._doi_of(key) is None)

    def _unavailable(self, key: str, other: str) -> DatasetFailure:
        """The failure of ``key``, which cannot go on without ``other``; names the first cause too, not all between."""
        first = self._causes[key] = self._causes.get(other, other)
        why, hint = self._why(first)
        over = f"'{other}', and that to '{first}'" if other != first else f"'{first}'"
        return DatasetFailure(
            "reference_unavailable",
            f"It refers to {over}, {why}",
            f"{hint} The draft of '{key}', if there is one, was left as it is.",
            retryable=True,
        )

    def _why(self, key: str) -> tuple[str, str]:
        record = self._records.get(key)
        if record is not None and record.failure is not None:
            return f"which failed: {record.failure.message}", f"Put '{key}' right, then run this again."
        if self._doi_of(key) is None:
            return "which has no DOI yet.", f"Submit '{key}' too."
        return "which is not published.", f"Publish '{key}' too."


def _members(graph: Mapping[str, frozenset[str]]) -> dict[str, frozenset[str]]:
    """The circle that each of the datasets is in; alone where it is in none."""
    return {key: members for members in components(graph) for key in members}
