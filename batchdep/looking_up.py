"""Looking up what a manifest needs an id for: in the lists of the program, or at a repository."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from batchdep.connections import clause
from batchdep.errors import AccessError, UsageError
from batchdep.metadata.finding import Entry, Kind, Subject, find, near
from batchdep.metadata.funders import FUNDER_ROR, grant_id
from batchdep.metadata.identifiers import bare_orcid, orcid_fault
from batchdep.repository.model import Answer, Done, Exchange, Reason, Rejected, Throttled

SCHEMA = "batchdep-lookup/1"

_ONLY_THESE = (
    "The deposit API takes grants of its own list of funders only, and this is none of them: name it in the notes. "
    "The list: batchdep lookup funder"
)


class Outcome(NamedTuple):
    """``matches``, best first; where there is none ``near`` has what may have been meant, and ``remark`` says why
    there is none, or what to do."""

    subject: Subject
    query: str
    target: str | None
    matches: list[Entry]
    near: Sequence[Entry] = ()
    remark: str = ""

    def as_dict(self) -> dict[str, Any]:
        """The JSON document ``batchdep-lookup/1``; ``target`` is the repository that was asked, if one was."""
        return {
            "schema": SCHEMA,
            "kind": str(self.subject),
            "query": self.query,
            "target": self.target,
            "matches": [_as_dict(entry) for entry in self.matches],
            "suggestions": [_as_dict(entry) for entry in self.near],
            "remark": self.remark,
        }


def look_up(subject: Subject, query: str) -> Outcome:
    """What is known without asking anybody; ``subject`` is none of those that the repository is asked for."""
    if subject is Subject.ORCID:
        return _orcid(query)
    kind = Kind(subject)
    matches = find(kind, query)
    if matches:
        return Outcome(subject, query, None, matches)
    return Outcome(subject, query, None, [], near(kind, query), _ONLY_THESE if kind is Kind.FUNDER else "")


async def ask(subject: Subject, query: str, target_url: str, listener: Callable[[Exchange], None]) -> Outcome:
    """Asks the repository at ``target_url``, once.

    Raises:
        UsageError: no query; an address that cannot be used.
        AccessError: the repository does not answer, or has no such look-up.
    """
    from batchdep.config import limits_file
    from batchdep.repository.lookups import Lookups

    if not query.strip():
        raise UsageError(
            f"There is no {subject} to look for.", f"Add words: batchdep lookup {subject} WORDS", code="usage"
        )
    lookups = Lookups(target_url, listener, limits_file(target_url))
    try:
        if subject is Subject.GRANT:
            matches, remark = _grants(query, _value(await lookups.grants(_words(query)), subject, target_url))
        else:
            found = _value(await lookups.communities(query), subject, target_url)
            best_first = sorted(found, key=lambda each: each.slug.lower() != query.strip().lower())
            matches, remark = [Entry(each.slug, each.title) for each in best_first], ""
    finally:
        await lookups.close()
    remark = "" if matches else remark or _nowhere(subject, target_url)
    return Outcome(subject, query, target_url, matches, remark=remark)


def _orcid(query: str) -> Outcome:
    written = query.strip()
    if not any(char.isdigit() for char in written):
        remark = (
            "People cannot be looked up by name: the deposit API has no search for them. "
            "Find the person at https://orcid.org/orcid-search/search and copy the number."
        )
        return Outcome(Subject.ORCID, query, None, [], remark=remark)
    if (fault := orcid_fault(written)) is not None:
        return Outcome(Subject.ORCID, query, None, [], remark=f"{written} {fault}.")
    number = bare_orcid(written)
    return Outcome(Subject.ORCID, query, None, [Entry(number, f"https://orcid.org/{number}")])


def _words(query: str) -> str:
    """Of a grant's id its number, whatever its funder is called there; else the query itself."""
    return grant.rpartition("::")[2] if (grant := grant_id(query)) is not None else query


def _grants(query: str, found: list[Any]) -> tuple[list[Entry], str]:
    wanted, number = grant_id(query), _words(query).strip().lower()
    taken: list[Entry] = []
    others: dict[str, None] = {}
    for each in found:
        doi = FUNDER_ROR.get(each.funder)
        if doi is None:
            others[each.funder_name or each.funder] = None
            continue
        name = f"{each.acronym}: {each.title}" if each.acronym and each.title else each.title or each.acronym
        taken.append(Entry(f"{doi}::{each.number}", name, (), each.funder_name))
    taken.sort(key=lambda each: (each.id != wanted, each.id.rpartition("::")[2].lower() != number))
    if others and not taken:
        return [], f"The deposit API takes no grants of {', '.join(others)}, whose grants were found."
    return taken, ""


def _nowhere(subject: Subject, target_url: str) -> str:
    if subject is Subject.GRANT:
        return f"{target_url} knows no such grant: try its number alone, or a word of its title."
    return f"{target_url} knows no such community: try a word of its title, or see {target_url}/communities"


def _value(answer: Answer[list[Any]], subject: Subject, target_url: str) -> list[Any]:
    match answer:
        case Done(found):
            return found
        case Rejected(reason=Reason.NOT_FOUND):
            message = f"{target_url} has no look-up of a {subject}: there is probably no Zenodo at this address."
            raise AccessError(message, "Check the address given with --to.", code="repository_untrusted")
        case Rejected(reason=Reason.UNTRUSTED):
            raise AccessError(str(answer), "Check the address given with --to.", code="repository_untrusted")
        case Rejected():
            raise AccessError(f"{target_url} refuses the question: {answer}", code="repository_unavailable")
        case Throttled(after):
            wait = f"Try again in {after:.0f} s." if after else "Try again in a minute."
            raise AccessError(f"{target_url} has answered enough for now.", wait, code="repository_unavailable")
        case _:
            message = f"{target_url} could not be asked: {clause(answer.message)}"
            raise AccessError(message, "Check the address and your connection.", code="repository_unavailable")


def _as_dict(entry: Entry) -> dict[str, str | None]:
    return {"id": entry.id, "name": entry.name, "note": entry.note or None}
