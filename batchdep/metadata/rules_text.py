"""Rules of texts: length, characters, HTML."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable
from typing import Any

from batchdep.metadata.canonical import HTML_TAG
from batchdep.metadata.html import (
    KEPT_HINT,
    SWALLOWED_HINT,
    has_breaks,
    is_html,
    removed_tags,
    removed_words,
    swallowed,
    swallowed_words,
)
from batchdep.metadata.placeholders import is_placeholder, is_starter_text
from batchdep.metadata.rules_base import MIN_LENGTH, Spot, is_text, kind_of, quote
from batchdep.problems import ValuePath
from batchdep.regexes import regex

TITLE_MAX = 1_000
"""Characters beyond which a title is surely something else; the server takes 200,000."""

TEXT_MAX = 1_000_000
"""Characters beyond which no text is sent."""

DEPTH_MAX = 50

_SURROGATE = regex("[\ud800-\udfff]")
_NUL = "\x00"
_INVISIBLE = regex("[\x01-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u200b\u2060\ufeff]")
_SUSPICIOUS = regex("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u200b\u2060\ufeff\ud800-\udfff]")
_SUSPICIOUS_JSON = regex(r"\\u00|\\[bf]|[\x7f-\x9f\u200b\u2060\ufeff\ud800-\udfff]")
_to_json = json.JSONEncoder(ensure_ascii=False, allow_nan=False).encode


def title(value: Any, spot: Spot) -> None:
    if not _is_long_enough(value, spot):
        return
    if len(value) > TITLE_MAX:
        spot.warning("too_long", f"the title has {len(value):,} characters", "Is it the description?")
    if HTML_TAG.search(value):
        spot.warning("html_in_title", "the title has HTML tags: the repository shows them as text", "Remove the tags.")
    if "\n" in value.strip():
        spot.warning("altered", "the title has a line break", "Write it on one line.")
    placeholder(value, spot)


def html(value: Any, spot: Spot) -> None:
    """Description, notes, method: a small set of tags is kept, other tags and all attributes are taken out before it is
    sent (:mod:`batchdep.metadata.html`)."""
    if isinstance(value, dict):
        hint = "Write the text itself, or in a manifest {markdown: TEXT} or {from: FILE}."
        spot.error("wrong_kind", f"{spot.name} must be text, not {kind_of(value)}", hint)
        return
    if not _is_long_enough(value, spot):
        return
    placeholder(value, spot)
    if has_breaks(value):
        spot.remark("paragraphs", f"{spot.name} is plain text: its paragraphs and line breaks are sent as HTML")
    if not is_html(value):
        return
    if not HTML_TAG.sub("", value).strip():
        spot.error("too_short", f"{spot.name} has HTML tags but no text", "Write the text.")
    if removed := removed_tags(value):
        spot.warning("html_removed", removed_words(spot.name, removed), KEPT_HINT)
    if (piece := swallowed(value)) is not None:
        spot.warning("html_swallowed", swallowed_words(spot.name, quote(piece)), SWALLOWED_HINT)


def placeholder(value: str, spot: Spot) -> None:
    if is_starter_text(value):
        message = f"{spot.name} is still {quote(value)}, as the starter manifest has it: it would be published so"
        spot.error("placeholder", message, "Fill it in, or remove it.")
    elif is_placeholder(value):
        spot.warning("placeholder", f"{spot.name} {quote(value)} looks like a placeholder", "Fill it in.")


def _is_long_enough(value: Any, spot: Spot) -> bool:
    if not is_text(value, spot):
        return False
    if len(value.strip()) >= MIN_LENGTH:
        return True
    message = f"{spot.name} has fewer than {MIN_LENGTH} characters: the repository would drop it"
    spot.error("too_short", message, f"Write at least {MIN_LENGTH} characters.")
    return False


def as_json(metadata: dict[str, Any]) -> str | None:
    """The metadata as JSON, for a quick look at the whole of them; None where JSON cannot say them."""
    try:
        return _to_json(metadata)
    except (TypeError, ValueError, RecursionError):
        return None


def every_text(metadata: dict[str, Any], shown: str | None, root: Spot) -> None:
    """What no text anywhere in the metadata may have, keys included; ``shown`` are the metadata as JSON."""
    if not _is_suspicious(shown):  # nearly always, and ten times as fast as looking at each value
        return
    waiting: list[tuple[ValuePath, Any]] = [((), metadata)]
    while waiting:
        path, value = waiting.pop()
        spot = root.at(*path)
        if isinstance(value, str):
            _characters(value, spot)
        elif isinstance(value, float) and not math.isfinite(value):
            spot.error("wrong_kind", f"{spot.name} is no number that JSON knows", "Correct it.")
        elif isinstance(value, list):
            waiting.extend(((*path, index), inner) for index, inner in enumerate(value))
        elif isinstance(value, dict):
            waiting.extend(((*path, key), inner) for key, inner in value.items())
            _keys(value, spot)


def too_deep(metadata: dict[str, Any], shown: str | None, root: Spot) -> bool:
    """Whether lists and objects are nested beyond all sense, which no other rule need then bear; reports it. ``shown``
    are the metadata as JSON."""
    if shown is not None and shown.count("[") + shown.count("{") <= DEPTH_MAX:
        return False
    for key, value in metadata.items():
        level = [value]
        for _ in range(DEPTH_MAX):
            level = [inner for each in level if isinstance(each, dict | list) for inner in _inside(each)]
            if not level:
                break
        if level:
            root.at(key).error("too_deep", f"{root.at(key).name} is nested too deeply", "Flatten it.")
            return True
    return False


def _inside(value: dict[Any, Any] | list[Any]) -> Iterable[Any]:
    return value.values() if isinstance(value, dict) else value


def _is_suspicious(shown: str | None) -> bool:
    if shown is None or len(shown) > TEXT_MAX:
        return True
    if shown.isprintable() and "\\" not in shown:
        return False
    return _SUSPICIOUS_JSON.search(shown) is not None


def _keys(value: dict[Any, Any], spot: Spot) -> None:
    for key in value:
        if isinstance(key, str) and _SUSPICIOUS.search(key):
            spot.error("not_unicode", f"the key {quote(key)} has characters that cannot be sent", "Correct it.")


def _characters(value: str, spot: Spot) -> None:
    if _SURROGATE.search(value):
        message = f"{spot.name} is not valid Unicode (half of a surrogate pair): it cannot be sent"
        spot.error("not_unicode", message, "Save the file as UTF-8 and correct the character.")
    elif _NUL in value:
        spot.error("control_characters", f"{spot.name} has a NUL character", "Remove it.")
    elif found := _INVISIBLE.search(value):
        message = f"{spot.name} has an invisible character (U+{ord(found[0]):04X}), which the repository removes"
        spot.warning("control_characters", message, "Remove it.")
    if len(value) > TEXT_MAX:
        message = f"{spot.name} has {len(value):,} characters; more than {TEXT_MAX:,} are not sent"
        spot.error("too_long", message, "Put long text into a file of the dataset.")
