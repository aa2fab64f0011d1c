"""The resources that a data package names: are they there, and will they be where its descriptor says."""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from msgspec.structs import replace

from batchdep.data_packages.package import Package, is_remote
from batchdep.manifest.suggest import shown
from batchdep.problems import Problem, ValuePath

_ZIP = "Deposit the package's folder as one zip: {path: folder/, archive: NAME.zip}; it keeps the folders."
_SHOWN = 3
_MOST = 10
"""Resources with the same fault that are told one by one."""


def resources_of(package: Package) -> list[tuple[dict[str, Any], ValuePath]]:
    """The resources that are objects, with their paths in the descriptor."""
    found = package.content.get("resources")
    items = enumerate(found) if isinstance(found, list) else ()
    return [(each, ("resources", index)) for index, each in items if isinstance(each, dict)]


def parts_of(resource: dict[str, Any], path: ValuePath) -> list[tuple[str, ValuePath]]:
    """The paths of a resource's files, with where they stand: one, or the parts of a file that was cut."""
    written = resource.get("path")
    parts = enumerate(written) if isinstance(written, list) else [(None, written)]
    return [
        (part, (*path, "path") if index is None else (*path, "path", index))
        for index, part in parts
        if isinstance(part, str) and part
    ]


def resource_problems(package: Package) -> Iterator[Problem]:
    """What is wrong with the files that a package names, but for their content; of each kind the first few."""
    by_code: defaultdict[str, list[Problem]] = defaultdict(list)
    for problem in _every_problem(package):
        by_code[problem.code].append(problem)
    for problems in by_code.values():
        yield from problems[:_MOST]
        for problem in problems[_MOST : _MOST + 1]:
            more = f"{len(problems) - _MOST:,} resources from here on have the same fault"
            yield replace(problem, message=f"{problem.message}; {more}")


def _every_problem(package: Package) -> Iterator[Problem]:
    elsewhere: list[tuple[str, str, ValuePath]] = []
    for resource, path in resources_of(package):
        parts = parts_of(resource, path)
        for written, at in parts:
            if is_remote(written):
                message = f"the resource {shown(written)} is on the network: it is not fetched, and not deposited"
                yield package.note(message, "Download it into the package, if it belongs to the dataset.", *at)
                continue
            real = package.real(written)
            if real is None or _leads_up(written):
                message = f"the resource {shown(written)} lies outside the package"
                yield package.warning("data_package_outside", message, "Paths start at the descriptor's folder.", *at)
            elif not os.path.isfile(real):  # noqa: PTH113 - a real path is a text
                message = f"the resource {shown(written)} is not there"
                yield package.warning("data_package_missing", message, "Put it there, or correct its `path`.", *at)
            else:
                yield from _size(package, resource, path, real if len(parts) == 1 else None)
                name = package.deposited.names.get(real)
                if name is None and not package.deposited.zipped(real):
                    message = f"the resource {shown(written)} is not among the dataset's files"
                    hint = "Add it to `files`, or take it out of the package."
                    yield package.warning("data_package_not_deposited", message, hint, *at)
                elif name is not None and name != os.path.normpath(written):
                    elsewhere.append((written, name, at))
    if elsewhere:
        yield _renamed(package, elsewhere)


def _leads_up(written: str) -> bool:
    """The standard forbids it even where it leads back inside."""
    return ".." in written.split("/")


def _size(package: Package, resource: dict[str, Any], path: ValuePath, real: str | None) -> Iterator[Problem]:
    told = resource.get("bytes")
    if real is None or not isinstance(told, int) or isinstance(told, bool):
        return
    if (size := os.path.getsize(real)) != told:  # noqa: PTH202 - a real path is a text
        message = f"the descriptor says {told:,} bytes, the file has {size:,}: it was changed since"
        hint = "Correct `bytes`, and `hash` with it, or take them out."
        yield package.warning("data_package_size", message, hint, *path, "bytes")


def _renamed(package: Package, elsewhere: list[tuple[str, str, ValuePath]]) -> Problem:
    """A deposition has no folders: whoever downloads the package would look for its files in vain."""
    few = ", ".join(f"{shown(written)} becomes {shown(name)}" for written, name, _ in elsewhere[:_SHOWN])
    more = f", and {len(elsewhere) - _SHOWN:,} more" if len(elsewhere) > _SHOWN else ""
    message = f"the package does not find its files in the deposition, which has no folders: {few}{more}"
    return package.warning("data_package_renamed", message, _ZIP, *elsewhere[0][2])
