"""``CITATION.cff``: the Citation File Format, versions 1.0.3 to 1.2.0.

Source: the format's schema and its guide (github.com/citation-file-format/citation-file-format). The file cites one
software or dataset; ``preferred-citation`` and ``references`` are other works
(:mod:`batchdep.metadata.formats.cff_references`), unless the preferred citation is software or a dataset: then it is
the work itself, and says what the file leaves out.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from batchdep.metadata.dates import day_of
from batchdep.metadata.formats.base import Reading, is_blank, text_of
from batchdep.metadata.formats.cff_people import credits_in
from batchdep.metadata.formats.cff_references import identifier_of, is_work_itself, put_reference
from batchdep.metadata.formats.convert import put_licence, put_own_identifier, relate
from batchdep.metadata.formats.roles import put_people
from batchdep.metadata.formats.shapes import objects_at, put_keywords, text_at
from batchdep.metadata.identifiers import OWN_PAGE, is_doi
from batchdep.problems import ValuePath
from batchdep.regexes import regex

_PREFERRED = "preferred-citation"
_LINKS = {
    "repository-code": ("isSupplementTo", "software"),
    "repository": ("isIdenticalTo", None),
    "repository-artifact": ("isVariantFormOf", "software"),
    "url": ("isDescribedBy", None),
}
"""Key -> relation and type of what it leads to. The code is what a release of it supplements, as the repository's own
integration with GitHub has it; an artifact is the same software, built; ``url`` is a page about it."""

_CODE = regex(r"https?://(?:www\.)?(?:github\.com|gitlab\.[\w.-]+|bitbucket\.org|codeberg\.org)/[^/?#]+/[^?#]+")

_TAKEN = (
    *("cff-version", "type", "title", "abstract", "authors", "contact", "keywords", "license", "license-url"),
    *("version", "date-released", "doi", "identifiers", "references", _PREFERRED, *_LINKS),
)
_ALTERNATIVES = regex(r"\s+OR\s+")


def recognises(content: Any) -> bool:
    """A mapping that says which version of the format it is, or has a ``message`` beside ``authors``."""
    return isinstance(content, dict) and ("cff-version" in content or {"message", "authors"} <= content.keys())


def read(content: dict[str, Any]) -> Reading:
    """Each key of the format."""
    reading = Reading()
    reading.origins[()] = ()
    _type(reading, content)
    _work(reading, content)
    preferred = list(objects_at(reading, content, _PREFERRED))
    for work, at in preferred:
        if is_work_itself(work):
            _fill(reading, work, at)
    for key, (relation, kind) in _LINKS.items():
        _link(reading, content, key, relation, kind)
    put_own_identifier(reading, text_at(reading, content, "doi"), "doi", "doi")
    for identifier, at in objects_at(reading, content, "identifiers"):
        _identifier(reading, identifier, at)
    for work, at in preferred:
        _preferred(reading, work, at)
    for work, at in objects_at(reading, content, "references", text_is="title"):
        put_reference(reading, work, "references", at)
    reading.left_out(content, _TAKEN)
    return reading


def _type(reading: Reading, content: Mapping[str, Any]) -> None:
    """Software unless it is said to be a dataset (guide: type)."""
    written = text_at(reading, content, "type")
    is_dataset = written.lower() == "dataset"
    reading.put("upload_type", "dataset" if is_dataset else "software", *(("type",) if written else ()))
    if written and not is_dataset and written.lower() != "software":
        reading.note(f"`type` {written} is taken for software: the format knows software and dataset", "type")


def _work(reading: Reading, content: Mapping[str, Any], *at: str | int) -> None:
    """What the file, or the preferred citation at ``at``, says of the work; what is entered already stays."""
    reading.put("title", " ".join(text_at(reading, content, "title", *at).split()), *at, "title")
    reading.put("description", text_at(reading, content, "abstract", *at), *at, "abstract")
    if "creators" not in reading.metadata:
        put_people(reading, credits_in(reading, content, *at))
    reading.put("version", text_at(reading, content, "version", *at), *at, "version")
    reading.put("publication_date", day_of(text_at(reading, content, "date-released", *at)), *at, "date-released")
    if "keywords" not in reading.metadata:
        put_keywords(reading, content, *at)
    if "license" not in reading.metadata:
        _licences(reading, content, *at)


def _fill(reading: Reading, work: Mapping[str, Any], at: ValuePath) -> None:
    """Enters what the preferred citation says and the file itself does not, and says so."""
    before = set(reading.metadata)
    _work(reading, work, *at)
    if taken := [key for key in reading.metadata if key not in before]:
        names = ", ".join(taken)
        reading.note(f"taken from `{_PREFERRED}`, since the file itself does not say it: {names}", *at)


def _licences(reading: Reading, content: Mapping[str, Any], *at: str | int) -> None:
    """Several licences are alternatives (schema: license), as those in an SPDX expression with ``OR``."""
    written = content.get("license")
    listed = isinstance(written, list)
    for index, each in enumerate(written if isinstance(written, list) else [written]):
        path = (*at, "license", index) if listed else (*at, "license")
        words = [each] if isinstance(each, dict) else _ALTERNATIVES.split(text_of(each))
        for word in words:
            put_licence(reading, word, *path)
        if not isinstance(each, dict) and not text_of(each) and not is_blank(each):
            reading.note("`license` is not taken over: it is no text", *path)
    put_licence(reading, text_at(reading, content, "license-url", *at), *at, "license-url")


# -- where else it is ----------------------------------------------------------------------------------------------


def _link(reading: Reading, content: Mapping[str, Any], key: str, relation: str, kind: str | None) -> None:
    """An address that stands under several keys is related once, by the first of :data:`_LINKS`; a ``url`` that leads
    to the code is often all there is."""
    written = text_at(reading, content, key)
    if not written or _is_related(reading, written):
        return
    if key == "url" and "repository-code" not in content and _CODE.fullmatch(written):
        relation, kind = _LINKS["repository-code"]
    if relation == "isIdenticalTo" or is_doi(written) or OWN_PAGE.match(written):
        put_own_identifier(reading, written, key, key)
    else:
        relate(reading, written, relation, key, resource_type=kind)


def _is_related(reading: Reading, identifier: str) -> bool:
    return any(each["identifier"] == identifier for each in reading.metadata.get("related_identifiers", ()))


def _identifier(reading: Reading, entry: dict[str, Any], at: ValuePath) -> None:
    reading.left_out(entry, ("type", "value"), *at, why="a related identifier has an address and a relation")
    written = text_at(reading, entry, "value", *at)
    if not _is_related(reading, written):
        put_own_identifier(reading, written, "identifiers", *at)


def _preferred(reading: Reading, work: dict[str, Any], at: ValuePath) -> None:
    """A paper describes the work; the work itself has the identifier from elsewhere."""
    if not is_work_itself(work):
        put_reference(reading, work, "isDescribedBy", at)
        return
    identifier = identifier_of(work)
    if identifier and not _is_related(reading, identifier):
        put_own_identifier(reading, identifier, _PREFERRED, *at)
