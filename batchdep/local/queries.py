"""The list's search language, as far as deposits need it: words, phrases, ``field:value``, NOT and OR.

Broken syntax is never an error (observed: List); what cannot be read is taken as words.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

from batchdep.local.model import Deposition

_TERM = re.compile(r'(?P<not>NOT\s+|-)?(?:(?P<field>[A-Za-z_.]+):)?(?:"(?P<phrase>[^"]*)"|(?P<word>[^\s"]+))')
_WORD = re.compile(r"\w+")

Test = Callable[[Deposition], bool]


def matcher(query: str) -> Test:
    """A test for the depositions that a query finds; all words must be there, around OR either side's."""
    sides = [_terms(side) for side in re.split(r"\s+OR\s+", query)]
    return lambda deposition: any(all(test(deposition) for test in tests) for tests in sides)


def _terms(query: str) -> list[Test]:
    return [_term(match) for match in _TERM.finditer(query) if match.group() != "AND"]


def _term(match: re.Match[str]) -> Test:
    value = match["phrase"] if match["phrase"] is not None else match["word"].strip("()+")
    test = _field_test(match["field"], value) if match["field"] else _text_test(value, _texts)
    if match["not"]:
        return lambda deposition: not test(deposition)
    return test


def _field_test(field: str, value: str) -> Test:
    name = field.removeprefix("metadata.")
    match name:
        case "id" | "recid":
            return lambda deposition: str(deposition.id) == value
        case "conceptrecid":
            return lambda deposition: str(deposition.conceptrecid) == value
        case "doi":
            return lambda deposition: _doi(deposition).lower() == value.lower()
        case "state":
            return lambda deposition: deposition.state == value
        case "title" | "description" | "version" | "publication_date":
            return _text_test(value, lambda deposition: [str(deposition.metadata.get(name, ""))])
        case "creators.name" | "keywords":
            return _text_test(value, _texts)
        case _:
            return lambda _deposition: False


def _text_test(value: str, texts: Callable[[Deposition], Iterable[str]]) -> Test:
    if value.strip("*") == "":
        return lambda _deposition: True
    wanted = _WORD.findall(value.lower())
    prefix = value.endswith("*")

    def test(deposition: Deposition) -> bool:
        return any(_has_phrase(_WORD.findall(text.lower()), wanted, prefix) for text in texts(deposition))

    return test


def _has_phrase(words: list[str], wanted: list[str], prefix: bool) -> bool:
    length = len(wanted)
    for start in range(len(words) - length + 1 if wanted else 0):
        part = words[start : start + length]
        if part[:-1] == wanted[:-1] and (part[-1].startswith(wanted[-1]) if prefix else part[-1] == wanted[-1]):
            return True
    return False


def _texts(deposition: Deposition) -> Iterable[str]:
    metadata = deposition.metadata
    yield str(metadata.get("title", ""))
    yield str(metadata.get("description", ""))
    yield _doi(deposition)
    yield from (str(person.get("name", "")) for person in metadata.get("creators", ()))
    yield from (str(word) for word in metadata.get("keywords", ()))


def _doi(deposition: Deposition) -> str:
    if deposition.publication is not None:
        return deposition.publication.doi
    return str(deposition.metadata.get("doi", ""))
