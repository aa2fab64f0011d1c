"""Finding an entry of the deposit API's vocabularies by what somebody calls it.

Whatever is found is written into a manifest by its ``id``. All lists are local: no repository is asked.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from enum import StrEnum
from functools import cache
from typing import Final, NamedTuple

from batchdep.metadata.vocabulary import CONTRIBUTOR_TYPES, RELATIONS, SUBTYPES, UPLOAD_TYPES
from batchdep.regexes import regex


class Kind(StrEnum):
    """A vocabulary, by the word for one of its entries."""

    LICENCE = "licence"
    LANGUAGE = "language"
    FUNDER = "funder"
    RELATION = "relation"
    ROLE = "role"
    TYPE = "type"


class Subject(StrEnum):
    """What can be looked up: the program's lists, a number that is checked, and what the repository is asked for."""

    LICENCE = Kind.LICENCE
    LANGUAGE = Kind.LANGUAGE
    FUNDER = Kind.FUNDER
    RELATION = Kind.RELATION
    ROLE = Kind.ROLE
    TYPE = Kind.TYPE
    ORCID = "orcid"
    GRANT = "grant"
    COMMUNITY = "community"

    @property
    def is_remote(self) -> bool:
        """Whether the repository is asked."""
        return self in (Subject.GRANT, Subject.COMMUNITY)


class Entry(NamedTuple):
    """``id`` is what a manifest has, ``name`` what people call it, ``also`` other names; ``note`` what one should know
    before one takes it."""

    id: str
    name: str
    also: tuple[str, ...] = ()
    note: str = ""


def find(kind: Kind, query: str) -> list[Entry]:
    """The entries that ``query`` names, best first: it is the entry's id or name, the beginning of one, or its words
    begin, or are inside of, words of them. An empty query names all."""
    wanted = _folded(query)
    meant = _MEANT.get(kind, _nothing)(query)
    ranked = [
        (score, place, entry)
        for place, entry in enumerate(entries(kind))
        if (score := _score(entry, wanted, meant)) is not None
    ]
    return [entry for _, _, entry in sorted(ranked, key=lambda each: each[:2])]


def near(kind: Kind, query: str, count: int = 3) -> list[Entry]:
    """The ``count`` entries that somebody probably meant with a query that names none, the likeliest first."""
    known = {entry.id.lower(): entry for entry in entries(kind)}
    return [known[each.lower()] for each in near_ids(kind, query, count) if each.lower() in known]


def near_ids(kind: Kind, query: str, count: int = 3) -> list[str]:
    """Their ids."""
    named = [entry.id for entry in find(kind, query)] if _folded(query) else []
    alike = [entry.id for entry in entries(kind) if _words(query) & _words(entry.id)]
    return list(dict.fromkeys([*named, *alike, *_similar(kind, query, count)]))[:count]


@cache
def entries(kind: Kind) -> tuple[Entry, ...]:
    """All entries, in the order in which those that are equally near are told."""
    return tuple(_SOURCES[kind]())


# -- how near an entry is


_WORD: Final = regex(r"[^\W_]+")
_LONGEST: Final = 500  # characters of a query that count
_NO_WORDS: Final = frozenset({"http", "https", "www", "org", "com", "html", "the", "and", "for", "license", "licence"})


def _score(entry: Entry, wanted: str, meant: str | None) -> int | None:
    """Less is nearer; None is not named at all."""
    if not wanted:
        return 0
    texts = _texts(entry)
    if wanted in texts or (meant is not None and meant.lower() == entry.id.lower()):
        return 0
    if any(text.startswith(wanted) for text in texts):
        return 1
    words = [word for text in texts for word in text.split()]
    parts = wanted.split()
    if all(any(word.startswith(part) for word in words) for part in parts):
        return 2
    return 3 if all(any(part in word for word in words) for part in parts) else None


@cache
def _texts(entry: Entry) -> tuple[str, ...]:
    return tuple(_folded(text) for text in (entry.id, entry.name, *entry.also))


def _folded(text: str) -> str:
    """Words in small letters, without accents and marks: ``CC-BY 4.0`` and ``cc by 4.0`` are one."""
    plain = text[:_LONGEST].casefold()
    if not plain.isascii():
        plain = "".join(each for each in unicodedata.normalize("NFKD", plain) if not unicodedata.combining(each))
    return " ".join(_WORD.findall(plain))


@cache
def _words(text: str) -> frozenset[str]:
    return frozenset(word for word in re.split(r"[^a-z]+", text[:_LONGEST].lower()) if len(word) > 2) - _NO_WORDS


def _similar(kind: Kind, query: str, count: int) -> list[str]:
    """By spelling alone."""
    if kind is Kind.LICENCE:
        from batchdep.metadata.licences import suggest_licences

        return suggest_licences(query, count)
    from batchdep.metadata.suggestions import nearest

    names = {text.lower(): entry.id for entry in entries(kind) for text in (entry.id, entry.name, *entry.also)}
    return [names[each] for each in nearest(query, names, count)]


def _nothing(_query: str) -> str | None:
    return None


def _licence_meant(query: str) -> str | None:
    from batchdep.metadata.licence_names import licence_named

    return licence_named(query)


def _language_meant(query: str) -> str | None:
    from batchdep.metadata.languages import language_named, three_letters

    code = language_named(query)
    return three_letters(code.lower()) if code is not None and len(code) == 2 else code


def _funder_meant(query: str) -> str | None:
    from batchdep.metadata.funders import funder_doi

    return funder_doi(query)


_MEANT: Final[dict[Kind, Callable[[str], str | None]]] = {
    Kind.LICENCE: _licence_meant,
    Kind.LANGUAGE: _language_meant,
    Kind.FUNDER: _funder_meant,
}


# -- the lists


def _licences() -> Iterator[Entry]:
    from batchdep.metadata.licences import ALIASES, COMMON, ZENODO_ONLY, licence_standing, spdx_ids, spdx_names

    aliases: dict[str, list[str]] = {}
    for alias, licence in ALIASES.items():
        aliases.setdefault(licence, []).append(alias)
    uncertain = "Zenodo may not know it and refuse it"
    current = {
        key: Entry(
            written,
            spdx_names()[key],
            tuple(aliases.get(key, ())),
            "" if licence_standing(key) == "taken" else uncertain,
        )
        for key, written in spdx_ids().items()
    } | {key: Entry(key, name) for key, name in _ZENODO_NAMES.items()}
    others = {key: Entry(key, key) for key in sorted(ZENODO_ONLY - _ZENODO_NAMES.keys())}
    common = [current[ALIASES.get(each, each)] for each in COMMON]
    rest = sorted((*current.values(), *others.values()), key=lambda each: (bool(each.note), len(each.id), each.id))
    yield from dict.fromkeys((*common, *rest))


_ZENODO_NAMES: Final = {
    "other-open": "Other (Open)",
    "other-closed": "Other (Not Open)",
    "other-nc": "Other (Non-Commercial)",
    "other-pd": "Other (Public Domain)",
    "other-at": "Other (Attribution)",
    "notspecified": "License Not Specified",
}


def _languages() -> Iterator[Entry]:
    """Those that have a two-letter code come first: they are what most people mean."""
    import iso639

    found = sorted(iso639.ALL_LANGUAGES, key=lambda each: (not each.part1, each.name))
    for each in found:
        also = (each.part1, each.part2b, *(name.print for name in each.other_names or ()))
        yield Entry(each.part3, each.name, tuple(name for name in also if name and name != each.part3))


def _funders() -> Iterator[Entry]:
    from batchdep.metadata.funders import funders

    for each in funders():
        yield Entry(each.doi, f"{each.names[0]} ({each.short})", (each.short, *each.names))


def _relations() -> Iterator[Entry]:
    yield from (Entry(word, _spaced(word)) for word in RELATIONS)


def _roles() -> Iterator[Entry]:
    yield from (Entry(word, _spaced(word)) for word in CONTRIBUTOR_TYPES)


def _types() -> Iterator[Entry]:
    """Upload types, and the finer types of those that have any, as a related identifier names them."""
    yield from (Entry(word, _spaced(word)) for word in UPLOAD_TYPES)
    for kind, finer in SUBTYPES.items():
        for word in finer:
            yield Entry(f"{kind}-{word}", f"{kind}: {word}", (word,), f"upload_type: {kind}, {kind}_type: {word}")


def _spaced(word: str) -> str:
    """``isSupplementTo`` -> ``is supplement to``."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", word).lower()


_SOURCES: Final[dict[Kind, Callable[[], Iterable[Entry]]]] = {
    Kind.LICENCE: _licences,
    Kind.LANGUAGE: _languages,
    Kind.FUNDER: _funders,
    Kind.RELATION: _relations,
    Kind.ROLE: _roles,
    Kind.TYPE: _types,
}
