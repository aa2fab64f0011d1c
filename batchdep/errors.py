"""The errors that end a command or a dataset.

::

    BatchdepError            a message for the user, a hint, and the command's exit code
    |-- UsageError           2: the manifest or the command line is wrong: nothing was sent
    |   `-- ManifestInvalid  2: ... with every problem found
    |-- AccessError          3: no valid token, wrong scope, target unreachable at the start: nothing was changed
    |-- BatchLocked          4: another process works on the batch
    `-- StateError           1 or 2: the database cannot be opened, written or understood

    DatasetFailure           what stopped one dataset; kept in the state and shown as its ``error``
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import IntEnum
from typing import Any

from msgspec import Struct
from msgspec.structs import asdict

from batchdep.problems import Problem


class ExitCode(IntEnum):
    """Exit codes of every command."""

    DONE = 0
    UNFINISHED = 1
    USAGE = 2
    ACCESS = 3
    LOCKED = 4
    INTERRUPTED = 130


class BatchdepError(Exception):
    """A failure that the user is told of in words: what happened, and what to do next."""

    exit_code: ExitCode = ExitCode.UNFINISHED

    def __init__(self, message: str, hint: str = "", *, code: str = "error") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.code = code


class UsageError(BatchdepError):
    """The manifest or the command line is wrong; nothing was sent."""

    exit_code = ExitCode.USAGE


class ManifestInvalid(UsageError):
    """The manifest has errors; ``problems`` has them all, warnings too."""

    def __init__(self, message: str, problems: Sequence[Problem], hint: str = "") -> None:
        super().__init__(message, hint, code="manifest_invalid")
        self.problems = list(problems)


class AccessError(BatchdepError):
    """No valid token, wrong scope, or target unreachable at the start; nothing was changed."""

    exit_code = ExitCode.ACCESS


class BatchLocked(BatchdepError):
    """Another process works on the batch."""

    exit_code = ExitCode.LOCKED


class StateError(BatchdepError):
    """The database cannot be opened, written or understood."""


class Failure(Struct, frozen=True):
    """What stopped a dataset: ``code`` is a stable word, ``retryable`` says whether a plain rerun may succeed."""

    code: str
    message: str
    hint: str = ""
    retryable: bool = False

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


class DatasetFailure(Exception):
    """Ends the work on one dataset; the others go on."""

    def __init__(self, code: str, message: str, hint: str = "", *, retryable: bool = False) -> None:
        super().__init__(message)
        self.failure = Failure(code, message, hint, retryable)
