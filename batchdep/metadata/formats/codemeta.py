"""``codemeta.json``: CodeMeta 2.0 and 3.x, and the words of 1.0.

Sources: CodeMeta's context, its properties and its crosswalk from version 1 (github.com/codemeta/codemeta). CodeMeta is
schema.org with some terms of its own. The content is brought into schema.org's form, value by value where it stands,
and read as such (:mod:`batchdep.metadata.formats.schema_org_work`).
"""

from __future__ import annotations

import re
from typing import Any

from batchdep.metadata.formats import rocrate
from batchdep.metadata.formats.base import Reading, text_of
from batchdep.metadata.formats.convert import put_embargo
from batchdep.metadata.formats.jsonld import Graph, context_texts
from batchdep.metadata.formats.schema_org_types import is_work
from batchdep.metadata.formats.schema_org_work import put_work
from batchdep.metadata.funders import funder_doi
from batchdep.regexes import regex

_OWN = (
    *("softwareSuggestions", "maintainer", "continuousIntegration", "buildInstructions", "developmentStatus"),
    *("funding", "embargoEndDate", "issueTracker", "referencePublication", "readme", "hasSourceCode"),
    "isSourceCodeOf",
)
_PREFIXES = ("codemeta:", "https://w3id.org/codemeta/terms/", "https://codemeta.github.io/terms/")
_CONTEXT = {
    **{"id": "@id", "type": "@type", "schema": "http://schema.org/"},
    **{f"{prefix}{term}": f"schema:{term}" for prefix in _PREFIXES for term in _OWN},
    # version 2, and version 1 (crosswalks/codemeta-V1.csv)
    "contIntegration": "schema:continuousIntegration",
    **{"agents": "schema:author", "uploadedBy": "schema:maintainer", "title": "schema:headline"},
    **{"licenseId": "schema:license", "controlledTerms": "schema:keywords", "URL": "schema:url"},
    **{"downloadLink": "schema:downloadUrl", "operatingSystems": "schema:operatingSystem"},
    **{"depends": "schema:softwareRequirements", "suggests": "schema:softwareSuggestions"},
    **{"relatedPublications": "schema:referencePublication", "embargoDate": "schema:embargoEndDate"},
}
"""What CodeMeta's own context says, as far as it matters here, and older words for the same terms."""

_TAKEN = ("embargoEndDate",)
_GIT = regex(r"(?:git\+|scm:git:)(?=https?://)")
_NUMBER = regex(r"\s*([\w./-]*\d[\w./-]*)\s*(?:;.*)?", re.DOTALL)
_NAMED = ("@type", "type", "@id", "id", "name", "identifier")


def recognises(content: Any) -> bool:
    """An object or a graph whose context names CodeMeta, but for crates, which name it among others."""
    if not isinstance(content, dict | list) or rocrate.recognises(content):
        return False
    return any("codemeta" in each.lower() for each in context_texts(content)) and bool(Graph(content).entries)


def read(content: Any) -> Reading:
    """What the document says of the software; without a type it is software."""
    reading = Reading()
    graph = Graph(_as_schema_org(content))
    works = [each for each in graph.entries if any(map(is_work, each.types))] or graph.entries
    if not works:
        return reading
    software = works[0]
    for other in works[1:]:
        reading.note("another work is not taken over: a deposition is of one", *other.place)
    for each in software.texts("embargoEndDate"):
        put_embargo(reading, each.text, *each.path)
    put_work(reading, software, *_TAKEN)
    reading.put("upload_type", "software", *software.place)
    for each in software.texts("downloadUrl"):
        reading.note(f"`downloadUrl` {each.text} is not taken over: the files are what is deposited", *each.path)
    return reading


# -- into schema.org's form ----------------------------------------------------------------------------------------


def _as_schema_org(content: Any) -> Any:
    """The content with :data:`_CONTEXT` before its own; each value stays where it stands."""
    if isinstance(content, list):
        return [_as_schema_org(each) for each in content]
    if not isinstance(content, dict):
        return content
    own = content.get("@context")
    changed = {key: _changed(key, value) for key, value in content.items()}
    changed["@context"] = [_CONTEXT, *(own if isinstance(own, list) else [own])]
    if isinstance(graph := content.get("@graph"), list):
        changed["@graph"] = [_works_changed(each) for each in graph]
    return _with_grants(_without_doubled_page(changed))


def _works_changed(entry: Any) -> Any:
    if not isinstance(entry, dict):
        return entry
    return _with_grants(_without_doubled_page({key: _changed(key, value) for key, value in entry.items()}))


def _changed(key: str, value: Any) -> Any:
    if key == "codeRepository" and text_of(value):
        return {"@id": _GIT.sub("", text_of(value)), "@type": "SoftwareSourceCode"}
    if key in ("softwareRequirements", "softwareSuggestions") and isinstance(value, dict):
        # R's codemetar numbers them
        return value if any(name in value for name in _NAMED) else list(value.values())
    return value


def _without_doubled_page(content: dict[str, Any]) -> dict[str, Any]:
    """``url`` says nothing new where it is the repository of the code."""
    code = content.get("codeRepository")
    if isinstance(code, dict) and text_of(content.get("url")) == text_of(code.get("@id")):
        return {key: value for key, value in content.items() if key != "url"}
    return content


def _with_grants(content: dict[str, Any]) -> dict[str, Any]:
    """``funding`` is a text, the award's number perhaps with its title, beside the one ``funder`` whose award it is."""
    funder, funding = content.get("funder"), content.get("funding")
    funders = funder if isinstance(funder, list) else [funder]
    found = _NUMBER.fullmatch(text_of(funding))
    if found is None or len(funders) != 1 or not _is_known(funders[0]):
        return content
    grant = {"@type": "Grant", "identifier": found[1], "funder": funders[0]}
    return {key: value for key, value in content.items() if key != "funder"} | {"funding": grant}


def _is_known(funder: Any) -> bool:
    """Whether the repository takes the funder's grants."""
    if not isinstance(funder, dict):
        return bool(text_of(funder)) and funder_doi(text_of(funder)) is not None
    words = [text_of(funder.get(key)) for key in ("@id", "id", "identifier", "name")]
    return any(funder_doi(word) for word in words if word)
