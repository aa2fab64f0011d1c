"""Everything that is wrong with a batch, at once, before anything is sent.

Needs neither network nor database, and of the files nothing but ``stat`` and the texts that are filled in: a terabyte
checks as fast as a kilobyte.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from batchdep.data_packages import data_package_problems
from batchdep.manifest import LoadedManifest, resolve_files
from batchdep.manifest.datasets import FROM
from batchdep.manifest.model import DatasetSpec, LocalFile, Manifest
from batchdep.manifest.referring import reference_problems
from batchdep.manifest.source_table import TableSource
from batchdep.manifest.table_hints import hinted_for
from batchdep.manifest.translated import Translated
from batchdep.metadata import canonical
from batchdep.metadata.references import PLACEHOLDER, resolved
from batchdep.metadata.rules import REQUIRED, validate_metadata
from batchdep.metadata.sending import sent_form
from batchdep.problems import Location, Problem, Severity, problem_at, sorted_by_place

SCHEMA = "batchdep-check/1"

_NAMES_A_FILE = ("metadata", f"metadata.{FROM}")

Files = Mapping[str, tuple[LocalFile, ...]]


@dataclass(frozen=True, slots=True)
class CheckReport:
    """What a check found: counts, ``bytes`` of all files, and the problems in the order of their places.

    ``notes`` is what one should know though nothing is wrong: which metadata file was found, and what it says that the
    repository cannot hold. ``files_of`` has the files of each dataset by its id, as the disk showed them.
    """

    datasets: int
    files: int
    bytes: int
    problems: list[Problem]
    notes: list[Problem] = field(default_factory=list)
    files_of: Files = field(default_factory=dict)

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


def check_manifest(loaded: LoadedManifest, *, allow_outside: bool = False, tables: bool = False) -> CheckReport:
    """Checks a loaded manifest: its own problems, each dataset's metadata and files, and the batch as a whole.

    ``allow_outside`` takes files outside the manifest's folder. ``tables`` has the rows of data packages judged too,
    which reads files and takes seconds (:mod:`batchdep.data_packages`). Raises nothing for what manifest or disk hold.
    """
    manifest = loaded.manifest
    if manifest is None:
        return CheckReport(0, 0, 0, sorted_by_place(loaded.problems))
    files_of: dict[str, tuple[LocalFile, ...]] = {}
    ids = {dataset.id: None for dataset in manifest.datasets}
    references: list[Problem] = []
    found_in_files: list[Problem] = []
    for dataset in manifest.datasets:
        files, found = resolve_files(manifest, dataset, allow_outside=allow_outside)
        files_of[dataset.id] = tuple(files)
        found_in_files += found
        references += reference_problems(dataset, files, ids)
    problems = [*loaded.problems, *_metadata_problems(manifest, loaded.problems, references)]
    problems += [*found_in_files, *references]
    problems.extend(_doubled_dois(manifest))
    problems.extend(_doubled_datasets(manifest, files_of))
    problems.extend(data_package_problems(manifest, files_of, allow_outside=allow_outside, tables=tables))
    problems = [hinted_for(manifest.place.source, problem) for problem in problems]
    told = sorted_by_place(_each_once(problems))
    every_file = [file for files in files_of.values() for file in files]
    return CheckReport(
        datasets=len(manifest.datasets),
        files=len(every_file),
        bytes=sum(file.size for file in every_file),
        problems=[problem for problem in told if not problem.is_note],
        notes=[problem for problem in told if problem.is_note],
        files_of=files_of,
    )


def _metadata_problems(manifest: Manifest, known: list[Problem], references: list[Problem]) -> Iterator[Problem]:
    """Problems of the metadata, less those that only follow from what loading the manifest found, or from references
    that are wrong. A DOI stands where one will be."""
    misdirected = {(problem.dataset, problem.path) for problem in references}
    unread = {problem.dataset for problem in known if _is_unread_metadata(problem, str(manifest.path))}
    for dataset in manifest.datasets:
        described = resolved(dataset.metadata, lambda _: PLACEHOLDER)
        for problem in validate_metadata(dataset.id, described, dataset.metadata_place):
            follows = problem.code == "missing" and dataset.id in unread
            if not follows and (dataset.id, problem.path) not in misdirected:
                yield _beside_its_file(dataset, hinted_for(manifest.place.source, problem))


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


def _doubled_dois(manifest: Manifest) -> Iterator[Problem]:
    """A DOI belongs to one record: the server refuses to publish the second ("already exists")."""
    owners: dict[str, DatasetSpec] = {}
    for dataset in manifest.datasets:
        doi = canonical.bare_doi(dataset.metadata.get("doi"))
        if not isinstance(doi, str) or not doi:
            continue
        first = owners.setdefault(doi, dataset)
        if first is not dataset:
            yield problem_at(
                dataset.metadata_place("doi"),
                "doi_doubled",
                f"doi {doi} is that of the dataset '{first.id}' too",
                "Give each dataset its own DOI, or remove doi to get one from the repository.",
                dataset=dataset.id,
                path="metadata.doi",
            )


def _doubled_datasets(manifest: Manifest, files_of: Files) -> Iterator[Problem]:
    """Two datasets with one title, the same creators and the same files are most probably one by mistake."""
    seen: dict[tuple[str, tuple[str, ...]], list[DatasetSpec]] = {}
    for dataset in manifest.datasets:
        files = tuple(sorted(str(file.path) for file in files_of[dataset.id]))
        if not files or not dataset.title:
            continue
        alike = seen.setdefault((canonical.text(dataset.title), files), [])
        first = next((each for each in alike if _creators(each) == _creators(dataset)), None)
        alike.append(dataset)
        if first is not None:
            yield problem_at(
                dataset.place,
                "dataset_doubled",
                f"the dataset has the title, creators and files of '{first.id}': both would be deposited",
                "Remove one of them, or tell them apart by their titles.",
                severity=Severity.WARNING,
                dataset=dataset.id,
                path="",
            )


def _creators(dataset: DatasetSpec) -> str:
    creators = sent_form(dataset.metadata).get("creators")
    return canonical.key([canonical.person(each) for each in creators] if isinstance(creators, list) else creators)


def _each_once(problems: Iterable[Problem]) -> list[Problem]:
    """A value in ``defaults`` is judged for every dataset, but its problem is told once, and belongs to no dataset."""
    found: dict[tuple[Location | None, str, str, str], Problem] = {}
    for problem in problems:
        key = (problem.location, problem.code, problem.path, problem.message)
        first = found.setdefault(key, problem)
        if first.dataset != problem.dataset:
            found[key] = replace(first, dataset=None)
    return list(found.values())


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
