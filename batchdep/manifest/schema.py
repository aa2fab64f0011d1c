"""The manifest as JSON Schema, for editors that complete and check while one types."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

DIALECT = "https://json-schema.org/draft/2020-12/schema"
_ANY_METADATA: Mapping[str, Any] = {"type": "object"}


def manifest_schema(metadata_schema: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """JSON Schema 2020-12 of a YAML or JSON manifest.

    ``metadata_schema`` describes the metadata of one deposition; without it any mapping will do. In ``defaults`` the
    same keys are taken, none of them required.
    """
    metadata = dict(metadata_schema or _ANY_METADATA)
    return {
        "$schema": DIALECT,
        "title": "batchdep manifest",
        "description": "A batch of datasets to deposit. Paths are relative to the manifest's folder.",
        "type": "object",
        "required": ["version", "datasets"],
        "additionalProperties": False,
        "properties": _header() | {"defaults": _defaults(metadata), "datasets": _datasets()},
        "$defs": {
            "name": {"type": "string", "minLength": 1, "maxLength": 200, "pattern": r"^\S(.*\S)?$"},
            "size": _size(),
            "path": {"type": "string", "minLength": 1},
            "files": _files(),
            "file": _file(),
            "fill": _fill(),
            "dataset": _dataset(),
            "deposited": _deposited(),
            "folders": _folders(),
            "metadata": metadata,
            "described": _described(metadata),
        },
        "examples": [_EXAMPLE],
    }


def _header() -> dict[str, Any]:
    return {
        "version": {"const": 1, "description": "The version of the manifest's form."},
        "batch": {
            "$ref": "#/$defs/name",
            "description": "The batch's name; by default the file's name without its ending.",
            "examples": ["rose-scent-2018"],
        },
        "target": {
            "$ref": "#/$defs/name",
            "description": "Where to deposit: zenodo, sandbox, local, an https URL, or a name in your configuration.",
            "default": "local",
            "examples": ["sandbox", "zenodo", "local"],
        },
        "publish": {
            "type": "boolean",
            "description": "false leaves drafts for a person to review; true publishes each dataset once verified.",
            "default": False,
        },
        "limits": {
            "type": "object",
            "description": "Raise them only for a quota that you were granted.",
            "additionalProperties": False,
            "properties": {
                "file": {"$ref": "#/$defs/size", "description": "Largest file.", "default": "5 GB"},
                "dataset": {"$ref": "#/$defs/size", "description": "All files of a dataset.", "default": "50 GB"},
                "files": {"type": "integer", "minimum": 1, "description": "Files of a dataset.", "default": 100},
            },
        },
    }


def _size() -> dict[str, Any]:
    return {
        "description": "Bytes, or a size with a decimal (5 GB) or binary (1 GiB) unit.",
        "anyOf": [
            {"type": "integer", "minimum": 1},
            {"type": "string", "pattern": r"^\s*[0-9]+(\.[0-9]+)?\s*([kKmMgGtTpP]?([iI]?[bB])?|[bB]ytes?)\s*$"},
        ],
        "examples": ["5 GB", "500MB", "1 GiB"],
    }


def _defaults(metadata: Mapping[str, Any]) -> dict[str, Any]:
    optional = {key: value for key, value in metadata.items() if key not in ("required", "allOf", "anyOf", "oneOf")}
    return optional | {"description": "Metadata that every dataset starts from; a dataset's own key replaces it."}


def _described(metadata: Mapping[str, Any]) -> dict[str, Any]:
    """How a dataset is described. Nothing is required: it may come from ``defaults`` or from a file."""
    own = _defaults(metadata)
    source = {
        "$ref": "#/$defs/path",
        "description": "A metadata file, or auto for the one beside the files; the keys beside it replace its own.",
        "examples": ["auto", ".zenodo.json"],
    }
    own |= {
        "properties": {"from": source, **own.get("properties", {})},
        "description": "Keys of the deposit API; with `from`, those that replace a file's.",
    }
    return {"anyOf": [own, {"$ref": "#/$defs/path"}], "examples": ["auto", "study/.zenodo.json"]}


def _datasets() -> dict[str, Any]:
    return {
        "description": "A list of datasets, or folders of which each is a dataset.",
        "anyOf": [
            {"type": "array", "minItems": 1, "items": {"$ref": "#/$defs/dataset"}},
            {"$ref": "#/$defs/folders"},
        ],
    }


def _dataset() -> dict[str, Any]:
    return {
        "type": "object",
        "required": ["id", "files"],
        "additionalProperties": False,
        "properties": {
            "id": {
                "$ref": "#/$defs/name",
                "description": "Unique in the manifest, and the same for ever: a rerun resumes by it.",
                "examples": ["ng2018-tabular"],
            },
            "metadata": {
                "$ref": "#/$defs/described",
                "description": "Metadata of Zenodo's deposit API, the path of a metadata file, or auto.",
            },
            "files": {"$ref": "#/$defs/files"},
            "fill": {"$ref": "#/$defs/fill"},
            "deposited": {"$ref": "#/$defs/deposited"},
        },
    }


def _folders() -> dict[str, Any]:
    return {
        "type": "object",
        "required": ["folders"],
        "additionalProperties": False,
        "properties": {
            "folders": {
                "$ref": "#/$defs/path",
                "description": "A pattern: each folder that it matches is a dataset, its id the folder's name.",
                "examples": ["studies/*"],
            },
            "metadata": {
                "$ref": "#/$defs/described",
                "description": "The metadata file in each folder, or auto.",
                "default": ".zenodo.json",
            },
            "files": {"$ref": "#/$defs/files", "description": "Relative to each folder.", "default": "**"},
            "fill": {"$ref": "#/$defs/fill"},
            "deposited": {
                "type": "object",
                "description": "What write-back wrote, by the name of the folder.",
                "additionalProperties": {"$ref": "#/$defs/deposited"},
            },
        },
    }


def _deposited() -> dict[str, Any]:
    return {
        "type": "object",
        "description": "What write-back wrote. It is for people: nothing is deposited otherwise because of it.",
        "additionalProperties": False,
        "properties": {
            "deposition_id": {"type": "integer", "minimum": 0, "description": "The deposition at the repository."},
            "doi": {"type": ["string", "null"], "description": "Of a draft, the DOI that its record will have."},
            "url": {"type": ["string", "null"], "description": "The page of the record, or of the draft."},
            "state": {"type": "string", "description": "draft, published or discarded.", "examples": ["published"]},
        },
    }


def _files() -> dict[str, Any]:
    return {
        "description": "A path or pattern, or a list of entries.",
        "anyOf": [
            {"$ref": "#/$defs/file"},
            {"type": "array", "minItems": 1, "items": {"$ref": "#/$defs/file"}},
        ],
    }


def _fill() -> dict[str, Any]:
    return {
        "description": "Text files of the dataset in which {{doi:ID}} becomes the DOI of the dataset ID, in a copy.",
        "anyOf": [
            {"$ref": "#/$defs/path"},
            {"type": "array", "items": {"$ref": "#/$defs/path"}},
        ],
        "examples": [["README.md", "docs/*.md"]],
    }


def _file() -> dict[str, Any]:
    path = {"$ref": "#/$defs/path", "description": "A path or pattern; ** crosses folders."}
    return {
        "anyOf": [
            path | {"examples": ["data/processed/*.csv"]},
            _entry(
                {"path": path, "name": {"$ref": "#/$defs/path", "description": "Its name in the deposition."}},
                {"path": "data/a b.csv", "name": "a_b.csv"},
            ),
            _entry(
                {
                    "path": {"$ref": "#/$defs/path", "description": "A folder."},
                    "archive": {
                        "type": "string",
                        "pattern": r"\.[zZ][iI][pP]$",
                        "description": "The name of the reproducible zip that is made of the folder.",
                    },
                },
                {"path": "figures/", "archive": "figures.zip"},
                required=["path", "archive"],
            ),
        ]
    }


def _entry(properties: dict[str, Any], example: dict[str, str], required: list[str] | None = None) -> dict[str, Any]:
    return {
        "type": "object",
        "required": required or ["path"],
        "additionalProperties": False,
        "properties": properties,
        "examples": [example],
    }


_EXAMPLE: dict[str, Any] = {
    "version": 1,
    "target": "sandbox",
    "defaults": {"upload_type": "dataset", "license": "cc-by-4.0", "creators": [{"name": "Roy, Asha"}]},
    "datasets": [
        {
            "id": "field-2018",
            "metadata": {"title": "Field measurements 2018", "description": "Soil moisture, hourly."},
            "files": ["data/2018/*.csv", {"path": "figures/", "archive": "figures.zip"}],
        }
    ],
}
