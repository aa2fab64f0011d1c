"""Lines of the table of figures, as people and as programs read them."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path

COLUMNS = ("row", "what", "delay", "batchdep", "beside", "ratio", "goal", "met", "runs")


@dataclass(frozen=True)
class Result:
    """One line. ``ours`` and ``theirs`` are figures with their units; ``ratio`` the median of the rounds' ratios.

    ``most``: what ``value`` must not exceed, where there is a goal; ``goal`` says it in words. ``value`` is the ratio
    unless it is given. ``delay``: milliseconds added to every answer.
    """

    row: str
    what: str
    ours: str
    theirs: str = ""
    ratio: float | None = None
    delay: int | None = None
    goal: str = ""
    most: float | None = None
    value: float | None = None
    runs: int = 1
    failed: str = ""

    @property
    def met(self) -> bool | None:
        """Whether the goal is met; None where there is none."""
        if self.failed:
            return False
        value = self.ratio if self.value is None else self.value
        return None if self.most is None or value is None else value <= self.most

    def cells(self) -> list[str]:
        """In the order of COLUMNS."""
        met = {None: "", True: "yes", False: "no"}[self.met]
        ratio = "" if self.ratio is None else f"{self.ratio:.2f}"
        delay = "" if self.delay is None else f"{self.delay} ms"
        return [
            self.row,
            self.what,
            delay,
            self.failed or self.ours,
            self.theirs,
            ratio,
            self.goal,
            met,
            str(self.runs),
        ]

    def as_json(self) -> str:
        """One line of JSON."""
        return json.dumps({**asdict(self), "met": self.met})


def table(results: Iterable[Result]) -> str:
    """As Markdown."""
    return markdown(COLUMNS, (result.cells() for result in results))


def markdown(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """A table in Markdown."""
    titles = list(head)
    lines = ["| " + " | ".join(titles) + " |", "|" + " --- |" * len(titles)]
    lines += ["| " + " | ".join(cell.replace("|", "\\|").replace("\n", " ") for cell in row) + " |" for row in rows]
    return "\n".join(lines)


def enter(document: Path, name: str, text: str) -> None:
    """Puts ``text`` between the comments that begin and end the part ``name`` of a document. Raises ValueError where
    the document has no such part."""
    whole = document.read_text(encoding="utf-8")
    first, last = f"<!-- {name} -->", f"<!-- end of {name} -->"
    before, opened, rest = whole.partition(first)
    _, closed, after = rest.partition(last)
    if not opened or not closed:
        raise ValueError(f"{document} has no part between {first} and {last}")
    document.write_text(f"{before}{first}\n\n{text}\n\n{last}{after}", encoding="utf-8")
