"""From the roles that people have in a file to creators, and to contributors of the deposit API's types.

The definitions of the types are those of DataCite's contributorType, which the API's list is taken from: a DataManager
is responsible for maintaining the finished resource, a DataCurator cleans and standardises, a Distributor makes copies
available.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from msgspec import Struct, field

from batchdep.metadata.formats.base import Reading
from batchdep.metadata.vocabulary import CONTRIBUTOR_TYPES
from batchdep.problems import ValuePath
from batchdep.regexes import regex


class Role(NamedTuple):
    """What a role makes of a person: a creator, a contributor of a type, or both."""

    creator: bool
    type: str | None


NOBODY = "somebody without a name is not taken over"

_CREATOR = Role(True, None)
_UNSAID = Role(False, "Other")
_NO_LETTER = regex("[^a-z]+")

ROLES: dict[str, Role] = {
    **{kind.lower(): Role(False, kind) for kind in CONTRIBUTOR_TYPES},
    **dict.fromkeys(("author", "coauthor", "firstauthor", "leadauthor", "seniorauthor", "lastauthor"), _CREATOR),
    **dict.fromkeys(("creator", "cocreator", "datacreator", "investigator", "coinvestigator"), _CREATOR),
    "correspondingauthor": Role(True, "ContactPerson"),
    "principalinvestigator": Role(True, "ProjectLeader"),
    **dict.fromkeys(("contact", "pointofcontact", "submitter", "correspondent"), Role(False, "ContactPerson")),
    **dict.fromkeys(("maintainer", "maintainers"), Role(False, "DataManager")),
    **dict.fromkeys(("wrangler", "curator", "datacuration"), Role(False, "DataCurator")),
    "publisher": Role(False, "Distributor"),
    **dict.fromkeys(("owner", "copyrightholder"), Role(False, "RightsHolder")),
    **dict.fromkeys(("funder", "funding"), Role(False, "Sponsor")),
    "supervision": Role(False, "Supervisor"),
    "projectadministration": Role(False, "ProjectManager"),
    **dict.fromkeys(
        ("conceptualization", "formalanalysis", "investigation", "methodology", "validation", "visualization"),
        Role(False, "Researcher"),
    ),
    "contributor": _UNSAID,
}
"""Roles of data packages (versions 1 and 2), DataCite, CRediT and ISA, as letters alone."""


class Credit(Struct):
    """A person as the deposit API has it, without a type, and what the file calls the person's roles.

    ``parts`` leads from keys of the person to where their values stand, if that is elsewhere than below ``source``.
    """

    person: dict[str, Any]
    source: ValuePath
    roles: list[str] = field(default_factory=list)
    parts: Mapping[str, ValuePath] = field(default_factory=dict)


def put_people(reading: Reading, people: Sequence[Credit]) -> None:
    """Enters creators and contributors; who has no name is noted.

    Where nobody has a role that makes a creator, those whose role is not said are: a file that names its only author
    as a plain contributor would otherwise have none. That is noted.
    """
    for credit in people:
        if not credit.person:
            reading.note(NOBODY, *credit.source)
    known = [(credit, [_role(reading, word, credit) for word in credit.roles]) for credit in people if credit.person]
    named = any(role.creator for _, roles in known for role in roles)
    for credit, roles in known:
        taken_for_one = not named and all(role is _UNSAID for role in roles)
        if taken_for_one:
            message = f"{credit.person['name']} is taken over as creator: the file names no author"
            reading.note(message, *credit.source)
        if taken_for_one or any(role.creator for role in roles):
            reading.add("creators", credit.person, *credit.source)
        for role in roles or [_UNSAID]:
            if role.type and not (taken_for_one and role is _UNSAID):
                reading.add("contributors", {**credit.person, "type": role.type}, *credit.source)
    parts = {credit.source: credit.parts for credit in people if credit.parts}
    for target, source in list(reading.origins.items()):
        if len(target) > 1 and target[0] in ("creators", "contributors"):
            reading.origins.update({(*target, key): at for key, at in parts.get(source, {}).items()})


def _role(reading: Reading, word: str, credit: Credit) -> Role:
    known = ROLES.get(_NO_LETTER.sub("", word.lower()).removesuffix("role"))
    if known is None:
        message = f"the role {word} of {credit.person['name']} is taken over as Other: the repository has no such type"
        reading.note(message, *credit.source)
        return Role(False, "Other")
    return known
