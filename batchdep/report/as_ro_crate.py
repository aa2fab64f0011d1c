"""A report as one RO-Crate 1.2 metadata document: the batch is the root, each published dataset a dataset in it.

The root is ``./``, the folder that the document lies in; datasets and files are web-based data entities by their
addresses at the repository, so nothing needs to lie beside it (RO-Crate 1.2: data entities, "Web-based Data Entities").
A dataset's ``@id`` is its DOI's address, a file's is where the record's page links it, whoever may download it.

An MD5 is an ``identifier`` of its file, a PropertyValue: RO-Crate's context has no term for it. The crate is written
without a library: it is one JSON document whose parts, the same as those of the JSON-LD report, only need to be laid
flat and linked by ``@id``; the library is for folders of files and is used in the tests, to read what is written here.

Left out: what the JSON-LD report leaves out. A work that is no dataset is both a ``Dataset`` (RO-Crate: what has parts)
and what it is; its parts by relation are ``mentions``, since only files and datasets may be parts of a crate.
"""

from __future__ import annotations

import hashlib
import json
from datetime import datetime
from typing import Any, Final
from urllib.parse import quote

from batchdep.report import facts
from batchdep.report.schema_org import Node, work
from batchdep.report.status import BatchStatus, DatasetStatus, FileStatus, utc_text
from batchdep.report.texts import line

CONTEXT: Final = "https://w3id.org/ro/crate/1.2/context"
PROFILE: Final = "https://w3id.org/ro/crate/1.2"
ROOT: Final = "./"
DESCRIPTOR: Final = "ro-crate-metadata.json"

_FILES: Final = ("distribution", "encoding")


def ro_crate_report(status: BatchStatus, made: datetime) -> str:
    """The metadata document, to be called ``ro-crate-metadata.json``."""
    datasets = facts.published(status)
    works = [_data_entity(dataset, status.target) for dataset in datasets]
    root = _root(status, datasets, works, made)
    crate = _Crate({ROOT, *(entity["@id"] for each in works for entity in (each, *each["hasPart"]))})
    crate.put({"@id": DESCRIPTOR, "@type": "CreativeWork", "about": _ref(ROOT), "conformsTo": _ref(PROFILE)})
    for entity in (root, *works, *(file for each in works for file in each["hasPart"])):
        crate.put(entity)
    return json.dumps({"@context": CONTEXT, "@graph": crate.entities()}, ensure_ascii=False, indent=2) + "\n"


def _root(status: BatchStatus, datasets: list[DatasetStatus], works: list[Node], made: datetime) -> Node:
    """What RO-Crate demands of a root: name, description, datePublished and license."""
    batch, where = line(status.batch), facts.repository_name(status.target)
    days = [dataset.published_at for dataset in datasets if dataset.published_at]
    licences = {json.dumps(node["license"], sort_keys=True): node["license"] for node in works if "license" in node}
    return {
        "@id": ROOT,
        "@type": "Dataset",
        "name": batch or "batch",
        "description": f"Datasets that were deposited in {where} together, as the batch {batch}: {len(works)}.",
        "datePublished": utc_text(max(days, default=made)),
        "license": list(licences.values()) or "None of the datasets names a licence.",
        "publisher": {"@id": status.target, "@type": "Organization", "name": where, "url": status.target},
        "hasPart": [_ref(node["@id"]) for node in works],
    }


def _data_entity(dataset: DatasetStatus, target: str) -> Node:
    node = work(dataset, target, _checksum)
    nodes: list[Node] = next((node.pop(key) for key in _FILES if key in node), [])
    if related_parts := node.pop("hasPart", None):
        node["mentions"] = related_parts
    if "://" in str(node.get("license")):
        node["license"] = {"@id": node["license"], "@type": "CreativeWork", "name": _licence_name(dataset)}
    kind = node["@type"]
    files = [_file(dataset, file, each) for each, file in zip(nodes, dataset.files, strict=True)]
    return node | {"@type": kind if kind == "Dataset" else ["Dataset", kind], "hasPart": files}


def _licence_name(dataset: DatasetStatus) -> str:
    licence = facts.licence(dataset.metadata)
    return (licence.spdx or licence.id) if licence else ""


def _file(dataset: DatasetStatus, file: FileStatus, node: Node) -> Node:
    place = facts.file_url(dataset, file) or f"{facts.doi_url(dataset.doi or '')}#{_quoted(file.name)}"
    node.pop("contentUrl", None)
    return node | {"@id": place, "@type": "File", "contentSize": str(file.size)}


def _quoted(name: str) -> str:
    return quote(name.encode("utf-8", "replace"), safe="")


def _checksum(md5: str) -> Node:
    return {"identifier": {"@id": f"#md5-{md5}", "@type": "PropertyValue", "propertyID": "MD5", "value": md5}}


def _ref(identifier: str) -> Node:
    return {"@id": identifier}


class _Crate:
    """Nested nodes laid flat: each entity once, others refer to it (RO-Crate 1.2: flattened, compacted JSON-LD).

    ``described`` are the entities that are put in whole: what others say of them in passing does not count, as when one
    dataset of the batch cites another. Of all else the first mention is kept and later ones add to it.
    """

    def __init__(self, described: set[str]) -> None:
        self._described = described
        self._entities: dict[str, Node] = {}

    def entities(self) -> list[Node]:
        return list(self._entities.values())

    def put(self, node: Node) -> None:
        """Puts the node in, and all that is nested in it."""
        entity = self._entities.setdefault(node["@id"], {"@id": node["@id"]})
        for key, value in node.items():
            flat = self._flat(value)
            entity.setdefault(key, flat)

    def _flat(self, value: Any) -> Any:
        if isinstance(value, list):
            flat = [self._flat(each) for each in value]
            return list({json.dumps(each, sort_keys=True): each for each in flat}.values())
        if not isinstance(value, dict) or value.keys() == {"@id"}:
            return value
        identifier = value.get("@id") or _local_name(value)
        if identifier not in self._described:
            self.put({**value, "@id": identifier})
        return _ref(identifier)


def _local_name(node: Node) -> str:
    """The same for the same content, whatever else is in the crate."""
    content = json.dumps(node, sort_keys=True, default=str)
    return f"#{str(node['@type']).lower()}-{hashlib.sha256(content.encode()).hexdigest()[:16]}"
