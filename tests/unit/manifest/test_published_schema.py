"""docs/batchdep.schema.json is what editors are pointed to."""

from __future__ import annotations

import json

from batchdep.manifest.schema import manifest_schema
from batchdep.metadata.schema import metadata_schema
from tests.support.cli import ROOT


def test_the_published_schema_is_the_programs() -> None:
    published = json.loads((ROOT / "docs" / "batchdep.schema.json").read_text(encoding="utf-8"))
    assert published == manifest_schema(metadata_schema()), "write it anew: batchdep schema > docs/batchdep.schema.json"
