"""Texts that stand where the real ones are to be written: of the starter manifest, and of other tools' templates."""

from __future__ import annotations

import re
from typing import Final

from batchdep.regexes import regex

NAME: Final = "Family, Given"
AFFILIATION: Final = "Your institution"
TITLE: Final = "What the data are, where and when they were taken"
DESCRIPTION: Final = "Who measured what, how, and how the files are to be read."

_STARTER: Final = {text.lower() for text in (NAME, AFFILIATION, TITLE, DESCRIPTION)}
_WELL_KNOWN: Final = {"last, first", "lastname, firstname", "doe, john"}
_TEMPLATE: Final = regex(
    r"\[[^\]]*\]|\b(?:TODO|FIXME|REPLACE_\w+|lorem ipsum|Your (?:title|description|name))\b.*", re.I
)


def is_starter_text(text: str) -> bool:
    """Whether the starter manifest wrote this text, for a person to replace."""
    return text.strip().lower() in _STARTER


def is_placeholder(text: str) -> bool:
    """Whether this looks as if nobody wrote it for a dataset of their own."""
    bare = text.strip()
    return bare.lower() in _WELL_KNOWN or _TEMPLATE.fullmatch(bare) is not None
