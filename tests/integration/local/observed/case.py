"""What a case is: one claim of the account of Zenodo's answers, and what holds the embedded repository to it."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

import pytest

from tests.integration.local.conftest import MINIMAL, Answer, Api


@dataclass(frozen=True)
class World:
    """A running embedded repository, asked by two accounts and by nobody."""

    api: Api
    bob: Api
    nobody: Api

    async def draft(self, **more: Any) -> Any:
        """A draft with the least that publishes, and more."""
        return await self.api.create({**MINIMAL, **more})

    async def ready(self, **more: Any) -> Any:
        """A draft with a file."""
        draft = await self.draft(**more)
        assert (await self.api.put(draft)).status == 201
        return draft

    async def post(self, metadata: Any) -> Answer:
        """Create, whatever comes of it."""
        return await self.api.ask("POST", self.api.depositions, json={"metadata": metadata})

    def own(self, deposition: Any, *more: str) -> str:
        """The address of a deposition, or of something below it."""
        return "/".join((self.api.depositions, str(deposition["id"]), *more))


Check = Callable[[World], Awaitable[None]]


@dataclass(frozen=True)
class Case:
    """``check`` asks the server and asserts; or ``test`` names the test of this folder that does, as pytest does."""

    id: str
    claim: str
    check: Check | None = None
    test: str = ""


@dataclass
class Section:
    """The cases of one section of the account. Ids are ``SECTION-NAME``."""

    name: str
    cases: list[Case] = field(default_factory=list)

    def case(self, name: str, claim: str) -> Callable[[Check], Check]:
        """Make the decorated function the check of a case."""

        def add(check: Check) -> Check:
            self.cases.append(Case(f"{self.name}-{name}", claim, check))
            return check

        return add

    def held(self, name: str, claim: str, test: str) -> None:
        """A case that a test of its own holds: ``FILE::FUNCTION`` or, of a table, ``FILE::FUNCTION[ROW]``."""
        self.cases.append(Case(f"{self.name}-{name}", claim, test=test))

    def held_all(self, test: str, claims: dict[str, str]) -> None:
        """Cases, by name, that one test holds together."""
        for name, claim in claims.items():
            self.held(name, claim, test)


def row_name(sent: dict[str, Any]) -> str:
    """A row of a table by what is sent in it; without backslashes, which pytest would double."""
    return json.dumps(sent, separators=(",", ":"))[1:-1].replace("\\", "") or "nothing"


def named(rows: Iterable[tuple[Any, ...]]) -> list[Any]:
    """The rows of a table of which the first column is what is sent, under that name."""
    return [pytest.param(*row, id=row_name(row[0])) for row in rows]
