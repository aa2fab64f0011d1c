"""What anybody may look up at a repository: grants and communities. Reads only, and needs no token.

The search takes a query language; words are sent as words, its signs escaped. There is no slash at the end of a path
(observed: look-ups). One page is asked for, the best first.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, Final, NamedTuple, TypeVar

from yarl import URL

from batchdep.regexes import regex
from batchdep.repository.answers import Kind, Malformed, Reply, plain
from batchdep.repository.http import Request, Session
from batchdep.repository.model import Answer, Exchange
from batchdep.repository.target import proxy_for, validate_target

T = TypeVar("T")

PAGE_SIZE: Final = 25

_SIGNS: Final = regex(r'([+\-=&|!(){}\[\]^"~*?:\\/])')
_UNFIT: Final = regex(r"[<>\s]+")
"""Signs that cannot be escaped."""

_LONGEST_QUERY: Final = 300


class Grant(NamedTuple):
    """A grant: the ROR id of its funder, the funder's name, the grant's number, title and acronym."""

    funder: str
    funder_name: str
    number: str
    title: str
    acronym: str


class Community(NamedTuple):
    """A community: the last part of its address, and its title."""

    slug: str
    title: str


class Lookups:
    """The look-ups of the repository at ``target_url``.

    ``listener`` is told of every attempt and must not raise; in the file ``limits`` this user's processes share what
    they know of the rate limits.

    Raises:
        UsageError: the address, or the system's proxy for it, cannot be used.
    """

    def __init__(
        self, target_url: str, listener: Callable[[Exchange], None] | None = None, limits: Path | None = None
    ) -> None:
        target = validate_target(target_url)
        self._session = Session(target, None, listener=listener, proxy=proxy_for(target), limits=limits)

    async def grants(self, words: str) -> Answer[list[Grant]]:
        """Grants whose number, title or acronym has the words."""
        return await self._find("awards", words, _grant)

    async def communities(self, words: str) -> Answer[list[Community]]:
        """Communities whose title, description or address has the words."""
        return await self._find("communities", words, _community)

    async def close(self) -> None:
        """Ends all connections."""
        await self._session.close()

    async def _find(self, what: str, words: str, read: Callable[[dict[str, Any]], T | None]) -> Answer[list[T]]:
        query = _SIGNS.sub(r"\\\1", _UNFIT.sub(" ", words[:_LONGEST_QUERY]).strip())
        url = (URL(self._session.target) / "api" / what).with_query(q=query, size=str(PAGE_SIZE))
        request = Request("GET", url, Kind.REPEATABLE, self._session.timeouts.answer)
        return await self._session.ask(request, lambda reply: _hits(reply, read))


def _hits(reply: Reply, read: Callable[[dict[str, Any]], T | None]) -> list[T]:
    document = reply.json()
    outer = document.get("hits") if isinstance(document, dict) else None
    hits = outer.get("hits") if isinstance(outer, dict) else None
    if not isinstance(hits, list):
        raise Malformed("the answer is no list of what was found")
    found = (read(entry) for entry in hits[:PAGE_SIZE] if isinstance(entry, dict))
    return [entry for entry in found if entry is not None]


def _grant(entry: dict[str, Any]) -> Grant | None:
    """``id`` is the funder's ROR id, two colons, the number."""
    funder, colons, number = _text(entry.get("id")).partition("::")
    if not colons or not number:
        return None
    about = entry.get("funder")
    name = _text(about.get("name")) if isinstance(about, dict) else ""
    return Grant(funder, name, number, _title(entry.get("title")), _text(entry.get("acronym")))


def _community(entry: dict[str, Any]) -> Community | None:
    slug, about = _text(entry.get("slug")), entry.get("metadata")
    return Community(slug, _title(about.get("title")) if isinstance(about, dict) else "") if slug else None


def _title(value: Any) -> str:
    """A title, or the English one of several, or any of them."""
    if isinstance(value, dict):
        return _text(value.get("en")) or next((text for each in value.values() if (text := _text(each))), "")
    return _text(value)


def _text(value: Any) -> str:
    return plain(value) if isinstance(value, str) else ""
