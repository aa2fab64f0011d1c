"""The command as a user types it: in a process of its own, in an environment that is nobody's."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, Any

from tests.support.forking import Forked, forked, starts_alike

ROOT = Path(__file__).resolve().parents[2]

DEFAULTS = """
version: 1
target: local
defaults:
  upload_type: dataset
  license: cc-by-4.0
  publication_date: "2024-05-01"
  creators: [{name: "Curie, Marie"}]
"""


@dataclass(frozen=True)
class Result:
    """What became of a command: its exit code and both streams."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """The one document on stdout."""
        return json.loads(self.out)


@dataclass
class CommandLine:
    """Runs ``batchdep`` in ``folder``, with a home of its own below it and only the environment that is given."""

    folder: Path
    env: dict[str, str] = field(default_factory=dict)

    @property
    def home(self) -> Path:
        """The user's home: settings, state and keyring are below it."""
        return self.folder / "home"

    def environment(self, extra: Mapping[str, str] | None = None) -> dict[str, str]:
        """What the process sees; the system keyring is out of its reach."""
        kept = {name: value for name, value in os.environ.items() if name in {"PATH", "LANG", "LC_ALL", "TMPDIR"}}
        own = {
            "HOME": str(self.home),
            "PYTHONPATH": str(ROOT),
            "PYTHON_KEYRING_BACKEND": "keyring.backends.fail.Keyring",
        }
        return {**kept, **own, **self.env, **(extra or {})}

    def start(self, *arguments: str, env: Mapping[str, str] | None = None, **options: Any) -> subprocess.Popen[str]:
        """Starts the command, in a Python of its own, and does not wait for it."""
        return subprocess.Popen(
            [sys.executable, "-m", "batchdep", *arguments],
            cwd=self.folder,
            env=self.environment(env),
            text=True,
            encoding="utf-8",
            **{"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **options},
        )

    def __call__(self, *arguments: str, env: Mapping[str, str] | None = None, stdin: str | None = None) -> Result:
        """Runs the command to its end. No traceback may ever show."""
        with TemporaryFile() as given, TemporaryFile() as out, TemporaryFile() as err:
            given.write((stdin or "").encode())
            given.seek(0)
            streams = {"stdin": given, "stdout": out, "stderr": err}
            code = self._begin(*arguments, env=env, **streams).wait(timeout=90)
            result = Result(code, _content(out), _content(err))
        assert "Traceback" not in result.err + result.out, result.err
        return result

    def _begin(
        self, *arguments: str, env: Mapping[str, str] | None, **streams: IO[bytes]
    ) -> Forked | subprocess.Popen[str]:
        environment = self.environment(env)
        if not starts_alike(environment):
            return self.start(*arguments, env=env, **streams)
        return forked("batchdep", *arguments, cwd=self.folder, env=environment, streams=list(streams.values()))

    def write(self, name: str, text: str) -> Path:
        """A file in the folder."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return path

    def manifest(self, *ids: str, name: str = "batch.yaml", head: str = DEFAULTS, files: str = "data/a b.csv") -> str:
        """A manifest with datasets of those ids, each of one file; returns its name."""
        self.settled("data/a b.csv", "x,y\n1,2\n")
        entries = "".join(
            f"  - id: {each}\n    metadata: {{title: The dataset {each}, description: What it is about}}\n"
            f"    files: [{files}]\n"
            for each in ids
        )
        self.write(name, f"{head}datasets:\n{entries}")
        return name

    def settled(self, name: str, text: str) -> Path:
        """A file that nobody is writing to any more."""
        path = self.write(name, text)
        os.utime(path, (1_700_000_000, 1_700_000_000))
        return path


def _content(file: IO[bytes]) -> str:
    file.seek(0)
    return file.read().decode()
