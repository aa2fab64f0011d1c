"""A report as JSON-LD of schema.org: a graph with one work for each published dataset, its files included.

schema.org has a property for SHA-256 but none for MD5, the checksum that repositories of this kind keep. It is given as
``spdx:checksum``, as science-on-schema.org 1.3 does it (Dataset guide, "Checksum"). Other checksums are not known here.

The document may be pasted into a page: ``<``, ``>`` and ``&`` are escaped, so no text ends the script element it is in.

Left out: roles of contributors (schema.org has creator and contributor only), notes, communities, dates other than
those of collection, relations without a counterpart (such as isObsoletedBy), conferences and journals, ISBN and place.
Files of restricted records have no ``contentUrl``.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from batchdep.report import facts
from batchdep.report.json_text import json_pieces
from batchdep.report.schema_org import work
from batchdep.report.status import BatchStatus

CONTEXT: Final = ["https://schema.org/", {"spdx": "http://spdx.org/rdf/terms#"}]

_ESCAPES: Final = str.maketrans({"<": "\\u003c", ">": "\\u003e", "&": "\\u0026"})


def jsonld_report(status: BatchStatus) -> Iterator[str]:
    """``{"@context": ..., "@graph": [...]}``, one node a published dataset."""
    works = (work(dataset, status.target, _checksum) for dataset in facts.published(status))
    for piece in json_pieces({"@context": CONTEXT, "@graph": works}):
        yield piece.translate(_ESCAPES)
    yield "\n"


def _checksum(md5: str) -> dict[str, Any]:
    checksum = {
        "@type": "spdx:Checksum",
        "spdx:algorithm": {"@id": "spdx:checksumAlgorithm_md5"},
        "spdx:checksumValue": md5,
    }
    return {"spdx:checksum": checksum}
