"""Which dataset would deposit a file that is not there yet: writing such a file would change what is deposited."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from batchdep.manifest.globbing import matches_name
from batchdep.manifest.model import FileSpec, Manifest
from batchdep.manifest.patterns import fixed_folder, is_inside, is_pattern, real_path


class Takers:
    """Tells of a file that is not there yet whose it would be; asked once for each of many datasets."""

    def __init__(self, manifest: Manifest) -> None:
        self._by_root: dict[str, list[tuple[int, str, FileSpec]]] = {}
        for number, dataset in enumerate(manifest.datasets):
            for spec in dataset.files:
                self._by_root.setdefault(_root(spec), []).append((number, dataset.id, spec))

    def of(self, path: Path) -> str | None:
        """The id of the first dataset whose ``files`` name, match or have in an archive the file at ``path``."""
        resolved = Path(real_path(path.parent)) / path.name
        roots = (str(each) for each in (resolved, *resolved.parents))
        near = [each for root in roots for each in self._by_root.get(root, ())]
        takers = [(number, key) for number, key, spec in near if _takes(spec, str(resolved))]
        return min(takers)[1] if takers else None


def _root(spec: FileSpec) -> str:
    """The file, or the folder in which everything is that the spec takes."""
    named = spec.archive or not is_pattern(spec.path)
    return _real(spec.base, spec.path if named else fixed_folder(spec.path))


def _takes(spec: FileSpec, resolved: str) -> bool:
    if spec.archive or not is_pattern(spec.path):
        named = _real(spec.base, spec.path)
        return is_inside(resolved, named) if spec.archive else resolved == named
    fixed = fixed_folder(spec.path)
    folder = _real(spec.base, fixed)
    if not is_inside(resolved, folder):
        return False
    pattern = [part for part in spec.path[len(fixed) :].split("/") if part not in ("", ".")]
    return matches_path(tuple(pattern), tuple(resolved[len(folder.rstrip("/")) + 1 :].split("/")))


@lru_cache(10_000)
def _real(base: Path, path: str) -> str:
    return real_path(base / path)


def matches_path(pattern: tuple[str, ...], names: tuple[str, ...]) -> bool:
    """Whether the segments of a pattern match those of a path, by the rules of ``manifest.globbing``."""
    reached = {0}
    for number, name in enumerate(names):
        is_last = number == len(names) - 1
        following = set()
        for index in _closure(pattern, reached):
            if index == len(pattern):
                continue
            if pattern[index] == "**":
                if not name.startswith("."):
                    following.add(index)
                    if is_last and index == len(pattern) - 1:
                        return True
            elif matches_name(pattern[index], name):
                following.add(index + 1)
        reached = following
    return len(pattern) in reached


def _closure(pattern: tuple[str, ...], reached: set[int]) -> set[int]:
    """``reached`` and what follows without a name: ``**`` stands for no folder, too."""
    found = set(reached)
    for index in sorted(reached):
        while index < len(pattern) and pattern[index] == "**":
            index += 1
            found.add(index)
    return found
