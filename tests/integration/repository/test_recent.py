"""The list of own depositions, page by page."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from batchdep.repository import Done, Unavailable, connect
from tests.integration.repository.documents import deposition
from tests.integration.repository.raw import Behaviour, Connection, answer, raw_server

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)


def entry(number: int, **changes: Any) -> dict[str, Any]:
    """Deposition ``number`` was made at noon plus so many minutes and never touched since."""
    made = (NOON + timedelta(minutes=number)).isoformat()
    return deposition(number, created=made, modified=made, links={}) | changes


def listing(entries: list[dict[str, Any]]) -> Behaviour:
    async def behave(connection: Connection) -> None:
        while True:
            request = await connection.request()
            query = parse_qs(urlsplit(request.target).query)
            size, page = int(query["size"][0]), int(query["page"][0])
            assert size * page <= 10_000
            await connection.answer(200, entries[size * (page - 1) : size * page])

    return behave


async def recent(behaviour: Behaviour, since: datetime | None) -> tuple[Any, int]:
    async with raw_server(behaviour) as server:
        repository = connect(server.url, "t")
        found = await repository.recent(since)
        await repository.close()
        return found, len(server.requests)


async def test_pages_are_read_until_they_are_older() -> None:
    entries = [entry(number) for number in range(450, 0, -1)]
    found, requests = await recent(listing(entries), NOON + timedelta(minutes=300))
    assert [each.id for each in found.value] == list(range(450, 299, -1))
    assert requests == 2


@pytest.mark.parametrize(("count", "requests"), [(0, 1), (99, 1), (100, 2), (101, 2), (250, 3)])
async def test_a_short_page_is_the_last(count: int, requests: int) -> None:
    found, asked = await recent(listing([entry(number) for number in range(count, 0, -1)]), None)
    assert len(found.value) == count
    assert asked == requests


async def test_a_server_that_sorts_by_the_last_change_hides_nothing() -> None:
    changed = (NOON + timedelta(days=1)).isoformat()
    old_but_changed = [entry(number, modified=changed) for number in range(150, 0, -1)]
    entries = [*old_but_changed, *(entry(number) for number in range(400, 150, -1))]
    found, _ = await recent(listing(entries), NOON + timedelta(minutes=350))
    assert [each.id for each in found.value] == list(range(400, 349, -1))


async def test_an_entry_that_moved_to_the_next_page_is_found_once() -> None:
    entries = [entry(number) for number in range(150, 0, -1)]
    entries.insert(100, entry(51))
    found, _ = await recent(listing(entries), None)
    assert [each.id for each in found.value] == list(range(150, 0, -1))


async def test_an_entry_without_a_date_may_be_recent() -> None:
    found, _ = await recent(listing([entry(2, created=None), entry(1)]), NOON + timedelta(hours=1))
    assert [each.id for each in found.value] == [2]


async def test_the_list_ends_where_the_server_ends_it() -> None:
    found, requests = await recent(listing([entry(number) for number in range(10_500, 0, -1)]), None)
    assert len(found.value) == 10_000
    assert requests == 100


async def test_a_page_that_fails_fails_the_list() -> None:
    async def behave(connection: Connection) -> None:
        request = await connection.request()
        document = [entry(number) for number in range(100)]
        await connection.say(answer(200, document) if "page=1" in request.target else answer(502))

    found, _ = await recent(behave, None)
    assert isinstance(found, Unavailable)


async def test_a_long_list_is_read_whole_and_an_endless_one_is_not() -> None:
    padding = "x" * 100_000
    found, _ = await recent(listing([entry(1, title=padding)] * 99), None)
    assert isinstance(found, Done)
    found, _ = await recent(listing([entry(1, title=padding * 3)] * 99), None)
    assert isinstance(found, Unavailable)
    assert "longer than 16 MiB" in found.message
