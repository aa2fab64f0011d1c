"""The investigation file of ISA-Tab: sections of rows, each a label and a value a column (isa-specs.readthedocs.io).

The standard's own library is not used: it loads the tables of all samples and measurements with pandas to give what
twenty labels of one small file say. Rows are parsed by the standard library's CSV reader.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from typing import Any

from msgspec import Struct, field

from batchdep.metadata.dates import day_of
from batchdep.metadata.formats.base import Reading
from batchdep.metadata.formats.isa import Comment, Part, Person, Protocol, Publication, Term, Text, described
from batchdep.problems import ValuePath
from batchdep.regexes import regex

_SECTIONS = frozenset(
    {
        *("ONTOLOGY SOURCE REFERENCE", "INVESTIGATION", "INVESTIGATION PUBLICATIONS", "INVESTIGATION CONTACTS"),
        *("STUDY", "STUDY DESIGN DESCRIPTORS", "STUDY PUBLICATIONS", "STUDY FACTORS", "STUDY ASSAYS"),
        *("STUDY PROTOCOLS", "STUDY CONTACTS"),
    }
)
_LABEL = regex(r'"?\s*(?:(?:Investigation|Study|Term Source) [A-Z]|Comment\s*\[)')
_COMMENT = regex(r"Comment\s*\[(.*)\]", re.DOTALL)


class _Row(Struct, frozen=True):
    """A row of the file: its line, from 1, and its values, the label left out."""

    line: int
    values: list[str]

    def at(self, index: int) -> Text:
        """The value in a column, empty beyond the last; its place counts the label's column as the first."""
        value = self.values[index] if index < len(self.values) else ""
        return Text(value, (self.line, index + 2))


class _Section(Struct):
    """Rows under a heading by their labels; those that were asked for are ``taken``."""

    rows: dict[str, _Row] = field(default_factory=dict)
    taken: set[str] = field(default_factory=set)

    def row(self, label: str) -> _Row:
        self.taken.add(label)
        return self.rows.get(label, _Row(1, []))

    def width(self, *labels: str) -> int:
        """The number of columns in which one of the rows has a value."""
        filled = [place for label in labels for place, value in enumerate(self.row(label).values, start=1) if value]
        return max(filled, default=0)

    def comments(self, index: int) -> list[Comment]:
        return [
            Comment(found[1].strip(), value)
            for label in self.rows
            if (found := _COMMENT.fullmatch(label)) and (value := self.row(label).at(index))
        ]


def recognises(content: Any) -> bool:
    """A text whose lines begin with the headings and labels that every investigation file has."""
    if not isinstance(content, str):
        return False
    begins = {line.partition("\t")[0].strip(' "') for line in content.splitlines()}
    return any(
        section in begins and not begins.isdisjoint({f"{word} Title", f"{word} Identifier"})
        for section, word in (("INVESTIGATION", "Investigation"), ("STUDY", "Study"))
    )


def read(content: str) -> Reading:
    """The investigation and its studies. Paths are line and column, both from 1."""
    reading = Reading()
    investigation, studies = _parsed(content)
    parts = [_part(reading, sections, "Study") for sections in studies]
    head = _part(reading, investigation, "Investigation")
    for sections in (investigation, *studies):
        _left_out(reading, sections)
    return described(head, parts, reading)


# -- from text to sections ---------------------------------------------------------------------------------------

_Sections = dict[str, _Section]


def _parsed(content: str) -> tuple[_Sections, list[_Sections]]:
    """The sections of the investigation, and those of each study, which begin with ``STUDY``."""
    investigation: _Sections = {}
    studies: list[_Sections] = []
    section = _Section()
    investigation[""] = section  # rows before the first heading
    for line, (label, *values) in _rows(content):
        if label in _SECTIONS:
            if label == "STUDY":
                studies.append({})
            group = studies[-1] if label.startswith("STUDY") and studies else investigation
            section = group.setdefault(label, _Section())
        else:
            name = label if label not in section.rows else f"{label} in line {line}"
            section.rows[name] = _Row(line, values)
    return investigation, studies


def _rows(content: str) -> Iterator[tuple[int, list[str]]]:
    """Each row that is no remark and not empty, with its line. A quoted value may go over several lines, but not over
    a line that begins with a label: a quotation mark that nobody closed costs one row, not the rest of the file."""
    lines = content.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    starts = [index for index, line in enumerate(lines) if index == 0 or _begins_row(line)]
    for start, end in zip(starts, [*starts[1:], len(lines)], strict=True):
        for line, row in _block(lines[start:end]):
            cells = [cell.strip() for cell in row]
            if any(cells) and not cells[0].startswith("#"):
                yield start + line, cells


def _begins_row(line: str) -> bool:
    return line.startswith("#") or _LABEL.match(line) is not None or line.partition("\t")[0].strip(' "') in _SECTIONS


def _block(lines: list[str]) -> Iterator[tuple[int, list[str]]]:
    """Rows with the line of the block in which each begins, from 1."""
    reader = csv.reader((f"{line}\n" for line in lines), delimiter="\t")
    begin = 1
    try:
        for row in reader:
            yield begin, row
            begin = reader.line_num + 1
    except csv.Error:  # a value beyond the reader's limit of 131,072 characters
        for line, text in enumerate(lines[begin - 1 :], start=begin):
            yield line, [cell.strip('"') for cell in text.split("\t")]


def _left_out(reading: Reading, sections: _Sections) -> None:
    """A note for each row that nobody asked for and that has a value."""
    for name, section in sections.items():
        for label, row in section.rows.items():
            known = name == "ONTOLOGY SOURCE REFERENCE" or label in section.taken or label.endswith(_OF_TERMS)
            if not known and any(row.values):
                reading.note(f"{label} is not taken over", row.line)


_OF_TERMS = ("Term Accession Number", "Term Source REF", "File Name")
"""Rows that belong to another one, and names of files."""


# -- from sections to the model ----------------------------------------------------------------------------------


def _part(reading: Reading, sections: _Sections, word: str) -> Part:
    def section(name: str) -> _Section:
        return sections.get(f"{word.upper()}{name}", _Section())

    head = section("")
    return Part(
        word.lower(),
        identifier=head.row(f"{word} Identifier").at(0),
        title=head.row(f"{word} Title").at(0),
        description=head.row(f"{word} Description").at(0),
        submitted=_date(head.row(f"{word} Submission Date").at(0)),
        released=_date(head.row(f"{word} Public Release Date").at(0)),
        people=_people(section(" CONTACTS"), f"{word} Person"),
        publications=_publications(section(" PUBLICATIONS"), word),
        comments=[comment for index in range(_widest(head)) for comment in head.comments(index)],
        terms=_terms_of_study(sections),
        protocols=_protocols(section(" PROTOCOLS")),
    )


def _date(written: Text) -> Text:
    return Text(day_of(written.text), written.path)


def _widest(section: _Section) -> int:
    return max((len(row.values) for row in section.rows.values()), default=0)


def _people(section: _Section, word: str) -> list[Person]:
    private = [f"{word} {part}" for part in ("Email", "Phone", "Fax", "Address")]
    last, first = f"{word} Last Name", f"{word} First Name"
    return [
        Person(
            last=section.row(last).at(index),
            first=section.row(first).at(index).text,
            initials=section.row(f"{word} Mid Initials").at(index).text,
            affiliation=section.row(f"{word} Affiliation").at(index).text,
            roles=_several(section, f"{word} Roles", index),
            comments=section.comments(index),
            path=(section.row(last).line, index + 2),
            private=any(section.row(label).at(index) for label in private),
        )
        for index in range(section.width(last, first, *private))
    ]


def _publications(section: _Section, word: str) -> list[Publication]:
    labels = [f"{word} {part}" for part in ("Publication DOI", "PubMed ID", "Publication Title")]
    return [
        Publication(
            doi=section.row(labels[0]).at(index),
            pubmed=section.row(labels[1]).at(index),
            authors=section.row(f"{word} Publication Author List").at(index).text,
            title=section.row(labels[2]).at(index),
            status=section.row(f"{word} Publication Status").at(index).text,
            path=_first_place([section.row(label).at(index) for label in (labels[2], *labels)]),
        )
        for index in range(section.width(*labels, f"{word} Publication Author List"))
    ]


def _first_place(texts: list[Text]) -> ValuePath:
    return next((text.path for text in texts if text), texts[0].path)


def _terms_of_study(sections: _Sections) -> list[Term]:
    design = sections.get("STUDY DESIGN DESCRIPTORS", _Section())
    factors = sections.get("STUDY FACTORS", _Section())
    assays = sections.get("STUDY ASSAYS", _Section())
    terms = [_term(design, "Study Design Type", index) for index in range(design.width("Study Design Type"))]
    for index in range(factors.width("Study Factor Name", "Study Factor Type")):
        terms += [
            _term(factors, "Study Factor Type", index),
            Term(factors.row("Study Factor Name").at(index)),
        ]
    labels = ("Study Assay Measurement Type", "Study Assay Technology Type", "Study Assay Technology Platform")
    for index in range(assays.width(*labels)):
        terms += [_term(assays, label, index) for label in labels]
    return terms


def _protocols(section: _Section) -> list[Protocol]:
    word = "Study Protocol"
    labels = [f"{word} {part}" for part in ("Name", "Type", "Description", "URI", "Version")]
    return [
        Protocol(
            name=section.row(labels[0]).at(index),
            kind=section.row(labels[1]).at(index).text,
            description=section.row(labels[2]).at(index).text,
            uri=section.row(labels[3]).at(index),
            version=section.row(labels[4]).at(index).text,
            parameters=[term.name.text for term in _several(section, f"{word} Parameters Name", index)],
            components=_components(section, index),
        )
        for index in range(section.width(*labels))
    ]


def _components(section: _Section, index: int) -> list[str]:
    names = section.row("Study Protocol Components Name").at(index).text.split(";")
    kinds = section.row("Study Protocol Components Type").at(index).text.split(";")
    kinds += [""] * (len(names) - len(kinds))
    return [
        f"{name.strip()} ({kind.strip()})" if kind.strip() else name.strip()
        for name, kind in zip(names, kinds, strict=False)
        if name.strip()
    ]


def _term(section: _Section, label: str, index: int) -> Term:
    return Term(section.row(label).at(index), section.row(f"{label} Term Accession Number").at(index).text)


def _several(section: _Section, label: str, index: int) -> list[Term]:
    """Terms that share a cell, parted by semicolons, and their accession numbers likewise."""
    names = section.row(label).at(index)
    return [Term(Text(name.strip(), names.path)) for name in names.text.split(";") if name.strip()]
