"""Who may use a work of schema.org: ``conditionsOfAccess`` and ``isAccessibleForFree``."""

from __future__ import annotations

import re

from batchdep.metadata.datacite_words import access_named
from batchdep.metadata.formats.base import Reading
from batchdep.metadata.formats.convert import put_embargo
from batchdep.metadata.formats.jsonld import Node, Text, Value
from batchdep.regexes import regex

ACCESS_KEYS = ("conditionsOfAccess", "isAccessibleForFree")
_SENTENCES = {
    "access to the files is given on request.": "restricted",
    "the files are not accessible.": "closed",
}
"""What batchdep's own reports write, in small letters."""
_EMBARGO = regex(r"the files are open from (\d{4}-\d{2}-\d{2}) on\.", re.IGNORECASE)


def put_access(reading: Reading, work: Node) -> list[Text]:
    """Enters the access right if it is certain; returns conditions in words, for the notes.

    Without one a record is open, unless the manifest's defaults say otherwise, which a guess must not overrule.
    What is not free for all must not become open by default: it is restricted, whatever the conditions are.
    """
    for_notes = [told for each in work.nodes("conditionsOfAccess") if (told := _condition(reading, each)) is not None]
    for free in work.values("isAccessibleForFree"):
        _put_free(reading, free)
    return for_notes


def _condition(reading: Reading, node: Node) -> Text | None:
    """Enters a condition that is an access right; any other one is returned."""
    written = node.text or node.first("name") or node.id
    right, day = _right(node.text or node.id), _EMBARGO.fullmatch(written)
    if day:
        put_embargo(reading, day[1], *node.path)
    elif right and right != "embargoed":
        reading.put("access_right", right, *node.path)
    elif written:
        message = "`conditionsOfAccess` is taken over into `notes`: say in `access_right` who may access"
        reading.note(message, *node.path)
        return Text(f"Conditions of access: {written}", node.path)
    return None


def _put_free(reading: Reading, free: Value) -> None:
    word = str(free.value).strip().lower().rpartition("/")[2]
    if word == "false":
        if "access_right" not in reading.metadata:
            reading.note("`isAccessibleForFree` false is taken over as access_right restricted", *free.path)
        reading.put("access_right", "restricted", *free.path)
    elif word == "true":
        message = "`isAccessibleForFree` true is not taken over: what costs nothing need not be open to everybody"
        reading.note(message, *free.path)
    else:
        reading.note("`isAccessibleForFree` is not taken over: it is neither true nor false", *free.path)


def _right(written: str) -> str | None:
    return _SENTENCES.get(written.strip().lower()) or access_named(written.strip())
