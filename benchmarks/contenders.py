"""Who deposits a batch: the command that each of them is, given the batch, the repository and a home of its own."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tests.support.batches import Batch

HERE = Path(__file__).parent
CURLS = 8
"""curl workers side by side."""


@dataclass(frozen=True)
class Contender:
    """``name`` as the table shows it; ``command`` makes it of a batch, a repository's address and a home."""

    name: str
    command: Callable[[Batch, str, Path], list[str]]
    needs: str = ""
    """A program without which it cannot take part."""

    @property
    def missing(self) -> bool:
        """Whether the program that it needs is not here."""
        return bool(self.needs) and shutil.which(self.needs) is None


def environment(home: Path) -> dict[str, str]:
    """What a command sees: no keyring, no state but its own, and, as a user has it, only the first run compiles."""
    unwanted = {"PYTHONDONTWRITEBYTECODE", "XDG_CACHE_HOME", "XDG_DATA_HOME"}
    kept = {name: value for name, value in os.environ.items() if name not in unwanted and "BATCHDEP" not in name}
    return {**kept, "HOME": str(home), "PYTHON_KEYRING_BACKEND": "keyring.backends.fail.Keyring"}


def program(*arguments: str) -> list[str]:
    """batchdep's command line."""
    return [sys.executable, "-m", "batchdep", *arguments]


def folders(batch: Batch) -> list[str]:
    """The batch's datasets."""
    return [str(batch.manifest.parent / key) for key in batch.md5s]


def _batchdep(batch: Batch, url: str, home: Path) -> list[str]:
    state = str(home / "state.db")
    return program("submit", str(batch.manifest), "--to", url, "--yes", "-q", "--database", state)


def _curls(batch: Batch, url: str, home: Path, *hashing: str) -> list[str]:
    named = home / "folders"
    named.write_text("\0".join(folders(batch)))
    worker = [str(HERE / "curl_worker.sh"), url, *hashing]
    return ["xargs", "-0", "-a", str(named), "-P", str(CURLS), "-n", "1", "sh", *worker]


def _hashing_curls(batch: Batch, url: str, home: Path) -> list[str]:
    return _curls(batch, url, home, "--hash")


def _one_curl(batch: Batch, url: str, home: Path) -> list[str]:
    script = 'url=$1; shift; for folder; do md5sum "$folder"/*; sh "$0" "$url" "$folder"; done'
    return ["sh", "-c", script, str(HERE / "curl_worker.sh"), url, *folders(batch)]


def _recipe(batch: Batch, url: str, home: Path) -> list[str]:
    return [sys.executable, str(HERE / "one_after_the_other.py"), url, *folders(batch)]


def _zenodo_client(batch: Batch, url: str, home: Path) -> list[str]:
    return [sys.executable, str(HERE / "with_zenodo_client.py"), url, *folders(batch)]


BATCHDEP = Contender("batchdep", _batchdep)
EIGHT_CURLS = Contender(f"{CURLS} curl workers", _curls, needs="curl")
EIGHT_HASHING_CURLS = Contender(f"{CURLS} curl workers with md5sum", _hashing_curls, needs="curl")
CURL_AND_MD5SUM = Contender("curl -T and md5sum", _one_curl, needs="curl")
RECIPE = Contender("the recipe's requests", _recipe)
ZENODO_CLIENT = Contender("zenodo-client", _zenodo_client)
