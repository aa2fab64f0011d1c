"""ISO 639 language codes, as the deposit API takes them: three letters of ISO 639-3, or two of ISO 639-1."""

from __future__ import annotations

import unicodedata
from functools import cache
from typing import Final

from batchdep.metadata.suggestions import nearest

_OWN_NAMES: Final = {
    **{"deutsch": "deu", "français": "fra", "español": "spa", "castellano": "spa", "italiano": "ita"},
    **{"português": "por", "nederlands": "nld", "dansk": "dan", "svenska": "swe", "norsk": "nor", "suomi": "fin"},
    **{"íslenska": "isl", "polski": "pol", "čeština": "ces", "slovenčina": "slk", "slovenščina": "slv"},
    **{"hrvatski": "hrv", "srpski": "srp", "magyar": "hun", "română": "ron", "eesti": "est", "latviešu": "lav"},
    **{"lietuvių": "lit", "gaeilge": "gle", "malti": "mlt", "català": "cat", "euskara": "eus", "galego": "glg"},
    **{"ελληνικά": "ell", "български": "bul", "русский": "rus", "українська": "ukr", "türkçe": "tur"},
    **{"العربية": "ara", "עברית": "heb", "中文": "zho", "日本語": "jpn", "한국어": "kor"},
}
"""Languages by their own names, which ISO 639-3 does not have."""


@cache
def is_language(code: str) -> bool:
    """Whether ``code`` is a living ISO 639-3 code in small letters, or an ISO 639-1 code in any case.

    Observed: a 3-letter code that is not in ISO 639-3 (``ger``) is refused, an unknown 2-letter one dropped.
    """
    return three_letters(code.lower()) is not None if len(code) == 2 else len(code) == 3 and _is_part3(code)


@cache
def three_letters(code: str) -> str | None:
    """The ISO 639-3 code of a two-letter one in small letters, or None."""
    import iso639

    try:
        return iso639.Language.from_part1(code).part3
    except iso639.LanguageNotFoundError:
        return None


@cache
def language_named(written: str) -> str | None:
    """The code of a language given by code, English or own name, bibliographic code (``ger``) or locale (``en-GB``).

    A code that the deposit API takes comes back as it is. None where it is not known which language is meant.
    """
    import iso639

    text = written.strip()
    if is_language(text):
        return text
    if (own := _own_names().get(_plain(text))) is not None:
        return own
    for guess in (text, text.replace("_", "-").split("-")[0]):
        try:
            return str(iso639.Language.match(guess, strict_case=False).part3)
        except iso639.LanguageNotFoundError:
            continue
    return None


def language_code(written: str) -> str | None:
    """:func:`language_named` in the three letters in which the repository stores it."""
    code = language_named(written)
    return (three_letters(code.lower()) or code) if code else None


@cache
def suggest_language(wrong: str) -> str | None:
    """The ISO 639-3 code of the language that is meant, or whose name is spelt nearly so; or None."""
    if (meant := language_named(wrong)) is not None:
        return meant
    import iso639

    names = nearest(wrong, major_languages().values(), cutoff=0.75)
    return str(iso639.Language.from_name(names[0]).part3) if names else None


@cache
def _own_names() -> dict[str, str]:
    return {_plain(name): code for name, code in _OWN_NAMES.items()}


def _plain(text: str) -> str:
    """Without accents and capitals, which are often left out."""
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return "".join(each for each in decomposed if not unicodedata.combining(each))


@cache
def _is_part3(code: str) -> bool:
    import iso639

    try:
        iso639.Language.from_part3(code)
    except iso639.LanguageNotFoundError:
        return False
    return True


@cache
def major_languages() -> dict[str, str]:
    """ISO 639-3 code -> name of the languages that have a two-letter code: those that most people mean."""
    import iso639

    return {language.part3: language.name for language in iso639.ALL_LANGUAGES if language.part1}
