"""From the field names in the server's errors to the names that the user wrote.

Behind Zenodo's deposit API stands InvenioRDM, and its errors, those of publishing above all, name InvenioRDM's fields
(observed: "Fields in publish errors have InvenioRDM's names").
"""

from __future__ import annotations

from collections.abc import Callable

from batchdep.problems import ValuePath, dotted
from batchdep.regexes import regex

_STEP = regex(r"[^.\[\]]+")

_TOP: dict[str, str] = {
    "resource_type": "upload_type",
    "subjects": "keywords",
    "additional_descriptions": "notes or method",
    "additional_titles": "title",
    "publisher": "imprint_publisher",
    "rights": "license",
    "languages": "language",
    "funding": "grants",
    "identifiers": "related_identifiers",
    "_schema": "access_right",
}

CUSTOM_FIELDS: dict[tuple[str, ...], str] = {
    **{("journal:journal", key): f"journal_{key}" for key in ("title", "volume", "issue", "pages")},
    **{
        ("meeting:meeting", key): f"conference_{key}"
        for key in ("title", "acronym", "dates", "place", "url", "session", "session_part")
    },
    ("imprint:imprint", "isbn"): "imprint_isbn",
    ("imprint:imprint", "place"): "imprint_place",
    ("imprint:imprint", "title"): "partof_title",
    ("imprint:imprint", "pages"): "partof_pages",
    ("thesis:thesis", "university"): "thesis_university",
    ("thesis:university",): "thesis_university",
    ("legacy:communities",): "communities",
    ("legacy:subjects",): "subjects",
}
"""Custom field of InvenioRDM, and key in it -> key of the deposit API."""

_CUSTOM_WHOLE: dict[str, str] = {
    "journal:journal": "journal_title",
    "meeting:meeting": "conference_title",
    "imprint:imprint": "imprint_isbn",
    "thesis:thesis": "thesis_university",
}


_OUTSIDE_METADATA: dict[str, str] = {
    "pids": "doi",
    "access": "access_right",
    "files": "files",
    "parent": "communities",
}


def user_field(server_field: str) -> str:
    """The deposit API's name of a field that the server names in an error.

    ``metadata.creators.0.person_or_org.identifiers.0.identifier`` becomes ``creators[0].orcid``; a name that is not
    known comes back without ``metadata.`` and with its indices in brackets.
    """
    steps = _STEP.findall(server_field)
    if steps[:1] == ["metadata"] and len(steps) > 1:
        steps = steps[1:]
    if not steps:
        return "metadata"
    head, rest = steps[0], steps[1:]
    if head == "custom_fields":
        return _custom_field(rest)
    if head in _OUTSIDE_METADATA:
        return "embargo_date" if head == "access" and rest[:1] == ["embargo"] else _OUTSIDE_METADATA[head]
    inner = _INNER.get(head, _as_it_is if head not in _TOP else _nothing)
    return _show([_TOP.get(head, head), *inner(rest)])


def _custom_field(steps: list[str]) -> str:
    for length in (2, 1):
        if known := CUSTOM_FIELDS.get(tuple(steps[:length])):
            return known
    return _CUSTOM_WHOLE.get(steps[0], _show(["custom", *steps])) if steps else "custom"


def _person_steps(steps: list[str]) -> list[str]:
    """``0.person_or_org.family_name`` -> ``0.name``, ``0.role`` -> ``0.type``."""
    index, inner = _split_index(steps)
    if "identifiers" in inner:
        return [*index, "orcid"]
    if inner[:1] == ["person_or_org"]:
        return [*index, "name"]
    if inner[:1] == ["role"]:
        return [*index, "type"]
    if inner[:1] == ["affiliations"]:
        return [*index, "affiliation"]
    return [*index, *inner]


def _related_steps(steps: list[str]) -> list[str]:
    index, inner = _split_index(steps)
    if inner[:1] == ["scheme"]:
        # sent schemes are ignored: the error means that none was found for the identifier
        return [*index, "identifier"]
    if inner[:1] == ["relation_type"]:
        return [*index, "relation"]
    return [*index, *inner[:1]]


def _location_steps(steps: list[str]) -> list[str]:
    index, inner = _split_index(steps[1:] if steps[:1] == ["features"] else steps)
    return [*index, *(["lat"] if inner[:1] == ["geometry"] else inner[:1])]


def _index(steps: list[str]) -> list[str]:
    """Items that are objects in InvenioRDM and plain values in the deposit API: only their number is told."""
    return _split_index(steps)[0]


def _as_it_is(steps: list[str]) -> list[str]:
    return steps


def _nothing(_steps: list[str]) -> list[str]:
    """Lists of InvenioRDM that are a single value in the deposit API."""
    return []


def _split_index(steps: list[str]) -> tuple[list[str], list[str]]:
    return (steps[:1], steps[1:]) if steps and steps[0].isdecimal() else ([], steps)


def _show(steps: list[str]) -> str:
    path: ValuePath = tuple(int(step) if step.isdecimal() and position else step for position, step in enumerate(steps))
    return dotted(path)


_INNER: dict[str, Callable[[list[str]], list[str]]] = {
    "creators": _person_steps,
    "contributors": _person_steps,
    "related_identifiers": _related_steps,
    "identifiers": _related_steps,
    "locations": _location_steps,
    "dates": _index,
    "subjects": _index,
    "funding": _index,
    "references": _index,
}
"""What follows the field's name, for the fields whose items look different on the two sides."""
