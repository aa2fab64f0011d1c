"""A report as CITATION.cff (Citation File Format 1.2.0): one valid file, whatever the number of datasets.

One published dataset is the file's own subject. Of several, the file is about the batch: its title is the batch's name,
its authors are all authors in the order of first appearance, and each dataset is one of the ``references``. A
publication gets a ``preferred-citation`` too, since the file itself can be of a dataset or of software only.

Left out: contributors, relations (a reference needs authors and a title, which are not known of them), grants, places,
notes, methods, access; a publication date without a day stays as year and month of references only. A DOI with
letters that the format's schema does not allow is given as ``url``. ``license`` holds what the schema's SPDX list of
2021 has; any other licence with an address is a ``license-url``. Where no author is known, an entity stands for them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any, Final, TypeAlias

import yaml

from batchdep.metadata.licences_taken import SPDX_IDS_TAKEN
from batchdep.regexes import regex
from batchdep.report import facts
from batchdep.report.facts import Metadata, Person
from batchdep.report.status import BatchStatus, DatasetStatus
from batchdep.report.texts import line, plain

Entry: TypeAlias = dict[str, Any]

VERSION: Final = "1.2.0"

_DOI: Final = regex(r"10\.\d{4,9}(\.\d+)?/[A-Za-z0-9:/_;\-.()\[\]\\]+")
_DAY: Final = regex(r"\d{4}-(0[1-9]|1[012])-(0[1-9]|[12]\d|3[01])")
_TYPES: Final = {
    "dataset": "data",
    "image": "art",
    "lesson": "generic",
    "poster": "generic",
    "presentation": "slides",
    "software": "software",
    "video": "video",
}
_PUBLICATION_TYPES: Final = {
    "article": "article",
    "book": "book",
    "conferencepaper": "conference-paper",
    "datapaper": "article",
    "deliverable": "report",
    "dissertation": "thesis",
    "journal": "serial",
    "milestone": "report",
    "patent": "patent",
    "preprint": "unpublished",
    "report": "report",
    "softwaredocumentation": "manual",
    "standard": "standard",
    "technicalnote": "report",
    "thesis": "thesis",
    "workingpaper": "unpublished",
}


def cff_report(status: BatchStatus) -> Iterator[str]:
    """The published datasets of a batch as one CITATION.cff."""
    publisher = facts.repository_name(status.target)
    number = sum(1 for _ in islice(facts.published(status), 2))  # that there are more is all that matters
    if number == 1:
        yield render_cff(next(facts.published(status)), publisher)
        return
    yield _head(status)
    if number:
        yield "references:\n"
    for dataset in facts.published(status):
        yield _yaml([_reference(dataset, publisher)])


def _head(status: BatchStatus) -> str:
    """What is said of the batch as a whole, which is all but the references."""
    batch = line(status.batch) or "batch"
    people = (person for dataset in facts.published(status) for person in facts.people(dataset.metadata))
    document = {
        "cff-version": VERSION,
        "message": "If you use these datasets, please cite those that you use, each as below.",
        "type": "dataset",
        "title": batch,
        "authors": _authors(people, batch),
    }
    return _yaml(document)


def render_cff(dataset: DatasetStatus, publisher: str = "") -> str:
    """The CITATION.cff of one dataset; its DOI is in it once it is published, and no other."""
    metadata = dataset.metadata
    upload_type, _ = facts.kind(metadata)
    kind = "software" if upload_type == "software" else "dataset"
    day = facts.date(dataset)
    document = {
        "cff-version": VERSION,
        "message": f"If you use this {kind}, please cite it as below.",
        "type": kind,
        **_described(dataset),
        "date-released": day if _DAY.fullmatch(day) else None,
        "preferred-citation": _reference(dataset, publisher) if upload_type == "publication" else None,
    }
    return _yaml(facts.with_values(document))


def _described(dataset: DatasetStatus) -> Entry:
    """What the file itself and a reference have in common."""
    metadata = dataset.metadata
    return {
        "title": facts.title(dataset),
        "abstract": plain(metadata.get("description")),
        "authors": _authors(facts.people(metadata), facts.title(dataset)),
        **_identified(dataset),
        "version": line(metadata.get("version")),
        "keywords": facts.keywords(metadata),
        **_licence(metadata),
    }


def _reference(dataset: DatasetStatus, publisher: str) -> Entry:
    metadata = dataset.metadata
    year, month, *_ = (*facts.date(dataset).split("-"), "")
    day = facts.date(dataset)
    own_publisher = line(metadata.get("imprint_publisher")) or publisher
    entry = {
        "type": _type(metadata),
        **_described(dataset),
        "date-released": day if _DAY.fullmatch(day) else None,
        "year": int(year),
        "month": int(month) if month.isdecimal() and 1 <= int(month) <= 12 else None,
        "publisher": {"name": own_publisher} if own_publisher else None,
        "journal": line(metadata.get("journal_title")),
        "volume": line(metadata.get("journal_volume")),
        "issue": line(metadata.get("journal_issue")),
        "pages": line(metadata.get("journal_pages")),
        "conference": {"name": conference} if (conference := line(metadata.get("conference_title"))) else None,
    }
    return facts.with_values(entry)


def _type(metadata: Metadata) -> str:
    return facts.type_in(metadata, _TYPES, _PUBLICATION_TYPES, "generic")


def _identified(dataset: DatasetStatus) -> Entry:
    doi = dataset.doi or ""
    url = facts.landing_page(dataset) or (facts.doi_url(doi) if doi else None)
    if _DOI.fullmatch(doi):
        return {"doi": doi, "url": url}
    return {"url": facts.doi_url(doi) if doi else url}


def _licence(metadata: Metadata) -> Entry:
    licence = facts.licence(metadata)
    if licence is None or licence.spdx is None:
        return {}
    known = licence.spdx.lower() in SPDX_IDS_TAKEN
    return {"license": licence.spdx} if known else {"license-url": licence.url}


def _authors(people: Iterable[Person], title: str) -> list[Entry]:
    """Each author once; the schema wants at least one (guide: an entity may stand for unnamed authors)."""
    found: dict[str, Entry] = {}
    for person in people:
        found.setdefault(person.orcid or person.name.casefold(), _author(person))
    distinct = {repr(author): author for author in found.values()}
    return list(distinct.values()) or [{"name": f"The authors of {title}"}]


def _author(person: Person) -> Entry:
    if person.family:
        named = {"family-names": person.family, "given-names": person.given, "affiliation": person.affiliation}
    else:
        named = {"name": person.name}
    return facts.with_values({**named, "orcid": person.orcid_url})


class _Dumper(yaml.SafeDumper):
    """Quotes each text that does not begin with a letter: readers of YAML 1.2 take some for numbers or dates that
    PyYAML, which knows YAML 1.1, leaves bare."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    style = "|" if "\n" in text else None if text[:1].isalpha() else '"'
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


_Dumper.add_representer(str, _text)


def _yaml(document: Entry | list[Entry]) -> str:
    return yaml.dump(document, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=100)
