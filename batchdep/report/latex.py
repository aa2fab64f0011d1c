"""Text in LaTeX and BibTeX: every character that means something there stands for itself."""

from __future__ import annotations

from typing import Final

from batchdep.report.texts import encoded

_LETTERS: Final = {
    "\\": r"\textbackslash{}",
    "{": r"\textbraceleft{}",
    "}": r"\textbraceright{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "|": r"\textbar{}",
    "$": r"\$",
    "&": r"\&",
    "%": r"\%",
    "#": r"\#",
    "_": r"\_",
}
_ESCAPES: Final = str.maketrans(_LETTERS)


def latex(text: str) -> str:
    r"""``text`` as LaTeX prints it. Braces become commands: BibTeX counts them even after a backslash, so ``\{`` alone
    would leave an entry open. Letters beyond ASCII stay as they are (UTF-8; Biber, and LaTeX since 2018)."""
    return text.translate(_ESCAPES)


def verbatim(text: str) -> str:
    """A DOI or address for the fields that BibLaTeX reads as they stand: no brace or backslash, no blank."""
    return "".join(f"%{ord(char):02X}" if char in '{}\\"' else char for char in encoded(text))
