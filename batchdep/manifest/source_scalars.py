"""Which plain scalars are more than text.

YAML 1.1 makes False of Norwegian ``no``, a date of ``2026-11-24`` and 90 of ``1:30``; in metadata all of these are
text. Here ``true`` and ``false`` are booleans, ``null`` and ``~`` nothing, and a number is a number only if printing
it gives back what was written: ``1.10`` stays the text of a version, and ``007`` that of an agent.
"""

from __future__ import annotations

from batchdep.regexes import regex

_INTEGER = regex(r"0|-?[1-9][0-9]{0,17}")
_DECIMAL = regex(r"-?(?:0|[1-9][0-9]{0,15})\.[0-9]{1,17}")
_WORDS: dict[str, bool | None] = {
    "true": True, "True": True, "TRUE": True,
    "false": False, "False": False, "FALSE": False,
    "null": None, "Null": None, "NULL": None, "~": None, "": None,
}  # fmt: skip


def number(text: str) -> int | float | str:
    """A number whose ``str()`` is ``text``, otherwise ``text`` itself."""
    if not text or text[0] not in "-0123456789":
        return text
    if _INTEGER.fullmatch(text):
        return int(text)
    if _DECIMAL.fullmatch(text):
        value = float(text)
        if repr(value) == text:
            return value
    return text


def plain(text: str) -> bool | int | float | str | None:
    """The value of an unquoted YAML scalar."""
    if text in _WORDS:
        return _WORDS[text]
    return number(text)
