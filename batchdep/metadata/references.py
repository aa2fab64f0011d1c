"""References to the DOIs of datasets of the same batch, which are known only once their drafts are made.

Two forms: ``{doi: ID}`` as the ``identifier`` of a related identifier, where it may also be a mapping of that one
key, and ``{doi:ID}`` anywhere inside a text. Metadata with references are plain JSON, as they were written; what is
sent has DOIs in their place.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator
from typing import TYPE_CHECKING, Any, Final

from msgspec import Struct

from batchdep.regexes import regex

if TYPE_CHECKING:  # loading manifests is no business of this module
    from batchdep.manifest.model import Metadata
    from batchdep.problems import ValuePath

TO_COME: Final = "(DOI to come)"
"""Stands in a text where a DOI is not known yet."""

PLACEHOLDER: Final = "10.5281/zenodo.1234567"
"""A DOI for those who look at metadata before there are any."""

_REFERENCE: Final = r"\{(\{)? *doi *:([^{}\r\n]*)\}(?(1)\})"
TOKEN: Final = regex(_REFERENCE, re.IGNORECASE)
"""A reference inside a text, braces single or double; group 2 is the id with blanks around it."""

_KEY: Final = "doi"
_RELATED: Final = "related_identifiers"
_ANY_DOI: Final = regex(rf"{_REFERENCE}|{re.escape(TO_COME)}|10\.\d{{4,9}}/[^\s\"'<>]*[^\s\"'<>.,;:)]", re.IGNORECASE)
DoiOf = Callable[[str], "str | None"]
"""The DOI of the dataset of that id, None where it has none yet."""


class Occurrence(Struct, frozen=True):
    """A reference at ``path``; ``id`` is None where it is none that can be understood. ``related``: it is, or stands
    in, the identifier of a related identifier."""

    path: ValuePath
    id: str | None
    related: bool


def references_in(metadata: Metadata) -> frozenset[str]:
    """The ids that ``metadata`` refer to."""
    return frozenset(found.id for found in occurrences(metadata) if found.id is not None)


def occurrences(metadata: Metadata) -> Iterator[Occurrence]:
    """Every reference in ``metadata``, in the order in which they are written, malformed ones too."""
    if may_refer(metadata):
        yield from _within(metadata, ())


def may_refer(value: Any) -> bool:
    """Whether there could be a reference in metadata, or a part of them: most have none, and are told apart quickly."""
    if isinstance(value, str):
        return "{" in value
    if isinstance(value, dict):
        if isinstance(value.get("identifier"), dict):
            return True
        value = value.values()
    elif not isinstance(value, list):
        return False
    for inner in value:  # noqa: SIM110 - any() of a generator takes twice the time
        # most are texts: looking before calling spares most calls
        if ("{" in inner) if isinstance(inner, str) else may_refer(inner):
            return True
    return False


def resolved(metadata: Metadata, doi_of: DoiOf) -> Metadata:
    """The metadata with the DOI in the place of each reference; what has none yet is left out as by :func:`without`.

    A related identifier becomes the bare DOI, and so does a token in a text. ``metadata`` stay as they are.
    """
    if not may_refer(metadata):
        return metadata
    related = metadata.get(_RELATED)
    plain = {key: _replaced(value, doi_of) for key, value in metadata.items()}
    if not isinstance(related, list):
        return plain
    kept = [_replaced_in(item, doi_of) for item in related if all(doi_of(key) for key in _needed_by(item))]
    return _with_related(plain, kept)


def without(metadata: Metadata, ids: Collection[str]) -> Metadata:
    """The metadata without the references to ``ids``, and with all others as they were written.

    A related identifier that needs one of them is left out; in a text a note stands for the DOI.
    """
    if not may_refer(metadata):
        return metadata
    related = metadata.get(_RELATED)
    kept = {key: _noted(value, ids) for key, value in metadata.items()}
    if not isinstance(related, list):
        return kept
    left = [_noted(item, ids) for item in related if not any(key in ids for key in _needed_by(item))]
    return _with_related(kept, left)


def _with_related(metadata: Metadata, items: list[Any]) -> Metadata:
    """The metadata with these related identifiers in their place, without the field where there are none."""
    given = {**metadata, _RELATED: items}
    return given if items else {key: value for key, value in given.items() if key != _RELATED}


def blurred(metadata: Metadata) -> Metadata:
    """The metadata without references, and without DOIs in their texts: what is the same whatever DOIs there will be.

    For telling whether stored metadata came from these while DOIs are not known. The originals stay as they are.
    """
    return {key: _each_text(value, lambda text: _ANY_DOI.sub("", text)) for key, value in metadata.items()}


def mapping_reference(content: Any) -> str | None:
    """The text of the id of ``{doi: other}``, and of ``{doi:other}``, which YAML reads as a key without a value.

    None where ``content`` is no such mapping.
    """
    if not isinstance(content, dict) or len(content) != 1:
        return None
    ((key, value),) = content.items()
    if key == _KEY and isinstance(value, str):
        return value
    if isinstance(key, str) and key.startswith(f"{_KEY}:") and value is None:
        return key.removeprefix(f"{_KEY}:")
    return None


def replace_tokens(text: str, replacement: Callable[[str], str | None]) -> str:
    """``text`` with what ``replacement`` gives for the id of each token; a token stays where it gives None."""

    def one(match: re.Match[str]) -> str:
        given = replacement(match[2].strip())
        return match[0] if given is None else given

    return TOKEN.sub(one, text)


# -- reading -----------------------------------------------------------------------------------------------------


def _within(value: Any, path: ValuePath) -> Iterator[Occurrence]:
    is_related = len(path) == 3 and path[0] == _RELATED and path[2] == "identifier"
    match value:
        case str():
            for match in TOKEN.finditer(value):
                yield Occurrence(path, match[2].strip() or None, is_related)
        case dict() if is_related and _looks_like_reference(value):
            told = mapping_reference(value)
            yield Occurrence(path, (told or "").strip() or None, related=True)
        case dict():
            for key, item in value.items():
                yield from _within(item, (*path, key))
        case list():
            for index, item in enumerate(value):
                yield from _within(item, (*path, index))


def _looks_like_reference(value: dict[str, Any]) -> bool:
    return any(isinstance(key, str) and key.partition(":")[0] == _KEY for key in value)


def _needed_by(item: Any) -> Iterator[str]:
    """The ids without whose DOIs a related identifier says nothing."""
    identifier = item.get("identifier") if isinstance(item, dict) else None
    if isinstance(identifier, str):
        yield from (match[2].strip() for match in TOKEN.finditer(identifier))
    elif (told := mapping_reference(identifier)) is not None:
        yield told.strip()


# -- replacing ---------------------------------------------------------------------------------------------------


def _replaced(value: Any, doi_of: DoiOf) -> Any:
    return _each_text(value, lambda text: replace_tokens(text, lambda key: doi_of(key) or TO_COME))


def _replaced_in(item: Any, doi_of: DoiOf) -> Any:
    told = mapping_reference(item.get("identifier")) if isinstance(item, dict) else None
    if told is None:
        return _replaced(item, doi_of)
    return {**_replaced(item, doi_of), "identifier": doi_of(told.strip())}


def _noted(value: Any, ids: Collection[str]) -> Any:
    return _each_text(value, lambda text: replace_tokens(text, lambda key: TO_COME if key in ids else None))


def _each_text(value: Any, change: Callable[[str], str]) -> Any:
    """``value`` with each text in it changed; what holds no text is not copied."""
    match value:
        case str():
            return change(value)
        case list():
            return [_each_text(item, change) for item in value]
        case dict():
            return {key: _each_text(item, change) for key, item in value.items()}
        case _:
            return value
