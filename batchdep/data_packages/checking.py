"""What the library says of all data packages of a batch, within a time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from importlib.util import find_spec

from batchdep.data_packages.package import Package
from batchdep.data_packages.process import Judge, NoAnswer, TimeIsUp
from batchdep.data_packages.tables import Table, descriptor_of, tables_of, told_of_descriptor, told_of_table, unjudged
from batchdep.problems import Problem

SECONDS = 20.0
"""For one descriptor or table."""

TOTAL_SECONDS = 120.0
"""For all packages of a batch; what is left then is said not to have been looked at."""

_GET = "`pip install 'batchdep[data-packages]'` gets what looks at rows; until then only files are looked for."


def judged(packages: Sequence[Package]) -> Iterator[Problem]:
    """Warnings and notes about descriptors and rows. Raises nothing, whatever the packages hold."""
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
