"""``ro-crate-metadata.json`` of RO-Crate 1.1 and 1.2, and ``ro-crate-metadata.jsonld`` of 1.0.

Sources: the specifications (w3id.org/ro/crate/1.0, 1.1, 1.2), Workflow RO-Crate 1.0, Workflow Run Crate 0.5. A crate's
root is what the metadata descriptor is ``about``, whatever its ``@id``: ``./``, another relative one, or an address.

Taken over is what is said of the root. Files and folders in the crate, and the actions that made them, are deposited
with it and need no place in the record. A crate around a workflow often leaves to its main entity what the root should
say; that is taken from there where the root is silent.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from batchdep.metadata.formats.base import Reading, mappings, text_of
from batchdep.metadata.formats.jsonld import Graph, Node, context_texts, flat
from batchdep.metadata.formats.schema_org_people import AUTHORS, put_people_of
from batchdep.metadata.formats.schema_org_work import (
    put_description,
    put_keywords,
    put_licences,
    put_names,
    put_type,
    put_version,
    put_work,
)
from batchdep.metadata.identifiers import is_address, is_doi
from batchdep.regexes import regex

_DESCRIPTORS = (
    regex(r"(?:\./)?ro-crate-metadata\.json(?:ld)?"),
    regex(r"[^/]*-ro-crate-metadata\.json"),
    regex(r"https?://(?:.*[-/])?ro-crate-metadata\.json(?:ld)?"),
)
"""``@id`` of a descriptor: in a folder, of a detached crate in a file, on the web. One with a relative path is that of
a crate inside the crate."""
_PROFILE = regex(r"https?://w3id\.org/ro/crate(?:/|$)")
_RUN_PROFILE = regex(r"https?://w3id\.org/ro/wfrun/")
_RUNNABLE = ("ComputationalWorkflow", "SoftwareSourceCode")
_ROOTS = ("./", ".", "")


def recognises(content: Any) -> bool:
    """A graph with a metadata descriptor, or in RO-Crate's context."""
    if not isinstance(content, dict) or not isinstance(content.get("@graph"), list):
        return False
    if any(_PROFILE.match(each) for each in context_texts(content)):
        return True
    return any(_descriptors([each.value for each in flat(content["@graph"], ()) if isinstance(each.value, dict)]))


def read(content: Any) -> Reading:
    """What a crate says of its root."""
    reading = Reading()
    graph = Graph(content)
    root = _root(graph)
    if root is None:
        reading.note("the crate has no root: no metadata descriptor is `about` an entity that it has", "@graph")
        return reading
    root = _only_part(reading, root) or root
    main = _main_entity(root)
    if main is not None and not _is_run(root):
        put_type(reading, [kind for kind in main.types if kind in _RUNNABLE], main)
    put_work(reading, root, "mainEntity")
    if main is not None:
        _from_main_entity(reading, root, main)
    return reading


def _descriptors(entities: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Metadata descriptors, the crate's own first (1.2: Finding RO-Crate Root in RDF triple stores)."""
    about = [each for each in entities if each.get("about") is not None]
    for pattern in _DESCRIPTORS:
        yield from (each for each in about if pattern.fullmatch(text_of(each.get("@id"))))
    for each in about:
        profiles = [text_of(value.get("@id")) for _, value in mappings(each.get("conformsTo"))]
        if any(_PROFILE.match(profile) for profile in profiles):
            yield each


def _root(graph: Graph) -> Node | None:
    entities = [entry.parts[0][0] for entry in graph.entries]
    for descriptor in _descriptors(entities):
        for each in flat(descriptor.get("about"), ()):
            identifier = graph.identifier(each.value) if isinstance(each.value, dict) else text_of(each.value)
            if root := graph.described(identifier):
                return root
    return next((root for each in _ROOTS if (root := graph.described(each))), None)


def _only_part(reading: Reading, root: Node) -> Node | None:
    """Of a crate that only wraps a dataset from elsewhere, as the reports write it, that dataset."""
    if root.values(*AUTHORS) or root.values("mainEntity"):
        return None
    parts = root.nodes("hasPart")
    if len(parts) != 1 or "Dataset" not in parts[0].types or not parts[0].values(*AUTHORS):
        return None
    if not (is_address(parts[0].id) or is_doi(parts[0].id)):
        return None
    reading.note("the root names no author: the metadata are those of the only dataset in it", *root.place)
    return parts[0]


def _main_entity(root: Node) -> Node | None:
    return next((each for each in root.nodes("mainEntity") if each.parts), None)


def _is_run(root: Node) -> bool:
    """Whether the crate holds what a workflow made, rather than the workflow."""
    profiles = [each.text or each.id for each in root.nodes("conformsTo")]
    actions = (kind for each in root.nodes("mentions") for kind in each.types)
    return any(_RUN_PROFILE.match(each) for each in profiles) or "CreateAction" in actions


def _from_main_entity(reading: Reading, root: Node, main: Node) -> None:
    """Enters what the root does not say, and says so."""
    before = set(reading.metadata)
    if not root.values(*AUTHORS):
        put_people_of(reading, main, [])
    if "title" not in before:
        put_names(reading, main)
    put_description(reading, main)
    if "license" not in before:
        put_licences(reading, main)
    if "keywords" not in before:
        put_keywords(reading, main)
    if "version" not in before:
        put_version(reading, main)
    taken = [key for key in reading.metadata if key not in before]
    if taken:
        reading.note(f"taken from the main entity, since the root does not say it: {', '.join(taken)}", *main.place)
