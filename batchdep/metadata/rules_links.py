"""Rules of what a deposition is tied to: DOIs, related identifiers, grants, communities."""

from __future__ import annotations

from typing import Any

from batchdep.metadata import canonical
from batchdep.metadata.funders import funders, grant_id
from batchdep.metadata.identifiers import OWN_DOI, address_instead, is_address, is_doi, is_isbn, scheme_of
from batchdep.metadata.rules_base import Spot, is_text, kind_of, objects, one_of, quote, required
from batchdep.metadata.suggestions import nearest
from batchdep.metadata.vocabulary import FUNDERS, RELATIONS, RELATIONS_NOT_ANSWERED, RESOURCE_TYPES
from batchdep.regexes import regex

_RELATED_KEYS = ("identifier", "relation", "resource_type", "scheme")
_RELATED_EXAMPLE = "[{relation: isSupplementTo, identifier: 10.1234/abc}]"
_GRANT_EXAMPLE = '[{id: "10.13039/501100000780::654241"}]'
_COMMUNITY_EXAMPLE = "[{identifier: my-community}]"
_ALL_RELATIONS = (*RELATIONS, *RELATIONS_NOT_ANSWERED)
_TYPES = tuple(sorted(RESOURCE_TYPES))

_SLUG = regex(r"[\w.-]+")


def doi(value: Any, spot: Spot) -> None:
    """The DOI that a published work has from elsewhere."""
    if not is_text(value, spot):
        return
    if not is_doi(value):
        message = f"doi {quote(value)} is no DOI: publishing would fail"
        spot.error("bad_doi", message, "It looks like 10.1234/abc. Remove the key to get a DOI from the repository.")
    elif OWN_DOI.match(canonical.bare_doi(value)):
        message = f"doi {quote(value)} has a prefix of the repository itself; a reserved DOI must not be sent back"
        spot.error("own_doi", message, "Remove doi: the repository gives the dataset its DOI.")


def prereserve_doi(value: Any, spot: Spot) -> None:
    """Ignored by the server, which reserves a DOI for each draft."""
    if value is not None and not isinstance(value, bool | dict):
        spot.warning("dropped", f"the repository ignores prereserve_doi {quote(value)}", "Remove it.")


def isbn(value: Any, spot: Spot) -> None:
    if is_text(value, spot) and not is_isbn(value):
        message = f"{spot.name} {quote(value)} is no ISBN (10 or 13 digits with a check digit): it would be dropped"
        spot.warning("dropped", message, "Copy it from the book.")


def address(value: Any, spot: Spot) -> None:
    if is_text(value, spot) and not is_address(value):
        instead = address_instead(value)
        message = f"{spot.name} {quote(value)} is no web address: it would be dropped"
        spot.warning("dropped", message, f"Write {instead}" if instead else "Start it with https://")


def related_identifiers(value: Any, spot: Spot) -> None:
    for item, at in objects(value, spot, _RELATED_EXAMPLE, _RELATED_KEYS):
        if (identifier := required(item, at, "identifier", f"Write {_RELATED_EXAMPLE}")) is not None:
            _identifier(identifier, at.at("identifier"))
        if (relation := required(item, at, "relation", "Such as isSupplementTo, cites, isPartOf.")) is not None:
            _relation(relation, at.at("relation"))
        if item.get("resource_type") is not None:
            one_of(item["resource_type"], at.at("resource_type"), _TYPES)


def _identifier(value: Any, spot: Spot) -> None:
    if not is_text(value, spot):
        return
    scheme = scheme_of(value)
    if scheme not in {None, "handle"}:
        return
    instead = address_instead(value)
    if scheme == "handle" and instead is not None:
        message = f"{spot.name} {quote(value)} looks like a web address, but is taken for a Handle"
        spot.warning("altered", message, f"Write {instead}, or hdl:{value.strip()} if it is a Handle.")
    if scheme is not None:
        return
    hint = f"Write {instead}" if instead else "Give a DOI, or an address that starts with https://"
    message = f"{spot.name} {quote(value)} is of no kind that the repository recognises"
    spot.error("bad_identifier", message, hint)


def _relation(value: Any, spot: Spot) -> None:
    relation = one_of(value, spot, _ALL_RELATIONS, any_case=True)
    if relation in RELATIONS_NOT_ANSWERED:
        message = f"{spot.name} {quote(relation)} is stored, but left out where the deposit API shows the record"
        near = "isCompiledBy, compiles or isDerivedFrom"
        spot.warning("altered", message, f"Use {near} if one of them says the same.")


def grants(value: Any, spot: Spot) -> None:
    for item, at in objects(value, spot, _GRANT_EXAMPLE, ("id",)):
        grant = required(item, at, "id", f"Write {_GRANT_EXAMPLE}")
        if grant is not None and is_text(grant, at.at("id")):
            _grant(grant, at.at("id"))


def _grant(value: str, spot: Spot) -> None:
    """``funder DOI::award``, or another form that says the same; a bare number is an award of the Commission."""
    if (meant := grant_id(value)) is not None:
        spot.sent_as(value, meant)
        return
    funder, colons, award = value.strip().rpartition("::")
    if not colons:
        message = f"{spot.name} {quote(value)} does not name the funder"
        spot.error("bad_grant", message, f"Write {_GRANT_EXAMPLE}: the funder's DOI, '::', the award's number.")
    elif not award.strip():
        spot.error("bad_grant", f"{spot.name} {quote(value)} has no award number", f"Write {_GRANT_EXAMPLE}")
    else:
        spot.error("unknown_funder", f"{spot.name}: the funder {quote(funder)} is not known", _funder_hint(funder))


def _funder_hint(funder: str) -> str:
    names = {word.lower(): each for each in funders() for word in (each.doi, each.short, *each.names)}
    near = dict.fromkeys(names[word.lower()] for word in nearest(canonical.bare_doi(funder), names, 3))
    if near:
        return f"Did you mean {' or '.join(f'{each.doi} ({each.short})' for each in near)}?"
    return f"Known funders: {', '.join(f'{doi} ({name})' for doi, name in FUNDERS.items())}."


def communities(value: Any, spot: Spot) -> None:
    for item, at in objects(value, spot, _COMMUNITY_EXAMPLE, ("identifier",)):
        identifier = required(item, at, "identifier", f"Write {_COMMUNITY_EXAMPLE}")
        if identifier is None or not is_text(identifier, at.at("identifier")):
            continue
        if not _SLUG.fullmatch(identifier.strip()):
            message = f"{at.name} {quote(identifier)} is no community: unknown ones vanish when publishing"
            last = identifier.strip().rstrip("/").rpartition("/")[2]
            hint = f"Write {last}" if _SLUG.fullmatch(last) else "Take the last part of the community's address."
            at.at("identifier").error("bad_community", message, hint)


def custom(value: Any, spot: Spot) -> None:
    """Fields of the repository's own making, such as ``dwc:genus``; unknown ones are dropped."""
    if not isinstance(value, dict):
        spot.error("wrong_kind", f"custom must be an object, not {kind_of(value)}", "Write {dwc:genus: [Rosa]}")
        return
    for name in value:
        if ":" not in str(name):
            message = f"the repository drops custom.{quote(name)}: custom fields have a prefix, such as dwc:genus"
            spot.at(name).warning("dropped", message, "Add the prefix, or remove the key.")
