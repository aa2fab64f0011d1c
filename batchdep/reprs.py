"""Records that do not show all that they hold."""

from __future__ import annotations

from msgspec import Struct


def repr_without(record: Struct, *names: str) -> str:
    """The ``repr`` of a record but for those fields: what nobody may see, and what would take too much room."""
    shown = (f"{name}={getattr(record, name)!r}" for name in record.__struct_fields__ if name not in names)
    return f"{type(record).__name__}({', '.join(shown)})"
