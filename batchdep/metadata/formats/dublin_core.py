"""Dublin Core as XML: the fifteen elements (``oai_dc``, or below any root), DCMI's terms, DSpace's ``dublin_core.xml``.

Everything is brought into DataCite's form, which has a place for nearly all of it. OpenAIRE's ``info:eu-repo`` words
for grants, access rights, embargoes and types are understood, since repositories write them into these elements.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple

from batchdep.metadata.datacite_words import access_named
from batchdep.metadata.formats.base import Reading, shortened
from batchdep.metadata.formats.dublin_core_terms import (
    DATES,
    RELATIONS,
    ROLES,
    best_type,
    dspace_term,
    grant_of,
    identified,
    place_of,
    split_orcid,
    type_word,
)
from batchdep.metadata.formats.kernel import Kernel
from batchdep.metadata.formats.markup import Element, flowed

_NAMESPACES = ("http://purl.org/dc/elements/1.1/", "http://purl.org/dc/terms/")
_ROOTS = frozenset({"dc", "oai_dc", "dublin_core", "simpledc", "qualifieddc"})
"""Roots below which elements are Dublin Core without a namespace too."""

_EMBARGO_END = "info:eu-repo/date/embargoend/"
_SCALARS = {"publisher": "publisher", "language": "language"}


class _Statement(NamedTuple):
    """A term in small letters, its value, and what else its element says."""

    term: str
    text: str
    language: str
    scheme: str
    element: Element


def recognises(content: object) -> bool:
    """Exactly one element that has a title of Dublin Core among its children."""
    return records(content) == 1


def records(content: object) -> int:
    """How many such elements there are."""
    return len(_descriptions(content))


def read(content: object) -> Reading:
    """Every term, in the order of the file."""
    found = _descriptions(content)
    return _kernel(found[0]).read() if len(found) == 1 else Reading()


def _descriptions(content: object) -> list[Element]:
    return [each for each in content.everything() if _is_description(each)] if isinstance(content, Element) else []


def _is_description(element: Element) -> bool:
    return any(each.term == "title" for each in _statements(element))


def _statements(parent: Element) -> Iterator[_Statement]:
    for child in parent.children:
        term = _term(parent, child)
        if term and (text := " ".join(child.text.split())):
            language = child.attributes.get("lang") or child.attributes.get("language", "")
            scheme = child.attributes.get("type", "").rpartition(":")[2] or _qualifier(child, term)
            whole = flowed(child.text) if term in ("description", "abstract", "tableofcontents") else text
            yield _Statement(term, whole, language.replace("_", "-"), scheme, child)


def _qualifier(child: Element, term: str) -> str:
    """DSpace's qualifier of an identifier or a subject is its scheme."""
    qualifier = child.attributes.get("qualifier", "none")
    return qualifier if term in ("identifier", "subject") and qualifier not in ("none", "other", "uri") else ""


def _term(parent: Element, child: Element) -> str:
    """The DCMI term that an element stands for; empty where it is none."""
    if child.tag == "dcvalue" and not child.namespace:
        return dspace_term(child.attributes.get("element", "").lower(), child.attributes.get("qualifier", "").lower())
    if child.namespace in _NAMESPACES or (not child.namespace and parent.tag.lower() in _ROOTS):
        return child.tag.lower()
    return ""


def _kernel(description: Element) -> Kernel:
    kernel = Kernel()
    statements = list(_statements(description))
    _add_types(kernel, statements)
    _add_undated(kernel, statements)
    for each in statements:
        if each.term in _HANDLERS:
            _HANDLERS[each.term](kernel, each)
        elif each.term in DATES:
            _add_date(kernel, each, DATES[each.term])
        elif each.term in RELATIONS:
            _add_related(kernel, each, RELATIONS[each.term])
        elif each.term not in ("type", "date"):
            kernel.leave_out(f"`{each.term}` {shortened(each.text)} is not taken over", each.element.path)
    return kernel


# -- a handler for each term ---------------------------------------------------------------------------------------


def _add_title(kernel: Kernel, said: _Statement) -> None:
    kind = {"title": "", "alternative": "AlternativeTitle"}[said.term]
    kernel.add("titles", _with_values(title=said.text, titleType=kind, lang=said.language), said.element.path)


def _add_description(kernel: Kernel, said: _Statement) -> None:
    kinds = {"abstract": "Abstract", "tableofcontents": "TableOfContents", "bibliographiccitation": "Citation"}
    described = _with_values(description=said.text, descriptionType=kinds.get(said.term, ""), lang=said.language)
    kernel.add("descriptions", described, said.element.path)


def _add_people(kernel: Kernel, said: _Statement) -> None:
    """One element may hold several people; names have no semicolon."""
    for each in said.text.split(";"):
        name, orcid = split_orcid(each)
        person: dict[str, object] = {"name": name}
        if orcid:
            person["nameIdentifiers"] = [{"nameIdentifier": orcid, "nameIdentifierScheme": "ORCID"}]
        if said.term in ROLES:
            person["contributorType"] = ROLES[said.term]
        if name:
            kernel.add("creators" if said.term == "creator" else "contributors", person, said.element.path)


def _add_subjects(kernel: Kernel, said: _Statement) -> None:
    for each in said.text.split(";"):
        subject = _with_values(subject=each.strip(), subjectScheme=said.scheme)
        if "subject" in subject:
            kernel.add("subjects", subject, said.element.path)


def _add_rights(kernel: Kernel, said: _Statement) -> None:
    """Whatever is no access right is taken for a licence, but not where the term says that it is none."""
    if said.term == "accessrights" and access_named(said.text) is None:
        kernel.leave_out(f"`accessRights` {said.text} is not taken over: it is none that is known", said.element.path)
        return
    kernel.add("rightsList", {"rights": said.text}, said.element.path)


def _put_scalar(kernel: Kernel, said: _Statement) -> None:
    kernel.put(_SCALARS[said.term], said.text, said.element.path)


def _add_format(kernel: Kernel, said: _Statement) -> None:
    kernel.add("sizes" if said.term == "extent" else "formats", said.text, said.element.path)


def _add_identifier(kernel: Kernel, said: _Statement) -> None:
    identifier, kind = identified(said.text)
    kind = kind or said.scheme.upper()
    if kind == "DOI":
        kernel.add("identifiers", {"identifier": identifier, "identifierType": kind}, said.element.path)
    elif kind == "ISSN":
        related = {"relatedIdentifier": identifier, "relatedIdentifierType": kind, "relationType": "IsPartOf"}
        kernel.add("relatedIdentifiers", related, said.element.path)
    else:
        alternate = _with_values(alternateIdentifier=identifier, alternateIdentifierType=kind)
        kernel.add("alternateIdentifiers", alternate, said.element.path)


def _add_related(kernel: Kernel, said: _Statement, relation: str) -> None:
    """An identifier with its relation; whatever else it is, and what has no relation, as an item with a title."""
    if (grant := grant_of(said.text)) is not None:
        funder, award = grant
        kernel.add("fundingReferences", {"funderName": funder, "awardNumber": award}, said.element.path)
        return
    identifier, kind = identified(said.text)
    if kind == "AlternateIdentifier":
        found, kind = identified(identifier)
        alternate = {"alternateIdentifier": found, "alternateIdentifierType": kind}
        kernel.add("alternateIdentifiers", alternate, said.element.path)
    elif kind and relation:
        related = {"relatedIdentifier": identifier, "relatedIdentifierType": kind, "relationType": relation}
        kernel.add("relatedIdentifiers", related, said.element.path)
    else:
        item = _with_values(titles=[{"title": said.text}], relationType=relation)
        kernel.add("relatedItems", item, said.element.path)


def _add_relation(kernel: Kernel, said: _Statement) -> None:
    _add_related(kernel, said, "")


def _add_source(kernel: Kernel, said: _Statement) -> None:
    _add_related(kernel, said, "IsDerivedFrom")


def _add_coverage(kernel: Kernel, said: _Statement) -> None:
    place = None if said.term == "temporal" else place_of(said.text)
    if place is None:
        kernel.add("dates", {"date": said.text, "dateType": "Coverage"}, said.element.path)
    else:
        kernel.add("geoLocations", place, said.element.path)


def _add_funding(kernel: Kernel, said: _Statement) -> None:
    kernel.add("fundingReferences", {"funderName": said.text}, said.element.path)


def _add_date(kernel: Kernel, said: _Statement, kind: str) -> None:
    day = said.text
    if day.lower().startswith(_EMBARGO_END):
        day, kind = day[len(_EMBARGO_END) :], "Available"
    kernel.add("dates", _with_values(date=day, dateType=kind), said.element.path)


def _add_undated(kernel: Kernel, statements: list[_Statement]) -> None:
    """Plain ``date``: the first without a time of day is that of publication, unless ``issued`` says it. Repositories
    write the moments at which they took something in here as well."""
    plain = [each for each in statements if each.term == "date"]
    issued = any(each.term == "issued" for each in statements)
    days = [each for each in plain if ":" not in each.text] or plain
    for each in plain:
        is_issue = not issued and each is days[0]
        _add_date(kernel, each, "Issued" if is_issue else "")


def _add_types(kernel: Kernel, statements: list[_Statement]) -> None:
    """The type that says most; several elements often name the same in different vocabularies."""
    types = [each for each in statements if each.term == "type"]
    best = best_type([each.text for each in types])
    for index, each in enumerate(types):
        if index == best:
            kernel.put("types", {"resourceType": type_word(each.text)}, each.element.path)
        else:
            kernel.leave_out(f"`type` {each.text} is not taken over: a deposition has one", each.element.path)


def _with_values(**entry: object) -> dict[str, object]:
    return {key: value for key, value in entry.items() if value}


_HANDLERS: dict[str, Callable[[Kernel, _Statement], None]] = {
    **dict.fromkeys(("title", "alternative"), _add_title),
    **dict.fromkeys(("description", "abstract", "tableofcontents", "bibliographiccitation"), _add_description),
    **dict.fromkeys(("creator", "contributor", *ROLES), _add_people),
    "subject": _add_subjects,
    **dict.fromkeys(("rights", "license", "accessrights"), _add_rights),
    **dict.fromkeys(_SCALARS, _put_scalar),
    **dict.fromkeys(("format", "extent", "medium"), _add_format),
    "identifier": _add_identifier,
    "relation": _add_relation,
    "source": _add_source,
    **dict.fromkeys(("coverage", "spatial", "temporal"), _add_coverage),
    "sponsorship": _add_funding,
}
