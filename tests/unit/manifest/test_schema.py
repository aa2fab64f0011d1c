from __future__ import annotations

import json
import re
from typing import Any

from jsonschema import Draft202012Validator

from batchdep.manifest.datasets import DATASET_KEYS, FOLDERS_KEYS
from batchdep.manifest.load import MANIFEST_KEYS
from batchdep.manifest.schema import manifest_schema
from batchdep.manifest.sizes import parse_size

METADATA = {"type": "object", "properties": {"title": {"type": "string"}}, "required": ["title"]}


def test_it_has_the_keys_that_are_read() -> None:
    schema = manifest_schema(METADATA)
    assert set(schema["properties"]) == set(MANIFEST_KEYS)
    assert set(schema["$defs"]["dataset"]["properties"]) == set(DATASET_KEYS)
    assert set(schema["$defs"]["folders"]["properties"]) == set(FOLDERS_KEYS)
    assert set(schema["examples"][0]) <= set(MANIFEST_KEYS)
    json.dumps(schema)


def test_metadata_is_required_whole_only_where_it_is_whole() -> None:
    schema = manifest_schema(METADATA)
    assert schema["$defs"]["metadata"] == METADATA
    assert "required" not in schema["properties"]["defaults"]
    assert schema["properties"]["defaults"]["properties"] == METADATA["properties"]
    assert manifest_schema()["$defs"]["metadata"] == {"type": "object"}


def test_a_dataset_may_take_its_metadata_from_a_file() -> None:
    described = manifest_schema(METADATA | {"additionalProperties": False})["$defs"]["described"]
    valid = Draft202012Validator({"$defs": manifest_schema()["$defs"], **described}).is_valid
    good: list[Any] = ["auto", "s/.zenodo.json", {"title": "T"}, {"from": "auto", "title": "T"}]
    bad: list[Any] = ["", [], {"form": "auto"}, {"from": 3}]
    assert [each for each in [*good, *bad] if valid(each)] == good


def test_every_reference_leads_somewhere() -> None:
    schema = manifest_schema(METADATA)

    def references(node: Any) -> list[str]:
        if isinstance(node, dict):
            own = [node["$ref"]] if "$ref" in node else []
            return own + [ref for value in node.values() for ref in references(value)]
        return [ref for item in node for ref in references(item)] if isinstance(node, list) else []

    found = references(schema)
    assert found
    for reference in found:
        target: Any = schema
        for step in reference.removeprefix("#/").split("/"):
            target = target[step]
        assert target


def test_its_sizes_are_sizes() -> None:
    pattern = manifest_schema()["$defs"]["size"]["anyOf"][1]["pattern"]
    for text in ("5 GB", "500MB", "1 GiB", "1.5 kB", "123 bytes", "7 B"):
        assert re.search(pattern, text)
        assert parse_size(text)
    assert not re.search(pattern, "five")
