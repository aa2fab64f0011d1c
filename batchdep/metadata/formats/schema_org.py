"""schema.org's JSON-LD, as pages give it to search engines: an object, a list of objects, or a graph.

Sources: schema.org, Google's "Dataset structured data", science-on-schema.org 1.3. Works of all kinds are read; pages,
catalogues, people and organisations are not what is deposited.
"""

from __future__ import annotations

from typing import Any

from batchdep.metadata.formats import rocrate
from batchdep.metadata.formats.base import Reading
from batchdep.metadata.formats.jsonld import Graph, Node, context_texts, mentions_schema_org
from batchdep.metadata.formats.schema_org_types import is_data_entity, is_work
from batchdep.metadata.formats.schema_org_work import put_work


def recognises(content: Any) -> bool:
    """A work in schema.org's words; neither a crate nor CodeMeta, which are formats of their own."""
    if not isinstance(content, dict | list) or rocrate.recognises(content) or not mentions_schema_org(content):
        return False
    if any("codemeta" in each.lower() for each in context_texts(content)):
        return False
    return bool(_works(Graph(content)))


def read(content: Any) -> Reading:
    """What the document says of its work; of several, of the first that is part of no other."""
    reading = Reading()
    graph = Graph(content)
    works = _works(graph)
    if not works:
        return reading
    mentioned = {node.id for work in works for node in work.nodes("hasPart", "isPartOf", "citation", "isBasedOn")}
    own = [work for work in works if not work.id or work.id not in mentioned] or works
    datasets = [work for work in own if "Dataset" in work.types]
    chosen = (datasets or own)[0]
    others = len(own) - 1
    if others:
        message = (
            f"the document describes {others + 1} works: taken is {chosen.first('name') or chosen.id or 'the first'}"
        )
        reading.note(message, *next(work for work in own if work is not chosen).place)
    put_work(reading, chosen)
    return reading


def _works(graph: Graph) -> list[Node]:
    """The outermost works, and those that an outermost page is about (schema.org: mainEntity)."""
    nodes = [each for entry in graph.entries for each in (entry, *_main_entities(entry))]
    works = [each for each in nodes if any(map(is_work, each.types)) and not is_data_entity(each.types)]
    return list({each.id or each.place: each for each in works}.values())


def _main_entities(entry: Node) -> list[Node]:
    return entry.nodes("mainEntity") if any(each.endswith("Page") for each in entry.types) else []
