"""Figures that a test run is to show at its end, such as how much a sweep covered."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

Figures: TypeAlias = Callable[[str], None]
"""Takes one line; see the fixture ``figures``."""

PROPERTY = "figure"
