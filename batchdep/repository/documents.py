"""Reads the repository's documents into the model, trusting nothing in them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, Final
from urllib.parse import urlsplit

from batchdep.regexes import regex
from batchdep.repository.answers import Malformed, Reply, plain
from batchdep.repository.model import Deposition, DepositionState, RemoteFile

_MD5: Final = regex(r"(?:md5:)?([0-9a-fA-F]{32})")


def deposition(document: Any) -> Deposition:
    """A deposition as POST, GET, PUT and the list give it. List entries and some records lack ``links.bucket``.

    Raises:
        Malformed: it lacks what every deposition has.
    """
    entry = _object(document, "a deposition")
    metadata = _optional(entry, "metadata", dict, {})
    links = _optional(entry, "links", dict, {})
    return Deposition(
        id=_whole_number(entry.get("id"), "the deposition's id"),
        state=_state(entry),
        metadata=metadata,
        files=tuple(_listed_file(item) for item in _optional(entry, "files", list, [])),
        bucket=_text(links.get("bucket")) or None,
        url=_web_address(links.get("html")),
        reserved_doi=_reserved_doi(metadata),
        doi=_text(entry.get("doi")) or None,
        concept_doi=_text(entry.get("conceptdoi")) or None,
        created=_moment(entry.get("created")),
    )


def depositions(document: Any) -> list[tuple[Deposition, datetime | None]]:
    """A page of the list, each entry with the moment it was last modified."""
    if not isinstance(document, list):
        raise Malformed("the answer is no list of depositions")
    return [(deposition(entry), _moment(entry.get("modified"))) for entry in document]


def stored_file(document: Any) -> RemoteFile:
    """A file as the bucket PUT answers: ``key size checksum("md5:HEX")``. It does not tell the id that DELETE takes."""
    entry = _object(document, "a file")
    return RemoteFile(
        name=_required_text(entry, "key"),
        size=_whole_number(entry.get("size"), "the file's size"),
        md5=_md5(entry.get("checksum")),
    )


def nothing(_: Reply) -> None:
    """For answers whose status says it all."""


def _listed_file(document: Any) -> RemoteFile:
    """A file as a deposition lists it; ``filesize`` may be a float, ``checksum`` is the bare MD5."""
    entry = _object(document, "a file")
    return RemoteFile(
        name=_required_text(entry, "filename"),
        size=_whole_number(entry.get("filesize"), "a file's size"),
        md5=_md5(entry.get("checksum")),
        id=_text(entry.get("id")),
    )


def _state(entry: dict[str, Any]) -> DepositionState:
    state: Any = entry.get("state")
    try:
        return DepositionState(state)
    except ValueError:
        raise Malformed(f"the deposition's state is {plain(repr(state), 60)}") from None


def _reserved_doi(metadata: dict[str, Any]) -> str | None:
    reserved = metadata.get("prereserve_doi")
    return _text(reserved.get("doi")) or None if isinstance(reserved, dict) else None


def _object(document: Any, what: str) -> dict[str, Any]:
    if not isinstance(document, dict):
        raise Malformed(f"the answer has something else where {what} should be")
    return document


def _optional(entry: dict[str, Any], key: str, kind: type[Any], default: Any) -> Any:
    value = entry.get(key)
    if value is None:
        return default
    if not isinstance(value, kind):
        raise Malformed(f"{key!r} in the answer is of another kind than expected")
    return value


def _required_text(entry: dict[str, Any], key: str) -> str:
    value = entry.get(key)
    if not isinstance(value, str) or not value:
        raise Malformed(f"the answer lacks a file's {key!r}")
    return value


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _whole_number(value: Any, what: str) -> int:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise Malformed(f"the answer lacks {what}")
    try:
        number, whole = int(value), float(value).is_integer()
    except (ValueError, OverflowError):
        raise Malformed(f"the answer has no number for {what}") from None
    if number < 0 or not whole:
        raise Malformed(f"the answer has no whole number for {what}")
    return number


def _md5(value: Any) -> str:
    """32 small hex digits; "" where there is none, for the caller to stumble over when comparing."""
    match = _MD5.fullmatch(value) if isinstance(value, str) else None
    return match[1].lower() if match else ""


def _web_address(value: Any) -> str:
    """Shown to people and put into reports, so nothing but http(s)."""
    try:
        fit = isinstance(value, str) and value.isprintable() and urlsplit(value).scheme in {"http", "https"}
    except ValueError:
        return ""
    return _text(value) if fit else ""


def _moment(value: Any) -> datetime | None:
    try:
        moment = datetime.fromisoformat(value)
        return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    except (TypeError, ValueError, OverflowError):
        return None
