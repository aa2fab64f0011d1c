"""The words that a column, or a part of a cell, may have."""

from __future__ import annotations

from msgspec import Struct

from batchdep.metadata.funders import funders
from batchdep.metadata.languages import major_languages
from batchdep.metadata.licences import COMMON, licence_ids, spdx_names
from batchdep.metadata.vocabulary import (
    ACCESS_RIGHTS,
    CONTRIBUTOR_TYPES,
    DATE_TYPES,
    RELATIONS,
    RESOURCE_TYPES,
    SUBTYPES,
    UPLOAD_TYPES,
)


class WordList(Struct, frozen=True):
    """A closed list; ``meanings`` explains each word, or is empty. ``is_open``: there are more words than these."""

    name: str
    words: tuple[str, ...]
    meanings: tuple[str, ...] = ()
    is_open: bool = False


def word_lists() -> dict[str, WordList]:
    """Every vocabulary by its name: of a column the column's, else what it is of."""
    lists = [
        WordList("upload_type", UPLOAD_TYPES),
        *(WordList(f"{kind}_type", types) for kind, types in SUBTYPES.items()),
        WordList("access_right", ACCESS_RIGHTS),
        _licences(),
        WordList("relation", RELATIONS),
        _funders(),
        _languages(),
        WordList("contributor type", CONTRIBUTOR_TYPES),
        WordList("date type", DATE_TYPES),
        WordList("resource type", tuple(sorted(RESOURCE_TYPES))),
    ]
    return {each.name: each for each in lists}


LISTS_OF_PARTS = {
    "related_identifiers": ("relation", "resource type"),
    "contributors": ("contributor type",),
    "grants": ("funder",),
    "dates": ("date type",),
}
"""Columns whose cells have words of a list as parts."""


def _licences() -> WordList:
    names = spdx_names()
    common = {each.lower() for each in COMMON}
    words = (*COMMON, *(each for each in licence_ids() if each.lower() not in common))
    return WordList("license", words, tuple(names.get(each.lower(), "") for each in words), is_open=True)


def _funders() -> WordList:
    known = funders()
    return WordList("funder", tuple(f"{each.short}::" for each in known), tuple(each.names[0] for each in known))


def _languages() -> WordList:
    known = sorted(major_languages().items(), key=lambda language: language[1])
    return WordList("language", tuple(code for code, _ in known), tuple(name for _, name in known), is_open=True)
