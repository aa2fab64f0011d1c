"""Reading sent metadata: each value is taken, refused, dropped without a word, or more than the server can bear."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from typing import Any

from batchdep.local.cleaning import clean_html
from batchdep.local.errors import MISSING, ApiError, FieldError, invalid
from batchdep.local.model import Json

NULL = "Field may not be null."
NOT_STRING = "Not a valid string."
NOT_LIST = "Not a valid list."
NOT_OBJECT = "Invalid input type."
SHORTEST = 3
"""Characters of the shortest title, description, note or method that is kept."""

_ZERO_WIDTH = re.compile("[\u200b-\u200f\u2028-\u202e\u2060-\u2064\ufeff]")


class Reading:
    """One reading of sent metadata: what is stored of it and what was wrong.

    ``defects`` stop only the publication. 500 is raised at once; refusals and unknown words are collected, as the
    server goes through all fields before it answers.
    """

    def __init__(self, sent: Json) -> None:
        self.sent = sent
        self.stored: Json = {}
        self.defects: list[FieldError] = []
        self._refused: list[FieldError] = []
        self._unknown: list[str] = []

    def keep(self, key: str, value: Any) -> None:
        """Store a value, unless it is empty."""
        if value not in (None, "", [], {}):
            self.stored[key] = value

    def defect(self, field: str, message: str = MISSING) -> None:
        """Note what stops the publication, under InvenioRDM's name of the field."""
        self.defects.append(FieldError(f"metadata.{field}", message))

    def refuse(self, field: str, message: str) -> None:
        """Refuse the request for a field of the metadata."""
        self.refuse_at(f"metadata.{field}", message)

    def refuse_at(self, field: str, message: str) -> None:
        """Refuse the request for a field that the server names by another path."""
        self._refused.append(FieldError(field, message))

    def unknown(self, value: object) -> None:
        """Refuse the request for a word that no vocabulary has; the answer names the word and no field."""
        self._unknown.append(str(value))

    def finish(self) -> None:
        """Raises 400 when anything was refused."""
        if self._refused:
            raise invalid(self._refused)
        if self._unknown:
            raise ApiError(400, f"Invalid value {self._unknown[0]}.")


Reader = Callable[[Reading, str, Any], None]


def tidy(text: str) -> str:
    """Without control and zero-width characters and blanks around; line ends and tabs stay."""
    kept = "".join(c for c in _ZERO_WIDTH.sub("", text) if c in "\n\t" or unicodedata.category(c) != "Cc")
    return kept.strip()


def must_be_text(reading: Reading, key: str, value: Any) -> str | None:
    """The string, or None after refusing what is not one."""
    if isinstance(value, str):
        return value
    reading.refuse(key, NULL if value is None else NOT_STRING)
    return None


def must_be_list(reading: Reading, key: str, value: Any) -> list[Any]:
    """The list; an empty one after refusing what is not one."""
    if isinstance(value, list):
        return value
    reading.refuse(key, NULL if value is None else NOT_LIST)
    return []


def title(reading: Reading, key: str, value: Any) -> None:
    """Text that is dropped when it is short; tags are text like any other."""
    text = tidy(must_be_text(reading, key, value) or "")
    reading.keep(key, text if len(text) >= SHORTEST else None)


def description(reading: Reading, key: str, value: Any) -> None:
    """HTML that is cleaned, and dropped when it is short."""
    text = clean_html(must_be_text(reading, key, value) or "").strip()
    reading.keep(key, text if len(text) >= SHORTEST else None)


def additional_description(reading: Reading, key: str, value: Any) -> None:
    """notes and method: HTML; when short or not text, dropped and in the way of the publication."""
    if value is None or value == "":
        return
    text = clean_html(value).strip() if isinstance(value, str) else ""
    if len(text) >= SHORTEST:
        reading.keep(key, text)
    else:
        index = 1 if key == "method" and reading.sent.get("notes") else 0
        reading.defect(f"additional_descriptions.{index}.description")


def strict_text(reading: Reading, key: str, value: Any) -> None:
    """Text; anything else is refused."""
    reading.keep(key, tidy(must_be_text(reading, key, value) or ""))


def loose_text(reading: Reading, key: str, value: Any) -> None:
    """Text; anything else is dropped."""
    reading.keep(key, tidy(value) if isinstance(value, str) else None)


def text_that(test: Callable[[str], object]) -> Reader:
    """Text that passes ``test``; anything else is dropped."""

    def read(reading: Reading, key: str, value: Any) -> None:
        reading.keep(key, value.strip() if isinstance(value, str) and test(value.strip()) else None)

    return read


def strings(reading: Reading, key: str, value: Any) -> list[str]:
    """The strings of a list, trimmed; a bare string is taken letter by letter, items of other kinds are dropped."""
    items = list(value) if isinstance(value, str) else must_be_list(reading, key, value)
    return [item.strip() for item in items if isinstance(item, str)]


def keywords(reading: Reading, key: str, value: Any) -> None:
    """A list of strings; an empty one stops the publication."""
    found = strings(reading, key, value)
    for index, word in enumerate(found):
        if not word:
            reading.defect(f"subjects.{index}.subjects")
    reading.keep(key, [word for word in found if word])


def references(reading: Reading, key: str, value: Any) -> None:
    """A list of strings."""
    reading.keep(key, [text for text in strings(reading, key, value) if text])


def ignored(_reading: Reading, _key: str, _value: Any) -> None:
    """Known, and never stored."""
