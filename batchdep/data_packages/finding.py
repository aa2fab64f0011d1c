"""Finding the data packages of a batch. Few have any: what reads and judges them is imported when there is one."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from batchdep.manifest.model import LocalFile, Manifest
from batchdep.manifest.patterns import real_path
from batchdep.problems import Problem

if TYPE_CHECKING:
    from batchdep.data_packages.package import Package

NAME = "datapackage.json"
"""Descriptors have this name, or end in it where several packages share a folder."""


class DataPackages:
    """Warnings and notes about the data packages among the files of a manifest's datasets. Raises nothing, whatever
    the packages hold."""

    def __init__(self, manifest: Manifest, *, allow_outside: bool = False) -> None:
        self._root = None if allow_outside else real_path(manifest.folder)
        self._packages: list[Package] = []

    def are_among(self, files: Sequence[LocalFile]) -> bool:
        """Whether there is something to look at among the files of a dataset."""
        return any(_descriptors(files))

    def look_at(self, dataset: str, files: Sequence[LocalFile]) -> Iterator[Problem]:
        """What is wrong with the packages of one dataset, for the reading of a descriptor and a ``stat`` a file."""
        paths = list(_descriptors(files))
        if not paths:
            return
        from batchdep.data_packages.package import Package, packages_at
        from batchdep.data_packages.resources import resource_problems

        for found in packages_at(paths, dataset, files, self._root):
            if isinstance(found, Package):
                self._packages.append(found)
                yield from resource_problems(found)
            else:
                yield found

    def judged(self) -> Iterator[Problem]:
        """What the library says of descriptors and rows of all packages that were looked at."""
        if self._packages:
            from batchdep.data_packages.checking import judged

            yield from judged(self._packages)


def _descriptors(files: Iterable[LocalFile]) -> Iterator[Path]:
    """Those among a dataset's files, and at the top of folders that become a zip."""
    for file in files:
        if file.archive:
            if os.path.isfile(path := file.path / NAME):  # noqa: PTH113 - as fast as it can be, for each archive
                yield path
        elif file.where.lower().endswith(NAME):
            yield file.path
