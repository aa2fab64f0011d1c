"""The databases that the tests run on: SQLite always, PostgreSQL where one answers on loopback.

``BATCHDEP_TEST_POSTGRESQL`` names another server: ``postgresql://user@host:port/database``.
"""

from __future__ import annotations

import os
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg
import pytest

SERVER = os.environ.get("BATCHDEP_TEST_POSTGRESQL", "postgresql://postgres@127.0.0.1:5432/postgres")


@asynccontextmanager
async def postgresql_database() -> AsyncIterator[str]:
    """A database of its own, dropped afterwards; skips the test where there is no server."""
    try:
        server = await asyncpg.connect(SERVER, timeout=3)
    except (OSError, asyncpg.PostgresError, TimeoutError) as error:
        pytest.skip(f"no PostgreSQL server: {error}")
    name = f"batchdep_test_{uuid.uuid4().hex[:12]}"
    await server.execute(f'CREATE DATABASE "{name}"')
    try:
        yield f"{SERVER.rsplit('/', 1)[0]}/{name}"
    finally:
        await server.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
        await server.close()
