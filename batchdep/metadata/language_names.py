"""From what people and programs write for a language to its ISO 639-3 code."""

from __future__ import annotations

from functools import cache

from batchdep.metadata.languages import is_language


@cache
def language_named(written: str) -> str | None:
    """The code of a language given by code, English name, bibliographic code (``ger``) or locale (``en-GB``).

    A code that the deposit API takes comes back as it is. None where it is not known which language is meant.
    """
    import iso639

    text = written.strip()
    if is_language(text):
        return text
    for guess in (text, text.replace("_", "-").split("-")[0]):
        try:
            return str(iso639.Language.match(guess, strict_case=False).part3)
        except iso639.LanguageNotFoundError:
            continue
    return None
