"""A report as BibTeX: one entry a published dataset.

The types ``dataset`` and ``software`` are BibLaTeX's; classic BibTeX styles print them as ``misc``. A publication gets
the type of its kind where the fields that BibTeX demands for it are known, else ``misc``. Titles are in double braces,
so that no style changes their capitals. Keys are ``family name, year, -, id of the dataset``.

Left out: descriptions, keywords, licences, contributors but for editors, relations, grants, places, files;
identifiers of people, for which there is no field; of a date all but year and month.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from typing import Final

from batchdep.report import facts
from batchdep.report.facts import Person
from batchdep.report.latex import latex, verbatim
from batchdep.report.status import BatchStatus, DatasetStatus
from batchdep.report.texts import line

_MONTHS: Final = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
"""Macros that every style has."""

_TYPES: Final = {
    "article": ("article", "journal", "journal_title"),
    "conferencepaper": ("inproceedings", "booktitle", "conference_title"),
    "dissertation": ("phdthesis", "school", "thesis_university"),
    "section": ("incollection", "booktitle", "partof_title"),
    "thesis": ("phdthesis", "school", "thesis_university"),
}
"""Kind of publication -> entry type, the field that it cannot be without, and the metadata that fill it."""

_REPORTS: Final = frozenset({"deliverable", "milestone", "report", "technicalnote", "workingpaper"})
_MORE: Final = {
    "article": (("volume", "journal_volume"), ("number", "journal_issue"), ("pages", "journal_pages")),
    "inproceedings": (("address", "conference_place"),),
    "incollection": (("pages", "partof_pages"),),
}


def bibtex_report(status: BatchStatus) -> Iterator[str]:
    """The entries in the order of the batch; a comment alone where nothing is published."""
    publisher = facts.repository_name(status.target)
    keys: set[str] = set()
    for number, dataset in enumerate(facts.published(status)):
        yield ("\n" if number else "") + _entry(dataset, publisher, _key(dataset, keys))
    if not keys:
        yield "% Nothing is published yet.\n"


def _entry(dataset: DatasetStatus, publisher: str, key: str) -> str:
    kind = _type(dataset)
    fields = "".join(f"  {name} = {value},\n" for name, value in _fields(dataset, kind, publisher) if value)
    return f"@{kind}{{{key},\n{fields}}}\n"


def _type(dataset: DatasetStatus) -> str:
    upload_type, finer = facts.kind(dataset.metadata)
    if upload_type in {"dataset", "software"}:
        return upload_type
    if upload_type != "publication":
        return "misc"
    kind, _, source = _TYPES.get(finer, ("", "", ""))
    if kind and line(dataset.metadata.get(source)):
        return kind
    return "techreport" if finer in _REPORTS else "book" if finer == "book" else "misc"


def _fields(dataset: DatasetStatus, kind: str, publisher: str) -> Iterator[tuple[str, str]]:
    metadata = dataset.metadata
    year, month, *_ = (*facts.date(dataset).split("-"), "")
    own_publisher = line(metadata.get("imprint_publisher")) or publisher
    yield "author", _names(facts.people(metadata))
    yield "editor", _names([person for person in facts.contributors(metadata) if person.role == "Editor"])
    yield "title", f"{{{_braced(facts.title(dataset))}}}"
    for name, source in _of_its_kind(kind):
        yield name, _braced(line(metadata.get(source)).replace("–", "--"))
    yield "year", _braced(year)
    yield "month", _MONTHS[int(month) - 1] if month.isdecimal() and 1 <= int(month) <= 12 else ""
    yield ("institution" if kind == "techreport" else "publisher"), _braced(own_publisher)
    yield "version", _braced(line(metadata.get("version")))
    yield "isbn", _braced(line(metadata.get("imprint_isbn")))
    yield "doi", f"{{{verbatim(dataset.doi or '')}}}"
    yield "url", f"{{{verbatim(facts.doi_url(dataset.doi or ''))}}}"


def _of_its_kind(kind: str) -> Iterator[tuple[str, str]]:
    found = next(((name, source) for each, name, source in _TYPES.values() if each == kind), None)
    if found:
        yield found
    yield from _MORE.get(kind, ())


def _braced(text: str) -> str:
    return f"{{{latex(text)}}}" if text else ""


def _names(people: list[Person]) -> str:
    names = " and ".join(_name(person) for person in people)
    return f"{{{names}}}" if names else ""


def _name(person: Person) -> str:
    """``Family, Given``; in braces, and so a whole, where BibTeX would take it apart."""
    if not person.family:
        return f"{{{latex(person.name)}}}"
    family, given = latex(person.family), latex(person.given)
    if (family, given) == (person.family, person.given) and not re.search(r"\band\b", person.name, re.IGNORECASE):
        return f"{family}, {given}"
    return f"{{{family}}}, {{{given}}}"


def _key(dataset: DatasetStatus, taken: set[str]) -> str:
    """A key of ASCII letters, digits and hyphens that is new, whatever its case, since BibTeX minds none."""
    people = facts.people(dataset.metadata)
    first = _ascii(people[0].family or people[0].name) if people else ""
    wanted = f"{first.replace('-', '') or 'anonymous'}{facts.date(dataset)[:4]}-{_ascii(dataset.id) or 'dataset'}"
    key, count = wanted, 1
    while key in taken:
        count += 1
        key = f"{wanted}-{count}"
    taken.add(key)
    return key


def _ascii(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:40]
