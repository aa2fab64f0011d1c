"""Everything that is wrong with a batch, at once, before anything is sent.

Needs neither network nor database, and of the files nothing but ``stat`` and the texts that are filled in: a terabyte
checks as fast as a kilobyte.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import chain
from pathlib import Path
from typing import Any, NamedTuple, Protocol

from msgspec import Struct, field
from msgspec.structs import replace

from batchdep.data_packages import DataPackages
from batchdep.manifest import LoadedManifest
from batchdep.manifest.datasets import FROM
from batchdep.manifest.files import Resolver
from batchdep.manifest.model import DatasetSpec, LocalFile, Manifest, Metadata
from batchdep.manifest.referring import reference_problems
from batchdep.manifest.shelf import SHELVED_TOGETHER
from batchdep.manifest.source_table import TableSource
from batchdep.manifest.table_hints import hinted_for
from batchdep.manifest.translated import Translated
from batchdep.metadata import canonical
from batchdep.metadata.references import PLACEHOLDER, may_refer, resolved
from batchdep.metadata.rules import REQUIRED, validate_metadata
from batchdep.metadata.sending import sent_form
from batchdep.problems import Location, Problem, Severity, Source, problem_at, sorted_by_place

SCHEMA = "batchdep-check/1"

_NAMES_A_FILE = ("metadata", f"metadata.{FROM}")


class CheckReport(Struct, frozen=True):
    """What a check found: counts, ``bytes`` of all files, and the problems in the order of their places.

    ``notes`` is what one should know though nothing is wrong: which metadata file was found, and what it says that the
    repository cannot hold.
    """

    datasets: int
    files: int
    bytes: int
    problems: list[Problem]
    notes: list[Problem] = field(default_factory=list)

    @property
    def ok(self) -> bool:
        """Whether there is no error; warnings may be there."""
        return not any(problem.is_error for problem in self.problems)

    def as_dict(self, manifest_path: Path | str) -> dict[str, Any]:
        """The document of ``check --format json``; problems without a place of their own stand at the manifest."""
        return {
            "schema": SCHEMA,
            "ok": self.ok,
            "datasets": self.datasets,
            "files": self.files,
            "bytes": self.bytes,
            "problems": [_as_dict(problem, str(manifest_path)) for problem in self.problems],
            "notes": [_as_dict(note, str(manifest_path)) for note in self.notes],
        }


class Seeing(Protocol):
    """Is shown each dataset as it was found."""

    def seen(self, dataset: DatasetSpec, files: list[LocalFile], errors: list[Problem]) -> Any:
        """What is kept of a dataset with these files, and with errors of the files and of its references. It may be
        asked in another process, whose memory is lost: all that is kept is the answer, which is pickled."""

    def take(self, seen: Any) -> None:
        """Keeps what was seen; the datasets come in the manifest's order."""


SIDE_BY_SIDE = 2_000
"""So many datasets are looked at by several processes; fewer are seen by the time that these have begun."""

_PORTION = SHELVED_TOGETHER
"""Datasets that a process looks at without a break: those that are taken from the shelf together."""


def check_manifest(
    loaded: LoadedManifest,
    *,
    allow_outside: bool = False,
    tables: bool = False,
    seeing: Seeing | None = None,
    count: Callable[[int, int], None] | None = None,
) -> CheckReport:
    """Checks a loaded manifest: its own problems, each dataset's metadata and files, and the batch as a whole.

    ``allow_outside`` takes files outside the manifest's folder. ``tables`` has the rows of data packages judged too,
    which reads files and takes seconds (:mod:`batchdep.data_packages`). ``seeing`` is shown each dataset as it was
    found, so that nobody need look at the disk a second time. ``count`` is told after each dataset how many
    of how many are done. Raises nothing for what manifest or disk hold.
    """
    manifest = loaded.manifest
    if manifest is None:
        return CheckReport(0, 0, 0, sorted_by_place(loaded.problems))
    look = _Look(manifest, loaded.problems, allow_outside, seeing)
    batch = _Batch(manifest, loaded.problems, seeing)
    total = len(manifest.datasets)
    for number, found in enumerate(_all_found(total, look)):
        batch.take(number, found or look.at(number))
        if count is not None:
            count(number + 1, total)
    return batch.report(look.packages.judged() if tables else ())


def _all_found(count: int, look: _Look) -> Iterator[_Found | None]:
    """What is found of each dataset; None of those that are to be looked at by this process."""
    if count < SIDE_BY_SIDE:
        return map(look.at, range(count))
    from batchdep.side_by_side import done_in_order

    portions = [range(first, min(first + _PORTION, count)) for first in range(0, count, _PORTION)]
    return chain.from_iterable(done_in_order(len(portions), lambda number: look.elsewhere(portions[number])))


class _Found(NamedTuple):
    """What was found of one dataset, before it is compared with the others; ``problems`` in the order in which they
    are told.

    ``size`` are the bytes of its ``files``. ``doi`` is the one that it brings along, ``content`` the same for datasets
    with one title and the same files, both empty where there is none. ``gets_licence``: see :func:`_gets_a_licence`.
    ``seen`` is what the caller keeps.
    """

    problems: list[Problem]
    files: int
    size: int
    doi: str
    content: bytes
    gets_licence: bool
    seen: Any


class _Look:
    """Looks at datasets, each for itself."""

    def __init__(
        self, manifest: Manifest, known: Sequence[Problem], allow_outside: bool, seeing: Seeing | None
    ) -> None:
        self._manifest = manifest
        self._resolver = Resolver(manifest, allow_outside=allow_outside)
        self._seeing = seeing
        self._ids = frozenset(manifest.ids)
        self._unread = {problem.dataset for problem in known if _is_unread_metadata(problem, str(manifest.path))}
        self.packages = DataPackages(manifest, allow_outside=allow_outside)

    def at(self, number: int) -> _Found:
        """The dataset of that number, from 0."""
        dataset = self._manifest.datasets[number]
        files, problems = self._resolver.files_of(dataset)
        return self._found(dataset, files, problems, self.packages.look_at(dataset.id, files))

    def elsewhere(self, numbers: Sequence[int]) -> list[_Found | None]:
        """The datasets of these numbers, by another process; None where this process has to see what there is."""
        found: list[_Found | None] = []
        for number in numbers:
            dataset = self._manifest.datasets[number]
            files, problems = self._resolver.files_of(dataset)
            found.append(None if self.packages.are_among(files) else self._found(dataset, files, problems, ()))
        return found

    def _found(
        self, dataset: DatasetSpec, files: list[LocalFile], of_files: list[Problem], of_packages: Iterable[Problem]
    ) -> _Found:
        refers = may_refer(dataset.metadata)
        references = list(reference_problems(dataset, files, self._ids)) if refers or dataset.fill else []
        described = resolved(dataset.metadata, lambda _: PLACEHOLDER) if refers else dataset.metadata
        problems = list(self._of_metadata(dataset, described, references))
        problems += of_files
        problems += references
        problems += of_packages
        seen = None
        if self._seeing is not None:
            errors = [problem for problem in (*of_files, *references) if problem.is_error]
            seen = self._seeing.seen(dataset, files, errors)
        return _Found(
            problems,
            len(files),
            sum(file.size for file in files),
            _own_doi(dataset),
            _content(dataset.title, files) if files and dataset.title else b"",
            _gets_a_licence(dataset),
            seen,
        )

    def _of_metadata(
        self, dataset: DatasetSpec, described: Metadata, references: Sequence[Problem]
    ) -> Iterator[Problem]:
        """Problems of the metadata, less those that only follow from what loading the manifest found, or from
        references that are wrong. In ``described`` a DOI stands where one will be."""
        misdirected = {problem.path for problem in references}
        for problem in validate_metadata(dataset.id, described, dataset.metadata_place):
            follows = problem.code == "missing" and dataset.id in self._unread
            if not follows and problem.path not in misdirected:
                yield _beside_its_file(dataset, hinted_for(self._manifest.place.source, problem))


class _Batch:
    """Takes what was found of the datasets, one after the other, and compares them; of none more is kept than that
    takes: a batch may have a hundred thousand."""

    def __init__(self, manifest: Manifest, known: Sequence[Problem], seeing: Seeing | None) -> None:
        self._datasets = manifest.datasets
        self._ids = manifest.ids
        self._seeing = seeing
        self._told = _Told(manifest.place.source)
        self._told.add(known)
        self._dois: dict[str, str] = {}
        self._first: dict[bytes, int] = {}
        self._alike: dict[bytes, dict[str, str]] = {}
        self._unlicensed: int | None = None
        self._unlicensed_more = -1
        self._files = 0
        self._bytes = 0

    def take(self, number: int, found: _Found) -> None:
        """What was found of the dataset of that number."""
        self._told.add(found.problems)
        if found.doi:
            self._told.add(self._doubled_doi(number, found.doi))
        if found.content:
            self._told.add(self._doubled_dataset(number, found.content))
        if found.gets_licence:
            self._unlicensed = number if self._unlicensed is None else self._unlicensed
            self._unlicensed_more += 1
        if self._seeing is not None:
            self._seeing.take(found.seen)
        self._files += found.files
        self._bytes += found.size

    def report(self, of_tables: Iterable[Problem]) -> CheckReport:
        """What was found of all."""
        self._told.add(of_tables)
        if self._unlicensed is not None:
            self._told.add([_licence_given(self._datasets[self._unlicensed], self._unlicensed_more)])
        told = sorted_by_place(self._told.problems())
        return CheckReport(
            datasets=len(self._ids),
            files=self._files,
            bytes=self._bytes,
            problems=[problem for problem in told if not problem.is_note],
            notes=[problem for problem in told if problem.is_note],
        )

    def _doubled_doi(self, number: int, doi: str) -> Iterator[Problem]:
        """A DOI belongs to one record: the server refuses to publish the second ("already exists")."""
        own = self._ids[number]
        first = self._dois.setdefault(doi, own)
        if first != own:
            yield problem_at(
                self._datasets[number].metadata_place("doi"),
                "doi_doubled",
                f"doi {doi} is that of the dataset '{first}' too",
                "Give each dataset its own DOI, or remove doi to get one from the repository.",
                dataset=own,
                path="metadata.doi",
            )

    def _doubled_dataset(self, number: int, content: bytes) -> Iterator[Problem]:
        """Two datasets with one title, the same creators and the same files are most probably one by mistake."""
        first = self._first.setdefault(content, number)
        if first == number:
            return
        dataset = self._datasets[number]
        by_creators = self._alike.get(content)
        if by_creators is None:
            other = self._datasets[first]
            by_creators = self._alike[content] = {_creators(other): other.id}
        owner = by_creators.setdefault(_creators(dataset), dataset.id)
        if owner != dataset.id:
            yield problem_at(
                dataset.place,
                "dataset_doubled",
                f"the dataset has the title, creators and files of '{owner}': both would be deposited",
                "Remove one of them, or tell them apart by their titles.",
                severity=Severity.WARNING,
                dataset=dataset.id,
                path="",
            )


def _own_doi(dataset: DatasetSpec) -> str:
    doi = canonical.bare_doi(dataset.metadata.get("doi"))
    return doi if isinstance(doi, str) else ""


def _gets_a_licence(dataset: DatasetSpec) -> bool:
    """Whether the repository will choose the licence: none is named, and the files are or become open."""
    return not dataset.metadata.get("license") and dataset.metadata.get("access_right", "open") in ("open", "embargoed")


def _licence_given(first: DatasetSpec, more: int) -> Problem:
    """Said once, since it cannot be taken back: nobody gives all rights away by leaving out a line (observed:
    ``license``)."""
    named = f"'{first.id}' and {more:,} more name" if more else f"'{first.id}' names"
    return problem_at(
        first.metadata_place("license"),
        "licence_given",
        f"{named} no license: the repository publishes datasets as CC0, all rights given up, and all else as CC BY 4.0",
        "Write license under defaults or in the metadata; `batchdep lookup licence cc` shows some.",
        dataset=first.id,
        path="metadata.license",
        severity=Severity.NOTE,
    )


def _beside_its_file(dataset: DatasetSpec, problem: Problem) -> Problem:
    """``problem``, and if it is that the dataset's metadata file lacks a key, how to give that beside the file: in a
    table a column of that name replaces it."""
    key = problem.path.removeprefix("metadata.")
    if problem.code != "missing" or key not in REQUIRED or key in dataset.metadata:
        return problem
    files = {Path(place.source.name).name for place in dataset.origins.values() if isinstance(place.source, Translated)}
    if not files:
        return problem
    in_table = isinstance(dataset.place.source, TableSource)
    beside = f"Fill in the column {key}" if in_table else f"Write metadata: {{from: FILE, {key}: ...}}"
    there = f"or add it to {', '.join(sorted(files))} in its own words."
    return replace(problem, hint=f"{problem.hint.rstrip('.')}. {beside}, {there}")


def _is_unread_metadata(problem: Problem, manifest: str) -> bool:
    elsewhere = problem.location is not None and problem.location.file != manifest
    return problem.is_error and (problem.path in _NAMES_A_FILE or problem.code.startswith("metadata_") or elsewhere)


def _content(title: str, files: Sequence[LocalFile]) -> bytes:
    """The same for datasets with the same title and files."""
    names = sorted(file.where for file in files)
    text = "\0".join((str(canonical.text(title)), *names))
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).digest()


def _creators(dataset: DatasetSpec) -> str:
    creators = sent_form(dataset.metadata).get("creators")
    return canonical.key([canonical.person(each) for each in creators] if isinstance(creators, list) else creators)


class _Told:
    """The problems, each once: a value in ``defaults`` is judged for every dataset, but its problem is told once, and
    belongs to no dataset."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._found: dict[tuple[Location | None, str, str, str], Problem] = {}

    def add(self, problems: Iterable[Problem]) -> None:
        for each in problems:
            problem = hinted_for(self._source, each)
            key = (problem.location, problem.code, problem.path, problem.message)
            first = self._found.setdefault(key, problem)
            if first.dataset != problem.dataset:
                self._found[key] = replace(first, dataset=None)

    def problems(self) -> Iterable[Problem]:
        return self._found.values()


def _as_dict(problem: Problem, manifest: str) -> dict[str, Any]:
    where = problem.location or Location(manifest)
    return {
        "severity": problem.severity.value,
        "code": problem.code,
        "message": problem.message,
        "hint": problem.hint,
        "dataset": problem.dataset,
        "path": problem.path,
        "file": where.file,
        "line": where.line,
        "column": where.column,
    }
