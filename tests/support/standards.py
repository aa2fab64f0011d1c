"""The published schemas that report documents are held to, as installed packages bring them."""

from __future__ import annotations

import json
from functools import cache
from importlib.resources import files
from typing import Any

import jsonschema

DATACITE_4_6 = {
    "resourceTypeGeneral": ["Award", "Project"],
    "relatedIdentifierType": ["CSTR", "RRID"],
    "relationType": ["HasTranslation", "IsTranslationOf"],
    "dateType": ["Coverage"],
    "contributorType": ["Translator"],
}
"""What DataCite's schema 4.6 has beyond 4.5, of which the package holds the JSON Schema (4.6: version history)."""


@cache
def datacite_schema() -> dict[str, Any]:
    """DataCite 4.6: the published JSON Schema of 4.5 with the words that 4.6 added. No key changed between them."""
    schema: dict[str, Any] = json.loads((files("datacite") / "schemas/datacite-v4.5.json").read_text(encoding="utf-8"))
    for name, added in DATACITE_4_6.items():
        words = schema["definitions"][name]["enum"]
        words += [word for word in added if word not in words]
    return schema


@cache
def cff_schema() -> dict[str, Any]:
    """Citation File Format 1.2.0."""
    place = files("check_jsonschema") / "builtin_schemas/vendor/citation-file-format.json"
    schema: dict[str, Any] = json.loads(place.read_text(encoding="utf-8"))
    assert schema["$id"] == "https://citation-file-format.github.io/1.2.0/schema.json"
    return schema


def faults(document: Any, schema: dict[str, Any]) -> list[str]:
    """What makes the document invalid, formats such as dates and addresses included."""
    kind = jsonschema.validators.validator_for(schema)
    validator = kind(schema, format_checker=kind.FORMAT_CHECKER)
    return [f"{error.json_path}: {error.message}" for error in validator.iter_errors(document)]


class Vocabulary:
    """schema.org, as published: which type has which property, and of which kinds its values are."""

    def __init__(self) -> None:
        graph = json.loads((files("rocrate") / "data/schema.jsonld").read_text(encoding="utf-8"))["@graph"]
        self._nodes = {node["@id"].removeprefix("schema:"): node for node in graph}

    def is_type(self, name: str) -> bool:
        return name in self._nodes and name[0].isupper()

    def kinds(self, name: str) -> set[str]:
        """The type and all those that it is a special case of."""
        above = _names(self._nodes[name].get("rdfs:subClassOf"))
        return {name}.union(*(self.kinds(each) for each in above if each in self._nodes))

    def fits(self, property_: str, types: set[str]) -> bool:
        """Whether a thing of one of ``types`` may have the property, and the property is not superseded."""
        node = self._nodes.get(property_)
        if node is None or "schema:supersededBy" in node:
            return False
        return not _names(node.get("schema:domainIncludes")).isdisjoint(set().union(*map(self.kinds, types)))

    def takes(self, property_: str, types: set[str]) -> bool:
        """Whether the property's value may be a thing of one of ``types``."""
        kinds = set().union(*map(self.kinds, types))
        return not _names(self._nodes[property_].get("schema:rangeIncludes")).isdisjoint(kinds)


@cache
def schema_org() -> Vocabulary:
    return Vocabulary()


@cache
def ro_crate_terms() -> frozenset[str]:
    """The terms of RO-Crate's JSON-LD context."""
    context = json.loads((files("rocrate") / "data/ro-crate.jsonld").read_text(encoding="utf-8"))["@context"]
    return frozenset(context)


def _names(value: Any) -> set[str]:
    listed = value if isinstance(value, list) else [value] if value else []
    return {each["@id"].removeprefix("schema:") for each in listed}
