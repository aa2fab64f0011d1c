"""The formats of metadata files: how each is recognised, and which file of a folder is the best."""

from __future__ import annotations

from collections.abc import Iterable
from fnmatch import fnmatchcase
from importlib import import_module
from typing import Any, Literal, Protocol, cast

from msgspec import Struct

from batchdep.metadata.formats.base import Reading

Syntax = Literal["json", "yaml", "xml", "text"]
"""How a file is parsed before a reader gets it: into values (JSON, YAML), an
:class:`~batchdep.metadata.formats.markup.Element` (XML), or not at all (text)."""


class Reader(Protocol):
    """What a module of a format offers."""

    def recognises(self, content: Any) -> bool:
        """Whether parsed ``content`` is of this format; raises nothing, whatever it is."""

    def read(self, content: Any) -> Reading:
        """What content that was recognised says; raises nothing, whatever else is in it."""


class ReaderOfOne(Reader, Protocol):
    """What a module offers whose format has files of several records too, of which it reads none."""

    def records(self, content: Any) -> int:
        """How many records parsed ``content`` has."""


class Format(Struct, frozen=True):
    """``names`` are patterns of file names, in small letters, under which a file of this format is looked for."""

    name: str
    module: str
    syntax: Syntax
    names: tuple[str, ...]

    @property
    def reader(self) -> Reader:
        """The module, imported when it is first needed."""
        return cast(Reader, import_module(f"batchdep.metadata.formats.{self.module}"))


FORMATS: tuple[Format, ...] = (
    Format("Zenodo metadata", "zenodo_json", "json", (".zenodo.json", "zenodo.json", "*.zenodo.json")),
    Format("DataCite JSON", "datacite_json", "json", ("datacite.json", "*datacite*.json")),
    Format("DataCite XML", "datacite_xml", "xml", ("datacite.xml", "*datacite*.xml")),
    Format("Zenodo record", "zenodo_record", "json", ()),
    Format("RO-Crate", "rocrate", "json", ("ro-crate-metadata.json", "*ro-crate-metadata.json*")),
    Format("Citation File Format", "cff", "yaml", ("citation.cff", "*.cff")),
    Format("Frictionless data package", "datapackage", "json", ("datapackage.json", "*datapackage.json*")),
    Format("CodeMeta", "codemeta", "json", ("codemeta.json",)),
    Format("schema.org", "schema_org", "json", ("*.jsonld",)),
    Format("ISA-JSON", "isa_json", "json", ("isa.json", "isa[-_]*.json", "*[-_.]isa.json", "i_*.json")),
    Format("ISA-Tab", "isa_tab", "text", ("i_investigation.txt", "i_*.txt", "*i_investigation.t*")),
    Format("Dublin Core", "dublin_core", "xml", ("dublin_core.xml", "dc.xml", "*dublin*core*.xml", "oai_dc.xml")),
)
"""In the order in which ``metadata: auto`` prefers them: what says most about a deposition comes first."""

_OF_ONE = frozenset({"datacite_json", "datacite_xml", "zenodo_record", "dublin_core"})
"""Modules that offer what :class:`ReaderOfOne` has."""

_SYNTAXES: dict[str, Syntax] = {
    ".json": "json", ".jsonld": "json", ".cff": "yaml", ".yaml": "yaml", ".yml": "yaml", ".xml": "xml",
    ".txt": "text", ".tsv": "text",
}  # fmt: skip


def syntax_of(name: str) -> Syntax | None:
    """How a file of this name is parsed; None for an ending that no format has."""
    return next((syntax for ending, syntax in _SYNTAXES.items() if name.lower().endswith(ending)), None)


def format_of(content: Any, syntax: Syntax) -> Format | None:
    """The format of parsed content, whatever the file's name: DataCite JSON is found as ``.zenodo.json`` too."""
    return next((each for each in _by_content(syntax) if each.reader.recognises(content)), None)


def format_of_several(content: Any, syntax: Syntax) -> tuple[Format, int] | None:
    """The format of which ``content`` has several records, and how many: nobody can tell which one is meant."""
    for each in _by_content(syntax):
        if each.module in _OF_ONE and (number := cast(ReaderOfOne, each.reader).records(content)) > 1:
            return each, number
    return None


def _by_content(syntax: Syntax) -> Iterable[Format]:
    """Zenodo's own metadata come last: they have no mark of their own."""
    return sorted((each for each in FORMATS if each.syntax == syntax), key=lambda each: each.module == "zenodo_json")


def rank_of(name: str) -> tuple[int, int] | None:
    """How good a metadata file of this name is: less is better; None is the name of no metadata file."""
    small = name.lower()
    for place, each in enumerate(FORMATS):
        for step, pattern in enumerate(each.names):
            if fnmatchcase(small, pattern):
                return place, step
    return None
