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

import json
from collections.abc import Iterator
from datetime import datetime
from typing import Final
from urllib.parse import quote

from batchdep.report import facts
from batchdep.report.facts import Metadata
from batchdep.report.flat_graph import flat_graph
from batchdep.report.json_text import json_pieces
from batchdep.report.schema_org import Node, work
from batchdep.report.status import BatchStatus, DatasetStatus, FileStatus, utc_text
from batchdep.report.texts import line

CONTEXT: Final = "https://w3id.org/ro/crate/1.2/context"
PROFILE: Final = "https://w3id.org/ro/crate/1.2"
ROOT: Final = "./"
DESCRIPTOR: Final = "ro-crate-metadata.json"

_FILES: Final = ("distribution", "encoding")
_WORKS: Final = 0
_PARTS: Final = 1
"""Parts of the graph: all works come before all files, which are put in with their works."""


def ro_crate_report(status: BatchStatus, made: datetime) -> Iterator[str]:
    """The metadata document, to be called ``ro-crate-metadata.json``."""
    with flat_graph() as graph:
        contents = _Contents()
        for dataset in facts.published(status):
            contents.see(dataset)
            graph.describe((facts.doi_url(dataset.doi or ""), *(_place(dataset, file) for file in dataset.files)))
        graph.describe((ROOT,))
        graph.put(
            {"@id": DESCRIPTOR, "@type": "CreativeWork", "about": _ref(ROOT), "conformsTo": _ref(PROFILE)}, _WORKS
        )
        graph.put(_root(status, contents, made), _WORKS)
        for dataset in facts.published(status):
            node = _data_entity(dataset, status.target)
            graph.put(node, _WORKS)
            for file in node["hasPart"]:
                graph.put(file, _PARTS)
        yield from json_pieces({"@context": CONTEXT, "@graph": graph.entities()})
    yield "\n"


class _Contents:
    """What the root says of all datasets together."""

    def __init__(self) -> None:
        self.works: list[Node] = []
        self.licences: dict[str, Node | str] = {}
        self.last_day: datetime | None = None

    def see(self, dataset: DatasetStatus) -> None:
        self.works.append(_ref(facts.doi_url(dataset.doi or "")))
        if licence := _licence(dataset.metadata):
            self.licences[json.dumps(licence, sort_keys=True)] = licence
        self.last_day = max(filter(None, (self.last_day, dataset.published_at)), default=None)


def _root(status: BatchStatus, contents: _Contents, made: datetime) -> Node:
    """What RO-Crate demands of a root: name, description, datePublished and license."""
    batch, where = line(status.batch), facts.repository_name(status.target)
    number = len(contents.works)
    return {
        "@id": ROOT,
        "@type": "Dataset",
        "name": batch or "batch",
        "description": f"Datasets that were deposited in {where} together, as the batch {batch}: {number}.",
        "datePublished": utc_text(contents.last_day or made),
        "license": list(contents.licences.values()) or "None of the datasets names a licence.",
        "publisher": {"@id": status.target, "@type": "Organization", "name": where, "url": status.target},
        "hasPart": contents.works,
    }


def _data_entity(dataset: DatasetStatus, target: str) -> Node:
    node = work(dataset, target, _checksum)
    nodes: list[Node] = next((node.pop(key) for key in _FILES if key in node), [])
    if related_parts := node.pop("hasPart", None):
        node["mentions"] = related_parts
    if licence := _licence(dataset.metadata):
        node["license"] = licence
    kind = node["@type"]
    files = [_file(dataset, file, each) for each, file in zip(nodes, dataset.files, strict=True)]
    return node | {"@type": kind if kind == "Dataset" else ["Dataset", kind], "hasPart": files}


def _licence(metadata: Metadata) -> Node | str | None:
    """An entity where there is a page of the licence, else its name."""
    licence = facts.licence(metadata)
    if licence is None:
        return None
    where = licence.url or licence.id
    if "://" not in where:
        return where
    return {"@id": where, "@type": "CreativeWork", "name": licence.spdx or licence.id}


def _file(dataset: DatasetStatus, file: FileStatus, node: Node) -> Node:
    node.pop("contentUrl", None)
    return node | {"@id": _place(dataset, file), "@type": "File", "contentSize": str(file.size)}


def _place(dataset: DatasetStatus, file: FileStatus) -> str:
    return facts.file_url(dataset, file) or f"{facts.doi_url(dataset.doi or '')}#{_quoted(file.name)}"


def _quoted(name: str) -> str:
    return quote(name.encode("utf-8", "replace"), safe="")


def _checksum(md5: str) -> Node:
    return {"identifier": {"@id": f"#md5-{md5}", "@type": "PropertyValue", "propertyID": "MD5", "value": md5}}


def _ref(identifier: str) -> Node:
    return {"@id": identifier}
