"""``.zenodo.json`` of one dataset: what a repository that takes such files is to be told.

It has the metadata under the keys of the deposit API, as they were sent. What the repository added of itself is not in
it: the DOI that it gave, reserved identifiers, its name as publisher. Nothing of the state is (ids, addresses, errors).
A licence that the repository answered under an old id is written by its SPDX id: sent, the old one may mean another.
"""

from __future__ import annotations

import json
from typing import Any, Final

from batchdep.metadata.identifiers import OWN_DOI
from batchdep.metadata.licences import licence_answered
from batchdep.metadata.schema import metadata_schema
from batchdep.report.status import DatasetStatus

_PUBLISHER: Final = "Zenodo"


def zenodo_json(dataset: DatasetStatus) -> str:
    """The document, UTF-8 JSON, ending in a line end; keys that the deposit API does not know are left out."""
    known = metadata_schema()["properties"].keys() - {"prereserve_doi"}
    kept = {
        key: _without_nulls(value)
        for key, value in dataset.metadata.items()
        if key in known and _was_sent(key, value, dataset)
    }
    if dataset.deposition_id is not None and isinstance(licence := kept.get("license"), str):
        kept["license"] = (licence_answered(licence) or licence).lower()
    return json.dumps(kept, ensure_ascii=False, indent=2) + "\n"


def _was_sent(key: str, value: Any, dataset: DatasetStatus) -> bool:
    if key == "doi":
        return isinstance(value, str) and not OWN_DOI.match(value) and value != dataset.reserved_doi
    if key == "imprint_publisher" and value == _PUBLISHER:
        return False
    return value not in (None, "", [], {})


def _without_nulls(value: Any) -> Any:
    """Of people the repository answers an affiliation of null where none was sent."""
    if isinstance(value, dict):
        return {key: of for key, of in value.items() if of is not None}
    return [_without_nulls(each) for each in value] if isinstance(value, list) else value
