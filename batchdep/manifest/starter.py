"""The manifest that ``batchdep init`` writes: something to fill in, rather than an empty page."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from batchdep.manifest.datasets import DEFAULT_METADATA_FILE
from batchdep.manifest.patterns import escaped, natural_key
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
  access_right: open   # open | embargoed (with embargo_date) | restricted (with access_conditions) | closed
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


def starter_manifest(target_file: Path, from_dir: Path | None = None) -> str:
    """The text of a YAML manifest that is to be written to ``target_file``.

    With ``from_dir`` each of its subfolders that has files becomes a dataset (``from_dir`` itself where it has none):
    its id is the folder's name, its title guessed from it, its metadata the ``.zenodo.json`` in it where there is one.
    Hidden folders, and names that are not UTF-8, are left out.

    :raises OSError: ``from_dir`` cannot be listed.
    """
    today = datetime.now(UTC).date().isoformat()
    header = _HEADER.format(
        file=printable(target_file.name),
        batch=_quoted(printable(target_file.stem)[:200] or "batch"),
        today=today,
        name=placeholders.NAME,
        affiliation=placeholders.AFFILIATION,
    )
    if from_dir is None:
        return header + _EXAMPLE
    return header + "".join(_dataset(folder, target_file.parent) for folder in _folders(from_dir))


def _folders(from_dir: Path) -> list[Path]:
    folders = [path for path in from_dir.iterdir() if path.is_dir() and not path.is_symlink() and _usable(path)]
    filled = [path for path in folders if _has_files(path)]
    return sorted(filled, key=lambda path: natural_key(path.name)) or [from_dir]


def _usable(folder: Path) -> bool:
    return folder.name.isprintable() and not folder.name.startswith(".") and folder.name == folder.name.strip()


def _has_files(folder: Path) -> bool:
    return any(True for _ in _files_below(folder))


def _files_below(folder: Path) -> Iterator[str]:
    for _, folders, files in os.walk(folder):
        folders[:] = [name for name in folders if not name.startswith(".")]
        yield from (name for name in files if not name.startswith("."))


def _dataset(folder: Path, base: Path) -> str:
    resolved = folder.resolve()
    relative = Path(os.path.relpath(resolved, base.resolve())).as_posix()
    prefix = "" if relative == "." else f"{relative}/"
    lines = [f"  - id: {_quoted(resolved.name or 'dataset')}"]
    if (folder / DEFAULT_METADATA_FILE).is_file():
        lines.append(f"    metadata: {_quoted(prefix + DEFAULT_METADATA_FILE)}")
    else:
        lines += [
            "    metadata:",
            f"      title: {_quoted(_title(resolved.name))}",
            f"      description: {_quoted(placeholders.DESCRIPTION)}",
        ]
    lines.append(f"    files: [{_quoted(escaped(prefix) + '**')}]")
    return "\n".join(lines) + "\n"


def _title(name: str) -> str:
    words = " ".join(name.replace("_", " ").replace("-", " ").split())
    return words[:1].upper() + words[1:]


def _quoted(text: str) -> str:
    """A YAML text: JSON's are YAML's too."""
    return json.dumps(text, ensure_ascii=False)
