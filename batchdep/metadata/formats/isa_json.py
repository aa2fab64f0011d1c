"""ISA-JSON: an investigation with its studies in one object (isa-specs.readthedocs.io, "ISA-JSON format")."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from batchdep.metadata.dates import day_of
from batchdep.metadata.formats.base import Reading, text_of
from batchdep.metadata.formats.isa import Comment, Part, Person, Protocol, Publication, Term, Text, described
from batchdep.metadata.formats.shapes import objects_at, text_at
from batchdep.problems import ValuePath

_HEAD = ("identifier", "title", "description", "submissionDate", "publicReleaseDate", "people", "publications")
_STRUCTURE = ("@id", "@type", "@context", "filename", "comments")
_OF_STUDY = ("studyDesignDescriptors", "factors", "assays", "protocols")
_DATA = ("materials", "processSequence", "characteristicCategories", "unitCategories")
"""What the study's own tables say: samples and how each was treated and measured."""


def recognises(content: Any) -> bool:
    """An object with ``studies``, and keys that only ISA has beside it or in one of them."""
    if not isinstance(content, dict):
        return False
    studies = content.get("studies")
    if not isinstance(studies, list) or not all(isinstance(study, dict) for study in studies):
        return False
    marks = {"processSequence", "studyDesignDescriptors", "characteristicCategories", "unitCategories"}
    return "ontologySourceReferences" in content or any(marks & study.keys() for study in studies)


def read(content: dict[str, Any]) -> Reading:
    """The investigation and its studies; ontology sources say what accession numbers mean, which are addresses here."""
    reading = Reading()
    studies = [_study(reading, study, path) for study, path in objects_at(reading, content, "studies")]
    investigation = _part(reading, content, "investigation")
    reading.left_out(content, (*_HEAD, *_STRUCTURE, "studies", "ontologySourceReferences"))
    return described(investigation, studies, reading)


def _study(reading: Reading, study: dict[str, Any], path: ValuePath) -> Part:
    part = _part(reading, study, "study", *path)
    part.terms += _terms(reading, study, "studyDesignDescriptors", *path)
    for factor, at in objects_at(reading, study, "factors", *path):
        part.terms += [*_terms(reading, factor, "factorType", *at), Term(_text(reading, factor, "factorName", *at))]
    for assay, at in objects_at(reading, study, "assays", *path):
        part.terms += _terms(reading, assay, "measurementType", *at)
        part.terms += _terms(reading, assay, "technologyType", *at)
        part.terms.append(Term(_text(reading, assay, "technologyPlatform", *at)))
    part.protocols += [_protocol(reading, each, at) for each, at in objects_at(reading, study, "protocols", *path)]
    reading.left_out(study, (*_HEAD, *_STRUCTURE, *_OF_STUDY, *_DATA), *path)
    return part


def _part(reading: Reading, content: dict[str, Any], word: str, *path: str | int) -> Part:
    return Part(
        word,
        identifier=_text(reading, content, "identifier", *path),
        title=_text(reading, content, "title", *path),
        description=_text(reading, content, "description", *path),
        submitted=_date(reading, content, "submissionDate", *path),
        released=_date(reading, content, "publicReleaseDate", *path),
        people=[_person(reading, each, at) for each, at in objects_at(reading, content, "people", *path)],
        publications=[
            _publication(reading, each, at) for each, at in objects_at(reading, content, "publications", *path)
        ],
        comments=_comments(reading, content, *path),
    )


def _person(reading: Reading, content: dict[str, Any], path: ValuePath) -> Person:
    private = ("email", "phone", "fax", "address")
    reading.left_out(
        content, ("@id", "lastName", "firstName", "midInitials", "affiliation", "roles", "comments", *private), *path
    )
    return Person(
        last=_text(reading, content, "lastName", *path),
        first=text_at(reading, content, "firstName", *path),
        initials=text_at(reading, content, "midInitials", *path),
        affiliation=text_at(reading, content, "affiliation", *path),
        roles=_terms(reading, content, "roles", *path),
        comments=_comments(reading, content, *path),
        path=path,
        private=any(text_of(content.get(key)) for key in private),
    )


def _publication(reading: Reading, content: dict[str, Any], path: ValuePath) -> Publication:
    reading.left_out(content, ("@id", "doi", "pubMedID", "authorList", "title", "status", "comments"), *path)
    for comment in _comments(reading, content, *path):
        reading.note(f"the comment {comment.name} is not taken over: {comment.value.text}", *comment.value.path)
    return Publication(
        doi=_text(reading, content, "doi", *path),
        pubmed=_text(reading, content, "pubMedID", *path),
        authors=text_at(reading, content, "authorList", *path),
        title=_text(reading, content, "title", *path),
        status=_first(_terms(reading, content, "status", *path)),
        path=path,
    )


def _protocol(reading: Reading, content: dict[str, Any], path: ValuePath) -> Protocol:
    components = [
        (text_at(reading, each, "componentName", *at), _first(_terms(reading, each, "componentType", *at)))
        for each, at in objects_at(reading, content, "components", *path)
    ]
    return Protocol(
        name=_text(reading, content, "name", *path),
        kind=_first(_terms(reading, content, "protocolType", *path)),
        description=text_at(reading, content, "description", *path),
        uri=_text(reading, content, "uri", *path),
        version=text_at(reading, content, "version", *path),
        parameters=[
            name
            for each, at in objects_at(reading, content, "parameters", *path)
            if (name := _first(_terms(reading, each, "parameterName", *at)))
        ],
        components=[f"{name} ({kind})" if kind else name for name, kind in components if name],
    )


def _terms(reading: Reading, content: Mapping[str, Any], key: str, *path: str | int) -> list[Term]:
    """Ontology annotations, or plain texts in their place, as files of older programs have them."""
    return [
        Term(_text(reading, each, "annotationValue", *at), text_of(each.get("termAccession")))
        for each, at in objects_at(reading, content, key, *path, text_is="annotationValue")
    ]


def _comments(reading: Reading, content: Mapping[str, Any], *path: str | int) -> list[Comment]:
    return [
        Comment(text_at(reading, each, "name", *at), value)
        for each, at in objects_at(reading, content, "comments", *path)
        if (value := _text(reading, each, "value", *at))
    ]


def _text(reading: Reading, content: Mapping[str, Any], key: str, *path: str | int) -> Text:
    return Text(text_at(reading, content, key, *path), (*path, key))


def _date(reading: Reading, content: Mapping[str, Any], key: str, *path: str | int) -> Text:
    """The day of a date or a moment: the schema allows both."""
    written = _text(reading, content, key, *path)
    return Text(day_of(written.text), written.path)


def _first(terms: list[Term]) -> str:
    return terms[0].name.text if terms else ""
