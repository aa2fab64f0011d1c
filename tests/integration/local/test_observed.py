"""The embedded repository answers as Zenodo's server code was observed to answer, case by case.

A case asks the server here, or names the test of this folder that does. Where the repository differs the case asserts
what Zenodo does, must fail, and is explained in DIFFERENCES and docs/reliability.md.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from functools import cache
from pathlib import Path

import aiohttp
import pytest
import pytest_asyncio

from tests.integration.local.conftest import ALICE, BOB, Api
from tests.integration.local.observed.case import Case, World
from tests.integration.local.observed.differences import DIFFERENCES, OUTSIDE
from tests.integration.local.observed.everything import CASES
from tests.support.local_server import ROOT, running_local

ONE_LOOP = pytest.mark.asyncio(loop_scope="module")

HERE = Path(__file__).parent
ENOUGH = 0.95
"""The share of cases with the same status and the same effect that is asked for."""
HEADING = "## Where the embedded repository differs"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def world(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[World]:
    """One server for all cases."""
    folder = tmp_path_factory.mktemp("observed")
    async with (
        running_local(folder, tokens={ALICE: "alice", BOB: "bob"}) as server,
        aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as session,
    ):
        yield World(*(Api(session, server.url, token) for token in (ALICE, BOB, None)))


@pytest.fixture(scope="module")
def outcomes() -> dict[str, AssertionError | None]:
    """What each case came to that was asked already: None is the same as Zenodo."""
    return {}


async def ask(case: Case, world: World, outcomes: dict[str, AssertionError | None]) -> AssertionError | None:
    """Ask a case once."""
    assert case.check is not None
    if case.id not in outcomes:
        try:
            await case.check(world)
            outcomes[case.id] = None
        except AssertionError as error:
            outcomes[case.id] = error
    return outcomes[case.id]


ASKED = [case for case in CASES if case.check is not None]


@ONE_LOOP
@pytest.mark.parametrize("case", ASKED, ids=lambda case: case.id)
async def test_case(case: Case, world: World, outcomes: dict[str, AssertionError | None]) -> None:
    error = await ask(case, world, outcomes)
    if case.id in DIFFERENCES:
        assert error is not None, "it is the same as Zenodo by now: take it out of DIFFERENCES"
    elif error is not None:
        raise error


@cache
def collected() -> frozenset[str]:
    """The tests of this folder as pytest names them, ``FILE::FUNCTION[ROW]``, and their functions without rows."""
    command = [sys.executable, "-m", "pytest", "--collect-only", "-q", "-p", "no:cacheprovider"]
    command += sorted({str(HERE / case.test.partition("::")[0]) for case in CASES if case.test})
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=True)
    rows = [line.removeprefix(f"{HERE.relative_to(ROOT)}/") for line in done.stdout.splitlines() if "::" in line]
    return frozenset(rows) | {row.partition("[")[0] for row in rows}


def test_tests_that_hold_cases_are_there() -> None:
    assert {case.id: case.test for case in CASES if case.test and case.test not in collected()} == {}


def test_each_case_is_one_case() -> None:
    ids = [case.id for case in CASES]
    assert sorted(ids) == sorted(set(ids))
    assert all((case.check is None) == bool(case.test) for case in CASES)
    assert set(DIFFERENCES) <= {case.id for case in ASKED}
    assert len(CASES) >= 250


def figures(same: int) -> str:
    """The sentence of the document that holds the numbers."""
    share = f"{100 * same / len(CASES):.1f}"
    return f"Of {len(CASES)} cases, {same} get the same status and the same effect from it: {share} %."


@ONE_LOOP
async def test_share_of_cases_that_are_the_same(
    world: World, outcomes: dict[str, AssertionError | None], record_property: Callable[[str, object], None]
) -> None:
    different = [case.id for case in ASKED if await ask(case, world, outcomes) is not None]
    same = len(CASES) - len(different)
    record_property("cases", len(CASES))
    record_property("same", same)
    print(figures(same), f"{len(ASKED)} asked here, the others by their own tests.")  # noqa: T201
    assert same / len(CASES) >= ENOUGH, different


def section() -> str:
    """The document's section about this."""
    text = (ROOT / "docs" / "reliability.md").read_text("utf-8")
    assert HEADING in text
    return text.partition(HEADING)[2].partition("\n## ")[0]


def test_the_document_has_every_difference() -> None:
    rows = [line for line in section().splitlines() if line.startswith("| ")]
    differences = [f"| {each.zenodo} | {each.here} | {each.why} | `{name}` |" for name, each in DIFFERENCES.items()]
    outside = [f"| {what} | {why} |" for what, why in OUTSIDE]
    assert [row for row in rows if row.count("|") == 5][1:] == ["| --- | --- | --- | --- |", *differences]
    assert [row for row in rows if row.count("|") == 3][1:] == ["| --- | --- |", *outside]


def test_the_document_has_the_numbers() -> None:
    assert figures(len(CASES) - len(DIFFERENCES)) in section()
