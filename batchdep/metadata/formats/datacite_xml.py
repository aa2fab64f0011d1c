"""DataCite's metadata as XML: kernels 3 and 4, alone or inside an envelope such as OAI-PMH's ``oai_datacite``.

The elements are brought into the form that DataCite's JSON has.
"""

from __future__ import annotations

from typing import Any

from batchdep.metadata.formats.base import Reading
from batchdep.metadata.formats.kernel import Kernel
from batchdep.metadata.formats.markup import Element, flowed
from batchdep.problems import ValuePath
from batchdep.regexes import regex

_NAMESPACE = regex(r"https?://(?:schema\.)?datacite\.org/(?:schema|meta)/kernel-[34](?:\.\d+)*/?")
_RENAMED = {"schemeURI": "schemeUri", "valueURI": "valueUri", "rightsURI": "rightsUri", "awardURI": "awardUri"}
_LISTS = {
    "titles": ("title", "title"),
    "subjects": ("subject", "subject"),
    "dates": ("date", "date"),
    "alternateIdentifiers": ("alternateIdentifier", "alternateIdentifier"),
    "relatedIdentifiers": ("relatedIdentifier", "relatedIdentifier"),
    "rightsList": ("rights", "rights"),
    "descriptions": ("description", "description"),
}
"""Lists of elements with text and attributes: name of the list -> element, key of its text."""

_READ = frozenset(
    {
        *("identifier", "creators", "publisher", "publicationYear", "resourceType", "contributors", "language"),
        *("sizes", "formats", "version", "geoLocations", "fundingReferences", "relatedItems", *_LISTS),
    }
)
_BOUNDS = {
    "geoLocationPoint": ("pointLatitude", "pointLongitude"),
    "geoLocationBox": ("southBoundLatitude", "westBoundLongitude", "northBoundLatitude", "eastBoundLongitude"),
}
"""The order in which kernel 3 writes numbers as one text (3.1, property 18)."""


def recognises(content: Any) -> bool:
    """Exactly one ``resource`` of DataCite's namespace."""
    return records(content) == 1


def records(content: Any) -> int:
    """How many such elements there are."""
    return len(_resources(content))


def read(content: Any) -> Reading:
    """Every property of the kernel."""
    found = _resources(content)
    return _kernel(found[0]).read() if len(found) == 1 else Reading()


def _resources(content: Any) -> list[Element]:
    return [each for each in content.everything() if _is_resource(each)] if isinstance(content, Element) else []


def _is_resource(element: Element) -> bool:
    return element.tag == "resource" and _NAMESPACE.fullmatch(element.namespace) is not None


def _kernel(resource: Element) -> Kernel:
    kernel = Kernel()
    for element in resource.children:
        _simple(kernel, element)
    for key, (tag, text_as) in _LISTS.items():
        for each in resource.all(key, tag):
            kernel.add(key, _described(each, text_as), each.path)
    for key in ("creators", "contributors"):
        for each in resource.all(key, key.removesuffix("s")):
            kernel.add(key, *_person(each))
    for each in resource.all("geoLocations", "geoLocation"):
        kernel.add("geoLocations", _place(each), each.path)
    for each in resource.all("fundingReferences", "fundingReference"):
        kernel.add("fundingReferences", _fields(each), each.path)
    for each in resource.all("relatedItems", "relatedItem"):
        kernel.add("relatedItems", _item(each), each.path)
    return kernel


def _simple(kernel: Kernel, element: Element) -> None:
    """Properties that occur once, and whatever the kernel does not have."""
    text = _line(element.text)
    match element.tag:
        case "identifier":
            is_doi = element.attributes.get("identifierType", "DOI").upper() == "DOI"
            described = {"identifier": text, "identifierType": element.attributes.get("identifierType", "DOI")}
            kernel.put("doi", text, element.path) if is_doi else kernel.add("identifiers", described, element.path)
        case "publisher":
            kernel.put("publisher", _described(element, "name"), element.path)
        case "resourceType":
            kernel.put("types", _described(element, "resourceType"), element.path)
        case "publicationYear" | "language" | "version":
            kernel.put(element.tag, text, element.path)
        case "sizes" | "formats":
            kernel.put(element.tag, [_line(each.text) for each in element.children if each.text], element.path)
        case tag if tag not in _READ:
            kernel.put(tag, text or [each.tag for each in element.children], element.path)


def _described(element: Element, text_as: str) -> dict[str, str]:
    """An element's text under ``text_as``, and its attributes as JSON names them; empty where there is no text."""
    text = _lines(element) if element.tag == "description" else _line(element.text)
    attributes = {_RENAMED.get(name, name): value.strip() for name, value in element.attributes.items()}
    said = {text_as: text, **attributes}
    meant = text or any(key not in ("lang", "schemeUri") and value for key, value in attributes.items())
    return {key: value for key, value in said.items() if value} if meant else {}


def _line(text: str) -> str:
    return " ".join(text.split())


def _lines(element: Element) -> str:
    """The paragraphs of a text, which have line breaks where there is a ``br``."""
    return "\n".join(flowed(part) for part in element.parted_by("br")).strip()


def _person(element: Element) -> tuple[dict[str, Any], ValuePath, dict[ValuePath, ValuePath]]:
    """A creator or contributor, where it stands, and where its identifiers and affiliations do."""
    name = element.first(f"{element.tag}Name")
    person: dict[str, Any] = _described(name, "name") if name is not None else {}
    person |= {key: text for key in ("givenName", "familyName") if (text := _line(element.text_at(key)))}
    person |= {key: value for key, value in element.attributes.items() if key == "contributorType"}
    places: dict[ValuePath, ValuePath] = {}
    for key, tag, text_as in (
        ("nameIdentifiers", "nameIdentifier", "nameIdentifier"),
        ("affiliation", "affiliation", "name"),
    ):
        for each in element.all(tag):
            if described := _described(each, text_as):
                found = person.setdefault(key, [])
                places[key, len(found)] = each.path
                found.append(described)
    return person, element.path, places


def _place(element: Element) -> dict[str, Any]:
    place: dict[str, Any] = {}
    names = [text for each in element.all("geoLocationPlace") if (text := _line(each.text))]
    if names:
        place["geoLocationPlace"] = names
    for tag, bounds in _BOUNDS.items():
        for each in element.all(tag):
            numbers = each.text.replace(",", " ").split()
            in_one = dict(zip(bounds, numbers, strict=True)) if len(numbers) == len(bounds) else {}
            place[tag] = in_one or _fields(each)
    polygons = [
        [{point.tag: _fields(point)} for point in each.children if point.tag in ("polygonPoint", "inPolygonPoint")]
        for each in element.all("geoLocationPolygon")
    ]
    return place | ({"geoLocationPolygon": polygons} if polygons else {})


def _fields(element: Element) -> dict[str, str]:
    """The texts of the children under their names, with their attributes."""
    fields: dict[str, str] = {}
    for child in element.children:
        for key, value in _described(child, child.tag).items():
            fields.setdefault(key, value)
    return fields


def _item(element: Element) -> dict[str, Any]:
    item: dict[str, Any] = {**element.attributes, **_fields(element)}
    for key, tag in (("titles", "title"), ("creators", "creator"), ("contributors", "contributor")):
        found = list(element.all(key, tag))
        described = [_described(each, "title") if key == "titles" else _person(each)[0] for each in found]
        item[key] = [each for each in described if each]
    if (identifier := element.first("relatedItemIdentifier")) is not None:
        described_identifier = _described(identifier, "relatedItemIdentifier")
        item = {key: value for key, value in item.items() if key not in described_identifier}
        item["relatedItemIdentifier"] = described_identifier
    return item
