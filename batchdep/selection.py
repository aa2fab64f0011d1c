"""Which datasets are meant by ``--only``."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from batchdep.errors import UsageError

_SHOWN: Final = 10


def selected_ids(only: Sequence[str], known: Iterable[str], default: Iterable[str] | None = None) -> list[str]:
    """The ids asked for, in their order; all (or the ``default``) where none is. UsageError for one not known."""
    ids = dict.fromkeys(known)
    if not only:
        return list(ids if default is None else default)
    for wanted in only:
        if wanted not in ids:
            raise _unknown(wanted, list(ids))
    return list(dict.fromkeys(only))


def _unknown(wanted: str, ids: Sequence[str]) -> UsageError:
    from batchdep.metadata.suggestions import did_you_mean

    some = ", ".join(ids[:_SHOWN]) + (" ..." if len(ids) > _SHOWN else "")
    hint = did_you_mean(wanted, ids) or f"Its datasets are: {some}."
    return UsageError(f"The manifest has no dataset '{wanted}'.", hint, code="unknown_dataset")
