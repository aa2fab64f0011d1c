"""A record with some of its fields replaced, of whichever kind it is; ``copy.replace`` of Python 3.13."""

from __future__ import annotations

import dataclasses
from typing import Any, TypeVar

from msgspec import structs

Record = TypeVar("Record")


def replace(record: Record, /, **changes: Any) -> Record:
    """A copy with these changes."""
    of: Any = dataclasses if dataclasses.is_dataclass(record) else structs
    changed: Record = of.replace(record, **changes)
    return changed
