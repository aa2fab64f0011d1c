from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.support.databases import postgresql_database


@pytest.fixture(params=["sqlite", "postgresql"])
async def database(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[str]:
    """A database that nobody has opened yet, one of each kind."""
    if request.param == "sqlite":
        yield str(tmp_path / "state.db")
        return
    async with postgresql_database() as url:
        yield url
