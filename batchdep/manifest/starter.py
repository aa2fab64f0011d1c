"""The manifest that ``batchdep init`` writes: something to fill in, rather than an empty page."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from batchdep.manifest.patterns import natural_key
from batchdep.manifest.starter_folders import folder_dataset, quoted
from batchdep.metadata import placeholders
from batchdep.problems import printable

_HEADER = """\
# A batch of datasets to deposit. Paths are relative to this file's folder.
# Next: fill it in, then `batchdep check {file}`; nothing is sent before `batchdep submit {file}`.
version: 1
batch: {batch}
target: local          # local | sandbox | zenodo | an https URL: try everything on local and sandbox first
publish: false         # false leaves drafts for you to review; true publishes each dataset once verified
# limits: {{file: 5 GB, dataset: 50 GB, files: 100}}     # raise them only for a quota that you were granted

# Metadata that every dataset starts from; a dataset's own key replaces it.
defaults:
  upload_type: dataset # publication | poster | presentation | dataset | image | video | software | lesson | ...
  access_right: open   # open | embargoed (with embargo_date) | restricted (say in the description whom to ask)
  license: cc-by-4.0
  publication_date: "{today}"
  creators:
    - name: "{name}"
      affiliation: "{affiliation}"
      # orcid: 0000-0002-1825-0097
  # keywords: [first, second]
  # related_identifiers: [{{relation: isSupplementTo, identifier: 10.1234/article}}]
  # grants: [{{id: "10.13039/501100000780::654241"}}]

datasets:
"""

_DEFAULTS = frozenset({"upload_type", "creators"})
"""What the header has of the metadata that each dataset needs."""

_EXAMPLE = f"""\
  - id: first-dataset  # unique here, and never changed: running the batch again resumes by it
    metadata:
      title: "{placeholders.TITLE}"
      description: "{placeholders.DESCRIPTION}"
    files:
      - "data/*.csv"   # a path or pattern; ** crosses folders
      # - {{path: "data/a b.csv", name: a_b.csv}}          # under another name
      # - {{path: figures/, archive: figures.zip}}         # a folder as one zip, made while it is uploaded
"""

_TOLD: Final = 20
"""Files and folders that become no dataset and are named."""


def starter_manifest(target_file: Path, from_dir: Path | None = None) -> str:
    """The text of a YAML manifest that is to be written to ``target_file``.

    With ``from_dir`` each of its subfolders that has files becomes a dataset (``from_dir`` itself where it has none):
    its id is the folder's name, its metadata the file that ``auto`` finds. What a person has to add is commented.
    What else is in ``from_dir`` is left out and told in comments, but for what is hidden.

    :raises OSError: ``from_dir`` cannot be listed.
    """
    today = datetime.now(UTC).date().isoformat()
    header = _HEADER.format(
        file=printable(target_file.name),
        batch=quoted(printable(target_file.stem)[:200] or "batch"),
        today=today,
        name=placeholders.NAME,
        affiliation=placeholders.AFFILIATION,
    )
    if from_dir is None:
        return header + _EXAMPLE
    folders = _folders(from_dir)
    remarks = [] if folders == [from_dir] else list(_left_out(from_dir, {*folders, from_dir / target_file.name}))
    if len(remarks) > _TOLD:
        remarks[_TOLD:] = [f"and {len(remarks) - _TOLD:,} more"]
    told = "".join(f"  # left out: {printable(remark)}\n" for remark in remarks)
    return header + told + "".join(folder_dataset(folder, target_file, _DEFAULTS) for folder in folders)


def _folders(from_dir: Path) -> list[Path]:
    folders = [path for path in from_dir.iterdir() if path.is_dir() and not path.is_symlink() and _usable(path)]
    filled = [path for path in folders if _has_files(path)]
    return sorted(filled, key=lambda path: natural_key(path.name)) or [from_dir]


def _left_out(from_dir: Path, taken: Collection[Path]) -> Iterator[str]:
    """What becomes no dataset, with the reason."""
    for path in sorted(from_dir.iterdir(), key=lambda path: natural_key(path.name)):
        if path in taken or path.name.startswith("."):
            continue
        if not path.is_dir():
            yield f"{path.name} (lies in no folder of its own)"
        elif path.is_symlink():
            yield f"{path.name} (a link)"
        else:
            yield f"{path.name} ({'has no files' if _usable(path) else 'such a name cannot be an id'})"


def _usable(folder: Path) -> bool:
    return folder.name.isprintable() and not folder.name.startswith(".") and folder.name == folder.name.strip()


def _has_files(folder: Path) -> bool:
    return any(True for _ in _files_below(folder))


def _files_below(folder: Path) -> Iterator[str]:
    for _, folders, files in os.walk(folder):
        folders[:] = [name for name in folders if not name.startswith(".")]
        yield from (name for name in files if not name.startswith("."))
