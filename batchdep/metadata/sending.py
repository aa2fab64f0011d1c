"""The form in which metadata are sent: that in which the repository stores them, as far as it is known.

People write ``given:`` and ``family:``, an ORCID's address, a language's or a licence's name, ``EC::654241``, plain
text with paragraphs. The deposit API takes other forms, or makes others of these. What is sent is put into its own
forms beforehand, so what is stored can be told to be what was sent. What nothing is known of stays as it is:
:mod:`batchdep.metadata.rules` has judged it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from batchdep.metadata.canonical import bare_gnd
from batchdep.metadata.formats.convert import person_name
from batchdep.metadata.funders import grant_id
from batchdep.metadata.html import cleaned_metadata
from batchdep.metadata.identifiers import bare_orcid
from batchdep.metadata.languages import is_language, language_named
from batchdep.metadata.licences import licence_standing

NAME_PARTS: Final = ("family", "given")
"""Keys of a person that stand for ``name``."""

NOT_SENT: Final = ("ror",)
"""Keys of a person that the deposit API has no place for."""

_LEFT_OUT: Final = frozenset({*NAME_PARTS, *NOT_SENT})


def sent_form(metadata: dict[str, Any]) -> dict[str, Any]:
    """The metadata as they are sent; the same object where nothing changes. Raises nothing, whatever they are.

    Of what comes out the sent form is the same again. References ``{doi:ID}`` stay as they are.
    """
    changed = {key: new for key, form in _FORMS.items() if key in metadata and (new := form(metadata[key])) is not None}
    return cleaned_metadata({**metadata, **changed} if changed else metadata)


def sent_person(person: dict[str, Any]) -> dict[str, Any]:
    """A creator, contributor or supervisor as it is sent."""
    sent = {key: value for key, value in person.items() if key not in _LEFT_OUT}
    if "name" not in sent and (name := person_name(person.get("family"), person.get("given"))):
        sent = {"name": name, **sent}
    for key, bare in (("orcid", bare_orcid), ("gnd", bare_gnd)):
        if isinstance(number := sent.get(key), str):
            sent[key] = bare(number)
    return sent


def sent_language(language: str) -> str:
    """The language's code, where it is known; the code that the API takes stays as it is written."""
    return language if is_language(language.strip()) else language_named(language) or language


def sent_licence(licence: str) -> str:
    """The licence's id, where it is known; an id that the API takes stays as it is written."""
    if licence_standing(licence) != "unknown":
        return licence
    from batchdep.metadata.licence_names import licence_named  # many patterns, and most people write an id

    return licence_named(licence) or licence


def sent_grant(grant: str) -> str:
    """The grant's id, where it is known."""
    return grant_id(grant) or grant


# Each gives the new value, or None where the old one stays.


def _people(value: Any) -> Any:
    return _each(value, lambda item: sent_person(item) if isinstance(item, dict) else item)


def _grants(value: Any) -> Any:
    return _each(value, lambda item: _with_text(item, "id", sent_grant) or item)


def _licence(value: Any) -> Any:
    return _text(value, sent_licence) if isinstance(value, str) else _with_text(value, "id", sent_licence)


def _language(value: Any) -> Any:
    return _text(value, sent_language)


def _each(value: Any, form: Callable[[Any], Any]) -> Any:
    if not isinstance(value, list):
        return None
    new = [form(item) for item in value]
    return new if new != value else None


def _text(value: Any, form: Callable[[str], str]) -> Any:
    return new if isinstance(value, str) and (new := form(value)) != value else None


def _with_text(value: Any, key: str, form: Callable[[str], str]) -> Any:
    new = _text(value.get(key), form) if isinstance(value, dict) else None
    return {**value, key: new} if new is not None else None


_FORMS: Final[dict[str, Callable[[Any], Any]]] = {
    "creators": _people,
    "contributors": _people,
    "thesis_supervisors": _people,
    "license": _licence,
    "language": _language,
    "grants": _grants,
}
