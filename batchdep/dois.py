"""The DOIs that the datasets of a batch have, or will have once they are published."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from msgspec import Struct

from batchdep.manifest.model import Manifest
from batchdep.metadata.canonical import bare_doi
from batchdep.metadata.identifiers import is_doi
from batchdep.plan_shelf import Looked
from batchdep.state.records import DatasetRecord
from batchdep.targets import minted_doi


class Dois(Struct, frozen=True):
    """DOIs by dataset, as they are known at the moment of asking: the records change while a run goes on.

    ``given``: DOIs that datasets bring along (the metadata's ``doi``). ``target`` is the repository's origin.
    """

    target: str
    records: Mapping[str, DatasetRecord]
    given: Mapping[str, str]

    def of(self, key: str) -> str | None:
        """The record's once it is published; before that :meth:`expected`."""
        record = self.records.get(key)
        return (record.doi if record is not None else None) or self.expected(key)

    def expected(self, key: str) -> str | None:
        """The DOI that the dataset brings along, or that will be made of the one reserved for its draft."""
        if (given := self.given.get(key)) is not None:
            return given
        record = self.records.get(key)
        return minted_doi(self.target, record.reserved_doi) if record is not None else None


def dois_of(
    manifest: Manifest, target: str, records: Mapping[str, DatasetRecord], looked: Looked | None = None
) -> Dois:
    """The DOIs of a manifest's datasets at ``target``; what was ``looked`` at already need not be made again."""
    own: Iterable[tuple[str, Any]] = ((spec.id, spec.metadata.get("doi")) for spec in manifest.datasets)
    if looked is not None:
        own = looked.dois.items()
    given = {key: _bare(doi) for key, doi in own if isinstance(doi, str) and is_doi(doi)}
    return Dois(target, records, given)


def _bare(doi: str) -> str:
    """Without prefix or resolver, in the case in which it is written: the repository stores it so."""
    return doi.strip()[-len(bare_doi(doi)) :]
