"""The whole path, against the embedded repository."""

from __future__ import annotations

import asyncio
import hashlib
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from batchdep.local.options import RateLimit
from batchdep.repository import Answer, Done, Exchange, Reason, Rejected, ZenodoRepository, connect
from batchdep.repository.upload import TextBody
from tests.support.local_server import running_local

METADATA = {
    "title": "Rose scent",
    "upload_type": "dataset",
    "description": "Volatiles of roses",
    "creators": [{"name": "Doe, Jane"}],
}
NAMES = ["a b & c.txt", "100% %41+x?#;.txt", "日本語.txt", "nai\u0308ve.txt", "..."]


def done(answer: Answer[Any]) -> Any:
    assert isinstance(answer, Done), answer
    return answer.value


async def test_from_nothing_to_a_record(tmp_path: Path) -> None:
    exchanges: list[Exchange] = []
    async with running_local(tmp_path) as server:
        repository = connect(server.url, "any", listener=exchanges.append)
        before = datetime.now(UTC)
        done(await repository.check_access())
        created = done(await repository.create(METADATA))
        assert created.metadata["title"] == "Rose scent"
        assert created.reserved_doi
        assert created.doi is None
        for name in NAMES:
            content = name.encode()
            stored = done(await repository.upload(created, name, TextBody(content)))
            assert (stored.name, stored.size) == (name, len(content))
            assert stored.md5 == hashlib.md5(content, usedforsecurity=False).hexdigest()
        done(await repository.update(created.id, METADATA | {"title": "Rose scents"}))
        draft = done(await repository.get(created.id))
        assert sorted(file.name for file in draft.files) == sorted(NAMES)
        done(await repository.delete_file(draft.id, draft.files[0]))
        assert await repository.delete_file(draft.id, draft.files[0]) == Rejected(
            Reason.NOT_FOUND, 404, exchanges[-1].note
        )
        published = done(await repository.publish(draft.id))
        assert published.published
        assert published.doi
        again = await repository.publish(draft.id)
        assert isinstance(again, Rejected)
        assert again.reason is Reason.NOT_FOUND
        record = done(await repository.get(draft.id))
        assert record.doi == published.doi
        assert len(record.files) == len(NAMES) - 1
        recent = done(await repository.recent(before - timedelta(seconds=5)))
        assert [entry.id for entry in recent] == [draft.id]
        assert done(await repository.recent(datetime.now(UTC) + timedelta(hours=1))) == []
        second = done(await repository.create({}))
        assert done(await repository.delete(second.id)) is None
        assert isinstance(await repository.delete(second.id), Rejected)
        assert repository.clock.known
        assert abs(repository.clock.server_now() - datetime.now(UTC)) < timedelta(seconds=2)
        await repository.close()
    concerned = {exchange.deposition_id for exchange in exchanges if str(draft.id) in exchange.path}
    assert concerned == {draft.id}


@pytest.mark.parametrize(
    ("metadata", "field"),
    [(METADATA | {"title": None}, "title"), (METADATA | {"communities": "x"}, "communities")],
)
async def test_field_errors_come_back_under_the_users_names(
    tmp_path: Path, metadata: dict[str, Any], field: str
) -> None:
    async with running_local(tmp_path) as server:
        repository = connect(server.url, "any", field_name=lambda name: f"<{name.removeprefix('metadata.')}>")
        found = await repository.create(metadata)
        await repository.close()
    assert isinstance(found, Rejected)
    assert found.reason is Reason.INVALID
    assert [error.field for error in found.errors] == [f"<{field}>"]


async def test_a_full_quota_and_a_refused_token_are_told_apart_from_the_rest(tmp_path: Path) -> None:
    async with running_local(tmp_path, token="right", tokens={"theirs": "them"}, bucket_quota=1000) as server:
        mine, theirs, nobody = (connect(server.url, token) for token in ("right", "theirs", "wrong"))
        draft = done(await mine.create(METADATA))
        full = await mine.upload(draft, "a.bin", TextBody(b"x" * 20_000_000))
        foreign = await theirs.get(draft.id)
        refused = [await nobody.check_access(), await nobody.get(draft.id), await nobody.create(METADATA)]
        for repository in (mine, theirs, nobody):
            await repository.close()
    assert full == Rejected(Reason.QUOTA, 400, "Bucket quota exceeded.")
    assert isinstance(foreign, Rejected)
    assert foreign.reason is Reason.FORBIDDEN
    assert [each.reason for each in refused if isinstance(each, Rejected)] == [Reason.UNAUTHORIZED] * 3


async def test_a_rate_limit_is_kept_without_a_refusal(tmp_path: Path) -> None:
    exchanges: list[Exchange] = []
    async with running_local(tmp_path, rate_limits=(RateLimit(20, 1.0),)) as server:
        repository = connect(server.url, "any", listener=exchanges.append)
        await asyncio.gather(*(_work(repository) for _ in range(8)))
        await repository.close()
    assert len(exchanges) == 32
    assert {exchange.outcome for exchange in exchanges} == {"done"}


async def _work(repository: ZenodoRepository) -> None:
    for _ in range(4):
        done(await repository.check_access())
