"""What is wrong with a dataset's references to others of the batch."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from typing import NamedTuple

from batchdep.manifest.filling import location_of
from batchdep.manifest.model import DatasetSpec, LocalFile
from batchdep.manifest.suggest import nearest, shown
from batchdep.metadata.references import Occurrence, occurrences
from batchdep.problems import Problem, dotted, problem_at

_EXAMPLE = "Write {doi: ID} with the `id` of a dataset of this manifest."
_SEARCHED = 5_000
"""Among more ids than these none is looked for that could be meant: it would take seconds for each slip."""

_SHOWN = 5


class _Flaw(NamedTuple):
    """What is wrong with a reference."""

    code: str
    message: str
    hint: str


def reference_problems(spec: DatasetSpec, files: Iterable[LocalFile], ids: Collection[str]) -> Iterator[Problem]:
    """Errors of the references in a dataset's metadata, and in its files that are filled; ``ids``: the manifest's."""
    for found in occurrences(spec.metadata):
        if (flaw := _flaw(found, spec, ids)) is not None:
            path = dotted(("metadata", *found.path))
            yield problem_at(spec.metadata_place(*found.path), *flaw, dataset=spec.id, path=path)
    for file in files:
        for token in file.fill.tokens if file.fill is not None else ():
            if token.id and token.id not in ids:
                unknown = _unknown(token.id, ids)
                yield Problem(*unknown, dataset=spec.id, path="fill", location=location_of(file, token))


def _flaw(found: Occurrence, spec: DatasetSpec, ids: Collection[str]) -> _Flaw | None:
    if found.id is None:
        return _Flaw("reference_malformed", "the reference names no dataset", _EXAMPLE)
    if found.path[0] == "doi":
        hint = "Remove doi: the repository gives the dataset its DOI."
        return _Flaw("reference_malformed", "doi is the dataset's own DOI, and cannot refer to a dataset", hint)
    if found.id not in ids:
        return _unknown(found.id, ids)
    if found.related and found.id == spec.id:
        hint = "Name another dataset, or remove the entry. In text, {doi:ID} may be the dataset's own."
        return _Flaw("reference_itself", f"the dataset {shown(found.id)} is related to itself", hint)
    return None


def _unknown(key: str, ids: Collection[str]) -> _Flaw:
    near = nearest(key, ids) if len(ids) <= _SEARCHED else None
    some = ", ".join(sorted(ids)[:_SHOWN]) + (" ..." if len(ids) > _SHOWN else "")
    if near is not None:
        hint = f"Did you mean '{near}'?"
    elif key.startswith("10."):
        hint = "Write a DOI as it is, without braces."
    else:
        hint = f"Ids of the manifest are: {some}."
    return _Flaw("reference_unknown", f"the manifest has no dataset {shown(key)}, whose DOI is referred to", hint)
