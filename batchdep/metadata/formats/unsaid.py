"""Values that stand for a missing one."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from batchdep.metadata.formats.base import text_of
from batchdep.regexes import regex

_UNSAID = regex(r"\(?:(?:unac|unal|unap|unas|unav|unkn|none|null|tba|etal)\)?", re.IGNORECASE)
"""DataCite's codes for values that are unknown, withheld or still to come (schema 4.6, appendix 3)."""


def said(value: Any) -> str:
    """A value as text; empty for what is none, and for a code that says that there is none."""
    text = text_of(value)
    return "" if _UNSAID.fullmatch(text) else text


def first_said(content: Mapping[str, Any], *keys: str) -> str:
    """The first text under one of the keys; empty where there is none."""
    return next((text for key in keys if (text := said(content.get(key)))), "")
