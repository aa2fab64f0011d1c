"""Runs migrations: on the connection that batchdep hands over, or from the `alembic` command (`-x database=...`)."""

import asyncio

from alembic import context
from sqlalchemy import Connection

from batchdep.state.database import database_url, make_engine
from batchdep.state.tables import metadata


def migrate(connection: Connection) -> None:
    context.configure(connection=connection, target_metadata=metadata, render_as_batch=True)
    with context.begin_transaction():
        context.run_migrations()


async def migrate_named() -> None:
    engine = make_engine(database_url(context.get_x_argument(as_dictionary=True)["database"]))
    async with engine.begin() as connection:
        await connection.run_sync(migrate)
    await engine.dispose()


if (given := context.config.attributes.get("connection")) is not None:
    migrate(given)
else:
    asyncio.run(migrate_named())
