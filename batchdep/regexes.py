"""Regular expressions that are compiled when they are first used.

A run imports some eighty, and uses few of them: to compile all of them takes a fortieth of its start.
"""

from __future__ import annotations

import re
from typing import Any, AnyStr, cast


def regex(text: AnyStr, flags: int = 0) -> re.Pattern[AnyStr]:
    """What :func:`re.compile` gives, for the constants of modules. Raises re.error when it is first used."""
    return cast("re.Pattern[AnyStr]", _Uncompiled(text, flags))


class _Uncompiled:
    """Gets each method of the compiled expression as its own when that is first asked for."""

    def __init__(self, text: Any, flags: int) -> None:
        self._given = text, flags

    def __getattr__(self, name: str) -> Any:
        value = getattr(re.compile(*self._given), name)  # which keeps what it compiled
        setattr(self, name, value)
        return value
