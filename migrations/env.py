"""Runs migrations: on the connection that batchdep hands over, or from the `alembic` command (`-x database=...`)."""

import asyncio

from alembic import context
from sqlalchemy import Connection

from batchdep.state.database import database_url, open_database
from batchdep.state.tables import metadata


def migrate(connection: Connection) -> None:
    context.configure(connection=connection, target_metadata=metadata, render_as_batch=True)
    with context.begin_transaction():
        context.run_migrations()


async def migrate_named() -> None:
    database = open_database(database_url(context.get_x_argument(as_dictionary=True)["database"]))
    try:
        await database.migrate(migrate)
    finally:
        await database.close()


if (given := context.config.attributes.get("connection")) is not None:
    migrate(given)
else:
    asyncio.run(migrate_named())
