"""Rules of what a deposition is and who may use it: types, access right, licence, language."""

from __future__ import annotations

from typing import Any

from batchdep.metadata.finding import Kind, near_ids
from batchdep.metadata.languages import is_language, suggest_language
from batchdep.metadata.licences import licence_standing, suggest_licences
from batchdep.metadata.rules_base import Rule, Spot, is_empty, is_text, kind_of, one_of, quote
from batchdep.metadata.sending import sent_language, sent_licence
from batchdep.metadata.vocabulary import ACCESS_RIGHTS, SUBTYPES, UPLOAD_TYPES

_DEMANDED = ("publication", "image")
"""Upload types whose finer type the API's documentation demands; the server publishes without it."""


def upload_type(value: Any, spot: Spot) -> None:
    kind = one_of(value, spot, UPLOAD_TYPES)
    if kind in _DEMANDED and is_empty(spot.metadata.get(f"{kind}_type")):
        known = ", ".join(SUBTYPES[kind])
        spot.error("missing", f"upload_type '{kind}' needs {kind}_type", f"Set {kind}_type to one of: {known}.")


def subtype_of(kind: str) -> Rule:
    """The rule of ``publication_type``, ``image_type`` or ``software_type``."""

    def subtype(value: Any, spot: Spot) -> None:
        given = spot.metadata.get("upload_type")
        if given != kind:
            message = f"the repository drops {spot.name}, because upload_type is {quote(given)}"
            spot.warning("dropped", message, f"Set upload_type: {kind}, or remove {spot.name}.")
        elif value is not None:
            one_of(value, spot, SUBTYPES[kind])

    return subtype


def access_right(value: Any, spot: Spot) -> None:
    right = one_of(value, spot, ACCESS_RIGHTS)
    if right == "closed":
        message = "the repository stores closed access as 'restricted': people can ask for access"
        spot.warning("altered", message, "Set access_right: restricted.")
    if right == "embargoed" and is_empty(spot.metadata.get("embargo_date")):
        spot.error("missing", "access_right 'embargoed' needs embargo_date", "Set embargo_date to a day in the future.")


def access_conditions(value: Any, spot: Spot) -> None:
    if is_text(value, spot):
        message = "the repository drops access_conditions, whatever access_right is"
        spot.warning("dropped", message, "Write the conditions into the description or the notes.")


def licence(value: Any, spot: Spot) -> None:
    """An id as text, or ``{"id": ...}``."""
    if isinstance(value, dict):
        spot, value = spot.at("id"), value.get("id")
    if isinstance(value, list):
        message = f"license must be one licence, not {kind_of(value)}"
        spot.error("wrong_kind", message, "Choose the main one, and name the others in the description.")
        return
    if not is_text(value, spot):
        return
    meant = sent_licence(value)
    spot.sent_as(value, meant if meant != value else value.strip())
    standing = licence_standing(meant)
    if standing == "unknown":
        near = ", ".join(near_ids(Kind.LICENCE, value))
        hint = f"Did you mean one of: {near}? Otherwise other-open or other-closed, and its text as a file."
        spot.error("bad_licence", f"license {quote(value)} is not known", hint)
    elif standing == "uncertain":
        message = f"license {quote(meant)} is in the SPDX list, but the repository may not know it and refuse it"
        near = ", ".join(each for each in suggest_licences(meant) if each.lower() != meant.strip().lower())
        spot.warning("licence_uncertain", message, f"If it is refused: {near or 'other-open'}, or other-open.")


def language(value: Any, spot: Spot) -> None:
    """ISO 639-3, or two letters of ISO 639-1; a name that stands for one of them."""
    if not is_text(value, spot):
        return
    meant = sent_language(value).strip()
    if is_language(meant):
        spot.sent_as(value, meant)
        return
    near = suggest_language(value)
    hint = f"Write {near}" if near else "Write its ISO 639-3 code, such as eng; batchdep lookup language finds it."
    spot.error("bad_language", f"language {quote(value)} is no ISO 639 code and no language's name", hint)
