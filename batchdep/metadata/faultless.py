"""Values with which nothing is wrong, remembered: the datasets of a batch have the same creators again and again.

Only that there is nothing to say is remembered. A value with a problem is judged each time, for the problem has a place
of its own each time.
"""

from __future__ import annotations

import marshal
from typing import Any, Final

_MOST: Final = 1_000
_LONGEST: Final = 2_000
"""Bytes of a value that is remembered; longer ones hardly come again."""

Key = tuple[str, bytes]


class Faultless:
    """Remembers pairs of a metadata key and its value, a thousand of them at most."""

    def __init__(self) -> None:
        self._keys: set[Key] = set()

    def __contains__(self, key: Key | None) -> bool:
        return key in self._keys

    def add(self, key: Key | None) -> None:
        """Remembers the value that ``key`` stands for."""
        if key is None:
            return
        if len(self._keys) >= _MOST:
            self._keys.clear()
        self._keys.add(key)


def key_of(field: str, value: Any) -> Key | None:
    """What stands for a value of a field, the same for no other: ``True`` and ``1`` are two. None of what is not to be
    remembered."""
    try:
        packed = marshal.dumps(value)
    except ValueError:  # what no format of manifests holds, or too deep
        return None
    return (field, packed) if len(packed) <= _LONGEST else None
