"""The other side: Zenodo's deposit API behind one Protocol.

- :func:`connect` gives a :class:`Repository` that makes one attempt a call and answers one of five;
- :class:`PatientRepository` wraps one and repeats what may be repeated;
- :func:`validate_target` says whether an address may be shown a token.

What needs the HTTP library is loaded at first use.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from batchdep.repository.model import (
    Answer,
    Body,
    Deposition,
    DepositionState,
    Done,
    Exchange,
    FieldError,
    Reason,
    Rejected,
    RemoteFile,
    Repository,
    Throttled,
    Unavailable,
    Unknown,
)
from batchdep.repository.target import is_loopback, validate_target

if TYPE_CHECKING:
    from batchdep.repository.http import Timeouts
    from batchdep.repository.patient import Patience, PatientRepository, Waiting
    from batchdep.repository.zenodo import ZenodoRepository, connect

__all__ = [
    "Answer",
    "Body",
    "Deposition",
    "DepositionState",
    "Done",
    "Exchange",
    "FieldError",
    "Patience",
    "PatientRepository",
    "Reason",
    "Rejected",
    "RemoteFile",
    "Repository",
    "Throttled",
    "Timeouts",
    "Unavailable",
    "Unknown",
    "Waiting",
    "ZenodoRepository",
    "connect",
    "is_loopback",
    "validate_target",
]

_LOADED_LATE = {
    "Patience": "patient",
    "PatientRepository": "patient",
    "Timeouts": "http",
    "Waiting": "patient",
    "ZenodoRepository": "zenodo",
    "connect": "zenodo",
}


def __getattr__(name: str) -> Any:
    if name not in _LOADED_LATE:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f"{__name__}.{_LOADED_LATE[name]}"), name)
