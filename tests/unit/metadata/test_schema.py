"""The JSON Schema of the metadata names what the rules know."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest

from batchdep.metadata.rules import REQUIRED, RULES
from batchdep.metadata.schema import metadata_schema

SCHEMA = metadata_schema()


def every_schema(node: Any = SCHEMA) -> Iterator[dict[str, Any]]:
    if isinstance(node, dict):
        yield node
        for child in node.values():
            yield from every_schema(child)
    elif isinstance(node, list):
        for child in node:
            yield from every_schema(child)


def test_keys_are_those_of_the_rules() -> None:
    assert set(SCHEMA["properties"]) == set(RULES)
    assert SCHEMA["required"] == list(REQUIRED)


@pytest.mark.parametrize("key", sorted(RULES))
def test_each_key_is_explained(key: str) -> None:
    assert SCHEMA["properties"][key]["description"].endswith(".")


def test_it_is_json_and_its_patterns_compile() -> None:
    assert json.loads(json.dumps(SCHEMA)) == SCHEMA
    patterns = [node["pattern"] for node in every_schema() if isinstance(node.get("pattern"), str)]
    assert len(patterns) > 5
    for pattern in patterns:
        re.compile(pattern)


def test_patterns_take_what_the_rules_take() -> None:
    properties = SCHEMA["properties"]
    orcid = properties["creators"]["items"]["properties"]["orcid"]["pattern"]
    assert re.search(orcid, "https://orcid.org/0000-0002-1694-233X")
    assert not re.search(orcid, "0000-0002-1694")
    date = properties["publication_date"]["pattern"]
    assert re.search(date, "2020/2021-05")
    assert not re.search(date, "24/11/2026")


def test_licences_are_completed_common_ones_first() -> None:
    offers = SCHEMA["properties"]["license"]["anyOf"][0]["anyOf"]
    assert offers[0]["enum"][0] == "cc-by-4.0"
    assert {"MIT", "cc-zero", "notspecified"} <= set(offers[1]["enum"])


def test_finer_types_are_demanded() -> None:
    demands = {rule["if"]["required"][0]: rule["then"]["required"] for rule in SCHEMA["allOf"][1:]}
    assert demands == {"upload_type": ["image_type"], "access_right": ["embargo_date"]}
