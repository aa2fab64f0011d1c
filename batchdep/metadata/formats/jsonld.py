"""JSON-LD of the schema.org vocabulary read as plain JSON: which node is meant, and what it says under a key.

No RDF library: it would fetch contexts from the network to learn what a key means, while the two profiles that are read
(RO-Crate, schema.org as search engines want it) fix their keys. What a file's own context says without the network is
heeded: prefixes and other names for schema.org's terms, and for ``@id`` and ``@type``.

A node is what the file says of one ``@id``: where it is mentioned, and where it is described. References are followed
one at a time and only by whoever asks, so circles do no harm.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from msgspec import Struct

from batchdep.metadata.formats.base import text_of
from batchdep.problems import ValuePath
from batchdep.regexes import regex

_VOCABULARY = regex(r"https?://(?:www\.)?schema\.org/(?:version/[^/]+/)?#?", re.IGNORECASE)
_PREFIX = regex(r"schema|sdo")
_WRAPPERS = ("@list", "@set")


class Value(NamedTuple):
    """A value and where it stands; ``language`` of a text that says one."""

    value: Any
    path: ValuePath
    language: str = ""


class Text(NamedTuple):
    text: str
    path: ValuePath
    language: str = ""


Part = tuple[dict[str, Any], ValuePath]
"""One of the objects that describe a node, and where it stands."""


class Graph:
    """All nodes of a document: an object, a list of objects, or what is under ``@graph``.

    ``entries`` are the outermost ones. Of several descriptions of an ``@id`` the first counts, outermost ones before
    nested ones.
    """

    def __init__(self, content: Any) -> None:
        self._names = _names_of(content)
        self._keys: dict[int, dict[str, list[str]]] = {}
        self._described: dict[str, Part] = {}
        self.entries = [Node(self, [part], part[1]) for part in _outermost(content)]
        self._index([entry.parts[0] for entry in self.entries])

    def local(self, name: str) -> str:
        """A key or type in schema.org's own word for it; whatever is not schema.org's stays."""
        known = self._names.get(name)
        if known is not None:
            return known
        prefix, colon, rest = name.partition(":")
        if colon and (_PREFIX.fullmatch(prefix) or self._names.get(f"{prefix}:") == ""):
            return rest
        found = _VOCABULARY.match(name)
        return name[found.end() :] if found else name

    def keys(self, content: dict[str, Any]) -> dict[str, list[str]]:
        """schema.org's word -> the keys that stand for it in ``content``."""
        found = self._keys.get(id(content))
        if found is None:
            found = self._keys[id(content)] = {}
            for key in content:
                found.setdefault(self.local(str(key)), []).append(key)
        return found

    def identifier(self, content: dict[str, Any]) -> str:
        return next((text_of(content[key]) for key in self.keys(content).get("@id", ())), "")

    def node(self, value: Any, path: ValuePath) -> Node:
        """The node that an object or a text stands for: a text may be an ``@id``, otherwise it is all there is."""
        mention = value if isinstance(value, dict) else {}
        identifier = self.identifier(mention) if mention else text_of(value)
        parts: list[Part] = [(mention, path)] if mention else []
        described = self._described.get(identifier)
        if described is not None and described[0] is not mention:
            parts.append(described)
        return Node(self, parts, path, "" if parts else text_of(value))

    def described(self, identifier: str) -> Node | None:
        """The node with that ``@id``, if the document says anything about it."""
        found = self._described.get(identifier)
        return Node(self, [found], found[1]) if found else None

    def _index(self, parts: list[Part]) -> None:
        """Level by level, without recursion."""
        while parts:
            inner: list[Part] = []
            for content, path in parts:
                if (identifier := self.identifier(content)) and len(content) > 1:
                    self._described.setdefault(identifier, (content, path))
                for key, value in content.items():
                    if key != "@context":
                        inner += [(each.value, each.path) for each in flat(value, (*path, key)) if _is_object(each)]
            parts = inner


class Node(Struct):
    """What a document says of one thing. ``path`` is where it is mentioned; ``text`` where that is a mere text."""

    graph: Graph
    parts: list[Part]
    path: ValuePath
    text: str = ""

    @property
    def id(self) -> str:
        return next((found for content, _ in self.parts if (found := self.graph.identifier(content))), "")

    @property
    def id_place(self) -> ValuePath:
        """Where its ``@id`` stands, whatever the document calls that: where it is described, or else mentioned."""
        for content, path in reversed(self.parts):
            for key in self.graph.keys(content).get("@id", ()):
                if text_of(content[key]):
                    return (*path, key)
        return self.place

    @property
    def place(self) -> ValuePath:
        """Where it is described, or else mentioned."""
        return self.parts[-1][1] if self.parts else self.path

    @property
    def types(self) -> list[str]:
        """Its types in schema.org's words."""
        return list(dict.fromkeys(self.graph.local(each.text) for each in self.texts("@type")))

    def values(self, *keys: str) -> list[Value]:
        """All values under the keys, lists laid flat, nulls and blanks left out; each content once."""
        return [
            each
            for key in keys
            for content, path in self.parts
            for written in self.graph.keys(content).get(key, ())
            for each in flat(content[written], (*path, written))
        ]

    def texts(self, *keys: str) -> list[Text]:
        return [Text(text, *each[1:]) for each in self.values(*keys) if (text := text_of(each.value))]

    def first(self, *keys: str) -> str:
        """The first text; empty where there is none."""
        return next((each.text for each in self.texts(*keys)), "")

    def nodes(self, *keys: str) -> list[Node]:
        """What the values stand for, each once."""
        found = [self.graph.node(each.value, each.path) for each in self.values(*keys) if _names_something(each.value)]
        return list({node.id or node.path: node for node in found}.values())

    def names(self, *keys: str) -> list[Text]:
        """Texts, and the names of nodes."""
        return [
            Text(name, node.path)
            for node in self.nodes(*keys)
            if (name := node.text or node.first("name", "alternateName"))
        ]

    def left(self, taken: Iterable[str]) -> Iterator[tuple[str, ValuePath]]:
        """The keys that say something and are not among ``taken``, in the document's words; JSON-LD's own are not
        among them."""
        known = set(taken)
        for content, path in self.parts:
            for local, written in self.graph.keys(content).items():
                if local in known or local.startswith("@"):
                    continue
                yield from ((key, (*path, key)) for key in written if any(True for _ in flat(content[key], ())))


def flat(value: Any, path: ValuePath) -> Iterator[Value]:
    """The values in a value: lists, ``@list`` and ``@set`` laid flat, ``@value`` taken out, nothing that is blank."""
    waiting = [Value(value, path)]
    while waiting:
        each = waiting.pop()
        if isinstance(each.value, list):
            waiting += [Value(item, (*each.path, index)) for index, item in enumerate(each.value)][::-1]
        elif isinstance(each.value, dict) and (wrapper := next((key for key in _WRAPPERS if key in each.value), None)):
            waiting.append(Value(each.value[wrapper], (*each.path, wrapper)))
        elif isinstance(each.value, dict) and "@value" in each.value:
            inner = each.value["@value"]
            if not isinstance(inner, dict | list) and inner is not None and text_of(inner) != "":
                yield Value(inner, (*each.path, "@value"), text_of(each.value.get("@language")))
        elif each.value not in (None, {}) and not (isinstance(each.value, str) and not each.value.strip()):
            yield each


def mentions_schema_org(content: Any) -> bool:
    """Whether the context, a key or a type of an outermost object names schema.org."""
    if any("schema.org" in each.lower() for each in context_texts(content)):
        return True
    return any(
        _VOCABULARY.match(word) or word.startswith("schema:")
        for part, _ in _outermost(content)
        for key, value in part.items()
        for word in (str(key), *(str(each.value) for each in flat(value if key == "@type" else None, ())))
    )


def context_texts(content: Any) -> list[str]:
    """The texts of the document's contexts: addresses, and what terms stand for."""
    found: list[str] = []
    for context in _contexts(content):
        for each in flat(context, ()):
            found += [each.value] if isinstance(each.value, str) else [text for _, text in _terms(each.value)]
    return found


def _contexts(content: Any) -> list[Any]:
    outermost = content if isinstance(content, list) else [content]
    return [each["@context"] for each in outermost if isinstance(each, dict) and "@context" in each]


def _terms(context: Any) -> Iterator[tuple[str, str]]:
    """What a context says that its terms stand for."""
    for term, meaning in context.items() if isinstance(context, dict) else ():
        stands_for = meaning.get("@id") if isinstance(meaning, dict) else meaning
        if isinstance(stands_for, str):
            yield str(term), stands_for


def _names_of(content: Any) -> dict[str, str]:
    """Term of the context -> schema.org's or JSON-LD's word; of a prefix of schema.org, with its colon, none."""
    names: dict[str, str] = {}
    for context in _contexts(content):
        for each in flat(context, ()):
            for term, meaning in _terms(each.value):
                found = _VOCABULARY.match(meaning)
                if found and not meaning[found.end() :]:
                    names[f"{term}:"] = ""
                elif found or meaning.startswith("schema:"):
                    names[term] = meaning[found.end() :] if found else meaning[len("schema:") :]
                elif meaning in ("@id", "@type"):
                    names[term] = meaning
    return names


def _outermost(content: Any) -> list[Part]:
    found: list[Part] = []
    for each in flat(content, ()):
        if not isinstance(each.value, dict):
            continue
        if "@graph" in each.value:
            inner = flat(each.value["@graph"], (*each.path, "@graph"))
            found += [(entry.value, entry.path) for entry in inner if isinstance(entry.value, dict)]
        else:
            found.append((each.value, each.path))
    return found


def _is_object(value: Value) -> bool:
    return isinstance(value.value, dict)


def _names_something(value: Any) -> bool:
    return isinstance(value, dict) or bool(text_of(value))
