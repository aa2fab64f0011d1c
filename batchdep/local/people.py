"""Creators, contributors and supervisors (observed: Fields)."""

from __future__ import annotations

from typing import Any

from batchdep.local.errors import server_fault
from batchdep.local.identifiers import is_orcid, normal_gnd, normal_orcid
from batchdep.local.model import Json
from batchdep.local.reading import NOT_OBJECT, Reading, must_be_list
from batchdep.local.vocab import CONTRIBUTOR_TYPES

NO_FAMILY_NAME = "Family name cannot be blank."
BAD_ORCID = "Invalid ORCID identifier."


def creators(reading: Reading, key: str, value: Any) -> None:
    """People by name; an item that is not an object is more than the server can bear."""
    people = []
    for index, item in enumerate(must_be_list(reading, key, value)):
        if not isinstance(item, dict):
            raise server_fault()
        people.append(_person(reading, f"creators.{index}", item))
    reading.keep(key, people)


def contributors(reading: Reading, key: str, value: Any) -> None:
    """People with a role, after the thesis' supervisors if there are any."""
    items = must_be_list(reading, key, value)
    if not all(isinstance(item, dict) for item in items):
        reading.refuse(key, NOT_OBJECT)
        return
    _add(reading, [(item, item.get("type")) for item in items])


def supervisors(reading: Reading, key: str, value: Any) -> None:
    """Stored as contributors of type Supervisor, placed first; must be read before the contributors."""
    items = must_be_list(reading, key, value)
    if not all(isinstance(item, dict) for item in items):
        raise server_fault()
    _add(reading, [(item, "Supervisor") for item in items])


def _add(reading: Reading, items: list[tuple[Json, Any]]) -> None:
    people: list[Json] = list(reading.stored.get("contributors", ()))
    for item, role in items:
        field = f"contributors.{len(people)}"
        person = _person(reading, field, item)
        if (name := _role(reading, field, role)) is not None:
            person["type"] = name
        people.append(person)
    reading.keep("contributors", people)


def _role(reading: Reading, field: str, role: Any) -> str | None:
    if role is None:
        reading.defect(f"{field}.role")
        return None
    if not isinstance(role, str):
        raise server_fault()
    name = CONTRIBUTOR_TYPES.get(role.lower())
    if name is None:
        reading.unknown(role)
    return name


def _person(reading: Reading, field: str, item: Json) -> Json:
    name = _name(item.get("name"))
    affiliation = item.get("affiliation")
    person: Json = {"name": name, "affiliation": affiliation if isinstance(affiliation, str) else None}
    if not name:
        reading.defect(f"{field}.person_or_org.family_name", NO_FAMILY_NAME)
        del person["name"]
    if item.get("orcid") not in (None, ""):
        person["orcid"] = orcid = _orcid(item["orcid"])
        if not is_orcid(orcid):
            reading.defect(f"{field}.person_or_org.identifiers.0.identifier", BAD_ORCID)
            person.pop("name", None)
    if item.get("gnd") not in (None, ""):
        person["gnd"] = _gnd(item["gnd"])
    return person


def _name(value: Any) -> str:
    """The name as it comes back; empty where no family name is in it. Exactly one comma splits it."""
    if value is None:
        return ""
    if not isinstance(value, str):
        raise server_fault()
    parts = [part.strip() for part in value.split(",")]
    if len(parts) != len(("family", "given")):
        return value.strip()
    family, given = parts
    if not family:
        return ""
    return f"{family}, {given}" if given else family


def _orcid(value: Any) -> str:
    if not isinstance(value, str):
        raise server_fault()
    return normal_orcid(value)


def _gnd(value: Any) -> str:
    number = normal_gnd(value.strip()) if isinstance(value, str) else None
    if number is None:
        raise server_fault()
    return number
