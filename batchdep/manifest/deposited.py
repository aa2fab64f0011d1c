"""``deposited``: what batchdep wrote into a manifest about where a dataset went.

It is for people, and for programs that read the manifest. Nothing is deposited because of it or otherwise because of
it: neither metadata nor files, nor the dataset's identity, depend on it, so writing it changes nothing for a rerun.
"""

from __future__ import annotations

from typing import Any

from msgspec import Struct
from msgspec.structs import asdict

from batchdep.manifest.value import Value

KEY = "deposited"
KEYS = ("deposition_id", "doi", "url", "state")
COLUMNS = tuple(f"{KEY}.{key}" for key in KEYS)
"""The columns of a table that hold it. ``doi`` alone is a key of metadata: a DOI that the record brings along."""

HINT = "batchdep writes it, and reads nothing from it: if in doubt, take it out."


class Deposited(Struct, frozen=True):
    """Where a dataset is: its deposition, the DOI that the record has or will have, and the address of either.

    ``state`` is ``draft``, ``published`` or, of a draft that was deleted, ``discarded``.
    """

    deposition_id: int | None = None
    doi: str | None = None
    url: str | None = None
    state: str | None = None

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


NOTHING = Deposited()


def read_deposited(owner: Value, key: str = KEY) -> Deposited:
    """The entry ``key`` of a mapping; nothing where there is none, or where it is wrong, which is told."""
    value = owner.get(key)
    if value is None or not value.is_mapping(f"`{key}`", HINT):
        return NOTHING
    value.only_keys(KEYS)
    doi, url, state = (_text(value, key) for key in KEYS[1:])
    return Deposited(_number(value), doi, url, state)


def _text(value: Value, key: str) -> str | None:
    entry = value.get(key)
    return None if entry is None or entry.content is None else entry.text(f"`{key}`")


def _number(value: Value) -> int | None:
    text = _text(value, KEYS[0])
    if text is None:
        return None
    if text.isascii() and text.isdigit() and len(text) < 19:
        return int(text)
    value.child(KEYS[0]).problem("wrong_kind", f"`{KEYS[0]}` must be a whole number", HINT)
    return None
