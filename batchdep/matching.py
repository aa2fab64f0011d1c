"""Which of an account's depositions is which dataset, judged by what both hold; asks nobody and changes nothing.

The evidence is the metadata and the files' names, sizes and MD5s. What belongs to a dataset must be the only one that
does: with two, both are named and none is taken, as a wrong choice may overwrite somebody's draft or publish twice.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from enum import IntEnum
from itertools import groupby

from msgspec import Struct


class Files(IntEnum):
    """What the files of a deposition say of a dataset."""

    OTHER = 0  # it holds a file that the dataset does not have, or has with other bytes
    NONE = 1  # it holds no file
    SOME = 2  # all that it holds is the dataset's
    ALL = 3  # it holds just the dataset's files


class Fit(Struct, frozen=True):
    """How well a deposition fits a dataset; ``metadata`` says whether it has the dataset's."""

    dataset: str
    deposition: int
    metadata: bool
    files: Files

    @property
    def possible(self) -> bool:
        """Whether the deposition may be the dataset's without anything in it being overwritten."""
        return self.files is Files.ALL or (self.metadata and self.files is not Files.OTHER)

    @property
    def proven(self) -> bool:
        return self.metadata and self.files is Files.ALL


class Verdict(Struct, frozen=True):
    """``match`` is the dataset's deposition, if that is sure; ``rivals`` are those between which a person decides.

    Both empty: the dataset has none.
    """

    match: Fit | None = None
    rivals: tuple[Fit, ...] = ()


def judge(fits: Sequence[Fit]) -> dict[str, Verdict]:
    """The verdict on each dataset that any deposition fits."""
    by_dataset: dict[str, list[Fit]] = defaultdict(list)
    for fit in fits:
        by_dataset[fit.dataset].append(fit)
    matches = _assign([fit for fit in fits if fit.possible])
    taken = {match.deposition for match in matches.values()}
    verdicts = {}
    for dataset, known in by_dataset.items():
        match = matches.get(dataset)
        rivals = [fit for fit in known if fit.deposition not in taken and _rivals(fit, match)]
        if match is not None and rivals:
            rivals, match = [match, *rivals], None
        verdicts[dataset] = Verdict(match, tuple(sorted(rivals, key=lambda fit: fit.deposition)))
    return verdicts


def _rivals(fit: Fit, match: Fit | None) -> bool:
    """Whether ``fit`` puts ``match`` in doubt; what is proven is so by equals only, a mere likeness by anything."""
    return match is None or not match.proven or (fit.metadata and fit.possible)


def _assign(fits: Sequence[Fit]) -> dict[str, Fit]:
    """One deposition for each dataset, the strongest evidence first; none where evidence of one strength disagrees."""
    matches: dict[str, Fit] = {}
    settled: set[str] = set()
    claimed: set[int] = set()
    strongest_first = sorted(fits, key=_strength, reverse=True)
    for _, level in groupby(strongest_first, key=_strength):
        left = [fit for fit in level if fit.dataset not in settled and fit.deposition not in claimed]
        for group in _connected(left):
            names = list(dict.fromkeys(fit.dataset for fit in group))
            ids = sorted({fit.deposition for fit in group})
            if _interchangeable(group, names, ids):
                at = {(fit.dataset, fit.deposition): fit for fit in group}
                matches |= {name: at[name, number] for name, number in zip(names, ids, strict=False)}
                settled |= set(names[: len(ids)])
            else:
                settled |= set(names)
            claimed |= set(ids)
    return matches


def _strength(fit: Fit) -> tuple[bool, Files]:
    return fit.metadata, fit.files


def _interchangeable(group: Sequence[Fit], names: Sequence[str], ids: Sequence[int]) -> bool:
    """Whether any assignment within the group is right: there are no more depositions than datasets, and each fits
    each with its metadata."""
    if len(names) == len(ids) == 1:
        return True
    return group[0].metadata and len(ids) <= len(names) and len(group) == len(names) * len(ids)


def _connected(fits: Iterable[Fit]) -> list[list[Fit]]:
    """Fits that have a dataset or a deposition in common, directly or over others."""
    leader: dict[object, object] = {}

    def find(node: object) -> object:
        while leader.setdefault(node, node) != node:
            leader[node] = leader[leader[node]]
            node = leader[node]
        return node

    listed = list(fits)
    for fit in listed:
        leader[find(fit.dataset)] = find(fit.deposition)
    return _grouped(listed, lambda fit: find(fit.dataset))


def _grouped(fits: Iterable[Fit], key: Callable[[Fit], object]) -> list[list[Fit]]:
    groups: dict[object, list[Fit]] = defaultdict(list)
    for fit in fits:
        groups[key(fit)].append(fit)
    return list(groups.values())
