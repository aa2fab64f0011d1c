"""Words of the command line that are what they are to become, but for a step that is plain to see.

Typer has pydantic judge every value, those too that an option has by default: to import it, and to build a judge for
each option, takes a sixth of the start of a run. Most values need none: a text is a text. Whatever is not as plain as
that is Typer's, and so are all words about what is wrong.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from enum import Enum
from pathlib import Path
from typing import Any, Final

from typer.core import TyperCommand, TyperGroup

_JUDGE: Final = "get_runtime_param"
"""What a parameter of Typer gives out the judge of its values with. Where it has another way, all is left to it."""


class PlainCommand(TyperCommand):
    """A command that takes plain values as they are."""

    def get_params(self, ctx: Any) -> list[Any]:
        """Its parameters."""
        return [_taking_plain_values(each) for each in super().get_params(ctx)]


class PlainGroup(TyperGroup):
    """The same for what stands before the command."""

    def get_params(self, ctx: Any) -> list[Any]:
        """Its parameters."""
        return [_taking_plain_values(each) for each in super().get_params(ctx)]


class _PlainJudge:
    """Judges a value if it is plain, and has Typer do it otherwise."""

    def __init__(self, kind: Any, whole: Callable[[], Any]) -> None:
        self._kind = kind
        self._whole = whole

    def coerce(self, value: Any, param: Any, ctx: Any) -> Any:
        """The value in the kind that was declared. Raises what Typer does."""
        if value is None:  # not given
            return () if param.multiple or param.nargs == -1 else None
        plain = _plain(value, self._kind)
        return self._whole().coerce(value, param=param, ctx=ctx) if plain is None else plain


def _taking_plain_values(parameter: Any) -> Any:
    descriptor, judge = getattr(parameter, "type_descriptor", None), getattr(parameter, _JUDGE, None)
    if descriptor is None or judge is None or parameter.__dict__.get(_JUDGE) is not None:
        return parameter
    about = descriptor.parameter_info
    is_free = (about.parser, about.min, about.max) == (None, None, None)
    plain = _PlainJudge(descriptor.annotation if is_free else None, judge)
    setattr(parameter, _JUDGE, lambda: plain)
    return parameter


def _plain(value: Any, kind: Any) -> Any:
    """A value of that kind, None where that is not plain to see."""
    if not isinstance(kind, type):  # a list of something, or to be judged further
        return None
    if kind in (str, int):
        return value if type(value) is kind else None
    if issubclass(kind, Enum):
        return value if isinstance(value, kind) else next((each for each in kind if each.value == value), None)
    if kind is Path and isinstance(value, str):
        # of one that may not be read it is Typer who says so
        return Path(value) if os.access(value, os.R_OK) or not os.path.exists(value) else None  # noqa: PTH110
    return None
