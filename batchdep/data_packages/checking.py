"""All data packages of a batch, within a time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from importlib.util import find_spec

from batchdep.data_packages.package import Package, descriptors, packages_of
from batchdep.data_packages.process import Judge, NoAnswer, TimeIsUp
from batchdep.data_packages.resources import resource_problems
from batchdep.data_packages.tables import Table, descriptor_of, tables_of, told_of_descriptor, told_of_table, unjudged
from batchdep.manifest.model import LocalFile, Manifest
from batchdep.manifest.patterns import real_path
from batchdep.problems import Problem

SECONDS = 20.0
"""For one descriptor or table."""

TOTAL_SECONDS = 120.0
"""For all packages of a batch; what is left then is said not to have been looked at."""

_GET = "`pip install 'batchdep[data-packages]'` gets what looks at rows; until then only files are looked for."


class DataPackages:
    """Warnings and notes about the data packages among the files of a manifest's datasets. Raises nothing, whatever
    the packages hold."""

    def __init__(self, manifest: Manifest, *, allow_outside: bool = False) -> None:
        self._root = None if allow_outside else real_path(manifest.folder)
        self._packages: list[Package] = []

    def are_among(self, files: Sequence[LocalFile]) -> bool:
        """Whether there is something to look at among the files of a dataset."""
        return any(descriptors(files))

    def look_at(self, dataset: str, files: Sequence[LocalFile]) -> Iterator[Problem]:
        """What is wrong with the packages of one dataset, for the reading of a descriptor and a ``stat`` a file."""
        for found in packages_of(dataset, files, self._root):
            if isinstance(found, Package):
                self._packages.append(found)
                yield from resource_problems(found)
            else:
                yield found

    def judged(self) -> Iterator[Problem]:
        """What the library says of descriptors and rows of all packages that were looked at."""
        if self._packages:
            yield from _judged(self._packages)


def _judged(packages: Sequence[Package]) -> Iterator[Problem]:
    if find_spec("frictionless") is None:
        yield packages[0].note("the rows of data packages are not looked at: frictionless is not installed", _GET)
        return
    with Judge(TOTAL_SECONDS) as judge:
        for index, package in enumerate(packages):
            try:
                yield from _judge(package, judge)
            except TimeIsUp:
                left = f"{len(packages) - index:,} of {len(packages):,} data packages"
                message = f"time was up: {left} are not, or not wholly, looked at"
                yield package.note(message, "Check fewer datasets at a time.")
                return


def _judge(package: Package, judge: Judge) -> Iterator[Problem]:
    try:
        yield from told_of_descriptor(package, judge.ask({"descriptor": descriptor_of(package)}, SECONDS))
    except NoAnswer as error:
        yield package.note(f"the descriptor was not judged: {error}", "")
    for table in tables_of(package):
        if not isinstance(table, Table):
            yield table
            continue
        try:
            yield from told_of_table(table, judge.ask(table.question, SECONDS))
        except NoAnswer as error:
            yield unjudged(table, str(error))
