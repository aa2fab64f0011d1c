"""Plans that are put away until it is their turn: a batch may have a hundred thousand, with a million files."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

from batchdep.manifest.model import DatasetSpec, Fill, FillToken, LocalFile, Manifest
from batchdep.manifest.shelf import Shelf, packed, unpacked
from batchdep.plan import Amount, DatasetPlan, plan_dataset
from batchdep.problems import Place, Problem, Source
from batchdep.state.file_digest import files_digest
from batchdep.state.records import WantedDataset, WantedFile


class Seen(NamedTuple):
    """What was seen of a dataset. All in it are plain values: it may have been seen by another process.

    ``amount`` are the fields of an :class:`~batchdep.plan.Amount`; ``shelved`` is what is put away. ``doi`` is what is
    written as such, None where nothing is. ``errors`` are those of the files and of the references.
    """

    id: str
    title: str
    digest: str
    describes_with: frozenset[str]
    fills_with: frozenset[str]
    amount: tuple[int, int, int]
    files_digest: str
    shelved: bytes
    doi: Any
    errors: list[Problem]


class Looked:
    """What was seen of a manifest's datasets, one after the other: what each is to become, and the errors of the files
    and references of some. ``dois``: what is written as the ``doi`` of those that bring one along."""

    def __init__(self, manifest: Manifest) -> None:
        self.plans: list[DatasetPlan] = []
        self.errors: dict[str, Sequence[Problem]] = {}
        self.dois: dict[str, Any] = {}
        self._shelf = PlanShelf(manifest.place.source)

    def seen(self, dataset: DatasetSpec, files: list[LocalFile], errors: list[Problem]) -> Seen:
        """What is to be kept of a dataset."""
        return seen_of(plan_dataset(dataset, files), dataset.metadata.get("doi"), errors)

    def take(self, seen: Seen) -> None:
        """Takes up the next dataset."""
        if seen.doi is not None:
            self.dois[seen.id] = seen.doi
        if seen.errors:
            self.errors[seen.id] = seen.errors
        self.plans.append(self._shelf.put(seen))


def seen_of(plan: DatasetPlan, doi: Any = None, errors: list[Problem] | None = None) -> Seen:
    """A plan as plain values."""
    wanted = [(file.name, file.shown, file.size, file.fingerprint) for file in plan.files]
    amount = plan.amount
    return Seen(
        plan.id,
        plan.title,
        plan.digest,
        plan.describes_with,
        plan.fills_with,
        (amount.files, amount.bytes, amount.longest),
        files_digest(wanted),
        packed((plan.metadata, wanted, _besides(plan.files))),
        doi,
        errors or [],
    )


def _besides(files: Iterable[LocalFile]) -> list[tuple[Any, ...]]:
    """What files have besides what is wanted of them; no place where it is that of the file before."""
    besides: list[tuple[Any, ...]] = []
    last: Place | None = None
    for file in files:
        place = None if file.place is last else file.place.path
        besides.append((file.where, file.mtime_ns, file.archive, place, file.fill and _packed_fill(file.fill)))
        last = file.place
    return besides


class PlanShelf:
    """Where plans are put away. Their files stand in ``source``, which is the manifest."""

    def __init__(self, source: Source) -> None:
        self._shelf = Shelf()
        self._source = source

    def put(self, seen: Seen) -> DatasetPlan:
        """A plan whose metadata and files are read from the shelf whenever they are asked for."""
        self._shelf.add(seen.shelved)
        return _ShelvedPlan(seen, self, len(self._shelf) - 1)

    def metadata(self, number: int) -> dict[str, Any]:
        metadata: dict[str, Any] = unpacked(self._shelf[number])[0]
        return metadata

    def files(self, number: int) -> tuple[LocalFile, ...]:
        _, wanted, besides = unpacked(self._shelf[number])
        return tuple(self._files(wanted, besides))

    def wanted_files(self, number: int) -> Iterator[WantedFile]:
        return (WantedFile(*each) for each in unpacked(self._shelf[number])[1])

    def _files(self, wanted: Iterable[Any], besides: Iterable[Any]) -> Iterator[LocalFile]:
        at: Place
        for (name, shown, size, fingerprint), (where, mtime_ns, archive, path, fill) in zip(
            wanted, besides, strict=True
        ):
            if path is not None:
                at = Place(self._source, path)
            yield LocalFile(name, shown, where, size, fingerprint, mtime_ns, at, archive, fill and _fill(*fill))


def _packed_fill(fill: Fill) -> tuple[Any, ...]:
    tokens = [(token.id, token.count, token.line) for token in fill.tokens]
    return tokens, fill.length, fill.size, fill.fingerprint, fill.dois


def _fill(tokens: Iterable[Any], length: int, size: int, fingerprint: str, dois: Iterable[Any]) -> Fill:
    pairs = tuple((key, doi) for key, doi in dois)
    return Fill(tuple(FillToken(*token) for token in tokens), length, size, fingerprint, pairs)


class _ShelvedPlan(DatasetPlan):
    """A plan without its metadata and files."""

    __slots__ = ("_number", "_shelf", "amount", "files_digest")
    _number: int
    _shelf: PlanShelf

    def __init__(self, seen: Seen, shelf: PlanShelf, number: int) -> None:
        for name in ("id", "title", "digest", "describes_with", "fills_with", "files_digest"):
            object.__setattr__(self, name, getattr(seen, name))
        object.__setattr__(self, "amount", Amount(*seen.amount))
        object.__setattr__(self, "_shelf", shelf)
        object.__setattr__(self, "_number", number)

    @property
    def metadata(self) -> dict[str, Any]:
        return self._shelf.metadata(self._number)

    @property
    def files(self) -> tuple[LocalFile, ...]:
        return self._shelf.files(self._number)

    @property
    def wanted(self) -> WantedDataset:
        return WantedDataset(self.id, self.title, _WantedFiles(self._shelf, self._number), self.files_digest)


class _WantedFiles:
    """The files of a shelved plan in the state's words, made each time they are gone through."""

    __slots__ = ("_number", "_shelf")

    def __init__(self, shelf: PlanShelf, number: int) -> None:
        self._shelf = shelf
        self._number = number

    def __iter__(self) -> Iterator[WantedFile]:
        return self._shelf.wanted_files(self._number)
