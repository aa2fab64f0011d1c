"""The datasets of a table or of JSON Lines, of which a batch may have a hundred thousand."""

from __future__ import annotations

from array import array
from collections.abc import Callable
from typing import Any

from batchdep.manifest.model import DatasetSpec
from batchdep.manifest.shelf import Shelf
from batchdep.sequences import MadeSequence


class ShelvedDatasets(MadeSequence[DatasetSpec]):
    """Datasets that are made of their entries each time they are asked for.

    ``make`` makes one of the number of its entry and what stands there. ``ids`` are known without making any.
    """

    def __init__(self, make: Callable[[int, Any], DatasetSpec]) -> None:
        self.ids: list[str] = []
        self._make = make
        self._numbers = array("L")
        self._entries = Shelf()
        self._kept: dict[int, DatasetSpec] = {}

    def add(self, number: int, entry: Any, dataset_id: str) -> None:
        """A dataset that is all in its entry."""
        self.ids.append(dataset_id)
        self._numbers.append(number)
        self._entries.add(entry)

    def keep(self, number: int, spec: DatasetSpec) -> None:
        """A dataset that other files describe, too: they may change, and what was checked is what is sent."""
        self._kept[len(self.ids)] = spec
        self.add(number, None, spec.id)

    def __len__(self) -> int:
        return len(self.ids)

    def made(self, index: int) -> DatasetSpec:
        """The dataset of that index."""
        return self._kept.get(index) or self._make(self._numbers[index], self._entries[index])
