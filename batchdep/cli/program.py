"""How this program is called, so that a command that is shown can be copied and run."""

from __future__ import annotations

import shlex
import shutil
import sys
from pathlib import Path


def command(*arguments: str) -> str:
    """A command line with those arguments, called as this process was."""
    return shlex.join([*_program(), *arguments])


def _program() -> list[str]:
    program = Path(sys.argv[0])
    if program.name == "__main__.py":
        return ["python", "-m", "batchdep"]
    if (found := shutil.which(program.name)) is not None and Path(found).resolve() == program.resolve():
        return [program.name]
    return [str(program)]
